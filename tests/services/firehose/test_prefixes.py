"""Prefixes and their dates, without a platform."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.services.firehose.java_dates import InvalidPattern, format_date
from undercast.services.firehose.model import Stream
from undercast.services.firehose.prefixes import Facts, MissingKey, object_key

AT = datetime(2018, 8, 27, 10, 5, 9, 123_000, tzinfo=UTC)
FACTS = Facts(int(AT.timestamp() * 1000), "5abf82daaa5")
FAILED = replace(FACTS, error_type="processing-failed")
BUCKET = {"CompressionFormat": "UNCOMPRESSED"}
STREAM = Stream("1", "r", "stream", 1, "DirectPut", 3, 0, 0, {}, "ExtendedS3", BUCKET, {}, {})
END = "stream-3-2018-08-27-10-05-09-id"


def key(facts=FACTS, **settings):
    return object_key(STREAM, {**BUCKET, **settings}, facts, "id")


# The examples of https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
@pytest.mark.parametrize(
    ("settings", "good", "failed"),
    [
        ({}, "2018/08/27/10/", "processing-failed/2018/08/27/10/"),
        ({"Prefix": "mine/"}, "mine/2018/08/27/10/", "mine/processing-failed/2018/08/27/10/"),
        ({"Prefix": "mine/", "ErrorOutputPrefix": "bad/"}, "mine/2018/08/27/10/", "bad/processing-failed/2018/08/27/10/"),
        (
            {
                "Prefix": "myFirehose/DeliveredYear=!{timestamp:yyyy}/anyMonth/rand=!{firehose:random-string}",
                "ErrorOutputPrefix": "myFirehoseFailures/!{firehose:error-output-type}/!{timestamp:yyyy}/anyMonth/!{timestamp:dd}",
            },
            "myFirehose/DeliveredYear=2018/anyMonth/rand=5abf82daaa5",
            "myFirehoseFailures/processing-failed/2018/anyMonth/27",
        ),
        (
            {"Prefix": "r=!{firehose:random-string}/", "ErrorOutputPrefix": "e/!{firehose:error-output-type}/"},
            "r=5abf82daaa5/2018/08/27/10/",
            "e/processing-failed/",
        ),
        (
            {"Prefix": "!{timestamp:yyyy'-'MM'-'dd}/", "ErrorOutputPrefix": "!{firehose:error-output-type}"},
            "2018-08-27/",
            "processing-failed",
        ),
    ],
)  # fmt: skip
def test_prefixes(settings, good, failed):
    assert key(**settings) == good + END
    assert key(FAILED, **settings) == failed + END


def test_time_zone_moves_prefix_and_name():
    assert key(CustomTimeZone="Asia/Tokyo") == "2018/08/27/19/stream-3-2018-08-27-19-05-09-id"


def test_keys():
    facts = replace(FACTS, query_keys={"a": "1"}, lambda_keys={"b": "2"})
    prefix = "!{partitionKeyFromQuery:a}/!{partitionKeyFromLambda:b}/"
    assert key(facts, Prefix=prefix) == f"1/2/{END}"
    with pytest.raises(MissingKey):
        key(FACTS, Prefix=prefix)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("yyyy/MM/dd/HH/mm/ss/SSS", "2018/08/27/10/05/09/123"),
        ("yy M d H m s", "18 8 27 10 5 9"),
        ("EEE EEEE MMM MMMM a h", "Mon Monday Aug August AM 10"),
        ("DDD", "239"),
        ("'it''s' yyyy", "it's 2018"),
        ("Q QQQ", "3 Q3"),
        ("X XXX Z", "Z Z +0000"),
    ],
)
def test_java_patterns(pattern, text):
    assert format_date(pattern, AT) == text


def test_offsets():
    at = AT.astimezone(ZoneInfo("Asia/Kolkata"))
    assert format_date("X XX XXX xxx Z VV", at) == "+0530 +0530 +05:30 +05:30 +0530 Asia/Kolkata"


@pytest.mark.parametrize("pattern", ["bb", "yyyy{", "j"])
def test_what_is_no_pattern(pattern):
    with pytest.raises(InvalidPattern):
        format_date(pattern, AT)


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1)))
def test_default_prefix_reads_back(at):
    text = format_date("yyyy/MM/dd/HH/mm/ss", at)
    assert datetime.strptime(text, "%Y/%m/%d/%H/%M/%S") == at.replace(microsecond=0)
