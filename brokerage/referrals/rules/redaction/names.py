"""Find the known names, school and address in a folded text, however they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from .fold import Folded
from .known import ADDRESS, PEOPLE, PERSON, PRIORITY, Form, Forms, Strength
from .model import Found
from .words import ORDINARY, SHORT

_RUN: Final = re.compile(r"[^\W\d_]+|\d+")
_JOINT: Final = frozenset(" \n.,'-_*/\"()")  # what may stand between the parts of one name
_CLOSE: Final = frozenset(" \n,'-_()")  # what may stand between a name and the town, initial or word beside it
_DOTTED: Final = frozenset({"", ".", ". ", " ", "-", "/", ". . "})


@dataclass(slots=True)
class _Token:
    """A run of letters or digits; a change from small to capital letters divides it. `gap` is what stands before."""

    start: int
    end: int
    low: str
    plain: str
    gap: str
    roles: set[str] | None = None
    joined: bool = False  # one hit with the token before
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Hit:
    first: int
    last: int
    form: Form


def find_names(folded: Folded, forms: Forms, prefixes: frozenset[str]) -> list[Found]:
    """Find every known form: whole words, glued, spaced out, split, initials, and what stands beside them."""
    tokens = _tokens(folded)
    waiting = []
    for hit in _hits(tokens, forms, prefixes):
        if _hides(folded, tokens, hit):
            _mark(tokens, hit)
        elif hit.form.strength in (Strength.BESIDE, Strength.CAPITAL):
            waiting.append(hit)
    _mark_neighbours(tokens, waiting, forms)
    found = _group(folded, tokens)
    if forms.inside:
        inside = "|".join(re.escape(letters) for letters in sorted(forms.inside, key=len, reverse=True))
        end = 0
        for match in re.finditer(inside, folded.low):
            if match.end() <= end:
                continue  # the widened word before holds it already
            start, end = _whole_word(folded, *match.span())
            found.append(Found(start, end, forms.inside[match.group()], "name inside a longer word"))
    return found


def _tokens(folded: Folded) -> list[_Token]:
    tokens: list[_Token] = []
    end = 0
    for match in _RUN.finditer(folded.low):
        start, stop = match.span()
        run = folded.plain[start:stop]
        if not folded.edges and (run.islower() or run[1:].islower() or len(run) == 1):
            tokens.append(_Token(start, stop, match.group(), run, folded.low[end:start]))
            end = stop
            continue
        cuts = [start]
        if not (run.isupper() or run.isdigit()):
            cuts += [start + place for place in range(1, len(run)) if _divides(run, place)]
        if folded.edges:
            cuts = sorted({*cuts, *(place for place in range(start + 1, stop) if place in folded.edges)})
        for first, last in zip(cuts, [*cuts[1:], stop], strict=True):
            gap = folded.low[end:first]
            tokens.append(_Token(first, last, folded.low[first:last], folded.plain[first:last], gap))
            end = last
    return tokens


def _divides(run: str, place: int) -> bool:
    """Say whether a new word begins here: jaydenSmith, JSmith."""
    before, here = run[place - 1], run[place]
    after = run[place + 1] if place + 1 < len(run) else ""
    return here.isupper() and (before.islower() or (before.isupper() and after.islower()))


def _hits(tokens: list[_Token], forms: Forms, prefixes: frozenset[str]) -> list[_Hit]:
    """Walk on from every token as long as the letters so far begin a known form."""
    hits = []
    for first in range(len(tokens)):
        letters = ""
        for last in range(first, len(tokens)):
            token = tokens[last]
            if last > first and not _near(token.gap, _JOINT):
                break
            letters += token.low
            form = forms.by_letters.get(letters)
            if (
                form is None
                and letters[-1] == "s"
                and len(letters) > 3
                and token.low != "s"
                and letters not in ORDINARY
            ):
                form = forms.by_letters.get(letters[:-1])  # Jaydens room
                if form is not None and form.strength not in (Strength.ALWAYS, Strength.CAPITAL):
                    form = None
            if form is not None and _one_word(tokens[first : last + 1], form, letters):
                hits.append(_Hit(first, last, form))
            if letters not in prefixes:
                break
    return hits


def _near(gap: str, allowed: frozenset[str]) -> bool:
    return len(gap) <= 3 and allowed.issuperset(gap)


def _one_word(tokens: list[_Token], form: Form, letters: str) -> bool:
    """Say whether tokens with something between them may be one form: as recorded, spaced out, or split by accident."""
    gaps = [token.gap for token in tokens[1:]]
    if form.own or not any(gaps):
        return True
    if form.strength is Strength.INITIALS or all(len(token.low) == 1 for token in tokens):
        return form.strength is Strength.INITIALS or len(letters) > 2
    if len(letters) < 5 or all(token.low in ORDINARY for token in tokens):
        return False  # "as her" is not Asher
    return all(gap.isspace() or len(gap) < 2 for gap in gaps)


def _hides(folded: Folded, tokens: list[_Token], hit: _Hit) -> bool:
    """Say whether a hit hides on its own."""
    first, last = tokens[hit.first], tokens[hit.last]
    if hit.form.strength is Strength.CAPITAL:
        return _capital(first.plain)
    if hit.form.strength is not Strength.INITIALS:
        return hit.form.strength is Strength.ALWAYS
    own = tokens[hit.first : hit.last + 1]
    if not all(token.plain.isupper() for token in own):
        return False
    if any(len(token.low) > 1 for token in own[1:]) or any(token.gap not in _DOTTED for token in own[1:]):
        return False
    around = folded.low[max(first.start - 1, 0) : first.start] + folded.low[last.end : last.end + 1]
    hour = hit.first > 0 and first.low in {"am", "pm"} and tokens[hit.first - 1].low.isdigit() and len(first.gap) < 2
    return not hour and not any(char.isalnum() for char in around)


def _capital(plain: str) -> bool:
    """Say whether a word is capitalised: Will, WILL; a word of two letters only as Jo, never IT."""
    return plain[0].isupper() and (len(plain) != 2 or plain[1].islower())


def _mark(tokens: list[_Token], hit: _Hit) -> None:
    """Give the tokens of a hit its roles: those they share with an earlier hit, else those of the longer one."""
    for place in range(hit.first, hit.last + 1):
        token = tokens[place]
        shared = token.roles & hit.form.roles if token.roles else hit.form.roles
        if shared or hit.last > hit.first:
            token.roles = set(shared or hit.form.roles)
            token.why = token.why or hit.form.why
        if place > hit.first:
            token.joined = True


def _mark_neighbours(tokens: list[_Token], waiting: list[_Hit], forms: Forms) -> None:
    """Hide what only means something beside a hidden part: particles, initials, the town of an address."""
    short = [n for n, token in enumerate(tokens) if len(token.low) == 1 or (len(token.low) < 5 and token.low.isdigit())]
    for _ in range(6):
        before = len(waiting)
        left = []
        for hit in waiting:
            if _beside(tokens, hit):
                _mark(tokens, hit)
            else:
                left.append(hit)
        waiting = left
        changed = len(waiting) < before
        for place in short:
            token = tokens[place]
            if token.roles is None and (roles := _companion(tokens, place, forms)):
                token.roles, token.why, changed = roles, "part of a name or address", True
        if not changed:
            return


def _beside(tokens: list[_Token], hit: _Hit) -> bool:
    roles = hit.form.roles
    word = tokens[hit.first]
    if all(token.roles for token in tokens[hit.first : hit.last + 1]):
        return False
    before = hit.first > 0 and _shares(tokens[hit.first - 1], roles) and _near(word.gap, _CLOSE)
    following = tokens[hit.last + 1] if hit.last + 1 < len(tokens) else None
    after = following is not None and _shares(following, roles) and _near(following.gap, _CLOSE)
    small = word.plain.islower() and (word.low in ORDINARY or word.low in SHORT) and not roles.isdisjoint(PEOPLE)
    return after or (before and not small)  # "Jayden will": no; "will Smith": yes


def _shares(token: _Token, roles: set[str]) -> bool:
    return token.roles is not None and not token.roles.isdisjoint(roles)


def _companion(tokens: list[_Token], place: int, forms: Forms) -> set[str] | None:
    """Return the roles of a single letter or a house number beside a hidden part, if it is one."""
    token = tokens[place]
    before = tokens[place - 1] if place > 0 and tokens[place - 1].roles else None
    after = tokens[place + 1] if place + 1 < len(tokens) and tokens[place + 1].roles else None
    if after is not None and ADDRESS in (after.roles or ()) and _near(after.gap, _CLOSE) and "(" not in after.gap:
        glued = place > 0 and not token.gap and tokens[place - 1].low.isdigit()
        if token.low.isdigit() or glued:
            return {ADDRESS}
    if not token.plain.isupper():
        return None
    roles: set[str] = set()
    if before is not None and after is not None and _near(token.gap, _JOINT) and _near(after.gap, _JOINT):
        roles = (before.roles or set()) & (after.roles or set()) & PEOPLE
    if not roles and after is not None and after.gap in {"", ".", " ", ". ", "-", ".\n", "\n"}:
        roles = _with_initial(after, token.low, forms)
    if not roles and before is not None and token.gap in {"", " ", ", ", ",", "-"} and token.low not in "ai":
        roles = _with_initial(before, token.low, forms)
    return roles or None


def _with_initial(token: _Token, letter: str, forms: Forms) -> set[str]:
    return {role for role in token.roles or () if letter in forms.initials.get(role, ())}


def _group(folded: Folded, tokens: list[_Token]) -> list[Found]:
    """Join hidden tokens that stand together and share a role."""
    found: list[Found] = []
    place = 0
    while place < len(tokens):
        roles = tokens[place].roles
        if roles is None:
            place += 1
            continue
        last = place
        while last + 1 < len(tokens):
            following = tokens[last + 1]
            if following.roles is None:
                break
            shared = roles & following.roles
            if not following.joined and not (shared and _continues(tokens[last], following, shared)):
                break
            roles = shared or roles
            last += 1
        if not found or tokens[last].end > found[-1].end:
            role = next(role for role in PRIORITY if role in roles)
            start, end = _whole_word(folded, tokens[place].start, tokens[last].end)
            found.append(Found(start, end, role, tokens[place].why))
        place = last + 1
    return found


def _continues(token: _Token, following: _Token, roles: set[str]) -> bool:
    gap = following.gap
    if not _near(gap, _JOINT) or not {*gap}.isdisjoint('()/*"') or ("_" in gap and gap != "_"):
        return False
    if "." in gap:
        return len(token.low) == 1
    return "," not in gap or PERSON in roles or ADDRESS in roles


def _whole_word(folded: Folded, start: int, end: int) -> tuple[int, int]:
    """Widen to the letters and digits glued on: JaydenSmith2009."""
    low, edges = folded.low, folded.edges
    while start > 0 and start not in edges and low[start - 1].isalnum():
        start -= 1
    while end < len(low) and end not in edges and low[end].isalnum():
        end += 1
    return start, end
