"""The one source of chance: ids, tokens and random numbers. A seed makes a run repeatable."""

from __future__ import annotations

import os
import random
import string
import time
from collections.abc import Callable

_ALNUM = string.ascii_lowercase + string.digits
_UPPER = string.ascii_uppercase + string.digits


class Ids:
    """Ids of the shapes that AWS uses. `seed` is for tests that want the same ids again."""

    def __init__(self, seed: int | None = None, *, now_ms: Callable[[], int] | None = None) -> None:
        self._now_ms = now_ms or (lambda: time.time_ns() // 1_000_000)
        self._random = random.Random(seed)
        self._secret: Callable[[int], bytes] = os.urandom if seed is None else self._random.randbytes
        self._last = 0

    def uuid(self) -> str:
        """A random UUID: 36 characters in lower case."""
        text = f"{self._random.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"

    def hex(self, length: int) -> str:
        """Hexadecimal digits."""
        return f"{self._random.getrandbits(4 * length):0{length}x}"

    def alnum(self, length: int) -> str:
        """Lower-case letters and digits, as in an API's id."""
        return "".join(self._random.choices(_ALNUM, k=length))

    def upper(self, length: int) -> str:
        """Upper-case letters and digits, as in an IAM id."""
        return "".join(self._random.choices(_UPPER, k=length))

    def bytes(self, length: int) -> bytes:
        """Random bytes that nobody can guess: for keys and tokens."""
        return self._secret(length)

    def number(self, below: int) -> int:
        """A number from 0 up to, not including, `below`."""
        return self._random.randrange(below)

    def fraction(self) -> float:
        """A number from 0.0 up to, not including, 1.0."""
        return self._random.random()

    def sequence(self) -> int:
        """A number larger than every one before it, in this process and across restarts: 63 bits led by the time."""
        self._last = max(self._last + 1, self._now_ms() << 20)
        return self._last
