"""Lay placements in Postgres; every row is one authority's own (A4)."""

from placements.tables.agreements import ACCEPTANCE, AGREEMENT, VERSION
from placements.tables.delivery import HOURS_ALARM, HOURS_LINK, HOURS_REASON
from placements.tables.lives import CONCERN, ENDING, HOURS, SIGN_OFF, SUPPORT_PLAN
from placements.tables.reviews import MINUTES, REVIEW, WAITING
from placements.tables.starts import INFORMATION, MEETING, RELEASE
from placements.tables.variations import VARIATION, VARIATION_FUNDING

__all__ = [
    "ACCEPTANCE",
    "AGREEMENT",
    "CONCERN",
    "ENDING",
    "HOURS",
    "HOURS_ALARM",
    "HOURS_LINK",
    "HOURS_REASON",
    "INFORMATION",
    "MEETING",
    "MINUTES",
    "RELEASE",
    "REVIEW",
    "SIGN_OFF",
    "SUPPORT_PLAN",
    "VARIATION",
    "VARIATION_FUNDING",
    "VERSION",
    "WAITING",
]
