"""Who speaks for a party of an agreement (A30)."""

from __future__ import annotations

from uuid import UUID

from brokerage.desk.flow.agreements import agreement_of, party_of
from brokerage.desk.flow.profiles import editions
from brokerage.desk.work import Work
from brokerage.people.errors import NotSignedIn
from brokerage.people.model import Permission
from brokerage.referrals import rules as referral_rules
from brokerage.referrals import store as referral_store
from brokerage.referrals.errors import IdentityWouldShow
from brokerage.referrals.model import YoungPerson
from brokerage.referrals.rules.redaction import leaks_in, redact
from placements import store as placement_store
from placements.model import Agreement, Party


def speaker(work: Work, of_council: Permission) -> tuple[Party, UUID]:
    """Say for which party who asks acts, before anything is looked up. Raises NotAllowed, NotSignedIn."""
    party = party_of(work)
    work.require(Permission.DELIVER if party is Party.PROVIDER else of_council)
    if work.actor.person_id is None:
        raise NotSignedIn
    return party, work.actor.person_id


def speaks(work: Work, agreement_id: UUID, of_council: Permission) -> tuple[Agreement, Party, UUID]:
    """Give the agreement, and for which party who asks acts: the council's staff, or its own provider's.

    Raises NotAllowed, NotSignedIn, and NoSuchAgreement for an agreement of somebody else's.
    """
    party, person_id = speaker(work, of_council)
    return agreement_of(work, agreement_id), party, person_id


def hold(work: Work, found: Agreement) -> Agreement:
    """Hold an agreement, then read the clock."""
    held = placement_store.hold_agreement(work.db, found.authority, found.id)
    work.tick()
    return held


def young_person_of(work: Work, found: Agreement) -> YoungPerson:
    """Give who an agreement is about, to decide by; not to be shown to a provider."""
    return referral_store.referral(work.db, found.authority, found.referral_id, editions()).new.young_person


def for_both(work: Work, found: Agreement, text: str) -> str:
    """Redact words that both parties read (S7). Raises IdentityWouldShow where something known is left."""
    known = referral_rules.known(young_person_of(work, found))
    said = redact(text, known).text
    left = leaks_in((said,), known)
    if left:
        raise IdentityWouldShow(left)
    return said
