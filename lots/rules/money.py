"""Reckon money: weekly costs, part weeks, prices above prices (A16, A22, A27, S21, S22, S23)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from lots.model import CostLine, Price, Wants, WeeklyCost

BLOCK_BEDS: Final = 5
"""From so many beds at one time the block discount applies (DPS spec 3.2.5, A16, S23)."""

PENNY: Final = Decimal("0.01")
ZERO: Final = Decimal("0.00")


def pounds(value: Decimal) -> Decimal:
    """Round to pennies, a half away from zero (S21)."""
    return value.quantize(PENNY, rounding=ROUND_HALF_UP)


def weekly_cost(
    price: Price, hours: Decimal, housing_benefit: Decimal, beds: int, block_discount: Decimal
) -> WeeklyCost:
    """Reckon what the council pays a week, with a line for each step (S21, S22, S23).

    Accommodation for every bed, less the block discount (percent) from five beds, less Housing Benefit for every
    bed, plus support hours for every bed, not below zero. Housing Benefit is for housing: where support is bought
    alone it is not taken off (A23, A27).
    """
    if beds < 1 or hours < 0 or housing_benefit < 0 or not 0 <= block_discount <= 100:
        raise ValueError(
            f"beds {beds}, hours {hours}, Housing Benefit {housing_benefit} or discount {block_discount} out of range"
        )
    times = "" if beds == 1 else f" x {beds} beds"
    lines: list[CostLine] = []
    if price.accommodation_weekly is not None:
        accommodation = price.accommodation_weekly * beds
        lines.append(CostLine(f"Accommodation £{pounds(price.accommodation_weekly):,}{times}", pounds(accommodation)))
        if beds >= BLOCK_BEDS and block_discount:
            lines.append(
                CostLine(
                    f"Less block discount of {_plain(block_discount)}% on accommodation",
                    ZERO - pounds(accommodation * block_discount / 100),
                )
            )
        if housing_benefit:
            lines.append(
                CostLine(
                    f"Less Housing Benefit £{pounds(housing_benefit):,}{times}", ZERO - pounds(housing_benefit * beds)
                )
            )
    if price.support_hourly is not None and hours:
        lines.append(
            CostLine(
                f"Support {_plain(hours)} hours x £{pounds(price.support_hourly):,}{times}",
                pounds(hours * price.support_hourly * beds),
            )
        )
    total = sum((line.amount for line in lines), ZERO)
    if total < 0:
        lines.append(CostLine("The council does not pay below zero", -total))
        total = ZERO
    return WeeklyCost(total, tuple(lines))


def part_week(weekly: Decimal, days: int) -> Decimal:
    """Reckon a weekly price for some days: days / 7 of it, in pennies (S21)."""
    if days < 0:
        raise ValueError(f"days cannot be negative: {days}")
    return pounds(weekly * days / 7)


def over_tendered(bid: Price, tendered: Price) -> tuple[tuple[Wants, Decimal, Decimal | None], ...]:
    """List what is bid above its tendered price (A22, S11).

    As (item, bid, tendered); where no price was tendered at all, any bid is above it.
    """
    pairs = (
        (Wants.ACCOMMODATION, bid.accommodation_weekly, tendered.accommodation_weekly),
        (Wants.SUPPORT, bid.support_hourly, tendered.support_hourly),
    )
    return tuple(
        (item, asked, allowed)
        for item, asked, allowed in pairs
        if asked is not None and (allowed is None or asked > allowed)
    )


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
