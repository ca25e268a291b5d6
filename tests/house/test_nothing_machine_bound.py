"""Nothing in the tree belongs to one machine, one network or one living person.

The forbidden words are put together from pieces here, so that this file passes its own tests.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
SKIPPED: Final = {".git", ".venv", "node_modules", "__pycache__", "dist", "build", ".demo"}

REGISTRIES: Final = tuple(
    ".".join(pieces)
    for pieces in (
        ("pypi", "org"),
        ("files", "python" + "hosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("npm", "pkg", "github", "com"),
        ("proxy", "golang", "org"),
        ("index", "crates", "io"),
        ("static", "crates", "io"),
        ("registry-1", "docker", "io"),
        ("deb", "debian", "org"),
        ("jfrog", "io"),
    )
)
HOST: Final = re.compile("|".join(re.escape(name) for name in REGISTRIES) + r"|artifact" + r"ory|nexus-" + "repo", re.I)
LOCKED_ADDRESS: Final = re.compile('"resol' + r'ved"\s*:\s*"https?:')
MACHINE_PATH: Final = re.compile(
    r"(?<![\w.}*])/(?:" + "|".join(("wo" + "rk", "ro" + "ot", "ho" + "me", "Us" + "ers")) + ")/"
)
SECRET: Final = re.compile(
    "|".join(
        (
            "AK" + r"IA[0-9A-Z]{16}\b",
            "-----BEGIN [A-Z ]*PRIVATE" + " KEY",
            "gh" + r"[pousr]_[A-Za-z0-9]{30,}",
            "github" + r"_pat_[A-Za-z0-9_]{30,}",
            "gl" + r"pat-[\w-]{20}",
            "xo" + r"x[abprs]-[\w-]{10,}",
            r"\b(?:sk|rk)" + r"_live_\w{10,}",
            "py" + r"pi-[\w-]{40,}",
            # Twilio's account, key and message numbers; examples in tests are all one digit.
            r"\b(?:AC|SK)(?!(.)\1{31})[0-9a-f]{32}\b",
            # An address that carries a password, unless the password says that it is none.
            r"\w://\w+:(?!pass(?:word)?@|secret@|\*|\$|<|\{|\.)[^\s:@/'\"{}]{3,}@",
        )
    )
)
MOBILE: Final = re.compile(r"(?<![\w.+])(?:(?:\+|00)44[ ]?(?:\(0\))?[ ]?7|447|07)(?:[ -]?[0-9]){9}(?![\w]|\.[0-9])")


def national(number: str) -> str:
    """Write a found mobile number as 07 and nine digits."""
    return "07" + re.sub(r"\D", "", number)[-9:]


def for_drama(number: str) -> bool:
    """Say whether Ofcom keeps the number free for fiction: 07700 900000 to 900999."""
    return national(number).startswith("07700" + "900")


def files() -> list[Path]:
    """List what is, or would be, committed: tracked files and new ones that are not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0 and listed.stdout:
        found = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:  # an unpacked archive
        found = [path for path in ROOT.rglob("*") if not SKIPPED & set(path.relative_to(ROOT).parts)]
    return sorted(path for path in found if path.is_file() and not path.is_symlink())


def text_lines() -> Iterator[tuple[str, str]]:
    """Yield the place (`path:line`) and text of every line of every text file."""
    for path in files():
        content = path.read_bytes()
        if b"\0" in content[:8192]:
            continue
        for number, line in enumerate(content.decode(errors="replace").splitlines(), 1):
            yield f"{path.relative_to(ROOT)}:{number}", line


def places(pattern: re.Pattern[str]) -> list[str]:
    return [f"{place}: {found[0]}" for place, line in text_lines() if (found := pattern.search(line))]


def test_the_tree_is_looked_at() -> None:
    assert Path(__file__).resolve() in files()


def test_no_package_registry_is_named() -> None:
    assert places(HOST) == []
    assert places(LOCKED_ADDRESS) == []


def test_no_path_of_one_machine_is_named() -> None:
    assert places(MACHINE_PATH) == []


def test_nothing_looks_like_a_secret() -> None:
    # Only the place: a secret does not become less of one in a build log.
    assert [place for place, line in text_lines() if SECRET.search(line)] == []


def test_every_mobile_number_is_one_kept_for_fiction() -> None:
    real = [place for place, line in text_lines() for found in MOBILE.findall(line) if not for_drama(found)]
    assert real == []


@pytest.mark.parametrize(
    ("pattern", "sample"),
    [
        (HOST, "https://" + REGISTRIES[0] + "/simple"),
        (LOCKED_ADDRESS, '"resol' + 'ved": "https://example.test/a.tgz"'),
        (MACHINE_PATH, "cd /wo" + "rk/main"),
        (MACHINE_PATH, "'/ro" + "ot/.cache'"),
        (SECRET, "AK" + "IA" + "ABCDEFGHIJKLMNOP"),
        (SECRET, "S" + "K" + "0123456789abcdef" * 2),
        (SECRET, "postgresql://app:" + "hunter22" + "@db/x"),
        (MOBILE, "07" + "911 123456"),
        (MOBILE, "+44 " + "7911 123 456"),
        (MOBILE, "447" + "911123456"),
        (MOBILE, "00447" + "911-123-456"),
    ],
)
def test_what_must_be_found_is_found(pattern: re.Pattern[str], sample: str) -> None:
    found = pattern.search(sample)
    assert found is not None
    if pattern is MOBILE:
        assert not for_drama(found[0])


@pytest.mark.parametrize(
    ("pattern", "sample"),
    [
        (MACHINE_PATH, "https://example.test/some/wo" + "rk/today"),
        (MACHINE_PATH, "{{ base }}/ho" + "me/"),
        (SECRET, "A" + "C" + "0" * 32),
        (SECRET, "postgresql://postgres@/postgres?host=/tmp"),
        (MOBILE, "3f" + "07" + "911123456a"),
        (MOBILE, "0." + "07" + "911123456"),
    ],
)
def test_what_is_harmless_is_let_through(pattern: re.Pattern[str], sample: str) -> None:
    assert pattern.search(sample) is None


@pytest.mark.parametrize("number", ["07700 900123", "+44 7700 900999", "+447700900000", "07700-900-456"])
def test_numbers_for_fiction_are_recognised_however_written(number: str) -> None:
    found = MOBILE.search(number)
    assert found is not None
    assert for_drama(found[0])
