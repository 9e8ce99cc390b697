"""A template's parameters: their declarations, and the values a stack gives them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from undercast.engines.templates.errors import TemplateError, format_error
from undercast.engines.templates.text import as_text

NO_ECHO = "****"
_SSM = "AWS::SSM::Parameter::Value<"
_MEMBERS = frozenset(
    [
        "AllowedPattern",
        "AllowedValues",
        "ConstraintDescription",
        "Default",
        "Description",
        "MaxLength",
        "MaxValue",
        "MinLength",
        "MinValue",
        "NoEcho",
        "Type",
    ]
)
_AWS_TYPES = frozenset(
    [
        "AWS::EC2::AvailabilityZone::Name",
        "AWS::EC2::Image::Id",
        "AWS::EC2::Instance::Id",
        "AWS::EC2::KeyPair::KeyName",
        "AWS::EC2::SecurityGroup::GroupName",
        "AWS::EC2::SecurityGroup::Id",
        "AWS::EC2::Subnet::Id",
        "AWS::EC2::Volume::Id",
        "AWS::EC2::VPC::Id",
        "AWS::Route53::HostedZone::Id",
    ]
)
_VALUE_TYPES = {"String", "Number", "CommaDelimitedList", "List<Number>", "List<String>", *_AWS_TYPES} | {
    f"List<{name}>" for name in _AWS_TYPES
}


@dataclass(frozen=True)
class Parameter:
    """One declared parameter. `type` is as written; `value_type` is the type of its value (inside an SSM type)."""

    name: str
    type: str
    value_type: str
    default: str | None
    no_echo: bool
    description: str | None
    rules: Mapping[str, Any]

    @property
    def is_ssm(self) -> bool:
        """Whether what is given is the name of an SSM parameter that holds the value."""
        return self.type.startswith(_SSM)

    @property
    def is_list(self) -> bool:
        """Whether Ref gives a list."""
        return self.value_type == "CommaDelimitedList" or self.value_type.startswith("List<")

    def split(self, text: str) -> str | list[str]:
        """The value that Ref gives for `text`."""
        if not self.is_list:
            return text
        return [item.strip() for item in text.split(",")] if text else []

    def check(self, text: str) -> None:
        """Raise TemplateError if `text` breaks a rule, in the words of ConstraintDescription where there is one."""
        value = self.split(text)
        for item in [value] if isinstance(value, str) else value:
            if problem := self._problem(item):
                words = self.rules.get("ConstraintDescription")
                raise TemplateError(
                    f"Parameter {self.name} failed to satisfy constraint: {words}" if words else problem
                )

    def _problem(self, text: str) -> str | None:
        rules, subject = self.rules, f"Parameter '{self.name}'"
        if "Number" in self.value_type and not _is_number(text):
            return f"{subject} must be a number"
        if "AllowedValues" in rules and text not in [as_text(value) for value in rules["AllowedValues"]]:
            return f"{subject} must be one of AllowedValues"
        if "Number" in self.value_type:
            number = Decimal(text)
            if "MinValue" in rules and number < Decimal(str(rules["MinValue"])):
                return f"{subject} must be a number not less than {rules['MinValue']}"
            if "MaxValue" in rules and number > Decimal(str(rules["MaxValue"])):
                return f"{subject} must be a number not greater than {rules['MaxValue']}"
        if "MinLength" in rules and len(text) < int(rules["MinLength"]):
            return f"{subject} must contain at least {rules['MinLength']} characters"
        if "MaxLength" in rules and len(text) > int(rules["MaxLength"]):
            return f"{subject} must contain at most {rules['MaxLength']} characters"
        if "AllowedPattern" in rules and not re.fullmatch(rules["AllowedPattern"], text):
            return f"{subject} must match pattern {rules['AllowedPattern']}"
        return None


@dataclass(frozen=True)
class Arguments:
    """Checked values of all parameters: `texts` as given or defaulted, `values` as Ref gives them."""

    texts: dict[str, str]
    values: dict[str, str | list[str]]


def declare(name: str, declaration: Any) -> Parameter:
    """A parameter from its entry in the template. Raises TemplateError."""
    if not isinstance(declaration, dict):
        raise format_error("Any Parameters member must be an object.")
    if extra := [member for member in declaration if member not in _MEMBERS]:
        raise TemplateError(f"Invalid template parameter property '{extra[0]}'")
    if not isinstance(declaration.get("Type"), str):
        raise format_error("Every Parameters object must contain a Type member.")
    written: str = declaration["Type"]
    value_type = written[len(_SSM) : -1] if written.startswith(_SSM) and written.endswith(">") else written
    if value_type not in _VALUE_TYPES and written != "AWS::SSM::Parameter::Name":
        raise format_error(f"Unrecognized parameter type: {written}")
    default = as_text(declaration["Default"]) if "Default" in declaration else None
    if "Default" in declaration and default is None:
        raise format_error("Every Default member must be a string.")
    _check_rules(declaration)
    no_echo = as_text(declaration.get("NoEcho")) == "true"
    return Parameter(name, written, value_type, default, no_echo, as_text(declaration.get("Description")), declaration)


def bind(declared: Mapping[str, Parameter], given: Mapping[str, str], ssm: Mapping[str, str]) -> Arguments:
    """Give every parameter its value, or its default.

    `ssm` holds the values of the SSM parameters that parameters of type AWS::SSM::Parameter::Value<…> name.
    Raises TemplateError for a value that is missing, not declared, or breaks a rule.
    """
    if extra := [name for name in given if name not in declared]:
        raise TemplateError(f"Parameters: [{', '.join(extra)}] do not exist in the template")
    texts = effective(declared, given)
    if missing := [name for name in declared if name not in texts]:
        # recorded: stacks::test_no_parameters_given
        raise TemplateError(f"Parameters: [{', '.join(missing)}] must have values")
    values: dict[str, str | list[str]] = {}
    for name, parameter in declared.items():
        parameter.check(texts[name])
        values[name] = parameter.split(_stored(texts[name], ssm) if parameter.is_ssm else texts[name])
    return Arguments(texts, values)


def effective(declared: Mapping[str, Parameter], given: Mapping[str, str]) -> dict[str, str]:
    """The texts given or defaulted, unchecked."""
    return {
        name: text for name, parameter in declared.items() if (text := given.get(name, parameter.default)) is not None
    }


def _stored(name: str, ssm: Mapping[str, str]) -> str:
    if name not in ssm:
        raise TemplateError(f"Unable to fetch parameters [{name}] from parameter store for this account.")
    return ssm[name]


def _check_rules(declaration: Mapping[str, Any]) -> None:
    """The rules themselves must make sense, so that checking a value cannot fail on them."""
    for name in ("MinLength", "MaxLength", "MinValue", "MaxValue"):
        if name in declaration and not _is_number(as_text(declaration[name]) or "", whole=name.endswith("Length")):
            raise format_error(f"Every {name} member must be a number.")
    if not _are_texts(declaration.get("AllowedValues", [])):
        raise format_error("Every AllowedValues member must be a list of strings.")
    pattern = declaration.get("AllowedPattern", "")
    try:
        re.compile(pattern)
    except (re.error, TypeError, RecursionError, OverflowError):
        raise TemplateError(f"Template error: AllowedPattern {pattern} is not a valid regular expression") from None


def _are_texts(values: Any) -> bool:
    return isinstance(values, list) and all(as_text(value) is not None for value in values)


def _is_number(text: str, whole: bool = False) -> bool:
    if whole:
        return text.isascii() and text.isdigit() and len(text) < 10
    try:
        return len(text) < 100 and Decimal(text).is_finite()
    except InvalidOperation:
        return False
