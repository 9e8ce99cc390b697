"""Tags, as most services show them: a list of Key and Value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def as_map(listed: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """Tags by key; a tag without a value has an empty one."""
    return {tag["Key"]: tag.get("Value") or "" for tag in listed or ()}


def as_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as a list of Key and Value."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]
