"""AWS IAM on one screen. It is global: its rows have no region."""

from undercast.kit.service import Service
from undercast.services.iam import (
    access_keys,
    account,
    attachments,
    caller,
    certificates,
    errors,
    groups,
    inline,
    instance_profiles,
    mfa_devices,
    passwords,
    policies,
    providers,
    roles,
    service_credentials,
    service_linked,
    simulation,
    ssh_keys,
    tagging,
    users,
)

service = Service(
    "iam",
    operations=(
        roles, service_linked, users, groups, policies, attachments, inline, instance_profiles, tagging, access_keys,
        passwords, mfa_devices, service_credentials, ssh_keys, certificates, providers, account, simulation,
    ),
    errors=errors,
    secret=caller.secret,
    without=("AllUsers", "OrderedOrganizationPolicyInputList", "PolicyExclusionList", "ResourceOwner"),
)  # fmt: skip
