"""How data flows through a state: what its work is given, and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from undercast.engines.states.paths import ReferencePath, StatePath, compile_reference
from undercast.engines.states.scope import MISSING, Field, Scope

WHOLE = compile_reference("$")


@dataclass(frozen=True, slots=True)
class PathData:
    """JSONPath's: InputPath, Parameters, (the work), ResultSelector, ResultPath, OutputPath. None for a path is null."""

    input_path: StatePath | None
    output_path: StatePath | None
    parameters: Field | None = None
    selector: Field | None = None
    result_path: ReferencePath | None = WHOLE
    assign: Field | None = None

    def effective(self, scope: Scope) -> Any:
        """The input after InputPath."""
        if self.input_path is None:
            return {}
        return self.input_path.of(scope, scope.input)

    def begin(self, scope: Scope, details: dict[str, Any]) -> Any:
        """What the work is given."""
        effective = details["afterInputPath"] = self.effective(scope)
        if self.parameters is not None:
            effective = details["afterParameters"] = self.parameters.of(scope, effective)
        return effective

    def end(self, scope: Scope, root: Any, details: dict[str, Any]) -> Any:
        """The state's output, once `scope.result` is there or MISSING. Assigns; `$` of Assign is `root` or the result."""
        result = scope.result
        if self.assign is not None:
            scope.assigned = self.assign.of(scope, root if result is MISSING else result)
        if result is not MISSING:
            if self.selector is not None:
                result = self.selector.of(scope, result)
            details["afterResultSelector"] = result
            root = scope.input if self.result_path is None else self.result_path.put(scope.input, result)
            details["afterResultPath"] = root
        return {} if self.output_path is None else self.output_path.of(scope, root)


@dataclass(frozen=True, slots=True)
class JsonataData:
    """JSONata's: Arguments, (the work), Output."""

    arguments: Field | None = None
    output: Field | None = None
    assign: Field | None = None

    def effective(self, scope: Scope) -> Any:
        return scope.input

    def begin(self, scope: Scope, details: dict[str, Any]) -> Any:
        if self.arguments is None:
            return scope.input
        details["afterArguments"] = self.arguments.of(scope, None)
        return details["afterArguments"]

    def end(self, scope: Scope, root: Any, details: dict[str, Any]) -> Any:
        """The output and the assignments see the same variables: those from before this state."""
        if self.output is not None:
            output = self.output.of(scope, None)
        else:
            output = scope.input if scope.result is MISSING else scope.result
        if self.assign is not None:
            scope.assigned = self.assign.of(scope, None)
        return output


Data = PathData | JsonataData
