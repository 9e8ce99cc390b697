"""Names of the query protocol that a model no longer carries since its service moved to JSON.

Source: the SQS API reference's query examples and member names (API version 2012-11-05), and the awsQueryError codes
of the JSON answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Raw = Mapping[str, Mapping[str, Any]]

XMLNS = {"sqs": "http://queue.amazonaws.com/doc/2012-11-05/"}

# The element name of each flattened list.
LISTS = {
    "sqs": {
        "AWSAccountIdList": "AWSAccountId",
        "ActionNameList": "ActionName",
        "AttributeNameList": "AttributeName",
        "BatchResultErrorEntryList": "BatchResultErrorEntry",
        "BinaryList": "BinaryListValue",
        "ChangeMessageVisibilityBatchRequestEntryList": "ChangeMessageVisibilityBatchRequestEntry",
        "ChangeMessageVisibilityBatchResultEntryList": "ChangeMessageVisibilityBatchResultEntry",
        "DeleteMessageBatchRequestEntryList": "DeleteMessageBatchRequestEntry",
        "DeleteMessageBatchResultEntryList": "DeleteMessageBatchResultEntry",
        "ListMessageMoveTasksResultEntryList": "ListMessageMoveTasksResultEntry",
        "MessageAttributeNameList": "MessageAttributeName",
        "MessageList": "Message",
        "MessageSystemAttributeList": "MessageSystemAttributeName",
        "QueueUrlList": "QueueUrl",
        "SendMessageBatchRequestEntryList": "SendMessageBatchRequestEntry",
        "SendMessageBatchResultEntryList": "SendMessageBatchResultEntry",
        "StringList": "StringListValue",
        "TagKeyList": "TagKey",
    }
}
# The element name of each flattened map, of its keys and of its values.
MAPS = {
    "sqs": {
        "MessageBodyAttributeMap": ("MessageAttribute", "Name", "Value"),
        "MessageBodySystemAttributeMap": ("MessageSystemAttribute", "Name", "Value"),
        "MessageSystemAttributeMap": ("Attribute", "Name", "Value"),
        "QueueAttributeMap": ("Attribute", "Name", "Value"),
        "TagMap": ("Tag", "Key", "Value"),
    }
}
# Shape name -> code of the query protocol, status, for errors of which the model no longer says it.
PREFIX = "AWS.SimpleQueueService."
ERRORS: dict[str, dict[str, tuple[str, int]]] = {
    "sqs": {
        **{
            name: (PREFIX + name, 400)
            for name in (
                "BatchEntryIdsNotDistinct",
                "BatchRequestTooLong",
                "EmptyBatchRequest",
                "InvalidBatchEntryId",
                "MessageNotInflight",
                "QueueDeletedRecently",
                "TooManyEntriesInBatchRequest",
                "UnsupportedOperation",
            )
        },
        "PurgeQueueInProgress": (PREFIX + "PurgeQueueInProgress", 403),
        "QueueDoesNotExist": (PREFIX + "NonExistentQueue", 400),
        "QueueNameExists": ("QueueAlreadyExists", 400),
        "InvalidAddress": ("InvalidAddress", 404),
        "InvalidSecurity": ("InvalidSecurity", 403),
        "KmsAccessDenied": ("KMS.AccessDeniedException", 400),
        "KmsDisabled": ("KMS.DisabledException", 400),
        "KmsInvalidKeyUsage": ("KMS.InvalidKeyUsageException", 400),
        "KmsInvalidState": ("KMS.InvalidStateException", 400),
        "KmsNotFound": ("KMS.NotFoundException", 400),
        "KmsOptInRequired": ("KMS.OptInRequired", 403),
        "KmsThrottled": ("KMS.ThrottlingException", 400),
        "OverLimit": ("OverLimit", 403),
        "ReceiptHandleIsInvalid": ("ReceiptHandleIsInvalid", 404),
        "RequestThrottled": ("RequestThrottled", 403),
        "ResourceNotFoundException": ("ResourceNotFoundException", 404),
        # Not in the model, but what the service sends most often (seen in its recorded answers).
        "InvalidParameterValueException": ("InvalidParameterValue", 400),
        "MissingRequiredParameterException": ("MissingParameter", 400),
    }
}


def with_names(service: str, shapes: Raw) -> Raw:
    """The shapes of a model with the names of the query protocol put back."""
    lists, maps = LISTS.get(service, {}), MAPS.get(service, {})
    if not lists and not maps:
        return shapes
    return {name: _named(name, raw, lists, maps) for name, raw in shapes.items()}


def with_errors(service: str, shapes: Raw) -> Raw:
    """The shapes of a model with the codes and statuses of errors that it no longer says."""
    known = ERRORS.get(service)
    if not known:
        return shapes
    empty = {"type": "structure", "exception": True}
    return {**shapes} | {
        name: {**shapes.get(name, empty), "error": {"code": code, "httpStatusCode": status}}
        for name, (code, status) in known.items()
    }


def _named(
    name: str, raw: Mapping[str, Any], lists: Mapping[str, str], maps: Mapping[str, tuple[str, str, str]]
) -> Mapping[str, Any]:
    if name in lists:
        return {**raw, "flattened": True, "member": {**raw["member"], "locationName": lists[name]}}
    if name in maps:
        own, key, value = maps[name]
        renamed = {"key": {**raw["key"], "locationName": key}, "value": {**raw["value"], "locationName": value}}
        return {**raw, **renamed, "flattened": True, "locationName": own}
    return raw
