"""What a resource type can do: create, update and delete one resource through the services' operations."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import orjson

from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.kit.tags import as_list, as_map
from undercast.services.cloudformation.model import Stack, generated_name

_GONE = ("NotFound", "NonExistent", "NoSuch", "DoesNotExist")


class NeedsReplacement(Exception):
    """The change cannot be made to the resource that is there; a new one must take its place."""


class HandlerError(ServiceError):
    """A resource cannot be made as it is asked for; the message is the whole reason."""

    status = 400
    modelled = False


@dataclass
class Made:
    """What came of an action. `attributes` are what Fn::GetAtt gives; "" among them is Ref, where it is not the id.

    `pending`: something from outside will say how it ended (a custom resource's answer, a nested stack).
    """

    physical_id: str
    attributes: dict[str, Any] = field(default_factory=dict)
    pending: bool = False


@dataclass
class Work:
    """One action on one resource. `before` and `before_tags` are as they were applied last (updates)."""

    call: Call
    stack: Stack
    logical_id: str
    type: str
    properties: dict[str, Any]
    chance: str  # 12 characters, the same whenever the action is tried
    physical_id: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    before_tags: dict[str, str] = field(default_factory=dict)
    token: str = ""
    again: bool = False  # a try before this one was cut off: what it made may be there
    began_at: int = 0  # when the resource began to be made, changed or deleted
    prepared: Any = None  # what `prepare` fetched

    @property
    def aws(self) -> Any:
        """The other services."""
        return self.call.aws

    def name(self, given: str = "", limit: int = 255, *, lower: bool = False) -> str:
        """The name that the property `given` says, or a generated one."""
        if given and self.properties.get(given):
            return str(self.properties[given])
        return generated_name(self.stack.name, self.logical_id, self.chance, limit, lower=lower)

    @property
    def request_token(self) -> str:
        """A UUID that is the same whenever this action is tried, and another for every other action."""
        return str(uuid5(NAMESPACE_URL, f"{self.stack.id} {self.logical_id} {self.chance} {self.began_at}"))

    @property
    def response_url(self) -> str:
        """Where who makes the resource says how it went."""
        call = self.call
        return f"{call.platform.endpoint_url}/_aws/cloudformation/{call.account}/{call.region}/{self.token}"

    @property
    def system_tags(self) -> dict[str, str]:
        """The tags that CloudFormation adds itself."""
        return {
            "aws:cloudformation:stack-name": self.stack.name,
            "aws:cloudformation:logical-id": self.logical_id,
            "aws:cloudformation:stack-id": self.stack.id,
        }

    def made(self, tags: Mapping[str, str] | None) -> bool:
        """Whether a try of this action that was cut off made what has these tags."""
        return self.again and self.system_tags.items() <= (tags or {}).items()

    def tags(self, *, system: bool = False) -> dict[str, str]:
        """The resource's tags with the stack's: name -> value. Its own win."""
        design = self.stack.target or self.stack.current
        return {**(design.tags if design else {}), **_own_tags(self.properties), **(self.system_tags if system else {})}

    def tag_list(self, *, system: bool = False) -> list[dict[str, str]]:
        """The same as a list of Key and Value."""
        return as_list(self.tags(system=system))

    def old_tags(self) -> dict[str, str]:
        """The tags it has until now, without CloudFormation's own."""
        return {**self.before_tags, **_own_tags(self.before)}

    def stale_tags(self) -> list[str]:
        """The names of tags to remove."""
        return sorted(self.old_tags().keys() - self.tags().keys())

    def changed(self, *names: str) -> bool:
        """Whether one of these properties is other than before."""
        return any(self.properties.get(name) != self.before.get(name) for name in names)


class Handler:
    """A resource type. `properties` are those that act; others are refused. None: all that the schema has.

    `waits`: its actions touch what a transaction cannot hold; they run in a job of their own, perhaps more than once.
    `prepares`: only something is to be fetched first, outside; then the action is in one transaction with its outcome.
    """

    type: str
    service: str
    properties: frozenset[str] | None = None
    waits = False
    answered = False  # something from outside answers or signals by a URL of ours

    def unsupported(self, properties: Mapping[str, Any]) -> list[str]:
        """The names of given properties that would not act."""
        return [] if self.properties is None else sorted(properties.keys() - self.properties)

    def prepares(self, properties: Mapping[str, Any]) -> bool:
        """Whether `prepare` must run before create and update."""
        return False

    async def prepare(self, work: Work) -> Any:
        """Fetch what create and update need, outside of any transaction."""
        return None

    async def create(self, work: Work) -> Made:
        """Make the resource."""
        raise NotImplementedError

    async def update(self, work: Work) -> Made:
        """Change the resource, or raise NeedsReplacement."""
        raise NeedsReplacement

    async def delete(self, work: Work) -> Made | None:
        """Delete the resource (or begin to: `pending`); one that is gone already is no error (see `is_gone`)."""
        raise NotImplementedError


def is_gone(error: ServiceError) -> bool:
    """Whether an error of a service says that the thing is not there."""
    return any(word in error.code for word in _GONE)


async def unless_gone(asked: Awaitable[Any]) -> None:
    """Have something done to a thing that may not be there any more."""
    try:
        await asked
    except ServiceError as error:
        if not is_gone(error):
            raise


async def is_there(asked: Awaitable[Any]) -> bool:
    """Whether a thing that is asked about is there."""
    try:
        await asked
    except ServiceError as error:
        if is_gone(error):
            return False
        raise
    return True


async def content_of(call: Call, bucket: str, key: str, version: str | None = None) -> bytes:
    """An object in S3."""
    body = (await call.aws.s3.get_object(Bucket=bucket, Key=key, VersionId=version))["Body"]
    return body if isinstance(body, bytes) else b"".join([chunk async for chunk in body])


def already_exists(type_name: str, identifier: str) -> HandlerError:
    """CloudFormation does not take over what is there."""
    return HandlerError(
        f"Resource handler returned message: \"Resource of type '{type_name}' with identifier '{identifier}' "
        'already exists." (HandlerErrorCode: AlreadyExists)'
    )


def pick(properties: Mapping[str, Any], *names: str, **renamed: str) -> dict[str, Any]:
    """The given ones among `names`, as parameters of the same name; `Parameter="Property"` renames."""
    found = {name: properties[name] for name in names if name in properties}
    return found | {parameter: properties[name] for parameter, name in renamed.items() if name in properties}


def document(value: Any) -> str:
    """A policy or another document as JSON text."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def zulu(ms: int) -> str:
    """A time as attributes have it: `2026-01-01T00:00:00.000Z`."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def lower_first(value: Any, keep: Sequence[str] = ()) -> Any:
    """Names with a small first letter, as some services want them; below the members `keep` they stay."""
    if isinstance(value, list):
        return [lower_first(item, keep) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name[:1].lower() + name[1:]: item if name in keep else lower_first(item, keep) for name, item in value.items()
    }


def _own_tags(properties: Mapping[str, Any]) -> dict[str, str]:
    """The property Tags, which is a list of Key and Value or, with some types, a mapping."""
    tags = properties.get("Tags")
    return dict(tags) if isinstance(tags, dict) else as_map(tags)
