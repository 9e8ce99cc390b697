"""Apache Velocity's template language, as API Gateway and AppSync use it (Velocity 1.7).

    vtl.compile("#foreach($x in $items)$x.name #end").render({"items": [{"name": "a"}, {"name": "b"}]})   # "a b "

Variables are None, bool, int, float, str, list, dict and `Exposed` objects; a template sees nothing else of Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from undercast.engines.vtl.directives import Block, Macro
from undercast.engines.vtl.parser import Parser
from undercast.engines.vtl.run import Break, Run, Stop
from undercast.engines.vtl.values import Exposed, Method, VtlError, to_text

__all__ = ["Exposed", "Method", "Template", "VtlError", "compile", "to_text"]


@dataclass(frozen=True, slots=True)
class Template:
    _block: Block
    _macros: Mapping[str, Macro]

    def render(self, variables: Mapping[str, object], *, quiet: bool = False) -> str:
        """The text that the template makes. Raises VtlError.

        A reference that leads to nothing renders as it is written, or with `quiet` as nothing. Lists and maps among the
        variables are changed in place by a template that sets their parts.
        """
        run = Run(variables, dict(self._macros), quiet=quiet)
        try:
            self._block.render(run)
        except (Stop, Break):
            pass
        except RecursionError:
            raise VtlError("the template is nested too deep") from None
        return run.output


def compile(text: str) -> Template:
    """Raises VtlError, with line and column."""
    macros: dict[str, Macro] = {}
    try:
        return Template(Parser(text, macros).template(), macros)
    except RecursionError:
        raise VtlError("the template is nested too deep") from None
