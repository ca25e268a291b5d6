"""A real browser for the pages: Chromium by playwright, axe for accessibility, a ruler for phones."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import quote

import pytest
import uvicorn
from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]  # ships no types
from litestar import Litestar
from litestar.testing import TestClient
from playwright.sync_api import Browser, ConsoleMessage, Page
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from brokerage.config import Mode, Settings
from brokerage.demo.register import personas, settle
from brokerage.desk.clock import StoppedClock
from brokerage.desk.work import SYSTEM, Desk
from brokerage.people.rules import csrf_token
from brokerage.web.pages import static_files, templates_dir
from notifications.wording import Wording, load
from tests.conftest import _database
from tests.keys import RECIPIENTS
from tests.web.apps import app_of
from tests.web.road import NOW, Road

STANDARDS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
DESKTOP: Final = 1280
PHONE: Final = 320
# As the application sends it: a page that needs more than this is a page to mend.
POLICY: Final = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
    "frame-ancestors 'none'; form-action 'self'; base-uri 'none'"
)


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`open_page(width=1280, javascript=True)`: a page; a console error or leaving loopback fails the test."""
    contexts, complaints = [], []

    def open_one(width: int = DESKTOP, javascript: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800 if width > 600 else 640}, java_script_enabled=javascript
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda said: complaints.append(said.text) if _complains(said) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: None if _on_loopback(asked.url) else complaints.append(f"left: {asked.url}"))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


def _complains(said: ConsoleMessage) -> bool:
    """Tell a fault of a page from a page that refuses something: Chromium reports the status of those as an error."""
    return said.type == "error" and not re.search(r"responded with a status of (403|409|410|422)\b", said.text)


def _on_loopback(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "http://localhost:", "data:", "about:"))


@pytest.fixture(scope="session")
def axe() -> Callable[..., None]:
    """`axe(page)`: no violation of WCAG 2.2 A and AA that a machine can find.

    Only the violations leave the browser: the whole result takes longer to carry than to find. `contrast=False` leaves
    out what takes longest of all, where the same page was looked at in another width.
    """

    def check(page: Page, contrast: bool = True) -> None:
        page.wait_for_load_state()
        if not page.evaluate("typeof axe === 'object'"):
            page.evaluate(AXE_SCRIPT)
        found = page.evaluate(
            """([standards, contrast]) => axe.run(document, {
                 runOnly: standards, rules: {'color-contrast': {enabled: contrast}},
                 resultTypes: ['violations'], elementRef: false})
               .then(result => result.violations.map(one => [one.id, one.help, one.nodes.map(node => node.html)]))""",
            [STANDARDS, contrast],
        )
        assert found == [], f"{page.url}: {found}"

    return check


@pytest.fixture(scope="session")
def fits() -> Callable[[Page], None]:
    """`fits(page)`: nothing makes the page scroll sideways (WCAG 1.4.10, which axe does not see)."""

    def check(page: Page) -> None:
        page.wait_for_load_state()
        width, allowed = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        if width > allowed:
            wide = page.evaluate(
                """allowed => [...document.querySelectorAll('body *')]
                   .filter(e => e.getBoundingClientRect().right > allowed + 1)
                   .map(e => e.tagName + '.' + e.className).slice(0, 8)""",
                allowed,
            )
            raise AssertionError(f"page is {width} px wide on a screen of {allowed}: {wide}")

    return check


@pytest.fixture
def sound(axe: Callable[..., None], fits: Callable[[Page], None]) -> Callable[[Page], None]:
    """`sound(page)`: one heading, accessible and not too wide, at a desk and on a phone, without loading it twice."""

    def check(page: Page) -> None:
        page.wait_for_load_state()
        assert page.locator("h1").count() == 1, page.url
        for width in (DESKTOP, PHONE):
            page.set_viewport_size({"width": width, "height": 640})
            axe(page, contrast=width == DESKTOP)
            fits(page)

    return check


class _Pages(BaseHTTPRequestHandler):
    """Serve rendered pages and the static files as the application does: gzip, strict policy, nothing else."""

    def __init__(self, pages: dict[str, str], nonce: str, *args: object) -> None:
        self.pages, self.nonce = pages, nonce
        super().__init__(*args)  # type: ignore[arg-type]  # socketserver hands over its own three

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if path in self.pages:
            self._answer("text/html; charset=utf-8", self.pages[path].encode())
        elif (file := static_files().get(path.removeprefix("/static/"))) is not None:
            self._answer(file.media_type, file.gzipped, gzipped=True)
        else:
            self.send_error(404)

    def _answer(self, kind: str, body: bytes, gzipped: bool = False) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY.format(nonce=self.nonce))
        if gzipped:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """`serve({"/": html}, nonce="n")`: put rendered pages on loopback and give the address they start with."""
    servers = []

    def start(pages: dict[str, str], nonce: str = "") -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Pages, pages, nonce))
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


# The whole application on a database of the test's own: for pages that ask and act. ---------------------------------


@pytest.fixture
def clock() -> StoppedClock:
    """The clock of `desk`: it stands at road.NOW until a test pushes it."""
    return StoppedClock(NOW)


@pytest.fixture(scope="session")
def _wording() -> Wording:
    return load(templates_dir() / "messages")


def _a_desk(engine: Engine, clock: StoppedClock, wording: Wording) -> Desk:
    return Desk(engine, clock, wording, "http://testserver.local", RECIPIENTS)


@pytest.fixture(scope="session")
def _settled(postgres_url: str, _template: str, _wording: Wording) -> Iterator[str]:
    """Settle the register once; each desk works in a copy."""
    with _database(postgres_url, _template) as url:
        engine = create_engine(url, poolclass=NullPool)
        with _a_desk(engine, StoppedClock(NOW), _wording).work(SYSTEM) as work:
            settle(work, date(2026, 1, 1))
        yield engine.url.database or ""


@pytest.fixture
def desk(postgres_url: str, _settled: str, clock: StoppedClock, _wording: Wording) -> Iterator[Desk]:
    """A desk whose register (four councils, twelve firms, the personas) is settled since January."""
    with _database(postgres_url, _settled) as url:
        engine = create_engine(url)
        yield _a_desk(engine, clock, _wording)
        engine.dispose()


@pytest.fixture
def road(desk: Desk, clock: StoppedClock) -> Road:
    """`road.opened()`, `road.offered(opened, "amberside")`, `road.awarded(opened)` ...: a referral as far as wanted."""
    return Road(desk, clock)


@pytest.fixture
def app(desk: Desk) -> Litestar:
    """The application as `brokerage serve` would run it, without TLS."""
    return app_of(desk, Settings(Mode.PRODUCTION, "", desk.public_url))


@pytest.fixture
def new_client(app: Litestar) -> Iterator[Callable[[], TestClient[Litestar]]]:
    """`new_client()`: another browser, with cookies of its own, that asks for pages and follows no redirect."""
    with ExitStack() as stack:

        def make() -> TestClient[Litestar]:
            made = stack.enter_context(TestClient(app, raise_server_exceptions=False))
            made.headers["accept"] = "text/html"
            made.follow_redirects = False
            return made

        yield make


@pytest.fixture
def client(new_client: Callable[[], TestClient[Litestar]]) -> TestClient[Litestar]:
    """One browser without scripts: `client.get("/b/...")`."""
    return new_client()


@pytest.fixture
def sign_in() -> Callable[[TestClient[Litestar], str], None]:
    """`sign_in(client, "coordinator")`: begin a session as a persona."""

    def begin(client: TestClient[Litestar], persona: str) -> None:
        token = next(one.token for one in personas() if one.key == persona)
        assert client.post("/sign-in", data={"key": token, "next": "/"}).status_code == 303

    return begin


@pytest.fixture
def csrf() -> Callable[[TestClient[Litestar]], str]:
    """`csrf(client)`: the mark that every form of the signed-in client must carry, as `_csrf_token`."""

    def mark(client: TestClient[Litestar]) -> str:
        return csrf_token(client.cookies["session"])

    return mark


@pytest.fixture
def live(app: Litestar) -> Iterator[str]:
    """The same application behind a real server on loopback, for the browser; gives its address."""
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="on", timeout_graceful_shutdown=1)
    )
    running = threading.Thread(target=server.run, daemon=True)
    running.start()
    while running.is_alive() and not server.started:
        running.join(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    running.join(10)


@pytest.fixture
def browse(live: str, open_page: Callable[..., Page]) -> Callable[..., Page]:
    """`browse("/referrals", as_="coordinator", width=320)`: a browser on a page, signed in when wished."""

    def go(path: str, as_: str = "", width: int = DESKTOP, javascript: bool = True) -> Page:
        page = open_page(width, javascript)
        if as_:
            token = next(one.token for one in personas() if one.key == as_)
            page.goto(f"{live}/sign-in/key?next={quote(path)}")
            page.fill("#key", token)
            with page.expect_navigation():
                page.click("main button[type=submit]")
        else:
            page.goto(live + path)
        return page

    return go
