"""Make a provider of an admitted application (A13)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import Connection

from lots import store
from lots.model import (
    Application,
    Bed,
    BedId,
    Evidence,
    EvidenceId,
    EvidenceState,
    Joining,
    LinePurpose,
    NightContact,
    NightContactId,
    OfferedHome,
    Property,
    PropertyId,
    Provider,
    ProviderId,
    Registration,
    RegistrationId,
    Room,
    RoomId,
)


def put_on_register(
    db: Connection, held: Application, joining: Joining, today: date, now: datetime
) -> tuple[Registration, ...]:
    """Put an admitted applicant on the register with everything that its application says."""
    provider = _provider(held.provider_id, joining, today)
    if store.is_admitted(db, provider.id):
        before = store.hold_to_change(db, provider.id)
        asked_from = before.evidence_asked_from or today
        if joining.ofsted is None:
            provider = replace(
                provider,
                ofsted_urn=before.ofsted_urn,
                ofsted_categories=before.ofsted_categories,
                ofsted_outcome=before.ofsted_outcome,
            )
        store.change_provider(db, replace(provider, evidence_asked_from=asked_from))
        store.readmit(db, provider.id, today)
    else:
        store.save_provider(db, provider, now)
    registered = tuple(
        Registration(
            RegistrationId(uuid4()),
            provider.id,
            each.category,
            each.accommodation_weekly,
            each.support_hourly,
            each.block_discount,
            today,
            None,
        )
        for each in joining.prices
    )
    for registration in registered:
        store.replace_registration(db, registration)
    store.save_contacts(db, provider.id, joining.contacts)
    store.add_areas(db, provider.id, joining.areas)
    _add_night_lines(db, provider.id, joining)
    _add_evidence(db, provider.id, joining, now)
    _add_homes(db, provider.id, joining, today, now)
    return registered


def _provider(provider_id: ProviderId, joining: Joining, today: date) -> Provider:
    firm, ofsted = joining.organisation, joining.ofsted
    first = joining.contacts[0]
    at_night = next(line.phone for line in joining.night_lines if line.purpose is LinePurpose.YOUNG_PEOPLE)
    return Provider(
        id=provider_id,
        name=firm.name,
        email=first.email,
        mobile=first.mobile,
        phone=firm.phone,
        out_of_hours=at_night,
        ofsted_urn=ofsted.urn if ofsted else None,
        ofsted_categories=ofsted.categories if ofsted else frozenset(),
        ofsted_outcome=ofsted.outcome if ofsted else None,
        evidence_asked_from=today,
    )


def _add_evidence(db: Connection, provider_id: ProviderId, joining: Joining, now: datetime) -> None:
    for paper in joining.papers:
        accepted = Evidence(
            EvidenceId(uuid4()),
            provider_id,
            None,
            paper.kind,
            paper.reference,
            paper.valid_from,
            paper.valid_to,
            EvidenceState.ACCEPTED,
            document_id=paper.document_id,
        )
        store.add_evidence(db, accepted, now)


def _add_night_lines(db: Connection, provider_id: ProviderId, joining: Joining) -> None:
    known = {one.line for one in store.night_contacts(db).get(provider_id, ())}
    new = [line for line in joining.night_lines if line not in known]
    store.add_night_contacts(db, [NightContact(NightContactId(uuid4()), provider_id, line) for line in new])


def _add_homes(db: Connection, provider_id: ProviderId, joining: Joining, today: date, now: datetime) -> None:
    standards = [kind for kind in store.evidence_kinds() if kind.per_property]
    known = {_same(home.name, home.outward_code) for home in store.homes(db, provider_id).get(provider_id, ())}
    for offered in joining.homes:
        if _same(offered.name, offered.outward_code) in known:
            continue
        home = _home(provider_id, offered, today)
        store.add_home(db, home)
        for kind in standards:
            assert offered.standard_from is not None, "a complete application shows the standard of every home"
            accepted = Evidence(
                EvidenceId(uuid4()),
                provider_id,
                home.id,
                kind.key,
                offered.standard_reference,
                offered.standard_from,
                offered.standard_to,
                EvidenceState.ACCEPTED,
                document_id=offered.standard_document,
            )
            store.add_evidence(db, accepted, now)


def _same(name: str, outward_code: str) -> tuple[str, str]:
    return name.strip().casefold(), outward_code


def _home(provider_id: ProviderId, offered: OfferedHome, today: date) -> Property:
    return Property(
        id=PropertyId(uuid4()),
        provider_id=provider_id,
        name=offered.name,
        address=offered.address,
        outward_code=offered.outward_code,
        ofsted_category=offered.ofsted_category,
        opened_on=today,
        closed_on=None,
        rooms=tuple(
            Room(
                RoomId(uuid4()),
                room.name,
                room.sharing,
                room.step_free,
                tuple(Bed(BedId(uuid4()), number) for number in range(1, room.beds + 1)),
            )
            for room in offered.rooms
        ),
    )
