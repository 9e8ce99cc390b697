"""Writes docs/services.md from the code: every service, every operation that is there, every one that is not.

python tools/services_doc.py            write it
python tools/services_doc.py --check    fail when it is not what the code says
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from undercast import wire
from undercast.services import NAMES

TARGET = Path(__file__).parent.parent / "docs" / "services.md"
HEAD = """# Services

Generated from the code by `make docs`; `make check` keeps it true. An operation that is missing answers `NotImplemented` (HTTP 501)
and says so. Services that are not listed are not here yet; a request for one is told so by name.

| service | operations | of |
|---|---:|---:|
"""


def main() -> int:
    text = document()
    if "--check" in sys.argv:
        if not TARGET.exists() or TARGET.read_text() != text:
            print(f"{TARGET.name} is not what the code says: run make docs", file=sys.stderr)
            return 1
        return 0
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(text)
    return 0


def document() -> str:
    rows, sections = [], []
    for name in sorted(NAMES):
        operations = set(import_module(f"undercast.services.{name}.service").service.operations)
        modelled = wire.service(name).by_method
        here = sorted(modelled[method] for method in operations)
        missing = sorted(set(modelled.values()) - set(here))
        rows.append(f"| [{name}](#{name}) | {len(here)} | {len(modelled)} |\n")
        sections.append(_section(name, here, missing))
    return HEAD + "".join(rows) + "".join(sections)


def _section(name: str, here: list[str], missing: list[str]) -> str:
    text = f"\n## {name}\n\n{', '.join(here)}\n"
    return text + f"\n**Missing:** {', '.join(missing)}\n" if missing else text


if __name__ == "__main__":
    sys.exit(main())
