"""Placements under way, for the tests of what comes after an agreement."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Final
from uuid import UUID

from brokerage.desk.work import SYSTEM
from placements import service as placements
from placements.model import AgreementId, Party
from tests.web.road import Road

DERBY: Final = "derby-city"
START, END = date(2026, 12, 3), date(2027, 5, 31)


def opened_agreement(road: Road, firm: str = "amberside", **changes: object) -> UUID:
    """Make an agreement with a firm, from 3 December 2026 to 31 May 2027; nobody has accepted it yet."""
    opened = road.opened(**changes)
    road.offered(opened, firm, **offer_below(road, opened, firm))
    return road.agreed(opened, START, END)


def offer_below(road: Road, opened: object, firm: str) -> dict[str, str]:
    """Offer a little below the tendered prices, so that a variation has room up to them."""
    document = road.an_offer(opened, firm)  # type: ignore[arg-type]
    below = {}
    for name, less in (("accommodation_weekly", 20), ("support_hourly", 2)):
        if document[name]:
            pounds, _, pence = document[name].partition(".")
            below[name] = f"{int(pounds) - less}.{pence or '00'}"
    return below


def running_agreement(road: Road, firm: str = "amberside", **changes: object) -> UUID:
    """Make an agreement that both parties accepted and that has begun; it is noon of its first day."""
    agreement_id = opened_agreement(road, firm, **changes)
    road.clock.now = datetime.combine(START, time(12), UTC)
    with road.desk.work(SYSTEM) as work:
        for persona, party in (("provider_a", Party.PROVIDER), ("coordinator", Party.COUNCIL)):
            person = road.actor(persona).person_id
            assert person is not None
            placements.accept_agreement(work.db, DERBY, AgreementId(agreement_id), party, person, work.now)
        placements.start_agreement(work.db, DERBY, AgreementId(agreement_id), work.now)
    return agreement_id


def day(name: str, on: date) -> dict[str, str]:
    """Type a day into its three boxes."""
    return {f"{name}_day": str(on.day), f"{name}_month": str(on.month), f"{name}_year": str(on.year)}
