"""Turn what the referral records into the list of forms to look for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from .fold import fold, squeeze
from .model import Known
from .words import NICKNAMES, ORDINARY, PLACE_WORDS, RELATIONS, SCHOOL_WORDS, SHORT, STREET_TYPES, WORDLIKE

PERSON: Final = "[young person]"
RELATIVE: Final = "[relative]"
NAME: Final = "[name]"
SCHOOL: Final = "[school]"
ADDRESS: Final = "[address]"
POSTCODE: Final = "[postcode]"
WITHHELD: Final = "[withheld]"
PEOPLE: Final = frozenset({PERSON, RELATIVE, NAME})
# Which role speaks when a word has several: "Smith" alone is the young person, "Sharon Smith" the relative.
PRIORITY: Final = (PERSON, RELATIVE, NAME, SCHOOL, ADDRESS, POSTCODE, WITHHELD)

_WORD: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_WORD_OR_NUMBER: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+")
_POSTCODE: Final = re.compile(r"\b[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2}\b")
_LONG: Final = 6  # a name this long hides wherever its letters stand, also inside a longer word


class Strength(IntEnum):
    """When a form hides."""

    BESIDE = 0  # only beside another part of the same name or address
    INITIALS = 1  # only as capitals on their own
    CAPITAL = 2  # written with a capital, or beside another part
    ALWAYS = 3


@dataclass(slots=True)
class Form:
    """One form to look for. `own`: the referral itself writes it in several words."""

    roles: set[str]
    strength: Strength
    own: bool
    why: str


@dataclass(slots=True)
class Forms:
    """Every form, by its letters and digits alone; `initials` by role; `inside`: forms that hide inside a word too."""

    by_letters: dict[str, Form] = field(default_factory=dict)
    initials: dict[str, set[str]] = field(default_factory=dict)
    inside: dict[str, str] = field(default_factory=dict)

    def add(self, letters: str, role: str, strength: Strength, why: str, *, own: bool = False) -> None:
        """Take in a form; of two with the same letters the stronger stands, for both roles."""
        if not letters:
            return
        form = self.by_letters.setdefault(letters, Form({role}, strength, own, why))
        form.roles.add(role)
        form.own = form.own or own
        if strength > form.strength:
            form.strength, form.why = strength, why
        if role in PEOPLE and strength is Strength.ALWAYS and (len(letters) >= _LONG or _uncased(letters)):
            self.inside.setdefault(letters, role)

    def prefixes(self) -> frozenset[str]:
        """Return every beginning of a longer form."""
        return frozenset(letters[:end] for letters in self.by_letters for end in range(1, len(letters)))


def forms_of(known: Known) -> Forms:
    """List every form of every identifier in the referral."""
    forms = Forms()
    given, family, known_as = words(known.given_name), words(known.family_name), words(known.known_as)
    _person(forms, PERSON, given, family, "name on the referral")
    if known_as:
        _person(forms, PERSON, known_as, family, "name used, on the referral")
    for first in (given, known_as):
        for letters in _initials(first, family):
            forms.add(letters, PERSON, Strength.INITIALS, "initials of the young person")
    for entry in known.relatives:
        for person in _people(entry):
            _person(forms, RELATIVE, person[:-1] or person, person[-1:] if len(person) > 1 else [], "relative")
    for entry in known.others:
        _other(forms, entry)
    _school(forms, known.school)
    _address(forms, known.address)
    return forms


def words(name: str) -> list[str]:
    """Split a name into folded words; an apostrophe does not divide."""
    return _WORD.findall(fold(name).low)


def _letters(parts: Iterable[str]) -> str:
    return "".join(parts).replace("'", "")


def _uncased(letters: str) -> bool:
    return len(letters) > 1 and letters.upper() == letters


def _person(forms: Forms, role: str, given: Sequence[str], family: Sequence[str], why: str) -> None:
    """Add a person: each word alone, the whole in either order, short forms of the given names, initials."""
    for name in (given, family):
        for word in name:
            _word(forms, role, word, why, whole=len(name) == 1)
        if len(name) > 1:
            forms.add(_letters(name), role, Strength.ALWAYS, why, own=True)
    if given and family:
        _full_name(forms, role, given, family, why)
    for letters in family:
        if len(letters) > 3 and letters.isalpha():
            forms.add(letters + "y", role, Strength.ALWAYS, "nickname from a name on the referral")
            forms.add(letters + "ie", role, Strength.ALWAYS, "nickname from a name on the referral")
    for word in given:
        for short in _short_forms(_letters([word])):
            weak = short in WORDLIKE or short in SHORT
            strength = Strength.CAPITAL if weak else Strength.ALWAYS
            forms.add(short, role, strength, "short form of a name on the referral")
    forms.initials.setdefault(role, set()).update(word[0] for word in (*given, *family))


def _full_name(forms: Forms, role: str, given: Sequence[str], family: Sequence[str], why: str) -> None:
    """Add the names together, in either order, which hide glued into anything; and as a user name: jsmith, smithj."""
    for first in (given, given[:1]):
        for letters in (_letters([*first, *family]), _letters([*family, *first])):
            forms.add(letters, role, Strength.ALWAYS, why, own=True)
            if len(letters) > 4:
                forms.inside.setdefault(letters, role)
    for last in (_letters(family), _letters(family[-1:])):
        if len(last) > 2:
            forms.add(given[0][0] + last, role, Strength.ALWAYS, why)
            forms.add(last + given[0][0], role, Strength.ALWAYS, why)


def _short_forms(letters: str) -> list[str]:
    """Return the common short and long forms of a given name, the name itself left out."""
    return sorted({form for group in NICKNAMES if letters in group for form in group if form != letters})


def _word(forms: Forms, role: str, word: str, why: str, *, whole: bool) -> None:
    letters = _letters([word])
    if len(letters) == 1 and letters.upper() != letters:
        strength = Strength.BESIDE if letters in "ai" else Strength.CAPITAL
    elif (len(letters) == 2 and (not whole or letters in SHORT)) or (letters in SHORT and not whole):
        strength = Strength.CAPITAL
    else:
        strength = Strength.ALWAYS
    forms.add(letters, role, strength, why, own="'" in word)
    if "'" in word:
        for part in word.split("'"):
            forms.add(part, role, Strength.ALWAYS if len(part) > 2 else Strength.BESIDE, why)


def _initials(given: Sequence[str], family: Sequence[str]) -> set[str]:
    """Return the young person's initials, two letters or more."""
    ends = {"".join(word[0] for word in family), *(word[0] for word in family[-1:])}
    if family and "'" in family[-1]:
        ends.add("".join(part[0] for part in family[-1].split("'") if part))
    starts = {"".join(word[0] for word in given), *(word[0] for word in given[:1])}
    return {start + end for start in starts for end in ends if start and end}


def _people(entry: str) -> list[list[str]]:
    """Read the people out of "Sharon Smith (mother) and Gary": a list of words each, without relations."""
    people = []
    for chunk in re.split(r"[;,/|&()\[\]:\n]|\s[-\u2013\u2014]\s|\band\b", entry):
        kept = [word for word in words(chunk) if word not in RELATIONS]
        capitals = any(char.isupper() for char in chunk) and not chunk.isupper()
        if capitals:  # "lives with Sharon": the small ordinary words are no names
            small = {word for word in words(chunk) if word in fold(chunk).plain and word in ORDINARY}
            kept = [word for word in kept if word not in small]
        if kept:
            people.append(kept)
    return people


def _other(forms: Forms, entry: str) -> None:
    """Add a further string: a name when it is all letters, else hidden as it stands."""
    if any(char.isdigit() for char in entry):
        forms.add(squeeze(entry), WITHHELD, Strength.ALWAYS, "named in the referral as not for providers", own=True)
        return
    for person in _people(entry):
        _person(forms, NAME, person[:-1] or person, person[-1:] if len(person) > 1 else [], "name in the referral")


def _school(forms: Forms, school: str) -> None:
    """Add a school: the full name, the name without "School" and the like, its distinctive words, its initials.

    A distinctive word of a longer name hides alone when it has a capital, unless it is a town or a common place word.
    """
    why = "school on the referral"
    whole = _WORD_OR_NUMBER.findall(fold(school).low)
    last = max((place for place, word in enumerate(whole) if word not in SCHOOL_WORDS), default=-1)
    core = whole[: last + 1]
    core = core[1:] if core[:1] == ["the"] else core
    if not core:
        return
    saint = {"st": "saint", "saint": "st"}
    for name in (whole, core):
        for spelt in (name, [saint.get(word, word) for word in name]):
            _school_name(forms, spelt, why)
    for word in core:
        for letters in (_letters([word]), _letters([word.removesuffix("'s")])):
            if len(letters) > 4 and letters not in PLACE_WORDS | ORDINARY | SCHOOL_WORDS:
                forms.add(letters, SCHOOL, Strength.CAPITAL, why)
    for word in SCHOOL_WORDS - {"of", "and", "for", "the", "england", "special", "free", "learning", "unit"}:
        forms.add(word, SCHOOL, Strength.BESIDE, why)
    if len(whole) > 2:
        forms.add("".join(word[0] for word in whole), SCHOOL, Strength.INITIALS, "initials of the school")


def _school_name(forms: Forms, name: Sequence[str], why: str) -> None:
    """Add a school's name; a single word that is common hides only with a capital, a town ("Derby College") not."""
    letters = _letters(name)
    common = letters in ORDINARY or len(letters) < 4
    if len(name) == 1 and letters in PLACE_WORDS:
        return
    if len(name) == 1 and common:
        forms.add(letters, SCHOOL, Strength.CAPITAL, why)
        return
    forms.add(letters, SCHOOL, Strength.ALWAYS, why, own=True)
    forms.add(_letters([*name[:-1], name[-1].removesuffix("'s")]), SCHOOL, Strength.ALWAYS, why, own=True)


def _address(forms: Forms, address: str) -> None:
    """Add an address: house and street, street alone, house name, flat; a town only beside one of these.

    The outward half of the postcode stays (S7: providers see it), the whole postcode never.
    """
    why = "address on the referral"
    low = fold(address).low
    for match in _POSTCODE.finditer(low):
        forms.add(squeeze(match.group()), POSTCODE, Strength.ALWAYS, why)
    parts = [_WORD_OR_NUMBER.findall(part) for part in re.split(r"[,;\n]", _POSTCODE.sub("", low))]
    parts = [part for part in parts if part]
    abbreviations = {short: long for long, shorts in STREET_TYPES.items() for short in shorts}
    for place, part in enumerate(parts):
        names = [word for word in part if not word.isdigit()]
        street = any(word in STREET_TYPES or word in abbreviations for word in names[-1:] + names[:1])
        numbered = len(names) < len(part)
        if not names:
            continue
        if not (street or numbered) and (place > 0 or len(names) == 1):
            for word in part:
                forms.add(_letters([word]), ADDRESS, Strength.BESIDE, why)
            forms.add(_letters(part), ADDRESS, Strength.BESIDE, why, own=True)
            continue
        last = names[-1]
        long = abbreviations.get(last, last)
        for ending in {last, long, *STREET_TYPES.get(long, ())} if street else {last}:
            spelt = [ending if word is last else word for word in part]
            forms.add(_letters(spelt), ADDRESS, Strength.ALWAYS, why, own=True)
            at = next((n for n in range(len(spelt) - 1, -1, -1) if spelt[n].isdigit()), -1)
            tail = spelt[at + 1 :]
            if tail and len(tail[0]) == 1:  # 12a Elm Road
                tail = tail[1:]
            if len(tail) > 1:
                forms.add(_letters(tail), ADDRESS, Strength.ALWAYS, why, own=True)
            if at >= 0 and len(tail) > 1 and street:  # "12 Elm"
                forms.add(_letters([spelt[at], *tail[:-1]]), ADDRESS, Strength.ALWAYS, why, own=True)
