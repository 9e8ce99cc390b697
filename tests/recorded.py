"""Compares answers with what AWS answered: `recorded("sqs::TestSqsProvider::test_x").check("step", answer)`."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

_FOLDER = Path(__file__).parent / "recordings"
_PLACEHOLDER = re.compile(r"<[a-zA-Z][\w\- .:/]*>")
_ANYTHING = {"timestamp", "date", "datetime", "<datetime>", "<timestamp>", "<date>"}
_DIGESTS = {"<md5-hash>", "<signature>"}  # one name for many values
_OURS = {"HTTPHeaders", "RetryAttempts", "RequestId", "HostId", "MaxAttemptsReached"}
_ACCOUNT = "111111111111"


@cache
def cases(service: str) -> dict[str, Any]:
    """Every recorded case of a file, by its whole name."""
    return json.loads((_FOLDER / f"{service}.json").read_text())


def recorded(case: str, service: str = "") -> Recorded:
    """A recorded case: `sqs::TestSqsProvider::test_x`. `service` names the file when the case's name does not."""
    return Recorded(case, cases(service or case.partition("::")[0])[case]["answers"])


class Recorded:
    """One case. A placeholder stands for the same value wherever it occurs in the case."""

    def __init__(self, case: str, answers: dict[str, Any]) -> None:
        self.case = case
        self.answers = answers
        self._bound: dict[str, str] = {}

    def check(self, step: str, actual: Any, ignore: tuple[str, ...] = ()) -> None:
        """Assert that an answer (or a ClientError) is what AWS answered. `ignore` names members left out."""
        if isinstance(actual, ClientError):
            actual = actual.response
        problems: list[str] = []
        self._compare(self.answers[step], actual, "", _OURS | set(ignore), problems)
        assert not problems, f"{self.case} / {step}:\n  " + "\n  ".join(problems)

    def _compare(self, want: Any, have: Any, path: str, ignore: set[str], problems: list[str]) -> None:
        if isinstance(want, str) and want in _ANYTHING:
            if have is None:
                problems.append(f"{path}: AWS has a time, we have nothing")
        elif isinstance(want, str) and want in _DIGESTS:
            if not isinstance(have, str) or not have:
                problems.append(f"{path}: AWS has a digest, we have {have!r}")
        elif isinstance(want, dict) and isinstance(have, str) and have[:1] in "{[":
            self._compare(want, json.loads(have), path, ignore, problems)  # JSON texts were recorded parsed
        elif isinstance(want, dict) and isinstance(have, dict):
            self._compare_objects(want, have, path, ignore, problems)
        elif isinstance(want, list) and isinstance(have, list):
            if len(want) != len(have):
                problems.append(f"{path}: AWS has {len(want)} entries, we have {len(have)}: {have}")
            for index, (one, other) in enumerate(zip(want, have, strict=False)):
                self._compare(one, other, f"{path}[{index}]", ignore, problems)
        elif isinstance(want, str) and isinstance(have, str):
            if not self._matches(want, have):
                problems.append(f"{path}: AWS {want!r}, we {have!r}")
        elif isinstance(want, str) and _PLACEHOLDER.fullmatch(want) and have is not None:
            self._bound.setdefault(want, str(have))
        elif want != have or isinstance(want, bool) != isinstance(have, bool):
            problems.append(f"{path}: AWS {want!r}, we {have!r}")

    def _compare_objects(
        self, want: dict[str, Any], have: dict[str, Any], path: str, ignore: set[str], problems: list[str]
    ) -> None:
        # Members with the fewest placeholders come first: they bind them, where `<path><name>` could be cut anywhere.
        for key in sorted(want.keys() | have.keys(), key=lambda key: (_placeholders(want.get(key)), key)):
            if key in ignore:
                continue
            if key not in have and not _PLACEHOLDER.search(key):
                problems.append(f"{path}.{key}: AWS has {want[key]!r}, we lack it")
            elif key not in want and not any(_PLACEHOLDER.search(other) for other in want):
                problems.append(f"{path}.{key}: AWS lacks it, we have {have[key]!r}")
            elif key in want and key in have:
                self._compare(want[key], have[key], f"{path}.{key}", ignore, problems)

    def _matches(self, want: str, have: str) -> bool:
        """Whether a text fits one with placeholders, each bound to one value."""
        names: list[str] = []
        pattern, end = "", 0
        for found in _PLACEHOLDER.finditer(want):
            pattern += _literal(want[end : found.start()])
            name, end = found.group(), found.end()
            pattern += re.escape(self._bound[name]) if name in self._bound else "(.+?)"
            if name not in self._bound:
                names.append(name)
        match = re.fullmatch(pattern + _literal(want[end:]), have, re.DOTALL)
        if match is None:
            return False
        for name, value in zip(names, match.groups(), strict=True):
            self._bound.setdefault(name, value)
        return True


def _is_placeholder(want: Any) -> bool:
    return isinstance(want, str) and _PLACEHOLDER.fullmatch(want) is not None


def _placeholders(want: Any) -> int:
    """How many there are beside other text; one alone counts as none."""
    return len(_PLACEHOLDER.findall(want)) if isinstance(want, str) and not _is_placeholder(want) else 0


def _literal(text: str) -> str:
    """The account of the recording stands for any."""
    return re.escape(text).replace(_ACCOUNT, r"\d{12}")
