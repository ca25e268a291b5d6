"""Act on placements: hold, ask the rules, save, and give back what happened (A30 to A38)."""

from __future__ import annotations

from placements.service.agreements import about, accept_agreement, open_agreement, start_agreement
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
from placements.service.starts import (
    plan_meeting,
    record_meeting,
    release_identity,
    share_information,
    warn_of_information,
)
from placements.service.variations import (
    agree_variation,
    fund_variation,
    propose_variation,
    refuse_variation,
    withdraw_variation,
)

__all__ = [
    "about",
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
    "plan_meeting",
    "propose_variation",
    "raise_concern",
    "record_hours",
    "record_meeting",
    "record_review",
    "refuse_variation",
    "release_identity",
    "review_falls_due",
    "review_falls_late",
    "reviews_fall_due",
    "share_information",
    "sign_week",
    "start_agreement",
    "warn_of_information",
    "withdraw_variation",
]
