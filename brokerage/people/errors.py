"""How people and access say no."""

from __future__ import annotations

from dataclasses import dataclass

from brokerage.people.model import Permission, Role


class PeopleError(Exception):
    """Base of every refusal about who may do what."""


@dataclass(eq=False)
class NotSignedIn(PeopleError):
    """Nobody is signed in, or the access key is not known."""


@dataclass(eq=False)
class NotAllowed(PeopleError):
    """The person's role does not include this."""

    permission: Permission
    role: Role


@dataclass(eq=False)
class KeyNotKnown(PeopleError):
    """The access key that was typed belongs to nobody."""


@dataclass(eq=False)
class NoKeeper(PeopleError):
    """No council keeps the register yet."""


@dataclass(eq=False)
class NoSuchAuthority(PeopleError):
    """No authority has this key."""

    key: str


class NoSuchFeed(PeopleError):
    """There is no calendar at this address, or it was withdrawn."""
