"""The errors of DynamoDB."""

from undercast.kit.errors import ServiceError


class ValidationException(ServiceError):
    """The request does not satisfy DynamoDB's rules."""

    status = 400
    modelled = False


class ResourceNotFoundException(ServiceError):
    """Requested resource not found"""


class ResourceInUseException(ServiceError):
    """The resource which you are attempting to change is in use."""


class TableNotFoundException(ServiceError):
    """Table not found"""


class LimitExceededException(ServiceError):
    """Too many operations for a given subscriber."""


class ConditionalCheckFailedException(ServiceError):
    """The conditional request failed"""


class ItemCollectionSizeLimitExceededException(ServiceError):
    """Collection size exceeded."""


class TransactionCanceledException(ServiceError):
    """Transaction cancelled, please refer cancellation reasons for specific reasons"""


class TransactionConflictException(ServiceError):
    """Transaction is ongoing for the item"""


class IdempotentParameterMismatchException(ServiceError):
    """Request parameters do not match those of the earlier request with this token."""


class ProvisionedThroughputExceededException(ServiceError):
    """The level of configured provisioned throughput for the table was exceeded. \
Consider increasing your provisioning level with the UpdateTable API."""


class ThrottlingException(ServiceError):
    """Throughput exceeds the maximum OnDemandThroughput configured on table or index."""


class DuplicateItemException(ServiceError):
    """Duplicate primary key exists in table"""


class TableAlreadyExistsException(ServiceError):
    """Table already exists"""


class TableInUseException(ServiceError):
    """A target table with the specified name is either being created or deleted."""


class BackupNotFoundException(ServiceError):
    """Backup not found"""


class BackupInUseException(ServiceError):
    """There is another ongoing conflicting backup control plane operation on the table."""


class ContinuousBackupsUnavailableException(ServiceError):
    """Backups have not yet been enabled for this table."""


class PointInTimeRecoveryUnavailableException(ServiceError):
    """Point in time recovery has not yet been enabled for this source table."""


class InvalidRestoreTimeException(ServiceError):
    """An invalid restore time was specified. RestoreDateTime must be between EarliestRestorableDateTime and \
LatestRestorableDateTime."""


class ExportNotFoundException(ServiceError):
    """The specified export was not found."""


class ExportConflictException(ServiceError):
    """There was a conflict when writing to the specified S3 bucket."""


class InvalidExportTimeException(ServiceError):
    """The specified ExportTime is outside of the point in time recovery window."""


class ImportNotFoundException(ServiceError):
    """The specified import was not found."""


class ImportConflictException(ServiceError):
    """There was a conflict when importing from the specified S3 source."""


class GlobalTableNotFoundException(ServiceError):
    """The specified global table does not exist."""


class GlobalTableAlreadyExistsException(ServiceError):
    """The specified global table already exists."""


class ReplicaAlreadyExistsException(ServiceError):
    """The specified replica is already part of the global table."""


class ReplicaNotFoundException(ServiceError):
    """The specified replica is no longer part of the global table."""


class PolicyNotFoundException(ServiceError):
    """The operation tried to access a nonexistent resource-based policy."""
