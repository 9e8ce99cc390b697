"""Operations on text messages: settings, who opted out, the sandbox."""

from __future__ import annotations

import re
from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet
from undercast.services.sns import errors, phone_storage, phones
from undercast.services.sns.errors import invalid
from undercast.services.sns.topics import PAGE, after

_DEFAULTS = {"MonthlySpendLimit": "1"}  # recorded: test_get_sms_attributes_from_unmodified_region
_VALUES = {
    "MonthlySpendLimit": re.compile(r"[0-9]+"),
    "DefaultSenderID": re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9]{1,11}"),
    "DefaultSMSType": re.compile(r"Promotional|Transactional"),
}
_LATER = ("DeliveryStatusIAMRole", "DeliveryStatusSuccessSamplingRate", "UsageReportS3Bucket")
_PASSWORD_LIFE_MS = 15 * 60 * 1000


async def set_sms_attributes(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change the account's settings for text messages."""
    changes = request["attributes"]
    for name, value in changes.items():
        if name in _LATER:
            raise NotImplementedYet(f"Undercast does not have the SMS attribute {name} yet.")
        if name not in _VALUES or (value and not _VALUES[name].fullmatch(value)):
            raise invalid(name if name in _VALUES else f"{name} is not a valid attribute")
    settings = {**await phone_storage.sms_settings(call), **changes}
    await phone_storage.save_sms_settings(call, {name: value for name, value in settings.items() if value})
    return {}


async def get_sms_attributes(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The account's settings for text messages."""
    settings = {**_DEFAULTS, **await phone_storage.sms_settings(call)}
    names = request.get("attributes") or settings.keys()
    return {"attributes": {name: settings[name] for name in names if name in settings}}


async def check_if_phone_number_is_opted_out(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Whether the owner of a phone wants no messages."""
    number = _number(request["phoneNumber"])
    return {"isOptedOut": await phone_storage.is_opted_out(call, number)}


async def list_phone_numbers_opted_out(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The phones whose owners want no messages, 100 at a time."""
    numbers = await phone_storage.list_opted_out(call, str(after(request, "nextToken") or ""), PAGE + 1)
    return {
        "phoneNumbers": numbers[:PAGE],
        "nextToken": paging.encode_token(numbers[PAGE - 1]) if len(numbers) > PAGE else None,
    }


async def opt_in_phone_number(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Send to a phone again."""
    await phone_storage.opt_in(call, _number(request["phoneNumber"]))
    return {}


async def get_sms_sandbox_account_status(_call: Call, _request: dict[str, Any]) -> dict[str, Any]:
    """Messages to every number are captured, so nobody is in the sandbox."""
    return {"IsInSandbox": False}


async def create_sms_sandbox_phone_number(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Add a number to the sandbox and send it a one-time password, which is captured like any message."""
    number, password = _number(request["PhoneNumber"]), f"{call.ids.number(10**6):06d}"
    await phone_storage.save_sandbox_number(call, number, "Pending", password, call.now + _PASSWORD_LIFE_MS)
    text = f"Your verification code is {password}."
    await phones.send(call, number, text, {}, {"type": "Verification", "messageId": call.ids.uuid()})
    return {}


async def verify_sms_sandbox_phone_number(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Show with its one-time password that a sandbox number is one's own."""
    number = _number(request["PhoneNumber"])
    found = await phone_storage.find_sandbox_number(call, number)
    if found is None:
        raise errors.ResourceNotFound("Phone number does not exist")
    status, password, expires_at = found
    if status != "Verified":
        if request["OneTimePassword"] != password or call.now > expires_at:
            raise errors.VerificationException()
        await phone_storage.save_sandbox_number(call, number, "Verified", "", 0)
    return {}


async def delete_sms_sandbox_phone_number(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Take a number out of the sandbox."""
    number = _number(request["PhoneNumber"])
    if await phone_storage.find_sandbox_number(call, number) is None:
        raise errors.ResourceNotFound("Phone number does not exist")
    await phone_storage.delete_sandbox_number(call, number)
    return {}


async def list_sms_sandbox_phone_numbers(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The sandbox's numbers."""
    limit = request.get("MaxResults") or 100
    numbers = await phone_storage.list_sandbox_numbers(call, str(after(request) or ""), limit + 1)
    return {
        "PhoneNumbers": [{"PhoneNumber": number, "Status": status} for number, status in numbers[:limit]],
        "NextToken": paging.encode_token(numbers[limit - 1][0]) if len(numbers) > limit else None,
    }


async def list_origination_numbers(_call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Numbers are bought elsewhere (Pinpoint), so there are none."""
    after(request)  # no token is ours
    return {"PhoneNumbers": []}


def _number(text: str) -> str:
    if not phones.is_number(text):
        raise invalid("PhoneNumber", "input incorrectly formatted")
    return text
