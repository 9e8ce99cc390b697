"""HTTP and HTTP_PROXY: requests to servers outside."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from undercast.kit.http import Response
from undercast.kit.outgoing import Answer, Client, NoAnswer
from undercast.kit.outgoing import Outgoing as Asked
from undercast.services.apigateway.execute.refusals import Refused
from undercast.services.apigateway.execute.transforms import Incoming, Outgoing, answered, outgoing

if TYPE_CHECKING:
    from undercast.services.apigateway.execute.exchange import Exchange
    from undercast.services.apigateway.execute.served import Integration

_REMAPPED = {
    "connection",
    "content-length",
    "date",
    "server",
    "transfer-encoding",
    "www-authenticate",
    "x-amzn-requestid",
}


async def answer(exchange: Exchange, backends: Client) -> Response:
    """Ask the server behind the method. Refused."""
    integration = exchange.method.integration
    proxy = integration.type == "HTTP_PROXY"
    out = outgoing(exchange, proxy=proxy)
    if not proxy:
        out.headers = _defaults(exchange, out)
    url = _url(integration, out)
    method = exchange.request.method if integration.http_method == "ANY" else integration.http_method
    exchange.note(f"Sending request to {url}")
    found = await _ask(backends, Asked(method, url, body=out.body, lines=tuple(out.headers)), integration)
    exchange.note(f"Received response. Status: {found.status}")
    if not proxy:
        return answered(exchange, Incoming(found.status, list(found.lines), found.body))
    headers = [(f"x-amzn-Remapped-{name}" if name.lower() in _REMAPPED else name, value) for name, value in found.lines]
    headers = [item for item in headers if item[0].lower() != "x-amzn-remapped-transfer-encoding"]
    if not any(name.lower() == "x-amzn-trace-id" for name, _ in headers):
        headers.append(("X-Amzn-Trace-Id", exchange.trace_id))
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    return Response(found.status, headers, found.body)


async def _ask(backends: Client, request: Asked, integration: Integration) -> Answer:
    """Refused when there is no answer in time."""
    try:
        return await backends.send(request, integration.timeout_s, verify=integration.verify, decode=False)
    except NoAnswer as error:
        if error.late:
            raise Refused("INTEGRATION_TIMEOUT") from None
        raise Refused("INTEGRATION_FAILURE", details=str(error)) from None


def _defaults(exchange: Exchange, out: Outgoing) -> list[tuple[str, str]]:
    """What API Gateway sends of its own accord where nothing is mapped."""
    given = {name.lower() for name, _ in out.headers}
    defaults = {
        "Content-Type": exchange.content_type,
        "Accept": "application/json",
        "User-Agent": f"AmazonAPIGateway_{exchange.served.api_id}",
        "X-Amzn-Trace-Id": exchange.trace_id,
        "x-amzn-apigateway-api-id": exchange.served.api_id,
    }
    return out.headers + [(name, value) for name, value in defaults.items() if name.lower() not in given]


def _url(integration: Integration, out: Outgoing) -> str:
    """The endpoint with its path variables and query. Refused when it is none."""
    url = integration.uri
    for name, value in out.path.items():
        text = quote(value, safe="/:@!$&'()*+,;=~")
        url = url.replace(f"{{{name}}}", text).replace(f"{{{name}+}}", text)
    try:
        parsed = parse_url(url)
    except LocationParseError:
        raise Refused("API_CONFIGURATION_ERROR") from None
    if parsed.scheme not in ("http", "https") or not parsed.host or "{" in url:
        raise Refused("API_CONFIGURATION_ERROR")
    if out.query:
        url += ("&" if parsed.query else "?") + urlencode(out.query)
    return url
