"""The road of a referral, for page tests: each verb in one short call, through `brokerage.desk.flow`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from brokerage.competitions.errors import AlreadyOpened, NotNow
from brokerage.competitions.events import BidAwarded, CompetitionOpened
from brokerage.competitions.model import Ranked, Receipt, Weights
from brokerage.competitions.store import bids, competition
from brokerage.demo.register import personas, provider_id
from brokerage.desk import flow
from brokerage.desk.clock import StoppedClock
from brokerage.desk.work import SYSTEM, Desk
from brokerage.people.model import Actor
from matrix.store import in_force
from tests.keys import OPENER

NOW: Final = datetime(2026, 11, 21, 14, 55, tzinfo=UTC)
"""A Saturday in November, 2:55pm in London, when every clock of these tests starts."""

NAMED: Final[Mapping[str, Any]] = {
    "given_name": "Zebedee",
    "family_name": "Quillfeather",
    "known_as": "Zebbo",
    "school": "Wyverncrest Academy",
    "relatives": ["Philomena Quillfeather", "Barnabas Thistlewood"],
    "address": "14 Nowhere Lane, Derby DE1 9ZZ",
    "nhs_number": "999 000 0018",
}
"""An invented young person whose every name is rare enough to be searched for."""


def a_referral(**changes: Any) -> dict[str, Any]:
    """Write a referral as other systems send it: 17, looked after, category 1.2, accommodation and support."""
    edition = in_force(NOW.date())
    levels = {one.key: 1 for one in edition.domains} | {"home": 2, "self_harm": 0}
    return {
        "young_person": dict(NAMED),
        "date_of_birth": "2009-05-04",
        "on": NOW.date().isoformat(),
        "status": "looked_after_s20",
        "in_education_or_training": True,
        "living_now": "foster_care",
        "needed": "planned",
        "housing_benefit": False,
        "answers": levels | {fact.key: 1 for fact in edition.facts},
        "source": "leaving_care_team",
        "urgency": "urgent",
        "wants": ["accommodation", "support"],
        "outcomes": [
            {"key": "keeps_home", "text": "Keeps a home: pays what is due and looks after the room"},
            {"key": "college", "text": "Attends college and finishes the year"},
        ],
        "risk_plan": "Goes out late and comes back within a day. Staff ring first, then the duty team.",
        "pathway_plan": "Is learning to cook and budget. Wants to be a plumber.\n\nSees family on Sundays.",
        "outward_code": "DE1",
        "indicative_budget_weekly": "700.00",
        "beds": 1,
        **changes,
    }


@dataclass
class Road:
    """Walk a referral as far as a test needs; time stands still unless pushed."""

    desk: Desk
    clock: StoppedClock

    def actor(self, key: str) -> Actor:
        """Give a persona of brokerage/demo/register.py: placements, coordinator, approver, provider_a ..."""
        return next(one.person.actor for one in personas() if one.key == key)

    def raised(self, **changes: Any) -> UUID:
        with self.desk.work(self.actor("placements")) as work:
            return flow.raise_referral(work, a_referral(**changes)).referral_id

    def opened(self, weights: Weights | None = None, **changes: Any) -> CompetitionOpened:
        """Raise a referral and publish it; `opened.links` holds everybody invited, each with the link's token."""
        referral_id = self.raised(**changes)
        with self.desk.work(self.actor("coordinator")) as work:
            return flow.open_competition(work, referral_id, weights or Weights())

    def token(self, opened: CompetitionOpened, firm: str = "amberside") -> str:
        """Give the link of a firm; raises KeyError when it was not invited."""
        return {one.provider_id: token for one, token in opened.links}[provider_id(firm)]

    def invitation_id(self, opened: CompetitionOpened, firm: str = "amberside") -> UUID:
        return {one.provider_id: one.invitation_id for one, _ in opened.links}[provider_id(firm)]

    def an_offer(self, opened: CompetitionOpened, firm: str = "amberside", **changes: Any) -> dict[str, Any]:
        """Write an offer at the tendered price, as the API's document."""
        invited = next(one for one, _ in opened.links if one.provider_id == provider_id(firm))
        keys = [key for key, _ in opened.profile.outcomes] + ["risk"] + (["social_value"] if opened.weights[2] else [])
        price = invited.tendered
        return {
            "accommodation_weekly": str(price.accommodation_weekly) if price.accommodation_weekly else None,
            "support_hourly": str(price.support_hourly) if price.support_hourly else None,
            "earliest_start": max(date(2026, 12, 1), (opened.closes_at + timedelta(days=7)).date()).isoformat(),
            "place": {"outward_code": "DE1", "shared": True, "description": "A room of four"},
            "answers": {key: f"{firm} answers {key} in a sentence" for key in keys},
            **changes,
        }

    def offered(self, opened: CompetitionOpened, *firms: str, **changes: Any) -> tuple[Receipt, ...]:
        """Send an offer of each firm, as its signed-in user would."""
        receipts = []
        for firm in firms or ("amberside",):
            user = Actor(self.actor("provider_a").role, firm, None, None, provider_id(firm))
            document = self.an_offer(opened, firm, **changes)
            token = self.token(opened, firm)
            receipts.append(flow.place_bid(self.desk, user, token, document, code=None, request_key=None))
        return tuple(receipts)

    def closed(self, opened: CompetitionOpened) -> None:
        """Let the window pass, close it and open its offers."""
        self.over(opened)
        with self.desk.work(Actor(SYSTEM.role, SYSTEM.name, opened.authority)) as work, suppress(AlreadyOpened, NotNow):
            flow.open_bids(work, opened.competition_id, OPENER)

    def over(self, opened: CompetitionOpened) -> None:
        """Let the window pass and close it; the seal is still to be opened."""
        self.clock.now = max(self.clock.now, opened.closes_at + timedelta(seconds=1))
        with self.desk.work(Actor(SYSTEM.role, SYSTEM.name, opened.authority)) as work:
            flow.close_competition(work, opened.competition_id)

    def evaluated(self, opened: CompetitionOpened, points: int = 4) -> tuple[Ranked, ...]:
        """Close and score every answer alike."""
        self.closed(opened)
        with self.desk.work(self.actor("coordinator")) as work:
            found = competition(work.db, opened.authority, opened.competition_id)
            keys = [question.key for question in found.questions]
            standing = bids(work.db, opened.authority, opened.competition_id)
            return flow.evaluate(work, opened.competition_id, {bid.id: dict.fromkeys(keys, points) for bid in standing})

    def awarded(self, opened: CompetitionOpened, reason: str = "The best plan for the outcomes") -> BidAwarded:
        """Close, score and choose the first."""
        first = self.evaluated(opened)[0]
        with self.desk.work(self.actor("coordinator")) as work:
            return flow.award(work, opened.competition_id, first.bid_id, reason)

    def funded(self, opened: CompetitionOpened) -> BidAwarded:
        awarded = self.awarded(opened)
        with self.desk.work(self.actor("approver")) as work:
            flow.decide_funding(work, awarded.award_id, "authorise", "")
        return awarded

    def agreed(self, opened: CompetitionOpened, starts_on: date, ends_on: date) -> UUID:
        """Go all the way to an agreement."""
        awarded = self.funded(opened)
        with self.desk.work(self.actor("coordinator")) as work:
            met_on = self.clock.now.date()
            return flow.open_agreement(work, awarded.award_id, starts_on, ends_on, met_on, None).agreement_id

    def codes(self) -> list[str]:
        """Give the codes texted so far, the oldest first."""
        with self.desk.engine.connect() as db:
            rows = db.execute(text("SELECT code FROM message WHERE code IS NOT NULL ORDER BY sequence"))
            return [str(row.code) for row in rows]
