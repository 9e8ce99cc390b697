"""Policies about invoking methods: what an authorizer answers, and the resource policy of an API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from undercast.engines import policies
from undercast.engines.policies import Effect, MalformedPolicy, Policy, Principal, Request

_ACTION = "execute-api:Invoke"
_VERSION = "2012-10-17"
__all__ = ["Effect", "MalformedPolicy", "Principal", "by_authorizer", "by_resource", "read_resource_policy"]


def by_authorizer(document: Any, method_arn: str, source_ip: str) -> Effect:
    """Whether the policy that an authorizer answered lets a method be invoked. MalformedPolicy."""
    if not isinstance(document, Mapping):
        raise MalformedPolicy("The policy is not an object.")
    policy = _parse(orjson.dumps({"Version": _VERSION, **document}).decode(), "identity")
    return policies.evaluate([policy], _request(method_arn, source_ip)).effect


def read_resource_policy(text: str, arn: str) -> Policy:
    """An API's policy; `execute-api:/stage/GET/path` is short for a path of the API `arn`. MalformedPolicy."""
    return _parse(re.sub(r'"execute-api:/', f'"{arn}/', text), "resource")


def by_resource(policy: Policy, method_arn: str, source_ip: str, principal: Principal) -> Effect:
    """Whether an API's policy lets a caller invoke a method."""
    return policies.evaluate([policy], _request(method_arn, source_ip, principal)).effect


@lru_cache(maxsize=1024)
def _parse(text: str, kind: policies.Kind) -> Policy:
    return policies.parse(text, kind)


def _request(method_arn: str, source_ip: str, principal: Principal | None = None) -> Request:
    context = {"aws:SourceIp": source_ip, "aws:SecureTransport": "false"}
    return Request(_ACTION, method_arn, principal, context)
