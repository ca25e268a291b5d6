"""Decide about an agreement's life and what it says on a day (DPS spec 3.8.1; A30, A33)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from placements.errors import AgreementOver, AlreadyAccepted, NotItsDay, NotNow
from placements.model import Acceptance, Agreement, AgreementState, AgreementVerb, Party, Version
from placements.rules.days import london_day

_OPENED, _PART, _ACCEPTED = AgreementState.OPENED, AgreementState.PART_ACCEPTED, AgreementState.ACCEPTED
_STARTED, _NOTICE, _ENDED = AgreementState.STARTED, AgreementState.UNDER_NOTICE, AgreementState.ENDED

MOVES: Final[Mapping[tuple[AgreementState, AgreementVerb], AgreementState]] = {
    (_OPENED, AgreementVerb.ACCEPT): _PART,
    (_PART, AgreementVerb.ACCEPT): _ACCEPTED,
    (_ACCEPTED, AgreementVerb.START): _STARTED,
    (_OPENED, AgreementVerb.VARY): _OPENED,
    (_PART, AgreementVerb.VARY): _PART,
    (_ACCEPTED, AgreementVerb.VARY): _ACCEPTED,
    (_STARTED, AgreementVerb.VARY): _STARTED,
    (_NOTICE, AgreementVerb.VARY): _NOTICE,
    (_STARTED, AgreementVerb.GIVE_NOTICE): _NOTICE,
    (_OPENED, AgreementVerb.END): _ENDED,
    (_PART, AgreementVerb.END): _ENDED,
    (_ACCEPTED, AgreementVerb.END): _ENDED,
    (_STARTED, AgreementVerb.END): _ENDED,
    (_NOTICE, AgreementVerb.END): _ENDED,
}
"""Opened with its award, accepted by both, started on its day, ended once; before the start it may fall through
(A30, A34)."""


def move(state: AgreementState, verb: AgreementVerb) -> AgreementState:
    """Give the agreement's next state; raise `NotNow`."""
    if (state, verb) not in MOVES:
        raise NotNow(state, verb)
    return MOVES[state, verb]


def check_not_over(agreement: Agreement) -> None:
    """Refuse whatever comes after the end (A33, A34); raise `AgreementOver`."""
    if agreement.ended_on is not None:
        raise AgreementOver(agreement.ended_on)


def accept_agreement(agreement: Agreement, party: Party, person_id: UUID, now: datetime) -> Agreement:
    """Give the agreement with a party's acceptance: each accepts once (A30).

    Raise `AgreementOver`, `AlreadyAccepted` or `NotNow`.
    """
    check_not_over(agreement)
    for one in agreement.acceptances:
        if one.party is party:
            raise AlreadyAccepted(party, one.at)
    return replace(
        agreement,
        state=move(agreement.state, AgreementVerb.ACCEPT),
        acceptances=(*agreement.acceptances, Acceptance(party, person_id, now)),
    )


def start_agreement(agreement: Agreement, now: datetime) -> Agreement:
    """Give the agreement started, on its first day in London or later (A30).

    Raise `AgreementOver`, `NotItsDay`, or `NotNow` where a party has not accepted.
    """
    check_not_over(agreement)
    state = move(agreement.state, AgreementVerb.START)
    today = london_day(now)
    if today < agreement.starts_on:
        raise NotItsDay(agreement.starts_on, today)
    return replace(agreement, state=state)


def version_on(versions: tuple[Version, ...], on: date) -> Version:
    """Give the version that holds on a day; before all the first, after all the last that held (A33)."""
    held = [one for one in versions if one.held] or list(versions[:1])
    return max((one for one in held if one.from_on <= on), key=lambda one: one.from_on, default=held[0])


def as_it_stood(agreement: Agreement, versions: tuple[Version, ...], on: date) -> Agreement:
    """Show the agreement as it stood at the end of a day in London (A33).

    Its terms and last day are those of the version of that day, also where a later variation reaches back to it; from
    the day of a notice on, the last day is the notice's. State and acceptances are those that were recorded by then.
    """
    version = version_on(versions, on)
    acceptances = tuple(one for one in agreement.acceptances if london_day(one.at) <= on)
    over = agreement.ended_on is not None and agreement.ended_on < on
    noticed = agreement.notice_on is not None and agreement.notice_on <= on
    return replace(
        agreement,
        terms=version.terms,
        ends_on=agreement.ends_on if noticed else version.ends_on,
        acceptances=acceptances,
        state=_ENDED if over else _state_of_the_living(agreement, len(acceptances), noticed, on),
        ended_on=agreement.ended_on if over else None,
        notice_on=agreement.notice_on if noticed else None,
    )


def _state_of_the_living(agreement: Agreement, accepted: int, noticed: bool, on: date) -> AgreementState:
    """Say how far an agreement that had not ended was."""
    if noticed:
        return _NOTICE
    by_acceptance = (_OPENED, _PART, _ACCEPTED)[accepted]
    began = agreement.state in (_STARTED, _NOTICE, _ENDED) and on >= agreement.starts_on
    return _STARTED if by_acceptance is _ACCEPTED and began else by_acceptance
