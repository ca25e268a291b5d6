"""Replace what is found by role words, until nothing is found; and list what a person should look at."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from .fold import ROLE_WORD, fold, squeeze
from .known import Forms, forms_of
from .model import Found, Known, Redacted, Replacement
from .names import find_names
from .patterns import birth_pattern, find_patterns
from .words import KNOWN_WORDS, ORDINARY

_WORD: Final = re.compile(r"[^\W\d_](?:[^\W_]|['\u2019&-](?=[^\W_]))*|\d{6,}")
_REFERENCE: Final = re.compile(r"[A-Za-z]{1,2}-?\d{1,5}[A-Za-z]?")  # R-2041, DE22: providers see these
_STOP: Final = re.compile(r"[.!?:;•\n]|^\s*[-*]\s*$")
_LOOK_ALIKE: Final = 5  # letters a word needs before one letter's difference counts


class _Search:
    """Everything to look for on behalf of one young person."""

    def __init__(self, known: Known) -> None:
        self.forms: Forms = forms_of(known)
        self.prefixes = self.forms.prefixes()
        self.birth = birth_pattern(known.date_of_birth)
        self.nhs_number = known.nhs_number
        self.near = {
            variant
            for letters in self.forms.by_letters
            if letters.isalpha() and _LOOK_ALIKE <= len(letters) <= 16
            for variant in _holes(letters)
        }

    def find(self, text: str) -> list[Found]:
        """Return what is found, in the text's own places, in order, overlapping finds made one."""
        folded = fold(text)
        found = [
            *find_patterns(folded, self.birth, fold(self.nhs_number).low),
            *find_names(folded, self.forms, self.prefixes),
        ]
        joined: list[Found] = []
        for one in sorted(found, key=lambda item: (item.start, -item.end)):
            if joined and one.start < joined[-1].end:
                last = joined[-1]
                longer = one if one.end - one.start > last.end - last.start else last
                joined[-1] = Found(last.start, max(last.end, one.end), longer.role, longer.why)
            else:
                joined.append(one)
        return [Found(*folded.span(one.start, one.end), one.role, one.why) for one in joined]


def redact(text: str, known: Known) -> Redacted:
    """Replace every identifier in a text by a role word; a text without any comes back as it was.

    Postcondition: `leaks(redact(text, known).text, known) == ()`.
    """
    return _redact(text, _Search(known))


def redact_all(texts: Mapping[str, str], known: Known) -> Mapping[str, Redacted]:
    """Redact several texts about one young person, by their keys."""
    search = _Search(known)
    return {key: _redact(text, search) for key, text in texts.items()}


def leaks(text: str, known: Known) -> tuple[str, ...]:
    """Return every identifier still in a text, as written there: the last gate before the market."""
    return leaks_in((text,), known)


def leaks_in(texts: Iterable[str], known: Known) -> tuple[str, ...]:
    """Return every identifier still in any of several texts about one young person."""
    search = _Search(known)
    return tuple(text[one.start : one.end] for text in texts for one in search.find(text))


@dataclass(frozen=True, slots=True)
class _Shown:
    """A text with some stretches replaced, and the way back to places in the original."""

    text: str
    starts: tuple[int, ...]
    shifts: tuple[int, ...]

    def origin(self, place: int) -> int:
        """Return where a kept character stood in the original."""
        return place + self.shifts[bisect_right(self.starts, place) - 1]


def _redact(text: str, search: _Search) -> Redacted:
    """Hide, look again at what is shown, until nothing is found.

    Once is not enough: a role word put in divides what was glued together. It ends, since each round hides at least
    one more character and role words are never searched.
    """
    hidden: list[Replacement] = []
    for round_ in itertools.count():
        shown = _show(text, hidden)
        found = search.find(shown.text)
        if not found:
            break
        for start, end, one in _widened(shown.text, found, round_):
            start, end = shown.origin(start), shown.origin(end - 1) + 1
            hidden.append(Replacement(start, end, text[start:end], one.role, one.why))
        hidden.sort(key=lambda item: item.start)
    return Redacted(shown.text, tuple(hidden), _remains(shown.text, search))


def _widened(text: str, found: list[Found], round_: int) -> Iterator[tuple[int, int, Found]]:
    """Return the stretch to hide for each find: from the fifth round on all up to the next space, later the next line.

    Text that keeps giving up one more identifier a round is a chain (a name glued to a name, a thousand times):
    taking it whole keeps the work small.
    """
    if round_ < 4:
        yield from ((one.start, one.end, one) for one in found)
        return
    stop = r"[\s\uffff]" if round_ < 8 else r"[\n\uffff]" if round_ < 12 else "\uffff"
    bare = ROLE_WORD.sub(lambda match: "\uffff" * len(match.group()), text)
    stops = [-1, *(match.start() for match in re.finditer(stop, bare)), len(text)]
    done = 0
    for one in found:
        start = max(done, stops[bisect_right(stops, one.start) - 1] + 1)
        end = max(one.end, stops[bisect_left(stops, one.end)])
        if end > start:
            yield start, end, one
            done = end


def _show(text: str, hidden: list[Replacement]) -> _Shown:
    pieces, starts, shifts = [], [0], [0]
    place = length = 0
    for one in hidden:
        pieces += [text[place : one.start], one.role]
        length += one.start - place + len(one.role)
        place = one.end
        starts.append(length)
        shifts.append(place - length)
    pieces.append(text[place:])
    return _Shown("".join(pieces), tuple(starts), tuple(shifts))


def _remains(text: str, search: _Search) -> tuple[str, ...]:
    """List once each the capitalised runs, long numbers and near-misses of known names that a person should judge.

    Left out: months, weekdays, the words of councils and services, and ordinary words that begin a sentence (also
    any word that the same text writes small elsewhere).
    """
    seen: dict[str, None] = {}
    run: list[str] = []
    bare = ROLE_WORD.sub(lambda match: "\uffff" * len(match.group()), text)
    small = {match.group() for match in _WORD.finditer(bare) if match.group().islower()}
    near: dict[str, bool] = {}
    end = 0

    def close() -> None:
        if run:
            seen.setdefault(" ".join(run))
            run.clear()

    for match in _WORD.finditer(bare):
        gap, word, end = bare[end : match.start()], match.group(), match.end()
        if word.islower():
            close()
            if _LOOK_ALIKE <= len(word) <= 18 and word not in near:
                near[word] = word not in ORDINARY and not search.near.isdisjoint(_holes(squeeze(word)))
            if near.get(word):
                seen.setdefault(word)
            continue
        if gap != " ":
            close()
        low = word.lower().replace("\u2019", "'").removesuffix("'s")
        begins = not run and (match.start() == 0 or bool(_STOP.search(gap)))
        ordinary = low in ORDINARY or low.split("'")[0] in ORDINARY or low in small
        if word.isdigit():
            seen.setdefault(word)
        elif low in KNOWN_WORDS or _REFERENCE.fullmatch(word) or (begins and ordinary):
            close()
        else:
            run.append(word)
    close()
    return tuple(seen)


def _holes(letters: str) -> set[str]:
    """Return a word with each one letter left out, and itself: two words that share one are a slip apart."""
    return {letters, *(letters[:place] + letters[place + 1 :] for place in range(len(letters)))}
