"""Draws docs/demo.svg anew: runs the demo on a free port and saves what it printed, with no font or address from elsewhere."""

from __future__ import annotations

import socket
import sys
import time
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

sys.path.insert(0, str(Path(__file__).parent.parent))
from examples.insurance.demo import PATTERNS
from examples.show import show

TARGET = Path(__file__).parent.parent / "docs" / "demo.svg"
# rich's own format fetches a font by URL; a picture that is shown from a checkout fetches nothing.
FORMAT = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def main() -> int:
    console = Console(record=True, width=110, highlight=False, file=StringIO(), force_terminal=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.monotonic()
    code = show(PATTERNS, port, console, began)
    if code == 0:
        console.save_svg(str(TARGET), title="make demo", theme=MONOKAI, code_format=FORMAT, unique_id="demo")
    return code


if __name__ == "__main__":
    sys.exit(main())
