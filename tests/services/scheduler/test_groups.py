"""Groups: the default one, names, tokens, tags, and deletion with what is in them."""

from __future__ import annotations

from typing import Any


def test_the_default_group_is_there(scheduler: Any, account: str, region: str) -> None:
    group = scheduler.get_schedule_group(Name="default")
    assert group["Arn"] == f"arn:aws:scheduler:{region}:{account}:schedule-group/default"
    assert group["State"] == "ACTIVE"
    assert [one["Name"] for one in scheduler.list_schedule_groups()["ScheduleGroups"]] == ["default"]


def test_the_default_group_stays(scheduler: Any, refused: Any) -> None:
    assert refused(scheduler.delete_schedule_group, Name="default")[0] == "ValidationException"


def test_a_name_is_taken_once(scheduler: Any, refused: Any) -> None:
    scheduler.create_schedule_group(Name="group")
    assert refused(scheduler.create_schedule_group, Name="group") == (
        "ConflictException", "Schedule group group already exists.",
    )  # fmt: skip


def test_a_token_makes_creation_repeatable(scheduler: Any, refused: Any) -> None:
    first = scheduler.create_schedule_group(Name="group", ClientToken="token")
    assert (
        scheduler.create_schedule_group(Name="group", ClientToken="token")["ScheduleGroupArn"]
        == first["ScheduleGroupArn"]
    )
    tags = [{"Key": "a", "Value": "b"}]
    assert (
        refused(scheduler.create_schedule_group, Name="group", ClientToken="token", Tags=tags)[0] == "ConflictException"
    )


def test_pages_of_groups(scheduler: Any) -> None:
    for name in ("b1", "b2", "b3", "c1"):
        scheduler.create_schedule_group(Name=name)
    first = scheduler.list_schedule_groups(NamePrefix="b", MaxResults=2)
    second = scheduler.list_schedule_groups(NamePrefix="b", MaxResults=2, NextToken=first["NextToken"])
    assert [one["Name"] for one in first["ScheduleGroups"] + second["ScheduleGroups"]] == ["b1", "b2", "b3"]
    assert "NextToken" not in second


def test_a_token_of_someone_else(scheduler: Any, refused: Any) -> None:
    assert refused(scheduler.list_schedule_groups, NextToken="nonsense") == (
        "ValidationException",
        "Invalid NextToken.",
    )
    assert refused(scheduler.list_schedules, NextToken="IjEi")[0] == "ValidationException"


def test_deletion_takes_the_schedules(scheduler: Any, schedule: Any, settle: Any, refused: Any) -> None:
    scheduler.create_schedule_group(Name="group")
    for number in range(3):
        schedule("rate(1 hour)", f"s{number}", GroupName="group", State="DISABLED")
    schedule("rate(1 hour)", "other", State="DISABLED")
    scheduler.delete_schedule_group(Name="group", ClientToken="token")
    settle()
    assert [one["Name"] for one in scheduler.list_schedules()["Schedules"]] == ["other"]
    assert refused(scheduler.get_schedule_group, Name="group") == (
        "ResourceNotFoundException", "Schedule group group does not exist.",
    )  # fmt: skip
    scheduler.delete_schedule_group(Name="group", ClientToken="token")
    assert refused(scheduler.delete_schedule_group, Name="group")[0] == "ResourceNotFoundException"


def test_tags(scheduler: Any, refused: Any) -> None:
    arn = scheduler.create_schedule_group(Name="group", Tags=[{"Key": "a", "Value": "1"}])["ScheduleGroupArn"]
    scheduler.tag_resource(ResourceArn=arn, Tags=[{"Key": "b", "Value": "2"}])
    scheduler.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    many = [{"Key": f"k{number}", "Value": "v"} for number in range(51)]
    assert refused(scheduler.tag_resource, ResourceArn=arn, Tags=many)[0] == "ServiceQuotaExceededException"
    assert refused(scheduler.list_tags_for_resource, ResourceArn=arn + "2")[0] == "ResourceNotFoundException"
