"""Who saw what, and what councils let each other see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from brokerage.desk.flow import editions
from brokerage.desk.flow.sights import look_at_referral
from brokerage.desk.sights import store
from brokerage.desk.sights.model import Share, Sight
from brokerage.desk.work import Work
from brokerage.people import store as people
from brokerage.people.model import Authority, Permission
from brokerage.referrals import store as referrals
from brokerage.referrals.errors import NoSuchReferral
from brokerage.referrals.model import Referral


@dataclass(frozen=True, slots=True)
class SightView:
    sight: Sight
    who: str
    reference: str


@dataclass(frozen=True, slots=True)
class SharedView:
    """A referral of another council, to be read and no more."""

    council: str
    referral: Referral
    share: Share


@dataclass(frozen=True, slots=True)
class SharesView:
    """The grants of one referral, and the councils that one can be given to."""

    reference: str
    shares: tuple[Share, ...]
    councils: Mapping[str, str]


def sights(work: Work, person_id: UUID | None, referral_id: UUID | None) -> tuple[SightView, ...]:
    """List who of the council saw whose record, when and why, newest first (A47)."""
    work.require(Permission.SEE_SIGHTS)
    found = store.sights(work.db, work.authority, person_id=person_id, referral_id=referral_id)
    return tuple(SightView(*one) for one in found)


def referral_named(work: Work, words: str) -> UUID | None:
    """Find a referral of the own council by its reference or its number."""
    work.require(Permission.SEE_SIGHTS)
    try:
        return UUID(words)
    except ValueError:
        return store.referral_of(work.db, work.authority, words)


def staff(work: Work) -> Mapping[UUID, str]:
    """Name the own council's people, for a choice among them."""
    work.require(Permission.SEE_SIGHTS)
    return {UUID(str(one.id)): one.name for one in people.people(work.db, work.authority)}


def shares_of(work: Work, referral_id: UUID) -> SharesView:
    """Show to whom a referral is shared, and to whom it can be. Raises NoSuchReferral."""
    work.require(Permission.SHARE)
    referrals.state_of(work.db, work.authority, referral_id)
    return SharesView(
        store.reference_of(work.db, work.authority, referral_id) or "",
        store.shares(work.db, of=work.authority, referral_id=referral_id),
        _others(people.authorities(work.db), work.authority),
    )


def shares(work: Work) -> tuple[tuple[Share, ...], tuple[Share, ...], Mapping[str, str]]:
    """List what the own council shares, what others share with it, and the names of the councils."""
    work.require(Permission.SHARE)
    return (
        store.shares(work.db, of=work.authority),
        tuple(one for one in store.shares(work.db, to=work.authority) if one.holds_on(work.today)),
        {one.key: one.name for one in people.authorities(work.db)},
    )


def shared_referral(work: Work, referral_id: UUID) -> SharedView:
    """Show a referral that another council shares; the sight stands in that council's log. Raises NoSuchReferral."""
    work.require(Permission.SEE_REFERRAL)
    grants = store.shares(work.db, to=work.authority, referral_id=referral_id)
    share = next((one for one in grants if one.holds_on(work.today)), None)
    if share is None:
        raise NoSuchReferral
    owner = look_at_referral(work, referral_id, "shared referral")
    return SharedView(work.council(owner).name, referrals.referral(work.db, owner, referral_id, editions()), share)


def _others(councils: tuple[Authority, ...], own: str) -> Mapping[str, str]:
    return {one.key: one.name for one in councils if one.key != own}
