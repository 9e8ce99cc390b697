"""A PostgreSQL of the tests' own, where its programs are installed."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`; None when PostgreSQL is not installed."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else [Path(path) for path in sorted(glob.glob("/usr/lib/postgresql/*/bin"))]
    return folders[-1] if folders else None


@contextmanager
def cluster() -> Iterator[str]:
    """A fresh cluster that listens on a socket only; yields the URL of its database."""
    folder = Path(tempfile.mkdtemp(prefix="undercast-pg-"))
    try:
        _as_server(folder, "initdb", "-D", f"{folder}/data", "-U", "undercast", "-A", "trust", "--no-sync")
        # Tests kill the platform, never the database: it need not wait for the disk.
        options = f"-k {folder} -c listen_addresses='' -c max_connections=100 -c fsync=off -c full_page_writes=off"
        _as_server(folder, "pg_ctl", "-D", f"{folder}/data", "-l", f"{folder}/log", "-w", "-o", options, "start")
        try:
            yield f"postgresql://undercast@/postgres?host={folder}"
        finally:
            _as_server(folder, "pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_server(folder: Path, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs; it refuses to run as root, so root becomes its user."""
    bin_folder = programs()
    assert bin_folder
    options: dict[str, object] = {}
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        options = {"user": user.pw_uid, "group": user.pw_gid}
    subprocess.run([bin_folder / program, *arguments], check=True, stdout=subprocess.DEVNULL, cwd=folder, **options)  # type: ignore[call-overload]
