"""The trace header of an invocation, and the loops that it shows.

Its `Lineage` counts how often each function is in a chain of events; botocore and other SDKs of functions hand the
header on. https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
"""

from __future__ import annotations

from zlib import crc32

from undercast.kit.call import Call

from . import errors
from .model import Function, Version

LONGEST_LOOP = 16


def outgoing(call: Call, version: Version, function: Function, header: str | None) -> str:
    """The trace header that the function gets. RecursiveInvocationException when it invokes itself without end."""
    parts = dict(part.strip().partition("=")[::2] for part in header.split(";")) if header else {}
    root = parts.get("Root") or f"1-{call.platform.clock.now() // 1000:08x}-{call.ids.hex(24)}"
    counts = _counts(parts.get("Lineage", ""))
    mark = f"{crc32(function.reference.arn.encode()):08x}"
    counts[mark] = counts.get(mark, 0) + 1
    if counts[mark] > LONGEST_LOOP and function.recursion == "Terminate":
        raise errors.RecursiveInvocationException()
    sampled = parts.get("Sampled") or ("1" if version.config["TracingConfig"]["Mode"] == "Active" else "0")
    lineage = "|".join(f"{name}:{count}" for name, count in counts.items())
    return f"Root={root};Parent={parts.get('Parent') or call.ids.hex(16)};Sampled={sampled};Lineage={lineage}"


def _counts(lineage: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in lineage.split("|"):
        name, _, count = part.rpartition(":")
        if name and count.isdigit():
            found[name.rpartition(":")[2]] = int(count)
    return found
