"""The real site: the demo command itself, in a home of its own, and a real Chromium."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

START_SECONDS = 240
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync"]  # fmt: skip
INSTALL = "apt-get install -y chromium fonts-noto-cjk"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep all of these tests on one worker: they share one site."""
    for item in items:
        if "/e2e/" in str(item.path):
            item.add_marker(pytest.mark.xdist_group("site"))
            if "browser" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.browser)


@dataclass(frozen=True)
class Site:
    """A running demo."""

    address: str
    home: Path
    process: subprocess.Popen[str]
    password: str


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_demo(home: Path, port: int) -> Site:
    """Run ``yunlang demo`` and wait until it answers."""
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "YUNLANG_HOME"}}
    environment |= {
        "YUNLANG_HOME": str(home),
        "YUNLANG_LANGUAGE": "en",
        "DJANGO_SETTINGS_MODULE": "yunlang.config.settings",
    }
    log = (home / "demo.log").open("a")
    process = subprocess.Popen(
        [sys.executable, "-m", "yunlang", "demo", "--port", str(port)],
        env=environment, stdout=log, stderr=log, text=True, start_new_session=True,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError((home / "demo.log").read_text())
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/readyz", timeout=2):
            password = json.loads((home / "demo-login.json").read_text())["password"]
            return Site(address, home, process, password)
        time.sleep(0.2)
    raise RuntimeError((home / "demo.log").read_text())


def processes_of(home: Path) -> list[psutil.Process]:
    """Return every process that belongs to this home."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("YUNLANG_HOME") == str(home) or str(home) in " ".join(process.cmdline()):
                found.append(process)
    return found


def stop_demo(site: Site) -> None:
    """Press Ctrl-C and wait for the end."""
    if site.process.poll() is None:
        site.process.send_signal(signal.SIGINT)
        site.process.wait(30)


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """Return the demo corridor, served."""
    home = Path(tempfile.mkdtemp(prefix="yunlang-e2e-"))
    home.chmod(0o755)
    running = start_demo(home, free_port())
    yield running
    stop_demo(running)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a real Chromium; without one, skip with the command that installs it, or fail where it is required."""
    chromium = os.environ.get("YUNLANG_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        reason = f"no Chromium found; install it with: {INSTALL}"
        if os.environ.get("YUNLANG_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        yield launched
        launched.close()


@pytest.fixture(params=[1440, 390], ids=["wide", "narrow"])
def width(request: pytest.FixtureRequest) -> int:
    """Return the width of the window: a desk and a telephone."""
    return int(request.param)


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """Return a fresh window on the site; an error in its console fails the test."""
    context = browser.new_context(base_url=site.address, viewport={"width": 1440, "height": 900}, locale="zh-CN")
    context.set_default_timeout(15_000)
    opened = context.new_page()
    errors: list[str] = []
    opened.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    # A refused request is a page too; the browser reports its status as an error of the console.
    assert [error for error in errors if "Failed to load resource" not in error] == []


@pytest.fixture
def check_accessibility() -> Callable[[Page], None]:
    """Return a check that axe finds nothing serious or critical on a page."""

    def check(opened: Page) -> None:
        found = Axe().run(opened).response["violations"]
        serious = [
            f"{one['id']}: {one['help']} — {node['html'][:160]}"
            for one in found
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"][:3]
        ]
        assert serious == [], opened.url

    return check


@pytest.fixture(scope="session")
def sessions() -> dict[str, Any]:
    """Return the session cookie of each account that has signed in so far."""
    return {}


@pytest.fixture
def sign_in(site: Site, sessions: dict[str, Any]) -> Callable[[Page, str], None]:
    """Return a function that signs a demo account in: by the form the first time, with its session from then on."""

    def go(opened: Page, who: str) -> None:
        if who in sessions:
            opened.context.add_cookies([sessions[who]])
            opened.goto("/")
            return
        opened.goto("/accounts/sign-in/")
        opened.locator("input[name=email]").fill(f"{who}@demo.example")
        opened.locator("input[name=password]").fill(site.password)
        opened.locator("main form button").first.click()
        opened.wait_for_url(lambda url: "sign-in" not in url)
        (sessions[who],) = [cookie for cookie in opened.context.cookies() if cookie.get("name") == "sessionid"]

    return go
