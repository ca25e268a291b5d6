"""The JSON that other systems send and get. Unknown fields are refused."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import msgspec

from brokerage.competitions.model import Award, Competition, Decision, LateOffer, Question, Ranked
from brokerage.competitions.rules import priced_hours
from brokerage.competitions.rules.content import offer_facts
from brokerage.desk.views import CompetitionView, InvitationView, OfferView, QuestionsView, ReferralView
from brokerage.referrals.rules.reading import CASE_FIELDS
from matrix.rules import plain as plain_assessment

Key = Annotated[str, msgspec.Meta(max_length=60)]


class Strict(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Base of what is sent to us: a field we do not know is a mistake, not a wish."""

    def document(self) -> dict[str, Any]:
        """Give what was sent as plain values, without what was left out."""
        sent = msgspec.to_builtins(self)
        assert isinstance(sent, dict)
        return {name: value for name, value in sent.items() if value is not msgspec.UNSET}


class YoungPersonBody(Strict):
    given_name: str
    family_name: str
    known_as: str | None = None
    school: str | None = None
    relatives: list[str] | None = None
    address: str | None = None
    nhs_number: str | None = None


class OutcomeBody(Strict):
    key: str
    text: str


class CarePeriodBody(Strict):
    since: str
    until: str | None = None


class OverrideBody(Strict):
    reason: str
    hours: float | None = None
    category: str | None = None


class CaseBody(Strict):
    """A case for the matrix: `{"date_of_birth", "on", "status", ..., "answers": {domain: 0..4}}`."""

    date_of_birth: Any = None
    on: Any = None
    status: Any = None
    in_education_or_training: Any = None
    living_now: Any = None
    needed: Any = None
    housing_benefit: Any = None
    answers: Any = None


class ReferralBody(Strict):
    """A referral: a case, who it is for, and what providers are asked."""

    young_person: YoungPersonBody
    date_of_birth: str
    status: str
    living_now: str
    needed: str
    answers: dict[str, int]
    source: str
    urgency: str
    wants: list[str]
    outcomes: list[OutcomeBody]
    risk_plan: str
    pathway_plan: str
    outward_code: str
    indicative_budget_weekly: str
    on: str | None = None
    in_education_or_training: bool = False
    housing_benefit: bool = False
    housing_benefit_weekly: str | None = None
    beds: int = 1
    provision: str | None = None
    out_of_area_reason: str | None = None
    evidence: dict[str, str] | None = None
    care_periods: list[CarePeriodBody] | None = None
    override: OverrideBody | None = None

    def document(self) -> dict[str, Any]:
        sent = {name: value for name, value in Strict.document(self).items() if value is not None}
        return {"in_education_or_training": False, "housing_benefit": False, "beds": 1} | sent


class WeightsBody(Strict):
    price: int = 0
    quality: int = 0
    social_value: int = 0

    def document(self) -> dict[str, Any]:
        return {"price": self.price, "quality": self.quality, "social_value": self.social_value}


class OpenBody(Strict):
    """How offers are weighed; with `parts` accommodation and support are published separately."""

    weights: WeightsBody | None = None
    parts: bool = False


class PlaceBody(Strict):
    outward_code: str
    shared: bool
    description: str | None = None


class BidBody(Strict):
    """An offer; `code` is left out when the request carries the key of a user of that provider."""

    earliest_start: str
    place: PlaceBody
    answers: dict[str, str]
    accommodation_weekly: str | None = None
    support_hourly: str | None = None
    code: str | None = None


class DeclineBody(Strict):
    reason: str
    note: str | None = None


class ExtensionBody(Strict):
    closes_at: str
    reason: str


class QuestionBody(Strict):
    text: str


class AnswerBody(Strict):
    """An answer to all; `question` says the question in other words, where it is not to be shown as asked."""

    text: str
    question: str | None = None


class NextBody(Strict):
    choice: str
    reason: str
    category: str | None = None
    parts: bool = False


class EvaluationBody(Strict):
    scores: dict[str, dict[str, int]]


class AwardBody(Strict):
    bid_id: str
    reason: str | None = None


class FundingBody(Strict):
    decision: str
    reason: str | None = None


class AgreementBody(Strict):
    starts_on: date
    ends_on: date
    met_on: date | None = None
    waiver_reason: str | None = None
    bed_ids: tuple[str, ...] = ()
    apart_reason: str | None = None


class ReasonBody(Strict):
    reason: str


def referral(view: ReferralView) -> dict[str, Any]:
    """Show a referral to the authority's own staff."""
    found = view.referral
    case, new = found.new.case, found.new
    return {
        "id": found.id,
        "reference": found.reference,
        "state": found.state,
        "raised_at": found.raised_at,
        "category": found.category,
        "hours": float(found.hours),
        "assessment": plain_assessment(found.assessment),
        **{name: getattr(case, name) for name in CASE_FIELDS},
        "young_person": {
            "given_name": new.young_person.given_name,
            "family_name": new.young_person.family_name,
            "known_as": new.young_person.known_as,
            "school": new.young_person.school,
            "relatives": new.young_person.relatives,
            "address": new.young_person.address,
            "nhs_number": new.young_person.nhs_number,
        },
        "source": new.source,
        "urgency": new.urgency,
        "wants": sorted(new.wants),
        "outcomes": [{"key": one.key, "text": one.text} for one in new.outcomes],
        "risk_plan": new.risk_plan,
        "pathway_plan": new.pathway_plan,
        "outward_code": new.outward_code,
        "indicative_budget_weekly": new.indicative_budget_weekly,
        "housing_benefit_weekly": new.housing_benefit_weekly,
        "beds": new.beds,
        "provision": new.provision,
        "out_of_area_reason": new.out_of_area_reason,
        "override": None
        if new.override is None
        else {
            "hours": None if new.override.hours is None else float(new.override.hours),
            "category": new.override.category,
            "reason": new.override.reason,
        },
        "what_providers_see": {
            "outcomes": [{"key": one.key, "text": one.text} for one in found.market.outcomes],
            "risk_plan": found.market.risk_plan,
            "pathway_plan": found.market.pathway_plan,
        },
        "competitions": [one.id for one in view.competitions],
        "agreements": [one.id for one in view.agreements],
    }


def competition(view: CompetitionView) -> dict[str, Any]:
    """Show a competition; `bids` are there only after the close."""
    found = view.competition
    body = {
        "id": found.id,
        "reference": found.reference,
        "referral_id": found.referral_id,
        "state": found.state,
        "category": found.profile.category,
        "bespoke": found.bespoke,
        "urgency": found.urgency,
        "opens_at": found.window.opens_at,
        "closes_at": found.window.closes_at,
        "closed_at": found.closed_at,
        "weights": weights(found),
        "questions": questions(found.questions),
        "budget_weekly": found.budget_weekly,
        "counts": view.counts,
        "invited": [{"provider_id": one.invitation.provider_id, "provider": one.provider} for one in view.invited],
        "excluded": [
            {"provider_id": one.provider_id, "provider": one.provider, "reason": one.reason, "rule": one.rule}
            for one in view.excluded
        ],
        "follows": found.follows,
        "followed_by": view.follower,
        "decisions": [decision(one) for one in view.decisions],
        **part(view),
    }
    if not view.is_open:
        body["late_offers"] = [
            {"provider_id": one.provider_id, "provider": view.provider_names[one.provider_id], **shown}
            for one, shown in zip(view.late, late_offers(view.late), strict=True)
        ]
    if view.offers is not None:
        body["bids"] = [offer(one) for one in view.offers]
        body["opened_at"] = found.unsealed_at
        body["not_opened"] = [
            {
                "bid_id": one.bid_id,
                "provider_id": one.provider_id,
                "received_at": one.received_at,
                "digest": one.digest,
            }
            for one in view.unopened
        ]
        body["ranking"] = None if view.ranking is None else ranking(view.ranking, view)
        body["award"] = None if view.award is None else award(view.award)
    return body


def part(view: CompetitionView) -> dict[str, Any]:
    """Say of a part what it is and how the other one stands; nothing for a whole."""
    beside = view.beside
    if view.competition.part is None:
        return {}
    other = beside and {
        "competition_id": beside.competition.id,
        "part": beside.competition.part,
        "state": beside.competition.state,
        "provider": beside.provider or None,
        "weekly_cost": beside.weekly_cost,
        "agreement_id": beside.agreement.id if beside.agreement else None,
    }
    return {"part": view.competition.part, "budget_left_weekly": view.budget_left, "other_part": other}


def decision(made: Decision) -> dict[str, Any]:
    before, after = made.moved or (None, None)
    return {
        "choice": made.choice,
        "reason": made.reason,
        "decided_at": made.decided_at,
        "closed_before": before,
        "closes_at": after,
        "category": made.category,
    }


def weights(found: Competition) -> dict[str, int]:
    return {
        "price": found.weights.price,
        "quality": found.weights.quality,
        "social_value": found.weights.social_value,
    }


def questions(asked: tuple[Question, ...]) -> list[dict[str, str]]:
    return [{"key": one.key, "text": one.text} for one in asked]


def offer(view: OfferView) -> dict[str, Any]:
    bid = view.bid
    return {
        "bid_id": bid.id,
        "provider_id": bid.provider_id,
        "provider": view.provider,
        "version": bid.version,
        "received_at": bid.received_at,
        "digest": bid.digest,
        **offer_facts(bid.offer),
        "weekly_cost": view.weekly_cost,
        "within_budget": view.within_budget,
    }


def ranking(rows: tuple[Ranked, ...], view: CompetitionView) -> list[dict[str, Any]]:
    return [
        {
            "bid_id": row.bid_id,
            "provider_id": row.provider_id,
            "provider": view.provider_names[row.provider_id],
            "rank": row.rank,
            "price_score": float(row.price_score),
            "quality_score": float(row.quality_score),
            "social_value_score": float(row.social_value_score),
            "total": float(row.total),
            "weekly_cost": row.weekly_cost,
            "within_budget": row.within_budget,
            "working": list(row.working),
        }
        for row in rows
    ]


def award(made: Award) -> dict[str, Any]:
    return {
        "id": made.id,
        "bid_id": made.bid_id,
        "provider_id": made.provider_id,
        "state": made.state,
        "rank": made.rank,
        "weekly_cost": made.weekly_cost,
        "awarded_at": made.awarded_at,
        "round_id": made.round_id,
        "reason": made.reason,
        "funding": [{"decision": step.decision, "reason": step.reason, "at": step.at} for step in made.funding],
    }


def invitation(view: InvitationView) -> dict[str, Any]:
    """Show an invitation to its provider: bands, codes and redacted words (S7)."""
    found, gate = view.competition, view.gate
    body: dict[str, Any] = {
        "reference": found.reference,
        "state": found.state if found.state.value in {"open", "cancelled"} else "closed",
        "council": view.council,
        "opens_at": found.window.opens_at,
        "closes_at": found.window.closes_at,
        "now": gate.now,
        "legal_basis": found.legal_basis,
        "code_needed": gate.offer_code,
        "declined": view.declined,
        "answers": [
            {"question": one.shown, "answer": one.answer, "answered_at": one.answered_at} for one in view.answered
        ],
        "unanswered": [{"question": one.words, "asked_at": one.asked_at} for one in view.unanswered],
    }
    if view.outcome is not None:
        mine = view.outcome.mine
        body["outcome"] = {
            "chosen": view.outcome.chosen,
            "scores": None
            if mine is None
            else {
                "price": float(mine.price_score),
                "quality": float(mine.quality_score),
                "social_value": float(mine.social_value_score),
                "total": float(mine.total),
            },
        }
        return body
    profile = found.profile
    return body | {
        "age_band": profile.age_band,
        "category": profile.category,
        "bespoke": profile.bespoke,
        "hours": float(profile.hours),
        "hours_band": profile.hours_band,
        "support_hours_wanted": float(priced_hours(profile)),
        "wants": sorted(profile.wants),
        "beds": profile.beds,
        "outward_code": profile.outward_code,
        "needs": [{"key": one.key, "title": one.title, "level": one.level, "text": one.text} for one in profile.needs],
        "risks": [{"key": one.key, "title": one.title, "level": one.level, "text": one.text} for one in profile.risks],
        "outcomes": [{"key": key, "text": text} for key, text in profile.outcomes],
        "pathway_plan": profile.pathway_plan,
        "risk_plan": profile.risk_plan,
        "budget_weekly": found.budget_weekly,
        **({"part": found.part} if found.part else {}),
        "weights": weights(found),
        "questions": questions(found.questions),
        "tendered": {
            "accommodation_weekly": gate.tendered.accommodation_weekly,
            "support_hourly": gate.tendered.support_hourly,
        },
        "standing_bid": None
        if view.standing is None
        else {
            "version": view.standing.version,
            "received_at": view.standing.received_at,
            "digest": view.standing.digest,
            **({} if view.opened is None else offer_facts(view.opened)),
        },
        "late_offers": late_offers(view.late),
    }


def questions_asked(view: QuestionsView) -> dict[str, Any]:
    """Show the council what was asked, and what is replaced before others read it."""
    return {
        "questions": [
            {
                "id": one.asked.id,
                "question": one.asked.words,
                "asked_at": one.asked.asked_at,
                "shown": one.asked.shown or one.redacted.text,
                "replaced": [{"original": each.original, "role": each.role} for each in one.redacted.replacements],
                "answer": one.asked.answer,
                "answered_at": one.asked.answered_at,
            }
            for one in view.items
        ]
    }


def late_offers(kept: tuple[LateOffer, ...]) -> list[dict[str, Any]]:
    """Show receipts of what came too late."""
    return [{"received_at": one.received_at, "closed_at": one.closes_at, "digest": one.digest} for one in kept]
