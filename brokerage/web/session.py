"""Sign in and out."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response
from litestar.params import URLEncodedBody

from brokerage.people.errors import KeyNotKnown
from brokerage.web.auth import form, house_of, look, page, sign_in, sign_out


@page("/sign-in")
def show_sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
    """Ask for the access key."""
    return look(request).show_form("pages/session/sign_in.html", {"next": request.query_params.get("next", "/")}, {})


@form("/sign-in")
def take_sign_in(request: Request[Any, Any, Any], data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
    """Begin a session, always with a new id, whatever the browser brought."""
    asking, house = look(request), house_of(request)
    onward = str(data.get("next", "/"))
    try:
        secret = sign_in(house, str(data.get("key", "")))
    except KeyNotKnown as refusal:
        return asking.show_form("pages/session/sign_in.html", {"next": onward}, asking.refused_in(refusal))
    response = asking.go(onward if onward.startswith("/") and not onward.startswith(("//", "/\\")) else "/")
    response.set_cookie(house.session_cookie(secret, seconds=None))
    return response


@form("/sign-out")
def take_sign_out(request: Request[Any, Any, Any]) -> Response[Any]:
    """End the session here and in the database."""
    asking = look(request)
    if asking.secret:
        sign_out(asking.house, asking.secret)
    response = asking.go("/sign-in")
    response.delete_cookie(asking.house.cookie_name, path="/")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


OPEN_HANDLERS = (show_sign_in, take_sign_in)
HANDLERS = (take_sign_out,)
