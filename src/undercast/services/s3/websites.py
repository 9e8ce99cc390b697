"""Operations on the website of a bucket, and what a configuration may not say.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteHosting.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undercast.kit.call import Call
from undercast.services.s3 import errors, storage
from undercast.services.s3.errors import invalid_argument

_PROTOCOLS = (None, "http", "https")
_MOST_RULES = 50


async def put_bucket_website(call: Call, request: dict[str, Any]) -> None:
    """Make a bucket a website."""
    bucket = await storage.find_bucket(call, request)
    site = request["WebsiteConfiguration"]
    _check(site)
    await storage.set_setting(call, bucket, "website", site)


async def get_bucket_website(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The website of a bucket."""
    site: dict[str, Any] = await storage.get_setting(call, request, "website", errors.NoSuchWebsiteConfiguration)
    return site


async def delete_bucket_website(call: Call, request: dict[str, Any]) -> None:
    """Have it be a website no longer."""
    await storage.set_setting(call, await storage.find_bucket(call, request), "website", None)


def _check(site: Mapping[str, Any]) -> None:
    """InvalidArgument, InvalidRequest, MalformedXML."""
    index, everything = site.get("IndexDocument"), site.get("RedirectAllRequestsTo")
    if everything is not None:
        if any(site.get(name) is not None for name in ("IndexDocument", "ErrorDocument", "RoutingRules")):
            raise invalid_argument(
                "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
                "RedirectAllRequestsTo", "not null",
            )  # fmt: skip
        if not everything.get("HostName"):
            raise errors.MalformedXML()
        _check_protocol(everything)
        return
    if index is None:
        raise invalid_argument(
            "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
            "IndexDocument", "null",
        )  # fmt: skip
    if not index.get("Suffix") or "/" in index["Suffix"]:
        raise invalid_argument(
            "The IndexDocument Suffix is not well formed", "IndexDocument", index.get("Suffix") or ""
        )
    rules = site.get("RoutingRules")
    if rules is not None and not 0 < len(rules) <= _MOST_RULES:
        raise errors.MalformedXML()
    for rule in rules or ():
        _check_rule(rule)


def _check_rule(rule: Mapping[str, Any]) -> None:
    redirect, condition = rule["Redirect"], rule.get("Condition")
    if redirect.get("ReplaceKeyPrefixWith") is not None and redirect.get("ReplaceKeyWith") is not None:
        raise errors.InvalidRequest("You can only define ReplaceKeyPrefix or ReplaceKey but not both.")
    if condition is not None and not any(value is not None for value in condition.values()):
        raise errors.InvalidRequest(
            "Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't "
            "be present."
        )
    if not any(value is not None for value in redirect.values()):
        raise errors.MalformedXML()
    _check_protocol(redirect)
    for said, low, high in ((redirect.get("HttpRedirectCode"), 301, 399), ((condition or {}).get("HttpErrorCodeReturnedEquals"), 400, 599)):  # fmt: skip
        if said is not None and not (said.isdigit() and low <= int(said) <= high):
            raise errors.InvalidRequest(
                f"The provided HTTP {'redirect' if low < 400 else 'error'} code ({said}) is not valid. "
                f"Valid codes are {low // 100}XX{'' if low < 400 else ' or 5XX'}."
            )


def _check_protocol(redirect: Mapping[str, Any]) -> None:
    if redirect.get("Protocol") not in _PROTOCOLS:
        raise errors.InvalidRequest(
            "Invalid protocol, protocol can be http or https. If not defined the protocol will be selected "
            "automatically."
        )
