"""botocore as the other end of the wire: it writes requests for us to read and reads the answers that we write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import HeadersDict, create_request_object, prepare_request_dict
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from undercast.kit.http import Request, Response
from undercast.wire import awsquery_names

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SERVICES = [
    "sqs",
    "sns",
    "lambda",
    "logs",
    "iam",
    "sts",
    "apigateway",
    "apigatewayv2",
    "apigatewaymanagementapi",
    "s3",
    "cloudformation",
    "cloudcontrol",
    "ssm",
    "secretsmanager",
    "kms",
    "dynamodb",
    "dynamodbstreams",
    "kinesis",
    "firehose",
    "events",
    "pipes",
    "scheduler",
    "schemas",
    "stepfunctions",
    "cloudwatch",
    "xray",
    "cloudtrail",
    "config",
    "ce",
    "cur",
    "appsync",
    "elbv2",
    "cloudfront",
    "wafv2",
    "ecs",
    "ecr",
    "rds",
    "rds-data",
    "elasticache",
    "kafka",
    "mq",
    "mwaa",
    "servicediscovery",
    "route53",
    "vpc-lattice",
    "appconfig",
    "appconfigdata",
    "cognito-idp",
    "cognito-identity",
    "acm",
    "athena",
    "opensearch",
    "redshift-data",
]


@cache
def model(service: str, protocol: str) -> ServiceModel:
    """botocore's model; for a query protocol that it has dropped, with the names of that protocol put back."""
    raw = Loader().load_service_model(service, "service-2")
    metadata = raw["metadata"]
    if protocol == "query" and "query" not in metadata.get("protocols", [metadata["protocol"]]):
        shapes = awsquery_names.with_names(service, awsquery_names.with_errors(service, raw["shapes"]))
        operations = {
            name: {**o, "output": {**o["output"], "resultWrapper": name + "Result"}} if "output" in o else o
            for name, o in raw["operations"].items()
        }
        raw = {**raw, "shapes": shapes, "operations": operations}
    return ServiceModel(raw, service)


def request(operation: OperationModel, protocol: str, params: dict[str, Any]) -> Request:
    """The request that botocore would send for these parameters (as ours: timestamps in milliseconds)."""
    serializer = create_serializer(protocol, include_validation=False)
    made = serializer.serialize_to_request(_dates(operation.input_shape, params), operation)
    made.pop("host_prefix", None)
    prepare_request_dict(made, endpoint_url="http://127.0.0.1:4566", context={})
    sent = create_request_object(made).prepare()
    url = urlsplit(sent.url)
    headers = {
        key.lower(): value.decode() if isinstance(value, bytes) else value for key, value in sent.headers.items()
    }
    body = sent.body or b""
    return Request(sent.method, url.path, url.query, headers, body.encode() if isinstance(body, str) else body)


def parse(response: Response, protocol: str, shape: Shape | None, name: str = "") -> dict[str, Any]:
    """What botocore makes of an answer, timestamps in milliseconds."""
    raw = shape is not None and shape.serialization.get("payload") in _blobs(shape)
    parsed = create_parser(protocol).parse(
        {
            "status_code": response.status,
            "headers": HeadersDict(response.headers),
            "body": _Stream(response.body) if raw else response.body,
            "context": {"operation_name": name},
        },
        shape,
    )
    if raw and shape is not None:
        parsed[shape.serialization["payload"]] = response.body
    return milliseconds(parsed)


class _Stream(bytearray):
    """A body that botocore hands on unread."""


def _blobs(shape: Shape) -> set[str]:
    return {name for name, member in shape.members.items() if member.type_name == "blob"}


def milliseconds(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value - EPOCH) // timedelta(milliseconds=1)
    if isinstance(value, dict):
        return {key: milliseconds(item) for key, item in value.items()}
    return [milliseconds(item) for item in value] if isinstance(value, list) else value


def _dates(shape: Shape | None, value: Any) -> Any:
    if shape is None or value is None:
        return value
    if shape.type_name == "timestamp":
        return EPOCH + timedelta(milliseconds=value)
    if shape.type_name == "structure" and not shape.is_document_type:
        return {key: _dates(shape.members[key], item) for key, item in value.items()}
    if shape.type_name == "list":
        return [_dates(shape.member, item) for item in value]
    if shape.type_name == "map":
        return {key: _dates(shape.value, item) for key, item in value.items()}
    return value
