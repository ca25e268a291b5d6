"""Payments to the penny: random lives of agreements against an oracle in fractions (A33, S21, S22, S23)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final
from uuid import UUID

from lots.model import CategoryCode, Price, ProviderId
from lots.store import category
from placements.errors import PlacementsError
from placements.model import Agreement, AgreementId, AgreementState, Changes, Introduction, VariationId, Version
from placements.rules import closed_by, cut_versions, ledger, next_version, terms_of
from tests.proof.figures import Figure

NAMES: Final[tuple[str, ...]] = ("money_cases", "money_wrong")

CASES: Final = 100_000
QUICK_CASES: Final = 2_000
SEED: Final = 20_261_122
DAY: Final = timedelta(days=1)
MADE_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)
NOBODY: Final = UUID(int=0)
TRANSITION: Final = category(CategoryCode.TRANSITION)


class Life:
    """One random agreement, kept twice: as the engine's versions, and as plain facts for the oracle."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.start = date(2026, 1, 1) + dice.randrange(2191) * DAY
        self.end = self.start + dice.randrange(1, 366) * DAY
        self.beds = dice.choice((1, 1, 1, 2, 4, 5, 6, 12))
        self.discount = Fraction(dice.randrange(0, 2_501), 100)
        # What the oracle knows: from which day on which hours, bed, hour and benefit; pounds as fractions.
        hours, bed, hour, benefit = self.quarters(), self.money(60_000), self.money(4_000), self.benefit()
        self.facts: list[tuple[date, Fraction, Fraction, Fraction, Fraction]] = [
            (self.start, hours, bed, hour, benefit)
        ]
        terms = terms_of(
            TRANSITION, Price(_pounds(bed), _pounds(hour)), _pounds(hours), _pounds(benefit), self.beds,
            _pounds(self.discount),
        )  # fmt: skip
        self.agreement = Agreement(
            authority="derby-city", id=AgreementId(NOBODY), reference="A", award_id=NOBODY, referral_id=NOBODY,
            provider_id=ProviderId(NOBODY), terms=terms, introduction=Introduction(self.start, None),
            starts_on=self.start, ends_on=self.end, state=AgreementState.STARTED, agreed_at=MADE_AT, outcomes=(),
        )  # fmt: skip
        limits = Price(Decimal(600), Decimal(40))
        self.versions: tuple[Version, ...] = (Version(1, self.start, self.end, self.end, terms, limits, None, MADE_AT),)
        for _ in range(dice.choice((0, 1, 1, 2, 3, 5))):
            self.vary()
        if dice.random() < 0.3:
            self.end = self.start + dice.randrange(-1, (self.end - self.start).days + 1) * DAY
            self.versions = cut_versions(self.versions, self.end)

    def vary(self) -> None:
        """Change something from a random day on, on both sides; a day that the engine refuses changes neither."""
        on = self.start + self.dice.randrange((self.end - self.start).days + 1) * DAY
        hours, bed, hour, benefit = self.quarters(), self.money(60_000), self.money(4_000), self.benefit()
        changes = Changes(_pounds(hours), _pounds(bed), _pounds(hour), _pounds(benefit))
        try:
            new = next_version(self.agreement, self.versions, VariationId(NOBODY), changes, None, on, MADE_AT)
        except PlacementsError:
            return
        self.versions = closed_by(self.versions, new)
        self.facts.append((on, hours, bed, hour, benefit))

    def quarters(self) -> Fraction:
        return Fraction(self.dice.randrange(101), 4)

    def money(self, pennies: int) -> Fraction:
        return Fraction(self.dice.randrange(pennies + 1), 100)

    def benefit(self) -> Fraction:
        return self.money(20_000) if self.dice.random() < 0.5 else Fraction(0)

    def weekly(self, fact: tuple[date, Fraction, Fraction, Fraction, Fraction]) -> Fraction:
        """Reckon a week's cost from the facts: S22, S23 and S21 in fractions, each line rounded half up."""
        _, hours, bed, hour, benefit = fact
        beds = bed * self.beds
        discount = _penny(beds * self.discount / 100) if self.beds >= 5 else Fraction(0)
        return max(beds - discount - benefit * self.beds + _penny(hours * hour * self.beds), Fraction(0))

    def owed(self) -> Fraction:
        """Reckon the whole stay: each version's days by walking the calendar, rounded half up once."""
        total = Fraction(0)
        for fact, after in zip(self.facts, [*(each[0] for each in self.facts[1:]), self.end + DAY], strict=True):
            last = min(after - DAY, self.end)
            days, on = 0, fact[0]
            while on <= last:
                days, on = days + 1, on + DAY
            total += _penny(self.weekly(fact) * days / 7)
        return total


def prove(quick: bool) -> Iterator[Figure]:
    """Compare engine and oracle over random lives."""
    cases = QUICK_CASES if quick else CASES
    dice = random.Random(SEED)
    wrong = sum(_wrong(Life(dice), dice) for _ in range(cases))
    how = f"seed {SEED}: the stay's total, and random splits of its days added up, against an oracle in fractions"
    yield Figure("money_cases", cases, f">= {cases}", "lives", how)
    yield Figure("money_wrong", wrong, "= 0", "lives", how + f"; {cases} lives with up to 5 variations and early ends")


def _wrong(life: Life, dice: random.Random) -> bool:
    """Say whether the engine pays another sum than the oracle, for the whole or for a random split of its days."""
    from_on, until_on = life.start - DAY, life.start + 500 * DAY
    owed = life.owed()
    whole = ledger(life.versions, from_on, until_on).total
    edges = sorted({from_on, until_on + DAY, *(from_on + dice.randrange(501) * DAY for _ in range(dice.randrange(8)))})
    parts = [ledger(life.versions, edges[place], edges[place + 1] - DAY).total for place in range(len(edges) - 1)]
    return not owed == Fraction(whole) == sum(map(Fraction, parts), Fraction(0))


def _penny(pounds: Fraction) -> Fraction:
    """Round half up to a penny; nothing here is negative."""
    return Fraction((pounds * 200 + 1) // 2, 100)


def _pounds(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
