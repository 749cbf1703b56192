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
    """Voices per window of every value that may surge, with what is known of it.

    No step holds the words of all posts: they are cut again from the text wherever they are needed,
    and what a step keeps are ids, hashes and counts.
    """
    posts = _posts(tables, options)
    recent = posts.filter(_.age <= options.history)
    copies = _copies(recent)
    own = recent.anti_join(copies, "post_id")
    # One post of each voice of each window.
    voices = own.group_by("age", "voice").agg(post_id=_.post_id.min())
    crowd = voices.group_by("age").agg(voices=_.count())
    values = _named_values(_named(tables, options, recent, copies))
    if TERM in options.kinds:
        values = values.union(_term_values(own, voices, crowd, options).cast(values.schema()))
    rising = _rising(values, crowd, options)
    mentions = _mentions(tables, options, posts, copies, rising)
    key = ["kind", "value"]
    ever = mentions.group_by(key).agg(first=_first(), now_s=_.now_s.max())
    now = mentions.filter(_.age == 0)
    found = rising.join(ever, key).join(_window(now), key).join(_drivers(now), key)
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
    """The posts until now, and how many windows ago they were posted."""
    posts = tables.posts.filter(
        _.kind != PostKind.SERVICE, _.time_quality.isin(EXACT), _.posted_at.notnull()
    )
    if options.at is None:
        # Of a table of its own, for the engine would keep all that is asked for twice.
        posts = posts.cross_join(posts.agg(now_s=_second().max()))
    else:
        posts = posts.mutate(now_s=ibis.literal(_seconds(options.at), "int64"))
    posts = posts.filter(_second() <= _.now_s)
    # A window ends at its last second; the age of the last window is 0.
    age = ((_.now_s - _second()) // (options.window_h * 3600)).cast("int64")
    return posts.select(
        "post_id",
        "account_id",
        "posted_at",
        "text",
        "now_s",
        age=age,
        voice=ibis.coalesce(posts.account_id, posts.post_id),
    )


def _second() -> ibis.Deferred:
    """Whole seconds of Unix time; truncated, because DuckDB rounds."""
    return _.posted_at.truncate("s").epoch_seconds().cast("int64")


def _seconds(iso: str) -> int:
    try:
        return from_iso(iso) // 1_000_000
    except ItemError as error:
        raise OptionsInvalid(f"at must be a time with its offset, not {iso!r}") from error


def _trim(text: Any) -> Any:
    """The text without spaces around it."""


# Not `strip`: on Spark it takes the letter v off as well.
trim = ibis.udf.scalar.builtin(_trim, name="trim", signature=(("string",), "string"))


def _plain(text: ibis.StringValue) -> ibis.StringValue:
    """A text in lower case without links, handles and tags.

    Every expression is linear in RE2 and in Java alike: one class, repeated, after a fixed start.
    """
    text = text.substr(0, _LONGEST).re_replace(r"\p{Cf}+", "")  # zero-width, direction marks
    text = text.replace("İ", "i").lower().replace("ς", "σ")  # where the engines differ
    return text.re_replace(r"(?:https?://|[@#＠＃])\S*", " ")


def _words(text: ibis.StringValue) -> ibis.StringValue:
    """The words of a text between single spaces."""
    return trim(_plain(text).re_replace(f"[{_PAIRED}]+", " ").re_replace(_NO_LETTERS, " "))


def _runs(text: ibis.StringValue) -> ibis.StringValue:
    """The runs of signs of a text that are cut into pairs, between single spaces."""
    plain = _plain(text)
    runs = plain.re_replace(f"[^{_PAIRED}]+", " ")
    return ibis.ifelse(plain.re_search(f"[{_PAIRED}]"), trim(runs), "")


def _copies(recent: ibis.Table) -> ibis.Table:
    """The posts that say what an earlier post of the window said, and the voice that said it."""
    posts = recent.select(
        "post_id", "posted_at", "voice", "age", words=_words(_.text), runs=_runs(_.text)
    )
    posts = posts.filter(_.words.length() + _.runs.length() >= _COPY_FROM)
    posts = posts.mutate(said=_.words + " " + _.runs).drop("words", "runs")
    # Most texts stand alone. That is seen by a number for each; only the others are compared.
    posts = posts.mutate(mark=_.said.hash())
    marks = posts.group_by("age", "mark").agg(posts=_.count()).filter(_.posts > 1)
    alike = posts.semi_join(marks, ["age", "mark"])
    first = ibis.struct({"at": _.posted_at, "post_id": _.post_id, "voice": _.voice}).min()
    texts = alike.group_by("age", "said").agg(first=first, post_id=_.post_id.collect())
    copies = texts.select(
        post_id=texts.post_id.unnest(),
        origin=texts["first"]["voice"],
        original=texts["first"]["post_id"],
    )
    copies = copies.filter(_.post_id != _.original)
    # The engine shall keep them: they are asked for several times.
    return copies.group_by("post_id").agg(origin=_.origin.min())


def _array_distinct(values: Any) -> Any:
    """The different values of a list."""


# Both engines call it so; what Ibis 12 says instead DuckDB 2 refuses.
array_distinct = ibis.udf.scalar.builtin(
    _array_distinct, name="array_distinct", signature=(("array<string>",), "array<string>")
)


def _terms(posts: ibis.Table) -> ibis.Table:
    """The different words of each post, as `value`, and its different pairs of signs."""
    rest = [name for name in posts.columns if name != "text"]
    words = posts.filter(_.text.notnull())
    # Not `Table.unnest`: DuckDB would join the lists with themselves.
    words = words.select(*rest, value=array_distinct(_words(_.text).split(" ")).unnest())
    words = words.filter(_.value.length().between(*_TERM_LENGTHS))
    runs = posts.filter(_.text.re_search(f"[{_PAIRED}]"))
    runs = runs.select(*rest, run=_runs(_.text).split(" ").unnest())
    places = ibis.range(0, runs.run.length() - 1).unnest()
    pairs = runs.select(*rest, "run", place=places).mutate(value=_.run.substr(_.place, 2))
    return words.union(pairs.group_by(*words.columns).agg())


def _named(tables: Tables, options: Options, posts: ibis.Table, copies: ibis.Table) -> ibis.Table:
    """Kind and value of the observables of these posts, each once for each post."""
    observables = tables.observables.filter(_.kind.isin(options.kinds), _.kind != TERM)
    observables = observables.group_by("post_id", "kind", "value").agg()
    columns = ["post_id", "account_id", "posted_at", "age", "now_s", "origin"]
    named = observables.join(posts.drop("text"), "post_id")
    return _with_origin(named, copies).select("kind", "value", *columns)


def _with_origin(posts: ibis.Table, copies: ibis.Table) -> ibis.Table:
    """The posts with the voice that said their words first in their window."""
    posts = posts.left_join(copies, "post_id").drop("post_id_right")
    return posts.mutate(origin=ibis.coalesce(_.origin, _.voice)).drop("voice")


def _named_values(named: ibis.Table) -> ibis.Table:
    """The observables: voices in each window, and how many values of the kind there are."""
    once = named.group_by("kind", "value", "age", "origin").agg()
    cells = once.group_by("kind", "value", "age").agg(voices=_.count())
    return _by_value(cells).mutate(tested=_.count().over(group_by="kind"))


def _by_value(cells: ibis.Table) -> ibis.Table:
    return cells.group_by("kind", "value").agg(
        history=ibis.struct({"age": _.age, "voices": _.voices}).collect(),
        voices=_.voices.sum(where=_.age == 0).fill_null(0),
        before=_.voices.sum(where=_.age > 0).fill_null(0),
    )


def _term_values(
    own: ibis.Table, voices: ibis.Table, crowd: ibis.Table, options: Options
) -> ibis.Table:
    """The terms that may surge: voices in each window, and how many terms there are.

    Who says a term in which window is too much to keep for all of them. So all terms are counted by
    posts first, which bounds their voices on both sides: now by all posts, before by one post of
    each voice. What cannot surge between these bounds is only counted in `tested`.
    """
    one = voices.select("post_id", is_one=ibis.literal(True))
    posts = own.left_join(one, "post_id").select(
        "post_id", "age", "text", is_one=_.is_one.notnull()
    )
    bounds = (
        _terms(posts)
        .group_by("value")
        .agg(most=_.count(where=_.age == 0), least=_.count(where=_.is_one & (_.age > 0)))
    )
    # Numbers are no words; asked of each value, not of each mention.
    bounds = bounds.filter(_.value.re_search(r"\p{L}"))
    possible = _exceeding(bounds, crowd, options, now="most", before="least").select("value")
    said = _terms(own.select("age", "voice", "text")).semi_join(possible, "value")
    once = said.group_by("value", "age", "voice").agg()
    cells = once.group_by("value", "age").agg(voices=_.count())
    values = _by_value(cells.mutate(kind=ibis.literal(TERM)))
    return values.cross_join(bounds.agg(tested=_.count()))


def _exceeding(
    values: ibis.Table, crowd: ibis.Table, options: Options, *, now: str, before: str
) -> ibis.Table:
    """The values that have enough voices now, and more of the crowd than before."""
    sums = crowd.agg(
        crowd_now=_.voices.sum(where=_.age == 0).fill_null(0),
        crowd_before=_.voices.sum(where=_.age > 0).fill_null(0),
    )
    enough = values.filter(values[now] >= options.min_voices).cross_join(sums)
    share = enough[now] * enough.crowd_before
    return enough.filter(share >= options.growth * enough[before] * enough.crowd_now)


def _rising(values: ibis.Table, crowd: ibis.Table, options: Options) -> ibis.Table:
    """The values that may surge, with the crowd of each window."""
    rising = _exceeding(values, crowd, options, now="voices", before="before")
    crowds = crowd.agg(crowd=ibis.struct({"age": _.age, "voices": _.voices}).collect())
    return rising.cross_join(crowds).select("kind", "value", "tested", "history", "crowd")


def _mentions(
    tables: Tables, options: Options, posts: ibis.Table, copies: ibis.Table, rising: ibis.Table
) -> ibis.Table:
    """Kind and value of the rising ones that these posts name, once for each post."""
    named = _named(tables, options, posts, copies).semi_join(rising, ["kind", "value"])
    if TERM in options.kinds:
        terms = _terms(posts).semi_join(rising.filter(_.kind == TERM), "value")
        terms = _with_origin(terms.mutate(kind=ibis.literal(TERM)), copies)
        named = named.union(terms.select(*named.columns).cast(named.schema()))
    return named.group_by(*named.columns).agg()


def _window(now: ibis.Table) -> ibis.Table:
    """Posts, accounts and the first post of each value in the last window."""
    accounts = now.group_by("kind", "value", "account_id").agg(posts=_.count(), begin=_first())
    return accounts.group_by("kind", "value").agg(
        posts=_.posts.sum(), accounts=_.account_id.count(), begin=_.begin.min()
    )


def _drivers(now: ibis.Table) -> ibis.Table:
    """The voice whose words most posts say that name a value in the last window."""
    drivers = now.group_by("kind", "value", "origin").agg(
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
