"""Revisions and their compiled definitions, kept in memory: they never change, so what is kept is always right."""

from __future__ import annotations

from collections import OrderedDict

from undercast.engines import states
from undercast.kit.call import Call
from undercast.services.stepfunctions import storage
from undercast.services.stepfunctions.model import Revision

_MOST = 500


class _Shelf:
    """The last used ones."""

    def __init__(self) -> None:
        self.kept: OrderedDict[str, tuple[Revision, states.Machine]] = OrderedDict()

    def put(self, revision: Revision, machine: states.Machine) -> None:
        self.kept[revision.id] = (revision, machine)
        while len(self.kept) > _MOST:
            self.kept.popitem(last=False)


async def revision(call: Call, id: str) -> tuple[Revision, states.Machine]:
    """A revision and its machine."""
    shelf: _Shelf = call.platform.things.setdefault("stepfunctions.compiled", _Shelf())
    found = shelf.kept.get(id)
    if found is not None:
        shelf.kept.move_to_end(id)
        return found
    revision = await storage.find_revision(call, id)
    machine = states.parse(revision.definition)
    shelf.put(revision, machine)
    return revision, machine
