"""What cannot be read."""

from __future__ import annotations


class Unreadable(ValueError):
    """A line of a file is no item; the message says why."""
