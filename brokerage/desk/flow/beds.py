"""The bed of a placement follows its last day."""

from __future__ import annotations

from datetime import date

from brokerage.desk.work import Work
from lots import service as lots
from lots import store as lots_store
from lots.events import StayEnded, StayFreed
from lots.model import Wants
from placements.model import Agreement


def free_bed(work: Work, found: Agreement, last_day: date) -> tuple[StayEnded | StayFreed, ...]:
    """Let the beds that an agreement's provider holds for its young person go after a day, or keep them until it.

    `found` is the agreement with the last day that it had before. A bed that was to be free sooner, such as the
    Careline's few nights, stays as it is; a stay that has begun keeps its first day, one to come is given up.
    Nothing where no bed was held. The caller records what it gives back, after this: whoever takes a bed holds it
    before the record too, so that nobody waits in a circle. Raises BedTaken where a longer stay meets somebody else's.
    """
    freed: list[StayEnded | StayFreed] = []
    if found.part is Wants.SUPPORT:
        return ()  # the bed belongs to the accommodation part, also where the same provider gives both (A23)
    for stay in lots_store.stays(work.db, found.authority, found.referral_id):
        if stay.provider_id != found.provider_id or stay.hold.ends_on == last_day:
            continue
        if stay.hold.ends_on is not None and stay.hold.ends_on < found.last_day:
            continue
        if last_day < stay.hold.starts_on and work.today < stay.hold.starts_on:
            freed.append(lots.free_stay(work.db, found.authority, stay.id, work.now))
        else:  # who never came had the bed kept for a day at least
            until = max(last_day, stay.hold.starts_on)
            freed.append(lots.end_stay(work.db, found.authority, stay.id, until))
    return tuple(freed)
