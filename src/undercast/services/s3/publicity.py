"""Bucket policies as far as S3 reads them itself: are they well formed, and are they public? Pure.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache

import orjson

from undercast.engines import policies
from undercast.engines.policies import Condition, Policy, Statement
from undercast.services.s3 import errors

_LARGEST = 20 * 1024
# Conditions that, with fixed values, leave a statement to a few.
_NARROWING = frozenset(
    key.lower()
    for key in (
        "aws:SourceArn", "aws:SourceVpc", "aws:SourceVpce", "aws:SourceOwner", "aws:SourceAccount", "aws:userid",
        "aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:SourceOrgID",
        "aws:VpceAccount", "aws:VpceOrgID", "s3:x-amz-server-side-encryption-aws-kms-key-id",
        "s3:DataAccessPointArn", "s3:DataAccessPointAccount",
    )
)  # fmt: skip
_POSITIVE = ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike")
_WIDEST = {4: 8, 6: 32}  # bits of a network below which it is as good as everybody


def check(text: str, arn: str) -> Policy:
    """The policy in a text, for the bucket of an ARN. MalformedPolicy, PolicyTooLarge … as S3 says it."""
    if len(text.encode("utf-8", "surrogateescape")) > _LARGEST:
        raise errors.InvalidArgument("Policies can be at most 20480 bytes.")
    try:
        document = orjson.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict) or not text.startswith("{"):
        raise errors.MalformedPolicy()
    if not document.get("Statement"):
        raise errors.MalformedPolicy("Missing required field Statement")
    try:
        policy = policies.parse(text, "resource")
    except policies.MalformedPolicy as error:
        raise errors.MalformedPolicy(str(error)) from None
    for statement in policy.statements:
        _check_statement(statement, arn)
    return policy


@lru_cache(maxsize=1024)
def parsed(text: str) -> Policy:
    """A policy that was checked when it was put."""
    return policies.parse(text, "resource")


def is_public(policy: Policy) -> bool:
    """Does a policy give anything to everybody?"""
    return any(_is_public(statement) for statement in policy.statements)


def _check_statement(statement: Statement, arn: str) -> None:
    for action in statement.actions or statement.not_actions or ():
        if action != "*" and not action.lower().startswith("s3:"):
            raise errors.MalformedPolicy("Policy has invalid action")
    for resource in statement.resources or statement.not_resources or ():
        if resource not in ("*", arn, f"{arn}*") and not resource.startswith(f"{arn}/"):
            raise errors.MalformedPolicy("Policy has invalid resource")
    for action in statement.actions or ():
        if not _fits_some(action, statement.resources or statement.not_resources or ()):
            raise errors.MalformedPolicy("Action does not apply to any resource(s) in statement")


def _fits_some(action: str, resources: tuple[str, ...]) -> bool:
    """Whether an action on objects has an object among its resources, and one on buckets a bucket."""
    name = action.partition(":")[2].lower()
    if not name or "*" in name or "?" in name or any("/" not in one and one.endswith("*") for one in resources):
        return True
    on_objects = ("object" in name and not name.startswith(("getbucketobject", "putbucketobject"))) or name in (
        "abortmultipartupload", "listmultipartuploadparts",
    )  # fmt: skip
    return any(("/" in one) == on_objects for one in resources)


def _is_public(statement: Statement) -> bool:
    if not statement.allows or any(_narrows(condition) for condition in statement.conditions):
        return False
    if statement.not_principals is not None:
        return True
    principals = statement.principals or {}
    return "*" in principals or "*" in principals.get("AWS", ())


def _narrows(condition: Condition) -> bool:
    if condition.if_exists or condition.quantifier == "ForAllValues":
        return False
    key = condition.key.lower()
    if key == "aws:sourceip":
        return condition.operator == "IpAddress" and all(_is_narrow(value) for value in condition.values)
    fixed = all("*" not in value and "?" not in value and "${" not in value for value in condition.values)
    if key == "aws:userid":  # AROLEID:* is one role's sessions
        fixed = all("*" not in value.removesuffix(":*") and "${" not in value for value in condition.values)
    return key in _NARROWING and condition.operator in _POSITIVE and fixed


def _is_narrow(value: str) -> bool:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= _WIDEST[network.version]
