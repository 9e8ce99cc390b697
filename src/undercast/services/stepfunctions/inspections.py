"""What TestState answers: how the state ended, and the data on its way through it."""

from __future__ import annotations

from http.client import responses
from typing import Any

from undercast.engines.states import flow
from undercast.engines.states.actions import Caught, Failed, Next, Outcome, Result, RetryAt, RunMap
from undercast.engines.states.machine import JSONATA, JSONPATH, Parallel, Pass, Task, Working
from undercast.engines.states.payloads import json_text
from undercast.engines.states.retries import matches
from undercast.services.stepfunctions import trial_mocks
from undercast.services.stepfunctions.integrations.web import Exchange
from undercast.services.stepfunctions.trial_requests import Trial

Ending = Next | Failed | Caught | RetryAt

_NUMBERS = ("maxConcurrency", "toleratedFailureCount", "toleratedFailurePercentage")


def answer(trial: Trial, ending: Ending, outcome: Outcome | None = None) -> dict[str, Any]:
    """The operation's answer."""
    shown: dict[str, Any] = {}
    match ending:
        case Next():
            shown |= {"status": "SUCCEEDED", "output": _text(trial, ending.output), "nextState": ending.state}
        case Caught():
            shown |= {"status": "CAUGHT_ERROR", "output": _text(trial, ending.output), "nextState": ending.state}
        case RetryAt():
            shown["status"] = "RETRIABLE"
        case _:
            shown["status"] = "FAILED"
    if not isinstance(ending, Next):
        shown |= {"error": ending.error, "cause": ending.cause}
    if trial.shows_data:
        shown["inspectionData"] = _data(trial, ending, outcome)
    return shown


def _data(trial: Trial, ending: Ending, outcome: Outcome | None) -> dict[str, Any]:
    entered, left = getattr(trial.entered, "details", {}), getattr(ending, "details", {})
    details = {**entered, **left}
    if isinstance(trial.state, Task | Pass) and "afterInputPath" in details:  # recorded, also without Parameters
        details.setdefault("afterParameters", details["afterInputPath"])
    if isinstance(trial.state, Parallel):  # recorded of mocked ones: nothing of what their branches are given
        details = dict(left)
    if isinstance(trial.entered, RunMap):
        details |= _map_data(trial, trial.entered)
    if isinstance(outcome, Result) and isinstance(trial.state, Task):
        details["result"] = outcome.value
    if trial.state.language == JSONATA:
        details.pop("afterInputPath", None)
    shown = {name: value if name in _NUMBERS else _text(trial, value) for name, value in details.items()}
    variables = trial.variables if isinstance(ending, Failed | RetryAt) else ending.variables
    if variables:
        shown["variables"] = json_text(variables)
    if error_details := _error_details(trial, ending):
        shown["errorDetails"] = error_details
    if trial.shows_exchange and trial.exchange is not None:
        shown |= _exchange(trial.exchange, trial.shows_secrets)
    return {"input": trial.text, **shown}


def _exchange(exchange: Exchange, secrets: bool) -> dict[str, Any]:
    """The HTTP request and response; what the connection adds to the request is secret."""
    shown: dict[str, Any] = {}
    request, answer = exchange.sent if secrets else exchange.asked, exchange.answer
    if request is not None:
        protocol = request.url.partition(":")[0]
        shown["request"] = {
            "protocol": protocol, "method": request.method, "url": request.url,
            "headers": json_text(request.headers), "body": request.body.decode("utf-8", "replace") or None,
        }  # fmt: skip
        if answer is not None:
            shown["response"] = {
                "protocol": protocol, "statusCode": str(answer.status), "statusMessage": responses.get(answer.status, ""),
                "headers": json_text({name: [value] for name, value in answer.headers.items()}),
                "body": answer.body.decode("utf-8", "replace"),
            }  # fmt: skip
    return shown


def _map_data(trial: Trial, run: RunMap) -> dict[str, Any]:
    """What the iterations of a map would be given."""
    found: dict[str, Any] = {
        "toleratedFailureCount": run.tolerated_failure_count,
        "toleratedFailurePercentage": run.tolerated_failure_percentage,
    }
    inputs = trial_mocks.inputs(trial, run)
    if run.state.language == JSONPATH:
        found["afterItemsPath"] = trial_mocks.items(trial, run)
    if run.state.selector is not None:
        found["afterItemSelector"] = inputs
    if run.batching is not None:
        found["afterItemBatcher"] = list(flow.batches(run, inputs))
    return {name: value for name, value in found.items() if value is not None}


def _error_details(trial: Trial, ending: Ending) -> dict[str, Any] | None:
    """Who took the error; also the retrier that would have, were its attempts not used up (recorded)."""
    if isinstance(ending, Caught):
        return {"catchIndex": ending.catcher}
    if isinstance(ending, RetryAt):
        return {"retryIndex": ending.retrier, "retryBackoffIntervalSeconds": round(ending.delay_s)}
    if isinstance(ending, Failed) and isinstance(trial.state, Working):
        for index, retrier in enumerate(trial.state.retriers):
            if matches(retrier.errors, ending.error or ""):
                return {"retryIndex": index}
    return None


def _text(trial: Trial, value: Any) -> str:
    """JSON; the input and a mocked result as they were written (recorded)."""
    if value is trial.input:
        return trial.text
    mock = trial.mock
    if mock is not None and mock.text is not None and value is mock.result:
        return mock.text
    return json_text(value)
