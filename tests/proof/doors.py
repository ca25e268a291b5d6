"""What every route of the application stands for, as `doors.txt` says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from brokerage.people.model import Permission

OPEN: Final = "open"
SIGNED_IN: Final = "signed in"
"""Whoever is signed in may: what is shown is their own."""

Need = str | frozenset[Permission]


def _read() -> Iterator[tuple[tuple[str, str], Need]]:
    for line in Path(__file__).with_suffix(".txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            methods, path, words = line.split(maxsplit=2)
            plain = words in {OPEN, SIGNED_IN}
            need = words if plain else frozenset(Permission(one) for one in words.split(" or "))
            for method in methods.split("+"):
                yield (method, path), need


NEEDS: Final[Mapping[tuple[str, str], Need]] = dict(_read())
