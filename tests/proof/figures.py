"""A figure, its goal, and the module that proves it."""

from __future__ import annotations

import operator
import os
import platform
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Final

PACKAGE: Final = "tests.proof"
_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "=": operator.eq,
    "<=": operator.le,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number. `goal` is `= N`, `<= N` or `>= N`, or empty where only the number is asked for."""

    name: str
    value: float
    goal: str
    unit: str
    how: str

    @property
    def reached(self) -> bool:
        """Say whether the goal was reached."""
        if not self.goal:
            return True
        found = re.fullmatch(r"(=|<=|>=) (\d+(?:\.\d+)?)", self.goal)
        if found is None:
            raise ValueError(f"{self.name}: the goal {self.goal!r} is no comparison")
        return _COMPARISONS[found[1]](self.value, float(found[2]))


@dataclass(eq=False)
class Skipped(Exception):
    """A proof cannot be made on this machine; its figures stay as they are."""

    why: str

    def __str__(self) -> str:
        return self.why


@dataclass(frozen=True, slots=True)
class Proof:
    """A module that proves: `NAMES`, the figures it gives, and `prove(quick)`, which gives them."""

    module: str
    names: tuple[str, ...]
    prove: Callable[[bool], Iterator[Figure]]


def proofs() -> tuple[Proof, ...]:
    """Find every module of this package that has `NAMES` and `prove`."""
    paths = import_module(PACKAGE).__path__
    modules = (import_module(f"{PACKAGE}.{one.name}") for one in iter_modules(paths) if _may_prove(one.name))
    proving = (module for module in modules if hasattr(module, "NAMES"))
    return tuple(Proof(one.__name__.rpartition(".")[2], one.NAMES, one.prove) for one in proving)


def machine() -> str:
    """Say what the figures were taken on."""
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def _may_prove(name: str) -> bool:
    return name not in {"__main__", "figures"} and not name.startswith("test_")
