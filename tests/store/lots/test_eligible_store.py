"""The short way to the register decides as the whole register does, for evidence of every age (A14, S4)."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

from sqlalchemy import Connection

from lots import service, store
from lots.model import (
    CategoryCode,
    Eligibility,
    Evidence,
    EvidenceId,
    EvidenceState,
    Need,
    Provider,
    Registration,
    RegistrationId,
    Removal,
    Suspension,
    Wants,
)
from lots.rules import eligible
from tests.store.lots.test_lots_store import NOW, a_provider, a_registration

TODAY = date(2026, 11, 23)


def test_the_short_way_to_the_register_decides_as_the_whole_register_does(db: Connection) -> None:
    luck = random.Random("a register of every kind")
    for number in range(30):
        _admit(db, luck, number)
    seen = set()
    for category in (CategoryCode.TRANSITION, CategoryCode.EMERGENCY):
        for offset in (-400, -1, 0, 1, 30, 400):
            on = TODAY + timedelta(days=offset)
            need = Need(category, 17, frozenset(Wants), Decimal(10), 1)
            whole = eligible(store.register(db), need, on)
            assert decided(eligible(store.register_for(db, category, on), need, on)) == decided(whole)
            seen |= {one.rule for one in whole.excluded} | ({"invited"} if whole.invited else set())
    assert seen >= {"invited", "A14.evidence_expired", "A14.no_evidence", "A15.suspended", "A15.removed"}
    assert seen >= {"S4.not_registered", "S4.registration_dates"}


def decided(found: Eligibility) -> tuple[object, object]:
    return [(one.provider.id, one.registration) for one in found.invited], found.excluded


def _admit(db: Connection, luck: random.Random, number: int) -> None:
    provider: Provider = replace(
        a_provider(f"Provider {number:02}"),
        evidence_asked_from=luck.choice([None, TODAY, TODAY + timedelta(days=20)]),
        suspensions=(Suspension(TODAY, luck.choice([None, TODAY]), "Quality"),) if number % 7 == 0 else (),
    )
    service.admit_provider(db, provider, _registrations(luck, provider), NOW)
    if number % 11 == 0:
        service.remove_provider(db, provider.id, Removal(TODAY, "Left"), NOW)
    for kind in store.evidence_kinds():
        if kind.per_property or luck.random() < 0.05:
            continue
        for _ in range(luck.choice([1, 1, 2])):
            first = TODAY - timedelta(days=luck.choice([0, 10, 200, 365, 366, 730, 731, 1095, 1096]))
            last = luck.choice([None, None, TODAY, TODAY - timedelta(days=1), TODAY + timedelta(days=300)])
            state = luck.choice([EvidenceState.ACCEPTED] * 9 + [EvidenceState.OFFERED])
            piece = Evidence(
                EvidenceId(uuid4()), provider.id, None, kind.key, "", first, max(first, last) if last else None, state
            )
            store.add_evidence(db, piece, NOW)


def _registrations(luck: random.Random, provider: Provider) -> list[Registration]:
    base = replace(a_registration(provider), valid_to=None)
    old = replace(base, id=RegistrationId(uuid4()), valid_from=date(2024, 1, 1), valid_to=date(2025, 12, 31))
    emergency = replace(base, id=RegistrationId(uuid4()), category=CategoryCode.EMERGENCY)
    return luck.choice([[base], [base, old], [old], [base, emergency], [base, old, emergency], []])
