"""The cipher of encrypted content: AES-256-CTR, so that bytes can be read from anywhere; twice for a double key. Pure.

What is stored is the first counter block, `HEAD` random bytes, and then the ciphertext, as long as the content.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

_KEY = 32  # bytes of one layer's key
HEAD = 16  # bytes of a block, and so of the counter block
_COUNTERS = 1 << 128


def keystream(key: bytes, head: bytes, start: int = 0) -> Callable[[bytes], bytes]:
    """Encrypts, or decrypts, the bytes from offset `start` on, piece after piece."""
    # Imported here: it takes longer to load than the rest of S3, and most objects never need it.
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: PLC0415

    if len(key) > _KEY:  # two layers: the second has a key and a counter block of its own
        inner = keystream(key[:_KEY], head, start)
        outer = keystream(key[_KEY:], sha256(b"second layer" + head).digest()[:HEAD], start)
        return lambda data: outer(inner(data))
    block = (int.from_bytes(head, "big") + start // HEAD) % _COUNTERS
    running = Cipher(algorithms.AES(key), modes.CTR(block.to_bytes(HEAD, "big"))).encryptor()
    running.update(bytes(start % HEAD))
    return running.update


def seal(key: bytes, head: bytes, data: bytes) -> bytes:
    """Content as it is stored."""
    return head + keystream(key, head)(data)


def unseal(key: bytes, stored: bytes, start: int, end: int) -> bytes:
    """The content from `start` to before `end`."""
    return keystream(key, stored[:HEAD], start)(stored[HEAD + start : HEAD + end])
