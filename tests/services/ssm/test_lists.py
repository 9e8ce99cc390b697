"""Operations that list parameters, as boto3 sees them."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.services.ssm.test_parameters import put, refused


@pytest.fixture
def tree(ssm):
    for name in ("/app/a", "/app/b", "/app/db/url", "/app/db/user", "/apple", "plain"):
        put(ssm, name)


def names(answer):
    return [parameter["Name"] for parameter in answer["Parameters"]]


def test_by_path(ssm, tree):
    assert names(ssm.get_parameters_by_path(Path="/app")) == ["/app/a", "/app/b"]
    assert names(ssm.get_parameters_by_path(Path="/app/", Recursive=True)) == [
        "/app/a", "/app/b", "/app/db/url", "/app/db/user",
    ]  # fmt: skip
    assert names(ssm.get_parameters_by_path(Path="/")) == ["/apple"]
    assert refused(ssm.get_parameters_by_path, Path="app") == "ValidationException"
    pages = ssm.get_paginator("get_parameters_by_path").paginate(
        Path="/app", Recursive=True, PaginationConfig={"PageSize": 3}
    )
    assert [len(page["Parameters"]) for page in pages] == [3, 1]


def test_by_path_and_label(ssm, tree):
    put(ssm, "/app/a", "new", Overwrite=True)
    ssm.label_parameter_version(Name="/app/a", ParameterVersion=1, Labels=["old"])
    (found,) = ssm.get_parameters_by_path(Path="/app", ParameterFilters=[{"Key": "Label", "Values": ["old"]}])[
        "Parameters"
    ]
    assert (found["Name"], found["Value"], found["Version"]) == ("/app/a", "v", 1)
    code = refused(ssm.get_parameters_by_path, Path="/app", ParameterFilters=[{"Key": "Tier", "Values": ["x"]}])
    assert code == "InvalidFilterKey"


@pytest.mark.parametrize(
    "filter, expected",
    [
        ({"Key": "Name", "Values": ["plain", "/apple"]}, ["/apple", "plain"]),
        ({"Key": "Name", "Option": "BeginsWith", "Values": ["/app/db"]}, ["/app/db/url", "/app/db/user"]),
        ({"Key": "Name", "Option": "Contains", "Values": ["ur"]}, ["/app/db/url"]),
        ({"Key": "Path", "Option": "Recursive", "Values": ["/app/db"]}, ["/app/db/url", "/app/db/user"]),
        ({"Key": "Path", "Values": ["/app"]}, ["/app/a", "/app/b"]),
        ({"Key": "Type", "Values": ["SecureString"]}, []),
        ({"Key": "tag:team", "Values": ["x"]}, []),
        ({"Key": "Tier", "Option": "Equals", "Values": ["Advanced"]}, []),
    ],
)
def test_described_by_filter(ssm, tree, filter, expected):
    assert names(ssm.describe_parameters(ParameterFilters=[filter])) == expected


def test_described_by_tag(ssm):
    put(ssm, "tagged", Tags=[{"Key": "team", "Value": "x"}])
    put(ssm, "other")
    assert names(ssm.describe_parameters(ParameterFilters=[{"Key": "tag:team", "Values": ["x"]}])) == ["tagged"]


def test_described_in_pages(ssm, tree):
    pages = ssm.get_paginator("describe_parameters").paginate(PaginationConfig={"PageSize": 4})
    assert [len(page["Parameters"]) for page in pages] == [4, 2]


@pytest.mark.parametrize(
    "options, code",
    [
        ({"ParameterFilters": [{"Key": "Color", "Values": ["x"]}]}, "ValidationException"),  # the model has the keys
        ({"ParameterFilters": [{"Key": "Type", "Option": "Contains", "Values": ["x"]}]}, "InvalidFilterOption"),
        ({"ParameterFilters": [{"Key": "Path", "Option": "Equals", "Values": ["/x"]}]}, "InvalidFilterOption"),
        ({"ParameterFilters": [{"Key": "Name"}]}, "InvalidFilterValue"),
        ({"NextToken": "x"}, "InvalidNextToken"),
    ],
)
def test_refusals(ssm, options, code):
    with pytest.raises(ClientError) as error:
        ssm.describe_parameters(**options)
    assert error.value.response["Error"]["Code"] == code
