"""In which language is a post written, and how sure is that?

Two detectors look at the words of each post, without its links, handles, tags, code and emoji.
`eldc` is the better one and answers; `CLD2` agrees, is silent or objects, and knows some languages
that eldc does not. What that combination is worth on a text of this length was measured, and where
it is worth too little the answer is "unknown". See docs/annotators/language.md.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any, NamedTuple

import eldc
import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pycld2

from clew.contract import Annotator
from clew.model.tables import TABLE_OF, Language

LONGEST = 4096
"""Characters of a post that are looked at; eldc itself stops after 1,000 bytes of words."""

# ------------------------------------------------------------------------------------ the words

# Soft hyphens, zero-width and direction marks, variation selectors, tags: they cut words in two.
# The joiners U+200C and U+200D stay: Persian and the Indic scripts are written with them.
_INVISIBLE = (
    r"[\x{00AD}\x{200B}\x{200E}\x{200F}\x{202A}-\x{202E}\x{2060}-\x{206F}\x{FEFF}\x{FE0F}"
    r"\x{E0000}-\x{E007F}]+"
)
# What stands in no language. A link ends at the first character that is not ASCII, because
# Japanese and Chinese go on without a space.
_NO_LANGUAGE = (
    r"```[^`]*(?:```|$)|`[^`\n]*`"  # code
    r"|(?i:https?://|www\.)(?:[!-~]+|\S+)"  # links
    r"|[\w.+-]+@[\w.-]+"  # mail addresses
    r"|[@＠][\w.-]+(?:@[\w.-]+)?"  # handles, also of the fediverse
    r"|[#＃][\p{L}\p{M}\p{N}_]+"  # tags
    r"|&[a-z]{1,8};"  # HTML entities
    r"|\bRT\b|\bhttps?\b"  # repost mark, link that was cut off
)
# Names, numbers, hashes, paths, file names, domains, markup. A pass of its own: in one expression
# with others it would be tried again at every character, and cost a hostile post the square.
_TECHNICAL = r"[!-~]*(?:[0-9_{}<>=\\|$^~]|\w\.[a-z]{2}|/[!-~]*/)[!-~]*"
_NO_LETTERS = r"[^\p{L}\p{M}\x{200C}\x{200D}'’]+"


def words_of(texts: pa.Array) -> pa.Array:
    """Only the words of each text, with single spaces between them; null stays null.

    Linear in the length of the texts: every expression runs in RE2, inside Arrow.
    """
    texts = pc.utf8_slice_codeunits(texts.cast(pa.large_string()), 0, LONGEST)
    texts = pc.replace_substring_regex(texts, _INVISIBLE, "")
    texts = pc.utf8_normalize(texts, "NFKC")  # letters in fancy shapes, decomposed accents
    for expression in (_NO_LANGUAGE, _TECHNICAL, _NO_LETTERS):
        texts = pc.replace_substring_regex(texts, expression, " ")
    return pc.utf8_trim_whitespace(texts)


# -------------------------------------------------------------------------------- the detectors

# Where the detectors cannot tell the members of a macrolanguage apart, it is named instead:
# hbs is Serbo-Croatian in Latin letters, no is Bokmål or Nynorsk.
_CODES = {
    "iw": "he",
    "zh-Hant": "zh",
    "nb": "no",
    "nn": "no",
    "hr": "hbs",
    "bs": "hbs",
    "sr-ME": "hbs",
}
_MACEDONIAN_LETTERS = "ѓќѕЃЌЅ"  # in no other South Slavic alphabet
# fmt: off
_ONLY_CLD2 = frozenset((
    "af", "br", "cy", "dv", "eo", "ga", "gd", "gl", "ig", "kk", "km", "ky", "mk", "mn", "my", "ne",
    "si", "sw", "tg", "tk", "tt", "ug", "uz",
))
# fmt: on
"""Languages that only CLD2 knows, and that were measured or have a script of their own (dv, si).

What CLD2 alone calls by any other name is unknown: nobody has measured how often that is right.
"""

_BOTH = frozenset(eldc.LANGUAGES) - {"hr"} | {"hbs", "id"}


class Stance(StrEnum):
    """What CLD2 says to eldc's answer."""

    AGREES = "agrees"
    DIVIDES = "divides"  # eldc: Indonesian or Malay, CLD2: Indonesian
    SILENT = "silent"
    OBJECTS = "objects"
    ALONE = "alone"  # a language that eldc does not have: the answer is CLD2's


class Observation(NamedTuple):
    """What the two detectors made of one text."""

    language: str  # the answer, if it is sure enough
    stance: Stance
    letters: int
    score: float  # eldc's score of its best language, 0 to 1
    lead: float  # that score less the score of its second best
    is_typical: bool  # eldc: the score is what texts in that language usually get
    second_score: float  # CLD2's score of its own answer, from 0; grows with the text

    @property
    def terms(self) -> tuple[float, ...]:
        """What the confidence is computed from."""
        return (
            1.0,
            math.log(self.letters),
            math.log(self.lead + 0.01),
            math.log(self.score + 0.05),
            float(self.is_typical),
            math.log(self.second_score + 1),
        )


@cache
def _eldc() -> Any:
    """The detector of this process; its tables are part of its library, nothing is loaded."""
    eldc.init()
    detector = eldc.instance()
    detector.set_scores(2)
    return detector


def observe(words: str) -> Observation | None:
    """What the detectors make of cleaned words; None if they name nothing that was measured."""
    if not words:
        return None
    seen = _eldc().detect_details(words)
    # CLD2 raises on control characters and on invalid UTF-8: no letter is either.
    _, _, guesses = pycld2.detect(words, isPlainText=True, bestEffort=True)
    verdict = _verdict(_code(seen.language, words), _code(guesses[0][1], words))
    if verdict is None:
        return None
    language, stance = verdict
    scores = [*seen.scores.values(), 0.0, 0.0]
    return Observation(
        language=language,
        stance=stance,
        letters=len(words) - words.count(" "),
        score=scores[0],
        lead=scores[0] - scores[1],
        is_typical=seen.reliable,
        second_score=guesses[0][3],
    )


def _verdict(first: str, second: str) -> tuple[str, Stance] | None:
    """The answer that eldc and CLD2 give together, and how."""
    if first == second != "ms":
        return first, Stance.AGREES
    if second in _ONLY_CLD2:
        return second, Stance.ALONE
    if first == "und" or (second not in _BOTH and second != "un"):
        return None
    if first == "ms":  # eldc's word for Indonesian too; CLD2's for Malay is not reliable
        return ("id", Stance.DIVIDES) if second == "id" else None
    return first, Stance.SILENT if second == "un" else Stance.OBJECTS


def _code(name: str, words: str) -> str:
    """The ISO 639 code for a detector's name of a language; the alphabet decides what it can."""
    if name in ("sr", "bg", "mk") and any(letter in words for letter in _MACEDONIAN_LETTERS):
        return "mk"
    if name == "sr" and max(words) < "Ѐ":  # no Cyrillic letter
        return "hbs"
    return _CODES.get(name, name)


# ------------------------------------------------------------------------------- the confidence


class Calibration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an observation is worth, fitted by `python -m bench.language_calibration`."""

    fitted_on: str
    answer_from: float  # the least confidence that is an answer
    weights: Mapping[Stance, tuple[float, ...]]  # of the terms of an observation

    def confidence(self, seen: Observation) -> float:
        """The probability, 0 to 0.999, that the observed language is the right one."""
        log_odds = sum(
            weight * term
            for weight, term in zip(self.weights[seen.stance], seen.terms, strict=True)
        )
        return min(0.999, 1 / (1 + math.exp(-log_odds)))  # more than 0.999 was never measured


_CALIBRATION = files(__package__).joinpath("language.json").read_bytes()


@cache
def calibration() -> Calibration:
    """The fitted numbers that ship with Clew."""
    return msgspec.json.decode(_CALIBRATION, type=Calibration)


# -------------------------------------------------------------------------------- the annotator

_READS = pa.schema(
    {
        "post_id": pa.string(),
        "platform": pa.string(),
        "posted_at": pa.timestamp("us", "UTC"),
        "text": pa.large_string(),
    }
)
_GIVES = pa.schema([TABLE_OF[Language].arrow.field(name) for name in Language.__struct_fields__])

_UNKNOWN = (None, None)


def annotate(posts: pa.RecordBatch) -> pa.RecordBatch:
    """One `Language` row for each post that has a text; without an answer no confidence either."""
    # Whatever way the engine lays strings out; not every way can be filtered.
    posts = pa.RecordBatch.from_arrays(
        [posts[field.name].cast(field.type) for field in _READS], schema=_READS
    )
    posts = posts.filter(pc.is_valid(posts["text"]))
    answers = [answer(words) for words in words_of(posts["text"]).to_pylist()]
    columns = {
        "post_id": posts["post_id"],
        "platform": posts["platform"],
        "language": pa.array([language for language, _ in answers], pa.string()),
        "confidence": pa.array([confidence for _, confidence in answers], pa.float64()),
        "posted_at": posts["posted_at"],
    }
    return pa.RecordBatch.from_arrays([columns[name] for name in _GIVES.names], schema=_GIVES)


def answer(words: str) -> tuple[str, float] | tuple[None, None]:
    """The language of cleaned words and the confidence in it; neither if that is too low."""
    seen = observe(words)
    if seen is None:
        return _UNKNOWN
    fitted = calibration()
    confidence = fitted.confidence(seen)
    return (seen.language, confidence) if confidence >= fitted.answer_from else _UNKNOWN


LANGUAGE = Annotator(
    name="language",
    question="In which language is each post written?",
    reads=tuple(_READS.names),
    gives=Language,
    version=(
        f"1, calibration {hashlib.sha256(_CALIBRATION).hexdigest()[:8]}, "
        f"eldc {version('eldc')}, pycld2 {version('pycld2')}"
    ),
    annotate=annotate,
    method=(
        "Efficient Language Detector, https://github.com/nitotm/eldc",
        "Compact Language Detector 2, https://github.com/CLD2Owners/cld2",
        "Logistic calibration by stance and length of text, docs/adr/0004-language-detection.md",
    ),
    limits=(
        "One language a post: of a mixed post the one that prevails.",
        "Posts of one or two words are often unknown, and names and jargon look like English.",
        "A language that neither detector knows is unknown or taken for a relative; so are often "
        "Galician (Spanish, Portuguese), Macedonian (Serbian), Afrikaans (Dutch) and Nepali "
        "(Hindi).",
        "Languages in a script that is not their own, such as Hindi in Latin letters, are unknown "
        "or wrong.",
        "Croatian, Bosnian and Serbian in Latin letters are one (hbs), so are Bokmål and Nynorsk "
        "(no); Malay is unknown or taken for Indonesian.",
    ),
)
