"""See a text as a reader would: without case, marks, invisible characters or look-alike letters."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

ROLES: Final = (
    "[young person]",
    "[relative]",
    "[name]",
    "[school]",
    "[address]",
    "[date of birth]",
    "[birthday]",
    "[NHS number]",
    "[National Insurance number]",
    "[pupil number]",
    "[postcode]",
    "[phone number]",
    "[email address]",
    "[social media name]",
    "[web address]",
    "[withheld]",
)
ROLE_WORD: Final = re.compile("|".join(map(re.escape, ROLES)))
MASK: Final = "\uffff"  # stands for each character of a role word: no letter, no digit, no separator

_BROKEN_LINE: Final = re.compile(r"(?<=[^\W\d_])[-\u2010][ \t]{0,3}\r?\n[ \t]{0,3}(?=[^\W\d_])")
_RUN: Final = re.compile(r"(?P<usual>[ !-,.-_a-~]+)|(?s:.)")  # a hyphen or line end may be unseen, ` is an apostrophe
_APOSTROPHES: Final = "\u2018\u2019\u201a\u201b\u02bc\u02bb\u02b9\u02be\u02bf\u02c8`\u00b4\u2032\uff07\ua78c\u055a"
_HYPHENS: Final = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d\u2043\u2e3a"
_STROKED: Final = (  # letters with a stroke, hook or ligature, which do not decompose
    "ł l Ł L ø o Ø O đ d Đ D \u0131 i ß ss ẞ SS æ ae Æ AE œ oe Œ OE þ th Þ Th ð d Ð D ħ h Ħ H ŧ t Ŧ T "
    "ɓ b Ɓ B ɗ d Ɗ D ƙ k Ƙ K ǝ e Ǝ E ə e Ə E"
)
_CYRILLIC: Final = (
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0410\u0412\u0415\u041a\u041c"
    "\u041d\u041e\u0420\u0421\u0422\u0425\u0423\u0406\u0408\u0405"
)
_GREEK: Final = "\u03bf\u03b1\u03bd\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
_LETTERS: Final = str.maketrans(
    {
        **dict.fromkeys(_APOSTROPHES, "'"),
        **dict.fromkeys(_HYPHENS, "-"),
        **dict(zip(_STROKED.split()[::2], _STROKED.split()[1::2], strict=True)),
        **dict(zip(_CYRILLIC, "aeopcyxijsABEKMHOPCTXYIJS", strict=True)),  # those that look Latin
        **dict(zip(_GREEK, "oavABEZHIKMNOPTYX", strict=True)),
    }
)
_UNSEEN: Final = frozenset("\u115f\u1160\u3164\uffa0\u0640\u2800")


@dataclass(frozen=True, slots=True)
class Folded:
    """`plain` keeps case, `low` does not; both as long as `origin`, the place of each character in the source.

    `edges` are the places in `low` where something invisible stood: a word may, but need not, end there.
    """

    source: str
    plain: str
    low: str
    origin: tuple[int, ...]
    edges: frozenset[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the place in the source of `low[start:end]`, with the marks that belong to its last letter."""
        last = self.origin[end - 1] + 1
        while last < len(self.source) and not _seen(self.source[last]):
            last += 1
        return self.origin[start], last


def _seen(char: str) -> str:
    """Return what a reader sees of one character: nothing, or one or more plain characters."""
    if " " <= char <= "~":
        return "'" if char == "`" else char
    if char.isspace():
        return char if char == "\n" else " "
    if char in _UNSEEN or unicodedata.category(char) in {"Cc", "Cf", "Cn", "Co", "Cs"}:
        return ""
    decimal = unicodedata.decimal(char, None)
    if decimal is not None:
        return str(decimal)
    parts = unicodedata.normalize("NFKD", char.translate(_LETTERS))
    kept = "".join(part for part in parts if not unicodedata.category(part).startswith("M"))
    return kept.translate(_LETTERS)


def fold(text: str) -> Folded:
    """Fold a text, keeping for each character where it came from. Role words become masks."""
    masked = [match.span() for match in ROLE_WORD.finditer(text)]
    unseen = {place for match in _BROKEN_LINE.finditer(text) for place in range(*match.span())}
    plain: list[str] = []
    origin: list[int] = []
    edges: set[int] = set()
    place = 0
    for start, end in [*masked, (len(text), len(text))]:
        for run in _RUN.finditer(text, place, start):
            index = run.start()
            if run.lastgroup == "usual":
                plain.append(run.group())
                origin.extend(range(index, run.end()))
                continue
            shown = "" if index in unseen else _seen(run.group())
            if not shown and not unicodedata.category(run.group()).startswith("M"):
                edges.add(len(origin))
            plain.append(shown)
            origin.extend([index] * len(shown))
        plain.append(MASK * (end - start))
        origin.extend(range(start, end))
        place = end
    kept = "".join(plain)
    low = kept.lower()
    if len(low) != len(kept):  # a letter whose small form is longer
        low = "".join(char.lower() if len(char.lower()) == 1 else char for char in kept)
    return Folded(text, kept, low, tuple(origin), frozenset(edges))


def squeeze(text: str) -> str:
    """Return the letters and digits of a text, folded, with nothing between them."""
    return "".join(char for char in fold(text).low if char.isalnum())
