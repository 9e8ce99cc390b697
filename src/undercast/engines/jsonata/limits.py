"""What an evaluation may use. Counted, not timed: the same expression over the same input always ends the same way; but
for regular expressions, whose work cannot be counted.

AWS does not publish its limits. These hold every expression below about a second and a few hundred megabytes.
"""

from __future__ import annotations

import threading

from undercast.engines.jsonata.errors import failure
from undercast.engines.jsonata.library import JException

MAX_STEPS = 500_000  # nodes evaluated, and elements that functions went over; a node costs one to two microseconds
STEPS_PER_S = 500_000
MAX_DEPTH = 600  # nested evaluations: a function that calls itself uses three to five for each call
MAX_TEXT_CHARS = 4_000_000
MAX_PARSED_DEPTH = 1_000  # nested operators: a path or sum of so many. The library goes over a path again at each step


class Budget:
    """What one evaluation has left."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_STEPS

    def spend(self, steps: int) -> None:
        """Raises D1012 when nothing is left."""
        self.left -= steps
        if self.left < 0:
            raise JException(f"The expression takes too long: more than {MAX_STEPS} steps. Check for infinite loop", -1)


class _Current(threading.local):
    budget = Budget()


current = _Current()  # of the evaluation that runs in this thread


def spend(steps: int) -> None:
    current.budget.spend(steps)


def check_text(chars: int) -> None:
    """Before a text of so many characters is made. Raises D3137."""
    spend(chars >> 6)
    if chars > MAX_TEXT_CHARS:
        raise failure("D3137", f"The text would be longer than {MAX_TEXT_CHARS} characters")
