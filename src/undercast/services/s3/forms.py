"""Uploads by HTML forms: a browser posts a file and a signed policy to a bucket's address.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from undercast.kit import signatures
from undercast.kit.call import Call
from undercast.kit.credentials import Identity, account_of, read_session_token, root_identity
from undercast.kit.http import Request, Response
from undercast.kit.service import waits
from undercast.kit.signatures import Scope
from undercast.services.s3 import errors, form_policies, objects, words
from undercast.services.s3.errors import invalid_argument

_FORM = "multipart/form-data"
_BOUNDARY = re.compile(r'boundary=(?:"([^"]+)"|([^;\s]+))', re.IGNORECASE)
_PARAMETER = re.compile(r'(name|filename)="((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_SIGNED_4 = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "Policy")
_SIGNED_2 = ("AWSAccessKeyId", "Signature", "Policy")
_MISSING = "Bucket POST must contain a field named '{}'.  If it is specified, please check the order of the fields."

# The fields that say something of the object, and PutObject's members for them.
_MEMBERS = {
    "acl": "ACL", "cache-control": "CacheControl", "content-type": "ContentType",
    "content-disposition": "ContentDisposition", "content-encoding": "ContentEncoding",
    "content-language": "ContentLanguage", "content-md5": "ContentMD5",
    "x-amz-storage-class": "StorageClass", "x-amz-website-redirect-location": "WebsiteRedirectLocation",
    "x-amz-server-side-encryption": "ServerSideEncryption",
    "x-amz-server-side-encryption-aws-kms-key-id": "SSEKMSKeyId",
    "x-amz-server-side-encryption-context": "SSEKMSEncryptionContext",
    "x-amz-server-side-encryption-bucket-key-enabled": "BucketKeyEnabled",
    "x-amz-server-side-encryption-customer-algorithm": "SSECustomerAlgorithm",
    "x-amz-server-side-encryption-customer-key": "SSECustomerKey",
    "x-amz-server-side-encryption-customer-key-md5": "SSECustomerKeyMD5",
    "x-amz-checksum-crc32": "ChecksumCRC32", "x-amz-checksum-crc32c": "ChecksumCRC32C",
    "x-amz-checksum-crc64nvme": "ChecksumCRC64NVME", "x-amz-checksum-sha1": "ChecksumSHA1",
    "x-amz-checksum-sha256": "ChecksumSHA256", "x-amz-object-lock-mode": "ObjectLockMode",
    "x-amz-object-lock-legal-hold": "ObjectLockLegalHoldStatus",
}  # fmt: skip

# Times, each in the form of the header that it is called after.
_TIMES: tuple[tuple[str, str, Callable[[str], datetime]], ...] = (
    ("expires", "Expires", parsedate_to_datetime),
    ("x-amz-object-lock-retain-until-date", "ObjectLockRetainUntilDate", datetime.fromisoformat),
)


@dataclass(frozen=True, slots=True)
class Form:
    """A form that was sent: its fields by lower-case name, and its file. `filename` is '' when it has none."""

    fields: dict[str, str]
    file: bytes
    filename: str

    def text(self, name: str) -> str:
        """A field, '' when it is missing; `${filename}` stands for the file's name."""
        value = self.fields.get(name.lower(), "")
        return value.replace("${filename}", self.filename) if self.filename else value


@waits
async def answer(call: Call, request: Request) -> Response:
    """Store the file of a form, if its policy and the bucket let it. The errors are S3's."""
    if not request.headers.get("content-type", "").lower().startswith(_FORM):
        raise errors.PreconditionFailed(Condition=f"Bucket POST must be of the enclosure-type {_FORM}")
    bucket = unquote(request.path.strip("/"))
    form = read(request.headers["content-type"], request.body)
    fields = {name: form.text(name) for name in form.fields} | {"bucket": bucket}
    sender = call.into()
    sender.operation = "PostObject"
    sender.identity = await _check_signature(call, form)
    if "policy" in fields:
        form_policies.check(fields["policy"], fields, len(form.file), call.now - _ahead(call, fields))
    if not fields.get("key"):
        raise invalid_argument(_MISSING.format("key"), "key", "")
    sender.account = sender.identity.account
    stored = await objects.put_object(sender, _parameters(bucket, fields, form.file))
    return _success(request, bucket, fields, stored)


def read(content_type: str, body: bytes) -> Form:
    """The fields and the file of a form; what comes after the file does not count. MalformedPOSTRequest, …"""
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise errors.MalformedPOSTRequest()
    boundary = b"\r\n--" + (found[1] or found[2]).encode("latin-1")
    pieces = (b"\r\n" + body).split(boundary)
    fields: dict[str, str] = {}
    for piece in pieces[1:]:
        head, ends, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if piece.startswith(b"--"):
            break
        if not ends:
            raise errors.MalformedPOSTRequest()
        named = {name.lower(): value for name, value in _PARAMETER.findall(head.decode("utf-8", "replace"))}
        if named.get("name", "").lower() == "file":
            return Form(fields, content, re.split(r"[/\\]", named.get("filename", ""))[-1])
        fields[named.get("name", "").lower()] = content.decode("utf-8", "replace")
    raise invalid_argument("POST requires exactly one file upload per request.", "file", "0")


async def _check_signature(call: Call, form: Form) -> Identity:
    """Who signed the form; an account's nobody for an unsigned one. InvalidArgument, SignatureDoesNotMatch."""
    version_4 = any(name.lower() in form.fields for name in _SIGNED_4[:4])
    wanted = _SIGNED_4 if version_4 else _SIGNED_2
    if not any(name.lower() in form.fields for name in wanted):
        return call.identity
    for name in wanted:
        if name.lower() not in form.fields:
            raise invalid_argument(_MISSING.format(name), name, "")
    credential = form.text("X-Amz-Credential").split("/")
    if version_4 and len(credential) != 5:
        raise invalid_argument("Error parsing the X-Amz-Credential parameter", "X-Amz-Credential", "/".join(credential))
    access_key = credential[0] if version_4 else form.text("AWSAccessKeyId")
    given = form.text("X-Amz-Signature" if version_4 else "Signature")
    secret, policy = await call.platform.secret_of(access_key), form.text("policy")
    if secret is not None:
        made = (
            signatures.sign(secret, Scope(*credential[1:4]), policy)
            if version_4
            else signatures.old_sign(secret, policy)
        )
        if not signatures.same(made, given):
            raise errors.SignatureDoesNotMatch(
                AWSAccessKeyId=access_key, StringToSign=policy, SignatureProvided=given,
                StringToSignBytes=signatures.in_hex(policy),
            )  # fmt: skip
    return _identity(access_key, form.text("x-amz-security-token"), call.now)


def _ahead(call: Call, fields: Mapping[str, str]) -> int:
    """How far, in milliseconds, our clock was ahead of the client's when the form was signed, as far as it tells."""
    try:
        signed = datetime.strptime(fields.get("x-amz-date", ""), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        signed = datetime.now(UTC)
    world = int(signed.timestamp()) * 1000 + 999
    return call.clock.when(world) - world


def _identity(access_key: str, token: str, now: int) -> Identity:
    session = read_session_token(token) if token else None
    if session is None:
        return root_identity(account_of(access_key), access_key)
    if session[1] < now:
        raise errors.ExpiredToken()
    return session[0]


def _parameters(bucket: str, fields: Mapping[str, str], file: bytes) -> dict[str, Any]:
    """The form as PutObject's parameters."""
    wanted: dict[str, Any] = {"Bucket": bucket, "Key": fields["key"], "Body": file}
    wanted |= {member: fields[name] for name, member in _MEMBERS.items() if fields.get(name)}
    # An encoded word in a form stands for itself, where one in a header stands for its text.
    metadata = {name: words.encoded(value) for name, value in fields.items() if name.startswith("x-amz-meta-")}
    if metadata:
        wanted["Metadata"] = {name[len("x-amz-meta-") :]: value for name, value in metadata.items()}
    if "BucketKeyEnabled" in wanted:
        wanted["BucketKeyEnabled"] = wanted["BucketKeyEnabled"].lower() == "true"
    for name, member, read_time in _TIMES:
        if fields.get(name):
            wanted[member] = _milliseconds(name, fields[name], read_time)
    if fields.get("tagging"):
        wanted["Tagging"] = urlencode(_tags(fields["tagging"]))
    return wanted


def _milliseconds(name: str, text: str, read_time: Callable[[str], datetime]) -> int:
    try:
        return int(read_time(text).timestamp() * 1000)
    except ValueError:
        raise invalid_argument(f"Invalid value for field '{name}'", name, text) from None


def _tags(text: str) -> list[tuple[str, str]]:
    """The tags in the XML of the field `tagging`."""
    try:
        document = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        raise errors.MalformedXML() from None
    return [(tag.findtext("{*}Key") or "", tag.findtext("{*}Value") or "") for tag in document.iterfind(".//{*}Tag")]


def _success(request: Request, bucket: str, fields: Mapping[str, str], stored: Mapping[str, Any]) -> Response:
    """Where to go next, or what was made."""
    key, etag = fields["key"], stored["ETag"]
    place = "" if request.host.startswith(f"{bucket}.") else f"/{bucket}"
    location = f"{request.scheme}://{request.host}{place}/{quote(key, safe='/')}"
    headers = [("ETag", etag), ("Location", location)]
    if stored.get("VersionId"):
        headers.append(("x-amz-version-id", stored["VersionId"]))
    if stored.get("ServerSideEncryption"):
        headers.append(("x-amz-server-side-encryption", stored["ServerSideEncryption"]))
    redirect = urlsplit(fields.get("success_action_redirect") or fields.get("redirect", ""))
    if redirect.scheme in ("http", "https") and redirect.netloc:
        made = urlencode({"bucket": bucket, "key": key, "etag": etag})
        headers[1] = ("Location", redirect._replace(query="&".join(filter(None, (redirect.query, made)))).geturl())
        return Response(303, headers)
    status = fields.get("success_action_status", "")
    if status != "201":
        return Response(200 if status == "200" else 204, headers)
    members = {"Location": location, "Bucket": bucket, "Key": key, "ETag": etag}
    told = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in members.items())
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse>{told}</PostResponse>'
    return Response(201, [*headers, ("Content-Type", "application/xml")], text.encode())
