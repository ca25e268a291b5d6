"""Made-up young people, and every way in which a plan may mention them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from hypothesis import strategies as st

from brokerage.referrals.rules.redaction import Known

GIVEN = [
    "Jayden", "Zoë", "José", "Anne-Marie", "D'Arcy", "Małgorzata", "Łukasz", "Oluwaseun", "Chukwuemeka", "Ayesha",
    "Muhammad", "Will", "Grace", "Hope", "Mark", "May", "Rose", "Summer", "Faith", "Jo", "Siân", "Mary Ann", "Íñigo",
    "Jayden Lee", "Thi", "Bo", "Wei", "Nguyễn", "Ruairí", "Željko", "Asher", "Ngozi", "Ñusta", "E", "Oghenekevwe",
]  # fmt: skip
FAMILY = [
    "O'Brien", "O’Neill", "Smith-Jones", "Wójcik", "Szczęsny", "Adébáyò", "Okonkwo", "ul-Haq", "Hussain", "de la Cruz",
    "van Dyk", "Özdemir", "McDonald", "Nwachukwu", "Begum", "Young", "Ng", "Sørensen", "Strauß", "Park", "D'Souza",
    "Bălan", "Khan", "Al-Hassan", "Achterberg", "St John", "X", "Đorđević",
]  # fmt: skip
KNOWN_AS = ["", "", "Jay", "Zed", "Bubbles", "K-Dawg", "Tiny"]
RELATIVES = ["Sharon Kettlewell (mother)", "uncle: Gareth", "Bogdana Ionescu - foster carer", "nan Philomena Wragg"]
SCHOOLS = ["", "Allestree Woodlands School", "St Benedict's Catholic Academy", "Noel-Baker College", "Lakeside Academy"]
ADDRESSES = [
    "",
    "12 Elm Road, Allestree, Derby DE22 2AB",
    "Flat 3, 140b Sycamore Avenue, Ripley",
    "Rose Cottage, Belper",
]

# Sentences that hold nothing to hide, whoever the plan is about.
PLAIN = (
    "He needs 12 hours of support a week.",
    "Support is on site, 24-hour, for people of 16-17.",
    "The weekly price is £350.00, reference R-2041.",
    "This is level 3; the next meeting is in 2 weeks.",
    "Score 7/10 in 3 areas, 1/5 in one, 0.25 of an hour each.",
    "They moved on 12 July 2024 after 3 months.",
    "There are 10 steps, from step 1 to step 10.",
    "• cooks twice, shops once; pays £1,250.50 yearly",
    "Attends CAMHS, has 4 GCSEs (grades 4-6), gets Universal Credit.",
    "Lives near the town, in the DE1 area.",
)


@dataclass(frozen=True)
class Plant:
    """A mention as written, and what of it a provider must not be able to read."""

    written: str
    canary: str


def bare(text: str) -> str:
    """Return a text as someone searching for a name would see it: no case, no marks, no invisible characters."""
    seen = "".join(
        char for char in unicodedata.normalize("NFKD", text) if unicodedata.category(char) not in {"Mn", "Cf"}
    )
    return unicodedata.normalize("NFC", seen.casefold().replace("’", "'"))


def ascii_only(name: str) -> str:
    """Write a name as on a keyboard without marks."""
    by_hand = str.maketrans("łŁøØđĐßæ", "lLoOdDsa")
    return bare(name.replace("ß", "ss").translate(by_hand)).title()


NAME_FORMS: list[Callable[[str], str]] = [
    str,
    str.lower,
    str.upper,
    str.title,
    ascii_only,
    lambda name: f"{name}'s",
    lambda name: f"{name}’s",
    lambda name: name.replace("'", "’"),
    lambda name: name.replace("’", "'").replace("-", "‑"),
    lambda name: unicodedata.normalize("NFD", name),
    lambda name: f"_{name}_",
    lambda name: f"**{name}**",
    lambda name: f"({name})",
    lambda name: f'"{name}"',
    lambda name: name[:1] + "\u200b" + name[1:],
    lambda name: name[:2] + "\u00ad" + name[2:],
    lambda name: name.replace(" ", "\n"),
    lambda name: name.replace(" ", "\u00a0"),
    lambda name: name.replace("-", " "),
    lambda name: name.replace(" ", "_"),
]
CASES: list[Callable[[str], str]] = [str, str.lower, str.upper]
LONG_FORMS: list[Callable[[str], str]] = [  # for three letters and more
    lambda name: " ".join(name.replace(" ", "")),
    lambda name: ".".join(name.replace(" ", "")) + ".",
    lambda name: "-".join(name.replace("-", "").replace(" ", "")),
    lambda name: name.replace("'", "").replace("’", "").replace("-", ""),
    lambda name: f"{name}2009".replace(" ", ""),
    lambda name: f"@{name}".replace(" ", "").replace("'", "").replace("’", ""),
    lambda name: f"{ascii_only(name).replace(' ', '.').replace(chr(39), '')}@example.org",
    lambda name: f"https://example.com/{ascii_only(name).replace(' ', '')}",
]


def date_forms(born: date) -> list[str]:
    """Write a date of birth in every usual form."""
    d, m, y = born.day, born.month, born.year
    ending = {1: "st", 2: "nd", 3: "rd"}.get(d % 10 if d not in (11, 12, 13) else 0, "th")
    month, short = born.strftime("%B"), born.strftime("%b")
    return [
        born.isoformat(), f"{d:02d}/{m:02d}/{y}", f"{d}/{m}/{y}", f"{d}/{m}/{y % 100:02d}", f"{d}.{m}.{y}",
        f"{d:02d}-{m:02d}-{y % 100:02d}", f"{d:02d} {m:02d} {y}", f"{y}/{m:02d}/{d:02d}", f"{m}/{d}/{y}",
        f"{d} {month} {y}", f"{d}{ending} {month} {y}", f"{month} {d}{ending} {y}", f"{month} {d}, {y}",
        f"{d:02d} {short} {y % 100:02d}", f"{d:02d}-{short.upper()}-{y}",
        f"{d:02d}{m:02d}{y}", f"{d:02d}{m:02d}{y % 100:02d}",
        f"{d}{ending} of {month}", f"{d} {month}",
        f"{born.strftime('%A')}, {d} {month} {y}", f"{d}{ending} {short}. '{y % 100:02d}",
        f"the {d}{ending} of {month}, {y}", f"{d}\n{month}\n{y}", f"{y}{m:02d}{d:02d}", f"{month} the {d}{ending}",
        f"{d} {month.lower()} {y}", f"{d} {month.upper()} {y + 18}", f"{d}\u00a0{month}\u00a0{y}",
        f"{born.strftime('%a')} {d:02d}/{m:02d}/{y}", f"{month} {y}",
    ]  # fmt: skip


knowns = st.builds(
    Known,
    given_name=st.sampled_from(GIVEN),
    family_name=st.sampled_from(FAMILY),
    known_as=st.sampled_from(KNOWN_AS),
    school=st.sampled_from(SCHOOLS),
    relatives=st.lists(st.sampled_from(RELATIVES), unique=True, max_size=2).map(tuple),
    address=st.sampled_from(ADDRESSES),
    date_of_birth=st.dates(date(2001, 1, 1), date(2011, 12, 31)),
    nhs_number=st.sampled_from(["", "943 476 5919", "9876543210"]),
    others=st.lists(st.sampled_from(["Wilhelmina Stubbs", "LAC-12345"]), unique=True, max_size=2).map(tuple),
)

STRUCTURED = [
    "943 476 5919", "9434765919", "943-476-5919", "QQ 12 34 56 C", "qq123456c", "AB 12 34 56 D", "DE22 2AB", "de222ab",
    "NG1  5FS", "M1 1AE", "SW1A 1AA", "07700 900123", "07700900123", "+44 7700 900123", "+44 (0)7700 900 123",
    "0044 7700 900123", "(07700) 900123", "07700-900-123", "07700.900.123", "0115 496 0123", "(020) 7946 0123",
    "jay.d+x@example.org", "JAY@EXAMPLE.CO.UK", "jay [at] example [dot] org", "https://example.com/u/jayd?x=1",
    "www.example.org/jayd", "snapchat.example/add/jayd", "@jay_d09", "A123456789012", "０７７００ ９００１２３",
]  # fmt: skip


def _whole(name: str) -> bool:
    """Say whether a name hides on its own in any case: not one or two letters, which may be ordinary words."""
    return len([char for char in name if char.isalpha()]) > 2


@st.composite
def plants(draw: st.DrawFn, known: Known) -> Plant:
    """Write one identifier of a young person in one of its forms."""
    given, family = known.given_name, known.family_name
    kinds = ["full", "full", "part", "structured", "birth"]
    kinds += [kind for kind in ("school", "address", "nhs_number") if getattr(known, kind)]
    kinds += ["relative"] if known.relatives else []
    kinds += ["other"] if known.others else []
    match draw(st.sampled_from(kinds)):
        case "full":
            name = draw(
                st.sampled_from(
                    [f"{given} {family}", f"{family.upper()}, {given}", f"{family}, {given}", f"{given}\n{family}"]
                )
            )
            return Plant(draw(st.sampled_from(NAME_FORMS + LONG_FORMS[3:4]))(name), name)
        case "part":
            names = [name for name in (given, family, known.known_as) if _whole(name)] or [f"{given} {family}"]
            name = draw(st.sampled_from(names))
            return Plant(draw(st.sampled_from(NAME_FORMS + LONG_FORMS))(name), name)
        case "relative":
            name = draw(st.sampled_from(["Sharon", "Kettlewell", "Gareth", "Bogdana", "Philomena"]))
            name = name if any(name in entry for entry in known.relatives) else known.relatives[0].split()[1]
            return Plant(draw(st.sampled_from(NAME_FORMS))(name), name)
        case "other":
            name = "Stubbs" if "Wilhelmina Stubbs" in known.others else "LAC-12345"
            return Plant(draw(st.sampled_from(CASES))(name), name)
        case "school":
            core = known.school.rsplit(" ", 1)[0].removesuffix(" Catholic")
            name = draw(st.sampled_from([known.school, core]))
            return Plant(draw(st.sampled_from([*CASES, lambda text: text.replace("'", "")]))(name), core)
        case "address":
            name = draw(
                st.sampled_from([known.address, known.address.split(",")[0], known.address.replace(", ", "\n")])
            )
            canary = known.address.split(",")[0]
            return Plant(draw(st.sampled_from(CASES))(name), canary)
        case "nhs_number":
            written = known.nhs_number.replace(" ", "")
            return Plant(draw(st.sampled_from([known.nhs_number, written, "-".join(written)])), written)
        case "birth":
            assert known.date_of_birth is not None
            written = draw(st.sampled_from(date_forms(known.date_of_birth)))
            return Plant(written, written)
        case _:
            written = draw(st.sampled_from(STRUCTURED))
            return Plant(written, written)


TEMPLATES = [
    "{}",
    "{} likes football.",
    "We met {} at home",
    "(with {}; ok)",
    "plan for:{}.",
    "-{}-",
    "\t{}\n",
    "see {}, too",
]


@st.composite
def plans(draw: st.DrawFn) -> tuple[Known, str, list[str]]:
    """Write a plan: plain sentences with mentions planted among them. Returns who, the text, the canaries."""
    known = draw(knowns)
    mentions = draw(st.lists(plants(known), min_size=1, max_size=4))
    pieces = [draw(st.sampled_from(TEMPLATES)).replace("{}", mention.written) for mention in mentions]
    pieces += draw(st.lists(st.sampled_from(PLAIN), max_size=3))
    text = draw(st.sampled_from([" ", "\n", "\n\n"])).join(draw(st.permutations(pieces)))
    return known, text, [mention.canary for mention in mentions]
