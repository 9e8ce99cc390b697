"""Shared: a stack's identity, and short ways to a bound template, a value, an error."""

from __future__ import annotations

import json
from typing import Any

import pytest

from undercast.engines.templates import Bound, Known, Pseudo, Template, TemplateError, expansion, load

PSEUDO = Pseudo("111122223333", "eu-west-1", "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/1", "shop")


class Stack:
    """Templates made of sections given as Python values or as text."""

    pseudo = PSEUDO

    def load(self, template: Any) -> Template:
        return load(template if isinstance(template, str) else json.dumps(template))

    def bind(self, template: Any, given: dict[str, str] | None = None, **ssm: str) -> Bound:
        return self.load(template).bind(given or {}, self.pseudo, ssm)

    def value(self, expression: Any, known: Known | None = None, **sections: Any) -> Any:
        """The value of an expression beside a queue Q, a parameter P ("p"), a list parameter L and a mapping M."""
        document = {
            "Parameters": {
                "P": {"Type": "String", "Default": "p"},
                "L": {"Type": "CommaDelimitedList", "Default": "a, b,c"},
            },
            "Mappings": {"M": {"eu-west-1": {"x": "y", "list": ["1", "2"]}}},
            "Conditions": {"Yes": {"Fn::Equals": ["a", "a"]}, "No": {"Fn::Not": [{"Condition": "Yes"}]}},
            "Resources": {
                "Q": {"Type": "AWS::SQS::Queue"},
                "T": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": expression}},
            },
            **sections,
        }
        return self.bind(document).resolve({"v": expression}, known or Known()).value.get("v")

    def error(self, template: Any, given: dict[str, str] | None = None, **ssm: str) -> str:
        with pytest.raises(TemplateError) as caught:
            self.bind(template, given, **ssm)
        return caught.value.message

    def value_error(self, expression: Any, known: Known | None = None, **sections: Any) -> str:
        with pytest.raises(TemplateError) as caught:
            self.value(expression, known, **sections)
        return caught.value.message

    def expand(self, template: Any, given: dict[str, str] | None = None) -> dict[str, Any]:
        """The document after macros that need nobody's help."""
        steps = expansion(self.load(template), given or {}, self.pseudo)
        with pytest.raises(StopIteration) as done:
            next(steps)
        result: Template = done.value.value
        return result.document


@pytest.fixture
def stack() -> Stack:
    return Stack()
