"""The command's own client: botocore against the platform, and plain words when that does not answer."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any, NoReturn

import click

ACCOUNT = "000000000000"


@dataclass(frozen=True)
class Connection:
    """Where the platform is, and in whose name to ask. `as_json` is how to answer."""

    url: str
    region: str
    account: str
    as_json: bool

    def client(self, service: str) -> Any:
        """A client as boto3 makes them, without boto3, which loads for 0.1 s what no subcommand uses."""
        return _session().create_client(
            service, endpoint_url=self.url, region_name=self.region, aws_access_key_id=self.account,
            aws_secret_access_key="undercast",
        )  # fmt: skip

    def own(self, method: str, path: str, body: object = None, *, timeout_s: float = 60) -> dict[str, Any]:
        """Ask one of Undercast's own paths."""
        from urllib.request import Request, urlopen  # noqa: PLC0415  takes 20 ms, which `up` should not

        data = json.dumps(body).encode() if body is not None else None
        request = Request(f"{self.url}/_undercast{path}", data, method=method)
        with urlopen(request, timeout=timeout_s) as response:
            answer: dict[str, Any] = json.load(response)
            return answer

    def now(self) -> int:
        """The platform's time in milliseconds; it may be ahead of ours."""
        return int(self.own("GET", "/clock")["now"])

    def show(self, value: object, text: Callable[[], None]) -> None:
        """Print `value` as JSON, or what `text` prints for people."""
        if self.as_json:
            click.echo(json.dumps(value, indent=2, default=lambda time: time.isoformat()))
        else:
            text()


@cache
def _session() -> Any:
    from botocore.session import get_session  # noqa: PLC0415  takes 100 ms, which `--help` should not

    return get_session()


def connected(function: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a subcommand its connection and the options for it, and turns what goes wrong into one sentence."""

    @click.option(
        "--url",
        envvar=["UNDERCAST_URL", "AWS_ENDPOINT_URL"],
        help="Where the platform is.  [default: http://127.0.0.1:4566]",
    )
    @click.option("--port", type=int, help="Its port, when only that differs.")
    @click.option(
        "--region",
        envvar=["AWS_REGION", "AWS_DEFAULT_REGION"],
        default="us-east-1",
        show_default=True,
        help="AWS region.",
    )
    @click.option("--account", default=ACCOUNT, show_default=True, help="AWS account, 12 digits.")
    @click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for scripts.")
    @wraps(function)
    def run(url: str | None, port: int | None, region: str, account: str, as_json: bool, **arguments: Any) -> Any:
        where = f"http://127.0.0.1:{port}" if port else url or "http://127.0.0.1:4566"
        return _explained(lambda: function(Connection(where, region, account, as_json), **arguments), where)

    return run


def fail(message: str) -> NoReturn:
    """End with one sentence on one line and exit code 1."""
    click.echo(f"undercast: {' '.join(message.split())}", err=True)
    sys.exit(1)


def _explained(work: Callable[[], Any], url: str) -> Any:
    from urllib.error import HTTPError, URLError  # noqa: PLC0415  as urllib.request in `own`

    from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError  # noqa: PLC0415  as in _session

    try:
        return work()
    except ClientError as error:
        details = error.response["Error"]
        fail(f"{details.get('Message') or details['Code']} ({details['Code']})")
    except HTTPError as error:
        fail(_own_message(error.read()) or str(error))
    except (EndpointConnectionError, URLError, ConnectionError):
        fail(f"Undercast does not answer at {url}: start it with `undercast up`, or say --url or --port.")
    except BotoCoreError as error:
        fail(str(error))
    except BrokenPipeError:  # the reader of our output, such as `head`, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _own_message(body: bytes) -> str:
    """What one of Undercast's own paths says is wrong."""
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):  # it was not Undercast that answered
        return ""
