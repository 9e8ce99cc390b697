"""The credential report: one line for the account itself and for each user."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from undercast.kit.call import Call
from undercast.services.iam import storage, vault
from undercast.services.iam.model import USER, Credential, Entity

_NONE = "N/A"
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
_COLUMNS = [
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    "access_key_1_active",
    "access_key_1_last_rotated",
    "access_key_1_last_used_date",
    "access_key_1_last_used_region",
    "access_key_1_last_used_service",
    "access_key_2_active",
    "access_key_2_last_rotated",
    "access_key_2_last_used_date",
    "access_key_2_last_used_region",
    "access_key_2_last_used_service",
    "cert_1_active",
    "cert_1_last_rotated",
    "cert_2_active",
    "cert_2_last_rotated",
]


async def credentials(call: Call) -> str:
    """The report as CSV."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS, restval=_NONE, lineterminator="\n")
    writer.writeheader()
    root = {"user": "<root_account>", "arn": f"arn:aws:iam::{call.account}:root", "user_creation_time": _time(call.now)}
    writer.writerow(root | _keys([]) | {"password_enabled": "not_supported", "mfa_active": "false"})
    for user in await storage.list_entities(call, USER):
        writer.writerow(await _line(call, user))
    return out.getvalue()


async def _line(call: Call, user: Entity) -> dict[str, str]:
    login = user.details.get("login")
    line = {
        "user": user.name,
        "arn": user.arn,
        "user_creation_time": _time(user.created_at),
        "password_enabled": _flag(bool(login)),
        "password_last_used": "no_information" if login else _NONE,
        "password_last_changed": _time(login["created_at"]) if login else _NONE,
        "mfa_active": _flag(bool(await vault.credentials_of(call, "mfa-device", user.id))),
    }
    certificates = await vault.credentials_of(call, "signing-certificate", user.id)
    for number in (1, 2):
        line[f"cert_{number}_active"] = _flag(
            len(certificates) >= number and certificates[number - 1].details["status"] == "Active"
        )
    return line | _keys(await vault.credentials_of(call, "access-key", user.id))


def _keys(keys: list[Credential]) -> dict[str, str]:
    columns = {f"access_key_{number}_active": "false" for number in (1, 2)}
    for number, key in enumerate(keys, 1):
        columns[f"access_key_{number}_active"] = _flag(key.details["status"] == "Active")
        columns[f"access_key_{number}_last_rotated"] = _time(key.created_at)
    return columns


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds")
