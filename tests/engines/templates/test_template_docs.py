"""The examples in the packages' docstrings are true."""

from __future__ import annotations

import doctest

import undercast.engines.resource_schemas
import undercast.engines.templates


def test_examples():
    for package in (undercast.engines.templates, undercast.engines.resource_schemas):
        result = doctest.testmod(package)
        assert result.attempted > 2
        assert result.failed == 0
