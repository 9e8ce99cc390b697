"""Access and integrity on PostgreSQL: what touches statements of its own."""

from __future__ import annotations

import pytest

from tests.services.s3.test_customer_keys import test_parts
from tests.services.s3.test_forms import test_anyone_where_the_bucket_lets_all, test_filename_in_the_key
from tests.services.s3.test_locks import later, locked, test_default_retention, test_governance_can_be_bypassed
from tests.services.s3.test_permissions import (
    let,
    listed,
    nobody,
    other,
    test_blocked_public_policies,
    test_canned_lists,
    test_deleting_several_is_judged_one_by_one,
    test_list_as_a_document,
    test_policy_for_a_user_and_a_role,
    test_versions_are_another_action,
)
from tests.services.s3.test_presigned import test_session
from tests.services.s3.test_recorded_forms import form
from tests.services.s3.test_reencryption import keys, test_another_key, test_older_version

__all__ = [
    "form",
    "keys",
    "later",
    "let",
    "listed",
    "locked",
    "nobody",
    "other",
    "test_another_key",
    "test_anyone_where_the_bucket_lets_all",
    "test_blocked_public_policies",
    "test_canned_lists",
    "test_default_retention",
    "test_deleting_several_is_judged_one_by_one",
    "test_filename_in_the_key",
    "test_governance_can_be_bypassed",
    "test_list_as_a_document",
    "test_older_version",
    "test_parts",
    "test_policy_for_a_user_and_a_role",
    "test_session",
    "test_versions_are_another_action",
]


@pytest.fixture
def undercast(on_postgres):
    return on_postgres
