"""Operations on parameters, as boto3 sees them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError


def put(ssm, name, value="v", type="String", **more):
    return ssm.put_parameter(Name=name, Value=value, Type=type, **more)


def refused(call, *args, **kwargs):
    """The code of the error that a call raises."""
    with pytest.raises(ClientError) as error:
        call(*args, **kwargs)
    return error.value.response["Error"]["Code"]


def test_parameter_is_put_and_got(ssm, account, region):
    assert put(ssm, "/app/url", "https://x")["Version"] == 1
    parameter = ssm.get_parameter(Name="/app/url")["Parameter"]
    assert isinstance(parameter.pop("LastModifiedDate"), datetime)
    assert parameter == {
        "Name": "/app/url", "Type": "String", "Value": "https://x", "Version": 1, "DataType": "text",
        "ARN": f"arn:aws:ssm:{region}:{account}:parameter/app/url",
    }  # fmt: skip
    assert ssm.get_parameter(Name=parameter["ARN"])["Parameter"]["Name"] == "/app/url"


def test_plain_name_is_found_by_its_arn(ssm, account, region):
    put(ssm, "plain")
    assert ssm.get_parameter(Name=f"arn:aws:ssm:{region}:{account}:parameter/plain")["Parameter"]["Name"] == "plain"


def test_another_accounts_parameter_is_not_ours(ssm, region):
    put(ssm, "plain")
    elsewhere = f"arn:aws:ssm:{region}:999999999999:parameter/plain"
    assert refused(ssm.get_parameter, Name=elsewhere) == "ParameterNotFound"


def test_missing_parameter(ssm):
    assert refused(ssm.get_parameter, Name="none") == "ParameterNotFound"
    assert refused(ssm.get_parameter, Name="/aws/service/ami-amazon-linux-latest/al2023") == "ParameterNotFound"
    assert refused(ssm.delete_parameter, Name="none") == "ParameterNotFound"


def test_overwrite_makes_a_version(ssm):
    put(ssm, "p", "one", Description="d")
    assert refused(put, ssm, "p", "two") == "ParameterAlreadyExists"
    assert ssm.put_parameter(Name="p", Value="two", Overwrite=True)["Version"] == 2
    assert ssm.get_parameter(Name="p:1")["Parameter"]["Value"] == "one"
    answer = ssm.get_parameter(Name="p:2")["Parameter"]
    assert (answer["Value"], answer["Selector"], answer["Name"]) == ("two", ":2", "p")
    assert refused(ssm.get_parameter, Name="p:3") == "ParameterVersionNotFound"
    assert ssm.describe_parameters()["Parameters"][0]["Description"] == "d"


@pytest.mark.parametrize(
    "options, code",
    [
        ({"Name": "aws-x"}, "AccessDeniedException"),
        ({"Name": "/aws/x"}, "AccessDeniedException"),
        ({"Name": "ssm-x"}, "ValidationException"),
        ({"Name": "a/b"}, "ValidationException"),
        ({"Name": "/a b"}, "ValidationException"),
        ({"Name": "/" + "/".join("abcdefghijklmnop")}, "HierarchyLevelLimitExceededException"),
        ({"Value": "x" * 4097}, "ValidationException"),
        ({"Value": "x" * 8193, "Tier": "Advanced"}, "ValidationException"),
        ({"Value": "x" * 8193, "Tier": "Intelligent-Tiering"}, "ValidationException"),
        ({"AllowedPattern": r"^\d+$"}, "ParameterPatternMismatchException"),
        ({"AllowedPattern": "("}, "InvalidAllowedPatternException"),
        ({"KeyId": "alias/x"}, "ValidationException"),
        ({"DataType": "number"}, "ValidationException"),
        ({"DataType": "aws:ec2:image"}, "NotImplemented"),
        ({"Overwrite": True, "Tags": [{"Key": "a", "Value": "b"}]}, "ValidationException"),
        ({"Tier": "Advanced", "Policies": '[{"Type": "NoChangeNotification"}]'}, "NotImplemented"),
        ({"Tier": "Advanced", "Policies": '[{"Type": "Other"}]'}, "InvalidPolicyTypeException"),
        ({"Tier": "Advanced", "Policies": "no"}, "InvalidPolicyAttributeException"),
        ({"Policies": '[{"Type": "Expiration"}]'}, "ValidationException"),
    ],
)
def test_what_put_refuses(ssm, options, code):
    assert refused(ssm.put_parameter, **{"Name": "p", "Value": "v", "Type": "String", **options}) == code
    assert ssm.describe_parameters()["Parameters"] == []


def test_type_stays(ssm):
    assert refused(ssm.put_parameter, Name="p", Value="v") == "ValidationException"
    put(ssm, "p")
    assert refused(put, ssm, "p", type="StringList", Overwrite=True) == "HierarchyTypeMismatchException"


def test_tiers(ssm):
    assert put(ssm, "small", Tier="Intelligent-Tiering")["Tier"] == "Standard"
    assert put(ssm, "large", "x" * 5000, Tier="Intelligent-Tiering")["Tier"] == "Advanced"
    assert refused(put, ssm, "large", Tier="Standard", Overwrite=True) == "ValidationException"
    assert put(ssm, "large", Overwrite=True)["Tier"] == "Advanced"


def test_several_at_once(ssm):
    put(ssm, "a")
    put(ssm, "b")
    answer = ssm.get_parameters(Names=["b", "none", "a:1", "a:9"])
    assert [p["Name"] for p in answer["Parameters"]] == ["b", "a"]
    assert answer["InvalidParameters"] == ["none", "a:9"]
    answer = ssm.delete_parameters(Names=["a", "b", "c"])
    assert (answer["DeletedParameters"], answer["InvalidParameters"]) == (["a", "b"], ["c"])


def test_hundred_versions_are_kept(ssm):
    put(ssm, "p", "1")
    for n in range(2, 102):
        put(ssm, "p", str(n), Overwrite=True)
    history = ssm.get_paginator("get_parameter_history").paginate(Name="p").build_full_result()["Parameters"]
    assert [version["Version"] for version in history] == list(range(2, 102))
    ssm.label_parameter_version(Name="p", ParameterVersion=2, Labels=["keep"])
    assert refused(put, ssm, "p", Overwrite=True) == "ParameterMaxVersionLimitExceeded"


def test_labels_select_and_move(ssm):
    put(ssm, "p", "one")
    put(ssm, "p", "two", Overwrite=True)
    answer = ssm.label_parameter_version(Name="p", ParameterVersion=1, Labels=["prod", "1bad", "awsome"])
    assert (answer["InvalidLabels"], answer["ParameterVersion"]) == (["1bad", "awsome"], 1)
    assert ssm.get_parameter(Name="p:prod")["Parameter"]["Value"] == "one"
    assert ssm.label_parameter_version(Name="p", Labels=["prod"])["ParameterVersion"] == 2
    assert ssm.get_parameter(Name="p:prod")["Parameter"]["Value"] == "two"
    assert [v["Labels"] for v in ssm.get_parameter_history(Name="p")["Parameters"]] == [[], ["prod"]]
    answer = ssm.unlabel_parameter_version(Name="p", ParameterVersion=2, Labels=["prod", "other"])
    assert (answer["RemovedLabels"], answer["InvalidLabels"]) == (["prod"], ["other"])
    assert refused(ssm.get_parameter, Name="p:prod") == "ParameterVersionNotFound"
    assert (
        refused(ssm.label_parameter_version, Name="p", ParameterVersion=9, Labels=["x"]) == "ParameterVersionNotFound"
    )


def test_ten_labels_at_most(ssm):
    put(ssm, "p")
    ssm.label_parameter_version(Name="p", Labels=[f"l{n}" for n in range(10)])
    code = refused(ssm.label_parameter_version, Name="p", Labels=["one-more"])
    assert code == "ParameterVersionLabelLimitExceeded"


def test_expiration_policy_deletes(ssm, clock, undercast):
    at = datetime.fromtimestamp(undercast.platform.clock.now() / 1000 + 3600, UTC).isoformat()
    policy = {"Type": "Expiration", "Version": "1.0", "Attributes": {"Timestamp": at}}
    put(ssm, "p", Tier="Advanced", Policies=json.dumps([policy]))
    put(ssm, "stays", Tier="Advanced", Policies=json.dumps([policy]))
    put(ssm, "stays", Tier="Advanced", Policies="[]", Overwrite=True)
    (shown,) = ssm.describe_parameters(ParameterFilters=[{"Key": "Name", "Values": ["p"]}])["Parameters"][0]["Policies"]
    assert (shown["PolicyType"], json.loads(shown["PolicyText"])) == ("Expiration", policy)
    clock.advance(hours=1, seconds=1)
    undercast.run(undercast.platform.jobs.idle())
    assert [p["Name"] for p in ssm.describe_parameters()["Parameters"]] == ["stays"]


def test_tags(ssm):
    put(ssm, "p", Tags=[{"Key": "a", "Value": "1"}])
    target = {"ResourceType": "Parameter", "ResourceId": "p"}
    ssm.add_tags_to_resource(**target, Tags=[{"Key": "b", "Value": "2"}])
    ssm.remove_tags_from_resource(**target, TagKeys=["a"])
    put(ssm, "p", "w", Overwrite=True)
    assert ssm.list_tags_for_resource(**target)["TagList"] == [{"Key": "b", "Value": "2"}]
    assert refused(ssm.list_tags_for_resource, ResourceType="Parameter", ResourceId="none") == "InvalidResourceId"
    assert refused(ssm.list_tags_for_resource, ResourceType="Document", ResourceId="d") == "NotImplemented"
