"""One sample of every event, found by its class: a new event needs no new line here."""

from __future__ import annotations

import types
import typing
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import uuid4

from brokerage.competitions.model import BidId, Excluded, InvitationId, Invited, Profile, Ranked, Weights
from brokerage.desk.consequences import Event
from lots.model import CategoryCode, Price, ProviderId, Wants
from placements.model import AgreementId, Sibling
from tests.pure.competitions.builders import a_profile

AT = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)
SECRET_TOKEN, SECRET_CODE, SECRET_NAME = "token-nobody-may-read", "314159", "Secretname Homes"
EVENTS: tuple[type, ...] = typing.get_args(Event)

_INVITED = Invited(
    InvitationId(uuid4()), ProviderId(uuid4()), SECRET_NAME, Price(Decimal("350.00"), Decimal("22.50")), Decimal(5)
)
_RANKED = Ranked(
    BidId(uuid4()), ProviderId(uuid4()), 2, Decimal("39.00"), Decimal("30.00"), Decimal("6.00"), Decimal("75.00"),
    Decimal("500.00"), True, AT, (SECRET_NAME,),
)  # fmt: skip
_BY_NAME: dict[str, Any] = {
    "authority": "derby-city",
    "reference": "R-TESTED",
    "urgency": "standard",
    "category": CategoryCode.TRANSITION,
    "links": ((_INVITED, SECRET_TOKEN),),
    "reasons": (Excluded(ProviderId(uuid4()), SECRET_NAME, "S4.not_registered", SECRET_NAME),),
    "excluded": ((uuid4(), "S4.not_registered"),),
    "ranking": (_RANKED,),
    "code": SECRET_CODE,
    "token": SECRET_TOKEN,
    "profile": a_profile(pathway_plan=SECRET_NAME),
    "weights": (40, 50, 10),
    "alarms": (),
    "sibling": Sibling(AgreementId(uuid4()), ProviderId(uuid4()), Wants.SUPPORT),
}


def sample(kind: type) -> Any:
    """Make an event of this class."""
    hints = typing.get_type_hints(kind)
    return kind(**{field.name: _value(field.name, hints[field.name]) for field in fields(kind)})


def _value(name: str, hint: Any) -> Any:
    if hint is Weights:
        return Weights()
    if name == "ranking" and "Ranked" not in str(hint):
        return ((uuid4(), "75.00"),)
    if name == "reasons" and "Excluded" not in str(hint):
        return _by_type(hint)  # an applicant's own reasons, told to nobody else
    if name in _BY_NAME and hint is not Profile:
        known = _BY_NAME[name]
        return known.value if hint is str and isinstance(known, Enum) else known
    if hint is Profile:
        return _BY_NAME["profile"]
    return _by_type(hint)


def _by_type(hint: Any) -> Any:
    hint = getattr(hint, "__supertype__", hint)
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return _by_type(next(one for one in typing.get_args(hint) if one is not type(None)))
    if typing.get_origin(hint) is tuple:
        inner = typing.get_args(hint)[0]
        return (_by_type(inner), _by_type(inner))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    plain = {str: "0" * 64, int: 1, bool: False, Decimal: Decimal("500.00"), date: AT.date(), datetime: AT}
    return plain[hint] if hint in plain else uuid4()


__all__ = ["AT", "EVENTS", "SECRET_CODE", "SECRET_NAME", "SECRET_TOKEN", "sample"]
