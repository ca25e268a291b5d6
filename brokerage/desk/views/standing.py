"""What a change of standing touches, what waits because of it, and why somebody was not invited (A15, S4, S6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from brokerage.competitions import store as competition_store
from brokerage.competitions.model import AwardState, Competition, Excluded, Invitation, State
from brokerage.desk.flow.agreements import agreement_of
from brokerage.desk.flow.standing import running_agreements, runs
from brokerage.desk.work import SYSTEM, Desk, Work
from brokerage.people import rules as people_rules
from brokerage.people import store as people_store
from brokerage.people.errors import NotAllowed
from brokerage.people.model import Actor, Permission
from brokerage.standing import rules as standing_rules
from brokerage.standing import store as standing_store
from brokerage.standing.model import Cause, PlacementDecision
from lots import rules as lot_rules
from lots import store as lots
from lots.errors import NoSuchProvider
from lots.model import Exclusion, Need, Provider, ProviderId, Registration
from placements import store as placements
from placements.model import Agreement


@dataclass(frozen=True, slots=True)
class Touched:
    """What one council has with a provider: references and states, never a price and never who offered."""

    council: str
    own: bool
    competitions: tuple[Competition, ...]
    awards: tuple[str, ...]
    agreements: tuple[Agreement, ...]

    @property
    def anything(self) -> bool:
        return bool(self.competitions or self.awards or self.agreements)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A running placement about which somebody must decide, because its provider lost its standing."""

    agreement_id: UUID
    reference: str
    provider: str
    cause: Cause


@dataclass(frozen=True, slots=True)
class PlacementView:
    """One placement, what its provider is out of standing for, and what was decided so far."""

    agreement: Agreement
    provider: Provider
    causes: tuple[Cause, ...]
    decisions: tuple[PlacementDecision, ...]
    names: dict[UUID, str]


@dataclass(frozen=True, slots=True)
class WhyView:
    """Why one provider was or was not invited, at publication and as it would be today.

    `excluded` is what was stored then; without it and without `invitation` it was not on the register. `now` is why it
    would not be invited today, none where it would.
    """

    competition: Competition
    providers: tuple[tuple[UUID, str], ...]
    provider: Provider | None
    invitation: Invitation | None
    excluded: Excluded | None
    registration: Registration | None
    now: Exclusion | None
    causes: tuple[Cause, ...]
    at: datetime


def effect(desk: Desk, asker: Actor, provider_id: UUID) -> tuple[Touched, ...]:
    """Say what a provider has with each council that its standing touches, the asker's own first.

    Read as the system, council by council: whoever keeps the register sees of the others how much, and no more.
    """
    with desk.work(SYSTEM) as work:
        councils = people_store.authorities(work.db)
    found = []
    for council in councils:
        with desk.work(Actor(SYSTEM.role, SYSTEM.name, council.key)) as work:
            found.append(_touched(work, council.name, asker.authority == council.key, ProviderId(provider_id)))
    return tuple(sorted((one for one in found if one.anything), key=lambda one: (not one.own, one.council)))


def waiting(work: Work) -> tuple[Waiting, ...]:
    """List the running placements that wait for a decision, for those who may make it."""
    if not people_rules.may(work.actor, Permission.END_AGREEMENT):
        return ()
    lost = {
        one.id: (one, causes) for one in lots.providers(work.db) if (causes := standing_rules.causes(one, work.today))
    }
    if not lost:
        return ()
    decided = standing_store.decisions(work.db, work.authority)
    found = []
    for agreement_id, reference, provider_id in placements.running_references(
        work.db, work.authority, lost, work.today
    ):
        provider, causes = lost[provider_id]
        made = decided.get(agreement_id)  # about most of them nothing was decided yet
        for cause in (standing_rules.undecided(causes, made) if made else causes)[:1]:
            found.append(Waiting(agreement_id, reference, provider.name, cause))
    return tuple(sorted(found, key=lambda one: (one.provider, one.reference)))


def decision_waits(work: Work, made: Agreement) -> bool:
    """Say whether one placement waits for a decision of the asker's."""
    if not people_rules.may(work.actor, Permission.END_AGREEMENT) or not runs(made, work.today):
        return False
    causes = standing_rules.causes(lots.provider(work.db, made.provider_id), work.today)
    if not causes:
        return False
    decided = standing_store.decisions(work.db, made.authority).get(made.id, ())
    return bool(standing_rules.undecided(causes, decided))


def placement(work: Work, agreement_id: UUID) -> PlacementView:
    """Show one placement of a provider out of standing. Raises NoSuchAgreement, NothingLost."""
    work.require(Permission.END_AGREEMENT)
    found = agreement_of(work, agreement_id)
    provider = lots.provider(work.db, found.provider_id)
    causes = standing_rules.causes(provider, work.today)
    standing_rules.check_decidable(causes, runs=runs(found, work.today))
    decisions = standing_store.decisions(work.db, work.authority).get(found.id, ())
    names = {UUID(str(key)): name for key, name in people_store.names(work.db, work.authority).items()}
    return PlacementView(found, provider, causes, decisions, names)


def why(work: Work, competition_id: UUID, provider_id: UUID | None) -> WhyView:
    """Answer why a provider was not invited to a competition: then, and today (S4, S6).

    Open to who sees the competition or decides about standing. Raises NoSuchCompetition, NoSuchProvider.
    """
    if not any(people_rules.may(work.actor, one) for one in (Permission.SEE_COMPETITION, Permission.CHANGE_STANDING)):
        raise NotAllowed(Permission.SEE_COMPETITION, work.actor.role)
    found = competition_store.competition(work.db, work.authority, competition_id)
    register = {one.id: one for one in lots.providers(work.db)}
    choices = tuple((one.id, one.name) for one in register.values())
    if provider_id is None:
        return WhyView(found, choices, None, None, None, None, None, (), work.now)
    provider = register.get(ProviderId(provider_id))
    if provider is None:
        raise NoSuchProvider(provider_id)
    registrations = lots.registrations(work.db, provider.id)
    profile = found.profile
    need = Need(profile.category, found.age, profile.wants, profile.hours, profile.beds)
    invitations = competition_store.invitations(work.db, work.authority, found.id)
    exclusions = competition_store.exclusions(work.db, work.authority, found.id)
    return WhyView(
        found,
        choices,
        provider,
        next((one for one in invitations if one.provider_id == provider.id), None),
        next((one for one in exclusions if one.provider_id == provider.id), None),
        lot_rules.registration_on(registrations, profile.category, work.today),
        lot_rules.out_of_standing_in_all(
            provider, registrations, lots.lot_of(profile.category), found.age, work.today, need.fitting
        )
        if found.bespoke
        else lot_rules.exclusion(provider, registrations, need, work.today),
        standing_rules.causes(provider, work.today),
        work.now,
    )


def _touched(work: Work, council: str, own: bool, provider_id: ProviderId) -> Touched:
    running = competition_store.competitions(work.db, work.authority, (State.OPEN, State.CLOSED))
    invited = competition_store.invitations_of(work.db, work.authority, [one.id for one in running])
    mine = tuple(one for one in running if any(each.provider_id == provider_id for each in invited[one.id]))
    awards = tuple(
        competition_store.competition(work.db, work.authority, award.competition_id).reference
        for state in (AwardState.AWAITING_FUNDING, AwardState.FUNDED)
        for award in competition_store.awards(work.db, work.authority, state)
        if award.provider_id == provider_id
    )
    placed = running_agreements(work, work.authority, (provider_id,))
    return Touched(council, own, mine, awards, placed)
