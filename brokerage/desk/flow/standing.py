"""Standing on the register: suspended, removed, back again, and what each council then decides (A15, S6)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID, uuid4

from brokerage.competitions import store as competition_store
from brokerage.competitions.model import AwardState, State
from brokerage.desk.flow.agreements import agreement_of
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from brokerage.standing import rules as standing_rules
from brokerage.standing import store as standing_store
from brokerage.standing.events import PlacementDecided, StandingTouched
from brokerage.standing.model import Cause, PlacementChoice, PlacementDecision
from lots import rules as lot_rules
from lots import service as register
from lots import store as lots
from lots.errors import KeptElsewhere
from lots.events import ProviderReadmitted, ProviderRemoved, ProviderSuspended, SuspensionEnded, SuspensionLifted
from lots.model import CategoryCode, Exclusion, Provider, ProviderId, Removal, Suspension, SuspensionId
from placements import store as placements
from placements.model import Agreement, AgreementState


def standing_lost(
    work: Work, provider_id: UUID, categories: tuple[CategoryCode, ...], age: int, on: date | None = None
) -> Exclusion | None:
    """Say why a provider may be given work in none of the categories today or on a day, holding its standing (S6)."""
    provider, registrations = lots.hold_standing(work.db, ProviderId(provider_id))
    return lot_rules.out_of_standing_in_all(provider, registrations, categories, age, on or work.today)


def suspend_provider(work: Work, provider_id: UUID, suspension: Suspension) -> ProviderSuspended:
    """Keep a provider out of new work for some days (A15). Raises KeptElsewhere, NoSuchProvider."""
    work.require(Permission.CHANGE_STANDING)
    require_keeper(work)
    event = register.suspend_provider(work.db, ProviderId(provider_id), suspension, work.now)
    work.record(event, None)
    return event


def lift_suspension(work: Work, provider_id: UUID, suspension_id: UUID, reason: str) -> SuspensionLifted:
    """End a suspension early. Raises KeptElsewhere, NoSuchProvider, NoSuchEntry, SuspensionOver, ReasonMissing."""
    work.require(Permission.CHANGE_STANDING)
    require_keeper(work)
    event = register.lift_suspension(work.db, ProviderId(provider_id), SuspensionId(suspension_id), reason, work.now)
    work.record(event, None)
    return event


def remove_provider(work: Work, provider_id: UUID, removal: Removal) -> ProviderRemoved:
    """Take a provider off the register. Raises KeptElsewhere, NoSuchProvider, AlreadyRemoved."""
    work.require(Permission.CHANGE_STANDING)
    require_keeper(work)
    event = register.remove_provider(work.db, ProviderId(provider_id), removal, work.now)
    work.record(event, None)
    return event


def readmit_provider(work: Work, provider_id: UUID, reason: str) -> ProviderReadmitted:
    """Put a provider that was taken off the register back. Raises KeptElsewhere, NoSuchProvider, NotNow."""
    work.require(Permission.CHANGE_STANDING)
    require_keeper(work)
    event = register.readmit_provider(work.db, ProviderId(provider_id), reason, work.now)
    work.record(event, None)
    return event


def suspension_ends(work: Work, suspension_id: UUID) -> SuspensionEnded | None:
    """Note that a suspension's last day has gone by; its end needs nobody (A15)."""
    event = register.suspension_ends(work.db, SuspensionId(suspension_id), work.now)
    if event is not None:
        work.record(event, None)
    return event


def tell_standing_lost(work: Work) -> tuple[StandingTouched, ...]:
    """Tell a council's coordinators, once each, of lost standing that touches what they run (A15).

    A timer rings it in every council. It looks at all that holds today, so that nothing is missed if one is late.
    """
    told = []
    lost = [(one, standing_rules.causes(one, work.today)) for one in lots.providers(work.db)]
    agreements = running_agreements(work, work.authority, [one.id for one, causes in lost if causes])
    for provider, causes in lost:
        for cause in causes:
            if not standing_store.touch(work.db, work.authority, cause, work.now):
                continue
            event = _touched(work, provider, cause, agreements)
            if event.competitions or event.awards or event.agreements:
                work.record(event, None)
                told.append(event)
    return tuple(told)


def decide_placement(work: Work, agreement_id: UUID, choice: PlacementChoice, reason: str) -> PlacementDecided:
    """Record whether a running placement stays, moves or ends after its provider lost its standing (A15).

    The move or the end itself is made with the agreement. Raises NoSuchAgreement, NothingLost.
    """
    work.require(Permission.END_AGREEMENT)
    found = agreement_of(work, agreement_id)
    provider = lots.provider(work.db, found.provider_id)
    cause = standing_rules.check_decidable(standing_rules.causes(provider, work.today), runs=runs(found, work.today))
    decision = PlacementDecision(
        found.authority,
        uuid4(),
        found.id,
        found.referral_id,
        found.provider_id,
        cause.id,
        choice,
        reason,
        work.person_id,
        work.now,
    )
    standing_store.add_decision(work.db, decision)
    event = PlacementDecided(
        found.authority,
        found.id,
        found.referral_id,
        found.provider_id,
        cause.id,
        choice,
        decision.decided_by,
        reason,
    )
    work.record(event, found.referral_id)
    return event


def require_keeper(work: Work) -> None:
    """Let only the council that keeps the register change it (A4). Raises KeptElsewhere."""
    if work.authority != work.keeper:
        raise KeptElsewhere(work.keeper)


def running_agreements(work: Work, authority: str, of: Collection[ProviderId]) -> tuple[Agreement, ...]:
    """List a council's agreements with some providers that are made and not over."""
    return tuple(one for one in placements.agreements(work.db, authority, of=of) if runs(one, work.today))


def runs(agreement: Agreement, on: date) -> bool:
    """Say whether an agreement is made and not over on a day."""
    return agreement.state is not AgreementState.ENDED and on <= agreement.ends_on


def _touched(work: Work, provider: Provider, cause: Cause, agreements: tuple[Agreement, ...]) -> StandingTouched:
    authority = work.authority
    running = competition_store.competitions(work.db, authority, (State.OPEN, State.CLOSED))
    invited = competition_store.invitations_of(work.db, authority, [one.id for one in running])
    mine = [key for key, those in invited.items() if any(one.provider_id == provider.id for one in those)]
    awards = [
        award.id
        for state in (AwardState.AWAITING_FUNDING, AwardState.FUNDED)
        for award in competition_store.awards(work.db, authority, state)
        if award.provider_id == provider.id
    ]
    placed = [one.id for one in agreements if one.provider_id == provider.id]
    return StandingTouched(
        authority,
        provider.id,
        cause.id,
        cause.kind,
        cause.since,
        tuple(mine),
        tuple(awards),
        tuple(placed),
        provider.name,
    )
