"""Referrals as other systems send them. The young person is made up."""

from __future__ import annotations

from datetime import date
from typing import Any

from matrix.store import in_force

TODAY = date(2026, 11, 21)
EDITION = in_force(TODAY)

YOUNG_PERSON: dict[str, Any] = {
    "given_name": "Jayden",
    "family_name": "Testcase",
    "known_as": "Jay",
    "school": "Nowhere Academy",
    "relatives": ["Sharon Testcase (mother)"],
    "address": "1 Invented Street, DE1 1AA",
    "nhs_number": "",
}


def answers(level: int = 1, **changes: int) -> dict[str, int]:
    """Give every question of the matrix the same level, but for the changes."""
    return {domain.key: level for domain in EDITION.domains} | changes


def a_document(**changes: Any) -> dict[str, Any]:
    """Write a complete referral of category 1.2; a change of `...` leaves the field out."""
    document: dict[str, Any] = {
        "date_of_birth": "2009-05-01",
        "on": TODAY.isoformat(),
        "status": "care_order_s31",
        "in_education_or_training": False,
        "living_now": "foster_care",
        "needed": "planned",
        "housing_benefit": False,
        "answers": answers(),
        "young_person": dict(YOUNG_PERSON),
        "source": "leaving_care_team",
        "urgency": "standard",
        "wants": ["accommodation", "support"],
        "outcomes": [
            {"key": "education", "text": "Jayden stays at Nowhere Academy"},
            {"key": "home", "text": "Keeps a home"},
        ],
        "risk_plan": "Jayden Testcase and Sharon agree a plan.",
        "pathway_plan": "Jay was born 1 May 2009.",
        "outward_code": "DE1",
        "indicative_budget_weekly": "900.00",
        "beds": 1,
        **changes,
    }
    return {name: value for name, value in document.items() if value is not ...}
