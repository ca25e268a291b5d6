"""Independent checkers: a history of what was asked, answered and kept goes in, sentences about what is wrong come out.

Pure, and knowing nothing of how the engine decides. `test_history.py` feeds them bad histories, for a proof whose
checker cannot fail proves nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Kept:
    """An offer as a receipt proves it, or as its row holds it."""

    bid_id: UUID
    version: int
    received_at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of the verb, between two readings of the database's clock outside its transaction.

    `receipt` when it was accepted; otherwise it was refused as late, judged at `judged_at`.
    """

    door: UUID
    begun_at: datetime
    answered_at: datetime
    judged_at: datetime
    receipt: Kept | None


@dataclass(frozen=True, slots=True)
class Extension:
    """A later close that was committed between two readings of the clock."""

    begun_at: datetime
    answered_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Closing:
    """The one act that closed a window, with the digests that it froze."""

    closed_at: datetime
    frozen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Race:
    """All that happened about one window, and what is stored long after it."""

    closes_at: datetime  # as opened
    operations: tuple[Operation, ...]
    extensions: tuple[Extension, ...]
    closings: tuple[Closing, ...]
    rows: tuple[Kept, ...]
    standing: tuple[str, ...]
    kept_closes_at: datetime

    @property
    def final(self) -> datetime:
        return max([self.closes_at, *(one.closes_at for one in self.extensions)])

    def least(self, instant: datetime) -> datetime:
        """Give the earliest close that can have been in force at an instant: extensions count once answered."""
        known = (one.closes_at for one in self.extensions if one.answered_at <= instant)
        return max([self.closes_at, *known])

    def near(self, within: timedelta) -> int:
        """Count the operations judged so near the close."""
        return sum(abs(one.judged_at - self.final) <= within for one in self.operations)


def race_violations(race: Race) -> list[str]:
    """Hold a race against the four promises of a deadline (A21, S2), and its receipts against what is kept."""
    return [*_each(race), *_closed(race), *_receipts(race)]


def _each(race: Race) -> Iterator[str]:
    for one in race.operations:
        if not one.begun_at <= one.judged_at <= one.answered_at:
            yield f"judged at {one.judged_at}, outside its call from {one.begun_at} to {one.answered_at}"
        if one.receipt is None:
            if one.answered_at < race.least(one.begun_at):
                yield f"answered at {one.answered_at}, before the close, and yet refused as late"
            continue
        if one.receipt.received_at >= race.final:
            yield f"accepted at {one.receipt.received_at}, not before the close at {race.final}"
        if one.begun_at >= race.final:
            yield f"begun at {one.begun_at}, after the close at {race.final}, and yet accepted"


def _closed(race: Race) -> Iterator[str]:
    if race.kept_closes_at != race.final:
        yield f"the close is kept as {race.kept_closes_at}, and was announced as {race.final}"
    if len(race.closings) != 1:
        yield f"closed {len(race.closings)} times"
    for closing in race.closings:
        if closing.closed_at < race.final:
            yield f"closed at {closing.closed_at}, before {race.final}"
        if sorted(closing.frozen) != sorted(race.standing):
            yield f"{len(closing.frozen)} offers were frozen, and {len(race.standing)} others stand"
    last: dict[UUID, Kept] = {}
    for one in race.operations:
        if one.receipt and (one.door not in last or last[one.door].version < one.receipt.version):
            last[one.door] = one.receipt
    if sorted(one.digest for one in last.values()) != sorted(race.standing):
        yield "what stands is not the last accepted offer of each provider"


def _receipts(race: Race) -> Iterator[str]:
    accepted = [one for one in race.operations if one.receipt]
    if Counter(race.rows) != Counter(one.receipt for one in accepted):
        yield f"{len(accepted)} receipts do not match {len(race.rows)} offers kept"
    versions: dict[UUID, list[int]] = defaultdict(list)
    for one in accepted:
        assert one.receipt
        versions[one.door].append(one.receipt.version)
    for door, found in versions.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            yield f"the versions of {door} are {sorted(found)}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request, named by its key, was answered; more than once where it was sent again after its answer."""

    key: str
    receipt: Kept


def not_once(answers: Iterable[Answer], rows: Iterable[Kept], lines: Iterable[UUID]) -> list[str]:
    """Name each key that does not have exactly one offer and one line of the record, as its receipt says (A48).

    `rows` are all offers kept, `lines` the offers that the record names.
    """
    kept, named = Counter(rows), Counter(lines)
    receipts: dict[str, set[Kept]] = defaultdict(set)
    for answer in answers:
        receipts[answer.key].add(answer.receipt)
    wrong: list[str] = []
    for key, found in receipts.items():
        if len(found) != 1:
            wrong.append(f"{key} was answered with {len(found)} different receipts")
        for one in found:
            if kept[one] != 1:
                wrong.append(f"{key}: its receipt is kept {kept[one]} times")
            if named[one.bid_id] != 1:
                wrong.append(f"{key}: the record names it {named[one.bid_id]} times")
    owners = Counter(one for found in receipts.values() for one in found)
    wrong += [f"one offer answers {many} keys" for many in owners.values() if many != 1]
    wrong += [f"offer {one.bid_id} belongs to no key" for one in kept if one not in owners]
    wrong += [f"the record names {one}, which belongs to no key" for one in named.keys() - {o.bid_id for o in owners}]
    return wrong
