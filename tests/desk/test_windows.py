"""Windows moved later, given up, published again: on real rows, with real timers (A29, S27)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from brokerage.competitions.errors import (
    AlreadyFollowed,
    BidTooLate,
    CompetitionCancelled,
    NothingToDecide,
    NotLater,
    NotNow,
    NoWiderCategory,
    TooFar,
    WindowOver,
)
from brokerage.competitions.model import Choice, Weights
from brokerage.desk import flow
from brokerage.desk.work import Desk
from brokerage.people.errors import NotAllowed
from brokerage.referrals.errors import NotNow as ReferralNotNow
from brokerage.worker.sweep import ring_due
from lots.model import CategoryCode
from tests.desk.road import (
    PEOPLE,
    Open,
    an_open_competition,
    ask,
    award,
    bid,
    clock_of,
    close,
    evaluate,
    record,
    referral_state,
    state_of,
    verified,
    withdraw,
)

MORE = timedelta(minutes=30)
REASON = "Two providers asked for more time"
NONE_FITS = "No offer could manage the risk in the home"


def extend(desk: Desk, opened: Open, by: timedelta = MORE, who: str = "coordinator") -> Any:
    with desk.work(PEOPLE[who]) as work:
        return flow.extend_window(work, opened.id, opened.event.closes_at + by, REASON)


def give_up(desk: Desk, opened: Open) -> Any:
    with desk.work(PEOPLE["coordinator"]) as work:
        return flow.give_up(work, opened.id, NONE_FITS)


def decide(
    desk: Desk, competition_id: UUID, choice: Choice, category: CategoryCode | None = None, who: str = "coordinator"
) -> Any:
    with desk.work(PEOPLE[who]) as work:
        return flow.decide_next(work, competition_id, choice, category, "Nobody offered the first time")


def unsuccessful(desk: Desk) -> Open:
    opened = an_open_competition(desk)
    close(desk, opened)
    return opened


# Later ------


def test_an_extended_window_takes_offers_until_its_new_close_and_closes_once(desk: Desk) -> None:
    opened = an_open_competition(desk)
    extend(desk, opened)
    clock_of(desk).now = opened.event.closes_at
    assert ring_due(desk) == 1  # the timer of the first close rings and does nothing
    assert state_of(desk, opened) == "open"
    bid(desk, opened.doors[0])
    clock_of(desk).push(MORE)
    with pytest.raises(BidTooLate):
        bid(desk, opened.doors[1])
    assert ring_due(desk) == 1
    assert state_of(desk, opened) == "closed"
    kinds = [line.kind for line in record(desk, opened.referral_id)]
    assert kinds.count("competition_closed") == 1
    assert ask(desk, "SELECT 1 FROM timer WHERE rang_at IS NULL AND kind = 'close_competition'") == []
    assert verified(desk).first_bad is None


def test_both_timers_of_a_worker_that_slept_close_once_and_in_order(desk: Desk) -> None:
    opened = an_open_competition(desk)
    extend(desk, opened)
    clock_of(desk).now = opened.event.closes_at + timedelta(hours=5)
    assert ring_due(desk) == 2
    assert [line.kind for line in record(desk, opened.referral_id)].count("competition_closed") == 1


def test_every_invited_provider_is_told_each_time_by_text_and_email(desk: Desk) -> None:
    opened = an_open_competition(desk)
    extend(desk, opened)
    extend(desk, opened, 2 * MORE)
    told = ask(
        desk,
        "SELECT medium, subject_id, count(*), max(expires_at) FROM message WHERE kind = 'window_extended'"
        " GROUP BY medium, subject_id",
    )
    assert {(row[0], row[1]) for row in told} == {
        (medium, door.invitation_id) for medium in ("sms", "email") for door in opened.doors
    }
    assert {row[2] for row in told} == {2}
    assert {row[3] for row in told} == {opened.event.closes_at + 2 * MORE}
    bodies = " ".join(row[0] for row in ask(desk, "SELECT body FROM message WHERE kind = 'window_extended'"))
    assert "Derby: more time for" in bodies
    assert "2:00pm GMT Sun 22 Nov" in bodies
    assert REASON not in bodies


def test_the_record_holds_both_times_and_a_digest_of_the_reason_and_the_page_the_words(desk: Desk) -> None:
    opened = an_open_competition(desk)
    extend(desk, opened)
    line = record(desk, opened.referral_id)[-1]
    assert line.kind == "window_extended"
    assert line.facts["closed_before"] < line.facts["closes_at"]
    assert REASON not in line.body
    assert ask(desk, "SELECT choice, reason FROM decision") == [("extend", REASON)]


def test_a_window_is_not_extended_at_its_close_nor_earlier_nor_too_far_nor_by_anybody(desk: Desk) -> None:
    opened = an_open_competition(desk)
    for by, refusal in ((timedelta(0), NotLater), (-MORE, NotLater), (timedelta(days=7), TooFar)):
        with pytest.raises(refusal):
            extend(desk, opened, by)
    for who in ("approver", "auditor", "provider_a"):
        with pytest.raises(NotAllowed):
            extend(desk, opened, who=who)
    clock_of(desk).now = opened.event.closes_at
    with pytest.raises(WindowOver):  # no worker came by yet
        extend(desk, opened)
    ring_due(desk)
    with pytest.raises(WindowOver):
        extend(desk, opened)
    assert ask(desk, "SELECT 1 FROM decision") == []


def test_a_withdrawn_request_is_not_extended(desk: Desk) -> None:
    opened = an_open_competition(desk)
    withdraw(desk, opened.referral_id)
    with pytest.raises(CompetitionCancelled):
        extend(desk, opened)


def at_once(times: int, deed: Callable[[], Any]) -> list[Any]:
    """Do the same on several connections at once; give what came of each, a refusal as its type."""

    def run(_: int) -> Any:
        try:
            return deed()
        except Exception as refusal:
            return type(refusal)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def test_of_several_who_extend_to_the_same_time_one_does(desk: Desk) -> None:
    opened = an_open_competition(desk)
    came = at_once(6, lambda: extend(desk, opened))
    assert came.count(NotLater) == 5
    assert len(ask(desk, "SELECT 1 FROM decision")) == 1


# Nothing suitable ------


def test_giving_up_tells_each_bidder_its_own_scores_and_returns_the_referral(desk: Desk) -> None:
    opened = an_open_competition(desk)
    for door, price in zip(opened.doors[:2], ("340.00", "350.00"), strict=True):
        bid(desk, door, price)
    close(desk, opened)
    evaluate(desk, opened, {opened.doors[0].provider_id: 1, opened.doors[1].provider_id: 2})
    give_up(desk, opened)
    assert state_of(desk, opened) == "unsuccessful"
    assert referral_state(desk, opened.referral_id) == "raised"
    told = ask(desk, "SELECT provider_id, body FROM message WHERE kind = 'outcome_none_suitable' AND medium = 'email'")
    assert {row[0] for row in told} == {door.provider_id for door in opened.doors[:2]}
    assert len({row[1] for row in told}) == 2
    assert all("Total:" in row[1] and NONE_FITS not in row[1] for row in told)
    assert NONE_FITS not in record(desk, opened.referral_id)[-1].body
    with pytest.raises(NotNow):
        award(desk, opened, UUID(int=1))


def test_giving_up_without_scores_tells_without_scores(desk: Desk) -> None:
    opened = an_open_competition(desk)
    bid(desk, opened.doors[0])
    close(desk, opened)
    give_up(desk, opened)
    (told,) = ask(desk, "SELECT body FROM message WHERE kind = 'outcome_none_suitable' AND medium = 'email'")
    assert "Total:" not in told[0]


def test_nothing_is_given_up_while_offers_can_come_or_one_was_chosen(desk: Desk) -> None:
    opened = an_open_competition(desk)
    bid(desk, opened.doors[0])
    with pytest.raises(NotNow):
        give_up(desk, opened)
    close(desk, opened)
    award(desk, opened, evaluate(desk, opened)[0].bid_id)
    with pytest.raises(NotNow):
        give_up(desk, opened)


# What next ------


def test_publishing_again_invites_everybody_anew_and_follows_the_first(desk: Desk) -> None:
    first = unsuccessful(desk)
    decided, opened = decide(desk, first.id, Choice.RERUN)
    assert opened.follows == first.id
    assert opened.category == first.event.category
    assert opened.weights == first.event.weights
    assert set(opened.invited) == set(first.event.invited)
    assert decided.choice == "rerun"
    assert referral_state(desk, first.referral_id) == "seeking"
    kinds = [line.kind for line in record(desk, first.referral_id)]
    assert kinds[-2:] == ["next_step_decided", "competition_opened"]


def test_wider_asks_the_providers_of_the_nearest_category_or_of_the_one_that_is_named(desk: Desk) -> None:
    for named, expected in ((None, "1.3"), (CategoryCode.EMERGENCY, "1.1")):
        first = unsuccessful(desk)
        assert first.event.category == "1.2"
        _, opened = decide(desk, first.id, Choice.WIDER, named)
        assert opened.category == expected
        registered = ask(desk, "SELECT provider_id FROM registration WHERE category = :code", code=expected)
        assert set(opened.invited) <= {row[0] for row in registered}
        assert opened.profile.category == expected
        decisions = ask(desk, "SELECT choice, category FROM decision WHERE competition_id = :id", id=first.id)
        assert decisions == [("wider", expected)]


def test_a_category_of_the_other_lot_is_refused(desk: Desk) -> None:
    first = unsuccessful(desk)
    with pytest.raises(NoWiderCategory):
        decide(desk, first.id, Choice.WIDER, CategoryCode.SHORT_TERM)
    assert ask(desk, "SELECT 1 FROM decision") == []


@pytest.mark.parametrize("choice", [Choice.NEGOTIATE, Choice.BESPOKE])
def test_what_becomes_bespoke_is_recorded_and_can_be_changed_later(desk: Desk, choice: Choice) -> None:
    first = unsuccessful(desk)
    _, opened = decide(desk, first.id, choice)
    assert opened is None
    assert referral_state(desk, first.referral_id) == "bespoke"
    _, again = decide(desk, first.id, Choice.RERUN)
    assert not again.bespoke, "it is published again as it was"
    assert [row[0] for row in ask(desk, "SELECT choice FROM decision ORDER BY number")] == [
        choice.value,
        "rerun",
    ]


def test_a_window_that_is_over_is_not_extended_as_a_next_step(desk: Desk) -> None:
    first = unsuccessful(desk)
    with pytest.raises(WindowOver):
        decide(desk, first.id, Choice.EXTEND)


def test_nothing_is_decided_while_the_competition_goes_on(desk: Desk) -> None:
    opened = an_open_competition(desk)
    bid(desk, opened.doors[0])
    for _ in range(2):
        with pytest.raises(NothingToDecide):
            decide(desk, opened.id, Choice.RERUN)
        close(desk, opened)


def test_of_several_who_publish_again_one_does(desk: Desk) -> None:
    first = unsuccessful(desk)
    came = at_once(5, lambda: decide(desk, first.id, Choice.RERUN))
    assert came.count(AlreadyFollowed) == 4
    assert len(ask(desk, "SELECT 1 FROM competition WHERE follows = :id", id=first.id)) == 1


def test_what_went_on_by_another_road_is_not_published_twice(desk: Desk) -> None:
    first = unsuccessful(desk)
    with desk.work(PEOPLE["placements"]) as work:
        flow.open_competition(work, first.referral_id, Weights())
    with pytest.raises(ReferralNotNow):
        decide(desk, first.id, Choice.RERUN)
    assert ask(desk, "SELECT 1 FROM decision") == []


def test_only_who_may_publish_decides(desk: Desk) -> None:
    first = unsuccessful(desk)
    for choice in (Choice.RERUN, Choice.NEGOTIATE):
        with pytest.raises(NotAllowed):
            decide(desk, first.id, choice, who="approver")
