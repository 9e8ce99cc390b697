"""The same on PostgreSQL: notifications, lifecycle, restores, replication and logs."""

from __future__ import annotations

import pytest

from tests.services.s3.test_access_logs import test_requests_are_logged_in_the_target_bucket
from tests.services.s3.test_lifecycle import (
    live_by,
    test_covered_versions_go_but_for_the_newest,
    test_expiry_among_versions_is_a_marker,
    test_many_objects_in_several_steps,
    test_marker_that_covers_nothing_goes,
    test_small_objects_move_where_the_configuration_says_so,
    test_uploads_that_are_not_completed_are_aborted,
)
from tests.services.s3.test_notifications import (
    test_all_that_happens_to_an_object,
    test_destination_that_is_gone_does_not_hinder_an_upload,
    test_nobody_is_told_of_what_did_not_happen,
)
from tests.services.s3.test_replication import (
    pair,
    test_both_ways_without_end,
    test_state_is_told,
    test_tags_follow,
    test_what_happens_in_one_bucket_happens_in_the_other,
)
from tests.services.s3.test_restores import archived, test_archived_object_is_restored_for_some_days

__all__ = [
    "archived",
    "live_by",
    "pair",
    "test_all_that_happens_to_an_object",
    "test_archived_object_is_restored_for_some_days",
    "test_both_ways_without_end",
    "test_covered_versions_go_but_for_the_newest",
    "test_destination_that_is_gone_does_not_hinder_an_upload",
    "test_expiry_among_versions_is_a_marker",
    "test_many_objects_in_several_steps",
    "test_marker_that_covers_nothing_goes",
    "test_nobody_is_told_of_what_did_not_happen",
    "test_requests_are_logged_in_the_target_bucket",
    "test_small_objects_move_where_the_configuration_says_so",
    "test_state_is_told",
    "test_tags_follow",
    "test_uploads_that_are_not_completed_are_aborted",
    "test_what_happens_in_one_bucket_happens_in_the_other",
]


@pytest.fixture
def undercast(on_postgres):
    return on_postgres
