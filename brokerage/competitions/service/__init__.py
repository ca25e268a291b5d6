"""The verbs of a competition: hold, ask the rules, save, return what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy import Connection

from brokerage.competitions import rules, store
from brokerage.competitions.errors import (
    BidTooLate,
    CodeNeeded,
    CodeWrong,
    NobodyEligible,
    NoSuchBid,
    NotEvaluated,
    NothingToWithdraw,
    SealBroken,
    TooManyCodes,
)
from brokerage.competitions.events import (
    BidAwarded,
    BidPlaced,
    BidRefusedLate,
    BidsEvaluated,
    BidsOpened,
    BidWithdrawn,
    CodeSent,
    CompetitionCancelledBy,
    CompetitionClosed,
    CompetitionOpened,
    FundingAuthorised,
    FundingRefused,
    FundingSupported,
    InvitationDeclined,
    SealFoundBroken,
)
from brokerage.competitions.model import (
    Award,
    AwardId,
    AwardState,
    Bid,
    BidId,
    Competition,
    CompetitionId,
    DeclineReason,
    Ending,
    Excluded,
    Fate,
    FundingStep,
    Gate,
    InvitationId,
    Invited,
    LateOffer,
    Offer,
    Opener,
    Package,
    Profile,
    Ranked,
    Receipt,
    Recipients,
    Round,
    SealedBid,
    Standing,
    State,
    Verb,
    Weights,
)
from brokerage.competitions.rules import negotiating, splitting
from brokerage.competitions.rules import seal as seals
from brokerage.competitions.rules.content import late_digest, words_digest
from brokerage.competitions.rules.reading import read_offer
from brokerage.reading import Fault, NotValid
from lots.model import Eligibility, Wants

MOST_CODES = 5
DECISIONS = ("authorise", "refuse")


def open_competition(
    db: Connection,
    authority: str,
    referral_id: UUID,
    reference: str,
    urgency: str,
    profile: Profile,
    age: int,
    weights: Weights,
    eligibility: Eligibility,
    budget_weekly: Decimal,
    housing_benefit_weekly: Decimal,
    legal_basis: str,
    opened_by: UUID | None,
    now: datetime,
    *,
    waits_for_morning: bool,
    follows: CompetitionId | None = None,
    part: Wants | None = None,
    recipients: Recipients,
) -> CompetitionOpened:
    """Publish a competition and invite everybody eligible at one instant (A20, S1). Raises NobodyEligible.

    Its offers are sealed to a key of its own, which only the recipients' keys lead to (A21).
    """
    excluded = tuple(Excluded(one.provider_id, one.provider, one.rule, one.reason) for one in eligibility.excluded)
    if not eligibility.invited:
        raise NobodyEligible(tuple((one.provider, one.reason) for one in excluded), part.value if part else None)
    window = rules.window(urgency, now, waits_for_morning=waits_for_morning)
    competition = Competition(
        authority,
        CompetitionId(uuid4()),
        referral_id,
        splitting.part_reference(reference, part),
        State.OPEN,
        urgency,
        window,
        None,
        weights,
        profile,
        rules.questions(profile.outcomes, weights),
        budget_weekly,
        housing_benefit_weekly,
        legal_basis,
        age,
        follows,
        part=part,
    )
    links = tuple(
        (
            Invited(
                InvitationId(uuid4()),
                one.provider.id,
                one.provider.name,
                one.registration.tendered,
                one.registration.block_discount,
            ),
            rules.new_token(),
        )
        for one in eligibility.invited
    )
    store.add_competition(db, competition, opened_by)
    store.add_seal(db, authority, competition.id, seals.new_seal(recipients))
    store.add_invitations(db, competition, [(one, rules.secret_hash(token)) for one, token in links], excluded, now)
    return CompetitionOpened(
        authority,
        competition.id,
        referral_id,
        competition.reference,
        profile.category.value,
        urgency,
        window.opens_at,
        window.closes_at,
        (weights.price, weights.quality, weights.social_value),
        tuple(one.provider_id for one, _ in links),
        tuple((one.provider_id, one.rule) for one in excluded),
        words_digest(store.profile_json(profile)),
        follows,
        links,
        excluded,
        profile,
        profile.bespoke,
        part,
    )


def send_code(db: Connection, gate: Gate) -> CodeSent:
    """Make a code for an offer by link (S9). Raises TooManyCodes, and what `admit` raises."""
    rules.admit(gate, "")
    code, expires_at = rules.new_code(), gate.now + rules.CODE_LIFE
    hashed = rules.code_hash(gate.invitation_id, code)
    if not store.save_code(db, gate, hashed, gate.now, expires_at, MOST_CODES, rules.CODE_LIFE):
        raise TooManyCodes
    return CodeSent(
        gate.authority, gate.competition_id, gate.reference, expires_at, gate.invitation_id, gate.provider_id, code
    )


def make_link(db: Connection, gate: Gate) -> str | None:
    """Make one more link to a held invitation, the others go on working; None where it has its most.

    Raises WindowOver, NotOpenYet, CompetitionCancelled.
    """
    rules.admit_until_close(gate)
    if store.links(db, gate) >= rules.MOST_LINKS:
        return None
    token = rules.new_token()
    store.add_link(db, gate, rules.secret_hash(token), gate.now)
    return token


def check_offer(gate: Gate, document: Mapping[str, object], today: date) -> Offer:
    """Read an offer and hold it against the window and the tendered prices, changing nothing.

    Raises BidTooLate, NotOpenYet, CompetitionCancelled before NotValid and OverTendered: one that is late is told so
    before what is wrong in it.
    """
    rules.admit(gate, late_digest(gate, document))
    offer = read_offer(document, gate, today)
    rules.check_price(gate, offer)
    return offer


def spend_try(db: Connection, gate: Gate, code: str | None) -> int | None:
    """Charge one try at the code; None when it is right, else the tries left. Raises CodeNeeded."""
    if not code:
        raise CodeNeeded
    kept = store.spend_try(db, gate, gate.now)
    if kept is None:
        return 0
    hashed, left = kept
    return None if hashed == rules.code_hash(gate.invitation_id, code) else left


def place_bid(
    db: Connection,
    gate: Gate,
    document: Mapping[str, object],
    today: date,
    *,
    code: str | None,
    request: str | None,
) -> tuple[BidPlaced | None, Receipt]:
    """Receive an offer through a held gate, and seal it (A21, A22, S2, S10, S11).

    Gives the event and the receipt; for a request that was already received, only its first receipt.
    Raises BidTooLate, NotOpenYet, CompetitionCancelled, OverTendered, NotValid, CodeWrong.
    """
    if gate.answered is not None:
        return None, store.receipt(db, gate, gate.answered)
    version = gate.last_version + 1
    offer = check_offer(gate, document, today)
    if code is not None and not store.use_code(db, gate, rules.code_hash(gate.invitation_id, code)):
        raise CodeWrong(0)
    sealed = seals.seal(gate, version, offer)
    bid = SealedBid(
        BidId(uuid4()),
        gate.competition_id,
        gate.provider_id,
        gate.invitation_id,
        version,
        gate.now,
        seals.digest_of(sealed),
        sealed,
    )
    store.put_bid(db, gate, bid, request)
    event = BidPlaced(gate.authority, gate.competition_id, bid.id, gate.now, bid.digest)
    return event, Receipt(bid.id, version, gate.now, bid.digest, gate.window.closes_at, gate.reference)


def refuse_late(db: Connection, gate: Gate, late: BidTooLate) -> BidRefusedLate | None:
    """Keep that an offer was refused as late, with its receipt; None when enough of them are kept (S10)."""
    kept = LateOffer(gate.provider_id, late.received_at, late.closed_at, late.digest)
    if not store.add_late_offer(db, gate, kept, rules.MOST_LATE):
        return None
    return BidRefusedLate(
        gate.authority,
        gate.competition_id,
        gate.invitation_id,
        gate.provider_id,
        late.received_at,
        late.closed_at,
        late.digest,
    )


def withdraw_bid(db: Connection, gate: Gate) -> BidWithdrawn:
    """Take the standing offer back, before the close (S10). Raises WindowOver, NothingToWithdraw."""
    rules.admit_until_close(gate)
    if gate.standing is None:
        raise NothingToWithdraw
    digest = store.withdraw_bid(db, gate, gate.now)
    return BidWithdrawn(gate.authority, gate.competition_id, gate.standing, gate.now, digest)


def decline(db: Connection, gate: Gate, reason: DeclineReason, note: str) -> InvitationDeclined:
    """Say that a provider will not offer; an offer it had made is withdrawn with it. Raises WindowOver."""
    rules.admit_until_close(gate)
    if gate.standing is not None:
        store.withdraw_bid(db, gate, gate.now)
    store.decline(db, gate, reason, note, gate.now)
    return InvitationDeclined(
        gate.authority, gate.competition_id, gate.invitation_id, gate.provider_id, reason.value, gate.now
    )


def close_competitions(
    db: Connection,
    authority: str,
    held: Sequence[Ending],
    standing: Mapping[UUID, Sequence[Standing]],
    out_of_standing: Mapping[UUID, tuple[tuple[UUID, str], ...]],
    now: datetime,
) -> tuple[CompetitionClosed, ...]:
    """Close held competitions of one authority whose windows are over; `held` says in which order they are told of.

    `standing` and `out_of_standing` give, by competition, the offers that stand and whose makers lost their
    standing meanwhile (S6). Raises NotNow.
    """
    ended: dict[State, list[UUID]] = {}
    for one in held:
        verb = rules.closing(one, len(standing[one.id]), now)
        ended.setdefault(rules.move(one.state, verb), []).append(one.id)
    for state, ids in ended.items():
        store.save_states(db, authority, ids, state, now)
    return tuple(
        CompetitionClosed(
            authority,
            one.id,
            one.referral_id,
            one.reference,
            now,
            one.window.closes_at,
            len(standing[one.id]),
            tuple(offer.digest for offer in standing[one.id]),
            out_of_standing[one.id],
        )
        for one in held
    )


def open_bids(
    db: Connection, competition: Competition, opener: Opener, recorded: Mapping[UUID, str], now: datetime
) -> tuple[BidsOpened, tuple[SealFoundBroken, ...]]:
    """Open the offers that stood at the close, all in one act, and list all that were ever received (A21).

    `recorded` gives the digest that the record holds of each bid since its receipt. An offer that is not as it was
    received is told of in an alarm of its own, and the others are opened.
    Raises StillSealed, AlreadyOpened, NotNow, WrongKey.
    """
    rules.check_opening(competition, now)
    private = seals.unwrap(store.seal(db, competition.authority, competition.id), opener)
    received = store.received(db, competition.authority, competition.id)
    opened: dict[BidId, Offer] = {}
    broken: list[SealFoundBroken] = []
    for one in received:
        if one.fate is not Fate.STANDING:
            continue
        try:
            opened[one.bid.id] = seals.open_bid(private, one.bid, recorded.get(one.bid.id))
        except SealBroken as alarm:
            broken.append(
                SealFoundBroken(
                    competition.authority,
                    competition.id,
                    competition.referral_id,
                    competition.reference,
                    one.bid.id,
                    one.bid.provider_id,
                    alarm.flaw.value,
                    now,
                )
            )
    store.put_opened(db, competition.authority, opened, now)
    store.save_unsealed(db, competition.authority, competition.id, now)
    event = BidsOpened(
        competition.authority,
        competition.id,
        competition.referral_id,
        competition.reference,
        now,
        opener.kind.value,
        tuple((one.bid.id, one.bid.digest) for one in received),
        len(opened),
        sum(one.fate is Fate.REPLACED for one in received),
        sum(one.fate is Fate.WITHDRAWN for one in received),
    )
    return event, tuple(broken)


def cancel_competition(db: Connection, competition: Competition, reason: str) -> CompetitionCancelledBy:
    """Cancel a held competition that is no longer needed. Raises NotNow once an offer was chosen."""
    state = rules.move(competition.state, Verb.CANCEL)
    store.save_state(db, competition.authority, competition.id, state)
    invited = store.invitations(db, competition.authority, competition.id)
    return CompetitionCancelledBy(
        competition.authority,
        competition.id,
        competition.referral_id,
        competition.reference,
        words_digest(reason),
        tuple(one.provider_id for one in invited),
    )


def evaluate(
    db: Connection,
    competition: Competition,
    scores: Mapping[UUID, Mapping[str, int]],
    by: UUID | None,
    now: datetime,
) -> tuple[BidsEvaluated, tuple[Ranked, ...]]:
    """Keep the scores of every answer and rank the offers (A24). Raises StillSealed, BeingOpened, NotNow, NotValid."""
    rules.unseal(competition, now)
    rules.move(competition.state, Verb.AWARD)
    standing = store.bids(db, competition.authority, competition.id)
    faults = rules.check_scores(competition, standing, scores)
    if faults:
        raise NotValid(tuple(Fault(pointer, message) for pointer, message in faults))
    store.save_scores(db, competition.authority, competition.id, scores, by, now)
    ranking = _rank(db, competition, standing, scores)
    places = tuple((row.bid_id, str(row.total)) for row in ranking)
    return BidsEvaluated(competition.authority, competition.id, now, places), ranking


def ranking(db: Connection, competition: Competition, now: datetime) -> tuple[Ranked, ...] | None:
    """Give the ranking as evaluated, worked out again from what is stored; None before any evaluation."""
    rules.unseal(competition, now)
    scores = store.scores(db, competition.authority, competition.id)
    if scores is None:
        return None
    return _rank(db, competition, store.bids(db, competition.authority, competition.id), scores)


def award(db: Connection, competition: Competition, bid_id: UUID, reason: str, by: UUID, now: datetime) -> BidAwarded:
    """Choose an offer of a held competition (S14, S15), with what was agreed on it where it was negotiated (A10).

    Raises StillSealed, BeingOpened, AlreadyAwarded, NotNow, NotEvaluated, NoSuchBid, ReasonNeeded.
    """
    rules.unseal(competition, now)
    if competition.state is not State.AWARDED:  # an awarded one is refused by the index, with who and when
        rules.move(competition.state, Verb.AWARD)
    ranked = ranking(db, competition, now)
    if ranked is None:
        raise NotEvaluated
    chosen = next((row for row in ranked if row.bid_id == bid_id), None)
    if chosen is None:
        raise NoSuchBid(bid_id)
    cost, agreed = _holding(db, competition, chosen)
    if competition.state is not State.AWARDED:
        rules.check_choice(ranked, chosen, reason, negotiated=agreed is not None)
    made = Award(
        competition.authority,
        AwardId(uuid4()),
        competition.id,
        chosen.bid_id,
        chosen.provider_id,
        AwardState.AWAITING_FUNDING,
        reason,
        chosen.rank,
        cost,
        by,
        now,
        (),
        agreed.id if agreed else None,
    )
    store.add_award(db, made)
    store.save_state(db, competition.authority, competition.id, rules.move(competition.state, Verb.AWARD))
    return BidAwarded(
        competition.authority,
        competition.id,
        competition.referral_id,
        competition.reference,
        made.id,
        made.bid_id,
        made.provider_id,
        chosen.rank,
        cost,
        chosen.rank != 1,
        words_digest(reason),
        now,
        ranked,
        competition.weights,
        made.round_id,
        _beside(db, competition),
    )


def decide_funding(
    db: Connection,
    authority: str,
    award_id: UUID,
    approver: UUID,
    limit: Decimal,
    decision: str,
    reason: str,
    now: datetime,
    beside: Decimal = Decimal(0),
) -> FundingAuthorised | FundingRefused | FundingSupported:
    """Authorise or refuse the money of an award (A26, S16); `beside` is the other part's weekly cost (A23).

    Locks in the one order of the house: competition, then award. Raises SamePerson, FundingNotOpen,
    AlreadySupported, CompetitionCancelled, and NotValid for a decision that is neither.
    """
    if decision not in DECISIONS:
        raise NotValid((Fault("/decision", f"The decision must be one of: {', '.join(DECISIONS)}"),))
    seen = store.award(db, authority, award_id)
    competition = store.hold(db, authority, seen.competition_id)
    held = store.award(db, authority, award_id, hold=True)
    rules.check_wanted(competition)
    rules.check_funding(held, approver)
    if decision == "refuse":
        store.add_funding(db, authority, award_id, FundingStep(approver, "refuse", reason, now))
        store.save_award_state(db, authority, award_id, AwardState.REFUSED)
        store.save_state(db, authority, competition.id, rules.move(competition.state, Verb.REVOKE))
        digest = words_digest(reason)
        return FundingRefused(authority, competition.id, award_id, held.provider_id, competition.reference, digest, now)
    if not rules.funded_by(held, limit, beside):
        store.add_funding(db, authority, award_id, FundingStep(approver, "support", reason, now))
        return FundingSupported(authority, competition.id, award_id, held.weekly_cost, limit, now, beside)
    store.add_funding(db, authority, award_id, FundingStep(approver, "authorise", reason, now))
    store.save_award_state(db, authority, award_id, AwardState.FUNDED)
    return FundingAuthorised(
        authority, competition.id, award_id, held.provider_id, competition.reference, held.weekly_cost, now, beside
    )


def agree_award(db: Connection, authority: str, award_id: UUID) -> tuple[Award, Competition, Bid, Package]:
    """Hold a funded award and mark it agreed; give what the agreement is made of, as offered or as negotiated (A10).

    Raises NotFunded, CompetitionCancelled.
    """
    seen = store.award(db, authority, award_id)
    competition = store.hold(db, authority, seen.competition_id)
    held = store.award(db, authority, award_id, hold=True)
    rules.check_wanted(competition)
    rules.check_funded(held)
    store.save_award_state(db, authority, award_id, AwardState.AGREED)
    chosen = next(bid for bid in store.bids(db, authority, competition.id) if bid.id == held.bid_id)
    agreed = store.round_of(db, held.round_id) if held.round_id else None
    return held, competition, chosen, agreed.package if agreed else rules.offered(competition, chosen)


def _holding(db: Connection, competition: Competition, chosen: Ranked) -> tuple[Decimal, Round | None]:
    """Give what the chosen offer would cost a week as it was negotiated, and the round that says so."""
    rounds = store.rounds(db, competition.authority, competition.id) if competition.bespoke else ()
    if not rounds:
        return chosen.weekly_cost, None
    bids = store.bids(db, competition.authority, competition.id)
    bid = next(one for one in bids if one.id == chosen.bid_id)
    invited = store.invitations(db, competition.authority, competition.id)
    invitation = next(one for one in invited if one.id == bid.invitation_id)
    package, agreed = negotiating.holding(competition, bid, rounds)
    return rules.cost_of_package(competition, package, invitation)[0], agreed


def _rank(
    db: Connection, competition: Competition, bids: Sequence[Bid], scores: Mapping[UUID, Mapping[str, int]]
) -> tuple[Ranked, ...]:
    invited = {one.id: one for one in store.invitations(db, competition.authority, competition.id)}
    left = replace(competition, budget_weekly=splitting.budget_left(competition, _beside(db, competition)))
    return rules.rank(left, bids, {UUID(str(key)): one for key, one in invited.items()}, scores)


def _beside(db: Connection, competition: Competition) -> Decimal:
    """Give what was chosen for the other part, a week; nothing for a whole."""
    other = store.award_beside(db, competition)
    return other.weekly_cost if other else Decimal(0)
