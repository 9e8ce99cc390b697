"""The `undercast` command: every subcommand's name, options and help."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from undercast import __version__


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
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
def up(
    host: str, port: int, data: Path | None, memory: bool, postgres: str,
    certificate: Path | None, certificate_key: Path | None, cors: tuple[str, ...], quiet: bool,
) -> None:  # fmt: skip
    """Start the platform and run it until Ctrl-C.

    What is acknowledged is on disk: after a crash, start it again with the same --data and everything goes on.
    """
    from undercast.app import Config  # noqa: PLC0415  the other subcommands need none of this
    from undercast.cli.up import CannotStart, default_data_folder, serve  # noqa: PLC0415

    if memory and data:
        raise click.UsageError("--memory and --data exclude each other.")
    folder = None if memory else data or default_data_folder()
    config = Config(host, port, folder, postgres, certificate, certificate_key, cors)
    try:
        serve(config, quiet=quiet)
    except CannotStart as error:
        click.echo(f"undercast: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
