"""What is decided about a window: later, given up, what next (A29, S27)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from brokerage.competitions import rules as competition_rules
from brokerage.competitions import store as competition_store
from brokerage.competitions.events import CompetitionGivenUp, CompetitionOpened, NextStepDecided, WindowExtended
from brokerage.competitions.model import Choice, Competition
from brokerage.competitions.rules import deciding, splitting
from brokerage.competitions.service import decisions
from brokerage.desk.flow.competitions import hold_closed, invite, invite_parts
from brokerage.desk.flow.parts import give_back
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from brokerage.referrals import service as referrals
from brokerage.referrals.model import Verb
from lots import store as lots
from lots.model import CategoryCode
from lots.rules import nearest_categories


def check_extension(work: Work, competition_id: UUID, closes_at: datetime) -> Competition:
    """Hold a new close against the present one, changing nothing. Raises what `extend_window` raises."""
    work.require(Permission.OPEN_COMPETITION)
    found = competition_store.competition(work.db, work.authority, competition_id)
    deciding.extend_window(found, closes_at, work.now)
    return found


def extend_window(work: Work, competition_id: UUID, closes_at: datetime, reason: str) -> WindowExtended:
    """Move a close later, for everybody: hold the competition, then read the clock (S27).

    Raises CompetitionCancelled, WindowOver, NotLater, TooFar.
    """
    work.require(Permission.OPEN_COMPETITION)
    held = competition_store.hold(work.db, work.authority, competition_id)
    work.tick()
    event = decisions.extend_window(work.db, held, closes_at, reason, work.person_id, work.now)
    work.record(event, held.referral_id)
    return event


def give_up(work: Work, competition_id: UUID, reason: str) -> CompetitionGivenUp:
    """End a closed competition in which no offer is suitable; the referral can be published again (A29)."""
    work.require(Permission.AWARD)
    held = hold_closed(work, competition_id)
    event = decisions.give_up(work.db, held, reason, work.person_id, work.now)
    give_back(work, (held.referral_id,), Verb.RETURN_BESPOKE if held.bespoke else Verb.RETURN)
    work.record(event, held.referral_id)
    return event


def decide_next(
    work: Work, competition_id: UUID, choice: Choice, category: CategoryCode | None, reason: str
) -> tuple[NextStepDecided, CompetitionOpened | None]:
    """Decide what comes after a window without a suitable offer, and why (A29).

    `rerun` and `wider` open the following competition; `negotiate` and `bespoke` make the referral a bespoke one, to be
    advertised and negotiated (A10). Raises WindowOver for `extend`: a window that is over stays so (S27).
    """
    if choice is Choice.EXTEND:
        deciding.runs(competition_store.competition(work.db, work.authority, competition_id), work.now)
    if choice in {Choice.RERUN, Choice.WIDER}:
        return rerun_competition(work, competition_id, reason, wider=choice is Choice.WIDER, category=category)
    work.require(Permission.OPEN_COMPETITION)
    held = hold_closed(work, competition_id)
    event = decisions.decide_next(work.db, held, choice, None, reason, work.person_id, work.now)
    referrals.move_referral(work.db, work.authority, held.referral_id, Verb.GO_BESPOKE, work.now)
    work.record(event, held.referral_id)
    return event, None


def rerun_competition(
    work: Work, competition_id: UUID, reason: str, *, wider: bool = False, category: CategoryCode | None = None
) -> tuple[NextStepDecided, CompetitionOpened]:
    """Publish again what found no suitable offer, by the same weights: everybody eligible is invited anew (A29).

    With `wider` in another category of the same lot, the nearest unless one is named. What was bespoke is so again, and
    what was not is not, whatever was decided in between. Raises NothingToDecide,
    AlreadyFollowed, NoWiderCategory, NobodyEligible, and NotNow where the referral went on by another road.
    """
    work.require(Permission.OPEN_COMPETITION)
    held = hold_closed(work, competition_id)
    event, again = _again(work, held, reason, wider=wider, category=category)
    return event, invite(work, held.referral_id, held.weights, again, held.id, held.part, bespoke=held.bespoke)


def rerun_in_parts(
    work: Work, competition_id: UUID, reason: str, *, wider: bool = False, category: CategoryCode | None = None
) -> tuple[NextStepDecided, tuple[CompetitionOpened, ...]]:
    """Publish again in two parts what found no suitable offer as a whole (A23, A29).

    Raises what `rerun_competition` does, and NotInParts for what is a part already.
    """
    work.require(Permission.OPEN_COMPETITION)
    held = hold_closed(work, competition_id)
    splitting.check_split(held.profile.wants, held.profile.hours)
    event, again = _again(work, held, reason, wider=wider, category=category)
    return event, invite_parts(work, held.referral_id, held.weights, again, held.id)


def _again(
    work: Work, held: Competition, reason: str, *, wider: bool, category: CategoryCode | None
) -> tuple[NextStepDecided, CategoryCode]:
    """Record that a held competition is published again; give in which category."""
    deciding.decide_next(held)
    chosen = deciding.wider(category, wider_categories(held), held.profile.category) if wider else None
    choice = Choice.WIDER if wider else Choice.RERUN
    event = decisions.decide_next(work.db, held, choice, chosen, reason, work.person_id, work.now)
    work.record(event, held.referral_id)
    return event, chosen or held.profile.category


def wider_categories(found: Competition) -> tuple[CategoryCode, ...]:
    """List the other categories in which this competition could be published, the nearest first.

    None for a bespoke package, which is advertised in all of its lot already (A10).
    """
    if found.bespoke:
        return ()
    hours = competition_rules.priced_hours(found.profile)
    return nearest_categories(lots.catalogue().values(), found.profile.category, found.age, hours)
