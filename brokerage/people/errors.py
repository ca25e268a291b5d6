"""How people and access say no."""

from __future__ import annotations

from dataclasses import dataclass

from brokerage.people.model import Permission, Purpose, Role


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


@dataclass(eq=False)
class ProofNeeded(PeopleError):
    """A grave deed, and the last proof of who sits there is too old."""

    permission: Permission


@dataclass(eq=False)
class TooManyTries(PeopleError):
    """The same thing was tried too often; `retry_after` is in seconds."""

    retry_after: int


@dataclass(eq=False)
class SignInFailed(PeopleError):
    """Address and password do not belong together. Nothing says which of them is wrong, or whether either is known."""


@dataclass(eq=False)
class CodeNotRight(PeopleError):
    """The one-time code is wrong, was used before, or is too old."""


@dataclass(eq=False)
class LinkOver(PeopleError):
    """A link to set up, reset or sign in is used, too old, or was never there."""


@dataclass(eq=False)
class PasswordTooEasy(PeopleError):
    """The password is too short, or the first that somebody would guess."""

    why: str
    least: int


@dataclass(eq=False)
class NoSuchPerson(PeopleError):
    """There is nobody of this number whom the asker may manage."""


@dataclass(eq=False)
class NoSuchSession(PeopleError):
    """There is no session of this number that the asker may end."""


@dataclass(eq=False)
class NotYourself(PeopleError):
    """Nobody changes their own roles or limit, or ends their own account."""


@dataclass(eq=False)
class RolesUnfit(PeopleError):
    """These roles cannot be given here, or not together."""

    why: str
    role: Role


@dataclass(eq=False)
class EmailTaken(PeopleError):
    """Somebody signs in with this e-mail address already."""


@dataclass(eq=False)
class LimitUnfit(PeopleError):
    """A weekly limit is for somebody who authorises money."""


@dataclass(eq=False)
class NotInvited(PeopleError):
    """The council's sign-in service knows who it is, and nobody here was invited under that address."""

    service: str


@dataclass(eq=False)
class ServiceFailed(PeopleError):
    """The council's sign-in service answered in a way that cannot be trusted, or not at all."""

    service: str


@dataclass(eq=False)
class NoCodeAddress(PeopleError):
    """There is nowhere to send a code to."""

    purpose: Purpose


class NoSuchFeed(PeopleError):
    """There is no calendar at this address, or it was withdrawn."""
