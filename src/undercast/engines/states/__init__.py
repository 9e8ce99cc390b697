"""The Amazon States Language: what a workflow's definition says, and what each of its states does. Pure.

    machine = states.parse(definition)
    state = flow.begin(machine)
    action = flow.enter(state, input, variables, context, moment)

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

from undercast.engines.states.definitions import diagnose, parse, parse_state
from undercast.engines.states.errors import Diagnostic, Invalid
from undercast.engines.states.machine import Machine

__all__ = ["Diagnostic", "Invalid", "Machine", "diagnose", "parse", "parse_state"]
