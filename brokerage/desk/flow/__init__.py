"""The road of a referral: one function a verb. Each checks who asks, acts, and records.

A function's name is the verb's on every floor: web, flow, service, rules.
"""

from brokerage.desk.flow.agreements import (
    FULL_AGE,
    agreement_of,
    open_agreement,
    party_of,
    review_falls_due,
    reviews_fall_due,
)
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
from brokerage.desk.flow.competitions import close_competition, close_competitions, open_bids, open_competition
from brokerage.desk.flow.decisions import (
    check_extension,
    decide_next,
    extend_window,
    give_up,
    rerun_competition,
    wider_categories,
)
from brokerage.desk.flow.messages import receive_report, receive_text, tell_not_reached
from brokerage.desk.flow.profiles import editions, lots_eligible, profile_of
from brokerage.desk.flow.questions import ForAll, answer_question, ask_question, check_answer, known_of
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
    "ForAll",
    "admit_exception",
    "agreement_of",
    "answer_question",
    "ask_question",
    "award",
    "check_answer",
    "check_extension",
    "check_offer",
    "close_competition",
    "close_competitions",
    "decide_funding",
    "decide_next",
    "decline",
    "editions",
    "evaluate",
    "extend_window",
    "give_up",
    "known_of",
    "look_at_invitation",
    "lots_eligible",
    "open_agreement",
    "open_bids",
    "open_competition",
    "party_of",
    "place_bid",
    "profile_of",
    "raise_draft",
    "raise_referral",
    "receive_report",
    "receive_text",
    "refusal_of",
    "refuse_late",
    "rerun_competition",
    "review_falls_due",
    "reviews_fall_due",
    "ring",
    "save_section",
    "send_code",
    "start_referral",
    "tell_not_reached",
    "wider_categories",
    "withdraw_bid",
    "withdraw_referral",
]
