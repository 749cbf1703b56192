"""What was gathered of each pair, set against chance."""

from __future__ import annotations

from typing import Any

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clew.analyses.communication.gathering import BILLION, KNOWN
from clew.analyses.communication.options import Options
from clew.model.rates import binomial_surprise, median_wait, normal_surprise, poisson_surprise
from clew.model.surges import false_shares

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

MOTIFS = {
    "motif_aaa": (False, False),
    "motif_aab": (False, True),
    "motif_aba": (True, False),
    "motif_abb": (True, True),
}
"""Three messages by whether the second and the third are the other's: `a` is who speaks first."""

_ANSWERS = {
    "awaited": "int64",  # turns of the other that awaited an answer of the account
    "answers": "int64",  # of these, those that it answered in time
    "usual_s": "int64",  # seconds within which it gives half of its answers, whomever to
    "soon": "int64",  # answers within that, at times of day when others awaited one too
    "soon_expected": "float64",  # of these, as it answers all at that time of day
    "answers_surprise": "float64",  # -log10 of the chance of so many
    "answers_false_share": "float64",  # share of chance among those at least so surprising
    "answers_fast": "boolean",
    "answer_s": "int64",  # seconds after which a half is answered; null: not half of them are
    "answer_low_s": "int64",  # its 95 % interval; null: it has no bound there
    "answer_high_s": "int64",
}

GIVES = ibis.schema(
    KNOWN
    | {
        "conversations_expected": "float64",  # as far as their activity explains them
        "conversations_surprise": "float64",  # -log10 of the chance of so many
        "conversations_false_share": "float64",  # share of chance among those so surprising
        "talks_more": "boolean",
        "turns": "int64",  # changes of the speaker within threads
        "turns_expected": "float64",  # with the same messages in any order
        "turns_surprise": "float64",  # null: no other number of changes is possible
        "turns_false_share": "float64",
        "takes_turns": "boolean",
        **dict.fromkeys(MOTIFS, "int64"),  # triples of messages within the window
        **_ANSWERS,
        **{f"{name}_back": kind for name, kind in _ANSWERS.items()},
    }
)


def score(gathered: pa.Table, options: Options) -> pa.Table:
    """Judge every pair; the rows of what is left out stay as they are."""
    is_pair = gathered["left_out"].is_null()
    rest = gathered.filter(pc.invert(is_pair)).select(list(KNOWN))
    pairs = gathered.filter(is_pair).sort_by(
        [("account_id", "ascending"), ("other_id", "ascending")]
    )
    columns: dict[str, Any] = (
        _conversations(pairs, options)
        | _turns(pairs, options)
        | _motifs(pairs, options)
        | _answers(pairs, options)
    )
    judged = pairs.select(list(KNOWN))
    for name, values in columns.items():
        judged = judged.append_column(name, pa.array(values, GIVES[name].to_pyarrow()))
    schema = GIVES.to_pyarrow()
    return pa.concat_tables([judged.select(schema.names), rest], promote_options="default").cast(
        schema
    )


def _conversations(pairs: pa.Table, options: Options) -> dict[str, Any]:
    seen = _integers(pairs["conversations"])
    expected = _integers(pairs["conversations_expected"]) / BILLION
    surprises = np.array(
        [poisson_surprise(*each) for each in zip(seen.tolist(), expected.tolist(), strict=True)],
        np.float64,
    )
    tested = pc.max(pairs["tested"]).as_py() or 0
    shares = false_shares(surprises, tested)
    more = (
        (shares <= options.false_percent / 100)
        & (seen >= options.min_conversations)
        & (seen >= options.growth * expected)
    )
    return {
        "conversations_expected": expected,
        "conversations_surprise": _rounded(surprises, 3),
        "conversations_false_share": _rounded(shares, 6),
        "talks_more": more,
    }


def _turns(pairs: pa.Table, options: Options) -> dict[str, Any]:
    """Changes of the speaker against the runs test of Wald & Wolfowitz, summed over threads.

    m messages of the one and n of the other in any order have 2mn / (m + n) changes on average.
    """
    pair, talks = _flat(pairs["talks"])
    there, back, changes = (talks[name] for name in ("there", "back", "changes"))
    size, product = (there + back).astype(float), 2.0 * there * back
    mean = product / size
    variance = product * (product - size) / (size**2 * (size - 1))
    number = pairs.num_rows
    seen = _summed(pair, changes, number).astype(np.int64)
    expected, spread = _summed(pair, mean, number), _summed(pair, variance, number)
    judged = spread > 1e-12
    # Half a change off: a count against a continuous distribution.
    distances = (seen[judged] - 0.5 - expected[judged]) / np.sqrt(spread[judged])
    surprises, shares = np.zeros(number), np.ones(number)
    surprises[judged] = [normal_surprise(distance) for distance in distances.tolist()]
    shares[judged] = false_shares(surprises[judged], int(judged.sum()))
    return {
        "turns": seen,
        "turns_expected": _rounded(expected, 3),
        "turns_surprise": _known(_rounded(surprises, 3), judged),
        "turns_false_share": _known(_rounded(shares, 6), judged),
        "takes_turns": judged & (shares <= options.false_percent / 100),
    }


def _motifs(pairs: pa.Table, options: Options) -> dict[str, Any]:
    """The motifs of two accounts and three messages: Paranjape, Benson & Leskovec (2017).

    Every three messages of the pair count whose last is at most the window after their first.
    With running sums each kind costs one pass over all messages, however many lie in a window.
    """
    pair, instants = _flat(pairs["instants"])
    order = np.lexsort((instants["place"], pair))
    pair, second, back = pair[order], instants["second"][order], instants["back"][order]
    # One axis on which no window reaches from one pair into the next.
    window = options.window_min * 60
    span = int(second.max(initial=0)) - int(second.min(initial=0)) + window + 1
    axis = pair * span + second
    first = np.searchsorted(axis, axis - window)
    last = np.arange(len(axis))
    counts: dict[str, Integers] = {name: np.zeros(pairs.num_rows, np.int64) for name in MOTIFS}
    for speaker in (False, True):
        a = back == speaker
        for name, (second_other, third_other) in MOTIFS.items():
            b = a ^ second_other
            ones, twos = _running(a), _running(b)
            both = _running(np.where(b, ones[:-1], 0))
            # Messages of `a` and then `b` from the beginning of the window up to the last one.
            before = both[last] - both[first] - ones[first] * (twos[last] - twos[first])
            ending = a ^ third_other
            counts[name] += _summed(pair[ending], before[ending], pairs.num_rows).astype(np.int64)
    return dict(counts)


def _answers(pairs: pa.Table, options: Options) -> dict[str, Any]:
    """How fast each answers the other, against how fast it answers all.

    A log-rank test up to the usual time of who answers: answers against the integrals of the hazard
    over the waits. Who is answered next is a draw among all who wait, so that the number of answers
    is binomial at most.
    """
    pair, waits = _flat(pairs["waits"])
    number = pairs.num_rows
    found: dict[str, dict[str, Any]] = {}
    # What goes back to the account is answered by it.
    for way, mine in (("", waits["back"]), ("_back", ~waits["back"])):
        awaited = _summed(pair[mine], np.ones(mine.sum()), number).astype(np.int64)
        answered = _summed(pair[mine], waits["answered"][mine], number).astype(np.int64)
        soon = _integers(pairs[f"soon{way}"])
        expected = _integers(pairs[f"soon_expected{way}"]) / BILLION
        draws = _integers(pairs[f"soon_of{way}"])
        medians = _medians(
            pair[mine], waits["wait_s"][mine], waits["answered"][mine], awaited >= options.min_turns
        )
        found[way] = {
            "awaited": awaited,
            "answers": answered,
            # The hazard of the pair's answers is so many times that of the others' answers.
            "at_growth": soon * (draws - expected) >= options.growth * expected * (draws - soon),
            "usual_s": pairs[f"usual_s{way}"].to_pylist(),
            "soon": soon,
            "soon_expected": expected,
            "answers_surprise": np.array(
                [
                    binomial_surprise(*drawn)
                    for drawn in zip(soon.tolist(), draws.tolist(), expected.tolist(), strict=True)
                ],
                np.float64,
            ),
            **medians,
        }
    ways = [found[""], found["_back"]]
    judged = np.concatenate([each["awaited"] >= options.min_turns for each in ways])
    surprises = np.concatenate([each["answers_surprise"] for each in ways])
    shares = np.ones(2 * number)
    shares[judged] = false_shares(surprises[judged], int(judged.sum()))
    columns: dict[str, Any] = {}
    for way, each, share, enough in zip(
        found, ways, np.split(shares, 2), np.split(judged, 2), strict=True
    ):
        each["answers_fast"] = (
            enough & (share <= options.false_percent / 100) & each.pop("at_growth")
        )
        each["answers_false_share"] = _known(_rounded(share, 6), enough)
        each["answers_surprise"] = _known(_rounded(each["answers_surprise"], 3), enough)
        each["soon_expected"] = _rounded(each["soon_expected"], 3)
        columns |= {f"{name}{way}": values for name, values in each.items()}
    return columns


def _medians(pair: Integers, waits: Integers, answered: Flags, enough: Flags) -> dict[str, Any]:
    """The median wait of each pair with enough turns, and its interval."""
    order = np.argsort(pair, kind="stable")
    starts = np.searchsorted(pair[order], np.arange(len(enough) + 1))
    answer: dict[str, list[int | None]] = {
        name: [None] * len(enough) for name in ("answer_s", "answer_low_s", "answer_high_s")
    }
    for number in np.flatnonzero(enough).tolist():
        own = order[starts[number] : starts[number + 1]]
        wait = median_wait(list(zip(waits[own].tolist(), answered[own].tolist(), strict=True)))
        answer["answer_s"][number] = wait.median
        answer["answer_low_s"][number] = wait.low
        answer["answer_high_s"][number] = wait.high
    return dict(answer)


# ----------------------------------------------------------------------------------------- arrays


def _flat(column: pa.ChunkedArray) -> tuple[Integers, dict[str, Any]]:
    """The records of lists: the row that each is of, and its fields."""
    lists = column.combine_chunks()
    lists = lists.combine_chunks() if isinstance(lists, pa.ChunkedArray) else lists
    records = lists.flatten()
    fields = {
        field.name: np.asarray(records.field(field.name).to_numpy(zero_copy_only=False))
        for field in lists.type.value_type
    }
    return np.asarray(pc.list_parent_indices(lists)).astype(np.int64), fields


def _integers(column: pa.ChunkedArray) -> Integers:
    return np.asarray(column.fill_null(0).to_numpy()).astype(np.int64)


def _summed(row: Integers, values: Any, rows: int) -> Floats:
    """The sum of the values of each row; whole numbers stay exact below 2^53."""
    return np.asarray(np.bincount(row, weights=values, minlength=rows))


def _running(values: Any) -> Integers:
    """Sums of all values before each place, and of all."""
    return np.concatenate([[0], np.cumsum(values, dtype=np.int64)])


def _rounded(values: Floats, digits: int) -> list[float]:
    return [round(value, digits) for value in values.tolist()]


def _known(values: list[float], enough: Flags) -> list[float | None]:
    """The values where there is enough to say something; null elsewhere."""
    return [value if know else None for value, know in zip(values, enough.tolist(), strict=True)]


__all__ = ["GIVES", "MOTIFS", "score"]
