"""Rules without any I/O: routes, media types, buckets, periods, patches."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.engines.policies import Effect, MalformedPolicy
from undercast.services.apigateway import errors, patches
from undercast.services.apigateway.execute import media, policies
from undercast.services.apigateway.execute.aws import xml_as_json
from undercast.services.apigateway.execute.routing import Router
from undercast.services.apigateway.execute.throttling import Buckets, Limits, limits_of, settings_of
from undercast.services.apigateway.patches import EVERY, Entry, Field, Listed
from undercast.services.apigateway.plans import period_start

_SEGMENT = st.text("abc", min_size=1, max_size=3)


@given(st.lists(_SEGMENT, min_size=1, max_size=5))
def test_the_more_particular_route_wins(segments):
    path = "/" + "/".join(segments)
    everything = {"/{proxy+}": {"ANY": "greedy"}}
    assert Router(everything.items()).match("GET", path) == ("greedy", {"proxy": path[1:]})
    assert Router([*everything.items(), (path, {"GET": "static"})]).match("GET", path) == ("static", {})
    variable = "/".join([*path.split("/")[:-1], "{last}"])
    found = Router([*everything.items(), (variable, {"GET": "variable"})]).match("GET", path)
    assert found == ("variable", {"last": segments[-1]})


def test_a_named_method_wins_over_any_and_any_is_no_other_resource():
    router = Router([("/a", {"ANY": 1, "GET": 2}), ("/{x}", {"POST": 3})])
    assert (router.match("GET", "/a"), router.match("POST", "/a"), router.match("POST", "/b")) == (
        (2, {}),
        (1, {}),
        (3, {"x": "b"}),
    )
    assert router.match("GET", "/b") is None
    assert router.match("GET", "/") is None


@pytest.mark.parametrize(
    ("types", "found", "binary"),
    [
        ([], "image/png", False),
        (["image/png"], "image/png", True),
        (["image/*"], "image/png", True),
        (["*/*"], "", True),
        (["image/png"], "text/plain", False),
    ],
)
def test_binary_types(types, found, binary):
    assert (found in media.BinaryTypes(types)) is binary


@given(st.binary())
def test_binary_bodies_survive_both_conversions(body):
    text = media.request_body(body, "CONVERT_TO_TEXT", binary=True)
    assert media.request_body(text, "CONVERT_TO_BINARY", binary=False) == body
    assert media.response_body(text, None, binary=False, wanted=True) == body
    assert media.request_body(body, None, binary=True) == body


def test_what_is_no_base64_cannot_become_binary():
    with pytest.raises(media.NotBase64):
        media.request_body(b"\xff", "CONVERT_TO_BINARY", binary=False)


@given(st.lists(st.integers(0, 2000), max_size=50))
def test_a_bucket_lets_through_its_burst_and_its_rate(pauses):
    buckets, now, allowed = Buckets(), 0, 0
    for pause in pauses:
        now += pause
        allowed += buckets.take("key", Limits(2.0, 3), now)
    assert allowed <= 3 + now / 1000 * 2
    assert allowed >= min(len(pauses), 3)


def test_limits_of_a_method_are_its_own_or_those_of_all():
    settings = {
        "*/*": {"throttlingRateLimit": 1.0, "throttlingBurstLimit": 1},
        "~1pets~1{id}/GET": {"throttlingRateLimit": 2.0, "throttlingBurstLimit": 2},
        "off/GET": {"throttlingRateLimit": -1.0, "throttlingBurstLimit": -1},
    }
    assert limits_of(settings_of(settings, "/pets/{id}", "GET")) == Limits(2.0, 2)
    assert limits_of(settings_of(settings, "/pets", "GET")) == Limits(1.0, 1)
    assert limits_of(settings_of(settings, "/off", "GET")) is None
    assert limits_of(settings_of({}, "/pets", "GET")) is None


@pytest.mark.parametrize(
    ("period", "offset", "day", "start"),
    [
        ("DAY", 0, "2026-03-05", "2026-03-05"),
        ("WEEK", 0, "2026-03-05", "2026-03-01"),  # a Thursday; the Sunday before
        ("WEEK", 5, "2026-03-05", "2026-02-27"),
        ("MONTH", 0, "2026-03-05", "2026-03-01"),
        ("MONTH", 10, "2026-03-05", "2026-02-11"),
        ("MONTH", 3, "2026-03-05", "2026-03-04"),
    ],
)
def test_periods_of_quotas(period, offset, day, start):
    assert period_start({"period": period, "offset": offset}, day) == start


def test_patches():
    target = {"list": ["a"], "map": {"x/y": "1"}, "nothing": None}
    table = {"/name": Field(), "/list/*": Listed(ops=EVERY), "/map/*": Entry(), "/nothing/*": Listed()}

    def apply(op, path, value=None):
        patches.apply(target, [{"op": op, "path": path, "value": value}], table)

    apply("replace", "/name", "n")
    apply("add", "/list/b~1c")
    apply("replace", "/list/a", "z")
    apply("add", "/nothing/x")
    apply("replace", "/map/x~1y", "2")
    assert target == {"list": ["z", "b/c"], "map": {"x/y": "2"}, "nothing": ["x"], "name": "n"}
    apply("remove", "/map/x~1y")
    assert "map" not in target
    for op, path, error in (
        ("add", "/name", errors.BadRequestException),
        ("replace", "/other", errors.BadRequestException),
        ("remove", "/map/none", errors.NotFoundException),
        ("remove", "/list/none", errors.NotFoundException),
    ):
        with pytest.raises(error):
            apply(op, path, "v")
    with pytest.raises(errors.BadRequestException):
        patches.of({"patchOperations": [{"op": "add"}]})


_ARN = "arn:aws:execute-api:us-east-1:000000000000:api/stage/GET/pets/1"


@pytest.mark.parametrize(
    ("statements", "effect"),
    [
        ([("Allow", "*", "execute-api:Invoke")], Effect.ALLOWED),
        ([("Allow", _ARN.replace("GET/pets/1", "*/pets/?"), "execute-api:*")], Effect.ALLOWED),
        ([("Allow", "*", "*"), ("Deny", _ARN, "*")], Effect.EXPLICIT_DENY),
        ([("Allow", _ARN + "0", "*")], Effect.IMPLICIT_DENY),
        ([("Allow", "*", "s3:*")], Effect.IMPLICIT_DENY),
    ],
)
def test_policies_of_authorizers(statements, effect):
    document = {"Statement": [{"Effect": e, "Resource": r, "Action": a} for e, r, a in statements]}
    assert policies.by_authorizer(document, _ARN, "127.0.0.1") is effect


def test_conditions_of_policies_are_looked_at():
    condition = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    document = {"Statement": [{"Effect": "Allow", "Resource": "*", "Action": "*", "Condition": condition}]}
    assert policies.by_authorizer(document, _ARN, "10.1.1.1") is Effect.ALLOWED
    assert policies.by_authorizer(document, _ARN, "127.0.0.1") is Effect.IMPLICIT_DENY
    for wrong in (None, "x", {}, {"Statement": [{}]}):
        with pytest.raises(MalformedPolicy):
            policies.by_authorizer(wrong, _ARN, "127.0.0.1")


def test_xml_of_the_query_protocol_as_json():
    xml = b'<A xmlns="http://x/"><R><L><member>1</member><member>2</member></L><Q>3</Q><Q>4</Q><E/></R></A>'
    assert xml_as_json(xml) == b'{"A":{"R":{"L":["1","2"],"Q":["3","4"],"E":null}}}'
    assert xml_as_json(b"no xml") == b"no xml"
