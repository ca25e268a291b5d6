"""What may be negotiated of a bespoke package, between the opening and the award (DPS spec 3.2.4, A10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from brokerage.competitions.errors import NotBespoke, OthersRound, OwnRound, RoundDecided
from brokerage.competitions.model import Bid, Competition, Package, Round, RoundState, RoundVerb, Verb
from brokerage.competitions.rules import check_wanted, move, offered, unseal

ROUND_MOVES: Final[Mapping[tuple[RoundState, RoundVerb], RoundState]] = {
    (RoundState.PROPOSED, RoundVerb.AGREE): RoundState.AGREED,
    (RoundState.PROPOSED, RoundVerb.REFUSE): RoundState.REFUSED,
    (RoundState.PROPOSED, RoundVerb.WITHDRAW): RoundState.WITHDRAWN,
}
"""Proposed by one party, agreed or refused by the other, or taken back: each once."""


def negotiate(competition: Competition, now: datetime) -> None:
    """Let a bespoke package be negotiated once its offers are opened, and until one is chosen.

    Raises NotBespoke, CompetitionCancelled, StillSealed, BeingOpened, NotNow.
    """
    if not competition.bespoke:
        raise NotBespoke
    check_wanted(competition)
    unseal(competition, now)
    move(competition.state, Verb.NEGOTIATE)


def answer_round(found: Round, verb: RoundVerb, person_id: UUID, now: datetime, *, by_provider: bool) -> Round:
    """Give a round with the other party's word, or taken back by its own.

    Raises RoundDecided, OwnRound for answering one's own, OthersRound for taking back another's.
    """
    if (found.state, verb) not in ROUND_MOVES:
        raise RoundDecided(found.state)
    own = found.by_provider == by_provider
    if verb is RoundVerb.WITHDRAW and not own:
        raise OthersRound
    if verb is not RoundVerb.WITHDRAW and own:
        raise OwnRound
    return replace(found, state=ROUND_MOVES[found.state, verb], answered_by=person_id, answered_at=now)


def holding(competition: Competition, bid: Bid, rounds: Iterable[Round]) -> tuple[Package, Round | None]:
    """Give the package that an award of this offer takes: of its last agreed round, else as it was offered.

    Rounds of other offers count for nothing here.
    """
    agreed = (one for one in rounds if one.invitation_id == bid.invitation_id and one.state is RoundState.AGREED)
    last = max(agreed, key=lambda one: one.number, default=None)
    return (offered(competition, bid), None) if last is None else (last.package, last)
