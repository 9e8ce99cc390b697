"""HTTP and HTTP_PROXY: requests to servers outside, by urllib3 (which botocore brings) in threads of their own."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import urllib3

from undercast.kit.http import Response
from undercast.services.apigateway.execute.refusals import Refused
from undercast.services.apigateway.execute.transforms import Incoming, Outgoing, answered, outgoing

if TYPE_CHECKING:
    from undercast.services.apigateway.execute.exchange import Exchange
    from undercast.services.apigateway.execute.served import Integration

_THREADS = 64
_LARGEST = 10 * 1024 * 1024
_REMAPPED = {
    "connection",
    "content-length",
    "date",
    "server",
    "transfer-encoding",
    "www-authenticate",
    "x-amzn-requestid",
}


class Backends:
    """Connections to servers outside, kept open between requests."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, "undercast-backend")
        self._pools = {verify: self._pool(verify) for verify in (True, False)}

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        for pool in self._pools.values():
            pool.clear()

    async def send(self, method: str, url: str, out: Outgoing, timeout_s: float, *, verify: bool) -> Incoming:
        """One request. Refused when there is no answer in time."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout_s):
                return await loop.run_in_executor(self._threads, self._send, method, url, out, timeout_s, verify)
        except (TimeoutError, urllib3.exceptions.TimeoutError):
            raise Refused("INTEGRATION_TIMEOUT") from None
        except urllib3.exceptions.HTTPError as error:
            raise Refused("INTEGRATION_FAILURE", status=504, details=str(error)) from None

    def _send(self, method: str, url: str, out: Outgoing, timeout_s: float, verify: bool) -> Incoming:
        headers = urllib3.HTTPHeaderDict()
        for name, value in out.headers:
            headers.add(name, value)
        for name in ("user-agent", "accept-encoding"):
            headers.setdefault(name, urllib3.util.SKIP_HEADER)
        answer = self._pools[verify].request(
            method,
            url,
            body=out.body or None,
            headers=headers,
            timeout=timeout_s,
            retries=False,
            redirect=False,
            decode_content=False,
        )
        if len(answer.data) > _LARGEST:
            raise urllib3.exceptions.HTTPError("the answer is larger than 10 MB")
        return Incoming(answer.status, list(answer.headers.items()), answer.data)

    @staticmethod
    def _pool(verify: bool) -> urllib3.PoolManager:
        return urllib3.PoolManager(
            num_pools=64,
            maxsize=_THREADS,
            cert_reqs="CERT_REQUIRED" if verify else "CERT_NONE",
            assert_hostname=None if verify else False,
        )


async def answer(exchange: Exchange, backends: Backends) -> Response:
    """Ask the server behind the method. Refused."""
    integration = exchange.method.integration
    proxy = integration.type == "HTTP_PROXY"
    out = outgoing(exchange, proxy=proxy)
    if not proxy:
        out.headers = _defaults(exchange, out)
    url = _url(integration, out)
    method = exchange.request.method if integration.http_method == "ANY" else integration.http_method
    exchange.note(f"Sending request to {url}")
    incoming = await backends.send(method, url, out, integration.timeout_s, verify=integration.verify)
    exchange.note(f"Received response. Status: {incoming.status}")
    if not proxy:
        return answered(exchange, incoming)
    headers = [
        (f"x-amzn-Remapped-{name}" if name.lower() in _REMAPPED else name, value) for name, value in incoming.headers
    ]
    headers = [item for item in headers if item[0].lower() != "x-amzn-remapped-transfer-encoding"]
    if not any(name.lower() == "x-amzn-trace-id" for name, _ in headers):
        headers.append(("X-Amzn-Trace-Id", exchange.trace_id))
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    return Response(incoming.status, headers, incoming.body)


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
        url = url.replace(f"{{{name}}}", quote(value, safe="/:@!$&'()*+,;=~")).replace(
            f"{{{name}+}}", quote(value, safe="/:@!$&'()*+,;=~")
        )
    if not url.startswith(("http://", "https://")) or "{" in url:
        raise Refused("API_CONFIGURATION_ERROR")
    parsed = urllib3.util.parse_url(url)
    if not parsed.host:
        raise Refused("API_CONFIGURATION_ERROR")
    if out.query:
        url += ("&" if parsed.query else "?") + urlencode(out.query)
    return url
