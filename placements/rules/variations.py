"""Decide about variations (DPS spec 3.2.5, 3.8.1; A11, A33, S16)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from lots.model import Category, CategoryCode, Price
from lots.rules import over_tendered, weekly_cost
from placements.errors import (
    AboveLimit,
    ChangesNothing,
    DifferenceNeeded,
    MoreThanBespoke,
    NewEndTooEarly,
    NoHoursHere,
    NotNow,
    OthersProposal,
    OutOfOrder,
    OutsideStay,
    OwnProposal,
    SameHand,
    UnderNotice,
)
from placements.model import (
    MOST_HOURS,
    Agreement,
    AgreementState,
    AgreementVerb,
    CategoryDifference,
    Changes,
    FundingWord,
    Party,
    Terms,
    Variation,
    VariationId,
    VariationReason,
    VariationState,
    VariationVerb,
    Version,
)
from placements.rules.agreements import check_not_over, move
from placements.rules.days import DAY
from placements.rules.stays import check_longest

VARIATION_MOVES: Final[Mapping[tuple[VariationState, VariationVerb], VariationState]] = {
    (VariationState.PROPOSED, VariationVerb.AGREE): VariationState.AGREED,
    (VariationState.PROPOSED, VariationVerb.ASK_FUNDING): VariationState.AWAITING_FUNDING,
    (VariationState.PROPOSED, VariationVerb.REFUSE): VariationState.REFUSED,
    (VariationState.PROPOSED, VariationVerb.WITHDRAW): VariationState.WITHDRAWN,
    (VariationState.AWAITING_FUNDING, VariationVerb.FUND): VariationState.AGREED,
    (VariationState.AWAITING_FUNDING, VariationVerb.REFUSE): VariationState.REFUSED,
    (VariationState.AWAITING_FUNDING, VariationVerb.WITHDRAW): VariationState.WITHDRAWN,
}
"""Proposed by one party, agreed by the other, and funded where it costs more than was funded (A33, S16)."""


def move_variation(state: VariationState, verb: VariationVerb) -> VariationState:
    """Give the variation's next state; raise `NotNow`."""
    if (state, verb) not in VARIATION_MOVES:
        raise NotNow(state, verb)
    return VARIATION_MOVES[state, verb]


def next_version(
    agreement: Agreement,
    versions: tuple[Version, ...],
    variation_id: VariationId,
    changes: Changes,
    difference: CategoryDifference | None,
    effective_on: date,
    now: datetime,
) -> Version:
    """Make the version that the changes bring about from a day on, by what holds before it (A33).

    It holds until the last day of the stay, its own where the changes set one. Raise `AgreementOver`, `NotNow`,
    `UnderNotice`, `OutsideStay`, `OutOfOrder`, `NewEndTooEarly`, `ChangesNothing`, `NoHoursHere`, `MoreThanBespoke` or
    `AboveLimit`.
    """
    check_not_over(agreement)
    move(agreement.state, AgreementVerb.VARY)
    last = max((one for one in versions if one.held), key=lambda one: one.from_on, default=versions[-1])
    _check_days(agreement, last, changes, effective_on)
    terms = varied(last.terms, changes)
    ends_on = changes.ends_on or agreement.ends_on
    if (terms, ends_on) == (last.terms, agreement.ends_on):
        raise ChangesNothing
    limits = _limits(terms.price, last.limits, difference)
    return Version(
        number=max(one.number for one in versions) + 1,
        from_on=effective_on,
        until_on=ends_on,
        ends_on=ends_on,
        terms=terms,
        limits=limits,
        variation_id=variation_id,
        made_at=now,
    )


def what_changes(changes: Changes, terms: Terms, ends_on: date) -> Changes:
    """Give the changes without what holds already, so that they say what they do; raise `ChangesNothing`."""
    held = {field.name: getattr(terms, field.name, None) for field in fields(changes)} | {"ends_on": ends_on}
    same = {name: None for name, value in held.items() if getattr(changes, name) == value}
    if all(name in same or getattr(changes, name) is None for name in held):
        raise ChangesNothing
    return replace(changes, **same)


def check_answer(variation: Variation, party: Party) -> None:
    """Let the party answer that did not propose, while nothing else is decided; raise `OwnProposal` or `NotNow`."""
    if party is variation.proposed_by:
        raise OwnProposal(party)
    if variation.state is not VariationState.PROPOSED:
        raise NotNow(variation.state, VariationVerb.REFUSE)


def check_withdrawal(variation: Variation, party: Party) -> None:
    """Let a proposal be taken back by the party that made it; raise `OthersProposal`."""
    if party is not variation.proposed_by:
        raise OthersProposal(variation.proposed_by)


def check_money_open(variation: Variation) -> None:
    """Let the money of a variation be refused while it is asked for; raise `NotNow`."""
    if variation.state is not VariationState.AWAITING_FUNDING:
        raise NotNow(variation.state, VariationVerb.FUND)


def check_reason(reason: VariationReason, difference: CategoryDifference | None) -> None:
    """Hold together the reason that raises limits and the recorded difference of category; raise `DifferenceNeeded`."""
    if reason.raises_limits != (difference is not None):
        raise DifferenceNeeded(reason.key)


def check_new_end(agreement: Agreement, changes: Changes, category: Category, turns_18_on: date | None) -> None:
    """Refuse a longer stay than the category allows (A12, S19); raise the refusals of `check_longest`.

    A stay may be made shorter than its category's least: that is a step down (DPS spec 3.2.5).
    """
    if changes.ends_on is not None and changes.ends_on > agreement.ends_on:
        check_longest(category, agreement.starts_on, changes.ends_on, turns_18_on)


def varied(terms: Terms, changes: Changes) -> Terms:
    """Give the terms with the changes in them and the weekly cost reckoned anew (S21, S22, S23).

    Raise `NoHoursHere` or `MoreThanBespoke`.
    """
    hours = terms.hours if changes.hours is None else changes.hours
    if hours and terms.category is CategoryCode.ACCOMMODATION_ONLY:
        raise NoHoursHere(terms.category)
    if hours > MOST_HOURS and not terms.bespoke:
        raise MoreThanBespoke(hours, MOST_HOURS)
    price = Price(
        _other(changes.accommodation_weekly, terms.accommodation_weekly),
        _other(changes.support_hourly, terms.support_hourly),
    )
    benefit = _other(changes.housing_benefit_weekly, terms.housing_benefit_weekly) or Decimal(0)
    return replace(
        terms,
        hours=hours,
        accommodation_weekly=price.accommodation_weekly,
        support_hourly=price.support_hourly,
        housing_benefit_weekly=benefit,
        services=terms.services if changes.services is None else changes.services,
        weekly_cost=weekly_cost(price, hours, benefit, terms.beds, terms.block_discount).total,
    )


def needs_funding(agreement: Agreement, weekly: Decimal) -> bool:
    """Say whether a weekly cost is more than somebody authorised for this agreement (S16)."""
    return agreement.funded_weekly is None or weekly > agreement.funded_weekly


def agree_variation(
    agreement: Agreement, variation: Variation, party: Party, person_id: UUID, now: datetime
) -> Variation:
    """Give the variation agreed by the other party: in force, or waiting for its money (A33, S16).

    Raise `NotNow` or `OwnProposal`.
    """
    verb = VariationVerb.ASK_FUNDING if needs_funding(agreement, variation.weekly_after) else VariationVerb.AGREE
    state = move_variation(variation.state, verb)
    if party is variation.proposed_by:
        raise OwnProposal(party)
    return replace(variation, state=state, agreed_by=person_id, agreed_at=now)


def fund_variation(variation: Variation, approver: UUID, limit: Decimal, now: datetime) -> Variation:
    """Give the variation with an approver's word; above the limit a second approver decides with the first (S16).

    `limit` is what this person may authorise, pounds a week. Raise `NotNow` or `SameHand`.
    """
    state = move_variation(variation.state, VariationVerb.FUND)
    hands = {variation.proposer_id, variation.agreed_by, *(word.approver for word in variation.funding)}
    if approver in hands:
        raise SameHand
    enough = variation.weekly_after <= limit or bool(variation.funding)
    return replace(
        variation,
        state=state if enough else variation.state,
        funding=(*variation.funding, FundingWord(approver, now)),
    )


def closed_by(versions: tuple[Version, ...], new: Version) -> tuple[Version, ...]:
    """Give the versions with the new one after them; the one before it holds until its eve (A33)."""
    return (*cut_versions(versions, new.from_on - DAY), new)


def cut_versions(versions: tuple[Version, ...], last_on: date) -> tuple[Version, ...]:
    """Give the versions with none holding after a day; one that begins later never holds, and is kept (A33, A34)."""
    return tuple(replace(one, until_on=max(min(one.until_on, last_on), one.from_on - DAY)) for one in versions)


def _check_days(agreement: Agreement, last: Version, changes: Changes, effective_on: date) -> None:
    if changes.ends_on is not None and agreement.state is AgreementState.UNDER_NOTICE:
        raise UnderNotice(agreement.ends_on)
    if not agreement.starts_on <= effective_on <= agreement.ends_on:
        raise OutsideStay(effective_on, agreement.starts_on, agreement.ends_on)
    if effective_on <= last.from_on:
        raise OutOfOrder(effective_on, last.from_on)
    if changes.ends_on is not None and changes.ends_on < effective_on:
        raise NewEndTooEarly(effective_on, changes.ends_on)


def _limits(price: Price, limits: Price, difference: CategoryDifference | None) -> Price:
    """Give the prices that may not be passed: a recorded difference of category raises them to what is agreed (A11)."""
    above = over_tendered(price, limits)
    if above and difference is None:
        raise AboveLimit(*above[0])
    if difference is None:
        return limits
    return Price(
        _more(price.accommodation_weekly, limits.accommodation_weekly),
        _more(price.support_hourly, limits.support_hourly),
    )


def _other(changed: Decimal | None, held: Decimal | None) -> Decimal | None:
    return held if changed is None else changed


def _more(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return max((each for each in (one, other) if each is not None), default=None)
