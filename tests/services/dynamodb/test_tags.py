"""Tags of tables."""

from __future__ import annotations


def test_tags_are_added_changed_and_taken_away(dynamodb, make, describe):
    make(Tags=[{"Key": "a", "Value": "1"}])
    arn = describe()["TableArn"]
    dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": ""}])
    assert dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"] == [
        {"Key": "a", "Value": "2"}, {"Key": "b", "Value": ""},
    ]  # fmt: skip
    dynamodb.untag_resource(ResourceArn=arn, TagKeys=["a", "ghost"])
    assert dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": ""}]


def test_they_are_listed_ten_at_a_time(dynamodb, make, describe):
    make(Tags=[{"Key": f"{number:02d}", "Value": "x"} for number in range(15)])
    arn = describe()["TableArn"]
    page = dynamodb.list_tags_of_resource(ResourceArn=arn)
    rest = dynamodb.list_tags_of_resource(ResourceArn=arn, NextToken=page["NextToken"])
    assert (len(page["Tags"]), len(rest["Tags"])) == (10, 5)
    assert "NextToken" not in rest


def test_what_is_refused(dynamodb, make, describe, refused):
    make()
    arn = describe()["TableArn"]
    ghost = arn + "x"
    assert refused(dynamodb.list_tags_of_resource, ResourceArn=ghost) == (
        "ResourceNotFoundException", f"Requested resource not found: ResourcArn: {ghost} not found",
    )  # fmt: skip
    twice = [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]
    assert refused(dynamodb.tag_resource, ResourceArn=arn, Tags=twice)[0] == "ValidationException"
    many = [{"Key": str(number), "Value": ""} for number in range(51)]
    assert refused(dynamodb.tag_resource, ResourceArn=arn, Tags=many)[0] == "ValidationException"
    assert refused(dynamodb.tag_resource, ResourceArn=arn, Tags=[{"Key": "aws:x", "Value": ""}])[0] == (
        "ValidationException"
    )
    assert refused(dynamodb.untag_resource, ResourceArn="nonsense", TagKeys=["a"])[0] == "ValidationException"
