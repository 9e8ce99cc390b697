"""A destination's settings: read from a request, completed with AWS's defaults, checked, merged and shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undercast.kit.errors import NotImplementedYet
from undercast.services.firehose import compression, prefixes, processing
from undercast.services.firehose.errors import InvalidArgumentException

_KINDS = ("ExtendedS3", "S3", "HttpEndpoint", "Amazonopensearchservice", "Elasticsearch", "Splunk")
_MISSING = ("Redshift", "AmazonOpenSearchServerless", "Snowflake", "Iceberg")
_RENAMED = {"S3Update": "S3Configuration", "S3BackupUpdate": "S3BackupConfiguration"}
_SHOWN = {"S3Configuration": "S3DestinationDescription", "S3BackupConfiguration": "S3BackupDescription"}
_PLAIN_S3 = (
    "RoleARN",
    "BucketARN",
    "Prefix",
    "ErrorOutputPrefix",
    "BufferingHints",
    "CompressionFormat",
    "EncryptionConfiguration",
    "CloudWatchLoggingOptions",
)
_HINTS = {"SizeInMBs": 5, "IntervalInSeconds": 300}
_SMALLEST_PARTITIONED_MB = 64


def read(request: Mapping[str, Any], ending: str) -> tuple[str, dict[str, Any]]:
    """Kind and members of the one destination in a request; `ending` is DestinationConfiguration or
    DestinationUpdate. InvalidArgumentException."""
    for kind in _MISSING:
        if request.get(f"{kind}{ending}") is not None:
            raise NotImplementedYet(f"Undercast's Firehose does not deliver to {kind} yet.")
    given = [(kind, request[f"{kind}{ending}"]) for kind in _KINDS if request.get(f"{kind}{ending}") is not None]
    if len(given) != 1:
        raise InvalidArgumentException("Exactly one destination configuration is supported for a Firehose")
    kind, members = given[0]
    renamed = {_RENAMED.get(name, name): value for name, value in members.items() if value is not None}
    return ("ExtendedS3" if kind == "S3" else kind), renamed


def complete(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with every default, checked. InvalidArgumentException, NotImplementedYet."""
    if kind == "ExtendedS3":
        settings = _extended(given)
    else:
        settings = {**_DEFAULTS[kind], **given}
        for name in ("BufferingHints", "RetryOptions"):
            settings[name] = {**_DEFAULTS[kind][name], **(given.get(name) or {})}
        if "S3Configuration" not in settings:
            raise InvalidArgumentException("S3Configuration must be specified.")
        settings["S3Configuration"] = _bucket(settings["S3Configuration"], partitioned=False)
        settings["CloudWatchLoggingOptions"] = given.get("CloudWatchLoggingOptions") or {"Enabled": False}
        _CHECKS[kind](settings)
    processing.check(kind, settings)
    return settings


def merge(kind: str, settings: Mapping[str, Any], update: Mapping[str, Any]) -> dict[str, Any]:
    """Settings after an update of the same kind: what is given replaces what is there. InvalidArgumentException."""
    if kind == "ExtendedS3" and _partitions(update) != _partitions(settings) and update.get(_DYNAMIC) is not None:
        raise InvalidArgumentException("Dynamic Partitioning cannot be enabled or disabled on an existing stream.")
    merged = {**settings, **update}
    for name in _SHOWN:
        if name in update and name in settings:
            merged[name] = {**settings[name], **{key: one for key, one in update[name].items() if one is not None}}
    return complete(kind, merged)


def describe(kind: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The description of a destination, by the name that the model gives it. Secrets stay away."""
    shown = {_SHOWN.get(name, name): value for name, value in settings.items()}
    if kind == "HttpEndpoint":
        endpoint = settings["EndpointConfiguration"]
        shown["EndpointConfiguration"] = {name: endpoint[name] for name in ("Url", "Name") if endpoint.get(name)}
    described: dict[str, Any] = {f"{kind}DestinationDescription": shown}
    if kind == "ExtendedS3":
        described["S3DestinationDescription"] = {name: settings[name] for name in _PLAIN_S3 if name in settings}
    return described


_DYNAMIC = "DynamicPartitioningConfiguration"


def _partitions(settings: Mapping[str, Any]) -> bool:
    return bool((settings.get(_DYNAMIC) or {}).get("Enabled"))


def _extended(given: Mapping[str, Any]) -> dict[str, Any]:
    partitioned = _partitions(given)
    settings = _bucket(given, partitioned=partitioned)
    settings.setdefault("S3BackupMode", "Disabled")
    if settings["S3BackupMode"] == "Enabled" and not settings.get("S3BackupConfiguration"):
        raise InvalidArgumentException("S3BackupConfiguration must be specified when S3BackupMode is Enabled.")
    if settings.get("S3BackupConfiguration"):
        settings["S3BackupConfiguration"] = _bucket(settings["S3BackupConfiguration"], partitioned=False)
    if partitioned and settings["BufferingHints"]["SizeInMBs"] < _SMALLEST_PARTITIONED_MB:
        raise InvalidArgumentException(
            "BufferingHints.SizeInMBs must be at least 64 when Dynamic Partitioning is enabled."
        )
    return settings


def _bucket(given: Mapping[str, Any], *, partitioned: bool) -> dict[str, Any]:
    """S3 settings with their defaults."""
    settings = {name: value for name, value in given.items() if value is not None}
    for name in ("RoleARN", "BucketARN"):
        if name not in settings:
            raise InvalidArgumentException(f"{name} must be specified.")
    size = _SMALLEST_PARTITIONED_MB if partitioned else _HINTS["SizeInMBs"]
    settings["BufferingHints"] = {**_HINTS, "SizeInMBs": size, **(given.get("BufferingHints") or {})}
    settings.setdefault("CompressionFormat", "UNCOMPRESSED")
    settings.setdefault("EncryptionConfiguration", {"NoEncryptionConfig": "NoEncryption"})
    settings.setdefault("CloudWatchLoggingOptions", {"Enabled": False})
    compression.check(settings["CompressionFormat"])
    prefixes.check(settings, partitioned=partitioned)
    return settings


def _check_endpoint(settings: dict[str, Any]) -> None:
    endpoint = settings.get("EndpointConfiguration") or {}
    if not endpoint.get("Url"):
        raise InvalidArgumentException("EndpointConfiguration must be specified.")
    settings["RequestConfiguration"] = {
        "ContentEncoding": "NONE",
        "CommonAttributes": [],
        **(settings.get("RequestConfiguration") or {}),
    }
    _check_secret(settings)


def _check_search(settings: dict[str, Any]) -> None:
    for name in ("VpcConfiguration", "DomainARN"):
        if settings.get(name):
            raise NotImplementedYet(f"Undercast's Firehose does not have {name} yet: give a ClusterEndpoint.")
    if not settings.get("ClusterEndpoint"):
        raise InvalidArgumentException("Exactly one of DomainARN and ClusterEndpoint must be specified.")
    if not settings.get("IndexName"):
        raise InvalidArgumentException("IndexName must be specified.")


def _check_collector(settings: dict[str, Any]) -> None:
    _check_secret(settings)
    if not settings.get("HECEndpoint", "").startswith(("https://", "http://")):
        raise InvalidArgumentException("HECEndpoint must be a URL.")
    if not settings.get("HECToken") and not (settings.get("SecretsManagerConfiguration") or {}).get("Enabled"):
        raise InvalidArgumentException("HECToken must be specified.")


def _check_secret(settings: dict[str, Any]) -> None:
    secret = settings.get("SecretsManagerConfiguration") or {}
    if secret.get("Enabled") and not secret.get("SecretARN"):
        raise InvalidArgumentException("SecretARN must be specified when SecretsManagerConfiguration is enabled.")


_SEARCH = {
    "BufferingHints": _HINTS,
    "RetryOptions": {"DurationInSeconds": 300},
    "IndexRotationPeriod": "OneDay",
    "S3BackupMode": "FailedDocumentsOnly",
    "DocumentIdOptions": {"DefaultDocumentIdFormat": "FIREHOSE_DEFAULT"},
}
_DEFAULTS: dict[str, dict[str, Any]] = {
    "HttpEndpoint": {
        "BufferingHints": _HINTS,
        "RetryOptions": {"DurationInSeconds": 300},
        "S3BackupMode": "FailedDataOnly",
    },
    "Splunk": {
        "BufferingHints": {"SizeInMBs": 5, "IntervalInSeconds": 60},
        "HECAcknowledgmentTimeoutInSeconds": 180,
        "RetryOptions": {"DurationInSeconds": 300},
        "S3BackupMode": "FailedEventsOnly",
    },
    "Amazonopensearchservice": _SEARCH,
    "Elasticsearch": _SEARCH,
}
_CHECKS = {
    "HttpEndpoint": _check_endpoint,
    "Amazonopensearchservice": _check_search,
    "Elasticsearch": _check_search,
    "Splunk": _check_collector,
}
