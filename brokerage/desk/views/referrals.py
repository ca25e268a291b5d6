"""A referral and its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from brokerage.competitions import store as competition_store
from brokerage.competitions.model import (
    Competition,
)
from brokerage.desk import store
from brokerage.desk.flow import editions
from brokerage.desk.flow.sights import look_at_referral
from brokerage.desk.record import Line
from brokerage.desk.work import Work
from brokerage.people import store as people_store
from brokerage.people.model import Permission
from brokerage.referrals import store as referral_store
from brokerage.referrals.model import Origin, Referral
from placements import store as placements
from placements.model import Agreement


@dataclass(frozen=True, slots=True)
class ReferralView:
    referral: Referral
    competitions: tuple[Competition, ...]
    agreements: tuple[Agreement, ...]
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One line of a referral's history, with the actor's name put in for reading only."""

    line: Line
    by: str

    @property
    def facts(self) -> dict[str, Any]:
        try:
            return self.line.facts
        except ValueError:  # somebody went past the service: show what stands there, the check will name the line
            return {"unreadable": self.line.body}


def referral(work: Work, referral_id: UUID) -> ReferralView:
    """Show a raised referral of the authority, with what became of it; a sight that is noted (A47)."""
    work.require(Permission.SEE_REFERRAL)
    look_at_referral(work, referral_id, "referral")
    found = referral_store.referral(work.db, work.authority, referral_id, editions())
    return ReferralView(
        found,
        competition_store.competitions(work.db, work.authority, (), referral_id),
        placements.agreements(work.db, work.authority, referral_id=referral_id),
        referral_store.origin(work.db, work.authority, referral_id),
    )


def history(work: Work, referral_id: UUID) -> tuple[HistoryItem, ...]:
    """Give a referral's history, newest first; a sight that is noted (A47)."""
    work.require(Permission.SEE_REFERRAL)
    look_at_referral(work, referral_id, "history")
    names = people_store.names(work.db, work.authority)
    items = [
        HistoryItem(line, who_did(line.actor, names))
        for line in store.lines(work.db, work.authority, about=referral_id, most=500)
    ]
    return tuple(reversed(items))


def who_did(actor: str, names: Mapping[Any, str]) -> str:
    """Name who wrote a line of the record."""
    kind, _, key = actor.partition(":")
    if kind == "person":
        found = {str(one): name for one, name in names.items()}
        return found.get(key, "somebody who has left")
    return {"system": "the service itself", "provider": "a provider"}.get(kind, kind)
