"""Looking at a young person's record: with a relation to it or a reason, and never unseen (A47)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid4

from brokerage.desk.sights import rules, store
from brokerage.desk.sights.model import Relation, Sight, Tie
from brokerage.desk.work import Work
from brokerage.people.model import Permission, Role
from brokerage.referrals.errors import NoSuchReferral, SightNeedsReason
from brokerage.referrals.model import ListedReferral


def look_at_referral(work: Work, referral_id: UUID, what: str) -> str:
    """Note that the asker sees a young person's record, and give the council whose it is.

    `what` says where: a page, the API, an export. One line a piece of work, however many views it gathers. A referral
    of another council is seen where that council shares it, and the sight stands in the owner's log.
    Raises NoSuchReferral, and SightNeedsReason for who has nothing to do with it and has not said why.
    """
    person = work.actor.person_id
    if work.actor.role is Role.SYSTEM or person is None:
        return work.authority
    tie = _tie(work, referral_id)
    why = rules.relation(work.actor.role, tie, work.today)
    if why is None:
        raise SightNeedsReason(referral_id)
    if referral_id not in work.seen:
        work.seen.add(referral_id)
        reason = tie.reason if why is Relation.REASON else None
        store.add_sights(
            work.db, [Sight(tie.authority, uuid4(), person, referral_id, work.now, why, reason, what[:80])]
        )
    return tie.authority


def look_at_listed(work: Work, listed: Sequence[ListedReferral], what: str) -> tuple[ListedReferral, ...]:
    """Give a list with the names of those whom the asker has to do with; the naming is a sight of each of them.

    The others keep their reference only: who opens one is asked why. Give only what is shown, a page of it.
    """
    person = work.actor.person_id
    if person is None or not listed:
        return tuple(listed)
    tied = store.ties(work.db, work.authority, [one.id for one in listed], person, work.now - rules.REASON_LASTS)
    why = {
        one: found
        for one, tie in tied.items()
        if (found := rules.relation(work.actor.role, tie, work.today)) is not None
    }
    named = [one for one in listed if one.id in why and one.name]
    store.add_sights(
        work.db,
        [
            Sight(
                tied[one.id].authority, uuid4(), person, one.id, work.now, why[one.id],
                tied[one.id].reason if why[one.id] is Relation.REASON else None, what,
            )
            for one in named
        ],
    )  # fmt: skip
    return tuple(one if one.id in why or not one.name else replace(one, name=HIDDEN) for one in listed)


HIDDEN = "Not shown"
"""In place of the name of somebody whom the asker has nothing to do with."""


def look_as_provider(work: Work, authority: str, referral_id: UUID, what: str) -> None:
    """Note that a firm's user sees who the young person is, once the council has told the firm (A20)."""
    person = work.actor.person_id
    if work.actor.provider_id is None or person is None:
        raise NoSuchReferral
    sight = Sight(authority, uuid4(), person, referral_id, work.now, Relation.PLACED, None, what[:80])
    store.add_sights(work.db, [sight])


def give_reason(work: Work, referral_id: UUID, reason: str) -> None:
    """Keep why somebody must see a record that they have nothing to do with; it holds for 8 hours (A47)."""
    work.require(Permission.SEE_REFERRAL)
    tie = _tie(work, referral_id)
    sight = Sight(tie.authority, uuid4(), work.person_id, referral_id, work.now, Relation.REASON, reason, store.GIVEN)
    store.add_sights(work.db, [sight])


def _tie(work: Work, referral_id: UUID) -> Tie:
    since = work.now - rules.REASON_LASTS
    found = store.ties(work.db, work.authority, (referral_id,), work.person_id, since).get(referral_id)
    if found is None or (found.shared_until is not None and work.today > found.shared_until):
        raise NoSuchReferral
    return found
