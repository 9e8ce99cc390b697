"""IAM policies: what AWS refuses, and what policies decide."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.engines import policies
from undercast.engines.policies import Effect, Principal, Request

QUEUE = "arn:aws:sqs:eu-west-1:111111111111:orders"
ANN = Principal("111111111111", ("arn:aws:iam::111111111111:user/ann",))
OTHER = Principal("222222222222", ("arn:aws:iam::222222222222:role/other",))


def document(*statements: dict[str, Any], version: str | None = "2012-10-17") -> str:
    return json.dumps({**({"Version": version} if version else {}), "Statement": list(statements)})


def statement(**members: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "sqs:*", "Resource": "*", **members}


def without(entry: dict[str, Any], *members: str) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in members}


TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("malformed", "trust", "This policy contains invalid Json"),  # recorded
        ("malformed", "identity", "Syntax errors in policy."),
        ("[]", "identity", "Syntax errors in policy."),
        ("[" * 9999, "identity", "Syntax errors in policy."),
        (document(statement(), version=None), "identity", "Policy document must be version 2012-10-17 or greater."),
        (document(statement(), version="2020-01-01"), "identity", "Syntax errors in policy."),
        (document(), "identity", "Syntax errors in policy."),
        ('{"Version": "2012-10-17"}', "identity", "Syntax errors in policy."),
        (document(statement(Principal="*")), "identity", "Policy document should not specify a principal."),
        (document(without(statement(), "Action")), "identity", "Policy statement must contain actions."),
        (document(without(statement(), "Resource")), "identity", "Policy statement must contain resources."),
        (document(statement(Resource=[])), "identity", "Policy statement must contain resources."),
        (document(without(statement(), "Effect")), "identity", "Syntax errors in policy."),
        (document(statement(Effect="allow")), "identity", "Syntax errors in policy."),
        (document(statement(NotAction="s3:*")), "identity", "Syntax errors in policy."),
        (document(statement(Foo=1)), "identity", "Syntax errors in policy."),
        (document(statement(Action="SendMessage")), "identity",
         "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
        (document(statement(Action="a b:x")), "identity", "Vendor a b is not valid"),
        (document(statement(Resource="orders")), "identity", 'Resource orders must be in ARN format or "*".'),
        (document(statement(Resource="arn:x:sqs:::q")), "identity", 'Partition "x" is not valid for resource "arn:x:sqs:::q".'),
        (document(statement(Sid="a-b")), "identity",
         "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"),
        (document(statement(Sid="a"), statement(Sid="a")), "identity", "Statement IDs (SID) in a single policy must be unique."),
        (document(statement(Condition={"Foo": {"a:b": "c"}})), "identity", "Syntax errors in policy."),
        (document({**TRUST, "Resource": "*"}), "trust", "Has prohibited field Resource"),
        (document(without(TRUST, "Principal")), "trust", "Missing required field Principal"),
        (document({**TRUST, "Action": "sqs:*"}), "trust", "AssumeRole policy may only specify STS AssumeRole actions."),
        (document({**TRUST, "Principal": {"AWS": "nobody"}}), "trust", 'Invalid principal in policy: "AWS":"nobody"'),
        (document(statement()), "resource", "Missing required field Principal"),
    ],
)  # fmt: skip
def test_malformed(text: str, kind: policies.Kind, message: str) -> None:
    with pytest.raises(policies.MalformedPolicy) as caught:
        policies.parse(text, kind)
    assert str(caught.value) == message


def test_parsed() -> None:
    policy = policies.parse(
        document({**TRUST, "Condition": {"ForAnyValue:StringLikeIfExists": {"aws:TagKeys": ["a*", True]}}}), "trust"
    )
    assert policy.statements[0].principals == {"Service": ("lambda.amazonaws.com",)}
    assert policy.statements[0].actions == ("sts:AssumeRole",)
    assert policy.statements[0].conditions == (
        policies.Condition("StringLike", "aws:TagKeys", ("a*", "true"), "ForAnyValue", True),
    )


def decide(*entries: dict[str, Any], kind: policies.Kind = "identity", **request: Any) -> Effect:
    asked = Request(**{"action": "sqs:SendMessage", "resource": QUEUE, "principal": ANN, **request})
    return policies.evaluate([policies.parse(document(*entries), kind)], asked).effect


@pytest.mark.parametrize(
    ("entry", "allowed"),
    [
        (statement(), True),
        (statement(Action="sqs:sendmessage"), True),
        (statement(Action="sqs:Send*"), True),
        (statement(Action="sqs:SendMessag?"), True),
        (statement(Action=["s3:*", "sqs:Receive*"]), False),
        (without(statement(NotAction="sqs:Delete*"), "Action"), True),
        (without(statement(NotAction="sqs:*"), "Action"), False),
        (statement(Resource="arn:aws:sqs:*:111111111111:ord*"), True),
        (statement(Resource=QUEUE + "-dlq"), False),
        (statement(Resource=QUEUE.upper().replace("ARN:AWS", "arn:aws")), False),
        (without(statement(NotResource=QUEUE), "Resource"), False),
        (statement(Resource="arn:aws:sqs:*:*:${aws:username}"), False),
        (statement(Resource="arn:aws:sqs:*:*:${queue}"), True),
        (statement(Resource="arn:aws:sqs:*:*:${nope, 'orders'}"), True),
    ],
)
def test_actions_and_resources(entry: dict[str, Any], allowed: bool) -> None:
    assert (decide(entry, context={"queue": "orders", "aws:username": "ann"}) is Effect.ALLOWED) is allowed


def test_a_deny_wins_and_nothing_is_a_deny() -> None:
    assert decide(statement(), statement(Effect="Deny")) is Effect.EXPLICIT_DENY
    assert decide(statement(Action="s3:*")) is Effect.IMPLICIT_DENY


@pytest.mark.parametrize(
    ("operator", "key", "values", "holds"),
    [
        ("StringEquals", "K", ["a", "b"], True),
        ("StringEquals", "k", "A", False),
        ("StringEqualsIgnoreCase", "k", "A", True),
        ("StringNotEquals", "k", ["a", "b"], False),
        ("StringNotEquals", "missing", "a", True),
        ("StringEquals", "missing", "a", False),
        ("StringEqualsIfExists", "missing", "a", True),
        ("StringLike", "path", "home/*/x", True),
        ("StringLike", "path", "home/${user}/x", True),
        ("StringLike", "path", "home/${star}/x", False),
        ("StringNotLike", "path", "home/*", False),
        ("NumericLessThan", "n", "11", True),
        ("NumericGreaterThanEquals", "n", 10, True),
        ("NumericNotEquals", "n", "10.0", False),
        ("NumericEquals", "k", "1", False),
        ("DateLessThan", "when", "2026-01-01T00:00:00Z", True),
        ("DateGreaterThan", "when", "2026-01-01T00:00:00Z", False),
        ("Bool", "flag", True, True),
        ("Bool", "flag", "false", False),
        ("IpAddress", "ip", "10.0.0.0/8", True),
        ("NotIpAddress", "ip", ["10.0.0.0/8", "1.1.1.1"], False),
        ("ArnLike", "arn", "arn:aws:sns:*:1*:top*", True),
        ("ArnLike", "arn", "arn:aws:sns:*:topic", False),
        ("ArnNotEquals", "arn", "arn:aws:sns:eu-west-1:111111111111:topic", False),
        ("Null", "missing", "true", True),
        ("Null", "k", "true", False),
        ("ForAllValues:StringEquals", "tags", ["x", "y", "z"], True),
        ("ForAllValues:StringEquals", "tags", ["x"], False),
        ("ForAllValues:StringEquals", "missing", ["x"], True),
        ("ForAnyValue:StringEquals", "tags", ["x"], True),
        ("ForAnyValue:StringEquals", "missing", ["x"], False),
        ("ForAnyValue:StringNotEquals", "tags", ["x"], True),
        ("ForAllValues:StringNotLike", "tags", ["q*"], True),
    ],
)
def test_conditions(operator: str, key: str, values: Any, holds: bool) -> None:
    context = {
        "k": "a", "path": "home/ann/x", "user": "ann", "star": "*", "n": "10", "when": "2025-06-01T00:00:00Z", "flag": "true",
        "ip": "10.1.2.3", "arn": "arn:aws:sns:eu-west-1:111111111111:topic", "tags": ["x", "y"],
    }  # fmt: skip
    assert (decide(statement(Condition={operator: {key: values}}), context=context) is Effect.ALLOWED) is holds


def test_variables_are_text_in_old_policies() -> None:
    entry = statement(Principal="*", Condition={"StringEquals": {"k": "${user}"}})
    old = policies.parse(document(entry, version="2008-10-17"), "resource")
    assert policies.evaluate([old], Request("sqs:x", QUEUE, ANN, {"k": "${user}", "user": "ann"})).allowed


@pytest.mark.parametrize(
    ("principal", "asks", "allowed"),
    [
        ("*", ANN, True),
        ({"AWS": "*"}, OTHER, True),
        ({"AWS": "111111111111"}, ANN, True),
        ({"AWS": "arn:aws:iam::111111111111:root"}, OTHER, False),
        ({"AWS": ANN.arns[0]}, ANN, True),
        ({"Service": "sns.amazonaws.com"}, Principal(service="sns.amazonaws.com"), True),
        ({"Service": "sns.amazonaws.com"}, ANN, False),
        ({"AWS": "*"}, Principal(service="sns.amazonaws.com"), False),
    ],
)
def test_principals(principal: Any, asks: Principal, allowed: bool) -> None:
    assert (decide(statement(Principal=principal), kind="resource", principal=asks) is Effect.ALLOWED) is allowed
    opposite = without(statement(NotPrincipal=principal), "Principal")
    assert (decide(opposite, kind="resource", principal=asks) is Effect.ALLOWED) is not allowed


def authorized(
    identity: list[dict[str, Any]], resource: list[dict[str, Any]], asks: Principal = ANN, **more: Any
) -> Effect:
    own = [policies.parse(document(*identity))] if identity else []
    theirs = [policies.parse(document(*resource), "resource")] if resource else []
    return policies.authorize(Request("sqs:SendMessage", QUEUE, asks), own, theirs, **more).effect


def test_both_sides() -> None:
    account = statement(Principal={"AWS": "111111111111"})
    named = statement(Principal={"AWS": ANN.arns[0]})
    other = statement(Principal={"AWS": "222222222222"})
    assert authorized([statement()], []) is Effect.ALLOWED
    assert authorized([], [named]) is Effect.ALLOWED
    assert authorized([], [account]) is Effect.IMPLICIT_DENY  # it only lets the account decide
    assert authorized([statement()], [statement(Effect="Deny", Principal="*")]) is Effect.EXPLICIT_DENY
    assert authorized([statement()], [], OTHER, same_account=False) is Effect.IMPLICIT_DENY
    assert authorized([], [other], OTHER, same_account=False) is Effect.IMPLICIT_DENY
    assert authorized([statement()], [other], OTHER, same_account=False) is Effect.ALLOWED


def test_limits_must_allow_too() -> None:
    boundary = [policies.parse(document(statement(Action="s3:*")))]
    assert authorized([statement()], [], limits=[boundary]) is Effect.IMPLICIT_DENY
    assert authorized([statement()], [], limits=[[policies.parse(document(statement()))]]) is Effect.ALLOWED


WORDS = ["Version", "2012-10-17", "Statement", "Effect", "Allow", "Action", "Resource", "Principal", "AWS", "*", "sqs:*", "Condition",
         "StringEquals", "Sid", "arn:aws:s3:::b", "${aws:x}"]  # fmt: skip
HOSTILE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(WORDS) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
)
MEMBERS = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"])},
    optional=dict.fromkeys(("Action", "Resource", "Principal", "Condition", "Sid", "NotAction"), HOSTILE),
)


@given(HOSTILE | st.builds(lambda s: {"Version": "2012-10-17", "Statement": s}, st.lists(MEMBERS, max_size=2)),
       st.sampled_from(["identity", "resource", "trust"]), st.text())  # fmt: skip
def test_any_document_decides_or_is_malformed(value: object, kind: policies.Kind, resource: str) -> None:
    try:
        policy = policies.parse(json.dumps(value), kind)
    except policies.MalformedPolicy:
        return
    assert policies.evaluate([policy], Request("sqs:x", resource, ANN, {"aws:x": resource})).effect in Effect


@given(st.text(alphabet="ab*?", max_size=6), st.text(alphabet="ab", max_size=10))
def test_wildcards_agree_with_a_naive_matcher(wanted: str, value: str) -> None:
    def naive(rest: str, of: str) -> bool:
        if not rest:
            return not of
        if rest[0] == "*":
            return any(naive(rest[1:], of[at:]) for at in range(len(of) + 1))
        return bool(of) and rest[0] in ("?", of[0]) and naive(rest[1:], of[1:])

    assert (
        decide(statement(Condition={"StringLike": {"k": wanted}}), context={"k": value}) is Effect.ALLOWED
    ) is naive(wanted, value)
