"""JSONata 2.0.6, as Step Functions has it: https://docs.jsonata.org and AWS's functions (additions.py).

    expression = compile("$states.input.orders[total > $least].id")
    value = evaluate(expression, None, {"states": {...}, "least": 10}, moment)

jsonata-python does the work (docs/decisions/0012-jsonata.md says why, and what is corrected around it). Nothing here reads
a clock or makes up numbers: `moment` has the time and the chance.
"""

from undercast.engines.jsonata.expression import Expression, compile, evaluate
from undercast.engines.jsonata.model import UNDEFINED, JsonataError

__all__ = ["UNDEFINED", "Expression", "JsonataError", "compile", "evaluate"]
