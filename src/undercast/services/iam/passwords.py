"""Operations on users' passwords and the account's rules for them."""

from __future__ import annotations

import hashlib
import hmac
import string
from typing import Any

from undercast.kit.call import Call
from undercast.services.iam import caller, errors, storage, vault
from undercast.services.iam.model import Entity

_POLICY = "password-policy"
_SYMBOLS = "!@#$%^&*()_+-=[]{}|'"
_KINDS = {
    "RequireSymbols": (_SYMBOLS, "symbol"),
    "RequireNumbers": (string.digits, "number"),
    "RequireUppercaseCharacters": (string.ascii_uppercase, "uppercase letter"),
    "RequireLowercaseCharacters": (string.ascii_lowercase, "lowercase letter"),
}
_FLAGS = (*_KINDS, "AllowUsersToChangePassword")
_SCRYPT = {"n": 1 << 12, "r": 8, "p": 1}  # a few milliseconds
_MOST_REMEMBERED = 24


async def create_login_profile(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Give a user a password."""
    user = await caller.user_of(call, request)
    if user.details.get("login"):
        raise errors.EntityAlreadyExists(f"Login Profile for user {user.name} already exists.")
    await _check_password(call, request.get("Password") or "")
    login = {
        "created_at": call.now,
        "reset": bool(request.get("PasswordResetRequired")),
        "hashes": [_hash(request.get("Password") or "", call.ids.hex(16))],
    }
    await storage.save(call, user.with_details(login=login))
    return {"LoginProfile": _shown(user.name, login)}


async def get_login_profile(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """When a user got a password."""
    user, login = await _login(call, request)
    return {"LoginProfile": _shown(user.name, login)}


async def update_login_profile(call: Call, request: dict[str, Any]) -> None:
    """Change a user's password, or whether it must be changed."""
    user, login = await _login(call, request)
    if password := request.get("Password"):
        await _check_password(call, password)
        login = login | {"hashes": [_hash(password, call.ids.hex(16)), *login["hashes"]][:_MOST_REMEMBERED]}
    if request.get("PasswordResetRequired") is not None:
        login = login | {"reset": request["PasswordResetRequired"]}
    await storage.save(call, user.with_details(login=login))


async def delete_login_profile(call: Call, request: dict[str, Any]) -> None:
    """Take a user's password away."""
    user, _ = await _login(call, request)
    await storage.save(call, user.with_details(login=None))


async def change_password(call: Call, request: dict[str, Any]) -> None:
    """Change the caller's own password."""
    user = await caller.calling_user(call)
    if user is None:
        raise errors.InvalidUserType("Only IAM Users can change their own password")
    login = user.details.get("login")
    if not login or not _fits(request["OldPassword"], login["hashes"][0]):
        raise errors.InvalidUserType("The old password was incorrect.")
    await _check_password(call, request["NewPassword"])
    rules = await vault.setting(call, _POLICY) or {}
    if any(_fits(request["NewPassword"], old) for old in login["hashes"][: rules.get("PasswordReusePrevention", 0)]):
        raise errors.PasswordPolicyViolation("Password was used before and cannot be reused.")
    hashes = [_hash(request["NewPassword"], call.ids.hex(16)), *login["hashes"]][:_MOST_REMEMBERED]
    await storage.save(call, user.with_details(login=login | {"hashes": hashes, "reset": False}))


async def update_account_password_policy(call: Call, request: dict[str, Any]) -> None:
    """Set the account's rules; what is not given goes back to its default."""
    rules: dict[str, Any] = {"MinimumPasswordLength": request.get("MinimumPasswordLength") or 6}
    rules |= {flag: bool(request.get(flag)) for flag in _FLAGS}
    for name in ("MaxPasswordAge", "PasswordReusePrevention", "HardExpiry"):
        if request.get(name) is not None:
            rules[name] = request[name]
    await vault.set_setting(call, _POLICY, rules)


async def get_account_password_policy(call: Call, _request: dict[str, Any]) -> dict[str, Any]:
    """The account's rules. NoSuchEntity when it has none."""
    rules = await vault.setting(call, _POLICY)
    if rules is None:
        raise _no_policy(call)
    return {"PasswordPolicy": {**rules, "ExpirePasswords": bool(rules.get("MaxPasswordAge"))}}


async def delete_account_password_policy(call: Call, _request: dict[str, Any]) -> None:
    """Go back to AWS's own rules."""
    if not await vault.delete_setting(call, _POLICY):
        raise _no_policy(call)


async def _login(call: Call, request: dict[str, Any]) -> tuple[Entity, dict[str, Any]]:
    user = await caller.user_of(call, request)
    login = user.details.get("login")
    if not login:
        raise errors.NoSuchEntity(f"Login Profile for User {user.name} cannot be found.")
    return user, login


async def _check_password(call: Call, password: str) -> None:
    """PasswordPolicyViolation. Without a policy AWS wants eight characters of three kinds."""
    rules = await vault.setting(call, _POLICY)
    least = rules["MinimumPasswordLength"] if rules else 8
    if len(password) < least:
        raise errors.PasswordPolicyViolation(f"Password should have a minimum length of {least}")
    lacking = {flag: name for flag, (letters, name) in _KINDS.items() if not set(password) & set(letters)}
    if rules is None and len(lacking) > 1:
        raise errors.PasswordPolicyViolation("Password does not conform to the account password policy.")
    for flag, name in lacking.items():
        if rules and rules[flag]:
            raise errors.PasswordPolicyViolation(f"Password should have at least one {name}")


def _hash(password: str, salt: str) -> str:
    return f"{salt}${hashlib.scrypt(password.encode(), salt=salt.encode(), **_SCRYPT).hex()}"


def _fits(password: str, stored: str) -> bool:
    return hmac.compare_digest(_hash(password, stored.partition("$")[0]), stored)


def _no_policy(call: Call) -> errors.NoSuchEntity:
    return errors.NoSuchEntity(f"The Password Policy with domain name {call.account} cannot be found.")


def _shown(name: str, login: dict[str, Any]) -> dict[str, Any]:
    return {"UserName": name, "CreateDate": login["created_at"], "PasswordResetRequired": login["reset"]}
