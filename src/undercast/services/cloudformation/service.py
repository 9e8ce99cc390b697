"""AWS CloudFormation on one screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from undercast.kit.errors import ServiceError
from undercast.kit.service import Job, Service
from undercast.services.cloudformation import (
    actions,
    answers,
    changesets,
    describing,
    errors,
    progress,
    signals,
    stacks,
    templates,
)


def _invalid(message: str, _violations: Sequence[Any], _params: dict[str, Any]) -> ServiceError | None:
    return errors.ValidationError(message)


service = Service(
    "cloudformation",
    operations=(stacks, changesets, templates, describing, signals),
    errors=errors,
    jobs={
        "act": Job(actions.act, attempts=5, exhausted=actions.act_failed),
        "advance": Job(progress.advance),
        "expire": Job(answers.expire),
        "nested": Job(answers.nested_ended),
        "signals": Job(answers.count_signals),
        "stop waiting": Job(answers.stop_waiting),
        "time out": Job(progress.time_out),
    },
    without=(
        "CallAs",
        "DeploymentConfig",
        "DeploymentMode",
        "DisableValidation",
        "ForceRollback",
        "ImportExistingResources",
        "StackPolicyDuringUpdateURL",
        "StackSetName",
        "TemplateSummaryConfig",
    ),
    http=answers.receive,
    invalid=_invalid,
)
