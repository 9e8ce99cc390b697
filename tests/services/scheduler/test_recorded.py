"""What AWS answered."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.recorded import cases, recorded

_REFUSED = "scheduler::tests_create_schedule_with_invalid_schedule_expression"
EXPRESSIONS = [name[len(_REFUSED) + 1 : -1] for name in cases("scheduler") if name.startswith(_REFUSED)]


def test_tag_resource(scheduler: Any) -> None:
    arn = scheduler.create_schedule_group(Name="group")["ScheduleGroupArn"]
    scheduler.tag_resource(ResourceArn=arn, Tags=[{"Key": "TagKey", "Value": "TagValue"}])
    answer = scheduler.list_tags_for_resource(ResourceArn=arn)
    recorded("scheduler::test_tag_resource").check("list-tagged-schedule", answer)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_invalid_schedule_expression(schedule: Any, expression: str) -> None:
    with pytest.raises(ClientError) as error:
        schedule(expression)
    recorded(f"{_REFUSED}[{expression}]").check("invalid-schedule-expression", error.value)
