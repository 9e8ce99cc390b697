"""Static validation of a definition, with AWS's diagnostics where they are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from undercast.engines.states import fields
from undercast.engines.states.checks import FAILED
from undercast.engines.states.errors import Diagnostic
from undercast.engines.states.fields import Fields
from undercast.engines.states.graph import check_graph, check_inner
from undercast.engines.states.machine import JSONATA, JSONPATH
from undercast.engines.states.payloads import is_number
from undercast.engines.states.rules import check_rule
from undercast.engines.states.scopes import check_scopes
from undercast.engines.states.warnings import check_warnings

MAX_JSON_DEPTH = 128  # ours; AWS says TOO_DEEPLY_NESTED of states
EXPRESS = "EXPRESS"


def validate(definition: Any, type: str = "STANDARD", known: Callable[[str], bool] | None = None) -> list[Diagnostic]:
    """All that is wrong, the schema first; transitions only when the schema is right.

    `known` says whether a service integration's ARN is one (None: all are).
    """
    return _schema(definition, Validator(type, known)) or [
        *check_graph(definition),
        *check_scopes(definition),
        *check_warnings(definition),
    ]


def check_alone(definition: Any, known: Callable[[str], bool] | None = None) -> list[Diagnostic]:
    """What is wrong with a machine of one state that may lead anywhere: only those inside it must be whole."""
    return _schema(definition, Validator("STANDARD", known)) or [*check_inner(definition), *check_scopes(definition)]


def _schema(definition: Any, validator: Validator) -> list[Diagnostic]:
    if _depth(definition) > MAX_JSON_DEPTH:
        return [Diagnostic("TOO_DEEPLY_NESTED", "The definition is nested too deep")]
    validator.machine(definition)
    return validator.found


class Validator:
    """Walks a definition and gathers what is wrong."""

    def __init__(self, type: str, known: Callable[[str], bool] | None) -> None:
        self.type = type
        self.known = known
        self.found: list[Diagnostic] = []
        self.language = JSONPATH  # of the whole definition: branches and processors have the same

    def machine(self, definition: dict[str, Any]) -> None:
        self.language = definition.get("QueryLanguage", JSONPATH)
        if self.language not in (JSONPATH, JSONATA):
            self.wrong(
                f"The field 'QueryLanguage' should have one of these values: [{JSONPATH}, {JSONATA}]", "/QueryLanguage"
            )
            self.language = JSONATA
        self.submachine(definition, "", fields.MACHINE)

    def submachine(self, definition: Any, location: str, rules: Fields) -> None:
        if not isinstance(definition, dict):
            self.wrong("Expected value of type Object", location)
            return
        self.required(definition, ("States", "StartAt"), location)
        self.check_fields(definition, rules, self.language, location)
        states = definition.get("States")
        if isinstance(states, dict):
            if not states:
                self.wrong("Value cannot be empty", f"{location}/States")
            for name, state in states.items():
                self.state(name, state, f"{location}/States/{name}")

    def state(self, name: str, state: Any, location: str) -> None:
        if not isinstance(state, dict):
            self.wrong("Expected value of type Object", location)
            return
        if not 1 <= len(name) <= 80:
            self.found.append(Diagnostic("INVALID_STATE_NAME", "State name must be 1 to 80 characters long", location))
        type = state.get("Type")
        if "Type" not in state:
            self.required(state, ("Type",), location)
        elif not isinstance(type, str) or type not in fields.STATE_FIELDS:
            values = ", ".join(fields.STATE_FIELDS)
            self.wrong(f"The field 'Type' should have one of these values: [{values}]", f"{location}/Type")
        else:
            self.typed_state(type, state, location)

    def typed_state(self, type: str, state: dict[str, Any], location: str) -> None:
        language = self.state_language(state, location)
        self.required(state, fields.REQUIRED.get(type, ()), location)
        self.check_fields(state, fields.STATE_FIELDS[type], language, location)
        self.exclusive(type, state, location)
        self.ends(type, state, location)
        for part in _PARTS.get(type, ()):
            part(self, state, language, location)

    def state_language(self, state: dict[str, Any], location: str) -> str:
        language = state.get("QueryLanguage", self.language)
        if language not in (JSONPATH, JSONATA):
            message = f"The field 'QueryLanguage' should have one of these values: [{JSONPATH}, {JSONATA}]"
            self.wrong(message, f"{location}/QueryLanguage")
            return JSONATA
        if language == JSONPATH and self.language == JSONATA:
            self.wrong("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine", location)
        return str(language)

    def ends(self, type: str, state: dict[str, Any], location: str) -> None:
        """Next, or End: true."""
        if "Next" not in fields.STATE_FIELDS[type]:
            return
        if "Next" not in state and state.get("End") is not True:
            self.wrong("These fields are required: [Next] or [End]", location)
        elif "Next" in state and state.get("End") is True:
            self.wrong("State cannot have both 'Next' and 'End'", location)

    def exclusive(self, type: str, state: dict[str, Any], location: str) -> None:
        """Of a state, or of a part named `type`."""
        for group in fields.ONE_OF.get(type, ()):
            if sum(name in state for name in group) > 1:
                self.wrong(f"Only one of these fields is allowed: [{', '.join(group)}]", location)
        needed = fields.NEEDS_ONE.get(type, ())
        if needed and not any(name in state for name in needed):
            self.wrong(f"One of these fields is required: [{', '.join(needed)}]", location)

    def check_fields(self, part: dict[str, Any], rules: Fields, language: str, location: str) -> None:
        for name, value in part.items():
            rule = rules.get(name)
            if rule is None:
                self.wrong(f"Field '{name}' is not supported", location)
                continue
            check = rule.check(language)
            if check is None:
                message = (
                    f"The QueryLanguage is set to '{language}', but field '{name}' "
                    f"is only supported for the '{rule.only}' QueryLanguage"
                )
                self.wrong(message, location)
                continue
            for code, message, where in check(value):
                self.found.append(Diagnostic(code, message, f"{location}/{name}{where}"))

    def part(self, part: Any, rules: Fields, required: tuple[str, ...], language: str, location: str) -> bool:
        """An object within a state. Whether it is one."""
        if not isinstance(part, dict):
            self.wrong("Expected value of type Object", location)
            return False
        self.required(part, required, location)
        self.check_fields(part, rules, language, location)
        return True

    def required(self, part: dict[str, Any], names: tuple[str, ...], location: str) -> None:
        missing = [name for name in names if name not in part]
        if missing:
            self.wrong(f"These fields are required: [{', '.join(missing)}]", location or "/")

    def wrong(self, message: str, location: str) -> None:
        self.found.append(Diagnostic(FAILED, message, location or "/"))


def _errors(validator: Validator, state: dict[str, Any], language: str, location: str) -> None:
    """Retry and Catch."""
    for field, rules, required in (
        ("Retry", fields.RETRIER, ("ErrorEquals",)),
        ("Catch", fields.CATCHER, ("ErrorEquals", "Next")),
    ):
        for index, handler, last in _entries(state.get(field)):
            where = f"{location}/{field}[{index}]"
            if validator.part(handler, rules, required, language, where):
                _error_names(validator, handler.get("ErrorEquals"), last, f"{where}/ErrorEquals")


def _error_names(validator: Validator, names: Any, last: bool, location: str) -> None:
    if not isinstance(names, list):
        return
    if not all(isinstance(name, str) for name in names):
        validator.wrong("Expected value of type String", location)
    elif "States.ALL" in names and (len(names) > 1 or not last):
        validator.wrong("States.ALL must appear alone and in the last entry", location)


def _limits(validator: Validator, state: dict[str, Any], language: str, location: str) -> None:
    timeout, heartbeat = state.get("TimeoutSeconds"), state.get("HeartbeatSeconds")
    if is_number(timeout) and is_number(heartbeat) and heartbeat >= timeout:
        validator.wrong("HeartbeatSeconds must be smaller than TimeoutSeconds", f"{location}/HeartbeatSeconds")


def _resource(validator: Validator, state: dict[str, Any], language: str, location: str) -> None:
    resource = state.get("Resource")
    if not isinstance(resource, str):
        return
    where = f"{location}/Resource"
    integration = ":states:::" in resource
    known = validator.known is None or validator.known(resource) if integration else resource.startswith("arn:")
    if not known:
        validator.wrong(
            f"The resource provided {resource} is not recognized. The value is not a valid resource ARN, "
            "or the resource is not available in this region.",
            where,
        )
    elif validator.type == EXPRESS:
        _express(validator, resource, integration, where)


def _express(validator: Validator, resource: str, integration: bool, location: str) -> None:
    if ":activity:" in resource and not integration:
        validator.wrong("Express state machine does not support Activity ARN", location)
    for pattern in (".waitForTaskToken", ".sync:2", ".sync"):
        if integration and resource.endswith(pattern):
            message = f"Express state machine does not support '{pattern}' service integration "
            validator.wrong(message, location)


def _choices(validator: Validator, state: dict[str, Any], language: str, location: str) -> None:
    for index, rule, _ in _entries(state.get("Choices")):
        check_rule(validator, rule, language, f"{location}/Choices[{index}]")


def _branches(validator: Validator, state: dict[str, Any], language: str, location: str) -> None:
    for index, branch, _ in _entries(state.get("Branches")):
        validator.submachine(branch, f"{location}/Branches[{index}]", fields.BRANCH)


def _processor(validator: Validator, state: dict[str, Any], language: str, location: str) -> None:
    distributed = False
    for name in ("ItemProcessor", "Iterator"):
        processor = state.get(name)
        if not isinstance(processor, dict):
            continue
        where = f"{location}/{name}"
        config = processor.get("ProcessorConfig")
        if isinstance(config, dict):
            validator.check_fields(config, fields.PROCESSOR_CONFIG, language, f"{where}/ProcessorConfig")
            distributed = config.get("Mode") == "DISTRIBUTED"
            if distributed:
                validator.required(config, ("ExecutionType",), f"{where}/ProcessorConfig")
        validator.submachine(processor, where, fields.PROCESSOR)
    if distributed and validator.type == EXPRESS:
        validator.wrong("Express state machine does not support DISTRIBUTED mode", location)
    if not distributed:
        for name in fields.DISTRIBUTED_ONLY:
            if name in state:
                validator.wrong(f"Field '{name}' is only supported for the 'DISTRIBUTED' mode", location)


def _distributed(validator: Validator, state: dict[str, Any], language: str, location: str) -> None:
    """ItemReader, ItemBatcher, ResultWriter and Label."""
    for name, rules, required, config, config_rules in (
        ("ItemReader", fields.ITEM_READER, ("Resource",), "ReaderConfig", fields.READER_CONFIG),
        ("ItemBatcher", fields.ITEM_BATCHER, (), "", {}),
        ("ResultWriter", fields.RESULT_WRITER, (), "WriterConfig", fields.WRITER_CONFIG),
    ):
        part = state.get(name)
        if isinstance(part, dict):
            validator.part(part, rules, required, language, f"{location}/{name}")
            validator.exclusive(name, part, f"{location}/{name}")
            if isinstance(inner := part.get(config), dict):
                validator.check_fields(inner, config_rules, language, f"{location}/{name}/{config}")
                validator.exclusive(config, inner, f"{location}/{name}/{config}")
    label = state.get("Label")
    if isinstance(label, str) and len(label) > 40:
        validator.found.append(
            Diagnostic("INVALID_LABEL_NAME", "Label cannot exceed 40 characters", f"{location}/Label")
        )


_PARTS: dict[str, tuple[Callable[[Validator, dict[str, Any], str, str], None], ...]] = {
    "Task": (_resource, _limits, _errors),
    "Choice": (_choices,),
    "Parallel": (_branches, _errors),
    "Map": (_processor, _distributed, _errors),
}


def _entries(value: Any) -> Iterator[tuple[int, Any, bool]]:
    if isinstance(value, list):
        for index, entry in enumerate(value):
            yield index, entry, index == len(value) - 1


def _depth(value: Any) -> int:
    """How deep JSON is nested, without recursing into it."""
    depth, level = 0, [value]
    while level and depth <= MAX_JSON_DEPTH:
        depth += 1
        containers = [one for one in level if isinstance(one, dict | list)]
        level = [inner for one in containers for inner in (one.values() if isinstance(one, dict) else one)]
    return depth
