"""How much memory a function's processes hold. Linux only: elsewhere nothing says it cheaply, and the answer is 0."""

from __future__ import annotations

import os

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class MemoryMeter:
    """Reads the resident memory of a process, and of all that descends from it."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        try:
            self._statm = os.open(f"/proc/{pid}/statm", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self._statm = -1

    def own_bytes(self) -> int:
        """Of the process alone; a few microseconds."""
        if self._statm < 0:
            return 0
        try:
            return int(os.pread(self._statm, 128, 0).split()[1]) * PAGE_BYTES
        except (OSError, IndexError):
            return 0

    def tree_bytes(self) -> int:
        """Of the process and its descendants; what several share (after a fork) counts once."""
        others = _descendants(self._pid)
        if not others:
            return self.own_bytes()
        return sum(map(_proportional_bytes, [self._pid, *others]))

    def close(self) -> None:
        if self._statm >= 0:
            os.close(self._statm)
            self._statm = -1


def _descendants(pid: int) -> list[int]:
    found: list[int] = _children(pid)
    for child in found:  # grows as it goes
        found += _children(child)
    return found


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as file:
                found += map(int, file.read().split())
    except OSError:  # it ended
        pass
    return found


def _proportional_bytes(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0
