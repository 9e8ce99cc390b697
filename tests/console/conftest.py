"""A real headless Chromium on the console of the running platform."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = (
    shutil.which("chromium-headless-shell")
    or shutil.which("chromium")
    or shutil.which("chromium-browser")
    or shutil.which("google-chrome")
)
SIZES = {"wide": (1280, 800), "phone": (390, 844), "dark": (1280, 800)}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, as Debian has it; in CI it must be there."""
    if CHROMIUM is None:
        if os.environ.get("UNDERCAST_CI"):
            pytest.fail("CI installs Chromium (.ci/run)")
        pytest.skip("Chromium is not installed")
    sync_playwright = pytest.importorskip("playwright.sync_api").sync_playwright
    with sync_playwright() as playwright:
        # Its own sandbox needs rights that containers do not give; it sees only pages of this test.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def screenshots() -> Path | None:
    """The folder `UNDERCAST_SCREENSHOTS` for pictures, when someone wants to look at them: they take a while."""
    if "UNDERCAST_SCREENSHOTS" not in os.environ:
        return None
    folder = Path(os.environ["UNDERCAST_SCREENSHOTS"])
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Console:
    """The console in one window, in an account of its own. What the browser complains of fails the test."""

    def __init__(self, page: Any, url: str, account: str, folder: Path | None) -> None:
        self.page = page
        self.url = url
        self._account = account
        self._folder = folder
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self._heard(message))
        page.on("request", lambda request: self.requests.append(request.url))

    def _heard(self, message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:  # AWS errors are answers, too
            self.complaints.append(message.text)

    def open(self, path: str = "/") -> Any:
        """Go to a page of the account, as a link from elsewhere does."""
        mark = "&" if "?" in path else "?"
        self.page.goto(f"{self.url}/_undercast{path}{mark}account={self._account}")
        return self.page

    def shoot(self, name: str) -> None:
        """Show the page as it is wide, on a phone and dark; leave pictures of it, if they are wanted."""
        for size, (width, height) in SIZES.items():
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.emulate_media(color_scheme="dark" if size == "dark" else "light")
            if self._folder:
                self.page.screenshot(path=self._folder / f"{name}-{size}.png")
        self.page.set_viewport_size({"width": 1280, "height": 800})
        self.page.emulate_media(color_scheme="light")

    def overflow(self) -> int:
        """By how many pixels the page is wider than a phone."""
        self.page.set_viewport_size({"width": 390, "height": 844})
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.fixture
def console(browser: Any, undercast: Any, account: str, screenshots: Path | None) -> Iterator[Console]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    console = Console(context.new_page(), undercast.url, account, screenshots)
    yield console
    context.close()
    assert console.complaints == []
    assert [url for url in console.requests if not url.startswith(console.url)] == [], "a request left the machine"


@pytest.fixture
def sfn(aws: Any) -> Any:
    return aws("stepfunctions")


@pytest.fixture
def machine(sfn: Any, account: str) -> Callable[..., str]:
    """`machine(definition)` makes a state machine and gives its ARN."""

    def make(definition: dict[str, Any], name: str = "machine", **options: Any) -> str:
        role = f"arn:aws:iam::{account}:role/machine"
        text = json.dumps(definition)
        return str(sfn.create_state_machine(name=name, definition=text, roleArn=role, **options)["stateMachineArn"])

    return make
