"""What the processes of `tests.forks` have imported before they begin: the platform with its services, the AWS CLI."""

import gc
import importlib

from undercast.services import NAMES

OURS = ("app", "cli.main", "cli.up", "store.postgres", *(f"services.{name}.service" for name in NAMES))
THEIRS = ("awscli.clidriver", "awscli.customizations.s3.subcommands")

for name in (*(f"undercast.{name}" for name in OURS), *THEIRS):
    importlib.import_module(name)
gc.collect()
gc.freeze()  # the forks share this; their garbage collectors need not go through it
