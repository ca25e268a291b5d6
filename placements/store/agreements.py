"""Read and keep agreements and their versions (A30, A33)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Row, Select, Uuid, any_, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from lots.model import CategoryCode, Price, ProviderId, Wants
from placements.errors import AlreadyAgreed, NoSuchAgreement
from placements.model import (
    Acceptance,
    Agreement,
    AgreementId,
    AgreementState,
    Introduction,
    Party,
    Sibling,
    Terms,
    VariationId,
    Version,
)
from placements.rules import as_it_stood, other_part
from placements.tables import ACCEPTANCE, AGREEMENT, VERSION


def agreement(db: Connection, authority: str, agreement_id: AgreementId) -> Agreement:
    """Read one agreement of the authority, with the terms it was opened with; raise `NoSuchAgreement`."""
    return _one(db, select(AGREEMENT).where(AGREEMENT.c.authority == authority), agreement_id)


def agreement_on(db: Connection, authority: str, agreement_id: AgreementId, on: date) -> Agreement:
    """Read one agreement of the authority as it stood on a day (A33); raise `NoSuchAgreement`."""
    return as_it_stood(agreement(db, authority, agreement_id), versions(db, authority, agreement_id), on)


def agreement_for_provider(db: Connection, provider_id: ProviderId, agreement_id: AgreementId) -> Agreement:
    """Read one agreement of the provider, whichever authority made it; raise `NoSuchAgreement`."""
    return _one(db, select(AGREEMENT).where(AGREEMENT.c.provider_id == provider_id), agreement_id)


def agreements(
    db: Connection,
    authority: str,
    *,
    states: Collection[AgreementState] | None = None,
    of: Collection[ProviderId] | None = None,
    referral_id: UUID | None = None,
) -> tuple[Agreement, ...]:
    """Read the authority's agreements, the latest start first: in some states, of some providers, of one referral."""
    wanted = select(AGREEMENT).where(AGREEMENT.c.authority == authority)
    if states is not None:
        wanted = wanted.where(AGREEMENT.c.state.in_([one.value for one in states]))
    if of is not None:
        wanted = wanted.where(AGREEMENT.c.provider_id.in_(list(of)))
    if referral_id is not None:
        wanted = wanted.where(AGREEMENT.c.referral_id == referral_id)
    return _many(db, wanted)


def running_references(
    db: Connection, authority: str, of: Collection[ProviderId], on: date
) -> tuple[tuple[AgreementId, str, ProviderId], ...]:
    """Read id, reference and provider of what some providers' agreements are not over on a day, by provider."""
    rows = db.execute(
        select(AGREEMENT.c.id, AGREEMENT.c.reference, AGREEMENT.c.provider_id)
        .where(
            AGREEMENT.c.authority == authority,
            AGREEMENT.c.provider_id.in_(list(of)),
            AGREEMENT.c.state != AgreementState.ENDED.value,
            AGREEMENT.c.ends_on >= on,
        )
        .order_by(AGREEMENT.c.provider_id, AGREEMENT.c.reference, AGREEMENT.c.id)
    )
    return tuple((AgreementId(own), reference, ProviderId(firm)) for own, reference, firm in rows.all())


def listed_agreements(
    db: Connection,
    whose: str | ProviderId,
    states: Collection[AgreementState],
    words: str,
    skipping: int,
    most: int,
) -> tuple[tuple[Agreement, ...], int]:
    """Read one page of an authority's or a provider's agreements, the latest start first, and count all of them.

    `words` is a part of the reference.
    """
    own = AGREEMENT.c.authority == whose if isinstance(whose, str) else AGREEMENT.c.provider_id == whose
    known = (own, AGREEMENT.c.state.in_([one.value for one in states]))
    wanted = (*known, AGREEMENT.c.reference.icontains(words.replace("\0", ""), autoescape=True))
    count = db.execute(select(func.count()).select_from(AGREEMENT).where(*wanted)).scalar_one()
    return _many(db, select(AGREEMENT).where(*wanted).offset(skipping).limit(most)), count


def agreements_among(db: Connection, authority: str, ids: Collection[AgreementId]) -> Mapping[AgreementId, Agreement]:
    """Read some agreements of the authority by their ids."""
    wanted = AGREEMENT.c.id == any_(literal(list(ids), ARRAY(Uuid)))
    return {one.id: one for one in _many(db, select(AGREEMENT).where(AGREEMENT.c.authority == authority, wanted))}


def agreements_of_provider(db: Connection, provider_id: ProviderId) -> tuple[Agreement, ...]:
    """Read every agreement of the provider, the latest start first."""
    return _many(db, select(AGREEMENT).where(AGREEMENT.c.provider_id == provider_id))


def agreement_of_award(db: Connection, authority: str, award_id: UUID) -> Agreement | None:
    """Read the agreement made from the award, if there is one."""
    found = _many(db, select(AGREEMENT).where(AGREEMENT.c.authority == authority, AGREEMENT.c.award_id == award_id))
    return found[0] if found else None


def hold_agreement(db: Connection, authority: str, agreement_id: AgreementId) -> Agreement:
    """Hold an agreement, to change it or what belongs to it; raise `NoSuchAgreement`."""
    held = db.execute(
        select(AGREEMENT.c.id)
        .where(AGREEMENT.c.authority == authority, AGREEMENT.c.id == agreement_id)
        .with_for_update(key_share=True)
    ).one_or_none()
    if held is None:
        raise NoSuchAgreement(agreement_id)
    # Read after the lock: what another transaction wrote while this one waited counts.
    return agreement(db, authority, agreement_id)


def versions(db: Connection, authority: str, agreement_id: AgreementId) -> tuple[Version, ...]:
    """Read every version of an agreement by number, those that never held too (A33)."""
    rows = db.execute(
        select(VERSION)
        .where(VERSION.c.authority == authority, VERSION.c.agreement_id == agreement_id)
        .order_by(VERSION.c.number)
    )
    return tuple(version_of(row) for row in rows)


def save_agreement(db: Connection, agreement: Agreement) -> None:
    """Add an agreement; raise `AlreadyAgreed`, after which the transaction can still be used."""
    facts = asdict(agreement) | terms_columns(agreement.terms) | asdict(agreement.introduction)
    del facts["terms"], facts["introduction"], facts["acceptances"], facts["sibling"]
    facts |= _sibling_columns(agreement)
    facts["state"] = agreement.state.value
    facts["part"] = agreement.part.value if agreement.part else None
    facts["outcomes"] = pairs_text(agreement.outcomes)
    try:
        with db.begin_nested():
            db.execute(insert(AGREEMENT).values(**facts))
    except IntegrityError as refused:
        if constraint(refused) == "uq_agreement_award":
            raise AlreadyAgreed(agreement.award_id) from None
        raise


def save_agreement_state(db: Connection, agreement: Agreement) -> None:
    """Keep how far an agreement has come: state, last day, end and what was funded."""
    db.execute(
        update(AGREEMENT)
        .where(AGREEMENT.c.authority == agreement.authority, AGREEMENT.c.id == agreement.id)
        .values(
            state=agreement.state.value,
            ends_on=agreement.ends_on,
            ended_on=agreement.ended_on,
            funded_weekly=agreement.funded_weekly,
            reviews_from=agreement.reviews_from,
            notice_on=agreement.notice_on,
        )
    )


def save_sibling(db: Connection, agreement: Agreement) -> None:
    """Keep which agreement is the other part of the placement."""
    db.execute(
        update(AGREEMENT)
        .where(AGREEMENT.c.authority == agreement.authority, AGREEMENT.c.id == agreement.id)
        .values(**_sibling_columns(agreement))
    )


def _sibling_columns(agreement: Agreement) -> dict[str, UUID | None]:
    other = agreement.sibling
    return {
        "sibling_id": other.agreement_id if other else None,
        "sibling_provider_id": other.provider_id if other else None,
    }


def save_acceptance(db: Connection, agreement: Agreement, acceptance: Acceptance) -> None:
    """Add a party's acceptance."""
    db.execute(
        insert(ACCEPTANCE).values(
            authority=agreement.authority,
            agreement_id=agreement.id,
            party=acceptance.party.value,
            person_id=acceptance.person_id,
            accepted_at=acceptance.at,
        )
    )


def save_versions(db: Connection, agreement: Agreement, wanted: tuple[Version, ...]) -> None:
    """Make the kept versions those: earlier ones give way first, then new ones are added; none is taken away."""
    kept = {one.number: one for one in versions(db, agreement.authority, agreement.id)}
    for one in wanted:
        if one.number in kept and one.until_on != kept[one.number].until_on:
            db.execute(
                update(VERSION)
                .where(
                    VERSION.c.authority == agreement.authority,
                    VERSION.c.agreement_id == agreement.id,
                    VERSION.c.number == one.number,
                )
                .values(until_on=one.until_on)
            )
    for one in wanted:
        if one.number not in kept:
            db.execute(
                insert(VERSION).values(
                    authority=agreement.authority,
                    agreement_id=agreement.id,
                    number=one.number,
                    from_on=one.from_on,
                    until_on=one.until_on,
                    ends_on=one.ends_on,
                    limit_accommodation_weekly=one.limits.accommodation_weekly,
                    limit_support_hourly=one.limits.support_hourly,
                    variation_id=one.variation_id,
                    made_at=one.made_at,
                    **terms_columns(one.terms),
                )
            )


def terms_columns(terms: Terms) -> dict[str, Any]:
    """Give the columns that terms fill, in an agreement and in a version alike."""
    return asdict(terms) | {"category": terms.category.value, "services": pairs_text(terms.services)}


def _one(db: Connection, query: Select[Any], agreement_id: AgreementId) -> Agreement:
    found = _many(db, query.where(AGREEMENT.c.id == agreement_id))
    if not found:
        raise NoSuchAgreement(agreement_id)
    return found[0]


def _many(db: Connection, query: Select[Any]) -> tuple[Agreement, ...]:
    rows = db.execute(query.order_by(AGREEMENT.c.starts_on.desc(), AGREEMENT.c.reference, AGREEMENT.c.id)).all()
    accepted: Mapping[tuple[str, UUID], list[Acceptance]] = defaultdict(list)
    if rows:
        for row in db.execute(
            select(ACCEPTANCE)
            .where(
                ACCEPTANCE.c.authority.in_({row.authority for row in rows}),
                ACCEPTANCE.c.agreement_id.in_([row.id for row in rows]),
            )
            .order_by(ACCEPTANCE.c.accepted_at, ACCEPTANCE.c.party)
        ):
            acceptance = Acceptance(Party(row.party), row.person_id, row.accepted_at)
            accepted[row.authority, row.agreement_id].append(acceptance)
    return tuple(_agreement(row, tuple(accepted[row.authority, row.id])) for row in rows)


def _agreement(row: Row[Any], acceptances: tuple[Acceptance, ...]) -> Agreement:
    return Agreement(
        authority=row.authority,
        id=AgreementId(row.id),
        reference=row.reference,
        award_id=row.award_id,
        referral_id=row.referral_id,
        provider_id=ProviderId(row.provider_id),
        terms=_terms(row),
        introduction=Introduction(row.met_on, row.waiver_reason),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        state=AgreementState(row.state),
        agreed_at=row.agreed_at,
        outcomes=pairs(row.outcomes),
        under_18=row.under_18,
        ofsted_urn=row.ofsted_urn,
        funded_weekly=row.funded_weekly,
        acceptances=acceptances,
        ended_on=row.ended_on,
        reviews_from=row.reviews_from,
        notice_on=row.notice_on,
        part=Wants(row.part) if row.part else None,
        sibling=_sibling(row),
        apart_reason=row.apart_reason,
    )


def _sibling(row: Row[Any]) -> Sibling | None:
    if row.sibling_id is None:
        return None
    return Sibling(AgreementId(row.sibling_id), ProviderId(row.sibling_provider_id), other_part(Wants(row.part)))


def version_of(row: Row[Any]) -> Version:
    """Turn a row into a version."""
    return Version(
        number=row.number,
        from_on=row.from_on,
        until_on=row.until_on,
        ends_on=row.ends_on,
        terms=_terms(row),
        limits=Price(row.limit_accommodation_weekly, row.limit_support_hourly),
        variation_id=None if row.variation_id is None else VariationId(row.variation_id),
        made_at=row.made_at,
    )


def _terms(row: Row[Any]) -> Terms:
    return Terms(
        category=CategoryCode(row.category),
        hours=row.hours,
        accommodation_weekly=row.accommodation_weekly,
        support_hourly=row.support_hourly,
        housing_benefit_weekly=row.housing_benefit_weekly,
        beds=row.beds,
        block_discount=row.block_discount,
        weekly_cost=row.weekly_cost,
        bespoke=row.bespoke,
        services=pairs(row.services),
    )


def pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Read (key, text) pairs."""
    return tuple((key, words) for key, words in json.loads(text))


def pairs_text(found: tuple[tuple[str, str], ...]) -> str:
    """Write (key, text) pairs."""
    return json.dumps(found, separators=(",", ":"), ensure_ascii=False)


def constraint(refused: IntegrityError) -> str | None:
    """Name the constraint that refused."""
    diagnostics = getattr(refused.orig, "diag", None)
    return getattr(diagnostics, "constraint_name", None)
