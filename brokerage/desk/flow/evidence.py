"""Evidence: put forward by a provider, decided by the council that keeps the register, watched every day (A14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

from brokerage.desk import store
from brokerage.desk.clock import day_in_london, morning_of
from brokerage.desk.consequences import TimerKind
from brokerage.desk.consequences.register import WATCH
from brokerage.desk.flow.applications import add_document, own_application, require_keeper
from brokerage.desk.store import Timer
from brokerage.desk.work import Work
from brokerage.people.errors import NotAllowed
from brokerage.people.model import Permission
from brokerage.people.rules import may
from lots import service as lots_service
from lots.errors import NoSuchEntry
from lots.events import EvidenceDecided, EvidenceOffered
from lots.model import Document, Evidence, EvidenceId, EvidenceState, ProviderId
from lots.store import documents as document_store


def offer_evidence(
    work: Work,
    kind: str,
    property_id: UUID | None,
    reference: str,
    valid_from: date,
    valid_to: date | None,
    content: bytes | None,
) -> EvidenceOffered:
    """Put a piece of evidence forward for the own firm, with its file; it counts once it is accepted.

    Raises NoSuchEntry, NoSuchEvidenceKind, WrongHolder, EvidenceTooOld, DocumentUnfit.
    """
    work.require(Permission.MANAGE_FIRM)
    provider_id = ProviderId(work.actor.provider_id or UUID(int=0))
    piece = Evidence(
        EvidenceId(uuid4()), provider_id, property_id, kind, reference, valid_from, valid_to, EvidenceState.OFFERED
    )
    if content is not None:
        piece = replace(piece, document_id=add_document(work, provider_id, content).id)
    event = lots_service.offer_evidence(work.db, piece, work.now)
    work.record(event, None)
    return event


def decide_evidence(work: Work, evidence_id: UUID, note: str, *, accepted: bool) -> EvidenceDecided:
    """Accept or refuse a piece of evidence; its provider is told. Raises NoSuchEntry, NotNow, ReasonMissing."""
    require_keeper(work, Permission.DECIDE_EVIDENCE)
    event = lots_service.decide_evidence(work.db, EvidenceId(evidence_id), note, work.now, accepted=accepted)
    work.record(event, None)
    return event


def look_at_document(work: Work, document_id: UUID) -> tuple[Document, bytes]:
    """Give a file to those who judge evidence or applications, and to its own firm. Raises NoSuchEntry, NotAllowed."""
    actor = work.actor
    if actor.provider_id is None and actor.application_id is None:
        judges = (Permission.DECIDE_EVIDENCE, Permission.ASSESS_APPLICATION)
        if not any(may(actor, one) for one in judges):
            raise NotAllowed(judges[0], actor.role)
        require_keeper(work, next(one for one in judges if may(actor, one)))
    found = document_store.document(work.db, document_id)
    if actor.application_id is not None:
        own: UUID | None = own_application(work, actor.application_id).provider_id
    else:
        own = actor.provider_id
    if own is not None and own != found.provider_id:
        raise NoSuchEntry("document", document_id)
    return found, document_store.content(work.db, document_id)


def watch_evidence(work: Work, timer: Timer) -> None:
    """Warn of what runs out, 60, 30 and 7 days before, and set the watch for tomorrow morning (A14).

    A watch that rang late looks at the days that it missed, too: each gives its nearest warning once.
    """
    after = day_in_london(timer.due_at) - timedelta(days=1)
    for warning in lots_service.warn_of_expiry(work.db, after, work.today):
        work.record(warning, None)
    begin_watch(work)


def begin_watch(work: Work) -> None:
    """Set the watch on evidence for the next morning, in the name of the council that keeps the register."""
    tomorrow = morning_of(work.today + timedelta(days=1))
    store.set_timers(work.db, work.keeper, [(TimerKind.WATCH_EVIDENCE.value, WATCH, tomorrow)])
