"""A whole application and what it is made of, to be changed one thing at a time."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

from lots.model import (
    CategoryCode,
    Contact,
    Joining,
    LinePurpose,
    NightLine,
    OfferedHome,
    OfferedPaper,
    OfferedRoom,
    OfstedEntry,
    OfstedOutcome,
    Organisation,
    Sharing,
    TenderedPrice,
)
from lots.store import evidence_kinds

FROM = date(2026, 1, 1)
MOBILE = "+447700900150"
ROOMS = (OfferedRoom("Room 1", Sharing.SINGLE, True, 1), OfferedRoom("Room 2", Sharing.SHARED, False, 2))
HOUSE = OfferedHome("Elm House", "1 Elm Road, Derby", "DE1", 2, ROOMS, "HMO 77", FROM, None)
JOINING = Joining(
    organisation=Organisation("Elm Homes", "00000001", "1 Elm Road, Derby", "office@elm.example", "01632 960150"),
    categories=(CategoryCode.SHORT_STAY, CategoryCode.SHORT_TERM),
    areas=("DE1", "NG7"),
    prices=(
        TenderedPrice(CategoryCode.SHORT_STAY, Decimal("500.00"), Decimal("23.00"), Decimal(5)),
        TenderedPrice(CategoryCode.SHORT_TERM, Decimal("380.00"), Decimal("22.00"), Decimal(5)),
    ),
    homes=(HOUSE,),
    ofsted=OfstedEntry("SC900150", frozenset({2}), OfstedOutcome.CONSISTENTLY_STRONG),
    papers=tuple(
        OfferedPaper(kind.key, "on file", FROM, date(2026, 12, 31))
        for kind in evidence_kinds()
        if not kind.per_property
    ),
    contacts=(Contact("Erin Elm", "Manager", "erin@elm.example", MOBILE),),
    night_lines=(
        NightLine(LinePurpose.YOUNG_PEOPLE, "On call", "01632 960151", time(17), time(9)),
        NightLine(LinePurpose.EMERGENCY_PLACES, "Duty manager", "01632 960152", time(22), time(9)),
    ),
)
