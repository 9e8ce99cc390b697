"""The same on PostgreSQL: what touches every statement of the storage."""

from __future__ import annotations

import pytest

from tests.services.s3.test_buckets import (
    test_name_is_taken_in_all_accounts,
    test_only_an_empty_bucket_can_be_deleted,
    test_versioning,
)
from tests.services.s3.test_objects import (
    test_covered_version_returns_when_the_marker_goes,
    test_file_goes_with_the_last_object_that_shares_it,
    test_object_comes_back_as_it_was_put,
    test_range_across_parts,
    test_refused_and_aborted_uploads_leave_no_files,
    test_suspended_bucket_has_one_null_version,
    test_versions_by_page,
)
from tests.services.s3.test_recorded_copies import test_in_place_among_versions, test_special_characters
from tests.services.s3.test_recorded_listings import (
    test_buckets_by_page,
    test_uploads_by_page,
    test_v2_with_prefix_and_delimiter,
    test_versions_with_prefix,
)
from tests.services.s3.test_recorded_objects import test_delete_many_versions, test_versions_and_delete_markers
from tests.services.s3.test_recorded_uploads import (
    begin,
    test_a_whole_upload,
    test_if_none_match_with_a_delete_between,
    test_parts_by_page,
)

__all__ = [
    "begin",
    "test_a_whole_upload",
    "test_buckets_by_page",
    "test_covered_version_returns_when_the_marker_goes",
    "test_delete_many_versions",
    "test_file_goes_with_the_last_object_that_shares_it",
    "test_if_none_match_with_a_delete_between",
    "test_in_place_among_versions",
    "test_name_is_taken_in_all_accounts",
    "test_object_comes_back_as_it_was_put",
    "test_only_an_empty_bucket_can_be_deleted",
    "test_parts_by_page",
    "test_range_across_parts",
    "test_refused_and_aborted_uploads_leave_no_files",
    "test_special_characters",
    "test_suspended_bucket_has_one_null_version",
    "test_uploads_by_page",
    "test_v2_with_prefix_and_delimiter",
    "test_versioning",
    "test_versions_and_delete_markers",
    "test_versions_by_page",
    "test_versions_with_prefix",
]


@pytest.fixture
def undercast(on_postgres):
    return on_postgres
