"""What a demo promises, checks and prints."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console

from examples.platform import Platform


class NotAsPromised(Exception):
    """Something went otherwise than the pattern promises."""


class Report:
    """What the demo prints."""

    def __init__(self, console: Console, began: float) -> None:
        self._console = console
        self._began = began
        self._steps = 0
        self.exit_code = 0

    def pattern(self, title: str, promise: str) -> None:
        self._console.print(f"\n[bold]{title}[/bold]\n[dim]{promise}[/dim]")

    def step(self, text: str, ms: float | None = None) -> None:
        self._steps += 1
        took = f" [dim]{ms:,.0f} ms[/dim]" if ms is not None else ""
        self._console.print(f"  [green]✓[/green] {text}{took}")

    def summary(self) -> None:
        seconds = time.monotonic() - self._began
        self._console.print(f"\n{self._steps} steps, all as promised, in {seconds:.1f} s.")


def deploy(platform: Platform, report: Report, template: Path) -> dict[str, str]:
    """Deploy a template and say so; the stack's outputs."""
    began = time.perf_counter()
    outputs = platform.deploy(template)
    report.step(f"undercast deploy {template.name}", 1000 * (time.perf_counter() - began))
    return outputs


def expect(answer: tuple[int, Any, float], status: int) -> tuple[int, Any, float]:
    """An answer of an API that must have a status."""
    check(answer[0] == status, f"the answer was {answer[0]} {answer[1]}, not {status}")
    return answer


def check(good: bool, otherwise: str) -> None:
    """NotAsPromised unless it is good."""
    if not good:
        raise NotAsPromised(otherwise)


def until(condition: Callable[[], bool], what: str, pause_s: float = 0.01, limit_s: float = 60.0) -> float:
    """Wait until something is so; milliseconds."""
    began = time.perf_counter()
    while not condition():
        if time.perf_counter() - began > limit_s:
            raise NotAsPromised(f"waited {limit_s:.0f} s, and it is not so that {what}")
        time.sleep(pause_s)
    return 1000 * (time.perf_counter() - began)
