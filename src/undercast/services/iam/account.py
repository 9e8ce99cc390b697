"""Operations on the account as a whole."""

from __future__ import annotations

from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.services.iam import aws_policies, details, errors, pages, reports, storage, vault
from undercast.services.iam.model import CERTIFICATE, GROUP, OIDC, POLICY, PROFILE, ROLE, SAML, USER

_ALIAS, _REPORT, _TOKENS = "alias", "credential-report", "token-version"
_REPORT_LIFE_MS = 4 * 3600 * 1000
_STAGES = (
    (USER, "User", "UserDetailList", details.user),
    (GROUP, "Group", "GroupDetailList", details.group),
    (ROLE, "Role", "RoleDetailList", details.role),
    (POLICY, "LocalManagedPolicy", "Policies", details.policy),
)
_AWS_STAGE = len(_STAGES)
_QUOTAS = {
    "AccessKeysPerUserQuota": 2, "AssumeRolePolicySizeQuota": 2048, "AttachedPoliciesPerGroupQuota": 10,
    "AttachedPoliciesPerRoleQuota": 10, "AttachedPoliciesPerUserQuota": 10, "GroupPolicySizeQuota": 5120,
    "GroupsPerUserQuota": 10, "GroupsQuota": 300, "InstanceProfilesQuota": 1000, "PoliciesQuota": 1500,
    "PolicySizeQuota": 6144, "PolicyVersionsInUseQuota": 10000, "RolePolicySizeQuota": 10240, "RolesQuota": 1000,
    "ServerCertificatesQuota": 20, "SigningCertificatesPerUserQuota": 2, "UserPolicySizeQuota": 2048,
    "UsersQuota": 5000, "VersionsPerPolicyQuota": 5,
}  # fmt: skip


async def create_account_alias(call: Call, request: dict[str, Any]) -> None:
    """Give the account a name; it has one at most."""
    alias = request["AccountAlias"]
    if await vault.setting(call, _ALIAS) == alias:
        raise errors.EntityAlreadyExists(f"The account alias {alias} already exists.")
    await vault.set_setting(call, _ALIAS, alias)


async def list_account_aliases(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The account's name, if it has one."""
    alias, after = await vault.setting(call, _ALIAS), pages.position(request, "")
    return pages.answer("AccountAliases", [alias] if alias and alias > after else [], request, str, str)


async def delete_account_alias(call: Call, request: dict[str, Any]) -> None:
    """Take the account's name away."""
    if await vault.setting(call, _ALIAS) != request["AccountAlias"]:
        raise errors.NoSuchEntity(f"The account alias with name {request['AccountAlias']} cannot be found.")
    await vault.delete_setting(call, _ALIAS)


async def get_account_summary(call: Call, _request: dict[str, Any]) -> dict[str, Any]:
    """How much of everything the account has, and may have."""
    counted = {"Users": USER, "Groups": GROUP, "Roles": ROLE, "Policies": POLICY, "InstanceProfiles": PROFILE,
               "ServerCertificates": CERTIFICATE}  # fmt: skip
    summary = {name: await storage.count(call, kind) for name, kind in counted.items()}
    devices = await vault.list_credentials(call, "mfa-device")
    return {
        "SummaryMap": {
            **_QUOTAS,
            **summary,
            "Providers": await storage.count(call, OIDC) + await storage.count(call, SAML),
            "MFADevices": len(devices),
            "MFADevicesInUse": sum(1 for device in devices if device.owner),
            "PolicyVersionsInUse": summary["Policies"],
            "AccountMFAEnabled": 0,
            "AccountAccessKeysPresent": 0,
            "AccountPasswordPresent": 1,
            "AccountSigningCertificatesPresent": 0,
            "GlobalEndpointTokenVersion": await vault.setting(call, _TOKENS) or 1,
        }
    }


async def set_security_token_service_preferences(call: Call, request: dict[str, Any]) -> None:
    """Which tokens the global STS endpoint gives; ours work everywhere, so only the summary shows it."""
    await vault.set_setting(call, _TOKENS, int(request["GlobalEndpointTokenVersion"][1]))


async def get_account_authorization_details(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """All users, groups, roles and policies with all that gives them permissions."""
    stage, after = _start(request)
    wanted, left = set(request.get("Filter") or ()), pages.limit(request)
    answer: dict[str, Any] = {member: [] for _, _, member, _ in _STAGES}
    for number, (kind, name, member, show) in enumerate(_STAGES):
        if number < stage or (wanted and name not in wanted):
            continue
        rows = await storage.list_entities(call, kind, after if number == stage else "", left)
        answer[member] += [await show(call, entity) for entity in rows[:left]]
        if len(rows) > left:
            return answer | _truncated(number, rows[left - 1].key if left else after)
        left -= len(rows)
    if not wanted or "AWSManagedPolicy" in wanted:
        used = await storage.attached_aws_policies(call)
        policies = [aws_policies.TABLE[arn] for arn in sorted(used) if stage < _AWS_STAGE or arn > after]
        answer["Policies"] += [await details.policy(call, policy) for policy in policies[:left]]
        if len(policies) > left:
            return answer | _truncated(_AWS_STAGE, policies[left - 1].arn if left else "")
    return answer | {"IsTruncated": False}


async def generate_credential_report(call: Call, _request: dict[str, Any]) -> dict[str, Any]:
    """Write down who has which credentials; a report is good for four hours."""
    report = await vault.setting(call, _REPORT)
    if report and call.now - report["at"] < _REPORT_LIFE_MS:
        return {"State": "COMPLETE"}
    await vault.set_setting(call, _REPORT, {"at": call.now, "text": await reports.credentials(call)})
    return {"State": "STARTED", "Description": "No report exists. Starting a new report generation task"}


async def get_credential_report(call: Call, _request: dict[str, Any]) -> dict[str, Any]:
    """The report, as CSV."""
    report = await vault.setting(call, _REPORT)
    if report is None:
        raise errors.ReportNotPresent()
    if call.now - report["at"] >= _REPORT_LIFE_MS:
        raise errors.ReportExpired()
    return {"Content": report["text"].encode(), "ReportFormat": "text/csv", "GeneratedTime": report["at"]}


def _start(request: dict[str, Any]) -> tuple[int, str]:
    """The stage and the name in it after which to go on. ValidationError."""
    stage, _, after = pages.position(request, "0:").partition(":")
    if not stage.isdigit():
        raise errors.ValidationError("Invalid Marker.")
    return int(stage), after


def _truncated(stage: int, after: str) -> dict[str, Any]:
    return {"IsTruncated": True, "Marker": paging.encode_token(f"{stage}:{after}")}
