"""Which files go, and when."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from undercast.kit import sweeps
from undercast.store.blobs import Blobs


class Watched(Blobs):
    """Files that count how often they were swept."""

    sweeps = 0

    def delete_abandoned(self) -> None:
        super().delete_abandoned()
        self.sweeps += 1


def test_a_file_goes_at_once_after_a_start_and_else_when_it_had_no_name_an_hour_ago_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "_EVERY_S", 0)
    platform, asked = SimpleNamespace(blobs=Watched(tmp_path)), []

    def orphan(name: str) -> Path:
        path: Path = platform.blobs.path(name)
        path.parent.mkdir(exist_ok=True)
        path.touch()
        os.utime(path, (5, 5))
        return path

    async def find_named(_platform: Any, names: list[str]) -> set[str]:
        asked.extend(names)
        return {name for name in names if name == "named"}

    async def gone(path: Path) -> None:
        while os.access(path, os.F_OK):  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0)

    async def nothing_to_do() -> None:
        until = platform.blobs.sweeps + 3
        while platform.blobs.sweeps < until:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0)

    async def story() -> None:
        early = orphan("early")
        sweeper = sweeps.Sweeper(platform, lambda name: name != "another's", find_named)
        await gone(early)
        await nothing_to_do()
        await gone(orphan("late"))
        kept = [orphan("named"), orphan("another's")]
        await gone(orphan("last"))
        await sweeper.close()
        assert all(path.exists() for path in kept)

    asyncio.run(asyncio.wait_for(story(), 30))
    assert [name for name in asked if name != "named"] == ["early", "late", "late", "last", "last"]
