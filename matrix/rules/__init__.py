"""The verbs that decide: pure functions of an edition and a case.

eligibility.py  may this young person be placed at all? (A1)
scoring.py      answers -> hours, with the working
categories.py   situation and hours -> category
assessing.py    all of it: case -> assessment; and the difference of two
cases.py        untrusted JSON -> case, or every fault in it
papers.py       assessment and edition as JSON, stored bytes and plain text
soundness.py    is an edition fit for use?
"""

from matrix.model import age_on, birthday
from matrix.rules.assessing import assess, difference
from matrix.rules.cases import answer_faults, read_case
from matrix.rules.categories import Situation, category_rule
from matrix.rules.eligibility import eligibility
from matrix.rules.papers import assessment_bytes, describe, plain, read_assessment, words
from matrix.rules.scoring import band_of, levels_of, score
from matrix.rules.soundness import failed_examples, unsound

__all__ = [
    "Situation",
    "age_on",
    "answer_faults",
    "assess",
    "assessment_bytes",
    "band_of",
    "birthday",
    "category_rule",
    "describe",
    "difference",
    "eligibility",
    "failed_examples",
    "levels_of",
    "plain",
    "read_assessment",
    "read_case",
    "score",
    "unsound",
    "words",
]
