"""The errors of S3, with the texts and extra members that S3 gives them."""

from __future__ import annotations

from undercast.kit.errors import ServiceError


class S3Error(ServiceError):
    """An error that S3's model does not list."""

    status = 400
    modelled = False


class NoSuchBucket(ServiceError):
    """The specified bucket does not exist"""

    status = 404


class NoSuchKey(ServiceError):
    """The specified key does not exist."""

    status = 404


class NoSuchVersion(S3Error):
    """The specified version does not exist."""

    status = 404


class NoSuchUpload(ServiceError):
    """The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."""

    status = 404


class BucketAlreadyExists(ServiceError):
    """The requested bucket name is not available. The bucket namespace is shared by all users of the system. \
Please select a different name and try again."""

    status = 409


class BucketAlreadyOwnedByYou(ServiceError):
    """Your previous request to create the named bucket succeeded and you already own it."""

    status = 409


class BucketNotEmpty(S3Error):
    """The bucket you tried to delete is not empty"""

    status = 409


class InvalidBucketName(S3Error):
    """The specified bucket is not valid."""


class InvalidLocationConstraint(S3Error):
    """The specified location-constraint is not valid"""


class IllegalLocationConstraintException(S3Error):
    """The location constraint is incompatible for the region specific endpoint this request was sent to."""


class InvalidBucketOwnerAWSAccountID(S3Error):
    """The value of the expected bucket owner parameter must be an AWS Account ID."""


class KMSError(S3Error):
    """KMS refused; the code is its own after "KMS."."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class InvalidEncryptionAlgorithmError(S3Error):
    """The encryption request that you specified is not valid. The valid value is AES256."""


class AccessDenied(S3Error):
    """Access Denied"""

    status = 403


class AccessForbidden(S3Error):
    """CORSResponse: This CORS request is not allowed."""

    status = 403


class AccessControlListNotSupported(S3Error):
    """The bucket does not allow ACLs"""


class MissingSecurityHeader(S3Error):
    """Your request was missing a required header"""


class UnexpectedContent(S3Error):
    """This request does not support content"""


class MalformedACLError(S3Error):
    """The XML you provided was not well-formed or did not validate against our published schema"""


class UnresolvableGrantByEmailAddress(S3Error):
    """The e-mail address you provided does not match any account on record."""


class InvalidBucketAclWithObjectOwnership(S3Error):
    """Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"""


class InvalidBucketAclWithBlockPublicAccessError(S3Error):
    """Bucket cannot have public ACLs set with BlockPublicAccess enabled"""


class InvalidArgument(S3Error):
    """Invalid Argument"""


class InvalidRequest(S3Error):
    """Invalid Request"""


class InvalidRange(S3Error):
    """The requested range is not satisfiable"""

    status = 416


class InvalidPartNumber(S3Error):
    """The requested partnumber is not satisfiable"""

    status = 416


class PreconditionFailed(S3Error):
    """At least one of the pre-conditions you specified did not hold"""

    status = 412


class ConditionalRequestConflict(S3Error):
    """The conditional request cannot succeed due to a conflicting operation against this resource."""

    status = 409


class OperationAborted(S3Error):
    """A conflicting conditional operation is currently in progress against this resource. Please try again."""

    status = 409


class NotModified(S3Error):
    """Not Modified"""

    status = 304


class NotImplemented(S3Error):
    """A header you provided implies functionality that is not implemented"""

    status = 501


class MethodNotAllowed(S3Error):
    """The specified method is not allowed against this resource."""

    status = 405


class MissingContentLength(S3Error):
    """You must provide the Content-Length HTTP header."""

    status = 411


class IncompleteBody(S3Error):
    """The request body terminated unexpectedly"""


class EntityTooLarge(S3Error):
    """Your proposed upload exceeds the maximum allowed size"""


class EntityTooSmall(S3Error):
    """Your proposed upload is smaller than the minimum allowed size"""


class KeyTooLongError(S3Error):
    """Your key is too long"""


class MetadataTooLarge(S3Error):
    """Your metadata headers exceed the maximum allowed metadata size"""


class InvalidDigest(S3Error):
    """The Content-MD5 you specified was invalid."""


class BadDigest(S3Error):
    """The Content-MD5 you specified did not match what we received."""


class XAmzContentSHA256Mismatch(S3Error):
    """The provided 'x-amz-content-sha256' header does not match what was computed."""


class InvalidPart(S3Error):
    """One or more of the specified parts could not be found.  The part may not have been uploaded, \
or the specified entity tag may not match the part's entity tag."""


class InvalidPartOrder(S3Error):
    """The list of parts was not in ascending order. Parts must be ordered by part number."""


class MalformedPOSTRequest(S3Error):
    """The body of your POST request is not well-formed multipart/form-data."""


class InvalidPolicyDocument(S3Error):
    """The content of the form does not meet the conditions specified in the policy document."""


class SignatureDoesNotMatch(S3Error):
    """The request signature we calculated does not match the signature you provided. Check your key and signing \
method."""

    status = 403


class ExpiredToken(S3Error):
    """The provided token has expired."""


class MalformedXML(S3Error):
    """The XML you provided was not well-formed or did not validate against our published schema"""


class MalformedPolicy(S3Error):
    """Policies must be valid JSON and the first byte must be '{'"""


class IllegalVersioningConfigurationException(S3Error):
    """The Versioning element must be specified"""


class InvalidTag(S3Error):
    """The TagKey you have provided is invalid"""


class BadRequest(S3Error):
    """Bad Request"""


class InvalidStorageClass(S3Error):
    """The storage class you specified is not valid"""


class InvalidBucketState(S3Error):
    """The request is not valid with the current state of the bucket."""

    status = 409


class ObjectLockConfigurationNotFoundError(S3Error):
    """Object Lock configuration does not exist for this bucket"""

    status = 404


class NoSuchObjectLockConfiguration(S3Error):
    """The specified object does not have a ObjectLock configuration"""

    status = 404


class NoSuchTagSet(S3Error):
    """The TagSet does not exist"""

    status = 404


class NoSuchBucketPolicy(S3Error):
    """The bucket policy does not exist"""

    status = 404


class NoSuchCORSConfiguration(S3Error):
    """The CORS configuration does not exist"""

    status = 404


class NoSuchPublicAccessBlockConfiguration(S3Error):
    """The public access block configuration was not found"""

    status = 404


class OwnershipControlsNotFoundError(S3Error):
    """The bucket ownership controls were not found"""

    status = 404


class NoSuchLifecycleConfiguration(S3Error):
    """The lifecycle configuration does not exist"""

    status = 404


class NoSuchWebsiteConfiguration(S3Error):
    """The specified bucket does not have a website configuration"""

    status = 404


class InvalidTargetBucketForLogging(S3Error):
    """The target bucket for logging does not exist"""


class CrossLocationLoggingProhibitted(S3Error):
    """Cross S3 location logging not allowed."""

    status = 403


class NoSuchConfiguration(S3Error):
    """The specified configuration does not exist."""

    status = 404


class IdMismatch(S3Error):
    """Document ID does not match the specified configuration ID."""


class InvalidS3DestinationBucket(S3Error):
    """Invalid bucket ARN."""


class ReplicationConfigurationNotFoundError(S3Error):
    """The replication configuration was not found"""

    status = 404


class InvalidObjectState(ServiceError):
    """The operation is not valid for the object's storage class"""

    status = 403


class ObjectNotInActiveTierError(ServiceError):
    """The source object of the COPY action is not in the active tier and is only stored in Amazon S3 Glacier."""

    status = 403


class RestoreAlreadyInProgress(S3Error):
    """Object restore is already in progress"""

    status = 409


def invalid_argument(message: str, name: str, value: object) -> InvalidArgument:
    """InvalidArgument that names the argument and its value."""
    return InvalidArgument(message, ArgumentName=name, ArgumentValue=value)
