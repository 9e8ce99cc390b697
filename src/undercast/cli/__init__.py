"""The `undercast` command."""
