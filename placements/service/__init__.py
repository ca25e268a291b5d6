"""Act on placements: hold, ask the rules, save, and give back what happened (A30 to A38)."""

from __future__ import annotations

from placements.service.agreements import accept_agreement, open_agreement, start_agreement
from placements.service.delivery import answer_by_link, check_week, escalate_concern, make_link
from placements.service.lives import (
    acknowledge_concern,
    end_agreement,
    give_notice,
    make_support_plan,
    raise_concern,
    record_hours,
    sign_week,
)
from placements.service.reviews import (
    plan_extra_review,
    record_review,
    review_falls_due,
    review_falls_late,
    reviews_fall_due,
)
from placements.service.variations import (
    agree_variation,
    fund_variation,
    propose_variation,
    refuse_variation,
    withdraw_variation,
)

__all__ = [
    "accept_agreement",
    "acknowledge_concern",
    "agree_variation",
    "answer_by_link",
    "check_week",
    "end_agreement",
    "escalate_concern",
    "fund_variation",
    "give_notice",
    "make_link",
    "make_support_plan",
    "open_agreement",
    "plan_extra_review",
    "propose_variation",
    "raise_concern",
    "record_hours",
    "record_review",
    "refuse_variation",
    "review_falls_due",
    "review_falls_late",
    "reviews_fall_due",
    "sign_week",
    "start_agreement",
    "withdraw_variation",
]
