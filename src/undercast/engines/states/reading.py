"""Turns a definition that was found valid into a Machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from undercast.engines.states.choices import (
    OPERATORS,
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Expressed,
    Not,
    Present,
    Rule,
)
from undercast.engines.states.data import WHOLE, Data, JsonataData, PathData
from undercast.engines.states.expressions import compile_field, is_expression
from undercast.engines.states.machine import (
    JSONATA,
    JSONPATH,
    Choice,
    Fail,
    ItemBatcher,
    ItemReader,
    Machine,
    Map,
    Parallel,
    Pass,
    ResultWriter,
    State,
    Succeed,
    Task,
    Wait,
)
from undercast.engines.states.paths import StatePath, compile_path, compile_reference
from undercast.engines.states.retries import Catcher, Retrier
from undercast.engines.states.scope import Constant, Field
from undercast.engines.states.templates import jsonata_template, path_or_call, path_template

Definition = Mapping[str, Any]


def read_machine(definition: Definition, pointer: str = "", language: str = JSONPATH) -> Machine:
    """The machine of a definition, a branch or a processor.

    `language` is that of the whole definition: a Map or Parallel that has its own does not give it to the states within.
    """
    language = definition.get("QueryLanguage", language)
    states = {
        name: read_state(name, state, f"{pointer}/States/{name}", language)
        for name, state in definition["States"].items()
    }
    return Machine(
        pointer=pointer,
        start_at=definition["StartAt"],
        states=states,
        language=language,
        timeout_s=definition.get("TimeoutSeconds"),
        comment=definition.get("Comment"),
        version=definition.get("Version"),
    )


def read_state(name: str, state: Definition, pointer: str, language: str = JSONPATH) -> State:
    return _Reader(name, state, pointer, language).read()


class _Reader:
    """One state's definition."""

    def __init__(self, name: str, state: Definition, pointer: str, language: str) -> None:
        self.name = name
        self.state = state
        self.pointer = pointer
        self.definition_language = language
        self.language = state.get("QueryLanguage", language)

    def read(self) -> State:
        readers: dict[str, Callable[[], State]] = {
            "Pass": self._pass,
            "Succeed": lambda: Succeed(**self._common()),
            "Fail": self._fail,
            "Choice": self._choice,
            "Wait": self._wait,
            "Task": self._task,
            "Parallel": self._parallel,
            "Map": self._map,
        }
        return readers[self.state["Type"]]()

    def _common(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "pointer": self.pointer,
            "language": self.language,
            "next": self.state.get("Next"),
            "data": self._data(
                self.state, "", arguments="ItemProcessor" not in self.state and "Iterator" not in self.state
            ),
            "comment": self.state.get("Comment"),
        }

    def _data(self, part: Definition, location: str, arguments: bool = True) -> Data:
        """The data flow of the state, or of a choice rule, which has its own Assign and Output."""
        assign = self._template(part, "Assign", location)
        if self.language == JSONATA:
            given = self._template(self.state, "Arguments") if arguments else None
            return JsonataData(given, self._template(part, "Output", location), assign)
        return PathData(
            input_path=self._path("InputPath"),
            output_path=self._path("OutputPath"),
            parameters=self._template(self.state, "Parameters") if arguments else None,
            selector=self._template(self.state, "ResultSelector"),
            result_path=self._reference(self.state),
            assign=assign,
        )

    def _path(self, name: str) -> StatePath | None:
        text = self.state.get(name, "$")
        return None if text is None else compile_path(text)

    @staticmethod
    def _reference(part: Definition) -> Any:
        text = part.get("ResultPath", "$")
        return WHOLE if text == "$" else None if text is None else compile_reference(text)

    def _template(self, part: Definition, name: str, location: str = "") -> Field | None:
        if name not in part:
            return None
        if self.language == JSONATA:
            return jsonata_template(part[name], location + name)
        return path_template(part[name])

    def _field(self, part: Definition, name: str, location: str = "", expected: str = "") -> Field | None:
        """`Name`, literal or an expression, or `NamePath`."""
        if name in part:
            value = part[name]
            if self.language == JSONATA and is_expression(value):
                return compile_field(value, location + name, (expected,) if expected else ())
            return Constant(value)
        path = part.get(f"{name}Path")
        return None if path is None else path_or_call(f"{name}Path", path)

    def _pass(self) -> State:
        result = Constant(self.state["Result"]) if "Result" in self.state else None
        return Pass(result=result, **self._common())

    def _fail(self) -> State:
        return Fail(
            error=self._field(self.state, "Error", expected="string"),
            cause=self._field(self.state, "Cause", expected="string"),
            **self._common(),
        )

    def _choice(self) -> State:
        rules = [self._rule(rule, f"Choices[{index}]/") for index, rule in enumerate(self.state["Choices"])]
        return Choice(rules=tuple(rules), default=self.state.get("Default"), **self._common())

    def _rule(self, rule: Definition, location: str) -> Rule:
        if self.language == JSONATA:
            field = self._field(rule, "Condition", location, "boolean")
            condition: Condition = Expressed(field or Constant(False))
        else:
            condition = self._condition(rule)
        return Rule(condition, rule["Next"], self._data(rule, location))

    def _condition(self, rule: Definition) -> Condition:
        if "Not" in rule:
            return Not(self._condition(rule["Not"]))
        if "And" in rule:
            return AllOf(tuple(map(self._condition, rule["And"])))
        if "Or" in rule:
            return AnyOf(tuple(map(self._condition, rule["Or"])))
        variable = compile_path(rule["Variable"])
        if "IsPresent" in rule:
            return Present(variable, rule["IsPresent"])
        name = next(name for name in rule if name.removesuffix("Path") in OPERATORS)
        if name in OPERATORS:
            return Comparison(variable, OPERATORS[name], rule[name])
        return Comparison(variable, OPERATORS[name.removesuffix("Path")], compile_path(rule[name]))

    def _wait(self) -> State:
        kind = "Timestamp" if any(name.startswith("Timestamp") for name in self.state) else "Seconds"
        field = self._field(self.state, kind, expected="string" if kind == "Timestamp" else "number")
        assert field is not None
        return Wait(until=field, field=kind, path=self.state.get(f"{kind}Path", ""), **self._common())

    def _working(self) -> dict[str, Any]:
        retriers = tuple(map(_retrier, self.state.get("Retry", ())))
        catchers = [self._catcher(one, f"Catch[{index}]/") for index, one in enumerate(self.state.get("Catch", ()))]
        return {**self._common(), "retriers": retriers, "catchers": tuple(catchers)}

    def _catcher(self, catcher: Definition, location: str) -> Catcher:
        return Catcher(
            errors=tuple(catcher["ErrorEquals"]),
            next=catcher["Next"],
            result_path=self._reference(catcher),
            output=self._template(catcher, "Output", location),
            assign=self._template(catcher, "Assign", location),
        )

    def _task(self) -> State:
        return Task(
            resource=self.state["Resource"],
            timeout=self._field(self.state, "TimeoutSeconds", expected="number"),
            heartbeat=self._field(self.state, "HeartbeatSeconds", expected="number"),
            credentials=self._template(self.state, "Credentials"),
            **self._working(),
        )

    def _parallel(self) -> State:
        branches = tuple(
            read_machine(branch, f"{self.pointer}/Branches[{index}]", self.definition_language)
            for index, branch in enumerate(self.state["Branches"])
        )
        return Parallel(branches=branches, **self._working())

    def _map(self) -> State:
        state = self.state
        name = "ItemProcessor" if "ItemProcessor" in state else "Iterator"
        processor = state[name]
        config = processor.get("ProcessorConfig", {})
        selector = "ItemSelector" if "ItemSelector" in state else "Parameters"
        return Map(
            processor=read_machine(processor, f"{self.pointer}/{name}", self.definition_language),
            mode=config.get("Mode", "INLINE"),
            execution_type=config.get("ExecutionType"),
            label=state.get("Label"),
            items=self._items(),
            items_text=self._items_text(),
            selector=self._template(state, selector),
            reader=self._item_reader(),
            batcher=self._item_batcher(),
            writer=self._result_writer(),
            max_concurrency=self._field(state, "MaxConcurrency", expected="number"),
            tolerated_failure_count=self._field(state, "ToleratedFailureCount", expected="number"),
            tolerated_failure_percentage=self._field(state, "ToleratedFailurePercentage", expected="number"),
            paths=_paths(state),
            **self._working(),
        )

    def _items(self) -> Field | None:
        if self.language == JSONATA:
            return self._template(self.state, "Items")
        return compile_path(self.state["ItemsPath"]) if "ItemsPath" in self.state else None

    def _items_text(self) -> str:
        items = self.state.get("Items" if self.language == JSONATA else "ItemsPath", "$")
        return items[2:-2].strip() if is_expression(items) else str(items)

    def _item_reader(self) -> ItemReader | None:
        reader = self.state.get("ItemReader")
        if reader is None:
            return None
        config = reader.get("ReaderConfig", {})
        return ItemReader(
            resource=reader["Resource"],
            arguments=self._template(reader, self._arguments_name, "ItemReader/"),
            config={name: value for name, value in config.items() if not name.startswith("MaxItems")},
            max_items=self._field(config, "MaxItems", "ItemReader/ReaderConfig/", "number"),
        )

    def _item_batcher(self) -> ItemBatcher | None:
        batcher = self.state.get("ItemBatcher")
        if batcher is None:
            return None
        return ItemBatcher(
            max_items=self._field(batcher, "MaxItemsPerBatch", "ItemBatcher/", "number"),
            max_bytes=self._field(batcher, "MaxInputBytesPerBatch", "ItemBatcher/", "number"),
            batch_input=self._template(batcher, "BatchInput", "ItemBatcher/"),
        )

    def _result_writer(self) -> ResultWriter | None:
        writer = self.state.get("ResultWriter")
        if writer is None:
            return None
        return ResultWriter(
            resource=writer.get("Resource"),
            arguments=self._template(writer, self._arguments_name, "ResultWriter/"),
            config=writer.get("WriterConfig", {}),
        )

    @property
    def _arguments_name(self) -> str:
        return "Arguments" if self.language == JSONATA else "Parameters"


def _retrier(retrier: Definition) -> Retrier:
    return Retrier(
        errors=tuple(retrier["ErrorEquals"]),
        interval_s=retrier.get("IntervalSeconds", 1),
        max_attempts=retrier.get("MaxAttempts", 3),
        backoff_rate=float(retrier.get("BackoffRate", 2.0)),
        max_delay_s=retrier.get("MaxDelaySeconds"),
        jitter=retrier.get("JitterStrategy") == "FULL",
    )


def _paths(state: Definition) -> dict[str, str]:
    """The paths of a Map's numbers, for messages."""
    parts = (state, state.get("ItemBatcher", {}), state.get("ItemReader", {}).get("ReaderConfig", {}))
    return {name: value for part in parts for name, value in part.items() if name.endswith("Path") and value}
