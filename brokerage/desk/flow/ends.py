"""How a placement ends: notice after the options were explored, at once for a reason, or as agreed (A34, S18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from brokerage.desk.flow.beds import free_bed
from brokerage.desk.flow.parties import for_both, hold, speaks
from brokerage.desk.flow.variations import OPEN
from brokerage.desk.work import Work
from brokerage.people.errors import NotAllowed
from brokerage.people.model import Permission
from placements import rules, store
from placements import service as placements
from placements.events import AgreementEnded, NoticeGiven
from placements.model import Agreement, AgreementId, AgreementState, EndedBy, EndReason, Party, Review
from placements.rules import Ledger
from placements.service import variations

OF_PROVIDER = frozenset({EndedBy.PLAN, EndedBy.PROVIDER, EndedBy.YOUNG_PERSON})
"""At whose wish a provider may say that a placement ends; the council may record any, a provider's letter too."""

NOT_KNOWN = "not_known"
"""Where somebody moved on to, in an end that came by itself; a person may say it before."""


@dataclass(frozen=True, slots=True)
class EndEffect:
    """What an end would do: the last day, the reviews that fall away, and what is paid from the day after today.

    Both ledgers run from the first day of the stay to the last day agreed before, so that they compare.
    """

    last_on: date
    dropped: tuple[Review, ...]
    paid_before: Ledger
    paid_after: Ledger


def check_notice(
    work: Work, agreement_id: UUID, reason: str, served_on: date, options: tuple[str, ...]
) -> tuple[tuple[str, ...], EndEffect]:
    """Say what a notice would do, in the words that both will read; nothing is kept. Raises what `give_notice` does."""
    found, why = _asked(work, agreement_id, reason)
    options = tuple(for_both(work, found, one) for one in options)
    return options, _effect(work, found, rules.check_notice(found, why, served_on, options, work.today))


def give_notice(
    work: Work, agreement_id: UUID, reason: str, served_on: date, options: tuple[str, ...], expected: bool | None
) -> NoticeGiven:
    """Give notice for either party (A34): the last day, the payments, the reviews and the bed follow it.

    Raises NoSuchReason, IdentityWouldShow, NotAllowed for a reason of the other party's, and the refusals of
    `rules.check_notice`.
    """
    found, _ = _asked(work, agreement_id, reason)
    _, _, person_id = speaks(work, agreement_id, Permission.END_AGREEMENT)
    found = hold(work, found)
    options = tuple(for_both(work, found, one) for one in options)
    event = placements.give_notice(
        work.db,
        found.authority,
        found.id,
        reason,
        served_on,
        options,
        expected,
        person_id,
        work.now,
        store.reasons(),
    )
    freed = free_bed(work, found, event.last_on)
    for each in (event, *freed):
        work.record(each, found.referral_id)
    return event


def check_end(work: Work, agreement_id: UUID, reason: str | None, ended_on: date | None) -> EndEffect:
    """Say what an end would do; nothing is kept. `ended_on` is the last agreed day where it is left out.

    Raises what `end_agreement` does.
    """
    found, why = _asked(work, agreement_id, reason)
    on = ended_on or found.last_day
    rules.check_end(found, None if why.key == store.PLANNED else why, on, work.today)
    return _effect(work, found, on)


def end_agreement(
    work: Work, agreement_id: UUID, reason: str | None, ended_on: date | None, move_on: str, expected: bool | None
) -> AgreementEnded:
    """End a placement: on its last day, planned or by notice, or at once for a reason that needs no notice (A34).

    `ended_on` is the last agreed day where it is left out. What was still proposed is taken back with it.
    Raises NoSuchReason, NotAllowed for a reason of the other party's, and the refusals of `rules.check_end`.
    """
    found, _ = _asked(work, agreement_id, reason)
    _, _, person_id = speaks(work, agreement_id, Permission.END_AGREEMENT)
    found = hold(work, found)
    return _end(work, found, reason, ended_on or found.last_day, move_on, expected, person_id)


def last_day_is_over(work: Work, agreement_id: UUID) -> AgreementEnded | None:
    """End an agreement whose last day is over; one that was moved or has ended stays as it is (A34, S18)."""
    found = store.hold_agreement(work.db, work.authority, AgreementId(agreement_id))
    if found.state is AgreementState.ENDED or work.today <= found.ends_on:
        return None
    return _end(work, found, None, found.ends_on, NOT_KNOWN, None, None)


def _end(
    work: Work,
    found: Agreement,
    reason: str | None,
    ended_on: date,
    move_on: str,
    expected: bool | None,
    person_id: UUID | None,
) -> AgreementEnded:
    """End a held agreement, by somebody's word or by itself: open proposals and beds go with it."""
    event = placements.end_agreement(
        work.db,
        found.authority,
        found.id,
        reason,
        ended_on,
        move_on,
        expected,
        person_id,
        work.now,
        store.reasons(),
    )
    dropped = tuple(
        variations.withdraw_variation(work.db, found.authority, one.id, person_id, work.now)
        for one in store.variations(work.db, found.authority, found.id)
        if one.state in OPEN
    )
    freed = free_bed(work, found, event.ended_on)
    for each in (*dropped, event, *freed):
        work.record(each, found.referral_id)
    return event


def _asked(work: Work, agreement_id: UUID, reason: str | None) -> tuple[Agreement, EndReason]:
    """Find the agreement and the reason, which must be one that this party may give."""
    found, party, _ = speaks(work, agreement_id, Permission.END_AGREEMENT)
    why = rules.end_reason(store.reasons(), reason or store.PLANNED)
    if party is Party.PROVIDER and why.by not in OF_PROVIDER:
        raise NotAllowed(Permission.END_AGREEMENT, work.actor.role)
    return found, why


def _effect(work: Work, found: Agreement, last_on: date) -> EndEffect:
    versions = store.versions(work.db, found.authority, found.id)
    every = store.every_review(work.db, found.authority, found.id)
    return EndEffect(
        last_on,
        rules.beyond(every, last_on),
        rules.ledger(versions, found.starts_on, found.ends_on),
        rules.ledger(rules.cut_versions(versions, last_on), found.starts_on, found.ends_on),
    )
