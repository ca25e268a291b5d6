"""Lay the register in Postgres.

The authorities share it, so most tables here have no authority (A4). What is a council's own, its ceilings, stays,
calls and consents, leads its key with it.
"""

from lots.tables.homes import BED, BED_HOLD, NIGHT_CALL, NIGHT_CONTACT, NIGHT_SHEET, PROPERTY, ROOM, STAY
from lots.tables.joining import (
    APPLICANT_CODE,
    APPLICANT_LINK,
    APPLICANT_VISIT,
    APPLICATION,
    CONFIRMED_MOBILE,
    FINDING,
    SECTION,
)
from lots.tables.prices import CEILING, SUBCONTRACTOR, UPLIFT
from lots.tables.register import AREA, CONTACT, DOCUMENT, EVIDENCE, PROVIDER, REGISTRATION, REMOVAL, SUSPENSION
from lots.tables.specification import SPECIFICATION_ANSWER, SPECIFICATION_CHANGE

__all__ = [
    "APPLICANT_CODE",
    "APPLICANT_LINK",
    "APPLICANT_VISIT",
    "APPLICATION",
    "AREA",
    "BED",
    "BED_HOLD",
    "CEILING",
    "CONFIRMED_MOBILE",
    "CONTACT",
    "DOCUMENT",
    "EVIDENCE",
    "FINDING",
    "NIGHT_CALL",
    "NIGHT_CONTACT",
    "NIGHT_SHEET",
    "PROPERTY",
    "PROVIDER",
    "REGISTRATION",
    "REMOVAL",
    "ROOM",
    "SECTION",
    "SPECIFICATION_ANSWER",
    "SPECIFICATION_CHANGE",
    "STAY",
    "SUBCONTRACTOR",
    "SUSPENSION",
    "UPLIFT",
]
