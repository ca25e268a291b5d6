"""An application in PostgreSQL, from its first section to a provider that is invited (A13, A14, A15, S25)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import Connection, insert, update
from sqlalchemy.exc import IntegrityError

from lots import service, store
from lots.errors import (
    AlreadyExtended,
    AlreadyRemoved,
    ApplicationIncomplete,
    ApplicationOpenAlready,
    DecisionAgainstFindings,
    NoSuchEntry,
    NotNow,
    ReasonMissing,
    SuspensionOver,
)
from lots.model import (
    ApplicationId,
    ApplicationState,
    CategoryCode,
    Evidence,
    EvidenceId,
    EvidenceState,
    Finding,
    Held,
    Joining,
    Need,
    OfferedPaper,
    ProviderId,
    Removal,
    Section,
    Suspension,
    SuspensionId,
    Wants,
)
from lots.rules import eligible, out_of_standing
from lots.tables import APPLICATION, EVIDENCE, REMOVAL, SUSPENSION
from tests.pure.lots.builders import JOINING, MOBILE

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
MET = [Finding(each.key, True) for each in store.criteria()]
UNMET = [Finding("dbs", False, "Two staff have none"), *(each for each in MET if each.criterion != "dbs")]
NEED = Need(CategoryCode.SHORT_TERM, 17, frozenset(Wants), Decimal(10), 1)


def apply(db: Connection, provider_id: ProviderId, joining: Joining = JOINING, now: datetime = NOW) -> ApplicationId:
    made = ApplicationId(uuid4())
    service.start_application(db, made, provider_id, "pcr2015_dps", now)
    service.confirm_mobile(db, made, MOBILE, now)
    service.submit_application(db, made, joining, now)
    return made


def admit(db: Connection, provider_id: ProviderId, joining: Joining = JOINING, now: datetime = NOW) -> ApplicationId:
    made = apply(db, provider_id, joining, now)
    service.assess_application(db, made, MET)
    service.admit_application(db, made, "", now)
    return made


def rule(db: Connection, on: date, need: Need = NEED) -> str | None:
    found = eligible(store.register_for(db, need.category, on), need, on)
    return None if found.invited else found.excluded[0].rule


def test_an_application_becomes_a_provider_that_is_invited(db: Connection) -> None:
    firm, made = ProviderId(uuid4()), ApplicationId(uuid4())
    service.start_application(db, made, firm, "pcr2015_dps", NOW)
    service.save_section(db, made, Section.AREAS, {"areas": "de1"}, NOW)
    service.save_section(db, made, Section.AREAS, {"areas": "DE1, NG7"}, NOW)
    with pytest.raises(ApplicationIncomplete):
        service.submit_application(db, made, JOINING, NOW)
    service.confirm_mobile(db, made, MOBILE, NOW)
    submitted = service.submit_application(db, made, JOINING, NOW)
    assert submitted.decide_by == date(2026, 12, 7)
    held = store.application(db, made)
    assert held.content == JOINING
    assert held.typed == {Section.AREAS: {"areas": "DE1, NG7"}}
    assert (held.state, held.confirmed, held.submitted_at) == (ApplicationState.SUBMITTED, {MOBILE}, NOW)
    with pytest.raises(NotNow):
        service.save_section(db, made, Section.AREAS, {}, NOW)
    assert not store.is_admitted(db, firm), "nobody is on the register before the decision"
    assessed = service.assess_application(db, made, MET)
    assert assessed.unmet == ()
    event = service.admit_application(db, made, "Welcome", NOW)
    assert (event.categories, event.late) == (("2.1", "2.2"), False)
    provider, registrations = store.hold_standing(db, firm)
    assert (provider.name, provider.mobile, provider.ofsted_urn) == ("Elm Homes", MOBILE, "SC900150")
    assert provider.evidence_asked_from == TODAY
    assert {one.kind for one in provider.evidence} == {paper.kind for paper in JOINING.papers}
    assert [one.category.value for one in registrations] == ["2.1", "2.2"]
    assert {(one.valid_from, one.valid_to) for one in registrations} == {(TODAY, None)}
    (home,) = store.homes(db)[firm]
    assert (home.outward_code, [len(room.beds) for room in home.rooms]) == ("DE1", [1, 2])
    assert home.evidence == (Held("housing_standard", date(2026, 1, 1), None),)
    assert [each.line for each in store.night_contacts(db)[firm]] == list(JOINING.night_lines)
    assert store.contacts(db, firm) == JOINING.contacts
    assert store.areas(db, firm) == ("DE1", "NG7")
    assert rule(db, TODAY) is None
    assert rule(db, date(2027, 1, 1)) == "A14.evidence_expired"
    with pytest.raises(NotNow):
        service.withdraw_application(db, made)


def test_a_refused_applicant_applies_again_from_what_it_typed(db: Connection) -> None:
    firm = ProviderId(uuid4())
    made = ApplicationId(uuid4())
    service.start_application(db, made, firm, "pcr2015_dps", NOW)
    service.save_section(db, made, Section.DBS, {"staff": "12"}, NOW)
    service.confirm_mobile(db, made, MOBILE, NOW)
    with pytest.raises(ApplicationOpenAlready) as refused:
        service.start_application(db, ApplicationId(uuid4()), firm, "pcr2015_dps", NOW)
    assert refused.value.application_id == made
    service.submit_application(db, made, JOINING, NOW)
    with pytest.raises(NotNow):
        service.refuse_application(db, made, "No", NOW)
    service.assess_application(db, made, UNMET)
    with pytest.raises(DecisionAgainstFindings):
        service.admit_application(db, made, "", NOW)
    with pytest.raises(ReasonMissing):
        service.refuse_application(db, made, " ", NOW)
    late = datetime(2026, 12, 8, 9, tzinfo=UTC)
    event = service.refuse_application(db, made, "DBS checks are missing", late)
    assert (event.unmet, event.reasons, event.late) == (("dbs",), ("Two staff have none",), True)
    assert not store.is_admitted(db, firm)
    again = ApplicationId(uuid4())
    service.start_application(db, again, firm, "pcr2015_dps", late, like=made)
    held = store.application(db, again)
    assert (held.typed, held.confirmed) == ({Section.DBS: {"staff": "12"}}, {MOBILE})
    service.withdraw_application(db, again)
    assert [one.state for one in store.applications_of(db, firm)] == [
        ApplicationState.WITHDRAWN,
        ApplicationState.REFUSED,
    ]
    with pytest.raises(NoSuchEntry):
        service.start_application(db, ApplicationId(uuid4()), ProviderId(uuid4()), "pcr2015_dps", NOW, like=made)
    with pytest.raises(NoSuchEntry):
        service.start_application(db, ApplicationId(uuid4()), firm, "magna_carta", NOW)


def test_the_time_for_a_decision_is_extended_once_with_a_reason(db: Connection) -> None:
    made = apply(db, ProviderId(uuid4()))
    with pytest.raises(ReasonMissing):
        service.extend_decision(db, made, " ")
    assert service.extend_decision(db, made, "References are slow").decide_by == date(2026, 12, 14)
    with pytest.raises(AlreadyExtended):
        service.extend_decision(db, made, "Still slow")
    second = apply(db, ProviderId(uuid4()), now=NOW - timedelta(days=3))
    assert [one.id for one in store.applications(db)] == [second, made], "the nearest decision first"
    assert store.waiting(db) == 2


def test_a_provider_joins_more_categories_beside_those_it_has(db: Connection) -> None:
    firm = ProviderId(uuid4())
    admit(db, firm)
    price = replace(JOINING.prices[1], category=CategoryCode.TRANSITION)
    dearer = replace(JOINING.prices[1], accommodation_weekly=Decimal("390.00"))
    more = replace(
        JOINING,
        categories=(CategoryCode.TRANSITION, CategoryCode.SHORT_TERM),
        prices=(price, dearer),
        ofsted=JOINING.ofsted,
    )
    admit(db, firm, more, NOW + timedelta(days=1))
    held = {(one.category.value, one.valid_from, one.valid_to): one for one in store.registrations(db, firm)}
    assert set(held) == {
        ("1.2", date(2026, 11, 24), None),
        ("2.1", TODAY, None),
        ("2.2", TODAY, TODAY),
        ("2.2", date(2026, 11, 24), None),
    }
    assert held["2.2", date(2026, 11, 24), None].accommodation_weekly == Decimal("390.00")
    assert len(store.homes(db)[firm]) == 1, "a home that is known is not added again"
    assert len(store.night_contacts(db)[firm]) == 2, "nor is a number"


def test_a_removed_provider_is_not_invited_until_it_is_admitted_again(db: Connection) -> None:
    firm = ProviderId(uuid4())
    admit(db, firm)
    event = service.remove_provider(db, firm, Removal(TODAY, "Left the county"), NOW)
    assert event.removed_on == TODAY
    with pytest.raises(AlreadyRemoved):
        service.remove_provider(db, firm, Removal(TODAY, "Left the county"), NOW)
    assert rule(db, TODAY) == "A15.removed"
    admit(db, firm, now=NOW + timedelta(days=2))
    assert rule(db, TODAY + timedelta(days=1)) == "A15.removed"
    assert rule(db, TODAY + timedelta(days=2)) is None
    assert store.provider(db, firm).removals == (Removal(TODAY, "Left the county", TODAY + timedelta(days=2)),)


def test_a_suspension_is_lifted_early_once_and_the_provider_is_invited_again(db: Connection) -> None:
    firm = ProviderId(uuid4())
    admit(db, firm)
    event = service.suspend_provider(db, firm, Suspension(TODAY, None, "Fire doors"), NOW)
    assert rule(db, TODAY) == "A15.suspended"
    with pytest.raises(ReasonMissing):
        service.lift_suspension(db, firm, event.suspension_id, "", NOW)
    with pytest.raises(NoSuchEntry):
        service.lift_suspension(db, firm, SuspensionId(uuid4()), "Put right", NOW)
    lifted = service.lift_suspension(db, firm, event.suspension_id, "Put right", NOW + timedelta(days=3))
    assert lifted.lifted_on == date(2026, 11, 26)
    assert rule(db, date(2026, 11, 25)) == "A15.suspended"
    assert rule(db, date(2026, 11, 26)) is None
    with pytest.raises(SuspensionOver):
        service.lift_suspension(db, firm, event.suspension_id, "Put right", NOW)
    ended = service.suspend_provider(db, firm, Suspension(TODAY, TODAY, "One day"), NOW)
    with pytest.raises(SuspensionOver) as refused:
        service.lift_suspension(db, firm, ended.suspension_id, "Late", NOW + timedelta(days=1))
    assert refused.value.over_on == TODAY


def test_evidence_that_runs_out_stops_invitations_and_accepted_evidence_lifts_that(db: Connection) -> None:
    firm = ProviderId(uuid4())
    admit(db, firm)
    after = date(2027, 1, 1)
    warned = service.warn_of_expiry(db, date(2026, 11, 30), date(2026, 12, 1))
    assert {one.days_left for one in warned} == {30}
    assert {one.evidence for one in warned} >= {"dbs", "public_liability"}
    papers = [Evidence(EvidenceId(uuid4()), firm, None, paper.kind, "renewed", after, None) for paper in JOINING.papers]
    for piece in papers:
        offered = service.offer_evidence(db, piece, NOW)
        assert offered.evidence_id == piece.id
    assert rule(db, after) == "A14.evidence_expired", "what is only put forward does not count"
    for piece in papers:
        service.decide_evidence(db, piece.id, "", NOW, accepted=True)
    assert rule(db, after) is None
    assert service.warn_of_expiry(db, date(2026, 11, 30), date(2026, 12, 1)) == ()
    with pytest.raises(NotNow):
        service.decide_evidence(db, papers[0].id, "No", NOW, accepted=False)
    with pytest.raises(NoSuchEntry):
        service.decide_evidence(db, EvidenceId(uuid4()), "", NOW, accepted=True)
    stray = replace(papers[0], id=EvidenceId(uuid4()), kind="housing_standard", property_id=uuid4())
    with pytest.raises(NoSuchEntry):
        service.offer_evidence(db, stray, NOW)
    (home,) = store.homes(db)[firm]
    service.offer_evidence(db, replace(stray, property_id=home.id), NOW)
    with pytest.raises(ReasonMissing):
        service.decide_evidence(db, stray.id, "", NOW, accepted=False)
    service.decide_evidence(db, stray.id, "Unreadable", NOW, accepted=False)
    found = {one.id: one for one in store.evidence(db, firm)}
    assert (found[stray.id].state, found[stray.id].note) == (EvidenceState.REFUSED, "Unreadable")


def test_a_provider_from_before_is_asked_for_evidence_from_a_day_on(db: Connection) -> None:
    firm = ProviderId(uuid4())
    admit(db, firm, replace(JOINING, papers=tuple(map(_endless, JOINING.papers))))
    db.execute(EVIDENCE.delete())
    service.ask_evidence(db, firm, date(2026, 12, 1))
    assert rule(db, date(2026, 11, 30)) is None
    assert rule(db, date(2026, 12, 1)) == "A14.no_evidence"
    provider, held = store.hold_standing(db, firm)
    found = out_of_standing(provider, held, CategoryCode.SHORT_TERM, 17, date(2026, 12, 1))
    assert found is not None
    assert found.rule == "A14.no_evidence", "the award asks the same"


def _endless(paper: OfferedPaper) -> OfferedPaper:
    return replace(paper, valid_to=None)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"state": "lost"}, "ck_application_state"),
        ({"submitted_at": None}, "ck_application_submitted"),
        ({"state": "draft"}, "ck_application_submitted"),
        ({"state": "admitted"}, "ck_application_decided"),
        ({"state": "refused", "decided_at": NOW}, "ck_application_refused_with_reason"),
        ({"extended_reason": " "}, "ck_application_extended_with_reason"),
    ],
)
def test_the_database_refuses_an_application_that_cannot_be(
    db: Connection, change: dict[str, object], constraint: str
) -> None:
    apply(db, ProviderId(uuid4()))
    with pytest.raises(IntegrityError, match=constraint):
        db.execute(update(APPLICATION).values(**change))


def test_the_database_refuses_standing_that_cannot_be(db: Connection) -> None:
    firm = ProviderId(uuid4())
    admit(db, firm)
    service.suspend_provider(db, firm, Suspension(TODAY, None, "Fire doors"), NOW)
    removal = {"provider_id": firm, "removed_on": TODAY, "reason": "Left", "readmitted_on": None, "removed_at": NOW}
    db.execute(insert(REMOVAL).values(id=uuid4(), **removal))
    for statement, constraint in (
        (update(SUSPENSION).values(lifted_on=TODAY), "ck_provider_suspension_lifted"),
        (insert(REMOVAL).values(id=uuid4(), **removal), "uq_provider_removal_open"),
        (update(REMOVAL).values(readmitted_on=TODAY - timedelta(days=1)), "ck_provider_removal_dates"),
        (update(EVIDENCE).values(valid_to=date(2020, 1, 1)), "ck_evidence_dates"),
        (update(EVIDENCE).values(state="refused", note=" "), "ck_evidence_note"),
        (update(EVIDENCE).values(state="offered"), "ck_evidence_decided"),
        (update(EVIDENCE).values(property_id=uuid4()), "fk_evidence_property"),
    ):
        with pytest.raises(IntegrityError, match=constraint), db.begin_nested():
            db.execute(statement)
