"""What a definition says, compiled once: machines and their states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from undercast.engines.states.choices import Rule
from undercast.engines.states.data import Data
from undercast.engines.states.retries import Catcher, Retrier
from undercast.engines.states.scope import Field

JSONPATH = "JSONPath"
JSONATA = "JSONata"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What all states have."""

    name: str
    pointer: str  # where it stands in the definition: "/States/Book" or "/States/All/Branches[0]/States/Book"
    language: str = JSONPATH
    next: str | None = None  # None: the machine ends here
    data: Data
    comment: str | None = None

    @property
    def type(self) -> str:
        return type(self).__name__


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass(State):
    result: Field | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeed(State):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail(State):
    error: Field | None = None
    cause: Field | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(State):
    rules: tuple[Rule, ...]
    default: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(State):
    until: Field
    field: str  # Seconds, SecondsPath, Timestamp or TimestampPath
    path: str = ""  # as the definition writes it


@dataclass(frozen=True, slots=True, kw_only=True)
class Working(State):
    """A state whose work takes time and may fail: Task, Parallel, Map."""

    retriers: tuple[Retrier, ...] = ()
    catchers: tuple[Catcher, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Working):
    resource: str
    timeout: Field | None = None
    heartbeat: Field | None = None
    credentials: Field | None = None

    @property
    def waits_for_token(self) -> bool:
        """Whether `enter` needs Task.Token in its context. Recorded: a `.sync` task has a token as well, and may end by it."""
        return self.resource.endswith((".waitForTaskToken", ".sync", ".sync:2"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Parallel(Working):
    branches: tuple[Machine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemReader:
    resource: str
    arguments: Field | None
    config: Mapping[str, Any]  # what is literal in ReaderConfig
    max_items: Field | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemBatcher:
    max_items: Field | None = None
    max_bytes: Field | None = None
    batch_input: Field | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultWriter:
    resource: str | None
    arguments: Field | None
    config: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Map(Working):
    processor: Machine
    mode: str = "INLINE"  # or DISTRIBUTED
    execution_type: str | None = None  # STANDARD or EXPRESS, of a distributed map's child executions
    label: str | None = None
    items: Field | None = None  # Items, or ItemsPath
    items_text: str = "$"
    selector: Field | None = None
    reader: ItemReader | None = None
    batcher: ItemBatcher | None = None
    writer: ResultWriter | None = None
    max_concurrency: Field | None = None
    tolerated_failure_count: Field | None = None
    tolerated_failure_percentage: Field | None = None
    paths: Mapping[str, str] = field(default_factory=dict)  # "MaxConcurrencyPath" -> "$.n"

    @property
    def distributed(self) -> bool:
        return self.mode == "DISTRIBUTED"


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A workflow: a definition, a branch of a Parallel, or the processor of a Map."""

    pointer: str  # "" of the definition itself, "/States/All/Branches[0]", "/States/Each/ItemProcessor"
    start_at: str
    states: Mapping[str, State]
    language: str = JSONPATH
    timeout_s: int | None = None
    comment: str | None = None
    version: str | None = None

    def machines(self) -> Iterator[Machine]:
        """This one, then all that are inside it."""
        waiting = [self]
        while waiting:
            machine = waiting.pop()
            yield machine
            for state in machine.states.values():
                if isinstance(state, Parallel):
                    waiting += state.branches
                elif isinstance(state, Map):
                    waiting.append(state.processor)

    def at(self, pointer: str) -> Machine:
        """The machine within this one that `pointer` names. Raises KeyError."""
        return self._by_pointer[pointer]

    @cached_property
    def _by_pointer(self) -> dict[str, Machine]:
        return {machine.pointer: machine for machine in self.machines()}
