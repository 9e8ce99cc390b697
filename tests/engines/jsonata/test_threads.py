"""Evaluations in several threads, and what they leave of Python's stack to everything else."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.engines.jsonata.moment import MOMENT
from undercast.engines.jsonata import JsonataError, compile, evaluate
from undercast.recursion import PYTHON_FRAMES

DEEP = "($f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $f(100))"  # some 2,000 of Python's frames


@pytest.fixture
def quick_switches() -> Iterator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(usual)


def test_an_evaluation_takes_no_room_from_another_thread(quick_switches: None) -> None:
    ended = threading.Event()

    def short() -> None:
        while not ended.is_set():
            assert evaluate(compile("1 + 1"), None, {}, MOMENT) == 2

    with ThreadPoolExecutor(2) as threads:
        others = [threads.submit(short) for _ in range(2)]
        try:
            found = {evaluate(compile(DEEP), None, {}, MOMENT) for _ in range(100)}
        finally:
            ended.set()
        assert found == {100}
        assert [other.result() for other in others] == [None, None]


def test_the_limit_is_set_once(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluate(compile("1 + 1"), None, {}, MOMENT)
    assert sys.getrecursionlimit() >= PYTHON_FRAMES
    monkeypatch.delattr(sys, "setrecursionlimit")
    assert evaluate(compile(DEEP), None, {}, MOMENT) == 100
    with pytest.raises(JsonataError):
        compile("(" * 20_000)


# What recurses through C takes the most of a thread's stack. In a process of its own: it would be killed, not refused.
_ENDLESS = """
import functools, json, sys, threading
from undercast.engines.jsonata import library

class Endless:
    def __getattr__(self, name): return getattr(self, name)
    def __call__(self): return self()
    def __str__(self): return str(self)

def generators(): return any(generators() for _ in (1,))
def joined(): return "".join(joined() for _ in (1,))
def reduced(): return functools.reduce(lambda a, b: reduced(), [1, 2])
def nested():
    value = []
    for _ in range(100_000): value = [value]
    return value

def run():
    for endless in (lambda: Endless().name, Endless(), lambda: str(Endless()), generators, joined, reduced,
                    lambda: json.dumps(nested()), lambda: json.loads("[" * 100_000), lambda: repr(nested())):
        try:
            endless()
        except RecursionError:
            continue
        sys.exit("no error")
    print("refused")

run()
thread = threading.Thread(target=run)
thread.start()
thread.join()
"""


def test_endless_recursion_elsewhere_is_still_an_error() -> None:
    ran = subprocess.run([sys.executable, "-c", _ENDLESS], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "refused\nrefused\n"), ran.stderr[-500:]
