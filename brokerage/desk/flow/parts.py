"""The two parts of one placement: looked for apart, and put together again (A23)."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

from brokerage.competitions import store as competition_store
from brokerage.competitions.errors import PartRuns
from brokerage.competitions.model import Competition
from brokerage.desk.work import Work
from brokerage.referrals import service as referrals
from brokerage.referrals import store as referral_store
from brokerage.referrals.model import State, Verb
from lots.model import Wants
from placements import store as placement_store
from placements.model import Agreement, AgreementState


def seek(work: Work, referral_id: UUID, part: Wants | None) -> State:
    """Carry a referral into the market and give where it stood; a part may follow while the other is looked for.

    Raises NotNow, PartRuns.
    """
    verb = Verb.SEEK if part is None else Verb.SEEK_PART
    stood, _ = referrals.move_referral(work.db, work.authority, referral_id, verb, work.now)
    if part is not None:
        running = competition_store.running_for(work.db, work.authority, referral_id, part)
        if running is not None:
            raise PartRuns(part.value, running)
    return stood


def give_back(work: Work, referral_ids: Collection[UUID], verb: Verb = Verb.RETURN) -> None:
    """Make referrals ready to publish again whose competition found nobody, unless their other part still runs.

    The referrals are held before that is asked: of two parts that end at one instant the later sees the earlier.
    """
    if not referral_ids:
        return
    referral_store.hold_states(work.db, work.authority, referral_ids)
    still = competition_store.sought(work.db, work.authority, referral_ids)
    back = [one for one in set(referral_ids) if one not in still]
    if back:
        referrals.move_referrals(work.db, work.authority, back, verb, work.now)


def place(work: Work, competition: Competition) -> None:
    """Call a referral placed: a whole at once, a part when the other has its agreement too. Raises NotNow."""
    referral_store.hold(work.db, work.authority, competition.referral_id)
    alone = competition.part is not None and sibling_agreement(work, competition) is None
    verb = Verb.PLACE_PART if alone else Verb.PLACE
    referrals.move_referral(work.db, work.authority, competition.referral_id, verb, work.now)


def sibling_agreement(work: Work, competition: Competition) -> Agreement | None:
    """Give the other part's agreement, where it has one."""
    award = competition_store.award_beside(work.db, competition)
    return placement_store.agreement_of_award(work.db, work.authority, award.id) if award else None


def cost_beside(work: Work, competition: Competition) -> Decimal:
    """Give what the other part costs a week: as chosen, then as its agreement was funded; nothing once that ended."""
    award = competition_store.award_beside(work.db, competition)
    if award is None:
        return Decimal("0.00")
    made = placement_store.agreement_of_award(work.db, work.authority, award.id)
    if made is None:
        return award.weekly_cost
    if made.state is AgreementState.ENDED:
        return Decimal("0.00")
    return award.weekly_cost if made.funded_weekly is None else made.funded_weekly


def beside_agreement(work: Work, made: Agreement) -> Decimal:
    """Give what the other part of a placement costs a week, beside an agreement; nothing for a whole."""
    return Decimal("0.00") if made.part is None else cost_beside(work, competition_of(work, made))


def competition_of(work: Work, made: Agreement) -> Competition:
    """Give the competition that an agreement came of."""
    award = competition_store.award(work.db, made.authority, made.award_id)
    return competition_store.competition(work.db, made.authority, award.competition_id)
