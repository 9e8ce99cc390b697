"""Root elements of XML answers, which botocore's model leaves out because its parser ignores them.

Source: the response syntax in the S3 API reference; elsewhere the root is the name of the output's shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

S3 = {
    "CompleteMultipartUpload": "CompleteMultipartUploadResult",
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "CreateSession": "CreateSessionResult",
    "DeleteObjects": "DeleteResult",
    "GetBucketAccelerateConfiguration": "AccelerateConfiguration",
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketCors": "CORSConfiguration",
    "GetBucketLifecycle": "LifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLocation": "LocationConstraint",
    "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketNotification": "NotificationConfiguration",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
    "GetBucketRequestPayment": "RequestPaymentConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketWebsite": "WebsiteConfiguration",
    "GetObjectAcl": "AccessControlPolicy",
    "GetObjectAttributes": "GetObjectAttributesResponse",
    "GetObjectTagging": "Tagging",
    "ListBucketAnalyticsConfigurations": "ListBucketAnalyticsConfigurationResult",
    "ListBucketIntelligentTieringConfigurations": "ListBucketIntelligentTieringConfigurationsResult",
    "ListBucketInventoryConfigurations": "ListInventoryConfigurationsResult",
    "ListBucketMetricsConfigurations": "ListMetricsConfigurationsResult",
    "ListBuckets": "ListAllMyBucketsResult",
    "ListDirectoryBuckets": "ListAllMyDirectoryBucketsResult",
    "ListMultipartUploads": "ListMultipartUploadsResult",
    "ListObjectVersions": "ListVersionsResult",
    "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult",
    "ListParts": "ListPartsResult",
}
# Payloads whose element is not called like the member.
S3_PAYLOADS = {
    "ObjectLockLegalHold": "LegalHold",
    "ObjectLockRetention": "Retention",
}
UNWRAPPED = {("s3", "GetBucketLocation")}


def root(service: str, operation: str, shape: str) -> str:
    return S3.get(operation, shape) if service == "s3" else shape


def payload(service: str, name: str, shape: str) -> str:
    return S3_PAYLOADS.get(shape, name) if service == "s3" else name


def namespace(raw: Mapping[str, Any]) -> str:
    """The namespace without a prefix that the model uses first."""
    declared = raw["metadata"].get("xmlNamespace")
    if declared:
        return str(declared)
    inputs = (operation.get("input", {}) for operation in raw["operations"].values())
    members = (member for shape in raw["shapes"].values() for member in shape.get("members", {}).values())
    for reference in (*inputs, *members):
        found = reference.get("xmlNamespace")
        if found and not found.get("prefix"):
            return str(found["uri"])
    return ""
