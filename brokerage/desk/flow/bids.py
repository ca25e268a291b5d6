"""The provider's side: look, ask for a code, offer, withdraw, decline."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from brokerage.competitions import rules as competition_rules
from brokerage.competitions import service as competitions
from brokerage.competitions import store as competition_store
from brokerage.competitions.errors import BidTooLate, CodeWrong, NoSuchInvitation
from brokerage.competitions.events import (
    BidPlaced,
    BidWithdrawn,
    CodeSent,
    InvitationDeclined,
)
from brokerage.competitions.model import (
    DeclineReason,
    Gate,
    Offer,
    Receipt,
)
from brokerage.competitions.rules.content import request_name
from brokerage.desk.work import Desk, Work
from brokerage.people.model import Actor, Permission, Role


def look_at_invitation(work: Work, key: str | UUID) -> Gate:
    """Show an invitation by its link or to the signed-in provider; noting the sight is all that changes (A28)."""
    gate = gate_of(work, key, hold=False)
    competition_store.mark_seen(work.db, gate, gate.now)
    return gate


def send_code(work: Work, key: str) -> CodeSent:
    """Send a 6-digit code to the provider's registered mobile (S9)."""
    gate = gate_of(work, key, hold=True)
    event = competitions.send_code(work.db, gate)
    _record_unnamed(work, event, gate.referral_id)
    return event


def check_offer(work: Work, key: str | UUID, document: Mapping[str, object]) -> tuple[Gate, Offer]:
    """Hold an offer against the window and the tendered prices, before it is sent."""
    gate = gate_of(work, key, hold=False)
    return gate, competitions.check_offer(gate, document, work.today)


def refuse_late(desk: Desk, actor: Actor, key: str | UUID, late: BidTooLate) -> None:
    """Keep that an offer came too late, in a transaction of its own that holds no competition (S10)."""
    with desk.work(actor) as work:
        gate = gate_of(work, key, hold=False)
        event = competitions.refuse_late(work.db, gate, late)
        if event is not None:
            work.record(event, gate.referral_id)


def place_bid(
    desk: Desk,
    actor: Actor,
    key: str | UUID,
    document: Mapping[str, object],
    *,
    code: str | None,
    request_key: str | None,
) -> Receipt:
    """Receive an offer: hold the competition, then read the clock, then decide (A21, A22, S2, S9, S10).

    By link a code is needed where the authority asks for one, unless the link's own provider is signed in;
    a try is charged in a transaction of its own, so that a refusal does not give it back. What is refused as late
    leaves its receipt behind.
    """
    try:
        return _place_bid(desk, actor, key, document, code, request_key)
    except BidTooLate as late:
        refuse_late(desk, actor, key, late)
        raise


def withdraw_bid(work: Work, key: str | UUID) -> BidWithdrawn:
    """Take a provider's standing offer back, before the close (S10)."""
    gate = gate_of(work, key, hold=True)
    event = competitions.withdraw_bid(work.db, gate)
    _record_unnamed(work, event, gate.referral_id)
    return event


def decline(work: Work, key: str | UUID, reason: DeclineReason, note: str) -> InvitationDeclined:
    """Note that a provider cannot offer, and why; one button, no code (S9)."""
    gate = gate_of(work, key, hold=True)
    event = competitions.decline(work.db, gate, reason, note)
    work.record(event, gate.referral_id)
    return event


def _place_bid(
    desk: Desk,
    actor: Actor,
    key: str | UUID,
    document: Mapping[str, object],
    code: str | None,
    request_key: str | None,
) -> Receipt:
    request = request_name(request_key, document) if request_key else None
    if isinstance(key, str) and actor.provider_id is None:
        _check_code(desk, actor, key, document, code, request)
    with desk.work(actor) as work:
        gate = gate_of(work, key, hold=True, request=request)
        spent = code if isinstance(key, str) and gate.offer_code and actor.provider_id is None else None
        event, receipt = competitions.place_bid(work.db, gate, document, work.today, code=spent, request=request)
        if event is not None:
            _record_unnamed(work, event, gate.referral_id)
        return receipt


def _record_unnamed(work: Work, event: BidPlaced | BidWithdrawn | CodeSent, about: UUID) -> None:
    """Record what a provider did without its name: the feed of an open competition tells nobody who offers (S8)."""
    named, work.actor = work.actor, Actor(Role.PROVIDER, "a provider")
    work.record(event, about)
    work.actor = named


def gate_of(work: Work, key: str | UUID, *, hold: bool, request: str | None = None) -> Gate:
    """Find an invitation by its link, or by its id for the provider it belongs to."""
    sql = work.clock.sql
    if isinstance(key, str):
        token_hash = competition_rules.secret_hash(key)
        gate = competition_store.gate(work.db, sql, token_hash=token_hash, invitation=None, hold=hold, request=request)
        if work.actor.provider_id not in {None, gate.provider_id}:
            raise NoSuchInvitation  # signed in as one provider, with another's link
        if work.actor.person_id is None:
            work.actor = Actor(Role.PROVIDER, "by link", provider_id=gate.provider_id)  # whom the record names
    else:
        work.require(Permission.BID)
        if work.actor.provider_id is None:
            raise NoSuchInvitation
        door = (key, work.actor.provider_id)
        gate = competition_store.gate(work.db, sql, token_hash=None, invitation=door, hold=hold, request=request)
    work.at(gate.now)
    return gate


def _check_code(
    desk: Desk, actor: Actor, key: str, document: Mapping[str, object], code: str | None, request: str | None
) -> None:
    with desk.work(actor) as work:
        gate = gate_of(work, key, hold=False, request=request)
        if not gate.offer_code or gate.answered is not None:
            return
        competitions.check_offer(gate, document, work.today)
        left = competitions.spend_try(work.db, gate, code)
        if left is not None and gate_of(work, key, hold=False, request=request).answered is not None:
            return  # the other click of a double click used the code a moment ago
    if left is not None:
        raise CodeWrong(left)
