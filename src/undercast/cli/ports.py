"""Who listens on a port, for the sentence that says so."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def owner_of(port: int) -> str:
    """` by process 123 (name)` where the system lets us see it (Linux), else the empty text."""
    inode = _listening_inode(port)
    if inode is None:
        return ""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            for handle in (process / "fd").iterdir():
                if os.readlink(handle) == f"socket:[{inode}]":
                    name = (process / "comm").read_text().strip()
                    return f" by process {process.name} ({name})"
    return ""


def _listening_inode(port: int) -> str | None:
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                    return fields[9]
    return None
