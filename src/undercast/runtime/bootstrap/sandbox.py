"""A root of its own for a function's process: its code at /var/task, its layers at /opt, a /tmp that nobody shares.

Linux namespaces, as an ordinary user where the kernel lets one, else as root. What is not listed is not there: no home
folders, no data of the platform or of other functions. Standard library only; Python 3.8 and later.
"""

from __future__ import annotations

import ctypes
import os
from typing import Any

CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC = 1, 2, 4, 8, 32, 4096, 16384
MS_PRIVATE, MNT_DETACH, PR_SET_DUMPABLE = 1 << 18, 2, 4
DEVICES = ("/dev", "/proc", "/sys")
SYSTEM = ("/bin", "/etc", "/lib", "/lib32", "/lib64", "/nix", "/sbin", "/usr")
RESOLVER = "/run/systemd/resolve"  # what /etc/resolv.conf may point to
OURS = ("/opt", "/tmp", "/var/task")
LIBC = ctypes.CDLL(None, use_errno=True)


def enter(root: str, plan: dict[str, Any]) -> None:
    """Make `root` (an empty folder) the root of this process, which must have one thread. Raises OSError.

    `plan`: task (folder), layers (the first wins), tmp (folder), visible (read-only paths), writable (folders by
    where they are to be).
    """
    unshare()
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")
    for path in DEVICES:
        show(root, path)
    for path in (*SYSTEM, RESOLVER, *outermost(plan["visible"])):
        show(root, path, readonly=True)
    for path, source in plan["writable"].items():
        bind(source, root + path)
    bind(plan["task"], f"{root}/var/task", readonly=True)
    bind(plan["tmp"], f"{root}/tmp")
    os.makedirs(f"{root}/opt")
    if len(plan["layers"]) == 1:
        bind(plan["layers"][0], f"{root}/opt", readonly=True)
    elif plan["layers"]:
        mount("overlay", f"{root}/opt", "overlay", MS_RDONLY, "lowerdir=" + ":".join(plan["layers"]))
    os.chdir(root)
    check(LIBC.pivot_root(b".", b"."))
    check(LIBC.umount2(b".", MNT_DETACH))
    os.chdir("/var/task")
    LIBC.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # or the platform could not read how much memory it uses


def possible(folder: str, visible: list[str]) -> bool:
    """Try it, in a process of its own."""
    if not hasattr(LIBC, "unshare") or not hasattr(LIBC, "pivot_root"):
        return False
    if any(path.startswith(tuple(place + "/" for place in OURS)) for path in visible):
        return False  # an interpreter at a place that belongs to the function
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.makedirs(f"{folder}/root", exist_ok=True)
            enter(f"{folder}/root", {"task": folder, "layers": [folder, folder + "/root"], "tmp": folder,
                                     "visible": visible, "writable": {}})  # fmt: skip
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(pid, 0)[1] == 0


def unshare() -> None:
    user, group = os.geteuid(), os.getegid()
    LIBC.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # or the maps below belong to root
    if LIBC.unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0:
        check(LIBC.unshare(CLONE_NEWNS))
        return
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def show(root: str, path: str, readonly: bool = False) -> None:
    """Have a path of the machine at the same place below `root`, if there is one."""
    if os.path.islink(path):
        if not os.path.lexists(root + path):
            os.makedirs(os.path.dirname(root + path), exist_ok=True)
            os.symlink(os.readlink(path), root + path)
    elif os.path.exists(path):
        bind(path, root + path, readonly)


def bind(source: str, target: str, readonly: bool = False) -> None:
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "a"):
            pass
    mount(source, target, None, MS_BIND | MS_REC)
    if readonly:
        keep = os.statvfs(target).f_flag & (MS_NOSUID | MS_NODEV | MS_NOEXEC)  # flags a user may not take away
        mount("none", target, None, MS_BIND | MS_REMOUNT | MS_RDONLY | keep)


def outermost(paths: list[str]) -> list[str]:
    """Without those that others (or the system's folders) contain."""
    kept: list[str] = []
    for path in sorted({os.path.abspath(path) for path in paths}):
        if not any(path == other or path.startswith(other + "/") for other in (*SYSTEM, *DEVICES, *kept)):
            kept.append(path)
    return kept


def mount(source: str, target: str, kind: str | None, flags: int, data: str = "") -> None:
    encoded = kind.encode() if kind else None
    check(LIBC.mount(source.encode(), target.encode(), encoded, ctypes.c_ulong(flags), data.encode()), target)


def check(result: int, where: str = "") -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), where)
