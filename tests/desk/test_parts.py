"""Accommodation and support bought separately: two parts of one referral, two agreements of one placement (A23)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from brokerage.competitions.errors import AlreadyAwarded, NoSuchCompetition, NotInParts, PartRuns
from brokerage.competitions.events import BidAwarded, FundingAuthorised, FundingSupported
from brokerage.competitions.model import Weights
from brokerage.desk import flow, views
from brokerage.desk.flow.competitions import open_parts
from brokerage.desk.work import SYSTEM, Desk
from brokerage.people.errors import NotAllowed
from brokerage.referrals.errors import NoSuchReferral, NotNow
from lots.model import ProviderId, Wants
from placements.errors import SupportApart
from placements.model import Agreement, AgreementId, Sibling
from tests.desk.road import (
    DERBY,
    ENDS,
    MET,
    PEOPLE,
    STARTS,
    Door,
    Open,
    a_raised_referral,
    agree,
    ask,
    award,
    bid,
    clock_of,
    close,
    decide,
    evaluate,
    look,
    record,
    referral_state,
    state_of,
    verified,
    withdraw,
)

Parts = tuple[Open, Open]


def in_parts(desk: Desk, referral_id: UUID | None = None, **changes: Any) -> Parts:
    """Publish a referral in two parts: accommodation, support."""
    with desk.work(PEOPLE["coordinator"]) as work:
        home, support = open_parts(work, referral_id or a_raised_referral(desk, **changes), Weights())
    return _opened(home), _opened(support)


def _opened(event: Any) -> Open:
    return Open(
        event, tuple(Door(one.provider_id, one.provider, one.invitation_id, token) for one, token in event.links)
    )


def offer_home(desk: Desk, part: Open, number: int = 0, price: str = "350.00") -> None:
    bid(desk, part.doors[number], price, support_hourly=None)


def offer_support(desk: Desk, part: Open, number: int = 1, hourly: str = "20.00") -> None:
    bid(desk, part.doors[number], support_hourly=hourly, accommodation_weekly=None)


def chosen(desk: Desk, part: Open) -> BidAwarded:
    return award(desk, part, evaluate(desk, part)[0].bid_id)


def agreement(desk: Desk, agreement_id: UUID) -> Agreement:
    with desk.work(PEOPLE["coordinator"]) as work:
        return flow.agreement_of(work, agreement_id)


def both_awarded(desk: Desk, **changes: Any) -> tuple[Parts, BidAwarded, BidAwarded]:
    home, support = in_parts(desk, **changes)
    offer_home(desk, home)
    offer_support(desk, support)
    close(desk, home)
    return (home, support), chosen(desk, home), chosen(desk, support)


def test_two_parts_go_to_two_providers_under_one_placement(desk: Desk) -> None:
    home, support = in_parts(desk)
    assert (home.event.opens_at, home.event.closes_at) == (support.event.opens_at, support.event.closes_at)
    assert (home.event.part, support.event.part) == (Wants.ACCOMMODATION, Wants.SUPPORT)
    assert {home.event.reference[:-2], support.event.reference[:-2]} == {home.event.reference[:-2]}
    assert home.event.reference != support.event.reference
    assert ask(desk, "SELECT count(DISTINCT public_key) FROM seal")[0][0] == 2
    offer_home(desk, home)
    offer_home(desk, home, 1, "360.00")
    offer_support(desk, support)
    close(desk, home)
    assert (state_of(desk, home), state_of(desk, support)) == ("closed", "closed")

    for_home, for_support = chosen(desk, home), chosen(desk, support)
    assert for_home.provider_id != for_support.provider_id
    decide(desk, for_home.award_id)
    decide(desk, for_support.award_id)
    first = agree(desk, for_home.award_id)
    assert referral_state(desk, home.referral_id) == "seeking"
    assert agreement(desk, first).sibling is None
    second = agree(desk, for_support.award_id)
    assert referral_state(desk, home.referral_id) == "placed"

    housed, supported = agreement(desk, first), agreement(desk, second)
    assert (housed.part, supported.part) == (Wants.ACCOMMODATION, Wants.SUPPORT)
    assert housed.sibling == Sibling(AgreementId(second), ProviderId(for_support.provider_id), Wants.SUPPORT)
    assert supported.sibling == Sibling(AgreementId(first), ProviderId(for_home.provider_id), Wants.ACCOMMODATION)
    assert housed.referral_id == supported.referral_id
    assert (housed.terms.hours, housed.terms.support_hourly) == (Decimal(0), None)
    assert (supported.terms.accommodation_weekly, supported.terms.housing_benefit_weekly) == (None, Decimal(0))
    reviews = ask(desk, "SELECT agreement_id, count(*) AS many FROM review GROUP BY agreement_id")
    assert {row.agreement_id: row.many for row in reviews} == dict.fromkeys((first, second), reviews[0].many)
    assert verified(desk).first_bad is None


def test_a_part_that_found_nobody_is_published_again_alone(desk: Desk) -> None:
    home, support = in_parts(desk)
    offer_home(desk, home)
    close(desk, home)
    assert (state_of(desk, home), state_of(desk, support)) == ("closed", "unsuccessful")
    assert referral_state(desk, home.referral_id) == "seeking"
    for_home = chosen(desk, home)
    decide(desk, for_home.award_id)
    agree(desk, for_home.award_id)
    assert referral_state(desk, home.referral_id) == "seeking"

    again = published_again(desk, support)
    assert (again.event.part, again.event.follows) == (Wants.SUPPORT, support.id)
    assert again.event.reference == support.event.reference
    assert ask(desk, "SELECT count(*) FROM competition")[0][0] == 3
    with pytest.raises(NotNow), desk.work(PEOPLE["coordinator"]) as work:
        flow.open_competition(work, home.referral_id, Weights())
    offer_support(desk, again)
    close(desk, again)
    for_support = chosen(desk, again)
    decide(desk, for_support.award_id)
    agree(desk, for_support.award_id)
    assert referral_state(desk, home.referral_id) == "placed"


def published_again(desk: Desk, part: Open) -> Open:
    with desk.work(PEOPLE["coordinator"]) as work:
        _, event = flow.rerun_competition(work, part.id, "Nobody offered the first time")
    return _opened(event)


def test_two_parts_that_found_nobody_give_the_referral_back_once_both_are_over(desk: Desk) -> None:
    home, support = in_parts(desk)
    with desk.work(PEOPLE["coordinator"]) as work:
        flow.extend_window(work, support.id, support.event.closes_at + timedelta(hours=2), "A holiday in between")
    close(desk, home)
    assert (state_of(desk, home), referral_state(desk, home.referral_id)) == ("unsuccessful", "seeking")
    clock_of(desk).push(timedelta(hours=2))
    close_by_hand(desk, support)
    assert referral_state(desk, home.referral_id) == "raised"
    # One part alone goes on, then the whole cannot be published beside it, nor that part twice.
    published_again(desk, support)
    assert referral_state(desk, home.referral_id) == "seeking"
    with pytest.raises(NotNow):
        in_parts(desk, home.referral_id)


def close_by_hand(desk: Desk, part: Open) -> None:
    with desk.work(PEOPLE["coordinator"]) as work:
        flow.close_competition(work, part.id)


def test_a_part_is_not_looked_for_beside_a_later_search_for_it(desk: Desk) -> None:
    home, support = in_parts(desk)
    close(desk, home)
    with desk.work(PEOPLE["coordinator"]) as work:
        whole = flow.open_competition(work, home.referral_id, Weights())
    for part in (home, support):
        with pytest.raises(PartRuns) as refused:
            published_again(desk, part)
        assert refused.value.competition_id == whole.competition_id
    assert ask(desk, "SELECT count(*) FROM competition WHERE state = 'open'")[0][0] == 1


def test_giving_up_one_part_leaves_the_other(desk: Desk) -> None:
    (home, support), _, for_support = both_awarded(desk)
    decide(desk, for_support.award_id, "refuse")
    assert (state_of(desk, home), state_of(desk, support)) == ("awarded", "closed")
    with desk.work(PEOPLE["coordinator"]) as work:
        flow.give_up(work, support.id, "None of them knows the area")
    assert (state_of(desk, support), referral_state(desk, home.referral_id)) == ("unsuccessful", "seeking")
    published_again(desk, support)


def test_withdrawing_the_referral_cancels_both_parts(desk: Desk) -> None:
    home, support = in_parts(desk)
    withdraw(desk, home.referral_id)
    assert (state_of(desk, home), state_of(desk, support)) == ("cancelled", "cancelled")
    assert referral_state(desk, home.referral_id) == "withdrawn"
    told = ask(desk, "SELECT provider_id, medium FROM message WHERE kind = 'referral_cancelled'")
    assert len(told) == 2 * (len(home.doors) + len(support.doors))


def test_withdrawing_leaves_the_part_that_was_agreed(desk: Desk) -> None:
    (home, support), for_home, _ = both_awarded(desk)
    decide(desk, for_home.award_id)
    made = agree(desk, for_home.award_id)
    withdraw(desk, home.referral_id)
    assert (state_of(desk, home), state_of(desk, support)) == ("awarded", "cancelled")
    assert agreement(desk, made).state == "opened"


# The money


def test_the_limit_is_held_against_both_parts(desk: Desk) -> None:
    limit = ask(desk, "SELECT weekly_limit FROM person WHERE id = :id", id=PEOPLE["approver"].person_id)[0][0]
    with desk.work(SYSTEM) as work:
        work.db.exec_driver_sql("UPDATE person SET weekly_limit = 400 WHERE weekly_limit IS NOT NULL")
    assert limit > 0
    _, for_home, for_support = both_awarded(desk)
    assert for_home.weekly_cost < 400 > for_support.weekly_cost
    assert for_home.weekly_cost + for_support.weekly_cost > 400
    for made in (for_home, for_support):
        said = decide(desk, made.award_id)
        assert isinstance(said, FundingSupported)
        assert said.weekly_cost + said.beside == for_home.weekly_cost + for_support.weekly_cost
        assert isinstance(decide(desk, made.award_id, who="approver_2"), FundingAuthorised)


def test_a_part_funded_first_counts_when_the_other_is_funded(desk: Desk) -> None:
    with desk.work(SYSTEM) as work:
        work.db.exec_driver_sql("UPDATE person SET weekly_limit = 400 WHERE weekly_limit IS NOT NULL")
    home, support = in_parts(desk)
    offer_home(desk, home)
    offer_support(desk, support)
    close(desk, home)
    for_home = chosen(desk, home)
    assert isinstance(decide(desk, for_home.award_id), FundingAuthorised)
    agree(desk, for_home.award_id)
    assert isinstance(decide(desk, chosen(desk, support).award_id), FundingSupported)


def test_what_is_left_of_the_budget_flags_the_other_part(desk: Desk) -> None:
    home, support = in_parts(desk, indicative_budget_weekly="400.00")
    offer_home(desk, home)
    offer_support(desk, support)
    close(desk, home)
    assert [row.within_budget for row in evaluate(desk, support)] == [True]
    for_home = chosen(desk, home)
    assert [row.within_budget for row in evaluate(desk, support)] == [False]
    with desk.work(PEOPLE["coordinator"]) as work:
        view = views.competition(work, support.id)
    assert view.budget_left == Decimal("400.00") - for_home.weekly_cost
    assert view.beside is not None
    assert (view.beside.competition.id, view.beside.weekly_cost) == (home.id, for_home.weekly_cost)
    assert [one.within_budget for one in view.offers or ()] == [False]


# The days


def test_support_beyond_the_accommodation_must_be_said(desk: Desk) -> None:
    _, for_home, for_support = both_awarded(desk)
    decide(desk, for_home.award_id)
    decide(desk, for_support.award_id)
    with pytest.raises(SupportApart) as none:
        agree(desk, for_support.award_id)
    assert none.value.home_starts_on is None
    agree(desk, for_home.award_id)
    with pytest.raises(SupportApart) as later:
        agree_until(desk, for_support.award_id, ENDS + timedelta(days=1), "too short")
    assert (later.value.home_starts_on, later.value.home_ends_on) == (STARTS, ENDS)
    assert referral_state(desk, later_referral(desk)) == "seeking"
    made = agree_until(desk, for_support.award_id, ENDS + timedelta(days=1), "Jayden settles in a flat of their own")
    assert agreement(desk, made).apart_reason == "[young person] settles in a flat of their own"
    assert referral_state(desk, later_referral(desk)) == "placed"


def later_referral(desk: Desk) -> UUID:
    return UUID(str(ask(desk, "SELECT DISTINCT referral_id FROM competition")[0][0]))


def agree_until(desk: Desk, award_id: UUID, ends_on: date, why: str) -> UUID:
    with desk.work(PEOPLE["coordinator"]) as work:
        return flow.open_agreement(work, award_id, STARTS, ends_on, MET, None, why).agreement_id


# At once


def together(*deeds: Any) -> list[Any]:
    """Do several things at once; an exception is an answer too."""

    def answer(deed: Any) -> Any:
        try:
            return deed()
        except Exception as refusal:  # what was said is looked at
            return refusal

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(answer, deeds))


@pytest.mark.parametrize("_", range(4))
def test_two_parts_that_close_at_once_give_the_referral_back_once(desk: Desk, _: int) -> None:
    home, support = in_parts(desk)
    clock_of(desk).now = home.event.closes_at
    together(*(lambda part=part: close_by_hand(desk, part) for part in (home, support)))
    assert (state_of(desk, home), state_of(desk, support)) == ("unsuccessful", "unsuccessful")
    assert referral_state(desk, home.referral_id) == "raised"


def test_two_awards_at_once_are_one_a_part(desk: Desk) -> None:
    home, support = in_parts(desk)
    offer_home(desk, home)
    offer_support(desk, support)
    close(desk, home)
    first, second = evaluate(desk, home)[0].bid_id, evaluate(desk, support)[0].bid_id
    said = together(
        *(lambda: award(desk, home, first),) * 2,
        *(lambda: award(desk, support, second),) * 2,
    )
    assert sum(isinstance(one, BidAwarded) for one in said) == 2
    assert sum(isinstance(one, AlreadyAwarded) for one in said) == 2
    assert ask(desk, "SELECT count(*), count(DISTINCT competition_id) FROM award")[0] == (2, 2)


def test_two_agreements_at_once_are_linked_and_place_the_referral(desk: Desk) -> None:
    (home, _), for_home, for_support = both_awarded(desk)
    for made in (for_home, for_support):
        decide(desk, made.award_id)
    why = "It may begin before there is a home"
    said = together(
        lambda: agree(desk, for_home.award_id),
        lambda: agree_until(desk, for_support.award_id, ENDS, why),
    )
    assert all(isinstance(one, UUID) for one in said)
    assert referral_state(desk, home.referral_id) == "placed"
    first, second = (agreement(desk, one) for one in said)
    assert first.sibling is not None
    assert second.sibling is not None
    assert (first.sibling.agreement_id, second.sibling.agreement_id) == (second.id, first.id)


def test_one_part_published_again_by_two_people_at_once_is_published_once(desk: Desk) -> None:
    home, support = in_parts(desk)
    offer_home(desk, home)
    close(desk, home)
    said = together(*(lambda: published_again(desk, support),) * 3)
    assert sum(isinstance(one, Open) for one in said) == 1
    assert ask(desk, "SELECT count(*) FROM competition WHERE part = 'support' AND state = 'open'")[0][0] == 1


# Refused


@pytest.mark.parametrize("changes", [{"wants": ["support"]}, {"wants": ["accommodation"]}])
def test_one_thing_is_not_published_in_parts(desk: Desk, changes: dict[str, Any]) -> None:
    referral_id = a_raised_referral(desk, **changes)
    with pytest.raises(NotInParts):
        in_parts(desk, referral_id)
    assert referral_state(desk, referral_id) == "raised"


def test_a_referral_is_not_published_twice(desk: Desk) -> None:
    home, _ = in_parts(desk)
    with pytest.raises(NotNow):
        in_parts(desk, home.referral_id)
    with pytest.raises(NotNow), desk.work(PEOPLE["coordinator"]) as work:
        flow.open_competition(work, home.referral_id, Weights())
    assert ask(desk, "SELECT count(*) FROM competition")[0][0] == 2


def test_nobody_else_publishes_or_sees_the_parts(desk: Desk) -> None:
    referral_id = a_raised_referral(desk)
    for key, refusal in (("approver", NotAllowed), ("provider_a", NotAllowed), ("coordinator_county", NoSuchReferral)):
        with pytest.raises(refusal), desk.work(PEOPLE[key]) as work:
            open_parts(work, referral_id, Weights())
    home, _ = in_parts(desk, referral_id)
    with pytest.raises(NoSuchCompetition), desk.work(PEOPLE["coordinator_county"]) as work:
        views.competition(work, home.id)


def test_the_part_is_told_in_the_record_and_in_every_message(desk: Desk) -> None:
    home, support = in_parts(desk)
    opened = [line.facts for line in record(desk, home.referral_id) if line.kind == "competition_opened"]
    assert [(one["part"], one["reference"]) for one in opened] == [
        ("accommodation", home.event.reference),
        ("support", support.event.reference),
    ]
    sent = ask(desk, "SELECT subject_id, medium FROM message WHERE kind = 'invitation'")
    assert len(sent) == len(set(sent)) == 2 * (len(home.doors) + len(support.doors))
    assert look(desk, home.doors[0]).wants == {Wants.ACCOMMODATION}
    assert look(desk, support.doors[0]).wants == {Wants.SUPPORT}
    assert home.event.authority == DERBY
