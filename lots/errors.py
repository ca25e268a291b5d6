"""Say no about the register, carrying the facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from lots.model import CategoryCode, ProviderId


class LotsError(Exception):
    """Something about lots, providers or registrations cannot be done."""


class CatalogueNotValid(LotsError):
    """The catalogue of lots and categories does not say what it must."""


@dataclass(eq=False)
class NoSuchProvider(LotsError):
    """No provider with this number is on the register."""

    provider_id: UUID


@dataclass(eq=False)
class ProviderAlreadyAdmitted(LotsError):
    """This provider is on the register already."""

    provider_id: ProviderId


@dataclass(eq=False)
class OverlappingRegistration(LotsError):
    """This provider already has a registration in this category for some of these days."""

    provider_id: ProviderId
    category: CategoryCode
    valid_from: date
    valid_to: date | None


@dataclass(eq=False)
class RegistrationOfAnother(LotsError):
    """A registration names another provider than the one being admitted."""

    provider_id: ProviderId
    named: ProviderId
