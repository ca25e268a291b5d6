"""The record, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass

from brokerage.desk import store
from brokerage.desk.record import Line, Verified, verify
from brokerage.desk.views.referrals import HistoryItem, who_did
from brokerage.desk.work import Work
from brokerage.people import store as people_store
from brokerage.people.model import Permission


def record(work: Work, after: int, most: int) -> tuple[Line, ...]:
    """Give the authority's record in commit order, from a place on."""
    work.require(Permission.SEE_RECORD)
    return tuple(store.lines(work.db, work.authority, after=after, most=most))


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Lines of the record, newest first; `older` is where the page before begins, `length` all there are."""

    items: tuple[HistoryItem, ...]
    length: int
    older: int | None
    newer: int | None


def record_page(work: Work, before: int | None, most: int) -> RecordPage:
    """Give the lines just before a place in the authority's record, or its last ones."""
    work.require(Permission.SEE_RECORD)
    length, _ = store.head(work.db, work.authority)
    end = length + 1 if before is None else max(min(before, length + 1), 1)
    first = max(end - most, 1)
    names = people_store.names(work.db, work.authority)
    lines = store.lines(work.db, work.authority, after=first - 1, most=end - first)
    items = [HistoryItem(line, who_did(line.actor, names)) for line in lines]
    newer = min(end + most, length + 1) if end <= length else None
    return RecordPage(tuple(reversed(items)), length, first if first > 1 else None, newer)


def verify_record(work: Work) -> Verified:
    """Check the authority's chain from its first line to the head it has now."""
    work.require(Permission.SEE_RECORD)
    head = store.head(work.db, work.authority)
    # Lines that are written while this runs come after the head that was read.
    return verify(work.authority, store.lines(work.db, work.authority, most=head[0]), head)
