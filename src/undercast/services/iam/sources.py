"""A policy that a simulation uses: where it is from, and where its statements stand in its text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from undercast.engines import policies
from undercast.services.iam import documents

_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[{}\[\]]', re.DOTALL)
_VARIABLE = re.compile(r"\$\{([^},]+)(?:,[^}]*)?\}")


@dataclass(frozen=True)
class Source:
    """`spans` are the first and last character of each statement in `text`."""

    id: str
    text: str
    policy: policies.Policy
    spans: tuple[tuple[int, int], ...]

    @classmethod
    def read(cls, id: str, text: str, kind: policies.Kind = "identity") -> Source:
        """MalformedPolicyDocument."""
        policy = documents.parse(text, kind, old=True)
        return cls(id, text, policy, tuple(_spans(text))[-len(policy.statements) :])

    def matches(self, wanted: set[int]) -> list[dict[str, Any]]:
        """Those of its statements whose `id()` is wanted, as answers show them."""
        return [
            {
                "SourcePolicyId": self.id,
                "SourcePolicyType": "IAM Policy",
                "StartPosition": self._position(start),
                "EndPosition": self._position(end),
            }
            for statement, (start, end) in zip(self.policy.statements, self.spans, strict=True)
            if id(statement) in wanted
        ]

    def _position(self, offset: int) -> dict[str, int]:
        """Line and column, both from 1."""
        before = self.text[:offset]
        return {"Line": before.count("\n") + 1, "Column": offset - before.rfind("\n")}


def context_keys(sources: Iterable[Source]) -> list[str]:
    """The keys that conditions and variables ask for, each once, in order."""
    found: dict[str, str] = {}
    for source in sources:
        for statement in source.policy.statements:
            for condition in statement.conditions:
                found.setdefault(condition.key.lower(), condition.key)
        for key in _VARIABLE.findall(source.text) if source.policy.has_variables else ():
            if key not in "*?$":
                found.setdefault(key.lower(), key)
    return list(found.values())


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """A statement is an object right inside the document, or inside the list there: nothing else has brackets."""
    stack: list[int] = []
    for token in _TOKEN.finditer(text):
        if token[0] in "{[":
            stack.append(token.start())
        elif token[0] in "}]":
            start = stack.pop()
            inside = "".join(text[opened] for opened in stack)
            if token[0] == "}" and inside in ("{", "{["):
                yield start, token.start()
