"""Find what has a shape: numbers, postcodes, phones, addresses on the web, and the date of birth in any usual form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from .fold import MASK, Folded
from .model import Found

_MONTHS: Final = (
    "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
    "september sept sep", "october oct", "november nov", "december dec",
)  # fmt: skip
_ORDINALS: Final = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
    "twentieth",
)  # fmt: skip

_EMAIL: Final = re.compile(
    r"[\w.+%'&-]{1,64} ?(?:@|[\[(] ?at ?[\])]) ?[\w-]{1,63}(?:(?:\.| ?[\[(] ?dot ?[\])] ?)[\w-]{1,63}){1,6}"
)
_WEB: Final = re.compile(
    rf"(?<![\w@])(?:https?://|www\.)[^\s{MASK}<>\"]+"
    rf"|(?<![\w@.-])(?:[a-z0-9-]{{1,63}}\.){{1,4}}(?:com|co\.uk|org|net|uk|io|gg)(?![\w-])(?:/[^\s{MASK}<>\"]*)?"
    rf"|(?<![\w@.-])(?:[a-z0-9-]{{1,63}}\.){{1,4}}[a-z]{{2,10}}/[^\s{MASK}<>\"]+"
)
_HANDLE: Final = re.compile(r"@[^\W\d][\w.]{0,63}")
_NI: Final = re.compile(
    r"(?<![^\W_])(?:[a-z]{2}[ .-]?\d{2}[ .-]?\d{2}[ .-]?\d{2}[ .-]?[a-d](?![^\W_])"
    r"|(?P<open>[a-ceghj-prstw-z][a-ceghj-nprstw-z])[ .-]?\d{2}[ .-]?\d{2}[ .-]?\d{2}(?![^\W_]|[ .-]?\d))"
)
_POSTCODE: Final = re.compile(
    r"(?<![^\W_])(?:gir ?0aa|[a-z]{1,2}\d[a-z\d]?[ \n._-]{0,2}\d[abd-hjlnp-uw-z]{2})(?![^\W_])"
)
_PHONE: Final = re.compile(
    r"(?=[+(\d])(?:(?<![\d£.])(?:(?:\(?\+|\(?00)\s?44[\s().-]{0,3}(?:0\)?[\s.-]{0,2})?|44[\s.-]?(?=7)|\(?0)"
    r"\d(?:[\s().-]{0,2}\d){8,9}(?!\d)"
    r"|(?<![\d£.])7\d{3}[ -]?\d{3}[ -]?\d{3}(?!\d)"
    r"|\+\d(?:[ ().-]{0,2}\d){7,13}(?!\d))"
)
_WEEKDAY: Final = re.compile(r"(?<![^\W_])(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}[\s,.-]{1,3}(?:the\s)?\Z")
_TEN: Final = re.compile(r"(?<!\d)\d{3}[\s.-]{0,2}\d{3}[\s.-]{0,2}\d{4}(?!\d)")
_TEN_LABELLED: Final = re.compile(r"\bnhs[^\d]{0,16}(\d(?:[ .-]?\d){9})(?!\d)")
_PUPIL: Final = re.compile(r"(?<![^\W_])[a-z]\d{11}[a-z\d](?![^\W_])")
# pattern, what a text must hold for it to be worth looking, role, why
_SHAPES: Final = (
    (_EMAIL, re.compile(r"@|[\[(] ?at"), "[email address]", "shape of an e-mail address"),
    (_WEB, re.compile(r"[./][\w/]"), "[web address]", "shape of a web address"),
    (_HANDLE, re.compile("@"), "[social media name]", "@name"),
    (_PUPIL, re.compile(r"\d{11}"), "[pupil number]", "shape of a unique pupil number"),
)


def find_patterns(folded: Folded, birth: re.Pattern[str] | None, nhs_number: str) -> Iterator[Found]:
    """Find every identifier that is known by its shape alone, the given NHS number and the date of birth."""
    low = folded.low
    for pattern, sign, role, why in _SHAPES:
        for match in pattern.finditer(low) if sign.search(low) else ():
            yield Found(match.start(), match.start() + len(match.group().rstrip(".,;:!?)'")), role, why)
    for match in _NI.finditer(low):
        if match.group("open") and folded.plain[match.start() : match.end("open")].islower():
            continue  # "on 01-01-01"; without its last letter the number must be in capitals
        yield Found(*match.span(), "[National Insurance number]", "shape of a National Insurance number")
    for match in _POSTCODE.finditer(low):
        if not _counts(folded, match):
            yield Found(*match.span(), "[postcode]", "shape of a postcode")
    for match in _PHONE.finditer(low):
        if _is_phone(match.group()):
            yield Found(*match.span(), "[phone number]", "shape of a phone number")
    yield from _health_numbers(low, nhs_number)
    if birth is not None:
        yield from _births(folded, birth)


def _counts(folded: Folded, match: re.Match[str]) -> bool:
    """Say whether what looks like a postcode is a count: "A1 2nd", with small letters."""
    return folded.plain[match.end() - 2 : match.end()] in {"st", "nd", "rd", "th", "hr"} and " " in match.group()


def _is_phone(text: str) -> bool:
    """Say whether digits are grouped as in a phone number, not as a row of figures."""
    return len(re.findall(r"\d+", text)) <= 6 or re.sub(r"\D", "", text).startswith(("07", "447", "00447"))


def _health_numbers(low: str, known: str) -> Iterator[Found]:
    digits = re.sub(r"\D", "", known)
    if len(digits) >= 6:
        spelt = r"[\s./_-]{0,3}".join(digits)
        for match in re.finditer(rf"(?<!\d){spelt}(?!\d)", low):
            yield Found(*match.span(), "[NHS number]", "NHS number on the referral")
    for match in _TEN.finditer(low):
        if nhs_sound(match.group()):
            yield Found(*match.span(), "[NHS number]", "sound NHS number")
    for match in _TEN_LABELLED.finditer(low):
        yield Found(*match.span(1), "[NHS number]", "called an NHS number")


def nhs_sound(text: str) -> bool:
    """Say whether ten digits carry the NHS check digit (modulus 11)."""
    digits = [int(char) for char in text if char.isdigit()]
    if len(digits) != 10 or len(set(digits)) == 1:
        return False
    check = 11 - sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits, strict=False)) % 11
    return check % 11 == digits[9] and check != 10


def birth_pattern(born: date | None) -> re.Pattern[str] | None:
    """Build the pattern of a date of birth: every usual way of writing it, the birthday, month and year of birth.

    The day and month hide with any year (the 18th birthday tells the date of birth); other dates stay. Month before
    day counts only with the year of birth, so that 5 January is not taken for 1 May.
    """
    if born is None:
        return None
    d, m, yy, yyyy = born.day, born.month, f"{born.year % 100:02d}", f"{born.year}"
    gap = r"[\s./\\,_|-]{1,3}"
    day, month = f"0?{d}", f"0?{m}"
    year = f"(?:{yyyy}|'?{yy})"
    ending = "st" if d in (1, 21, 31) else "nd" if d in (2, 22) else "rd" if d in (3, 23) else "th"
    spoken = _ordinal(d)
    any_day = rf"(?:0?{d}\ ?(?P<suffix>{ending}|st|nd|rd|th)?|{spoken})"
    name = rf"(?P<month>{'|'.join(_MONTHS[m - 1].split())})(?![^\W\d_])\.?"
    name_2 = name.replace("month", "month_2")
    between = r"[\s./,_-]{0,3}(?:day\s)?(?P<of>of\s(?:the\smonth\sof\s)?)?"
    any_year = rf"(?:[\s./,_-]{{0,3}}(?:(?:19|20)\d\d|'\d\d|{yy})(?!\d))?"
    bare = [f"{d:02d}{m:02d}{yyyy}", f"{d:02d}{m:02d}{yy}", f"{yyyy}{m:02d}{d:02d}", f"{m:02d}{d:02d}{yyyy}"]
    bare += [f"{yy}{m:02d}{d:02d}", f"{yyyy}{d:02d}{m:02d}"]
    padded = rf"(?<!\d)(?<!\d[./-]){d:02d}[/.-]{m:02d}(?![./-]?\d)" if d < 10 or m < 10 or d > 12 else r"(?!)"
    first = "".join(sorted({*"0123456789bd", *_MONTHS[m - 1][0], "t" if d > 20 else spoken[0], "t"}))
    return re.compile(
        rf"(?=[{first}])(?:"  # most places fail here, at once
        + "|".join(
            (
                rf"(?<![\d.£])(?:{day}{gap}{month}{gap}(?:(?:19|20)\d\d|{year})"
                rf"|{month}{gap}{day}{gap}{year}|(?:19|20)\d\d{gap}{month}{gap}{day}"
                rf"|{yyyy}{gap}{day}{gap}{month})(?!\d)",
                rf"(?<!\d)(?:{'|'.join(bare)})(?!\d)",
                rf"(?<!\d)(?<![^\W\d_])(?P<words>(?:the\s)?{any_day}{between}{name}{any_year})",
                rf"(?<![^\W_]){name_2}[\s.,_-]{{0,3}}(?:the\s)?(?:0?{d}\ ?(?:st|nd|rd|th)?(?!\d)|{spoken})"
                rf"(?![^\W\d_]){any_year}",
                rf"(?<!\d)(?:{yyyy}[\s./,_-]{{0,3}}(?:{'|'.join(_MONTHS[m - 1].split())})[\s./,_-]{{0,3}}0?{d})(?!\d)",
                rf"(?<![^\W_])(?<!\d[\s./-])(?<!\d(?:st|nd|rd|th)\s)(?<!\d(?:st|nd|rd|th)\sof\s)"
                rf"(?:{'|'.join(_MONTHS[m - 1].split())})[\s./,_-]{{0,3}}(?:of\s)?(?:{yyyy}|'{yy})(?!\d)",
                rf"(?<![\d./-]){month}[/.-]{yyyy}(?![./-]?\d)|(?<!\d)(?<!\d[./-]){yyyy}[/.-]{m:02d}(?![./-]?\d)",
                padded,
                rf"(?:born|birthday|birth|dob|d\.o\.b\.?)\W{{0,3}}(?:is|was|in|on)?(?:\sthe\syear(?:\sof)?)?\W{{0,3}}"
                rf"(?P<told>{day}[/.-]{month}|{yyyy})(?![\s./,_-]{{0,3}}\d)",
            )
        )
        + ")"
    )


def _ordinal(day: int) -> str:
    """Return the day in words, as a pattern: twenty-first."""
    if day <= 20:
        return _ORDINALS[day - 1]
    return "thirtieth" if day == 30 else rf"(?:twenty|thirty)[\s-]?{_ORDINALS[day % 10 - 1]}"


def _births(folded: Folded, birth: re.Pattern[str]) -> Iterator[Found]:
    for match in birth.finditer(folded.low):
        start, end = match.span("told") if match.group("told") else match.span()
        bare = match.group("words") and not match.group("suffix") and not match.group("of")
        alone = bare and match.end() == match.end("month")
        if alone and folded.plain[match.start("month") : match.end("month")] == "may":
            continue  # "level 1 may be awarded"
        weekday = _WEEKDAY.search(folded.low, max(0, start - 16), start)
        yield Found(weekday.start() if weekday else start, end, "[date of birth]", "date of birth, or the birthday")
