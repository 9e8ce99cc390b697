"""jsonata-python, imported without its effect on the process: it would set Python's recursion limit to 10,000."""

import sys

_usual = sys.getrecursionlimit()
from jsonata import Functions, JException, Jsonata, Parser, Signature, Utils  # noqa: E402  it sets the limit

sys.setrecursionlimit(_usual)

__all__ = ["Functions", "JException", "Jsonata", "Parser", "Signature", "Utils"]
