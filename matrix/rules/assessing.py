"""The whole road from a case to an assessment, and what changed between two."""

from __future__ import annotations

from decimal import Decimal

from matrix.errors import EditionNotValid
from matrix.model import MOST_HOURS, Assessment, Case, Edition, Fault, Line, Outcome
from matrix.rules.categories import Situation, category_rule
from matrix.rules.eligibility import UNDER_16, eligibility
from matrix.rules.scoring import score

BESPOKE_REASON = (
    f"The answers come to more than {MOST_HOURS} hours a week. The matrix does not go further: the package is bespoke, "
    "advertised to providers and negotiated (S20). The category shown is the one it would otherwise have had."
)


def assess(edition: Edition, case: Case, *, exception: bool = False) -> Assessment:
    """Give the outcome, hours and category of a case, with reasons and working; the same input, the same output.

    `exception` says that a named authoriser admits somebody whom A1 would refuse: the refusal becomes a reason.
    It changes nothing for a case that is eligible anyway, and nobody under 16 is ever admitted (S5).
    Raises CaseNotValid where the answers do not fit the edition.
    """
    refusal = eligibility(case)
    if refusal and (refusal is UNDER_16 or not exception):
        return Assessment(
            edition.id,
            edition.illustrative,
            Outcome.REFUSED,
            lot=None,
            category=None,
            hours=None,
            rule=refusal.rule,
            reasons=(refusal.text, refusal.next_step),
            working=(),
        )
    hours, working = score(edition, case.answers)
    row = category_rule(edition, Situation.of(case, hours))
    if row is None:
        raise EditionNotValid((Fault("category_rule", None, f"no row of edition {edition.id} fits this case"),))
    reasons = [row.text]
    if hours > MOST_HOURS:
        reasons.append(BESPOKE_REASON)
    if refusal:
        reasons.append(f"Admitted as an exception to {refusal.rule}: {refusal.text}")
    return Assessment(
        edition.id,
        edition.illustrative,
        Outcome.BESPOKE if hours > MOST_HOURS else Outcome.CATEGORY,
        lot=row.category.lot,
        category=row.category,
        hours=hours,
        rule=row.key,
        reasons=tuple(reasons),
        working=working,
    )


def difference(before: Assessment, after: Assessment) -> tuple[Line, ...]:
    """List what changed, rule by rule, for a what-if or a review (A9).

    The lines add up to the hours after less the hours before, where a refusal counts as 0 hours.
    Rules that say the same in both are left out; a line whose level changed without its hours stays in, with 0.
    """
    old = {line.rule: line for line in before.working}
    new = {line.rule: line for line in after.working}
    return tuple(
        Line(rule, _change(old.get(rule), new.get(rule)), _hours(new.get(rule)) - _hours(old.get(rule)))
        for rule in (new | old)
        if new.get(rule) != old.get(rule)
    )


def _hours(line: Line | None) -> Decimal:
    return line.hours if line else Decimal(0)


def _change(old: Line | None, new: Line | None) -> str:
    if old is None or new is None:
        return f"New: {new.text}" if new else f"No longer: {old.text}" if old else ""
    return new.text if new.text == old.text else f"Now: {new.text} Before: {old.text}"
