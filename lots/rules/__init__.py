"""Decide who may be given work, what it costs, and who joins: pure functions of facts and a day."""

from lots.rules.categories import nearest_categories
from lots.rules.days import DAY, add_months, is_working_day, london_day, working_days_after
from lots.rules.evidence import WARN_DAYS, check_offered, counts_until, covered_until, evidence_gap, warnings_due
from lots.rules.homes import check_free, check_home, free_beds, home_gap, miles, overlap, suits
from lots.rules.joining import NIGHT, check_complete, check_decision, check_findings, decide_by
from lots.rules.money import BLOCK_BEDS, over_tendered, part_week, pounds, weekly_cost
from lots.rules.nights import answered_between, answers, tonight
from lots.rules.prices import (
    PRICE_MONTHS,
    accept_uplift,
    ceiling_on,
    check_consent,
    check_open,
    check_shares,
    check_uplift,
    move_consent,
    over_ceiling,
    uplifted,
)
from lots.rules.specification import CONSULT_DAYS, check_answer, check_authorise, check_consultation, move_change
from lots.rules.standing import LEAST_AGE, OFSTED_UNDER, eligible, exclusion, out_of_standing, registration_on

__all__ = [
    "BLOCK_BEDS",
    "CONSULT_DAYS",
    "DAY",
    "LEAST_AGE",
    "NIGHT",
    "OFSTED_UNDER",
    "PRICE_MONTHS",
    "WARN_DAYS",
    "accept_uplift",
    "add_months",
    "answered_between",
    "answers",
    "ceiling_on",
    "check_answer",
    "check_authorise",
    "check_complete",
    "check_consent",
    "check_consultation",
    "check_decision",
    "check_findings",
    "check_free",
    "check_home",
    "check_offered",
    "check_open",
    "check_shares",
    "check_uplift",
    "counts_until",
    "covered_until",
    "decide_by",
    "eligible",
    "evidence_gap",
    "exclusion",
    "free_beds",
    "home_gap",
    "is_working_day",
    "london_day",
    "miles",
    "move_change",
    "move_consent",
    "nearest_categories",
    "out_of_standing",
    "over_ceiling",
    "over_tendered",
    "overlap",
    "part_week",
    "pounds",
    "registration_on",
    "suits",
    "tonight",
    "uplifted",
    "warnings_due",
    "weekly_cost",
    "working_days_after",
]
