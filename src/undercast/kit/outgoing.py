"""HTTP requests to servers outside, by urllib3 (which botocore brings) in threads of their own.

answer = await outgoing.send(call.platform, Outgoing("POST", "https://example.com/", body=b"{}"), timeout_s=5)
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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
    """One request to send."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are lower-case. `lines` are the headers as they were sent, one by one."""

    status: int
    headers: dict[str, str]
    body: bytes
    lines: tuple[tuple[str, str], ...] = ()


async def send(platform: Platform, request: Outgoing, timeout_s: float) -> Answer:
    """Send a request and read its answer, whatever its status. NoAnswer."""
    client = platform.things.get(_CLIENT)
    if client is None:
        client = platform.things[_CLIENT] = _Client()
    try:
        async with asyncio.timeout(timeout_s):
            answer: Answer = await asyncio.get_running_loop().run_in_executor(
                client.threads, client.send, request, timeout_s
            )
            return answer
    except urllib3.exceptions.NewConnectionError as error:  # which urllib3 counts among the timeouts
        raise NoAnswer(str(error), late=False) from error
    except (TimeoutError, urllib3.exceptions.TimeoutError) as error:
        raise NoAnswer(f"no answer in {timeout_s} seconds", late=True) from error
    except (urllib3.exceptions.HTTPError, ValueError, OSError) as error:  # ValueError: a URL or header that is none
        raise NoAnswer(str(error), late=False) from error


class _Client:
    """Connections that are kept open between requests."""

    def __init__(self) -> None:
        self.threads = ThreadPoolExecutor(_THREADS, "undercast-outgoing")
        self._pool = urllib3.PoolManager(num_pools=64, maxsize=_THREADS)

    def send(self, request: Outgoing, timeout_s: float) -> Answer:
        headers = urllib3.HTTPHeaderDict(request.headers)
        for name in ("user-agent", "accept-encoding"):
            headers.setdefault(name, urllib3.util.SKIP_HEADER)
        answer = self._pool.request(
            request.method, request.url, body=request.body or None, headers=headers, timeout=timeout_s, retries=False,
            redirect=False,
        )  # fmt: skip
        if len(answer.data) > _LARGEST:
            raise urllib3.exceptions.HTTPError("the answer is larger than 10 MB")
        lines = tuple(answer.headers.iteritems())
        return Answer(answer.status, {name.lower(): value for name, value in lines}, answer.data, lines)
