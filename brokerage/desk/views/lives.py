"""What waits for the asker in the lives of placements, and what its calendar holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from brokerage.desk.views.agreements import waits_for
from brokerage.desk.work import Work
from brokerage.people import rules as people_rules
from brokerage.people.model import Permission
from lots.model import ProviderId
from placements import store as placements
from placements.model import Agreement, AgreementState, Information, Party, Review, ReviewState


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
    running = {
        one.id: one for one in placements.agreements(work.db, work.authority) if one.state is not AgreementState.ENDED
    }
    late = placements.upcoming_reviews(work.db, work.authority, work.today)
    return LivesWork(
        tuple(one for one in running.values() if opens and waits_for(one, Party.COUNCIL)),
        tuple(one for one in running.values() if opens and _waits_to_start(one, work.today)),
        tuple((running[one.agreement_id], one) for one in placements.information_to_share(work.db, work.authority)),
        tuple((running[one.agreement_id], one) for one in late if one.state is ReviewState.ESCALATED),
    )


def calendar(work: Work) -> tuple[Entry, ...]:
    """List the days of the asker's placements: starts, reviews and last days, by reference."""
    work.require(Permission.SEE_AGREEMENT)
    if work.actor.provider_id is not None:
        found = placements.agreements_of_provider(work.db, ProviderId(work.actor.provider_id))
    else:
        found = placements.agreements(work.db, work.authority)
    entries: list[Entry] = []
    for made in found:
        if made.state is AgreementState.ENDED:
            continue
        entries.append(Entry(f"start-{made.id}", made.starts_on, f"{made.reference}: the placement starts", made.id))
        entries.append(Entry(f"end-{made.id}", made.ends_on, f"{made.reference}: last day", made.id))
        entries += [
            Entry(f"review-{one.id}", one.due_on, f"{made.reference}: review {one.number} is due", made.id)
            for one in placements.reviews(work.db, made.authority, made.id)
            if one.state is not ReviewState.HELD
        ]
    return tuple(sorted(entries, key=lambda one: (one.on, one.key)))


def _waits_to_start(made: Agreement, today: date) -> bool:
    return made.state is AgreementState.ACCEPTED and made.starts_on <= today
