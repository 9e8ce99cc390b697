"""Files of S3 that no row names."""

from __future__ import annotations

from typing import Any

from undercast.kit.sweeps import Sweeper
from undercast.services.s3 import storage

SWEEPER = "s3 sweeper"
_NAME_LENGTH = 32  # of our files; other services' are named by their content, in 64 digits


async def start(platform: Any) -> None:
    """Sweep beside everything else."""
    platform.things[SWEEPER] = Sweeper(platform, lambda name: len(name) == _NAME_LENGTH, storage.find_named)


async def stop(platform: Any) -> None:
    """End it."""
    await platform.things[SWEEPER].close()
