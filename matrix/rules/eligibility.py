"""Who the service is for."""

from __future__ import annotations

from typing import Final

from matrix.model import Case, LegalStatus, Refusal

YOUNGEST: Final = 16
"""Nobody under 16 is placed, with or without an exception (DPS spec 3.1.1, A1, S5)."""

ADULT: Final = 18

EDUCATION_FROM: Final = 21
"""From the 21st birthday a care leaver is eligible only while in education or training (DPS spec 3.1.1, A1)."""

OLDEST: Final = 24
""""Up to 25" ends on the day before the 25th birthday (DPS spec 3.1.1, A1)."""

UNDER_16: Final = Refusal(
    "A1.under_16",
    "Supported accommodation is for young people of 16 and over.",
    "Look for foster care or a children's home. No exception can be made to this rule.",
)
OVER_24: Final = Refusal(
    "A1.over_24",
    "The service ends the day before the 25th birthday.",
    "Ask the adult housing or adult social care team, or ask a named authoriser for an exception with a reason.",
)
NOT_IN_EDUCATION: Final = Refusal(
    "A1.21_24_not_in_education",
    "A care leaver of 21 to 24 is eligible only while in education or training.",
    "If a course or training place is agreed, record it and assess again; otherwise ask the personal adviser about "
    "housing, or a named authoriser for an exception with a reason.",
)
LOOKED_AFTER_IS_16_17: Final = Refusal(
    "A1.looked_after_is_16_17",
    "A child looked after (section 20, care order or remand) is eligible at 16 and 17; being looked after ends at 18.",
    "Check the legal status: somebody of 18 or over who was in care is former relevant or qualifying.",
)
ELIGIBLE_OR_RELEVANT_IS_16_17: Final = Refusal(
    "A1.eligible_or_relevant_is_16_17",
    "An eligible or relevant child is 16 or 17; both end at 18.",
    "Check the legal status: at 18 an eligible or relevant child becomes former relevant.",
)
FORMER_RELEVANT_IS_18_OR_OVER: Final = Refusal(
    "A1.former_relevant_is_18_or_over",
    "A former relevant young person is 18 or over.",
    "Check the legal status: at 16 or 17 it is looked after, eligible, relevant, child in need or homeless.",
)
NEED_OR_HOMELESS_IS_16_17: Final = Refusal(
    "A1.need_or_homeless_is_16_17",
    "A homeless young person or child in need is eligible at 16 and 17.",
    "Refer to the housing team, who owe a duty from 18; if the young person was in care, check the legal status; "
    "otherwise ask a named authoriser for an exception with a reason.",
)

LOOKED_AFTER: Final = frozenset({LegalStatus.LOOKED_AFTER_S20, LegalStatus.CARE_ORDER_S31, LegalStatus.REMANDED})
ELIGIBLE_OR_RELEVANT: Final = frozenset({LegalStatus.ELIGIBLE, LegalStatus.RELEVANT})
CARE_LEAVER: Final = frozenset({LegalStatus.FORMER_RELEVANT, LegalStatus.QUALIFYING})
NEED_OR_HOMELESS: Final = frozenset({LegalStatus.CHILD_IN_NEED, LegalStatus.HOMELESS})


def eligibility(case: Case) -> Refusal | None:
    """Say which rule refuses the case, or None where it is eligible (DPS spec 3.1.1 and 3.2.2, A1).

    | status | ages |
    |---|---|
    | looked after (s.20, care order, remanded), eligible, relevant, child in need, homeless | 16-17 |
    | former relevant | 18-20, and 21-24 in education or training |
    | qualifying | 16-20, and 21-24 in education or training |
    """
    age, status = case.age, case.status
    if age < YOUNGEST:
        return UNDER_16
    if age > OLDEST:
        return OVER_24
    if status in CARE_LEAVER:
        if status is LegalStatus.FORMER_RELEVANT and age < ADULT:
            return FORMER_RELEVANT_IS_18_OR_OVER
        return NOT_IN_EDUCATION if age >= EDUCATION_FROM and not case.in_education_or_training else None
    if age < ADULT:
        return None
    if status in LOOKED_AFTER:
        return LOOKED_AFTER_IS_16_17
    return ELIGIBLE_OR_RELEVANT_IS_16_17 if status in ELIGIBLE_OR_RELEVANT else NEED_OR_HOMELESS_IS_16_17
