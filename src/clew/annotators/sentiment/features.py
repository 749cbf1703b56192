"""What of a post's words bears on its polarity?

Two kinds of features: counts of hashed words, pairs and letter sequences, and a few measures of
what a lexicon says of its words, with negation, contrast ("but") and capitals taken into account.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from clew.annotators.sentiment.words import Flags, Hashes, Numbers, Tokens, hash_of, mixed, paired

Floats = npt.NDArray[np.float64]

_NEGATORS = """
    not no never nothing nobody neither nor without cannot can't cant don't dont doesn't doesnt
    didn't didnt isn't isnt wasn't wasnt aren't weren't won't wont wouldn't wouldnt couldn't
    shouldn't ain't hasn't haven't hadn't hardly barely
    nicht kein keine keinen keinem keiner keines nie niemals nichts ohne niemand
    pas jamais rien aucun aucune sans ni
    non mai niente nessuno nessuna senza né
    não nao nunca nem sem nada nenhum nenhuma
    jamás tampoco sin nadie ningún ninguna
    nahi nahin nahii mat नहीं मत ना बिना
    لا لم لن ليس ليست مش مو غير بدون ولا
"""
_CONTRASTS = """
    but however though aber doch jedoch mais cependant pourtant ma però mas porém pero aunque
    lekin par magar लेकिन पर मगर لكن ولكن بس
"""
_CLAUSE_ENDS = '. , ; ! ? : … ، ؟ । " ) ('
_REACH = 3  # words that a negator turns
_TURNED = -0.74  # what is left of a turned valence, as in VADER
_TURNED_SOFT = -0.5  # of what the teacher says of a word
_SHOUTED = 1.3
_NEGATED = np.uint64(77)  # marks the hash of a negated word


@cache
def _hashes(words: str) -> Hashes:
    return np.unique(np.array([hash_of(word)[0] for word in words.split()], np.uint64))


def _is_in(hashes: Hashes, words: str) -> Flags:
    return np.isin(hashes, _hashes(words))


@dataclass(frozen=True)
class Lexicon:
    """What is known of words and pairs of words, by the low half of their hashes."""

    keys: npt.NDArray[np.uint32]  # sorted
    valence: Floats  # -1 to 1, by human raters; 0: not rated
    polarity: Floats  # of the word alone, by the model path; positive less negative log-odds
    neutrality: Floats  # of the word alone, by the model path; 0: not judged

    def find(self, hashes: Hashes) -> tuple[Floats, Floats, Floats]:
        """Valence, polarity and neutrality of each; zeros for what is not known."""
        keys = hashes.astype(np.uint32)
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        known = self.keys[places] == keys
        return tuple(  # type: ignore[return-value]
            np.where(known, column[places], 0.0)
            for column in (self.valence, self.polarity, self.neutrality)
        )


class _Order(NamedTuple):
    """Where tokens stand."""

    place: Numbers
    first: Numbers  # of each token: the place of the first token of its post
    negated: Flags


def _order(tokens: Tokens) -> _Order:
    place = np.arange(len(tokens.post))
    first = np.searchsorted(tokens.post, np.arange(tokens.posts))[tokens.post]
    negator = _latest(place, _is_in(tokens.hashes, _NEGATORS))
    clause_end = _latest(place, _is_in(tokens.hashes, _CLAUSE_ENDS))
    negated = (negator >= first) & (negator > clause_end) & (place - negator <= _REACH)
    return _Order(place, first, negated & (place > negator))


def _latest(place: Numbers, flags: Flags) -> Numbers:
    """The latest flagged place up to each place; -1: none."""
    return np.maximum.accumulate(np.where(flags, place, -1)) if len(place) else place


def _squashed(sums: Floats, softness: float) -> Floats:
    """Sums between -1 and 1, as VADER does it."""
    return sums / np.sqrt(sums * sums + softness)


def measures(tokens: Tokens, lexicon: Lexicon) -> Floats:
    """One row a post: what the lexicon says of its words, and how it is written."""
    post, hashes = tokens.post, tokens.hashes
    order = _order(tokens)

    def summed(values: npt.NDArray[np.generic], mask: Flags | slice = slice(None)) -> Floats:
        sums = np.bincount(post[mask], values[mask].astype(float), tokens.posts)
        return sums.astype(float)  # of no tokens it counts in integers

    def extreme(values: Floats, of: np.ufunc) -> Floats:
        found = np.zeros(tokens.posts)
        of.at(found, post, values)
        return found

    valence, polarity, neutrality = _judged(tokens, order, lexicon)
    length = np.maximum(np.bincount(post, minlength=tokens.posts).astype(float), 1)
    root = np.sqrt(length)
    is_late = (order.place - order.first) / length[post] > 2 / 3
    known = np.maximum(summed(neutrality != 0), 1)
    root_known = np.sqrt(known)
    total = summed(valence)
    columns = [
        _squashed(total, 1.0),
        _squashed(total, 0.1),
        _squashed(summed(valence * _weight_of_contrast(tokens, order)), 1.0),
        _squashed(summed(np.maximum(valence, 0)), 1.0),
        _squashed(summed(np.minimum(valence, 0)), 1.0),
        extreme(valence, np.maximum),
        extreme(valence, np.minimum),
        total / root,
        _squashed(summed(valence, is_late), 0.3),
        summed(valence > 0) / root,
        summed(valence < 0) / root,
        summed(polarity) / known,
        summed(polarity) / root_known,
        extreme(polarity, np.maximum),
        extreme(polarity, np.minimum),
        summed(np.maximum(polarity - 0.5, 0)) / root_known,
        summed(np.minimum(polarity + 0.5, 0)) / root_known,
        summed(neutrality) / known,
        extreme(neutrality, np.minimum),
        summed(polarity, is_late) / root_known,
        np.minimum(summed(_is_in(hashes, "!")), 3),
        np.minimum(summed(_is_in(hashes, "?")), 3),
        np.log(length),
        np.minimum(summed(_is_in(hashes, _NEGATORS)), 3),
        summed(tokens.is_shouted) / root,
        summed(~tokens.is_word) / length,
        (total == 0).astype(float),
    ]
    return np.stack(columns, axis=1)


def _judged(tokens: Tokens, order: _Order, lexicon: Lexicon) -> tuple[Floats, Floats, Floats]:
    """Valence, polarity and neutrality of each token in its place."""
    valence, polarity, neutrality = lexicon.find(tokens.hashes)
    starts = np.flatnonzero(tokens.continues) - 1  # of the pairs
    if len(starts):
        pair, pair_polarity, pair_neutrality = lexicon.find(
            paired(tokens.hashes[starts], tokens.hashes[starts + 1])
        )
        rated, taught = pair != 0, pair_neutrality != 0
        # "can't wait" says something else than its words do.
        valence[starts[rated] + 1] = 0
        valence[starts[rated]] = pair[rated]
        polarity[starts[taught]] += pair_polarity[taught]
        neutrality[starts[taught]] += pair_neutrality[taught]
    valence[order.negated] *= _TURNED
    polarity[order.negated] *= _TURNED_SOFT
    valence[tokens.is_shouted] *= _SHOUTED
    return valence, polarity, neutrality


def _weight_of_contrast(tokens: Tokens, order: _Order) -> Floats:
    """What follows the last "but" of a post weighs 1.5, what precedes it 0.5."""
    is_contrast = _is_in(tokens.hashes, _CONTRASTS)
    last = np.full(tokens.posts, -1)
    np.maximum.at(last, tokens.post[is_contrast], order.place[is_contrast])
    at = last[tokens.post]
    return np.where(at < 0, 1.0, np.where(order.place > at, 1.5, 0.5))


class Counts(NamedTuple):
    """A sparse matrix of posts and hashed features, as triples."""

    post: Numbers
    feature: Numbers
    value: Floats


def counts(tokens: Tokens, bits: int) -> Counts:
    """Words (negated ones apart), pairs of words and letter sequences, in 2 ** bits features.

    The features of one kind are scaled by the root of how many there are in the post.
    """
    order = _order(tokens)
    starts = np.flatnonzero(tokens.continues) - 1
    kinds = [
        (tokens.post, mixed(tokens.hashes + np.where(order.negated, _NEGATED, np.uint64(0)))),
        (tokens.post[starts], paired(tokens.hashes[starts], tokens.hashes[starts + 1])),
        (tokens.gram_post, tokens.grams),
    ]
    shift = np.uint64(64 - bits)
    values = [
        1 / np.sqrt(np.maximum(np.bincount(post, minlength=tokens.posts), 1))[post]
        for post, _ in kinds
    ]
    return Counts(
        post=np.concatenate([post for post, _ in kinds]),
        feature=np.concatenate([(mixed(hashes) >> shift).astype(np.int64) for _, hashes in kinds]),
        value=np.concatenate(values),
    )
