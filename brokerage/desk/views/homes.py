"""Homes and beds as their provider sees them, and as a council does (A14)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from brokerage.desk.flow.homes import own_bed, own_firm, own_home
from brokerage.desk.views.awards import AwardView
from brokerage.desk.work import Work
from brokerage.people import rules as people_rules
from brokerage.people.model import Permission
from lots import rules
from lots import store as lots
from lots.model import (
    Bed,
    BedId,
    EvidenceKind,
    FreeBed,
    Hold,
    Need,
    NightContact,
    Property,
    Provider,
    ProviderId,
    Room,
    Wants,
)
from placements import store as placements


@dataclass(frozen=True, slots=True)
class PaperView:
    """Say of one kind of evidence that is held for a home until when it counts; `gap` is why it does not."""

    kind: EvidenceKind
    until: date | None
    gap: str


@dataclass(frozen=True, slots=True)
class HoldView:
    """Hold what keeps a bed taken; `reference` is the agreement's number, never a name, and empty for a void."""

    hold: Hold
    reference: str


@dataclass(frozen=True, slots=True)
class BedView:
    """Hold a bed with what keeps it taken today and later."""

    bed: Bed
    holds: tuple[HoldView, ...]
    free: bool


@dataclass(frozen=True, slots=True)
class RoomView:
    """Hold a room with its beds."""

    room: Room
    beds: tuple[BedView, ...]


@dataclass(frozen=True, slots=True)
class HomeView:
    """Hold a home on a day: its rooms and beds, the evidence held for it, and why nobody new may move in (`gap`)."""

    home: Property
    rooms: tuple[RoomView, ...]
    papers: tuple[PaperView, ...]
    gap: str
    on: date

    @property
    def beds(self) -> int:
        """Count the beds."""
        return sum(len(room.beds) for room in self.rooms)

    @property
    def free(self) -> int:
        """Count the beds that are free on the day and may be given."""
        return 0 if self.gap else sum(bed.free for room in self.rooms for bed in room.beds)


@dataclass(frozen=True, slots=True)
class HomesView:
    """Hold the homes of one provider on a day, with its numbers out of hours."""

    provider: Provider
    homes: tuple[HomeView, ...]
    contacts: tuple[NightContact, ...]
    on: date


@dataclass(frozen=True, slots=True)
class OneBed:
    """Hold one bed with its home and room."""

    home: Property
    room: Room
    view: BedView


def own_homes(work: Work) -> HomesView:
    """Show the homes of the asker's own firm today."""
    return _homes(work, own_firm(work), work.today)


def homes_of(work: Work, provider_id: UUID, on: date | None = None) -> HomesView:
    """Show a provider's homes and beds on a day, for a council's staff. Raises NoSuchProvider."""
    work.require(Permission.SEE_REGISTER)
    return _homes(work, ProviderId(provider_id), on or work.today)


def home(work: Work, home_id: UUID) -> HomeView:
    """Show one of the own homes today. Raises NoSuchEntry."""
    found = own_home(work, home_id)
    return _view(work, lots.provider(work.db, ProviderId(found.provider_id)), (found,), work.today)[0]


def bed(work: Work, home_id: UUID, bed_id: UUID) -> OneBed:
    """Show one of the own beds. Raises NoSuchEntry."""
    found, room, _ = own_bed(work, home_id, bed_id)
    (view,) = _view(work, lots.provider(work.db, ProviderId(found.provider_id)), (found,), work.today)
    return OneBed(found, room, next(one for each in view.rooms for one in each.beds if one.bed.id == bed_id))


def beds_of_award(work: Work, view: AwardView) -> tuple[FreeBed, ...]:
    """List the beds of the chosen provider that are free on its earliest day, in homes that would do (S5)."""
    award, asked = view.award, view.competition.competition
    if Wants.ACCOMMODATION not in asked.profile.wants:
        return ()
    starts_on = max(view.offer.bid.offer.earliest_start, work.today)
    age = rules.OFSTED_UNDER if view.turns_18_on <= starts_on else rules.LEAST_AGE
    return rules.free_beds(
        lots.provider(work.db, award.provider_id),
        lots.homes(work.db, award.provider_id).get(award.provider_id, ()),
        lots.taken_on(work.db, starts_on),
        Need(asked.profile.category, age, frozenset({Wants.ACCOMMODATION}), asked.profile.hours, 1),
        starts_on,
        asked.profile.outward_code,
        lots.places(),
    )


def _homes(work: Work, provider_id: ProviderId, on: date) -> HomesView:
    provider = lots.provider(work.db, provider_id)
    return HomesView(
        provider,
        _view(work, provider, lots.homes(work.db, provider_id).get(provider_id, ()), on),
        lots.night_contacts(work.db).get(provider_id, ()),
        on,
    )


def _view(work: Work, provider: Provider, homes: Iterable[Property], on: date) -> tuple[HomeView, ...]:
    found = tuple(homes)
    beds = [one.id for each in found for room in each.rooms for one in room.beds]
    held: dict[BedId, list[HoldView]] = {one: [] for one in beds}
    references = _references(work, provider.id, beds)
    for hold in lots.holds(work.db, beds, on, None):
        held[hold.bed_id].append(HoldView(hold, references.get(hold.id, "")))
    return tuple(
        HomeView(
            each,
            tuple(RoomView(room, tuple(_bed(one, held[one.id], on) for one in room.beds)) for room in each.rooms),
            _papers(provider, each, on),
            (rules.home_gap(provider, each, on) or ("", ""))[1],
            on,
        )
        for each in found
    )


def _bed(one: Bed, held: list[HoldView], on: date) -> BedView:
    return BedView(one, tuple(held), not any(rules.overlap(each.hold, on, on) for each in held))


def _references(work: Work, provider_id: ProviderId, beds: list[BedId]) -> Mapping[UUID, str]:
    """Say which agreement each stay belongs to, for the provider itself; another council's is not looked at."""
    stays = lots.stays_in(work.db, beds)
    if work.actor.provider_id == provider_id:
        made = placements.agreements_of_provider(work.db, provider_id)
    elif people_rules.may(work.actor, Permission.SEE_AGREEMENT):
        made = placements.agreements(work.db, work.authority, of=(provider_id,))
    else:
        made = ()
    known = {(one.authority, one.referral_id): one.reference for one in made}
    return {stay.hold.id: known.get((stay.authority, stay.about), "") for stay in stays}


def _papers(provider: Provider, each: Property, on: date) -> tuple[PaperView, ...]:
    kinds = tuple(kind for kind in provider.asked if kind.per_property)
    return tuple(
        PaperView(
            kind,
            rules.covered_until(kind, each.evidence, on),
            (rules.evidence_gap((kind,), each.evidence, provider.evidence_asked_from, on) or ("", ""))[1],
        )
        for kind in kinds
    )
