"""What is kept as one text: profiles, questions, scores."""

from __future__ import annotations

import json
from decimal import Decimal

from brokerage.competitions.model import (
    Coded,
    Profile,
    Question,
)
from lots.model import CategoryCode, Wants


def profile_json(profile: Profile) -> str:
    """Write a profile as it is kept, shown and digested: there is no other form of it."""
    bespoke = {"bespoke": True} if profile.bespoke else {}  # left out elsewhere, as in profiles from before it was kept
    return as_json(
        {
            "age_band": profile.age_band,
            "category": profile.category.value,
            "hours": str(profile.hours),
            "hours_band": profile.hours_band,
            "wants": sorted(one.value for one in profile.wants),
            "outward_code": profile.outward_code,
            "needs": [[one.key, one.title, one.level, one.text] for one in profile.needs],
            "risks": [[one.key, one.title, one.level, one.text] for one in profile.risks],
            "outcomes": [list(one) for one in profile.outcomes],
            "pathway_plan": profile.pathway_plan,
            "risk_plan": profile.risk_plan,
            "beds": profile.beds,
            **bespoke,
        }
    )


def profile_of(text: str) -> Profile:
    raw = json.loads(text)
    return Profile(
        raw["age_band"],
        CategoryCode(raw["category"]),
        Decimal(raw["hours"]),
        raw["hours_band"],
        frozenset(Wants(one) for one in raw["wants"]),
        raw["outward_code"],
        tuple(Coded(*one) for one in raw["needs"]),
        tuple(Coded(*one) for one in raw["risks"]),
        tuple((key, words) for key, words in raw["outcomes"]),
        raw["pathway_plan"],
        raw["risk_plan"],
        raw["beds"],
        raw.get("bespoke", False),
    )


def questions_of(text: str) -> tuple[Question, ...]:
    return tuple(Question(*one) for one in json.loads(text))


def as_json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
