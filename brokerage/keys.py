"""Keys that open offers: made, kept in files, read. Public halves are settings; private ones never are."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from brokerage.competitions.model import KEY_BYTES, KeyKind, Opener, Recipients
from brokerage.competitions.rules.seal import new_pair, public_half

FILES: Final = {KeyKind.OPENING: "opening.key", KeyKind.RECOVERY: "recovery.key"}
"""The private key files that `make` writes."""


@dataclass(eq=False)
class KeyNotUsable(Exception):
    """A key file cannot be read or written, or does not hold a key."""

    path: Path
    why: str

    def __str__(self) -> str:
        return f"{self.path}: {self.why}"


def make(folder: Path) -> Recipients:
    """Make both pairs, private halves in files only their owner may read; replace none. Raises KeyNotUsable."""
    publics = []
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in FILES.values():
            if (folder / name).exists():
                raise KeyNotUsable(folder / name, "is there already; offers sealed for it would be lost with it")
        for name in FILES.values():
            private, public = new_pair()
            with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(in_text(private) + "\n")
            publics.append(public)
    except OSError as fault:
        raise KeyNotUsable(folder, fault.strerror or type(fault).__name__) from fault
    return Recipients(*publics)


def read(path: Path, kind: KeyKind) -> Opener:
    """Read a private key file. Raises KeyNotUsable."""
    try:
        text = path.read_text(encoding="ascii")
    except (OSError, ValueError) as fault:
        raise KeyNotUsable(path, getattr(fault, "strerror", None) or "is not a key file") from fault
    try:
        return Opener(kind, from_text(text))
    except ValueError:
        raise KeyNotUsable(path, "is not a key file") from None


def kept_or_made(folder: Path) -> tuple[Recipients, Opener]:
    """Give the demo's own keys from a folder, made there the first time. Raises KeyNotUsable."""
    if not (folder / FILES[KeyKind.OPENING]).exists():
        make(folder)
    opener, recovery = (read(folder / name, kind) for kind, name in FILES.items())
    return Recipients(public_half(opener.private), public_half(recovery.private)), opener


def in_text(key: bytes) -> str:
    """Write a key as settings and files hold it."""
    return base64.b64encode(key).decode()


def from_text(text: str) -> bytes:
    """Read a key from its text. Raises ValueError."""
    key = base64.b64decode(text.strip(), validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes")
    return key
