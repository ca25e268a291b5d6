"""What follows from what happens to people and how they sign in."""

from __future__ import annotations

from typing import assert_never

from brokerage.desk.consequences.model import EMAIL, NOTHING, SMS, Address, Consequences, Notice
from brokerage.people.events import (
    KeyRenewed,
    KeyRevoked,
    LinkSent,
    LoginBound,
    LoginCodeSent,
    MeansChosen,
    PasswordSet,
    PersonAdded,
    PersonLeft,
    RolesChanged,
    SessionsEnded,
    WeeklyLimitChanged,
)
from brokerage.people.model import Means, Purpose

Event = (
    PersonAdded
    | RolesChanged
    | WeeklyLimitChanged
    | PersonLeft
    | SessionsEnded
    | KeyRenewed
    | KeyRevoked
    | LinkSent
    | LoginCodeSent
    | PasswordSet
    | MeansChosen
    | LoginBound
)


def of(event: Event) -> Consequences:
    """Say what follows. A new event without its consequences does not type-check."""
    match event:
        case LinkSent():
            return Consequences(notices=(_link(event),))
        case LoginCodeSent():
            return Consequences(notices=(_code(event),))
        case PasswordSet() | MeansChosen():
            what = "Your password" if isinstance(event, PasswordSet) else "Where your sign-in codes come from"
            to = Address(event.person_id, email=event.email)
            notice = Notice("sign_in_changed", to, EMAIL, event.change_id, {"what": what})
            return Consequences(notices=(notice,))
        case (
            PersonAdded()
            | RolesChanged()
            | WeeklyLimitChanged()
            | PersonLeft()
            | SessionsEnded()
            | KeyRenewed()
            | KeyRevoked()
            | LoginBound()
        ):
            return NOTHING
        case _:
            assert_never(event)


def _link(event: LinkSent) -> Notice:
    to, until = Address(event.person_id, email=event.email), event.expires_at
    match event.purpose:
        case Purpose.SET_UP:
            path = f"/set-up/{event.token}"
            return Notice("set_up_link", to, EMAIL, event.link_id, {}, path=path, expires_at=until)
        case Purpose.RESET:
            path = f"/set-up/{event.token}"
            return Notice("reset_link", to, EMAIL, event.link_id, {}, path=path, expires_at=until)
        case Purpose.SIGN_IN:
            path = f"/sign-in/link/{event.token}"
            return Notice("sign_in_link", to, EMAIL, event.link_id, {}, path=path, expires_at=until)
        case _:
            assert_never(event.purpose)


def _code(event: LoginCodeSent) -> Notice:
    by_text = event.means is Means.SMS
    to = Address(event.person_id, email="" if by_text else event.address, mobile=event.address if by_text else "")
    media = SMS if by_text else EMAIL
    return Notice("sign_in_code", to, media, event.code_id, {}, code=event.code, expires_at=event.expires_at)
