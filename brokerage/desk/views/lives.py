"""What waits for the asker in the lives of placements, and what its calendar holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from brokerage.desk.views.agreements import waits_for
from brokerage.desk.work import Work
from brokerage.people import rules as people_rules
from brokerage.people.model import Permission
from lots.model import ProviderId
from placements import store as placements
from placements.model import Agreement, AgreementState, Information, Party, Review

BEFORE_THE_START: Final = (AgreementState.OPENED, AgreementState.PART_ACCEPTED, AgreementState.ACCEPTED)
RUNNING: Final = tuple(state for state in AgreementState if state is not AgreementState.ENDED)


@dataclass(frozen=True, slots=True)
class LivesWork:
    """What waits: agreements to accept or to start, emergencies without full information, reviews that went up."""

    to_accept: tuple[Agreement, ...]
    to_start: tuple[Agreement, ...]
    to_share: tuple[tuple[Agreement, Information], ...]
    escalated: tuple[tuple[Agreement, Review], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One day of a calendar: a reference and what it is, never a name (S7)."""

    key: str
    on: date
    text: str
    agreement_id: UUID


def lives_work(work: Work) -> LivesWork:
    """Gather what the placements of the asker's council wait for."""
    if not people_rules.may(work.actor, Permission.SEE_AGREEMENT):
        return LivesWork((), (), (), ())
    opens = people_rules.may(work.actor, Permission.OPEN_AGREEMENT)
    early = placements.agreements(work.db, work.authority, states=BEFORE_THE_START) if opens else ()
    to_share = placements.information_to_share(work.db, work.authority)
    escalated = placements.escalated_reviews(work.db, work.authority)
    told_of = {one.agreement_id for one in to_share} | {one.agreement_id for one in escalated}
    known = placements.agreements_among(work.db, work.authority, told_of)
    return LivesWork(
        tuple(one for one in early if waits_for(one, Party.COUNCIL)),
        tuple(one for one in early if _waits_to_start(one, work.today)),
        tuple((known[one.agreement_id], one) for one in to_share),
        tuple((known[one.agreement_id], one) for one in escalated),
    )


def calendar(work: Work) -> tuple[Entry, ...]:
    """List the days of the asker's placements: starts, reviews and last days, by reference."""
    work.require(Permission.SEE_AGREEMENT)
    if work.actor.provider_id is not None:
        found = placements.agreements_of_provider(work.db, ProviderId(work.actor.provider_id))
    else:
        found = placements.agreements(work.db, work.authority, states=RUNNING)
    running = {one.id: one for one in found if one.state in RUNNING}
    entries: list[Entry] = []
    for made in running.values():
        entries.append(Entry(f"start-{made.id}", made.starts_on, f"{made.reference}: the placement starts", made.id))
        entries.append(Entry(f"end-{made.id}", made.ends_on, f"{made.reference}: last day", made.id))
    for one in placements.reviews_to_hold(work.db, running):
        said = f"{running[one.agreement_id].reference}: review {one.number} is due"
        entries.append(Entry(f"review-{one.id}", one.due_on, said, one.agreement_id))
    return tuple(sorted(entries, key=lambda one: (one.on, one.key)))


def _waits_to_start(made: Agreement, today: date) -> bool:
    return made.state is AgreementState.ACCEPTED and made.starts_on <= today
