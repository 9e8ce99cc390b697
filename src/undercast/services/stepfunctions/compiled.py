"""Revisions and their compiled definitions, kept in memory: they never change, so what is kept is always right."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from undercast.engines import states
from undercast.kit.call import Call
from undercast.services.stepfunctions import storage
from undercast.services.stepfunctions.model import Revision

_MOST = 500
_LARGE = 20_000  # characters: what parses for longer than others should wait

T = TypeVar("T")


class _Shelf:
    """The last used ones."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Revision, states.Machine]] = OrderedDict()

    def get(self, id: str) -> tuple[Revision, states.Machine] | None:
        found = self._kept.get(id)
        if found is not None:
            self._kept.move_to_end(id)
        return found

    def put(self, revision: Revision, machine: states.Machine) -> None:
        self._kept[revision.id] = (revision, machine)
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)


async def revision(call: Call, id: str) -> tuple[Revision, states.Machine]:
    """A revision and its machine."""
    found = _shelf(call).get(id)
    if found is None:
        revision = await storage.find_revision(call, id)
        found = revision, states.parse(revision.definition)
        keep(call, *found)
    return found


async def revision_apart(call: Call, id: str) -> tuple[Revision, states.Machine]:
    """The same for who is in no transaction: a large definition holds nobody up."""
    found = _shelf(call).get(id)
    if found is None:
        revision = await call.transact(storage.find_revision, id)
        found = revision, await apart(revision.definition, lambda: states.parse(revision.definition))
        keep(call, *found)
    return found


def keep(call: Call, revision: Revision, machine: states.Machine) -> None:
    """Remember a revision that is committed."""
    _shelf(call).put(revision, machine)


async def apart(definition: str, work: Callable[[], T]) -> T:
    """Do what takes as long as its definition is large: in a thread when that is for long."""
    return work() if len(definition) < _LARGE else await asyncio.to_thread(work)


def _shelf(call: Call) -> _Shelf:
    shelf: _Shelf = call.platform.things.setdefault("stepfunctions.compiled", _Shelf())
    return shelf
