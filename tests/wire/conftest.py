"""The order of the tests of every service's every operation."""

from __future__ import annotations

from typing import Any


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Those of one service stand together: one worker reads its model then, and not every worker all of them."""
    places = [number for number, item in enumerate(items) if item.path.name == "test_round_trip.py"]
    by_service = sorted((items[number] for number in places), key=lambda item: item.callspec.params["name"])
    for number, item in zip(places, by_service, strict=True):
        items[number] = item
