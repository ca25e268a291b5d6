"""Signing in by the council's own service, against a real OpenID provider on loopback."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import text

from brokerage.config import Mode, Oidc, Settings
from brokerage.demo.register import person_id
from brokerage.desk.work import Desk
from brokerage.people.store import logins
from tests.web.apps import app_of

provider_mock = pytest.importorskip("oidc_provider_mock", reason="pip install oidc-provider-mock")

Client = TestClient[Litestar]
SUB: Final = "council|4711"


@dataclass
class Provider:
    """The provider, and what its token door was told: it does not check PKCE itself, so the test does."""

    issuer: str
    told: list[dict[str, list[str]]] = field(default_factory=list)

    def knows(self, **claims: Any) -> None:
        httpx.put(f"{self.issuer}/users/{SUB}", json=claims).raise_for_status()

    def answer(self, address: str) -> str:
        """Let the person sign in at the provider; give the address that it sends the browser to."""
        response = httpx.post(address, data={"sub": SUB})
        assert response.status_code == 302, response.text
        return response.headers["location"].removeprefix("http://testserver.local")


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    from werkzeug.serving import make_server

    inner, found = provider_mock.app(require_nonce=True), Provider("")

    def outer(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/oauth2/token":
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            found.told.append(parse_qs(body.decode()))
            environ["wsgi.input"] = BytesIO(body)
        return inner(environ, start)  # type: ignore[no-any-return]  # Flask's

    server = make_server("127.0.0.1", 0, outer, threaded=True)
    found.issuer = f"http://127.0.0.1:{server.server_port}"
    running = threading.Thread(target=server.serve_forever, daemon=True)
    running.start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def settings(provider: Provider, desk: Desk) -> Settings:
    oidc = Oidc(provider.issuer, "brokerage", "the client's secret", "your council account", frozenset({"mfa"}))
    return replace(Settings(Mode.PRODUCTION, "", desk.public_url), oidc=oidc, step_up_minutes=15)


@pytest.fixture
def app(desk: Desk, settings: Settings) -> Litestar:
    return app_of(desk, settings)


def go(client: Client, onward: str = "/referrals") -> str:
    answer = client.get("/sign-in/service", params={"next": onward})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def bound(desk: Desk) -> list[Any]:
    with desk.engine.connect() as db:
        return list(db.execute(text("SELECT person_id, issuer, subject FROM login WHERE subject IS NOT NULL")))


def test_an_invited_person_signs_in_and_is_known_by_the_services_number_from_then_on(
    new_client: Callable[[], Client], provider: Provider, desk: Desk
) -> None:
    client = new_client()
    assert "Sign in with your council account" in client.get("/sign-in").text
    provider.knows(email="Coordinator@council.example", email_verified=True)
    address = go(client)
    asked = parse_qs(urlsplit(address).query)
    assert asked["code_challenge_method"] == ["S256"]
    done = client.get(provider.answer(address))
    assert (done.status_code, done.headers["location"]) == (303, "/referrals")
    verifier = provider.told[-1]["code_verifier"][0]
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    assert asked["code_challenge"] == [challenge]
    assert client.get("/referrals").status_code == 200
    assert [tuple(row) for row in bound(desk)] == [(person_id("coordinator"), provider.issuer, SUB)]
    # The address may change, or go to somebody else: the number counts.
    provider.knows(email="approver@council.example", email_verified=True)
    again = new_client()
    assert again.get(provider.answer(go(again))).headers["location"] == "/referrals"
    assert "Colin Coordinator" in again.get("/sessions").text


def test_nobody_is_made_by_signing_in_and_an_unverified_address_proves_nothing(
    client: Client, provider: Provider, desk: Desk
) -> None:
    for claims in (
        {"email": "stranger@council.example", "email_verified": True},
        {"email": "coordinator@council.example", "email_verified": False},
        {"email": "coordinator@council.example", "email_verified": "true"},
        {"email": "coordinator@council.example"},
    ):
        provider.knows(**claims)
        refused = client.get(provider.answer(go(client)))
        assert (refused.status_code, "not invited yet" in refused.text) == (403, True), claims
    assert "session" not in client.cookies
    assert bound(desk) == []
    with desk.engine.connect() as db:
        assert db.execute(text("SELECT count(*) FROM person WHERE email LIKE 'stranger%'")).scalar_one() == 0


def test_an_address_that_belongs_to_another_number_is_not_given_away(
    client: Client, provider: Provider, desk: Desk
) -> None:
    with desk.engine.begin() as db:
        assert logins.bind(db, person_id("coordinator"), provider.issuer, "somebody-else")
    provider.knows(email="coordinator@council.example", email_verified=True)
    assert client.get(provider.answer(go(client))).status_code == 403


def test_a_leaver_does_not_come_in_by_the_service(client: Client, provider: Provider, desk: Desk) -> None:
    provider.knows(email="coordinator@council.example", email_verified=True)
    assert client.get(provider.answer(go(client))).status_code == 303
    with desk.work(next_admin()) as work:
        from brokerage.desk.flow.people import end_person

        end_person(work, person_id("coordinator"))
    assert client.get("/referrals").headers["location"].startswith("/sign-in")
    assert client.get(provider.answer(go(client))).status_code == 403


def next_admin() -> Any:
    from brokerage.demo.register import personas

    return next(one.person.actor for one in personas() if one.key == "authority_admin")


def test_an_answer_counts_only_in_the_browser_that_asked_and_once(
    new_client: Callable[[], Client], provider: Provider
) -> None:
    victim, thief = new_client(), new_client()
    provider.knows(email="coordinator@council.example", email_verified=True)
    mine = provider.answer(go(thief))
    assert victim.get(mine).headers["location"] == "/sign-in"  # it asked for nothing
    go(victim)
    assert victim.get(mine).status_code == 502  # it asked for something else
    forged = mine.replace("state=", "state=x")
    assert thief.get(forged).status_code == 502
    assert thief.get(mine).status_code == 303
    assert thief.get(mine).headers["location"] == "/sign-in"


def test_a_service_that_is_away_is_said_in_words(desk: Desk, settings: Settings) -> None:
    assert settings.oidc is not None
    away = replace(settings, oidc=replace(settings.oidc, issuer="http://127.0.0.1:9"))
    with TestClient(app_of(desk, away), raise_server_exceptions=False) as client:
        client.headers["accept"] = "text/html"
        refused = client.get("/sign-in/service", follow_redirects=False)
        assert (refused.status_code, "did not work" in refused.text) == (502, True)


@pytest.mark.parametrize(("methods", "status"), [(["pwd"], 403), (["pwd", "mfa"], 200), (None, 403)])
def test_only_a_method_that_is_trusted_counts_as_a_fresh_proof(
    client: Client, provider: Provider, methods: list[str] | None, status: int
) -> None:
    said = {"email": "authority_admin@council.example", "email_verified": True}
    provider.knows(**said, **({"amr": methods} if methods else {}))
    assert client.get(provider.answer(go(client, "/people"))).status_code == 303
    assert client.get("/people").status_code == status
