"""Packages that no version of a function or layer names any more."""

from __future__ import annotations

from typing import Any

from undercast.kit.sweeps import Sweeper

from . import storage

SWEEPER = "lambda sweeper"
_NAME_LENGTH = 64  # a package is named by its content; S3's files have names of 32 digits


async def start(platform: Any) -> None:
    """Sweep beside everything else."""
    platform.things[SWEEPER] = Sweeper(platform, lambda name: len(name) == _NAME_LENGTH, storage.find_named_packages)


async def stop(platform: Any) -> None:
    """End it."""
    await platform.things[SWEEPER].close()
