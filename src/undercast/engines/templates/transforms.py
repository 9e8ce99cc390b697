"""Runs a template's macros in CloudFormation's order; those of other services by asking the caller."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

from undercast.engines.templates import language, sam
from undercast.engines.templates.errors import TemplateError, format_error
from undercast.engines.templates.parameters import bind
from undercast.engines.templates.pseudo import Pseudo
from undercast.engines.templates.template import (
    LANGUAGE_EXTENSIONS,
    SERVERLESS,
    Template,
    macro_entry,
    transform_entries,
)


@dataclass(frozen=True)
class MacroCall:
    """A macro to run: AWS::Include or one of the account's own (a Lambda function). `parameters` are the call's,
    evaluated; `fragment` is what it may replace (the whole document at the top level); `template_parameters` are the
    stack's values, as the function's `templateParameterValues`."""

    name: str
    parameters: dict[str, Any]
    fragment: Any
    template_parameters: Mapping[str, str | list[str]]


Steps = Generator[MacroCall, Any, Template]


def expansion(
    template: Template,
    given: Mapping[str, str],
    pseudo: Pseudo,
    ssm: Mapping[str, str] | None = None,
) -> Steps:
    """Run all macros: those of snippets from the inside out, then the top level's in the order written.

    A generator: it yields each MacroCall it cannot do itself, wants to be sent the macro's fragment, and returns the
    template without macros. Raises TemplateError; the caller throws its own, if a macro fails.
    """
    values = bind(template.parameters, given, ssm or {}).values
    run = _Run(values, pseudo)
    entries = transform_entries(template.document)
    document: Any = {name: body for name, body in template.document.items() if name != "Transform"}
    document = yield from run.snippets(document)
    for entry in entries:
        if entry["Name"] == LANGUAGE_EXTENSIONS:
            document = language.expand(document, values, pseudo)
        elif entry["Name"] == SERVERLESS:
            document = sam.transform({**document, "Transform": SERVERLESS}, values, pseudo)
        else:
            document = yield from run.call(entry, document)
        if not isinstance(document, dict):
            raise format_error("unsupported structure.")
    document.pop("Transform", None)
    done = Template(document, extended=LANGUAGE_EXTENSIONS in template.macros)
    if done.macros:
        raise TemplateError(f"Template error: a macro may not return the macros [{', '.join(done.macros)}]")
    return done


class _Run:
    def __init__(self, values: Mapping[str, str | list[str]], pseudo: Pseudo) -> None:
        self._values = values
        self._pseudo = pseudo

    def snippets(self, node: Any) -> Generator[MacroCall, Any, Any]:
        """`node` with every Fn::Transform in it run: inner ones first, then on the members beside it."""
        if isinstance(node, list):
            items = []
            for item in node:
                items.append((yield from self.snippets(item)))  # noqa: PERF401  # a comprehension cannot yield from
            return items
        if not isinstance(node, dict):
            return node
        result: Any = {}
        for name, child in node.items():
            if name != "Fn::Transform":
                result[name] = yield from self.snippets(child)
        calls = node.get("Fn::Transform", [])
        for entry in calls if isinstance(calls, list) else [calls]:
            result = yield from self.call(macro_entry(entry), result)
        return result

    def call(self, entry: Mapping[str, Any], fragment: Any) -> Generator[MacroCall, Any, Any]:
        """One macro; its parameters may be functions of the template's parameters."""
        given = language.constants(entry["Parameters"], self._values, self._pseudo)
        return (yield MacroCall(entry["Name"], given, fragment, self._values))
