"""Scheduled rules, as recorded from AWS."""

from __future__ import annotations

from tests.recorded import recorded


def test_schedule_rate_target_sqs(events, make_rule, target, clock, settle):
    case = recorded("events_schedule::TestScheduleRate::tests_schedule_rate_target_sqs", "events")
    make_rule("rule", target.arn, ScheduleExpression="rate(1 minute)")
    assert [one["Arn"] for one in events.list_targets_by_rule(Rule="rule")["Targets"]] == [target.arn]
    for step in ("messages-first", "messages-second"):
        clock.advance(minutes=1)
        settle()
        case.check(step, target.receive(AttributeNames=[], VisibilityTimeout=120))


def test_schedule_cron_target_sqs(make_rule, target, clock, settle):
    case = recorded("events_schedule::TestScheduleCron::test_schedule_cron_target_sqs", "events")
    make_rule("rule", target.arn, ScheduleExpression="cron(* * * * ? *)")
    clock.advance(minutes=1)
    settle()
    case.check("message", target.receive(AttributeNames=[]))
