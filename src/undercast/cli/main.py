"""The `undercast` command: every subcommand's name, options and help."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import click

from undercast import __version__
from undercast.cli.client import Connection, connected


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="undercast %(version)s")
def main() -> None:
    """AWS serverless microservices on your own machine: one durable program, the real AWS APIs.

    \b
    Begin with:
      undercast up                     start the platform (Ctrl-C stops it)
      eval "$(undercast env)"          let aws, boto3 and sam talk to it
      undercast deploy template.yaml   bring up a CloudFormation or SAM stack
    """


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=4566, show_default=True, help="Port for HTTP and HTTPS; 0 picks a free one.")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that keeps everything.  [default: .undercast]",
)
@click.option("--memory", is_flag=True, help="Keep nothing: all is gone when the platform stops.")
@click.option("--postgres", metavar="URL", default="", help="Keep data in this PostgreSQL database instead.")
@click.option(
    "--certificate", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="PEM certificate for HTTPS."
)
@click.option(
    "--certificate-key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Its private key, when apart.",
)
@click.option(
    "--cors", multiple=True, metavar="ORIGIN", help="Web origin that may call from a browser, besides local ones."
)
@click.option(
    "--mock-config",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    envvar="SFN_MOCK_CONFIG",
    help="Mocked tasks of state machines, as Step Functions Local reads them.  [env: SFN_MOCK_CONFIG]",
)
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
def up(
    host: str, port: int, data: Path | None, memory: bool, postgres: str,
    certificate: Path | None, certificate_key: Path | None, cors: tuple[str, ...], mock_config: Path | None, quiet: bool,
) -> None:  # fmt: skip
    """Start the platform and run it until Ctrl-C.

    What is acknowledged is on disk: after a crash, start it again with the same --data and everything goes on.

    \b
    Examples:
      undercast up
      undercast up --port 5000 --data ~/insurance-data
    """
    from undercast.app import Config  # noqa: PLC0415  the other subcommands need none of this
    from undercast.cli.up import CannotStart, default_data_folder, serve  # noqa: PLC0415  as above

    if memory and data:
        raise click.UsageError("--memory and --data exclude each other.")
    if mock_config:
        os.environ["SFN_MOCK_CONFIG"] = str(mock_config.absolute())  # where the service looks for it
    folder = None if memory else data or default_data_folder()
    config = Config(host, port, folder, postgres, certificate, certificate_key, cors)
    try:
        serve(config, quiet=quiet)
    except CannotStart as error:
        click.echo(f"undercast: {error}", err=True)
        sys.exit(1)


@main.command()
@click.argument("template", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--stack", metavar="NAME", help="Name of the stack.  [default: the template's name, or its folder's]")
@click.option(
    "--param", "parameters", multiple=True, metavar="KEY=VALUE", help="A parameter of the template; may be repeated."
)
@connected
def deploy(connection: Connection, template: Path, stack: str | None, parameters: tuple[str, ...]) -> None:
    """Create or update a stack from TEMPLATE, a CloudFormation or SAM file.

    Local paths in it (CodeUri, Code, ContentUri, TemplateURL…) are packaged by themselves. Exits 1 when the stack fails.

    \b
    Examples:
      undercast deploy template.yaml
      undercast deploy template.yaml --stack payments-test --param Stage=test
    """
    from undercast.cli import stacks  # noqa: PLC0415  botocore and rich take 200 ms, which --help should not

    pairs = [pair.partition("=") for pair in parameters]
    if wrong := [key for key, equals, _ in pairs if not equals]:
        raise click.UsageError(f"--param takes KEY=VALUE, not {wrong[0]}.")
    stacks.deploy(connection, template, stack, {key: value for key, _, value in pairs})


@main.command()
@click.argument("stack")
@connected
def delete(connection: Connection, stack: str) -> None:
    """Delete STACK and everything it made.

    \b
    Example:
      undercast delete payments-test
    """
    from undercast.cli import stacks  # noqa: PLC0415  as above

    stacks.delete(connection, stack)


@main.command()
@connected
def stacks(connection: Connection) -> None:
    """List the stacks.

    \b
    Example:
      undercast stacks --json
    """
    from undercast.cli import stacks  # noqa: PLC0415  as above

    stacks.show_stacks(connection)


@main.command()
@click.argument("stack")
@connected
def outputs(connection: Connection, stack: str) -> None:
    """Show the outputs of STACK.

    \b
    Example:
      undercast outputs payments-test
    """
    from undercast.cli import stacks  # noqa: PLC0415  as above

    stacks.show_outputs(connection, stack)


@main.command()
@click.argument("function")
@click.option("--follow", "-f", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option("--since", "since_s", type=int, metavar="SECONDS", help="Only lines of the last SECONDS.")
@connected
def logs(connection: Connection, function: str, follow: bool, since_s: int | None) -> None:
    """Show what FUNCTION has logged. With --json a list of events; with --follow too, one event a line.

    \b
    Examples:
      undercast logs my-function --since 60
      undercast logs my-function --follow
    """
    from undercast.cli import functions  # noqa: PLC0415  as above

    with contextlib.suppress(KeyboardInterrupt):
        functions.show_logs(connection, function, follow=follow, since_s=since_s)


@main.command()
@click.argument("function")
@click.argument("payload", default="{}")
@click.option("--log", is_flag=True, help="Show the end of its log on standard error.")
@connected
def invoke(connection: Connection, function: str, payload: str, log: bool) -> None:
    """Invoke FUNCTION with PAYLOAD: JSON, @FILE, or - for standard input. Exits 1 when the function fails.

    \b
    Examples:
      undercast invoke my-function '{"amount": 5}'
      undercast invoke my-function @event.json --log
    """
    from undercast.cli import functions  # noqa: PLC0415  as above

    functions.invoke(connection, function, payload, log=log)


@main.command()
@connected
def status(connection: Connection) -> None:
    """Say whether the platform runs, where its data is, what is in use.

    \b
    Example:
      undercast status --port 5000
    """
    answer = connection.own("GET", "/status")
    used = [name for name, loaded in answer["services"].items() if loaded]

    def text() -> None:
        click.echo(f"Undercast {answer['version']} runs at {answer['endpoint']} for {answer['uptime_s']:.0f} s.")
        click.echo(f"Data: {answer['data'] or 'in memory, nothing is kept'} ({answer['store']}).")
        click.echo(f"In use: {', '.join(used) or 'nothing yet'}. Here: {', '.join(answer['services'])}.")

    connection.show(answer, text)


@main.group(invoke_without_command=True)
@click.pass_context
def clock(context: click.Context) -> None:
    """Say what time it is for the platform, or move its clock forward.

    \b
    Examples:
      undercast clock
      undercast clock advance 1h30m
    """
    if context.invoked_subcommand is None:
        with show_clock.make_context("show", [], parent=context) as show:
            show_clock.invoke(show)


@clock.command("show")
@connected
def show_clock(connection: Connection) -> None:
    """Say what time it is for the platform."""
    from undercast.cli import clock  # noqa: PLC0415  as above

    clock.show(connection)


@clock.command("advance")
@click.argument("duration", metavar="DURATION")
@connected
def advance_clock(connection: Connection, duration: str) -> None:
    """Let DURATION (90s, 15m, 1h30m, 7d, 2w) pass at once.

    Everything that was to happen meanwhile happens, in order: schedules, retries, visibility timeouts, retention, expiry.
    The clock stays ahead, also after a restart; it cannot go back (but `undercast reset` begins anew).

    \b
    Examples:
      undercast clock advance 1h
      undercast clock advance 30d --json
    """
    from undercast.cli import clock  # noqa: PLC0415  as above

    clock.advance(connection, clock.milliseconds(duration))


@main.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@connected
def reset(connection: Connection, yes: bool) -> None:
    """Forget everything: every resource and message, in every account and region.

    \b
    Example:
      undercast reset --yes
    """
    if not yes:
        click.confirm(f"Forget everything at {connection.url}?", abort=True, err=True)
    answer = connection.own("POST", "/reset", {})
    connection.show(answer, lambda: click.echo("Everything is forgotten."))


_AWS_FUNCTION = """\
aws() {
    case " $* " in
    *" sqs "*) command aws ${AWS_ENDPOINT_URL:+--endpoint-url "$AWS_ENDPOINT_URL"} "$@" ;;
    *) command aws "$@" ;;
    esac
}"""


@main.command()
@click.option("--shell", type=click.Choice(["sh", "fish", "powershell"]), default="sh", show_default=True)
@connected
def env(connection: Connection, shell: str) -> None:
    """Print the exports that let aws, boto3, sam and every SDK talk to the platform.

    \b
    Examples:
      eval "$(undercast env)"                              sh, bash, zsh
      undercast env --shell fish | source
      undercast env --shell powershell | Invoke-Expression

    Version 1 of the AWS CLI ignores AWS_ENDPOINT_URL for `aws sqs` alone. In sh, bash and zsh a function `aws` comes with
    the exports that says it on the command line; elsewhere give --endpoint-url there.
    """
    line = {"sh": "export {}={}", "fish": "set -gx {} {};", "powershell": "$env:{} = '{}'"}[shell]
    variables = {
        "AWS_ENDPOINT_URL": connection.url,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",  # `sync-localhost` (Step Functions) leads nowhere
        "AWS_ACCESS_KEY_ID": connection.account,
        "AWS_SECRET_ACCESS_KEY": "undercast",
        "AWS_REGION": connection.region,
        "AWS_DEFAULT_REGION": connection.region,
    }
    lines = [line.format(*pair) for pair in variables.items()] + ([_AWS_FUNCTION] if shell == "sh" else [])
    connection.show(variables, lambda: click.echo("\n".join(lines)))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for scripts.")
def version(as_json: bool) -> None:
    """Say which version this is."""
    click.echo(f'{{"version": "{__version__}"}}' if as_json else f"undercast {__version__}")


if __name__ == "__main__":
    main()
