"""Which texts are copies of one another, small changes aside? Written once for every engine.

MinHash with bands (Broder 1997, doi:10.1109/SEQUEN.1997.666900; Leskovec, Rajaraman & Ullman,
Mining of Massive Datasets, §3.4) finds texts that may be alike; whether they are is then measured
by the rows of words that they have in common. Every step is a join on equal keys, and in a band
each text is compared with one other: a text that is copied a million times costs no more than a
million texts.
"""

from __future__ import annotations

from typing import Any

import ibis
from ibis import _

LEAST_SHARED = 0.5
"""The share of rows (Jaccard: of all that either has, those that both have) that makes copies."""

LEAST_WORDS = 8
"""Shorter texts are alike by chance: of them only exact copies are joined."""

LEAST_SIGNS = 16
"""The same for a script without spaces between words, in characters."""

_WORDS_IN_A_ROW, _SIGNS_IN_A_ROW = 3, 4
_MOST_ROWS = 1_000  # of one text that are looked at
_LONGEST = 10_000  # characters of one text that are looked at
_BANDS, _DIGITS = 8, 6  # a band is two hashes of so many hexadecimal digits
_STEPS = 3  # from copy to copy of a copy that are followed

_SPACE = r"\x09-\x0D\p{Z}"
# Thai and Lao, Myanmar, Khmer, kana, Han. As characters: engines name scripts differently.
UNSPACED = (
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]"
)


def near_copies(posts: ibis.Table) -> ibis.Table:
    """What each post is a copy of: the same text, and nearly the same text.

    In: post_id, text. Out: post_id, exact_id (the same for posts with the same text: without
    mentions of accounts, in lower case) and copy_id (the same for near copies, links apart; equal
    exact_id have equal copy_id). Both are hashes of texts, so that every engine gives the same
    ones. Posts whose text has nothing to compare (null, spaces, mentions) are left out.
    """
    said = posts.select("post_id", plain=plain(posts.text)).filter(_.plain.notnull())
    said = said.mutate(exact_id=_md5(_.plain), words=_words(_.plain))
    said = said.select("post_id", "exact_id", "words", words_id=_md5(_.words))
    texts = said.group_by("words_id").agg(words=_.words.min(), posts=_.count())
    texts = _with_places(texts)
    named = texts.select("words_id", copy_id="words_id").left_join(_copies(texts), "words_id")
    named = named.select("words_id", copy_id=ibis.coalesce(_.copy_id_right, _.copy_id))
    found = said.drop("words").left_join(named, "words_id")
    return found.select("post_id", "exact_id", copy_id=ibis.coalesce(_.copy_id, _.exact_id))


def plain(text: Any) -> Any:
    """The text as it is compared: no mentions, lower case, single spaces; null: nothing is left."""
    # Two letters that engines lower differently; then signs that nobody sees.
    text = text.replace("İ", "i").lower().replace("ς", "σ").re_replace(r"\p{Cf}+", "")
    text = text.re_replace(rf"^[{_SPACE}]*rt @[^{_SPACE}]*|@[^{_SPACE}]*", "")
    return text.re_replace(rf"[{_SPACE}]+", " ").re_replace("^ | $", "").nullif("")


def _words(text: Any) -> Any:
    """The words of a plain text: no links, no signs."""
    text = text.substr(0, _LONGEST).re_replace(rf"(?:https?://|www\.)[^{_SPACE}]*", " ")
    return text.re_replace(r"[^\p{L}\p{M}\p{N}]+", " ").re_replace("^ | $", "")


def _in_hexadecimal(text: Any) -> Any:
    """MD5 in hexadecimal digits."""


# Both engines call it so, and agree: their own hashes differ. It keeps no secret here.
_md5 = ibis.udf.scalar.builtin(_in_hexadecimal, name="md5", signature=(("string",), "string"))


def _in_both(rows: Any, others: Any) -> Any:
    """What two arrays have in common, each once."""


_shared = ibis.udf.scalar.builtin(
    _in_both,
    name="array_intersect",
    signature=(("array<string>", "array<string>"), "array<string>"),
)


def _with_places(texts: ibis.Table) -> ibis.Table:
    """Texts that are long enough, with their number of rows."""
    texts = texts.mutate(signs=_.words.replace(" ", ""), split=_.words.split(" "))
    spaced = texts.signs.re_replace(UNSPACED, "").length() * 2 > texts.signs.length()
    texts = texts.mutate(split=ibis.ifelse(spaced, texts.split, None))
    length = ibis.ifelse(spaced, texts.split.length(), texts.signs.length())
    least = ibis.ifelse(spaced, LEAST_WORDS, LEAST_SIGNS)
    row = ibis.ifelse(spaced, _WORDS_IN_A_ROW, _SIGNS_IN_A_ROW)
    texts = texts.filter(length >= least)
    rows = ibis.least(length - (row - 1), _MOST_ROWS)
    return texts.select("words_id", "posts", "signs", "split", rows=rows)


def _rows(texts: ibis.Table) -> ibis.Table:
    """Text → the MD5 of each of its rows of words or signs."""
    # Not `Table.unnest`: DuckDB would join the lists with themselves.
    kept = ["words_id", "posts", "signs", "split"]
    rows = texts.select(*kept, place=ibis.range(0, texts.rows).unnest())
    words = rows.split[rows.place : rows.place + _WORDS_IN_A_ROW].join(" ")
    signs = rows.signs.substr(rows.place, _SIGNS_IN_A_ROW)
    return rows.select("words_id", "posts", row=_md5(ibis.coalesce(words, signs)))


def _copies(texts: ibis.Table) -> ibis.Table:
    """Text → the first of its near copies, of texts that have any.

    The first is the one that most posts have, then the least by its hash.
    """
    banded = _banded(texts)
    firsts = banded.group_by("band").agg(first=_.rank.min(), texts=_.count())
    firsts = firsts.filter(_.texts > 1).drop("texts")
    pairs = banded.join(firsts, "band").filter(_.rank != _.first)
    pairs = pairs.group_by("rank", "first").agg()
    pairs = pairs.select("rank", "first", words_id=_id_of(_.rank), first_id=_id_of(_["first"]))
    stars = _alike(pairs, texts)
    # Along its stars, each text takes the least name, and so do copies of copies.
    stars = stars.mutate(name=_.rank)
    for step in ("star", "rank") * _STEPS:
        stars = stars.mutate(name=_.name.min().over(group_by=step))
    named = stars.group_by("rank").agg(name=_.name.min())
    return named.select(words_id=_id_of(_.rank), copy_id=_id_of(_.name))


def _banded(texts: ibis.Table) -> ibis.Table:
    """Text → its bands; `rank` orders texts: those that most posts have first."""
    # Of an MD5 that is written twice, parts that begin at different bytes are different hashes.
    rows = _rows(texts).mutate(row=_.row + _.row)
    hashes = [rows.row.substr(2 * part, _DIGITS).min() for part in range(2 * _BANDS)]
    sketches = rows.group_by("words_id", "posts").agg(
        **{f"part_{part}": least for part, least in enumerate(hashes)}
    )
    bands = ibis.array(
        [
            ibis.literal(f"{band}:") + sketches[f"part_{band}"] + sketches[f"part_{_BANDS + band}"]
            for band in range(_BANDS)
        ]
    )
    rank = (10**12 - sketches.posts).cast("string").lpad(12, "0") + sketches.words_id
    return sketches.select(rank=rank, band=bands.unnest())


def _id_of(rank: Any) -> Any:
    return rank.substr(12)


def _alike(pairs: ibis.Table, texts: ibis.Table) -> ibis.Table:
    """The pairs that have enough rows in common, as members of stars: star, rank."""
    ids = pairs.select("words_id").union(pairs.select(words_id="first_id"), distinct=True)
    rows = _rows(texts.semi_join(ids, "words_id")).group_by("words_id", "row").agg()
    rows = rows.group_by("words_id").agg(rows=_.row.collect())
    both = pairs.join(rows, "words_id")
    both = both.join(rows.view().select(first_id="words_id", others="rows"), "first_id")
    shared = _shared(both.rows, both.others).length()
    either = both.rows.length() + both.others.length() - shared
    alike = both.filter(shared >= LEAST_SHARED * either)
    members = alike.select("rank", star="first")
    return members.union(alike.select(rank="first", star="first"), distinct=True)


__all__ = ["LEAST_SHARED", "LEAST_SIGNS", "LEAST_WORDS", "near_copies", "plain"]
