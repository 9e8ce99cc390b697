"""What a stack, a resource and a change set are. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from typing import Any

import orjson

from undercast.engines.templates import Bound, Known, Pseudo, Template, load

RETAINED = frozenset({"Retain", "RetainExceptOnCreate"})
STACK_TYPE = "AWS::CloudFormation::Stack"
SETTLED = frozenset(
    {
        "CREATE_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
        "ROLLBACK_COMPLETE",
        "IMPORT_COMPLETE",
        "CREATE_FAILED",
        "UPDATE_FAILED",
        "ROLLBACK_FAILED",
        "UPDATE_ROLLBACK_FAILED",
        "DELETE_FAILED",
        "DELETE_COMPLETE",
        "REVIEW_IN_PROGRESS",
    }
)
"""Statuses in which nothing is under way."""


@dataclass
class Design:
    """What a stack is to be: a template with all that is given for it."""

    body: str  # as the customer wrote it
    processed: str = ""  # JSON, once macros have run; "" when there are none
    extended: bool = False  # AWS::LanguageExtensions was among them
    parameters: dict[str, str] = field(default_factory=dict)  # as given
    ssm: dict[str, str] = field(default_factory=dict)  # values of the SSM parameters that parameters name
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def template(self) -> Template:
        """The template with its macros run."""
        return _template(self.processed or self.body, bool(self.processed), self.extended)

    def bind(self, pseudo: Pseudo) -> Bound:
        """The template with its parameters' values. Raises TemplateError."""
        return self.template.bind(self.parameters, pseudo, self.ssm)

    def shown_parameters(self, bound: Bound) -> list[dict[str, str]]:
        """The Parameters member of answers. `ResolvedValue` is what an SSM parameter held."""
        declared, values = bound.template.parameters, bound.arguments.values
        shown = []
        for name, text in bound.shown_parameters().items():
            entry = {"ParameterKey": name, "ParameterValue": text}
            if declared[name].is_ssm:
                value = values[name]
                entry["ResolvedValue"] = value if isinstance(value, str) else ",".join(value)
            shown.append(entry)
        return shown


@dataclass
class Stack:
    """A stack. Times are milliseconds, 0 for never."""

    account: str
    region: str
    id: str
    name: str
    status: str
    created_at: int
    deleted_at: int = 0
    updated_at: int = 0
    reason: str = ""
    current: Design | None = None  # what is deployed
    target: Design | None = None  # what is being deployed
    operation: int = 0  # of what is under way; a resource with this number is done in it
    capabilities: list[str] = field(default_factory=list)
    notification_arns: list[str] = field(default_factory=list)
    outputs: list[dict[str, str]] = field(default_factory=list)
    parameters: list[dict[str, str]] = field(default_factory=list)  # as answers show them
    rollback_configuration: dict[str, Any] = field(default_factory=dict)
    role_arn: str = ""
    description: str = ""
    on_failure: str = "ROLLBACK"
    disable_rollback: bool = False
    timeout_minutes: int = 0
    protected: bool = False
    policy: str = ""
    update_policy: str = ""  # instead of `policy` while this update runs
    change_set_id: str = ""
    parent_id: str = ""
    parent_resource: str = ""
    root_id: str = ""
    client_token: str = ""
    retained: list[str] = field(default_factory=list)  # resources that this deletion or rollback leaves alone
    retain_new: bool = True  # False: a rollback deletes also new resources whose policy is Retain
    rolled_back_at: int = 0  # when a failed creation had been undone
    failed_reason: str = ""  # why it was rolled back
    failure: str = ""  # why the operation failed, other than by a resource

    @property
    def busy(self) -> bool:
        """Whether an operation is under way."""
        return self.status not in SETTLED

    @property
    def pseudo(self) -> Pseudo:
        """The pseudo parameters of this stack."""
        return Pseudo(self.account, self.region, self.id, self.name, tuple(self.notification_arns))

    def facts(self) -> str:
        """What the database keeps in one column."""
        return _dump(self, _STACK_COLUMNS)


_STACK_COLUMNS = ("account", "region", "id", "name", "status", "created_at", "deleted_at")


@dataclass
class Resource:
    """A resource of a stack: what was made, from what, and how far it is."""

    logical_id: str
    generation: int
    type: str
    physical_id: str = ""
    status: str = ""
    reason: str = ""
    updated_at: int = 0
    operation: int = 0
    properties: dict[str, Any] = field(default_factory=dict)  # as they were applied
    wanted: dict[str, Any] = field(default_factory=dict)  # as they are being applied
    shown: dict[str, Any] = field(default_factory=dict)  # as events may show them
    tags: dict[str, str] = field(default_factory=dict)  # the stack's, as they were applied
    attributes: dict[str, Any] = field(default_factory=dict)
    depends: list[str] = field(default_factory=list)
    deletion_policy: str = "Delete"
    replace_policy: str = "Delete"
    metadata: dict[str, Any] | None = None
    replacing: bool = False  # it is being made in the place of another generation
    superseded: bool = False  # another generation has taken its place
    created_in: int = 0  # the operation that made it
    token: str = ""  # of the action that waits for an answer
    acting: bool = False  # a job of its own is at work
    tried: bool = False  # that job has begun

    @property
    def action(self) -> str:
        """What is being done with it: create, update or delete."""
        if self.status.startswith("DELETE"):
            return "delete"
        return "create" if self.replacing or self.status.startswith("CREATE") else "update"

    @property
    def in_progress(self) -> bool:
        return self.status.endswith("_IN_PROGRESS")

    @property
    def failed(self) -> bool:
        return self.status.endswith("_FAILED")

    @property
    def gone(self) -> bool:
        return self.status in ("DELETE_COMPLETE", "DELETE_SKIPPED")

    def facts(self) -> str:
        """What the database keeps in one column."""
        return _dump(self, ("logical_id", "generation", "physical_id"))


@dataclass
class ChangeSet:
    """A change set; `status` and `execution_status` in AWS's words."""

    id: str
    stack_id: str
    stack_name: str
    name: str
    created_at: int
    type: str  # CREATE or UPDATE
    design: Design
    status: str = "CREATE_COMPLETE"
    reason: str = ""
    execution_status: str = "AVAILABLE"
    description: str = ""
    capabilities: list[str] = field(default_factory=list)
    notification_arns: list[str] = field(default_factory=list)
    rollback_configuration: dict[str, Any] = field(default_factory=dict)
    role_arn: str = ""
    parameters: list[dict[str, str]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    changes_with_values: list[dict[str, Any]] = field(default_factory=list)
    warning: str = ""
    on_failure: str = ""
    client_token: str = ""

    def facts(self) -> str:
        """What the database keeps in one column."""
        return _dump(self, ("id", "stack_id", "name", "created_at"))


def read_stack(facts: str, **columns: Any) -> Stack:
    """A stack from its row."""
    values = orjson.loads(facts)
    for name in ("current", "target"):
        values[name] = Design(**values[name]) if values[name] else None
    return Stack(**columns, **values)


def read_change_set(facts: str, **columns: Any) -> ChangeSet:
    """A change set from its row."""
    values = orjson.loads(facts)
    return ChangeSet(**columns, **values | {"design": Design(**values["design"])})


def known_of(resources: Mapping[str, Resource]) -> Known:
    """What Ref and Fn::GetAtt of the resources give."""
    known = Known()
    for name, resource in resources.items():
        if resource.physical_id and not resource.gone:
            known.refs[name] = resource.attributes.get("", resource.physical_id)
            known.attributes[name] = {**resource.properties, **resource.attributes}
    return known


def generated_name(stack: str, logical_id: str, chance: str, limit: int = 255, *, lower: bool = False) -> str:
    """`stack-LogicalId-RANDOM12`, cut to `limit` characters from the parts before the random one.

    The user guide, "name type": "the stack's name, the logical ID and a unique ID"; long ones are cut.
    """
    room = limit - len(chance) - 2
    logical_id = logical_id[: max(room - len(stack), room // 2)]
    name = f"{stack[: room - len(logical_id)]}-{logical_id}-{chance}"
    return name.lower() if lower else name


@lru_cache(maxsize=256)
def _template(text: str, processed: bool, extended: bool) -> Template:
    return Template(orjson.loads(text), extended=extended) if processed else load(text, by_url=True)


def _dump(thing: Any, columns: tuple[str, ...]) -> str:
    names = [one.name for one in fields(thing) if one.name not in columns]
    return orjson.dumps({name: _plain(getattr(thing, name)) for name in names}).decode()


def _plain(value: Any) -> Any:
    return asdict(value) if isinstance(value, Design) else value
