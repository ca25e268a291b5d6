"""The database is the last line: SQL that breaks a promise is refused, whoever sends it."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from brokerage.competitions.errors import BidTooLate
from brokerage.desk.work import Desk
from tests.desk.road import a_code, a_raised_referral, an_open_competition, awarded, bid, decide, verified

COPY_AWARD = (
    "INSERT INTO award (authority, id, competition_id, bid_id, provider_id, state, reason, rank, weekly_cost,"
    " awarded_by, awarded_at) SELECT authority, gen_random_uuid(), competition_id, bid_id, provider_id, 'funded',"
    " reason, rank, weekly_cost, awarded_by, awarded_at FROM award"
)
COPY_COMPETITION = (
    "INSERT INTO competition (authority, id, referral_id, reference, state, urgency, opens_at, closes_at, weight_price,"
    " weight_quality, weight_social, category, hours, age, profile, questions, budget_weekly, housing_benefit_weekly,"
    " legal_basis) SELECT authority, gen_random_uuid(), referral_id, reference, 'open', urgency, opens_at, closes_at,"
    " {weights}, category, {hours}, age, profile, questions, budget_weekly, housing_benefit_weekly, legal_basis"
    " FROM competition"
)

COPY_BID = (
    "INSERT INTO bid (authority, id, competition_id, provider_id, invitation_id, version, received_at, digest, sealed)"
    " SELECT b.authority, gen_random_uuid(), competition_id, provider_id, invitation_id, 9, {received}, digest,"
    " {sealed} FROM bid b JOIN competition c ON c.id = b.competition_id LIMIT 1"
)

ALWAYS = {
    "a line of the record is changed": "UPDATE record SET body = '{}' WHERE seq = 1",
    "a line of the record is deleted": "DELETE FROM record WHERE seq = 1",
    "the record is emptied": "TRUNCATE record CASCADE",
    "a line is written twice": "INSERT INTO record SELECT * FROM record WHERE seq = 1",
    "a window opens earlier": "UPDATE competition SET opens_at = opens_at - interval '1 hour'",
    "a window ends earlier": "UPDATE competition SET closes_at = closes_at - interval '1 microsecond'",
    "a window goes backwards": "UPDATE competition SET closes_at = opens_at",
    "weights change": "UPDATE competition SET weight_price = 50, weight_quality = 40",
    "weights do not add up": "UPDATE competition SET weight_social = 11",
    "the profile changes": "UPDATE competition SET profile = '{}'",
    "the questions change": "UPDATE competition SET questions = '[]'",
    "the budget changes": "UPDATE competition SET budget_weekly = budget_weekly + 1",
    "a bid is changed": "UPDATE bid SET sealed = sealed || sealed",
    "a bid's digest is changed": "UPDATE bid SET digest = 'another'",
    "a bid of no whole step": COPY_BID.format(received="received_at", sealed="'x'"),
    "a bid from before the window": COPY_BID.format(received="opens_at - interval '1 microsecond'", sealed="sealed"),
    "a bid at the closing instant": COPY_BID.format(received="closes_at", sealed="sealed"),
    "a bid is read before the close": (
        "INSERT INTO opened_bid SELECT authority, id, '{}', received_at + interval '2 days' FROM bid"
    ),
    "a seal is opened before the close": "UPDATE competition SET unsealed_at = closes_at",
    "a seal is changed": "UPDATE seal SET public_key = wrapped_for_recovery",
    "a seal is taken away": "DELETE FROM seal",
    "seals are emptied": "TRUNCATE seal CASCADE",
    "late offers are emptied": "TRUNCATE late_offer",
    "a bid comes earlier": "UPDATE bid SET received_at = received_at - interval '1 hour'",
    "a bid changes hands": "UPDATE bid SET provider_id = gen_random_uuid()",
    "a bid is deleted": "DELETE FROM bid",
    "a state that nobody knows": "UPDATE competition SET state = 'paused'",
    "an urgency that nobody knows": "UPDATE competition SET urgency = 'whenever'",
    "hours beyond 25": "UPDATE referral SET hours = 90",
    "hours below nothing": "UPDATE referral SET hours = -1",
    "hours in 2.3": "UPDATE referral SET category = '2.3'",
    "a raised referral without its score": "UPDATE referral SET assessment = NULL",
    "a competition of 90 hours": COPY_COMPETITION.format(weights="40, 50, 10", hours="90"),
    "a second running competition": COPY_COMPETITION.format(weights="40, 50, 10", hours="hours"),
    "a sixth try at a code": "UPDATE offer_code SET tries = 6",
    "two invitations of one provider": (
        "INSERT INTO invitation (authority, id, competition_id, provider_id, block_discount, versions)"
        " SELECT authority, gen_random_uuid(), competition_id, provider_id, 0, 0 FROM invitation LIMIT 1"
    ),
    "a decline without a reason": "UPDATE invitation SET declined_at = now()",
    "a young person of another authority": "UPDATE young_person SET authority = 'derbyshire'",
    "an offer that is another's version": "INSERT INTO bid SELECT (b).* FROM (SELECT b FROM bid b LIMIT 1) x",
}
CLOSED = {
    "a closed competition is opened again": "UPDATE competition SET state = 'open'",
    "a closed window is extended": "UPDATE competition SET closes_at = closes_at + interval '1 day'",
    "the instant of the close is moved": "UPDATE competition SET closed_at = closed_at + interval '1 hour'",
    "the instant of the close is forgotten": "UPDATE competition SET state = 'unsuccessful', closed_at = NULL",
    "a second live award": COPY_AWARD,
    "a bid after the close, dated back": COPY_BID.format(received="received_at", sealed="sealed"),
    "another bid stands after the close": "UPDATE invitation SET standing_bid = NULL WHERE standing_bid IS NOT NULL",
    "an opened bid is changed": "UPDATE opened_bid SET content = '{}'",
    "an opened bid is deleted": "DELETE FROM opened_bid",
    "a seal is opened again": "UPDATE competition SET unsealed_at = unsealed_at + interval '1 hour'",
    "an opening is forgotten": "UPDATE competition SET unsealed_at = NULL",
    "a late offer is changed": "UPDATE late_offer SET received_at = closes_at - interval '1 second'",
    "a late offer is deleted": "DELETE FROM late_offer",
    "an award of another authority's bid": "UPDATE award SET authority = 'derbyshire'",
    "an award in a state that nobody knows": "UPDATE award SET state = 'perhaps'",
    "one approver twice": (
        "INSERT INTO funding SELECT authority, award_id, approver, 'support', 'x', decided_at FROM funding"
    ),
}


def refused(desk: Desk, sql: str) -> bool:
    """Try the statement and take it back; say whether the database refused it."""
    with desk.engine.connect() as db:
        try:
            done = db.execute(text(sql))
            assert done.rowcount != 0, f"it touched nothing, so it proves nothing: {sql}"
        except DBAPIError as no:
            return str(getattr(no.orig, "sqlstate", "")).startswith("23")
        finally:
            db.rollback()
    return False


def test_what_is_promised_of_an_open_competition_cannot_be_broken_by_sql(desk: Desk) -> None:
    opened = an_open_competition(desk)
    bid(desk, opened.doors[0])
    a_code(desk, opened.doors[1])
    broken = [promise for promise, sql in ALWAYS.items() if not refused(desk, sql)]
    assert broken == []
    early = "UPDATE competition SET state = 'closed', closed_at = closes_at - interval '1 microsecond'"
    assert refused(desk, early), "a competition is closed early"
    assert verified(desk).first_bad is None


def test_what_is_promised_of_a_closed_competition_cannot_be_broken_by_sql(desk: Desk) -> None:
    opened, made = awarded(desk)
    decide(desk, made.award_id)
    with pytest.raises(BidTooLate):
        bid(desk, opened.doors[0])
    broken = [promise for promise, sql in CLOSED.items() if not refused(desk, sql)]
    assert broken == []


@pytest.mark.parametrize("state", ["unsuccessful", "cancelled", "awarded", "closed"])
def test_no_state_leads_back_to_open(desk: Desk, state: str) -> None:
    opened = an_open_competition(desk)
    with desk.engine.begin() as db:
        db.execute(text("UPDATE competition SET state = :state, closed_at = closes_at"), {"state": state})
    assert refused(desk, "UPDATE competition SET state = 'open'")
    assert opened.id


def test_an_open_window_may_be_moved_later(desk: Desk) -> None:
    an_open_competition(desk)
    assert not refused(desk, "UPDATE competition SET closes_at = closes_at + interval '1 hour'")


def test_a_bespoke_referral_keeps_its_true_hours(desk: Desk) -> None:
    from tests.pure.referrals.documents import answers

    a_raised_referral(desk, answers=answers(4))
    with desk.engine.begin() as db:
        assert db.execute(text("SELECT hours > 25 FROM referral")).scalar_one()
    assert refused(desk, "UPDATE referral SET state = 'raised'")
