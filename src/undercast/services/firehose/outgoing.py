"""Requests to destinations outside, by urllib3 (which botocore brings) in threads of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import urllib3

from undercast.kit.call import Call
from undercast.services.firehose.model import Record

_THREADS = 32
_TIMEOUT_S = 180.0  # what an endpoint has to answer: httpdeliveryrequestresponse.html
_CLIENT = "firehose.client"


class Undelivered(Exception):
    """A destination did not take records. `left`: the numbers of those it did not take; None for all.

    `details(record)`: what the record of the failure shows besides.
    """

    def __init__(
        self, code: str, message: str, left: Collection[int] | None = None,
        details: Callable[[Record], Mapping[str, Any]] = lambda _: {},
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.code = code
        self.left = left
        self.details = details


class Client:
    """Connections that are kept open between requests."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, "undercast-firehose")
        self._pool = urllib3.PoolManager(num_pools=64, maxsize=_THREADS)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._pool.clear()

    async def post(self, url: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer. urllib3.exceptions.HTTPError when there is none."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._post, url, headers, body)

    def _post(self, url: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        answer = self._pool.request(
            "POST", url, body=body, headers=headers, timeout=_TIMEOUT_S, retries=False, redirect=False
        )
        return answer.status, answer.data


async def post(call: Call, code: str, url: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    """Status and body of the answer. Undelivered (`code`) when there is none."""
    client: Client = call.platform.things.setdefault(_CLIENT, None) or Client()
    call.platform.things[_CLIENT] = client
    try:
        return await client.post(url, headers, body)
    except urllib3.exceptions.TimeoutError as error:
        raise Undelivered(f"{code}.RequestTimeout", "The endpoint did not answer in time.") from error
    except urllib3.exceptions.HTTPError as error:
        raise Undelivered(f"{code}.ConnectionFailed", f"The endpoint cannot be reached: {error}") from error


async def stop(platform: Any) -> None:
    """Let go of connections and threads."""
    client = platform.things.pop(_CLIENT, None)
    if client:
        client.close()
