"""Where code can be fetched: links that carry a seal and an end, served at `/_aws/lambda/code/…`."""

from __future__ import annotations

import hmac
from hashlib import sha256

from undercast.kit.call import Call
from undercast.kit.http import Request, Response

from . import errors
from .fleet import fleet
from .model import Code
from .signing_storage import find_config

PATH = "/_aws/lambda/code/"
_VALID_MS = 600_000  # as long as AWS's links


async def location(call: Call, code: Code) -> str:
    """A link to the zip that works for ten minutes; a local folder is named as it is."""
    if code.folder:
        return f"file://{code.folder}"
    expires = (call.now + _VALID_MS) // 1000
    return f"{call.platform.endpoint_url}{PATH}{code.key}?X-Amz-Expires={expires}&X-Amz-Signature={_seal(call, code.key, expires)}"


async def serve(call: Call, request: Request) -> Response:
    """The zip behind a link."""
    key = request.path[len(PATH) :]
    query = dict(request.query)
    expires = query.get("X-Amz-Expires", "")
    valid = expires.isdigit() and hmac.compare_digest(_seal(call, key, int(expires)), query.get("X-Amz-Signature", ""))
    if not valid or call.now > 1000 * int(expires):
        return Response(403, [("Content-Type", "text/plain")], b"This link is not valid, or not any more.")
    size = call.blobs.path(key).stat().st_size
    headers = [("Content-Type", "application/zip"), ("Content-Length", str(size))]
    return Response(200, headers, call.blobs.read(key))


async def check_signing(call: Call, arn: str) -> None:
    """Code that must be signed cannot be deployed: signatures are not checked here. CodeSigningConfigNotFoundException."""
    if not arn:
        return
    config = await find_config(call, arn)
    if config is None:
        raise errors.CodeSigningConfigNotFoundException(
            f"The code signing configuration cannot be found. Check that the provided configuration is not deleted: {arn}."
        )
    if config["CodeSigningPolicies"]["UntrustedArtifactOnDeployment"] == "Enforce":
        raise errors.unsupported("signed code", "let the code signing configuration warn instead of enforce.")


def _seal(call: Call, key: str, expires: int) -> str:
    """Links live as long as the process: a restart makes them invalid, which ten minutes forgive."""
    return hmac.new(fleet(call).node.encode(), f"{key}\n{expires}".encode(), sha256).hexdigest()
