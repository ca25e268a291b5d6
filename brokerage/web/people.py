"""The people of a council or a firm, for their administrator."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from brokerage.desk.flow import people as flow
from brokerage.desk.views import accounts as views
from brokerage.people.errors import EmailTaken, LimitUnfit, RolesUnfit
from brokerage.people.model import Permission, Role
from brokerage.people.rules import folded
from brokerage.reading import NotValid, Reader
from brokerage.web.auth import ROLE_WORDS, Visit, form, page, visit

Data = URLEncodedBody[dict[str, Any]]
Answer = Response[Any]
Errors = Mapping[str, str]

NAME_MOST = 100
EMAIL_MOST = 254

ROLE_HINTS: Mapping[Role, str] = {
    Role.PLACEMENTS: "Raises referrals and invites providers",
    Role.COORDINATOR: "Reads and chooses offers, makes and runs agreements",
    Role.APPROVER: "Authorises money, up to a weekly limit",
    Role.COMMISSIONER: "Sets prices, consents to sub-contractors, sees spending",
    Role.QUALITY: "Decides about evidence and standing of providers",
    Role.DPS_ADMIN: "Admits firms to the shared register",
    Role.CARELINE: "Finds beds and places people at night",
    Role.AUDITOR: "Reads the record and who saw what. Goes with no other role",
    Role.AUTHORITY_ADMIN: "Adds people and gives roles. Goes with no other role",
    Role.PROVIDER: "Answers invitations and works with agreements",
    Role.PROVIDER_ADMIN: "The same, and looks after the firm and its people",
}


@page("/people")
def show_people(request: Request[Any, Any, Any]) -> Answer:
    """List everybody of the council or the firm."""
    asking = visit(request)
    with asking.work() as work:
        found = views.colleagues(work)
    return asking.show("pages/people/show_people.html", people=found, roles=ROLE_WORDS)


@page("/people/new")
def show_new(request: Request[Any, Any, Any]) -> Answer:
    """Ask for somebody's name, address and roles."""
    return _new(visit(request), {}, {})


@form("/people/new")
def add_person(request: Request[Any, Any, Any], data: Data) -> Answer:
    """Add somebody and send them a link to set up how they sign in."""
    asking = visit(request)
    asking.require(Permission.MANAGE_PEOPLE)
    reader = Reader()
    name = reader.text(data.get("name"), "/name", "The name", most=NAME_MOST, least=1, emoji=False)
    email = folded(reader.text(data.get("email"), "/email", "The e-mail address", most=EMAIL_MOST, least=1))
    if email and not _is_email(email):
        reader.fault("/email", "Enter an e-mail address, like name@example.com")
    roles, limit = _roles(reader, data), _limit(reader, data)
    try:
        reader.done()
        with asking.work() as work:
            person = flow.add_person(work, name, email, roles, limit)
    except NotValid as refusal:
        return _new(asking, _typed(data), _errors(refusal))
    except (RolesUnfit, LimitUnfit, EmailTaken) as refusal:
        return _new(asking, _typed(data), asking.refused_in(refusal))
    return asking.go(f"/people/{person.id}", f"{name} is added. A link to set up their sign-in is on its way")


@page("/people/{person_id:uuid}")
def show_person(request: Request[Any, Any, Any], person_id: FromPath[UUID]) -> Answer:
    """Show one account, and what may be changed about it."""
    return _person(visit(request), person_id, {}, {})


@form("/people/{person_id:uuid}/roles")
def change_roles(request: Request[Any, Any, Any], person_id: FromPath[UUID], data: Data) -> Answer:
    """Give a colleague other roles; they sign in anew."""
    asking = visit(request)
    asking.require(Permission.MANAGE_PEOPLE)
    reader = Reader()
    roles = _roles(reader, data)
    try:
        reader.done()
        with asking.work() as work:
            flow.change_roles(work, person_id, roles)
    except NotValid as refusal:
        return _person(asking, person_id, _typed(data), _errors(refusal))
    except RolesUnfit as refusal:
        return _person(asking, person_id, _typed(data), asking.refused_in(refusal))
    return asking.go(f"/people/{person_id}", "The roles are changed, and every session under the old ones is over")


@form("/people/{person_id:uuid}/limit")
def change_limit(request: Request[Any, Any, Any], person_id: FromPath[UUID], data: Data) -> Answer:
    """Change what a colleague may authorise a week."""
    asking = visit(request)
    asking.require(Permission.MANAGE_PEOPLE)
    reader = Reader()
    limit = _limit(reader, data)
    try:
        reader.done()
        with asking.work() as work:
            flow.change_limit(work, person_id, limit)
    except NotValid as refusal:
        return _person(asking, person_id, _typed(data), _errors(refusal))
    except LimitUnfit as refusal:
        return _person(asking, person_id, _typed(data), asking.refused_in(refusal))
    return asking.go(f"/people/{person_id}", "The weekly limit is changed")


@page("/people/{person_id:uuid}/end")
def show_end(request: Request[Any, Any, Any], person_id: FromPath[UUID]) -> Answer:
    """Ask whether a colleague's account shall end."""
    asking = visit(request)
    with asking.work() as work:
        view = views.colleague(work, person_id)
    return asking.show("pages/people/show_end.html", view=view)


@form("/people/{person_id:uuid}/end")
def end_person(request: Request[Any, Any, Any], person_id: FromPath[UUID]) -> Answer:
    """End a leaver's account: sessions, key and every way in are gone at once."""
    asking = visit(request)
    with asking.work() as work:
        flow.end_person(work, person_id)
    return asking.go("/people", "The account is ended. Its sessions and its access key stopped working at once")


@form("/people/{person_id:uuid}/set-up")
def send_set_up(request: Request[Any, Any, Any], person_id: FromPath[UUID]) -> Answer:
    """Send a colleague a new link to set up how they sign in."""
    asking = visit(request)
    with asking.work() as work:
        flow.send_set_up(work, person_id)
    return asking.go(f"/people/{person_id}", "A new link is on its way. It works once, for 24 hours")


@form("/people/{person_id:uuid}/sessions/end")
def end_sessions(request: Request[Any, Any, Any], person_id: FromPath[UUID]) -> Answer:
    """Sign a colleague out everywhere."""
    asking = visit(request)
    with asking.work() as work:
        flow.end_sessions_of(work, person_id)
    return asking.go(f"/people/{person_id}", "They are signed out everywhere")


@form("/people/{person_id:uuid}/key")
def renew_key(request: Request[Any, Any, Any], person_id: FromPath[UUID]) -> Answer:
    """Make a new access key and show it, this once."""
    asking = visit(request)
    with asking.work() as work:
        key = flow.renew_key(work, person_id)
        view = views.colleague(work, person_id)
    return asking.show("pages/people/show_key.html", view=view, key=key)


@form("/people/{person_id:uuid}/key/revoke")
def revoke_key(request: Request[Any, Any, Any], person_id: FromPath[UUID]) -> Answer:
    """Take the access key away."""
    asking = visit(request)
    with asking.work() as work:
        flow.revoke_key(work, person_id)
    return asking.go(f"/people/{person_id}", "The access key no longer works")


def _new(asking: Visit, typed: Mapping[str, Any], errors: Errors) -> Answer:
    asking.require(Permission.MANAGE_PEOPLE)
    with asking.work() as work:
        offered = flow.roles_to_give(work)
    return asking.show_form(
        "pages/people/show_new.html", typed, errors, choices=_choices(offered), limited=Role.APPROVER in offered
    )


def _person(asking: Visit, person_id: UUID, typed: Mapping[str, Any], errors: Errors) -> Answer:
    with asking.work() as work:
        view = views.colleague(work, person_id)
    values = {
        "roles": [role.value for role in view.person.every_role],
        "weekly_limit": str(view.person.weekly_limit or ""),
        **typed,
    }
    return asking.show_form(
        "pages/people/show_person.html", values, errors, view=view, roles=ROLE_WORDS, choices=_choices(view.offered)
    )


def _choices(offered: tuple[Role, ...]) -> list[tuple[str, str, str]]:
    words = {role: ROLE_WORDS[role] for role in offered}
    return [(role.value, text[:1].upper() + text[1:], ROLE_HINTS.get(role, "")) for role, text in words.items()]


def _roles(reader: Reader, data: Mapping[str, Any]) -> set[Role]:
    typed = data.get("roles", [])
    found = {role for role in Role if role.value in ([typed] if isinstance(typed, str) else typed)}
    if not found:
        reader.fault("/roles", "Choose one role or more")
    return found


def _limit(reader: Reader, data: Mapping[str, Any]) -> Decimal | None:
    return reader.money(data.get("weekly_limit"), "/weekly_limit", "The weekly limit", required=False)


def _is_email(email: str) -> bool:
    name, _, host = email.rpartition("@")
    return bool(name) and "." in host and not set(email) & set(' \t\n<>,;:"')


def _typed(data: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in data.items() if name in {"name", "email", "roles", "weekly_limit"}}
    if isinstance(kept.get("roles"), str):
        kept["roles"] = [kept["roles"]]
    return kept | ({} if "roles" in kept else {"roles": []})


def _errors(refusal: NotValid) -> dict[str, str]:
    return {fault.pointer.removeprefix("/"): fault.message for fault in refusal.faults}


HANDLERS = (
    show_people,
    show_new,
    add_person,
    show_person,
    change_roles,
    change_limit,
    show_end,
    end_person,
    send_set_up,
    end_sessions,
    renew_key,
    revoke_key,
)
