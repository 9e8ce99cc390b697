"""HTTP requests to servers outside, by urllib3 (which botocore brings) in threads of their own.

answer = await outgoing.send(call.platform, Outgoing("POST", "https://example.com/", body=b"{}"), timeout_s=5)
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import urllib3

if TYPE_CHECKING:
    from undercast.kit.call import Platform

_CLIENT = "kit.outgoing"
_THREADS = 32
_LARGEST = 10 * 1024 * 1024


class NoAnswer(Exception):
    """The server did not answer. `late`: not in time."""

    def __init__(self, reason: str, *, late: bool) -> None:
        super().__init__(reason)
        self.late = late


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request to send. `lines` are further headers, one by one: of a name that comes more than once."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    lines: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are lower-case. `lines` are the headers as they were sent, one by one."""

    status: int
    headers: dict[str, str]
    body: bytes
    lines: tuple[tuple[str, str], ...] = ()


async def send(platform: Platform, request: Outgoing, timeout_s: float) -> Answer:
    """Send a request and read its answer, whatever its status. NoAnswer."""
    client: Client | None = platform.things.get(_CLIENT)
    if client is None:
        client = platform.things[_CLIENT] = Client("undercast-outgoing")
    return await client.send(request, timeout_s)


def with_query(url: str, query: Mapping[str, str] | Sequence[tuple[str, str]]) -> str:
    """A URL with further query parameters."""
    return url + ("&" if "?" in url else "?") + urlencode(query) if query else url


def with_headers(headers: Mapping[str, str], others: Mapping[str, str]) -> dict[str, str]:
    """Headers with others, which win over those of the same name in whatever case."""
    names = {name.lower() for name in others}
    return {**{name: value for name, value in headers.items() if name.lower() not in names}, **others}


class Client:
    """Connections that are kept open between requests, in threads of their own.

    Most share the one that `send` uses; who may keep many threads waiting for long has a client for itself.
    """

    def __init__(self, name: str, threads: int = _THREADS) -> None:
        self._threads = ThreadPoolExecutor(threads, name)
        self._pools = {
            verify: urllib3.PoolManager(
                num_pools=64, maxsize=threads, cert_reqs="CERT_REQUIRED" if verify else "CERT_NONE",
                assert_hostname=None if verify else False,
            )
            for verify in (True, False)
        }  # fmt: skip

    def close(self) -> None:
        """Let go of connections and threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for pool in self._pools.values():
            pool.clear()

    async def send(self, request: Outgoing, timeout_s: float, *, verify: bool = True, decode: bool = True) -> Answer:
        """Send a request and read its answer, whatever its status. NoAnswer.

        `verify` the server's certificate; `decode` the answer's body where it is compressed.
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout_s):
                return await loop.run_in_executor(self._threads, self._send, request, timeout_s, verify, decode)
        except urllib3.exceptions.NewConnectionError as error:  # which urllib3 counts among the timeouts
            raise NoAnswer(str(error), late=False) from error
        except (TimeoutError, urllib3.exceptions.TimeoutError) as error:
            raise NoAnswer(f"no answer in {timeout_s} seconds", late=True) from error
        except (urllib3.exceptions.HTTPError, ValueError, OSError) as error:  # ValueError: a URL or header that is none
            raise NoAnswer(str(error), late=False) from error

    def _send(self, request: Outgoing, timeout_s: float, verify: bool, decode: bool) -> Answer:
        headers = urllib3.HTTPHeaderDict(request.headers)
        for name, value in request.lines:
            headers.add(name, value)
        for name in ("user-agent", "accept-encoding"):
            headers.setdefault(name, urllib3.util.SKIP_HEADER)
        answer = self._pools[verify].request(
            request.method, request.url, body=request.body or None, headers=headers, timeout=timeout_s, retries=False,
            redirect=False, decode_content=decode,
        )  # fmt: skip
        if len(answer.data) > _LARGEST:
            raise urllib3.exceptions.HTTPError("the answer is larger than 10 MB")
        lines = tuple(answer.headers.iteritems())
        return Answer(answer.status, {name.lower(): value for name, value in lines}, answer.data, lines)
