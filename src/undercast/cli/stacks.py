"""`undercast deploy`, `delete`, `stacks`, `outputs`: stacks for people at a terminal, and for scripts."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from botocore.exceptions import ClientError
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from undercast.cli.client import Connection, fail
from undercast.cli.packaging import MissingPath, content_key, package
from undercast.engines.templates import TemplateError

_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_PAUSE_S = 0.1
_GOOD = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"}
_STYLES = {"COMPLETE": "green", "FAILED": "red", "PROGRESS": "yellow"}


def deploy(connection: Connection, template: Path, stack: str | None, parameters: dict[str, str]) -> None:
    """Create or update a stack from a template on disk, showing its resources as they come."""
    name = stack or re.sub(
        r"[^A-Za-z0-9-]+", "-", template.stem if template.stem != "template" else template.resolve().parent.name
    )
    cloudformation = connection.client("cloudformation")
    try:
        text = package(template, _uploader(connection))
    except (MissingPath, TemplateError) as error:
        fail(f"{template}: {error}")
    began = connection.now()
    changed = _create_or_update(cloudformation, name, text, parameters)
    status = _watch(connection, cloudformation, name, began) if changed else _status(cloudformation, name)
    outputs = _outputs(cloudformation, name)
    answer = {"stack": name, "status": status, "changed": changed, "outputs": outputs}
    connection.show(answer, lambda: _print_outcome(name, status, outputs, changed))
    if status not in _GOOD and not (not changed and status.endswith("_COMPLETE")):
        fail(_reason(cloudformation, name, began))


def delete(connection: Connection, stack: str) -> None:
    """Delete a stack and all that it made."""
    cloudformation = connection.client("cloudformation")
    began = connection.now()
    stack_id = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackId"]
    cloudformation.delete_stack(StackName=stack)
    status = _watch(connection, cloudformation, stack_id, began)
    connection.show({"stack": stack, "status": status}, lambda: click.echo(f"{stack}: {status}"))
    if status != "DELETE_COMPLETE":
        fail(_reason(cloudformation, stack_id, began))


def show_stacks(connection: Connection) -> None:
    """Every stack, its status and when it last changed."""
    pages = connection.client("cloudformation").get_paginator("describe_stacks").paginate()
    stacks = [stack for page in pages for stack in page["Stacks"]]
    rows = [
        {"name": s["StackName"], "status": s["StackStatus"], "changed": s.get("LastUpdatedTime", s["CreationTime"])}
        for s in stacks
    ]
    connection.show(rows, lambda: _print_stacks(rows))


def show_outputs(connection: Connection, stack: str) -> None:
    """A stack's outputs."""
    outputs = _outputs(connection.client("cloudformation"), stack)
    connection.show(outputs, lambda: _print_outputs(outputs))


def _uploader(connection: Connection) -> Any:
    s3 = connection.client("s3")
    bucket = f"undercast-deploy-{connection.account}-{connection.region}"

    def upload(content: bytes, ending: str) -> tuple[str, str]:
        key = content_key(content, ending)
        try:
            s3.head_object(Bucket=bucket, Key=key)
        except ClientError:
            region = (
                {}
                if connection.region == "us-east-1"
                else {"CreateBucketConfiguration": {"LocationConstraint": connection.region}}
            )
            try:
                s3.create_bucket(Bucket=bucket, **region)
            except ClientError as error:
                if error.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
                    raise
            s3.put_object(Bucket=bucket, Key=key, Body=content)
        return bucket, key

    return upload


def _create_or_update(cloudformation: Any, name: str, text: str, parameters: dict[str, str]) -> bool:
    """Whether there is something to watch."""
    request = {
        "StackName": name,
        "TemplateBody": text,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        "Capabilities": _CAPABILITIES,
    }
    status = _status(cloudformation, name)
    if status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"):
        click.echo(f"{name} is {status}: it is deleted and made anew.", err=True)
        cloudformation.delete_stack(StackName=name)
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
        status = ""
    if not status:
        cloudformation.create_stack(**request)
        return True
    try:
        cloudformation.update_stack(**request)
    except ClientError as error:
        if "No updates are to be performed" in error.response["Error"]["Message"]:
            return False
        raise
    return True


def _status(cloudformation: Any, name: str) -> str:
    """A stack's status; "" when there is none."""
    try:
        status: str = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return ""
        raise
    return status


def _watch(connection: Connection, cloudformation: Any, name: str, began: int) -> str:
    """Show the stack's resources until it has come to rest: a live table on a terminal, else a line for each event."""
    console = Console(stderr=True)
    if connection.as_json:
        return _rest(cloudformation, name, lambda: None)
    if not console.is_terminal:
        said: set[str] = set()
        return _rest(cloudformation, name, lambda: _say_new(_events(cloudformation, name, began), said))
    with Live(console=console, refresh_per_second=10) as live:
        return _rest(cloudformation, name, lambda: live.update(_table(_events(cloudformation, name, began))))


def _rest(cloudformation: Any, name: str, show: Callable[[], None]) -> str:
    """The stack's status when nothing moves any more."""
    while True:
        status = _status(cloudformation, name)
        show()
        if not status.endswith("_IN_PROGRESS"):
            return status or "DELETE_COMPLETE"
        time.sleep(_PAUSE_S)


def _events(cloudformation: Any, name: str, began: int) -> list[dict[str, Any]]:
    """The events of this change, oldest first."""
    events: list[dict[str, Any]] = []
    for page in cloudformation.get_paginator("describe_stack_events").paginate(StackName=name):
        new = [event for event in page["StackEvents"] if 1000 * event["Timestamp"].timestamp() >= began]
        events += new
        if len(new) < len(page["StackEvents"]):
            break
    return events[::-1]


def _table(events: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("resource", "type", "status", "reason"):
        table.add_column(column, overflow="fold")
    latest = {event["LogicalResourceId"]: event for event in events}
    # What failed is soon rolled back; its reason must not go with it.
    reasons = {
        event["LogicalResourceId"]: event.get("ResourceStatusReason", "")
        for event in events
        if event["ResourceStatus"].endswith("_FAILED")
    }
    for name, event in latest.items():
        status = event["ResourceStatus"]
        style = "red" if name in reasons else _STYLES.get(status.rpartition("_")[2], "")
        reason = " ".join((reasons.get(name) or event.get("ResourceStatusReason", "")).split())
        table.add_row(name, event["ResourceType"], Text(status, style), Text(reason))
    return table


def _say_new(events: list[dict[str, Any]], said: set[str]) -> None:
    for event in events:
        if event["EventId"] not in said:
            said.add(event["EventId"])
            reason = " ".join(event.get("ResourceStatusReason", "").split())
            words = [event["ResourceStatus"], event["LogicalResourceId"], event["ResourceType"], reason]
            click.echo("  ".join(filter(None, words)), err=True)


def _reason(cloudformation: Any, name: str, began: int) -> str:
    """The first failure of this change in one sentence."""
    for event in _events(cloudformation, name, began):
        if event["ResourceStatus"].endswith("_FAILED"):
            why = event.get("ResourceStatusReason", "failed")
            return f"{event['LogicalResourceId']} ({event['ResourceType']}): {why}"
    return f"{name} did not come up."


def _outputs(cloudformation: Any, name: str) -> dict[str, str]:
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def _print_outcome(name: str, status: str, outputs: dict[str, str], changed: bool) -> None:
    click.echo(f"{name}: {status}" + ("" if changed else " (nothing to change)"))
    _print_outputs(outputs)


def _print_outputs(outputs: dict[str, str]) -> None:
    width = max(map(len, outputs), default=0)
    for key, value in outputs.items():
        click.echo(f"  {key:<{width}}  {value}")


def _print_stacks(rows: list[dict[str, Any]]) -> None:
    if not rows:
        click.echo("No stacks yet. Bring one up:  undercast deploy template.yaml")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("stack", "status", "changed"):
        table.add_column(column)
    for row in rows:
        table.add_row(row["name"], row["status"], f"{row['changed']:%Y-%m-%d %H:%M:%S}")
    Console().print(table)
