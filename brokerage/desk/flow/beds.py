"""The bed of a placement follows its last day."""

from __future__ import annotations

from datetime import date

from brokerage.desk.work import Work
from lots import service as lots
from lots import store as lots_store
from placements.model import Agreement


def free_bed(work: Work, found: Agreement, last_day: date) -> None:
    """Let the beds that an agreement's provider holds for its young person go after a day, or keep them until it.

    Nothing where no bed was held. Raises BedTaken where a longer stay meets somebody else's.
    """
    held = lots_store.stays(work.db, found.authority, found.referral_id)
    for stay in held:
        if stay.provider_id != found.provider_id or stay.hold.ends_on == last_day:
            continue
        if stay.hold.ends_on is not None and stay.hold.ends_on < found.starts_on:
            continue  # it was over before this agreement began
        if last_day < stay.hold.starts_on and work.today < stay.hold.starts_on:
            work.record(lots.free_stay(work.db, found.authority, stay.id, work.now), found.referral_id)
        else:  # who never came had the bed kept for a day at least
            until = max(last_day, stay.hold.starts_on)
            work.record(lots.end_stay(work.db, found.authority, stay.id, until), found.referral_id)
