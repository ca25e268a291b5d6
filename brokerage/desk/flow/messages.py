"""What comes back from messages: reports, texts of providers, and invitees that were not reached."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from brokerage.competitions import service as competitions
from brokerage.competitions import store as competition_store
from brokerage.competitions.errors import CompetitionCancelled, NotOpenYet, WindowOver
from brokerage.competitions.events import InviteeNotReached, TextAnswered
from brokerage.competitions.model import Competition, DeclineReason, Gate, Invitation, State, TextAnswer
from brokerage.desk.work import Work
from brokerage.people.model import Actor, Role
from lots import store as lots
from lots.model import Provider, ProviderId
from notifications import service as notifications
from notifications.model import Inbound, Message, Reply, Report, Status
from notifications.rules import bare_reference, failure

AT_ONCE: Final = 100
"""Invitees told of in one look."""

HELP_LASTS: Final = timedelta(hours=1)
"""An answer that is older than this answers nothing."""

Window = tuple[Competition, Invitation]


def receive_report(work: Work, report: Report) -> None:
    """Take the supplier's word on a message (C8). Raises UnknownMessage."""
    notifications.report(work.db, report, work.now)


def receive_text(work: Work, text: Inbound) -> None:
    """Do what a text asks for: a fresh link, a decline, no more texts or texts again; once a text.

    A sender can be spoofed: no text makes or undoes an offer, and what it causes goes to the registered number (C12).
    """
    text_id = notifications.receive(work.db, text.sid, work.now)
    if text_id is None:
        return
    providers = [one for one in lots.providers(work.db) if one.mobile == text.sender]
    whose = providers[0].id if providers else None
    if text.reply in {Reply.STOP, Reply.START}:
        change = notifications.opt_out if text.reply is Reply.STOP else notifications.opt_in
        change(work.db, text.sender, work.now)
        notifications.answer(work.db, text_id, whose, "stopped" if text.reply is Reply.STOP else "started")
    elif whose is not None and notifications.may_answer(work.db, whose, work.now):
        did = _numbered(work, text, text_id, providers) or _help(work, text_id, providers[0])
        notifications.answer(work.db, text_id, whose, did)


def tell_not_reached(work: Work) -> int:
    """Tell the coordinators of every invitee that a message did not reach, once; answer how many (C5)."""
    failed = notifications.untold(work.db, "invitation", AT_ONCE)
    if not failed:
        return 0
    invitations = {message.subject_id for message in failed}
    belongings = competition_store.belongings(work.db, invitations)
    siblings = notifications.about(work.db, invitations, "invitation")
    register = {one.id: one for one in lots.providers(work.db)}
    for message in failed:
        place = belongings[message.subject_id]
        provider = register[ProviderId(place.provider_id)]
        event = InviteeNotReached(
            message.authority,
            place.competition_id,
            message.subject_id,
            message.id,
            provider.id,
            place.reference,
            message.medium.value,
            failure(message.status, message.last_error).value,
            _other(message, siblings),
            work.now,
            provider.name,
            provider.phone,
            provider.email,
        )
        work.record(event, place.referral_id)
    notifications.tell(work.db, failed, work.now)
    return len(failed)


def _other(message: Message, siblings: Sequence[Message]) -> str:
    """Say how the same invitation fared by the other medium."""
    others = [one.status for one in siblings if one.subject_id == message.subject_id and one.medium != message.medium]
    if not others:
        return "none"
    return "waiting" if others[-1] in {Status.QUEUED, Status.SENDING} else others[-1].value


def _numbered(work: Work, text: Inbound, text_id: UUID, providers: Sequence[Provider]) -> str | None:
    """Do what "1" or "2" asks for where it is plain which invitation is meant; say what was done."""
    if text.reply not in {Reply.LINK, Reply.DECLINE}:
        return None
    meant = [
        (one, invitation)
        for provider in providers
        for one, invitation, _ in competition_store.of_provider(work.db, provider.id)
        if one.state is State.OPEN and work.now in one.window and text.reference in {"", bare_reference(one.reference)}
    ]
    if len(meant) != 1:
        return None
    try:
        act = _link if text.reply is Reply.LINK else _decline
        return act(work, text_id, meant[0])
    except (WindowOver, NotOpenYet, CompetitionCancelled):
        return None  # it closed a moment ago


def _link(work: Work, text_id: UUID, window: Window) -> str | None:
    gate = _gate(work, window)
    token = competitions.make_link(work.db, gate)
    if token is None:
        return None
    _answer(work, text_id, gate, TextAnswer.LINK, token)
    return "link"


def _decline(work: Work, text_id: UUID, window: Window) -> str:
    gate = _gate(work, window)
    if gate.standing is not None:
        _answer(work, text_id, gate, TextAnswer.OFFER_STANDS)
        return "decline"
    if window[1].declined_at is None:
        event = competitions.decline(work.db, gate, DeclineReason.OTHER, "By text message")
        work.record(event, gate.referral_id)
    _answer(work, text_id, gate, TextAnswer.DECLINED)
    return "decline"


def _gate(work: Work, window: Window) -> Gate:
    invitation = window[1]
    door = (invitation.id, invitation.provider_id)
    gate = competition_store.gate(work.db, work.clock.sql, token_hash=None, invitation=door, hold=True)
    work.actor = Actor(Role.PROVIDER, "by text", provider_id=gate.provider_id)  # whom the record names
    work.at(gate.now)
    return gate


def _answer(work: Work, text_id: UUID, gate: Gate, answer: TextAnswer, token: str | None = None) -> None:
    event = TextAnswered(
        gate.authority,
        text_id,
        gate.provider_id,
        gate.invitation_id,
        gate.reference,
        gate.window.closes_at,
        gate.now,
        answer,
        gate.window.closes_at,
        token,
    )
    work.record(event, gate.referral_id)


def _help(work: Work, text_id: UUID, provider: Provider) -> str:
    """Tell a provider how to reply, once an hour, in the name of the council that invited it last."""
    invited = competition_store.of_provider(work.db, provider.id)
    if not invited or not notifications.may_help(work.db, provider.id, work.now):
        return "nothing"
    latest, _, _ = invited[0]
    until = work.now + HELP_LASTS
    event = TextAnswered(
        latest.authority,
        text_id,
        provider.id,
        None,
        latest.reference,
        until,
        work.now,
        TextAnswer.HELP,
        None,
        None,
    )
    work.record(event, None)
    return "help"
