"""Text of metadata that is not plain ASCII: S3 tells it in the encoded words of RFC 2047. Pure.

Recorded: test_user_metadata_rfc2047_encoded and, for forms, test_post_object_with_unicode_metadata.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode

_WORD = re.compile(r"=\?UTF-8\?([BQ])\?([^?]*)\?=", re.IGNORECASE)
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'()*+,-./:;<>@[\\]^`{|}~")
_ESCAPE = re.compile(r"=([0-9A-F]{2})", re.IGNORECASE)


def told(text: str) -> str:
    """A value as S3 tells it: itself, or as one encoded word."""
    if text.isascii() and text.isprintable() and "=?" not in text:
        return text
    plain = _decoded(text)
    return plain if _is_plain(plain) else encoded(plain)


def encoded(text: str) -> str:
    """One encoded word: quoted when most of it is ASCII, else in base64."""
    data = text.encode("utf-8", "surrogateescape")
    if sum(map(_is_plain, text)) <= len(text) // 2:
        return f"=?UTF-8?B?{b64encode(data).decode()}?="
    quoted = "".join("_" if byte == 0x20 else chr(byte) if chr(byte) in _PLAIN else f"={byte:02X}" for byte in data)
    return f"=?UTF-8?Q?{quoted}?="


def _is_plain(text: str) -> bool:
    return all(" " <= char <= "~" or char == "\t" for char in text)


def _decoded(text: str) -> str:
    """The text of a value that is an encoded word; any other is its own."""
    word = _WORD.fullmatch(text)
    if word is None:
        return text
    try:
        if word[1].upper() == "B":
            return b64decode(word[2], validate=True).decode()
        quoted = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), word[2].replace("_", " "))
        return quoted.encode("latin-1").decode()
    except (binascii.Error, UnicodeError):
        return text
