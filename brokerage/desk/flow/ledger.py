"""The weekly cost ledger, for the payment system: streamed to a file, and recorded with its digest (A33, S21)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import IO, Final

from brokerage.desk.books import Cell, Form, digest_of, open_book
from brokerage.desk.sheets import YEARS
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from brokerage.reading import Fault, NotValid
from lots import store as lots
from placements import rules
from placements import store as placement_store
from placements.events import LedgerExported

COLUMNS: Final = (
    "week",
    "agreement",
    "provider",
    "category",
    "version",
    "from",
    "until",
    "days",
    "weekly_cost",
    "amount",
)
"""A line's cells: its week's Monday, days both included, pounds."""

LONGEST: Final = timedelta(days=366)
"""A ledger covers a year at most; more is taken in more files."""


def check_span(from_on: date, until_on: date) -> None:
    """Refuse a span that ends before it begins, or is longer than a year. Raises NotValid."""
    if from_on.year not in YEARS or until_on.year not in YEARS:
        raise NotValid((Fault("/from", f"Take days between {YEARS[0]} and {YEARS[-1]}"),))
    if until_on < from_on:
        raise NotValid((Fault("/to", "The last day must be the first day or later"),))
    if until_on - from_on > LONGEST:
        raise NotValid((Fault("/to", f"Take {LONGEST.days} days or fewer at once"),))


def export_ledger(work: Work, from_on: date, until_on: date, form: Form, out: IO[bytes]) -> LedgerExported:
    """Write what is owed for some days, both included, and record the file's digest (A33, S21).

    A line an agreement, week and version, to the penny; weeks begin on Mondays, the first and last may be part weeks.
    Lines of one agreement add up to what it costs over those days, however they are cut. A CSV or XLSX file ends with
    the sum of all lines. Rows come from a cursor on the server and go to the file one by one, so memory stays flat.
    Raises NotValid.
    """
    work.require(Permission.EXPORT_LEDGER)
    check_span(from_on, until_on)
    names = {one.id: one.name for one in lots.providers(work.db)}
    lines, total = 0, Decimal("0.00")
    book = open_book(form, out, COLUMNS, work.now)
    for one in placement_store.running(work.db, work.authority, from_on, until_on):
        for monday, line, category in _lines(one, from_on, until_on):
            cells: tuple[Cell, ...] = (
                monday,
                one.reference,
                names[one.provider_id],
                category,
                line.version,
                line.from_on,
                line.until_on,
                line.days,
                line.weekly,
                line.amount,
            )
            book.row(cells)
            lines, total = lines + 1, total + line.amount
    if form is not Form.JSONL:
        book.row((None, "Total", None, None, None, from_on, until_on, None, None, total))
    book.close()
    event = LedgerExported(
        authority=work.authority,
        from_on=from_on,
        until_on=until_on,
        form=form.value,
        lines=lines,
        total=total,
        digest=digest_of(out),
        person_id=work.person_id,
    )
    work.record(event, None)
    return event


def _lines(one: placement_store.Running, from_on: date, until_on: date) -> Iterator[tuple[date, rules.LedgerLine, str]]:
    categories = {version.number: version.terms.category.value for version in one.versions}
    monday = rules.monday_of(from_on)
    while monday <= until_on:
        first, last = max(monday, from_on), min(monday + rules.WEEK - rules.DAY, until_on)
        for line in rules.ledger(one.versions, first, last).lines:
            yield monday, line, categories[line.version]
        monday += rules.WEEK
