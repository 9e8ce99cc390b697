"""Every intrinsic function by value, and its error text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.engines.templates import UNKNOWN, Known, Need

KNOWN = Known(
    refs={"Q": "https://q"},
    attributes={"Q": {"Arn": "arn:q", "Outputs.Url": "u", "Nested": {"A": "n"}}},
    exports={"net:vpc": "vpc-1"},
    dynamic={"{{resolve:ssm:/a:1}}": "secret"},
)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ({"Ref": "P"}, "p"),
        ({"Ref": "L"}, ["a", "b", "c"]),
        ({"Ref": "Q"}, "https://q"),
        ({"Ref": "AWS::AccountId"}, "111122223333"),
        ({"Ref": "AWS::Region"}, "eu-west-1"),
        ({"Ref": "AWS::StackName"}, "shop"),
        ({"Ref": "AWS::StackId"}, "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/1"),
        ({"Ref": "AWS::Partition"}, "aws"),
        ({"Ref": "AWS::URLSuffix"}, "amazonaws.com"),
        ({"Ref": "AWS::NotificationARNs"}, []),
        ({"Ref": "AWS::NoValue"}, None),
        ([{"Ref": "AWS::NoValue"}, "a"], ["a"]),
        ({"a": {"Ref": "AWS::NoValue"}, "b": 1}, {"b": 1}),
        ({"Fn::GetAtt": ["Q", "Arn"]}, "arn:q"),
        ({"Fn::GetAtt": "Q.Arn"}, "arn:q"),
        ({"Fn::GetAtt": ["Q", "Outputs.Url"]}, "u"),
        ({"Fn::GetAtt": ["Q", "Nested.A"]}, "n"),
        # references::TestFnSub::test_fn_sub_cases
        ({"Fn::Sub": "this is a static string"}, "this is a static string"),
        ({"Fn::Sub": "${P}-${AWS::Region}-${P}"}, "p-eu-west-1-p"),
        ({"Fn::Sub": "${Q}|${Q.Arn}"}, "https://q|arn:q"),
        ({"Fn::Sub": ["${X} ${P}", {"X": {"Fn::GetAtt": ["Q", "Arn"]}}]}, "arn:q p"),
        ({"Fn::Sub": ["${P}", {"P": "shadow"}]}, "shadow"),
        ({"Fn::Sub": "${!P} $P {P} ${P}"}, "${P} $P {P} p"),
        ({"Fn::Sub": ["${N} ${B}", {"N": 5, "B": True}]}, "5 true"),
        ({"Fn::Join": ["-", ["a", {"Ref": "P"}, 1, True]]}, "a-p-1-true"),
        ({"Fn::Join": [",", {"Ref": "L"}]}, "a,b,c"),
        ({"Fn::Join": ["", []]}, ""),
        ({"Fn::Join": [",", [{"Ref": "AWS::NoValue"}, "a"]]}, "a"),
        ({"Fn::Split": ["|", "a||b"]}, ["a", "", "b"]),
        ({"Fn::Select": ["1", {"Fn::Split": [",", "a,b"]}]}, "b"),
        ({"Fn::Select": [2, {"Ref": "L"}]}, "c"),
        ({"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "x"]}, "y"),
        ({"Fn::FindInMap": ["M", "eu-west-1", "list"]}, ["1", "2"]),
        ({"Fn::Base64": {"Fn::Sub": "HelloWorld"}}, "SGVsbG9Xb3JsZA=="),  # change_set_fn_base64
        ({"Fn::GetAZs": ""}, ["eu-west-1a", "eu-west-1b", "eu-west-1c"]),
        ({"Fn::GetAZs": {"Ref": "AWS::Region"}}, ["eu-west-1a", "eu-west-1b", "eu-west-1c"]),
        ({"Fn::Cidr": ["10.0.0.0/16", 2, 8]}, ["10.0.0.0/24", "10.0.1.0/24"]),
        ({"Fn::Cidr": ["192.168.0.0/24", "3", "5"]}, ["192.168.0.0/27", "192.168.0.32/27", "192.168.0.64/27"]),
        ({"Fn::Cidr": ["fd00::/56", 1, 64]}, ["fd00::/64"]),
        ({"Fn::If": ["Yes", "a", "b"]}, "a"),
        ({"Fn::If": ["No", "a", {"Ref": "AWS::NoValue"}]}, None),
        ({"Fn::ImportValue": {"Fn::Sub": "net:vpc"}}, "vpc-1"),
        ("x-{{resolve:ssm:/a:1}}-y", "x-secret-y"),
        ({"Fn::Sub": ["{{resolve:ssm:/${X}:1}}", {"X": "a"}]}, "secret"),
        ({"Condition": "data, not a function"}, {"Condition": "data, not a function"}),
    ],
)
def test_value(stack, expression, value):
    assert stack.value(expression, KNOWN) == value


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (
            {"Ref": "Nope"},
            "Template format error: Unresolved resource dependencies [Nope] in the Resources block of the template",
        ),
        ({"Ref": ["P"]}, "Template error: every Ref object must have a single String value."),
        ({"Fn::GetAtt": ["Nope", "Arn"]}, "Template error: instance of Fn::GetAtt references undefined resource Nope"),
        (
            {"Fn::GetAtt": ["Q", "Nope"]},
            "Template error: resource Q does not support attribute type Nope in Fn::GetAtt",
        ),
        (
            {"Fn::GetAtt": ["Q"]},
            "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the "
            "resource attribute",
        ),
        (
            {"Fn::Sub": "${Nope.Arn}"},
            "Template error: instance of Fn::Sub references invalid resource attribute Nope.Arn",
        ),
        ({"Fn::Sub": "${L}"}, "Template error: variable L in Fn::Sub expression does not resolve to a string"),
        (
            {"Fn::Sub": "${a b}"},
            "Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, "
            "periods, and colons",
        ),
        (
            {"Fn::Sub": ["a"]},
            "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as "
            "first argument, and an optional second argument to specify a mapping of values to replace in the string",
        ),
        # change_set_fn_split::TestSplitValidations::test_validate_split_arguments_len
        (
            {"Fn::Split": ["a"]},
            "Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be "
            "split or a function that returns a string to be split.",
        ),
        # change_set_fn_split::TestChangeSetFnSplit::test_fn_split_with_get_att
        (
            {"Fn::Join": [",", "a"]},
            "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings "
            "to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.",
        ),
        (
            {"Fn::Join": [",", [["a"]]]},
            "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings "
            "to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.",
        ),
        ({"Fn::Select": [9, {"Ref": "L"}]}, "Template error: Fn::Select cannot select nonexistent value at index 9"),
        ({"Fn::Base64": ["a"]}, "Template error: every Fn::Base64 object must have a String-typed value."),
        (
            {"Fn::FindInMap": ["M", "a"]},
            "Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the attribute "
            "for return value",
        ),
        (
            {"Fn::FindInMap": ["M", "eu-west-1", "x", {"DefaultValue": "only with AWS::LanguageExtensions"}]},
            "Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the attribute "
            "for return value",
        ),
        (
            {"Fn::FindInMap": ["Nope", "a", "b"]},
            "Template error: Mapping named 'Nope' is not present in the 'Mappings' section of template.",
        ),
        # mappings::TestCloudFormationMappings::test_async_mapping_error_second_level_v2
        (
            {"Fn::FindInMap": ["M", "eu-west-1", "NotValid"]},
            "Template error: Unable to get mapping for M::eu-west-1::NotValid",
        ),
        ({"Fn::If": ["Yes", "a"]}, "Template error: Fn::If requires a list argument with three elements"),
        ({"Fn::If": ["Nope", "a", "b"]}, "Template error: unresolved condition dependency Nope in Fn::If"),
        (
            {"Fn::ImportValue": {"Ref": "Q"}},
            "Template error: the attribute in Fn::ImportValue must not depend on any resources, imported values, or Fn::GetAZs",
        ),
        ("{{resolve:ssm:/a:x}}", "Incorrect format is used in the following SSM reference: [{{resolve:ssm:/a:x}}]"),
    ],
)
def test_error(stack, expression, message):
    known = Known() if "ImportValue" in str(expression) else KNOWN
    assert stack.value_error(expression, known) == message


@pytest.mark.parametrize("argument", [[9, ["a"]], ["one", ["a"]], [0, "a"], [True, ["a"]], [0]])
def test_select_is_checked_as_written(stack, argument):
    """change_set_fn_select::TestChangeSetFnSelect::test_invalid_select_index_type[*]"""
    text = "Template error: Fn::Select requires a list argument with two elements: an integer index and a list"
    assert stack.value_error({"Fn::Select": argument}) == text


@pytest.mark.parametrize("name", ["Fn::Nope", "Fn::Length", "Fn::ToJsonString"])
def test_unsupported_function(stack, name):
    message = stack.value_error({name: ["a"]})
    assert message.startswith(
        f"Template error: Encountered unsupported function: {name} Supported functions are: [Fn::Base64, "
    )


@pytest.mark.parametrize(
    ("expression", "need"),
    [
        ({"Ref": "Q"}, Need("Ref", "Q")),
        ({"Fn::Join": ["", ["a", {"Ref": "Q"}]]}, Need("Ref", "Q")),
        ({"Fn::Select": [0, {"Fn::Split": ["/", {"Fn::GetAtt": ["Q", "Arn"]}]}]}, Need("GetAtt", "Q.Arn")),
        ({"Fn::Sub": "${Q.Arn}"}, Need("GetAtt", "Q.Arn")),
        ({"Fn::ImportValue": "x"}, Need("Export", "x")),
    ],
)
def test_what_is_not_known_is_unknown_and_named(stack, expression, need):
    """change_set_fn_split::…::test_fn_split_with_get_att shows the whole value as KNOWN_AFTER_APPLY."""
    resources = {
        "Q": {"Type": "AWS::SQS::Queue"},
        "T": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": expression}},
    }
    resolved = stack.bind({"Resources": resources}).properties("T", Known())
    assert resolved.value == {"TopicName": UNKNOWN}
    assert resolved.missing == {need}


def test_select_does_not_wait_for_items_it_leaves(stack):
    assert stack.value({"Fn::Select": [1, [{"Ref": "Q"}, "b"]]}) == "b"


def test_a_dynamic_reference_that_is_not_known_stays(stack):
    resources = {"T": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "{{resolve:ssm:/b}}"}}}
    bound = stack.bind({"Resources": resources})
    resolved = bound.properties("T", Known())
    assert (resolved.value, resolved.missing) == (
        {"TopicName": "{{resolve:ssm:/b}}"},
        {Need("Dynamic", "{{resolve:ssm:/b}}")},
    )
    [reference] = bound.needs().dynamic
    assert (reference.service, reference.name, reference.version) == ("ssm", "/b", None)


def test_secret_references(stack):
    arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-1"
    for text, expected in {
        "{{resolve:secretsmanager:db}}": ("db", None, None, None),
        "{{resolve:secretsmanager:db:SecretString:password}}": ("db", "password", None, None),
        "{{resolve:secretsmanager:db:SecretString:password:AWSPREVIOUS}}": ("db", "password", "AWSPREVIOUS", None),
        f"{{{{resolve:secretsmanager:{arn}:SecretString:user::v1}}}}": (arn, "user", None, "v1"),
    }.items():
        resources = {"T": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": f"a{text}b"}}}
        [found] = stack.bind({"Resources": resources}).needs().dynamic
        assert (found.name, found.json_key, found.stage, found.version) == expected
        assert found.text == text
    assert found.pick('{"user": "u"}') == "u"


def test_secure_references_only_where_allowed(stack):
    def properties(kind: str, value: dict) -> dict:
        return stack.bind({"Resources": {"A": {"Type": kind, "Properties": value}}}).properties("A", Known()).value

    reference = "{{resolve:ssm-secure:/p:1}}"
    assert properties("AWS::RDS::DBInstance", {"MasterUserPassword": reference}) == {"MasterUserPassword": reference}
    with pytest.raises(
        Exception, match=r"SSM Secure reference is not supported in: \[AWS::SNS::Topic/Properties/TopicName\]"
    ):
        properties("AWS::SNS::Topic", {"TopicName": reference})


@given(st.text(max_size=20), st.text("-|,", min_size=1, max_size=1))
def test_join_undoes_split(text, delimiter):
    from undercast.engines.templates.evaluation import Context, Evaluator  # noqa: PLC0415  # only this test goes below
    from undercast.engines.templates.pseudo import Pseudo  # noqa: PLC0415

    context = Context(Pseudo("1", "r", "s", "n"), {}, {}, lambda name: True)
    expression = {"Fn::Join": [delimiter, {"Fn::Split": [delimiter, text]}]}
    assert Evaluator(context, Known()).raw(expression) == text


@given(st.recursive(st.text(max_size=5), lambda inner: st.one_of(st.lists(inner, max_size=3)), max_leaves=8))
def test_resolving_is_idempotent(value):
    from undercast.engines.templates.evaluation import Context, Evaluator  # noqa: PLC0415  # as above
    from undercast.engines.templates.pseudo import Pseudo  # noqa: PLC0415

    context = Context(Pseudo("1", "r", "s", "n"), {}, {}, lambda name: True)
    once = Evaluator(context, KNOWN).value({"a": value, "b": {"Ref": "AWS::Region"}})
    assert Evaluator(context, KNOWN).value(once) == once
