"""Sign in by the council's own service: OpenID Connect, authorization code with PKCE.

State, nonce and verifier are all derived from one secret in the browser's cookie, so that an answer counts only in
the browser that asked, once. No database transaction is open while the service is asked.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
import warnings
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from authlib.integrations.base_client import OAuthError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.response import Redirect

from brokerage.config import Oidc
from brokerage.desk import clock as clocks
from brokerage.desk.flow.signing_in import Caller, Claims, sign_in_by_service
from brokerage.desk.work import SYSTEM
from brokerage.people import rules
from brokerage.people.errors import ServiceFailed
from brokerage.web.auth import House, house_of, local, look, page
from brokerage.web.limits import address_of, charge, give_back
from brokerage.web.session import agent_words, begin

PATIENCE: Final = 5.0
LIFE: Final = 600
"""Seconds from asking to the answer."""
LEEWAY: Final = 60
"""Seconds that the service's clock may differ from ours."""
SIGNATURES: Final = ["RS256", "PS256", "ES256"]
KEPT: Final = 3600.0
"""Seconds that the service's description and keys are kept; an unknown key is looked for at once."""


@dataclass(slots=True)
class Service:
    """The council's service as this process knows it."""

    settings: Oidc
    described: dict[str, Any] = field(default_factory=dict)
    keys: KeySet | None = None
    read_at: float = 0.0

    def describe(self, *, again: bool = False) -> dict[str, Any]:
        """Read where the service's doors are, and its keys. Raises ServiceFailed."""
        if self.described and not again and time.monotonic() - self.read_at < KEPT:
            return self.described
        try:
            with httpx.Client(timeout=PATIENCE) as client:
                found = client.get(f"{self.settings.issuer}/.well-known/openid-configuration").raise_for_status().json()
                keys = client.get(found["jwks_uri"]).raise_for_status().json()
            self.keys = KeySet.import_key_set(keys)
        except (httpx.HTTPError, ValueError, KeyError, TypeError, JoseError):
            raise ServiceFailed(self.settings.name) from None
        if str(found.get("issuer", "")).rstrip("/") != self.settings.issuer:
            raise ServiceFailed(self.settings.name)
        self.described, self.read_at = found, time.monotonic()
        return self.described

    def claims(self, token: str, nonce: str, now: int) -> dict[str, Any]:
        """Check an ID token: signature, issuer, audience, time, nonce. Raises ServiceFailed."""
        for again in (False, True):
            self.describe(again=again)
            assert self.keys is not None  # `describe` read them
            try:
                said = jwt.decode(token, self.keys, algorithms=SIGNATURES).claims
            except (JoseError, ValueError):
                continue  # the service may sign with a new key
            wanted = jwt.JWTClaimsRegistry(
                now=now,
                leeway=LEEWAY,
                iss={"essential": True, "value": self.described["issuer"]},
                aud={"essential": True, "value": self.settings.client_id},
                sub={"essential": True},
                exp={"essential": True},
                nonce={"essential": True, "value": nonce},
            )
            try:
                wanted.validate(said)
            except JoseError:
                break
            if said.get("azp", self.settings.client_id) == self.settings.client_id:
                return dict(said)
            break
        raise ServiceFailed(self.settings.name)


_services: Final[dict[Oidc, Service]] = {}


def service_of(house: House) -> Service | None:
    """Give the service of this installation; what it says of itself is read once an hour."""
    settings = house.settings.oidc
    return _services.setdefault(settings, Service(settings)) if settings else None


@page("/sign-in/service")
def go_to_service(request: Request[Any, Any, Any]) -> Response[Any]:
    """Send the browser to the council's service."""
    house = house_of(request)
    service = service_of(house)
    if service is None:
        return look(request).go("/sign-in")
    secret = secrets.token_urlsafe(32)
    with _client(house, service) as client:
        address, _ = client.create_authorization_url(
            service.describe()["authorization_endpoint"],
            state=_derive("state", secret),
            nonce=_derive("nonce", secret),
            code_verifier=_derive("verifier", secret),
        )
    response = Redirect(address, status_code=303)
    onward = local(request.query_params.get("next"))
    for name, value in ((_cookie(house, "oidc"), secret), (_cookie(house, "onward"), onward)):
        response.set_cookie(_short(house, name, value))
    return response


@page("/sign-in/service/done")
def come_from_service(request: Request[Any, Any, Any]) -> Response[Any]:
    """Take the service's answer and begin a session for somebody who was invited."""
    house = house_of(request)
    service = service_of(house)
    secret = request.cookies.get(_cookie(house, "oidc"), "")
    if service is None or not secret:
        return look(request).go("/sign-in")
    tries = (rules.BY_ADDRESS, address_of(request))
    charge(request, tries)
    said = _answer(request, house, service, secret)
    methods = said.get("amr")
    proved = bool(service.settings.trusted_amr & set(methods if isinstance(methods, list) else ()))
    onward = local(request.cookies.get(_cookie(house, "onward")))
    claims = Claims(str(said["iss"]), str(said["sub"]), str(said.get("email", "")), said.get("email_verified") is True)
    caller = Caller(agent_words(request.headers.get("user-agent", "")), onward)
    with house.desk.work(SYSTEM) as work:
        session = sign_in_by_service(work, claims, service.settings.name, caller, proved=proved)
    give_back(request, tries)
    response = begin(look(request), session, onward)
    for name in ("oidc", "onward"):
        response.delete_cookie(_cookie(house, name), path="/")
    return response


def _answer(request: Request[Any, Any, Any], house: House, service: Service, secret: str) -> dict[str, Any]:
    """Change the code for what the service says of the person. Raises ServiceFailed."""
    query = request.query_params
    right = secrets.compare_digest(str(query.get("state", "")).encode(), _derive("state", secret).encode())
    named = str(query.get("iss", service.settings.issuer)).rstrip("/")  # RFC 9207: another service's answer
    if not right or "code" not in query or named != service.settings.issuer:
        raise ServiceFailed(service.settings.name)
    try:
        with _client(house, service) as client:
            token = client.fetch_token(
                service.describe()["token_endpoint"], code=query["code"], code_verifier=_derive("verifier", secret)
            )
    except (OAuthError, httpx.HTTPError, ValueError, KeyError):
        raise ServiceFailed(service.settings.name) from None
    with house.desk.begin() as db:
        now = int(clocks.read(clocks.DatabaseClock(), db, None).timestamp())  # the service's clock, not the demo's
    claims = service.claims(str(token.get("id_token", "")), _derive("nonce", secret), now)
    if "email" not in claims and "userinfo_endpoint" in service.described:
        claims |= _userinfo(service, token, str(claims["sub"]))
    return claims


def _userinfo(service: Service, token: dict[str, Any], subject: str) -> dict[str, Any]:
    try:
        with httpx.Client(timeout=PATIENCE) as client:
            bearer = {"authorization": f"Bearer {token['access_token']}"}
            said = client.get(service.described["userinfo_endpoint"], headers=bearer).raise_for_status().json()
    except (httpx.HTTPError, ValueError, KeyError):
        raise ServiceFailed(service.settings.name) from None
    if said.get("sub") != subject:
        raise ServiceFailed(service.settings.name)
    return {name: said[name] for name in ("email", "email_verified") if name in said}


def _client(house: House, service: Service) -> Any:
    # Imported here, and quietly: it tells of httpx2 to come, which is nothing to whoever starts the service.
    with warnings.catch_warnings(action="ignore"):
        from authlib.integrations.httpx_client import OAuth2Client
    return OAuth2Client(
        client_id=service.settings.client_id,
        client_secret=service.settings.client_secret,
        scope="openid email",
        redirect_uri=f"{house.settings.public_url}/sign-in/service/done",
        code_challenge_method="S256",
        timeout=PATIENCE,
    )


def _derive(what: str, secret: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(f"{what}:{secret}".encode()).digest()).decode().rstrip("=")


def _cookie(house: House, name: str) -> str:
    return f"__Host-{name}" if house.settings.secure else name


def _short(house: House, name: str, value: str) -> Cookie:
    return Cookie(
        key=name, value=value, path="/", max_age=LIFE, httponly=True, secure=house.settings.secure, samesite="lax"
    )


OPEN_HANDLERS = (go_to_service, come_from_service)
