"""Ceilings, uplifts and sub-contractors in PostgreSQL (A13, A18)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import Connection, update
from sqlalchemy.exc import IntegrityError

from lots import service, store
from lots.errors import (
    NoSuchEntry,
    NotNow,
    OverCeiling,
    OverlappingCeiling,
    ReasonMissing,
    SharesAbove100,
    UpliftTooSoon,
)
from lots.model import (
    CategoryCode,
    Ceiling,
    CeilingId,
    ConsentState,
    ProviderId,
    RegistrationId,
    Subcontractor,
    SubcontractorId,
    Uplift,
    UpliftId,
    UpliftState,
)
from lots.tables import SUBCONTRACTOR
from tests.store.lots.test_lots_store import NOW, a_provider, a_registration

TODAY = date(2026, 11, 23)
LATER = date(2027, 4, 1)


def a_firm(db: Connection) -> ProviderId:
    home = a_provider()
    service.admit_provider(db, home, [replace(a_registration(home), valid_to=None)], NOW)
    return home.id


def an_uplift(firm: ProviderId) -> Uplift:
    return Uplift(UpliftId(uuid4()), firm, CategoryCode.TRANSITION, Decimal("4.50"), LATER, "Wages rose")


def a_ceiling(authority: str = "derby-city", most: str = "400.00") -> Ceiling:
    return Ceiling(authority, CeilingId(uuid4()), CategoryCode.TRANSITION, Decimal(most), None, TODAY, None)


def test_an_accepted_uplift_is_the_price_from_its_day_on(db: Connection) -> None:
    firm = a_firm(db)
    uplift = an_uplift(firm)
    (price,) = store.registrations(db, firm)
    tendered = replace(price, id=RegistrationId(uuid4()), valid_from=date(2028, 6, 1))
    store.end_registration(db, price.id, date(2028, 5, 31))
    store.save_registration(db, tendered)
    service.propose_uplift(db, uplift, NOW)
    with pytest.raises(NotNow):
        service.propose_uplift(db, an_uplift(firm), NOW)
    assert len(store.registrations(db, firm)) == 2, "a proposal changes nothing"
    event = service.decide_uplift(db, "derby-city", uplift.id, "", NOW, accepted=True)
    before, after, later = store.registrations(db, firm)
    assert (after.valid_to, later) == (date(2028, 5, 31), tendered), "what was tendered for later still stands"
    assert (before.valid_to, before.accommodation_weekly) == (date(2027, 3, 31), Decimal("350.00"))
    assert (after.id, after.valid_from, after.accommodation_weekly) == (event.registration_id, LATER, Decimal("365.75"))
    with pytest.raises(NotNow):
        service.decide_uplift(db, "derby-city", uplift.id, "No", NOW, accepted=False)
    with pytest.raises(UpliftTooSoon) as refused:
        service.propose_uplift(db, replace(an_uplift(firm), starts_on=date(2028, 3, 31)), NOW)
    assert refused.value.earliest == date(2028, 4, 1)


def test_an_uplift_is_refused_with_a_reason_or_withdrawn(db: Connection) -> None:
    firm = a_firm(db)
    first, second = an_uplift(firm), an_uplift(firm)
    service.propose_uplift(db, first, NOW)
    with pytest.raises(ReasonMissing):
        service.decide_uplift(db, "derby-city", first.id, " ", NOW, accepted=False)
    service.decide_uplift(db, "derby-city", first.id, "Not this year", NOW, accepted=False)
    service.propose_uplift(db, second, NOW + timedelta(seconds=1))
    service.withdraw_uplift(db, second.id, NOW)
    assert [one.state for one in store.uplifts(db, firm)] == [UpliftState.WITHDRAWN, UpliftState.REFUSED]
    assert len(store.registrations(db, firm)) == 1
    with pytest.raises(NoSuchEntry):
        service.decide_uplift(db, "derby-city", UpliftId(uuid4()), "", NOW, accepted=True)
    with pytest.raises(NoSuchEntry):
        service.propose_uplift(db, replace(an_uplift(firm), category=CategoryCode.EMERGENCY), NOW)


def test_a_ceiling_binds_its_own_council_alone(db: Connection) -> None:
    firm = a_firm(db)
    service.set_ceiling(db, a_ceiling(most="360.00"), NOW)
    service.set_ceiling(db, a_ceiling("derbyshire"), NOW)
    with pytest.raises(OverlappingCeiling):
        service.set_ceiling(db, a_ceiling(), NOW)
    assert [one.accommodation_weekly for one in store.ceilings(db, "derby-city")] == [Decimal("360.00")]
    uplift = an_uplift(firm)
    service.propose_uplift(db, uplift, NOW)
    with pytest.raises(OverCeiling):
        service.decide_uplift(db, "derby-city", uplift.id, "", NOW, accepted=True)
    service.decide_uplift(db, "derbyshire", uplift.id, "", NOW, accepted=True)


def test_a_sub_contractor_works_with_prior_written_consent_alone(db: Connection) -> None:
    firm = a_firm(db)
    named = Subcontractor(
        "derby-city",
        SubcontractorId(uuid4()),
        firm,
        "Night Watch",
        "Waking nights",
        Decimal(70),
        Decimal("9000.00"),
        LATER,
    )
    service.name_subcontractor(db, named)
    assert store.subcontractors(db, "derby-city", firm) == (named,)
    assert store.subcontractors(db, "derbyshire", firm) == ()
    other = replace(named, id=SubcontractorId(uuid4()), name="Day Watch", share=Decimal("30.01"))
    with pytest.raises(SharesAbove100):
        service.name_subcontractor(db, other)
    service.name_subcontractor(db, replace(other, authority="derbyshire"))
    with pytest.raises(ReasonMissing):
        service.decide_subcontractor(db, "derby-city", named.id, "", NOW, consented=True)
    with pytest.raises(NoSuchEntry):
        service.decide_subcontractor(db, "derbyshire", named.id, "We consent", NOW, consented=True)
    service.decide_subcontractor(db, "derby-city", named.id, "We consent", NOW, consented=True)
    (held,) = store.subcontractors(db, "derby-city", firm)
    assert (held.state, held.consent, held.consented_on) == (ConsentState.CONSENTED, "We consent", TODAY)
    with pytest.raises(IntegrityError, match="ck_subcontractor_consent"), db.begin_nested():
        db.execute(update(SUBCONTRACTOR).where(SUBCONTRACTOR.c.id == named.id).values(starts_on=date(2026, 11, 22)))
    service.end_subcontractor(db, "derby-city", named.id, date(2027, 6, 30))
    service.name_subcontractor(db, replace(other, share=Decimal(100)))
    service.decide_subcontractor(db, "derby-city", other.id, "Too much", NOW, consented=False)
    assert {one.state for one in store.subcontractors(db, "derby-city", firm)} == {
        ConsentState.ENDED,
        ConsentState.REFUSED,
    }
    assert datetime(2026, 11, 23, 9, tzinfo=UTC) == NOW
