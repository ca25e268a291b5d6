"""How a placement ends, as both parties see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from brokerage.desk.flow.agreements import agreement_of
from brokerage.desk.flow.ends import OF_PROVIDER
from brokerage.desk.views.parts import OtherPart, other_part
from brokerage.desk.views.variations import Parties, parties
from brokerage.desk.work import Work
from brokerage.people.model import Permission
from placements import store as placements
from placements.model import Agreement, Ending, EndReason, NoticeClass, Party
from placements.rules import NOTICE


@dataclass(frozen=True, slots=True)
class EndPage:
    """An agreement with its notice and end, and the reasons that the asker's party may give, by kind of end."""

    agreement: Agreement
    parties: Parties
    notice: Ending | None
    ending: Ending | None
    with_notice: tuple[EndReason, ...]
    at_once: tuple[EndReason, ...]
    reasons: Mapping[str, EndReason]
    places: Mapping[str, str]
    days: Mapping[str, int]
    other: OtherPart | None


def end_page(work: Work, agreement_id: UUID) -> EndPage:
    """Show how an agreement ended or may end. Raises NoSuchAgreement."""
    work.require(Permission.SEE_AGREEMENT)
    found = agreement_of(work, agreement_id)
    book = placements.reasons()
    both = parties(work, found, Permission.END_AGREEMENT)
    mine = [one for one in book.ends.values() if both.mine is Party.COUNCIL or one.by in OF_PROVIDER]
    return EndPage(
        found,
        both,
        placements.notice(work.db, found.authority, found.id),
        placements.ending(work.db, found.authority, found.id),
        tuple(one for one in mine if one.notice is not NoticeClass.NONE),
        tuple(one for one in mine if one.notice is NoticeClass.NONE and one.key != placements.PLANNED),
        book.ends,
        book.move_on,
        {key.value: span.days for key, span in NOTICE.items()},
        other_part(work, found),
    )
