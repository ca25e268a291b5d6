"""The road of a referral: one function a verb. Each checks who asks, acts, and records.

A function's name is the verb's on every floor: web, flow, service, rules.
"""

from brokerage.desk.flow.agreements import FULL_AGE, open_agreement, review_falls_due
from brokerage.desk.flow.awards import award, decide_funding, evaluate
from brokerage.desk.flow.bids import (
    check_offer,
    decline,
    look_at_invitation,
    place_bid,
    refuse_late,
    send_code,
    withdraw_bid,
)
from brokerage.desk.flow.competitions import close_competition, open_bids, open_competition
from brokerage.desk.flow.profiles import editions, lots_eligible, profile_of
from brokerage.desk.flow.referrals import (
    admit_exception,
    raise_draft,
    raise_referral,
    refusal_of,
    save_section,
    start_referral,
    withdraw_referral,
)
from brokerage.desk.flow.timers import ring

__all__ = [
    "FULL_AGE",
    "admit_exception",
    "award",
    "check_offer",
    "close_competition",
    "decide_funding",
    "decline",
    "editions",
    "evaluate",
    "look_at_invitation",
    "lots_eligible",
    "open_agreement",
    "open_bids",
    "open_competition",
    "place_bid",
    "profile_of",
    "raise_draft",
    "raise_referral",
    "refusal_of",
    "refuse_late",
    "review_falls_due",
    "ring",
    "save_section",
    "send_code",
    "start_referral",
    "withdraw_bid",
    "withdraw_referral",
]
