"""What surges now, who drives it, and when was it first seen?

Counted are voices: accounts, each once a window. What says the same words as an earlier post of the
window counts for the account that said them first, so that neither one loud account nor a copied
text makes a surge.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from clew.contract import Analysis, Count, Finding, Plot, PlotKind, Priority, Tables
from clew.errors import ItemError, OptionsInvalid
from clew.model.surges import Surges, false_shares, surprise
from clew.model.tables import PostKind
from clew.model.times import EXACT, from_iso
from clew.model.wording import counted, short

TERM = "term"
"""The kind of a word of a text; the other kinds are those of observables."""


@dataclass(frozen=True)
class Options:
    """Which windows are compared, and what is called a surge."""

    kinds: tuple[str, ...] = ("hashtag", "cve", "domain", "handle", TERM)  # what is looked at
    at: str | None = None  # now, ISO 8601 with offset; null: the time of the last post
    window_h: Count = 24  # hours of a window
    history: Count = 56  # windows before the last one that it is compared with
    min_windows: Count = 7  # windows with posts that the history needs
    min_voices: Count = 3  # fewer are never a surge
    growth: Count = 2  # less than this many times its share of the history is never a surge
    false_percent: Count = 5  # of the surges named, at most this many may be expected to be chance
    limit: Count = 100  # values kept of each kind
    shown: Count = 4  # surges of each kind that its finding names
    pictured: Count = 6  # surges that get a picture


# ---------------------------------------------------------------------------------------- gather

_LONGEST = 4096  # characters of a post that are looked at
_COPY_FROM = 20  # characters of words from which on the same words are a copy
_TERM_LENGTHS = (3, 40)

# Scripts without spaces whose words are cut into pairs: kana, Han, and what extends them.
_PAIRED = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"

_NO_LETTERS = r"[^\p{L}\p{M}\p{N}]+"


def gather(tables: Tables, options: Options) -> ibis.Table:
    """Voices per window of every value that may surge, with what is known of it."""
    posts = _posts(tables, options)
    recent = posts.filter(_.age <= options.history)
    origins = _origins(recent)
    rising = _rising(_cells(tables, options, recent, origins), origins, options)
    key = ["kind", "value"]
    now = _mentions(tables, options, posts.filter(_.age == 0), "said")
    ever = _mentions(tables, options, posts, "now_s").semi_join(rising, key)
    ever = ever.group_by(key).agg(first=_first(), now_s=_.now_s.max())
    found = rising.join(ever, key).join(_window(now), key).join(_drivers(now, origins), key)
    return (
        found.mutate(
            first_at=found["first"]["at"],
            first_post_id=found["first"]["post_id"],
            first_account_id=found["first"]["account_id"],
            window_post_id=found["begin"]["post_id"],
        )
        .select(*_GATHERED)
        .cast(_GATHERED)
    )


def _first() -> ibis.Deferred:
    """The earliest post; of several at once the one whose id is least."""
    return ibis.struct({"at": _.posted_at, "post_id": _.post_id, "account_id": _.account_id}).min()


def _posts(tables: Tables, options: Options) -> ibis.Table:
    """The posts until now: their words, and how many windows ago they were posted."""
    posts = tables.posts.filter(
        _.kind != PostKind.SERVICE, _.time_quality.isin(EXACT), _.posted_at.notnull()
    )
    # Truncated, because DuckDB rounds.
    seconds = posts.posted_at.truncate("s").epoch_seconds().cast("int64")
    posts = posts.select(
        "post_id",
        "account_id",
        "posted_at",
        "text",
        second=seconds,
        voice=ibis.coalesce(posts.account_id, posts.post_id),
    )
    if options.at is None:
        posts = posts.cross_join(posts.agg(now_s=_.second.max()))
    else:
        posts = posts.mutate(now_s=ibis.literal(_seconds(options.at), "int64"))
    posts = posts.filter(_.second <= _.now_s)
    # A window ends at its last second; the age of the last window is 0.
    age = ((_.now_s - _.second) // (options.window_h * 3600)).cast("int64")
    words, runs = _words(posts.text)
    posts = posts.mutate(age=age, words=words, runs=runs)
    said = ibis.ifelse(
        _.words.length() + _.runs.length() >= _COPY_FROM, _.words + " " + _.runs, _.post_id
    )
    return posts.mutate(said=ibis.coalesce(said, _.post_id)).drop("text", "second")


def _seconds(iso: str) -> int:
    try:
        return from_iso(iso) // 1_000_000
    except ItemError as error:
        raise OptionsInvalid(f"at must be a time with its offset, not {iso!r}") from error


def _words(text: ibis.StringValue) -> tuple[ibis.StringValue, ibis.StringValue]:
    """The words of a text in lower case, and its runs of signs that are cut into pairs.

    Between single spaces; without links, handles and tags.

    Every expression is linear in RE2 and in Java alike: one class, repeated, after a fixed start.
    """
    text = text.substr(0, _LONGEST).re_replace(r"\p{Cf}+", "")  # zero-width, direction marks
    text = text.replace("İ", "i").lower().replace("ς", "σ")  # where the engines differ
    text = text.re_replace(r"(?:https?://|[@#＠＃])\S*", " ")
    # Not `strip`: on Spark it takes the letter v off as well.
    words = text.re_replace(f"[{_PAIRED}]+", " ").re_replace(_NO_LETTERS, " ")
    has_runs = text.re_search(f"[{_PAIRED}]")
    runs = ibis.ifelse(has_runs, text.re_replace(f"[^{_PAIRED}]+", " "), "")
    # Not `strip`: on Spark it takes the letter v off as well.
    words, runs = (spaced.re_replace("^ | $", "") for spaced in (words, runs))
    return words, runs


def _origins(recent: ibis.Table) -> ibis.Table:
    """Who said these words first in this window? One row for each text of each window."""
    first = ibis.struct({"at": _.posted_at, "post_id": _.post_id, "voice": _.voice}).min()
    texts = recent.group_by("age", "said").agg(first=first, words=_.words.min(), runs=_.runs.min())
    return texts.select("age", "said", "words", "runs", origin=texts["first"]["voice"])


def _cells(tables: Tables, options: Options, recent: ibis.Table, origins: ibis.Table) -> ibis.Table:
    """Kind, value, window → voices."""
    named = _named(tables, options).join(recent.select("post_id", "age", "said"), "post_id")
    named = named.join(origins.select("age", "said", "origin"), ["age", "said"])
    once = named.group_by("kind", "value", "age", "origin").agg()
    cells = once.group_by("kind", "value", "age").agg(voices=_.count())
    if TERM not in options.kinds:
        return cells
    # All that a voice said in a window is cut into words together: each word counts once for it,
    # without a table of all voices and words.
    speeches = origins.filter(_.words.notnull()).group_by("age", "origin")
    speeches = speeches.agg(words=_.words.group_concat(" "), runs=_.runs.group_concat(" "))
    terms = _terms(speeches)
    terms = terms.group_by("value", "age").agg(voices=_.count())
    # Numbers are no words; asked of each value, not of each mention.
    terms = terms.filter(_.value.re_search(r"\p{L}"))
    terms = terms.select(kind=ibis.literal(TERM), value="value", age="age", voices="voices")
    return cells.union(terms.cast(cells.schema()))


def _named(tables: Tables, options: Options) -> ibis.Table:
    """Post, kind and value of the observables that are looked at, each once."""
    observables = tables.observables.filter(_.kind.isin(options.kinds), _.kind != TERM)
    return observables.group_by("post_id", "kind", "value").agg()


def _array_distinct(values: Any) -> Any:
    """The different values of a list."""


# Both engines call it so; what Ibis 12 says instead DuckDB 2 refuses.
array_distinct = ibis.udf.scalar.builtin(
    _array_distinct, name="array_distinct", signature=(("array<string>",), "array<string>")
)


def _terms(texts: ibis.Table) -> ibis.Table:
    """The different words of each row, as `value`, and its different pairs of signs."""
    rows = [name for name in texts.columns if name not in ("words", "runs")]
    words = texts.select(*rows, value=array_distinct(_.words.split(" "))).unnest("value")
    words = words.filter(_.value.length().between(*_TERM_LENGTHS))
    runs = texts.filter(_.runs != "")
    runs = runs.select(*rows, run=array_distinct(_.runs.split(" "))).unnest("run")
    runs = runs.mutate(place=ibis.range(0, runs.run.length() - 1)).unnest("place")
    pairs = runs.mutate(value=_.run.substr(_.place, 2)).group_by(*rows, "value").agg()
    return words.union(pairs.select(*words.columns))


def _rising(cells: ibis.Table, origins: ibis.Table, options: Options) -> ibis.Table:
    """The values that may surge: enough voices, and more of the crowd than before."""
    values = cells.group_by("kind", "value").agg(
        history=ibis.struct({"age": _.age, "voices": _.voices}).collect(),
        voices=_.voices.sum(where=_.age == 0).fill_null(0),
        before=_.voices.sum(where=_.age > 0).fill_null(0),
    )
    values = values.mutate(tested=_.count().over(group_by="kind"))
    crowd = origins.group_by("age", "origin").agg().group_by("age").agg(voices=_.count())
    crowds = crowd.agg(
        crowd=ibis.struct({"age": _.age, "voices": _.voices}).collect(),
        crowd_now=_.voices.sum(where=_.age == 0).fill_null(0),
        crowd_before=_.voices.sum(where=_.age > 0).fill_null(0),
    )
    return (
        values.filter(_.voices >= options.min_voices)
        .cross_join(crowds)
        .filter(_.voices * _.crowd_before >= options.growth * _.before * _.crowd_now)
        .select("kind", "value", "tested", "history", "crowd")
    )


def _mentions(tables: Tables, options: Options, posts: ibis.Table, besides: str) -> ibis.Table:
    """Kind and value of all that these posts name, once for each post."""
    columns = ["post_id", "account_id", "posted_at", besides]
    named = _named(tables, options).join(posts.select(*columns), "post_id")
    named = named.select("kind", "value", *columns)
    if TERM not in options.kinds:
        return named
    terms = _terms(posts.filter(_.words.notnull()).select(*columns, "words", "runs"))
    terms = terms.select("value", *columns, kind=ibis.literal(TERM)).select(*named.columns)
    return named.union(terms.cast(named.schema()))


def _window(now: ibis.Table) -> ibis.Table:
    """Posts, accounts and the first post of each value in the last window."""
    accounts = now.group_by("kind", "value", "account_id").agg(posts=_.count(), begin=_first())
    return accounts.group_by("kind", "value").agg(
        posts=_.posts.sum(), accounts=_.account_id.count(), begin=_.begin.min()
    )


def _drivers(now: ibis.Table, origins: ibis.Table) -> ibis.Table:
    """The voice whose words most posts say that name a value in the last window."""
    told = now.join(origins.filter(_.age == 0).select("said", "origin"), "said")
    drivers = told.group_by("kind", "value", "origin").agg(
        driver_posts=_.count(), driver_post_id=_.post_id.min()
    )
    # The greatest count, then the least name: one record orders both, without a sort.
    rank = ibis.struct({"fewer": -_.driver_posts, "driver": _.origin, "post": _.driver_post_id})
    most = drivers.group_by("kind", "value").agg(most=rank.min())
    return most.select(
        "kind",
        "value",
        driver=most["most"]["driver"],
        driver_posts=-most["most"]["fewer"],
        driver_post_id=most["most"]["post"],
    )


# ----------------------------------------------------------------------------------------- score


def score(gathered: pa.Table, options: Options) -> pa.Table:
    """Fold the windows of every rising value, oldest first, and judge the last one."""
    if not gathered.num_rows:
        return _nothing()
    windows = options.history + 1
    crowd = _by_window(gathered["crowd"][0].as_py(), windows)
    if np.count_nonzero(crowd[:-1]) < options.min_windows:
        return _nothing()
    rows = gathered.drop_columns(["crowd", "history"]).to_pylist()
    counts = np.array([_by_window(cells, windows) for cells in gathered["history"].to_pylist()])
    slots = 168 // options.window_h if 168 % options.window_h == 0 else 1
    state = Surges(series=len(rows), slots=slots, half_life=max(1.0, options.history / 2))
    for number in range(windows - 1):
        state.learn(counts[:, number], number % slots, crowd[number])
    means, sizes = state.expect((windows - 1) % slots, crowd[-1])
    for row, history, mean, size in zip(rows, counts, means, sizes, strict=True):
        row["now_at"] = dt.datetime.fromtimestamp(row["now_s"], dt.UTC)
        row["history"] = [int(count) for count in history]
        row["voices"] = row["history"][-1]
        row["expected"] = round(float(mean), 3)
        row["surprise"] = round(surprise(row["voices"], mean, size), 3)
    kinds: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: (-row["surprise"], -row["voices"], row["value"])):
        kinds.setdefault(row["kind"], []).append(row)
    return pa.Table.from_pylist(
        [row for found in kinds.values() for row in _ranked(found, options)],
        schema=GIVES.to_pyarrow(),
    )


def _by_window(cells: list[dict[str, int]], windows: int) -> np.ndarray[Any, Any]:
    """Counts in order of windows, the oldest first."""
    counts = np.zeros(windows)
    for cell in cells:
        counts[windows - 1 - cell["age"]] = cell["voices"]
    return counts


def _ranked(rows: list[dict[str, Any]], options: Options) -> list[dict[str, Any]]:
    """The rows of one kind, the most surprising first, with their ranks and false shares."""
    shares = false_shares(np.array([row["surprise"] for row in rows]), rows[0]["tested"])
    for rank, (row, share) in enumerate(zip(rows, shares, strict=True), 1):
        row["rank"] = rank
        row["false_share"] = round(float(share), 6)
        row["surges"] = bool(share <= options.false_percent / 100)
    return rows[: options.limit]


def _nothing() -> pa.Table:
    return GIVES.to_pyarrow().empty_table()


# -------------------------------------------------------------------------------------- findings

_SHOWN_LENGTH = 40  # characters of a value in a sentence that names several


def find(result: pa.Table, options: Options) -> list[Finding]:
    """The surges of each kind, the most surprising first."""
    if not result.num_rows:
        summary = (
            f"Nothing can surge: no value is named by {counted(options.min_voices, 'voice')} in"
            f" the last {options.window_h} h and by {options.growth} times its share of before, or"
            f" fewer than {counted(options.min_windows, 'window')} before it have posts."
        )
        return [Finding(summary=summary, enough_data=False)]
    kinds = sorted(pc.unique(result["kind"]).to_pylist())
    return [
        _of_kind(kind, result.filter(pc.field("kind") == kind).sort_by("rank").to_pylist(), options)
        for kind in kinds
    ]


def _of_kind(kind: str, rows: list[dict[str, Any]], options: Options) -> Finding:
    surging = [row for row in rows if row["surges"]]
    until = f"{rows[0]['now_at']:%Y-%m-%d %H:%M} UTC"
    looked = f"{kind}: {counted(rows[0]['tested'], 'value')} looked at in the"
    looked += f" {options.window_h} h to {until}"
    if not surging:
        return Finding(
            summary=f"{looked}; none surges. Nearest: {_naming(rows[0])}.",
            evidence=(rows[0]["window_post_id"],),
        )
    shown = surging[: options.shown]
    some = "at least " if len(surging) == options.limit else ""
    told = "; ".join(_naming(row) for row in shown)
    top = shown[0]
    counter = []
    if top["driver_posts"] * 2 > top["posts"] > 1:
        counter.append(
            f"{top['driver_posts']:,} of the {counted(top['posts'], 'post')} that name"
            f" {short(top['value'])} are one voice's words."
        )
    evidence = [row[name] for row in shown for name in ("window_post_id", "driver_post_id")]
    return Finding(
        summary=f"{looked}; {some}{counted(len(surging), 'surge')}: {told}.",
        priority=Priority.MEDIUM,
        subject=top["value"] if kind != TERM else None,
        evidence=tuple(dict.fromkeys(evidence))[:8],
        counter_evidence=tuple(counter),
    )


def _naming(row: dict[str, Any]) -> str:
    value = row["value"]
    value = value if len(value) <= _SHOWN_LENGTH else value[: _SHOWN_LENGTH - 1] + "…"
    fresh = row["first_post_id"] == row["window_post_id"]
    since = "new" if fresh else f"first seen {row['first_at']:%Y-%m-%d}"
    return (
        f"{value} by {counted(row['voices'], 'voice')} ({row['expected']:,.1f} expected, {since})"
    )


def draw(result: pa.Table, options: Options) -> list[Plot]:
    """Voices per window of the most surprising surges."""
    surging = result.filter(pc.field("surges"))
    order = [("surprise", "descending"), ("kind", "ascending"), ("value", "ascending")]
    rows = surging.sort_by(order).slice(0, options.pictured).to_pylist()
    return [_plot(row, options) for row in rows]


def _plot(row: dict[str, Any], options: Options) -> Plot:
    width = dt.timedelta(hours=options.window_h)
    ends = [row["now_at"] - width * age for age in reversed(range(len(row["history"])))]
    data = {
        "at": pa.array([end - width for end in ends], pa.timestamp("us", "UTC")),
        "value": pa.array(row["history"], pa.int64()),
    }
    return Plot(
        kind=PlotKind.SERIES,
        title=f"Surging {row['kind']}: {short(row['value'])}",
        caption=f"Voices in each window of {options.window_h} h, by its start in UTC;"
        f" {row['expected']:,.1f} were expected in the last one. Copies count once.",
        data=pa.table(data),
    )


_KNOWN = {
    "kind": "string",  # hashtag, cve, domain, handle, term…
    "value": "string",  # canonical form; of a term the word in lower case
    "tested": "int64",  # values of this kind that were looked at
    "posts": "int64",  # that name it in the last window, copies too
    "accounts": "int64",  # of these posts, each counted once
    "first_at": "timestamp('UTC', 6)",  # when it was named first, in all posts until now
    "first_post_id": "string",  # of posts at the same instant the one whose id is least
    "first_account_id": "string",  # null: not recorded
    "window_post_id": "string",  # the first post of the last window that names it
    "driver": "string",  # voice whose words most of these posts say: account, or post without one
    "driver_posts": "int64",  # how many of these posts say its words
    "driver_post_id": "string",  # one of them: the one whose id is least
}
_CELLS = "array<struct<age: int64, voices: int64>>"
_GATHERED = ibis.schema(_KNOWN | {"now_s": "int64", "history": _CELLS, "crowd": _CELLS})

GIVES = ibis.schema(
    _KNOWN
    | {
        "now_at": "timestamp('UTC', 6)",  # the last second of the last window
        "rank": "int64",  # within its kind, by surprise; 1 is the first
        "voices": "int64",  # that name it in the last window
        "expected": "float64",  # voices, from the windows before
        "surprise": "float64",  # -log10 of the chance of so many voices if nothing has changed
        "false_share": "float64",  # share of chance to expect among values at least so surprising
        "surges": "boolean",
        "history": "array<int64>",  # voices in each window, the oldest first
    }
)

TRENDS = Analysis(
    name="trends",
    question="What surges now: which hashtags, words, CVEs, domains and handles, driven by whom and"
    " first seen when?",
    needs={
        "posts": ("post_id", "kind", "account_id", "posted_at", "time_quality", "text"),
        "observables": ("post_id", "kind", "value"),
    },
    gives=GIVES,
    gather=gather,
    score=score,
    find=find,
    draw=draw,
    options=Options,
    method=(
        "Negative binomial counts with exposure and a season, learned causally window by window:"
        " docs/analyses/trends.md",
        "False discoveries: Benjamini & Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x",
        "Benchmark: Lavin & Ahmad (2015), Numenta Anomaly Benchmark, arXiv:1510.03336",
    ),
    limits=(
        "A surge is more voices than before, not importance, truth or danger.",
        "A capture that began to collect a topic yesterday shows that topic surging.",
        "Copies are recognised by their words, 20 characters or more; a paraphrase is a new voice.",
        "Accounts are counted, not people: many accounts of one person are many voices.",
        "Terms are single words. Chinese and Japanese are cut into pairs of characters; Thai, Lao,"
        " Khmer and Burmese, written without spaces, are not cut at all.",
    ),
)
