"""One walk of the whole road, and what it leaves behind."""

from __future__ import annotations

from datetime import timedelta

from brokerage.competitions.events import FundingAuthorised
from brokerage.desk.work import SYSTEM, Desk
from tests.desk.road import (
    START,
    a_code,
    agree,
    an_open_competition,
    ask,
    award,
    bid_by_link,
    clock_of,
    close,
    decide,
    evaluate,
    look,
    record,
    referral_state,
    state_of,
    sweep,
    verified,
)


def test_a_referral_is_raised_offered_awarded_funded_and_agreed(desk: Desk) -> None:
    opened = an_open_competition(desk)
    assert opened.event.closes_at - opened.event.opens_at == timedelta(hours=24)
    assert [door.provider for door in opened.doors] == sorted(door.provider for door in opened.doors)
    assert len(opened.doors) + len(opened.event.reasons) == 12

    receipts = {}
    for door, price in zip(opened.doors, ("350.00", "340.00", "345.00"), strict=False):
        clock_of(desk).push(timedelta(minutes=1))
        receipts[door.provider_id] = bid_by_link(desk, door, a_code(desk, door), price, request_key="one click")
    close(desk, opened)
    assert state_of(desk, opened) == "closed"

    ranking = evaluate(desk, opened)
    assert ranking[0].provider_id == opened.doors[1].provider_id
    made = award(desk, opened, ranking[0].bid_id, "")
    assert isinstance(decide(desk, made.award_id), FundingAuthorised)
    agreement_id = agree(desk, made.award_id)

    assert (state_of(desk, opened), referral_state(desk, opened.referral_id)) == ("awarded", "placed")
    kinds = [line.kind for line in record(desk, opened.referral_id) if line.kind != "code_sent"]
    assert kinds == [
        "referral_started", "referral_raised", "competition_opened", "bid_placed", "bid_placed", "bid_placed",
        "competition_closed", "bids_opened", "bids_evaluated", "bid_awarded", "funding_authorised", "agreement_opened",
    ]  # fmt: skip
    assert verified(desk).first_bad is None
    # What the record says of each offer is what its receipt says.
    placed = {line.facts["bid_id"]: line.facts for line in record(desk) if line.kind == "bid_placed"}
    for receipt in receipts.values():
        facts = placed[str(receipt.bid_id)]
        assert facts["digest"] == receipt.digest
        assert facts["received_at"] == receipt.received_at.isoformat().replace("+00:00", "Z")
    closed = next(line.facts for line in record(desk) if line.kind == "competition_closed")
    assert set(closed["digests"]) == {receipt.digest for receipt in receipts.values()}

    reviews = ask(desk, "SELECT due_at FROM timer WHERE kind = 'review_due' ORDER BY due_at")
    assert len(reviews) >= 2
    clock_of(desk).now = reviews[0].due_at
    assert sweep(desk) == 2  # the first day, which nobody had accepted, and the review
    assert [line.kind for line in record(desk)[-2:]] == ["agreement_not_started", "review_fell_due"]
    assert ask(desk, "SELECT state FROM review WHERE agreement_id = :id ORDER BY number", id=agreement_id)[0] == (
        "due",
    )


def test_every_provider_invited_gets_its_own_link_and_nobody_else_hears(desk: Desk) -> None:
    opened = an_open_competition(desk)
    sent = ask(desk, "SELECT provider_id, medium, link FROM message WHERE kind = 'invitation'")
    assert {(row.provider_id, row.medium) for row in sent} == {
        (door.provider_id, medium) for door in opened.doors for medium in ("sms", "email")
    }
    for row in sent:
        (door,) = (one for one in opened.doors if one.provider_id == row.provider_id)
        assert row.link == f"http://127.0.0.1:8000/b/{door.token}"


def test_looking_notes_the_first_sight_and_changes_nothing_else(desk: Desk) -> None:
    opened = an_open_competition(desk)
    before = len(record(desk))
    first = look(desk, opened.doors[0])
    clock_of(desk).push(timedelta(hours=1))
    second = look(desk, opened.doors[0])
    assert (first.standing, second.standing, first.last_version) == (None, None, 0)
    assert ask(desk, "SELECT seen_at FROM invitation WHERE id = :id", id=first.invitation_id) == [(START,)]
    assert len(record(desk)) == before


def test_no_token_and_no_code_is_stored_in_the_clear_but_in_its_own_message(desk: Desk) -> None:
    opened = an_open_competition(desk)
    code = a_code(desk, opened.doors[0])
    for table in ("competition", "invitation", "offer_code", "record", "timer", "exclusion"):
        rows = ask(desk, f"SELECT row_to_json(t)::text FROM {table} t")
        assert not any(opened.doors[0].token in row[0] for row in rows), table
        if table != "competition":
            assert not any(f'"{code}"' in row[0] for row in rows), table


def test_a_competition_without_bids_returns_the_referral_and_it_can_be_tried_again(desk: Desk) -> None:
    opened = an_open_competition(desk)
    close(desk, opened)
    assert (state_of(desk, opened), referral_state(desk, opened.referral_id)) == ("unsuccessful", "raised")
    from tests.desk.road import open_again

    again = open_again(desk, opened.referral_id)
    assert again.id != opened.id
    assert referral_state(desk, opened.referral_id) == "seeking"


def test_a_withdrawn_referral_cancels_its_competition_and_tells_all(desk: Desk) -> None:
    from tests.desk.road import withdraw

    opened = an_open_competition(desk)
    withdraw(desk, opened.referral_id, "Jayden is back with Sharon")
    assert (state_of(desk, opened), referral_state(desk, opened.referral_id)) == ("cancelled", "withdrawn")
    told = ask(desk, "SELECT DISTINCT provider_id FROM message WHERE kind = 'referral_cancelled'")
    assert {row.provider_id for row in told} == {door.provider_id for door in opened.doors}
    assert not any("Jayden" in line.body for line in record(desk))
    kept = ask(desk, "SELECT withdrawn_reason FROM referral WHERE id = :id", id=opened.referral_id)
    assert kept == [("Jayden is back with Sharon",)]
    clock_of(desk).push(timedelta(hours=25))
    sweep(desk)
    assert state_of(desk, opened) == "cancelled"


def test_the_system_is_named_as_the_actor_of_what_the_system_did(desk: Desk) -> None:
    opened = an_open_competition(desk)
    close(desk, opened)
    actors = {line.kind: line.actor for line in record(desk)}
    assert actors["competition_closed"] == SYSTEM.key
    assert actors["competition_opened"].startswith("person:")
