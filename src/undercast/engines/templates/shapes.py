"""How each function's argument must look, and CloudFormation's sentence when it does not.

Checked twice: as written, where a nested function may still become anything, and again on what it became.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from undercast.engines.templates.errors import TemplateError, function_error
from undercast.engines.templates.text import UNKNOWN, as_text

EXTENSIONS = frozenset({"Fn::Length", "Fn::ToJsonString"})
"""Functions that exist only with `Transform: AWS::LanguageExtensions`."""

_SUPPORTED = [
    "Fn::Base64",
    "Fn::GetAtt",
    "Fn::GetAZs",
    "Fn::ImportValue",
    "Fn::Join",
    "Fn::Split",
    "Fn::FindInMap",
    "Fn::Select",
    "Ref",
    "Fn::Equals",
    "Fn::If",
    "Fn::Not",
    "Condition",
    "Fn::And",
    "Fn::Or",
    "Fn::Contains",
    "Fn::EachMemberEquals",
    "Fn::EachMemberIn",
    "Fn::ValueOf",
    "Fn::ValueOfAll",
    "Fn::RefAll",
    "Fn::Sub",
    "Fn::Cidr",
]
FUNCTIONS = frozenset(_SUPPORTED) | EXTENSIONS | {"Fn::Transform"}

_VARIABLE = re.compile(r"\$\{([^!}][^}]*|)\}")
_VARIABLE_NAME = re.compile(r"[A-Za-z0-9_.:]+")


def function_of(node: Any) -> tuple[str, Any] | None:
    """The function that `node` is and its argument; None if it is data. `Condition` is a function only in conditions."""
    if isinstance(node, dict) and len(node) == 1:
        [(name, argument)] = node.items()
        if name == "Ref" or name.startswith("Fn::"):
            return name, argument
    return None


def check_shape(name: str, argument: Any) -> None:
    """Raise TemplateError if no value of `argument` could be right for the function `name`."""
    if name not in FUNCTIONS:
        raise unsupported(name)
    rule = _RULES.get(name)
    if rule and not rule[0](argument):
        raise function_error(rule[1])
    if name == "Fn::Sub":
        _check_variables(argument if isinstance(argument, str) else argument[0])


def check_written(name: str, argument: Any) -> None:
    """As `check_shape`, for a function as written: an index beyond a list that is written out is seen at once.
    Recorded: change_set_fn_select::TestChangeSetFnSelect::test_invalid_select_index_type[*]."""
    check_shape(name, argument)
    literal = name == "Fn::Select" and isinstance(argument[1], list) and not _open(argument[0])
    if literal and int(argument[0]) >= len(argument[1]):
        raise function_error(_RULES[name][1])


def unsupported(name: str) -> TemplateError:
    """There is no such function (or none without AWS::LanguageExtensions)."""
    listed = ", ".join(_SUPPORTED)
    return function_error(f"Encountered unsupported function: {name} Supported functions are: [{listed}]")


def variables(text: str) -> list[str]:
    """The names in ${…} of a Fn::Sub text, without the literals ${!…}."""
    return _VARIABLE.findall(text)


def substitute(text: str, value_of: Callable[[str], str]) -> str:
    """`text` with each ${name} replaced, and ${!name} made ${name}."""
    return re.sub(r"\$\{!([^}]*)\}", r"${\1}", _VARIABLE.sub(lambda match: value_of(match[1]), text))


def _check_variables(text: str) -> None:
    if not all(_VARIABLE_NAME.fullmatch(name) for name in variables(text)):
        raise function_error(
            "variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons"
        )


def _open(node: Any) -> bool:
    """Whether `node` is a function (or its unknown result) and may become anything."""
    return node == UNKNOWN or function_of(node) is not None


def _text(node: Any) -> bool:
    return _open(node) or as_text(node) is not None


def _list(node: Any) -> bool:
    return _open(node) or isinstance(node, list)


def _pair(first: Callable[[Any], bool], second: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda node: isinstance(node, list) and len(node) == 2 and first(node[0]) and second(node[1])


def _select(node: Any) -> bool:
    if not _pair(_text, _list)(node):
        return False
    index = node[0]
    return _open(index) or (not isinstance(index, bool | float) and bool(re.fullmatch(r"\d{1,9}", str(index))))


def _sub(node: Any) -> bool:
    return isinstance(node, str) or (
        _pair(lambda text: isinstance(text, str), lambda names: isinstance(names, dict))(node)
    )


def attribute_of(argument: Any) -> tuple[str, Any]:
    """The resource and the attribute (perhaps a function) of a Fn::GetAtt: a list of two, or "Resource.Attribute"."""
    resource, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
    return resource, attribute


def _get_att(node: Any) -> bool:
    if isinstance(node, str):
        node = node.split(".", 1)
    named = isinstance(node, list) and len(node) == 2 and isinstance(node[0], str) and bool(node[0])
    return named and (_open(node[1]) or (isinstance(node[1], str) and bool(node[1])))


def _find_in_map(node: Any) -> bool:
    if not isinstance(node, list) or len(node) not in (3, 4):
        return False
    default = node[3:] == [] or (isinstance(node[3], dict) and list(node[3]) == ["DefaultValue"])
    return default and all(_text(key) for key in node[:3])


def _conditions(least: int, most: int) -> Callable[[Any], bool]:
    return lambda node: isinstance(node, list) and least <= len(node) <= most


def _if(node: Any) -> bool:
    return isinstance(node, list) and len(node) == 3 and isinstance(node[0], str)


def _cidr(node: Any) -> bool:
    return isinstance(node, list) and len(node) in (2, 3) and all(_text(part) for part in node)


_Rule = tuple[Callable[[Any], bool], str]
_RULES: dict[str, _Rule] = {
    "Ref": (lambda node: isinstance(node, str) and bool(node), "every Ref object must have a single String value."),
    "Fn::GetAtt": (
        _get_att,
        "every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute",
    ),
    "Fn::Base64": (_text, "every Fn::Base64 object must have a String-typed value."),
    "Fn::GetAZs": (_text, "every Fn::GetAZs object must have a String-typed value."),
    "Fn::ImportValue": (_text, "every Fn::ImportValue object must have a String-typed value."),
    # recorded: change_set_fn_split::TestChangeSetFnSplit::test_fn_split_with_get_att
    "Fn::Join": (
        _pair(lambda node: isinstance(node, str), _list),
        "every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined "
        "or a function that returns a list of strings (such as Fn::GetAZs) to be joined.",
    ),
    # recorded: change_set_fn_split::TestSplitValidations::test_validate_split_arguments_len
    "Fn::Split": (
        _pair(lambda node: isinstance(node, str), _text),
        "every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a "
        "function that returns a string to be split.",
    ),
    "Fn::Select": (_select, "Fn::Select requires a list argument with two elements: an integer index and a list"),
    "Fn::FindInMap": (
        _find_in_map,
        "every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return "
        "value",
    ),
    "Fn::Sub": (
        _sub,
        "One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, "
        "and an optional second argument to specify a mapping of values to replace in the string",
    ),
    "Fn::If": (_if, "Fn::If requires a list argument with three elements"),
    # recorded: conditions::TestValidateConditions::test_validate_equals_args_len
    "Fn::Equals": (_pair(_text, _text), "every Fn::Equals object requires a list of 2 string parameters."),
    "Fn::Not": (_conditions(1, 1), "every Fn::Not object requires one boolean parameter."),
    "Fn::And": (
        _conditions(2, 10),
        "every Fn::And object requires a list of at least 2 and at most 10 boolean parameters.",
    ),
    "Fn::Or": (
        _conditions(2, 10),
        "every Fn::Or object requires a list of at least 2 and at most 10 boolean parameters.",
    ),
    "Fn::Cidr": (
        _cidr,
        "every Fn::Cidr object requires two or three parameters, the ip block, the count and the cidr bits",
    ),
    "Fn::Length": (_list, "every Fn::Length object requires a list"),
    "Fn::ToJsonString": (
        lambda node: isinstance(node, dict | list),
        "every Fn::ToJsonString object requires an object or a list",
    ),
    "Fn::Contains": (_pair(_list, _text), "every Fn::Contains object requires a list of strings and a string"),
    "Fn::EachMemberEquals": (_pair(_list, _text), "every Fn::EachMemberEquals object requires a list and a string"),
    "Fn::EachMemberIn": (_pair(_list, _list), "every Fn::EachMemberIn object requires two lists of strings"),
    "Fn::RefAll": (lambda node: isinstance(node, str), "every Fn::RefAll object must have a single String value."),
    "Fn::ValueOf": (_pair(_text, _text), "every Fn::ValueOf object requires a parameter name and an attribute"),
    "Fn::ValueOfAll": (_pair(_text, _text), "every Fn::ValueOfAll object requires a parameter type and an attribute"),
}


def refuse_import() -> TemplateError:
    """An import's name is not allowed to wait for anything."""
    return function_error(
        "the attribute in Fn::ImportValue must not depend on any resources, imported values, or Fn::GetAZs"
    )
