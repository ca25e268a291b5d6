"""One set of keys for all tests: what offers are sealed for, and what opens them."""

from __future__ import annotations

from typing import Final

from brokerage.competitions.model import KeyKind, Opener, Recipients
from brokerage.competitions.rules.seal import new_pair

_OPENING, _RECOVERY = new_pair(), new_pair()
RECIPIENTS: Final = Recipients(_OPENING[1], _RECOVERY[1])
OPENER: Final = Opener(KeyKind.OPENING, _OPENING[0])
RECOVERY: Final = Opener(KeyKind.RECOVERY, _RECOVERY[0])
