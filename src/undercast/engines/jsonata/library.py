"""jsonata-python, imported without its effect on the process: it would raise Python's recursion limit for everyone."""

import sys

_usual = sys.getrecursionlimit()
from jsonata import Functions, JException, Jsonata, Parser, Signature, Utils  # noqa: E402

sys.setrecursionlimit(_usual)

__all__ = ["Functions", "JException", "Jsonata", "Parser", "Signature", "Utils"]
