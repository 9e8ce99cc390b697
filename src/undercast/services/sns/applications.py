"""Operations on platform applications and their endpoints: apps on devices."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet
from undercast.services.sns import arns, phone_storage
from undercast.services.sns.errors import NotFound, invalid
from undercast.services.sns.phone_storage import Application, Endpoint
from undercast.services.sns.topics import PAGE, after

_PLATFORMS = ("ADM", "APNS", "APNS_SANDBOX", "APNS_VOIP", "APNS_VOIP_SANDBOX", "BAIDU", "FCM", "GCM", "MACOS",
              "MACOS_SANDBOX", "MPNS", "WNS")  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_SECRET = ("PlatformCredential", "PlatformPrincipal")
_ATTRIBUTES = {*_SECRET, "ApplePlatformTeamID", "ApplePlatformBundleID", "Enabled"}
_EVENTS = ("EventEndpointCreated", "EventEndpointDeleted", "EventEndpointUpdated", "EventDeliveryFailure",
           "SuccessFeedbackRoleArn", "FailureFeedbackRoleArn", "SuccessFeedbackSampleRate")  # fmt: skip
_LARGEST_USER_DATA = 2048


async def create_platform_application(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Register an app with a push service, or change its attributes. Its credentials are kept and not tried."""
    name, platform = request["Name"], request["Platform"]
    _check_name(name)
    if platform not in _PLATFORMS:
        raise invalid("Platform", f"{platform} is not supported")
    attributes = _check(request["Attributes"])
    if "PlatformPrincipal" in attributes and "PlatformCredential" not in attributes:
        raise invalid("Attributes", "PlatformPrincipal attribute provided without PlatformCredential")
    if "PlatformPrincipal" not in attributes and platform not in ("GCM", "FCM"):
        raise invalid("Attributes", "PlatformCredential attribute provided without PlatformPrincipal")
    made = Application(call.account, call.region, f"{platform}/{name}", {"Enabled": "true", **attributes})
    await phone_storage.save_application(call, made)
    return {"PlatformApplicationArn": made.arn}


async def delete_platform_application(call: Call, request: dict[str, Any]) -> None:
    """Delete an app with its endpoints; one that is not there is no error."""
    arn = arns.parse(request["PlatformApplicationArn"], "PlatformApplicationArn")
    await phone_storage.delete_application(call, arn)


async def get_platform_application_attributes(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """An app's attributes, without its credentials."""
    found = await _application(call, request)
    return {"Attributes": _shown(found)}


async def set_platform_application_attributes(call: Call, request: dict[str, Any]) -> None:
    """Change an app's attributes."""
    found = await _application(call, request)
    await phone_storage.save_application(
        call, replace(found, attributes={**found.attributes, **_check(request["Attributes"])})
    )


async def list_platform_applications(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The apps, 100 at a time."""
    found = await phone_storage.list_applications(call, str(after(request) or ""), PAGE + 1)
    return {
        "PlatformApplications": [
            {"PlatformApplicationArn": one.arn, "Attributes": _shown(one)} for one in found[:PAGE]
        ],
        "NextToken": paging.encode_token(found[PAGE - 1].name) if len(found) > PAGE else None,
    }


async def create_platform_endpoint(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Register an app on a device, or find it with the same attributes."""
    application, token = await _application(call, request), request["Token"]
    if not token:
        raise invalid("Token", "cannot be empty")
    attributes = {"Enabled": "true", **_check_endpoint(request.get("Attributes") or {})}
    attributes.pop("Token", None)
    if request.get("CustomUserData") is not None:  # recorded: test_create_platform_endpoint_double_custom_data
        attributes["CustomUserData"] = request["CustomUserData"]
    existing = await phone_storage.find_endpoint_by_token(call, application, token)
    if existing:
        if existing.attributes != attributes:
            raise invalid(
                "Token", f"Endpoint {existing.arn} already exists with the same Token, but different attributes."
            )
        return {"EndpointArn": existing.arn}
    where = (application.account, application.region, application.name)
    made = Endpoint(*where, call.ids.uuid(), token, attributes)
    await phone_storage.save_endpoint(call, made)
    return {"EndpointArn": made.arn}


async def delete_endpoint(call: Call, request: dict[str, Any]) -> None:
    """Delete an endpoint; its subscriptions stay, as recorded in test_delete_platform_endpoint_with_subscription."""
    await phone_storage.delete_endpoint(call, arns.parse(request["EndpointArn"], "EndpointArn"))


async def get_endpoint_attributes(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """An endpoint's attributes."""
    return {"Attributes": (await _endpoint(call, request)).shown}


async def set_endpoint_attributes(call: Call, request: dict[str, Any]) -> None:
    """Change an endpoint's attributes."""
    found = await _endpoint(call, request)
    changes = _check_endpoint(request["Attributes"])
    token = changes.pop("Token", found.token)
    await phone_storage.save_endpoint(call, replace(found, token=token, attributes={**found.attributes, **changes}))


async def list_endpoints_by_platform_application(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """An app's endpoints, 100 at a time."""
    application = await _application(call, request)
    found = await phone_storage.list_endpoints(call, application, str(after(request) or ""), PAGE + 1)
    return {
        "Endpoints": [{"EndpointArn": one.arn, "Attributes": one.shown} for one in found[:PAGE]],
        "NextToken": paging.encode_token(found[PAGE - 1].id) if len(found) > PAGE else None,
    }


async def _application(call: Call, request: dict[str, Any]) -> Application:
    arn = arns.parse(request["PlatformApplicationArn"], "PlatformApplicationArn")
    return await phone_storage.find_application(call, arn)


async def _endpoint(call: Call, request: dict[str, Any]) -> Endpoint:
    found = await phone_storage.find_endpoint(call, arns.parse(request["EndpointArn"], "EndpointArn"))
    if found is None:
        raise NotFound("Endpoint does not exist")
    return found


def _shown(application: Application) -> dict[str, str]:
    return {key: value for key, value in application.attributes.items() if key not in _SECRET}


def _check_name(name: str) -> None:
    """Texts as recorded in test_create_platform_application_invalid_name."""
    if not name:
        raise invalid(name, "cannot be empty")
    if len(name) > 256:
        raise invalid(name, "must be at most 256 characters long")
    if not _NAME.fullmatch(name):
        raise invalid(name, "must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'")


def _check(attributes: dict[str, str]) -> dict[str, str]:
    for key, value in attributes.items():
        if key in _EVENTS:
            raise NotImplementedYet(f"Undercast does not have the platform application attribute {key} yet.")
        if key not in _ATTRIBUTES or (key == "Enabled" and value.lower() not in ("true", "false")):
            raise invalid("Attributes", f"Invalid value for attribute: {key}: {value}")
    return attributes


def _check_endpoint(attributes: dict[str, str]) -> dict[str, str]:
    checked = dict(attributes)
    for key, value in attributes.items():
        if key == "Enabled" and value.lower() in ("true", "false"):
            checked[key] = value.lower()
        elif key not in ("CustomUserData", "Token") or len(value.encode()) > _LARGEST_USER_DATA:
            raise invalid("Attributes", f"Invalid value for attribute: {key}: {value}")
    return checked
