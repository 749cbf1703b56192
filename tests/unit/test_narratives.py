"""Are planted origins, paths and changes found, and nothing where nothing was planted?"""

from __future__ import annotations

import datetime as dt
import random

import pytest

from clew.analyses.narratives import NARRATIVES, Options
from tests.engines import GivenTables

NOON = dt.datetime(2024, 3, 1, 12, tzinfo=dt.UTC)
SAID = "The bridge over the river was closed this morning after heavy rain fell in the night"


def post(number: int, text: str | None, *, after_s: float | None, **other) -> dict:
    at = None if after_s is None else NOON + dt.timedelta(seconds=after_s)
    return {
        "post_id": f"x:{number}",
        "platform": "x",
        "kind": "post",
        "account_id": f"x:a{number}",
        "channel_id": None,
        "posted_at": at,
        "time_quality": "missing" if at is None else "utc",
        "text": text,
    } | other


def act(kind: str, number: int, target: str) -> dict:
    return {"kind": kind, "post_id": f"x:{number}", "target_post_id": target}


def result_of(engine, posts, acts=(), languages=(), **options) -> list[dict]:
    case = {"posts": [*posts], "interactions": [*acts], "languages": [*languages]}
    given = Options(**options)
    gathered = NARRATIVES.gather(GivenTables(engine, NARRATIVES.needs, case), given).to_pyarrow()
    return NARRATIVES.score(gathered, given).to_pylist()


def findings(engine, posts, acts=(), **options) -> list:
    case = {"posts": [*posts], "interactions": [*acts], "languages": []}
    given = Options(**options)
    gathered = NARRATIVES.gather(GivenTables(engine, NARRATIVES.needs, case), given).to_pyarrow()
    return NARRATIVES.find(NARRATIVES.score(gathered, given), given)


def test_a_text_its_copies_and_its_variants_are_one_narrative(engine):
    posts = [
        post(1, SAID, after_s=0),
        post(2, SAID.upper(), after_s=100),
        post(3, SAID.replace("morning", "evening"), after_s=200),
        post(4, f"{SAID} https://news.example/1", after_s=300, platform="telegram"),
        post(5, "Something else that nobody but this account has ever said here", after_s=10),
    ]
    one, two, three, four = result_of(engine, posts)
    assert [row["post_id"] for row in (one, two, three, four)] == ["x:1", "x:2", "x:3", "x:4"]
    assert (one["posts"], one["voices"], one["texts"]) == (4, 4, 3)
    assert one["text_id"] == two["text_id"] != three["text_id"]
    assert (two["text_posts"], three["text_posts"], four["platform_posts"]) == (2, 1, 1)
    assert (two["words_added"], two["words_removed"]) == ([], [])
    assert (three["words_added"], three["words_removed"]) == (["evening"], ["morning"])
    assert (four["words_added"], four["links_added"]) == ([], ["https://news.example/1"])
    assert {row["origin_post_id"] for row in (one, two, three, four)} == {"x:1"}
    assert [row["way"] for row in (one, two, three, four)] == ["first", *["inferred"] * 3]


def test_one_voice_is_no_narrative(duckdb):
    posts = [post(number, SAID, after_s=number, account_id="x:loud") for number in range(50)]
    assert result_of(duckdb, posts) == []


def test_shuffled_texts_give_none(duckdb):
    chance = random.Random(1)
    words = [f"word{number}" for number in range(16)]
    posts = [
        post(number, " ".join(chance.sample(words, 16)), after_s=number) for number in range(300)
    ]
    assert result_of(duckdb, posts, min_voices=2) == []
    assert not findings(duckdb, posts, min_voices=2)[0].enough_data


def test_narratives_are_ranked_by_voices_not_by_volume(duckdb):
    loud = [post(n, SAID, after_s=n, account_id=f"x:a{n % 3}") for n in range(40)]
    broad = [post(n, "Everybody says so, and it is said", after_s=n) for n in range(100, 105)]
    rows = result_of(duckdb, loud + broad)
    heads = {row["rank"]: (row["voices"], row["posts"]) for row in rows}
    assert heads == {1: (5, 5), 2: (3, 40)}


def test_a_recorded_parent_is_taken_and_not_guessed(duckdb):
    posts = [post(n, SAID, after_s=60 * n) for n in range(1, 5)]
    rows = result_of(duckdb, posts, [act("forward", 4, "x:1"), act("reply", 4, "x:3")])
    last = rows[-1]
    assert (last["way"], last["parent_post_id"], last["delay_s"]) == ("forward", "x:1", 180)
    assert last["parent_share"] is None


def test_an_answer_in_other_words_is_no_part_of_it(duckdb):
    posts = [post(n, SAID, after_s=n) for n in range(1, 4)]
    posts.append(post(9, "That is not true, I was there and it was open", after_s=9))
    rows = result_of(duckdb, posts, [act("reply", 9, "x:1")])
    assert {row["post_id"] for row in rows} == {"x:1", "x:2", "x:3"}


def test_a_repost_without_a_text_of_its_own_is_part_of_it(duckdb):
    posts = [post(n, SAID, after_s=n) for n in range(1, 4)]
    posts += [post(8, None, after_s=8, kind="repost"), post(9, "RT cut", after_s=9, kind="repost")]
    rows = result_of(duckdb, posts, [act("repost", 8, "x:1"), act("repost", 9, "x:2")])
    assert [row["way"] for row in rows[-2:]] == ["repost", "repost"]
    assert {row["text_id"] for row in rows[-2:]} == {rows[0]["text_id"]}
    assert rows[0]["posts"] == 5


def test_the_likeliest_parent_has_the_same_words_and_is_near_in_time(duckdb):
    variant = SAID.replace("morning", "evening")
    posts = [
        post(1, SAID, after_s=0),
        post(2, variant, after_s=3_600),
        post(3, variant, after_s=7_200),
        post(4, SAID, after_s=7_300),
    ]
    rows = {row["post_id"]: row for row in result_of(duckdb, posts)}
    assert rows["x:3"]["parent_post_id"] == "x:2"
    assert rows["x:3"]["parent_share"] > 0.5
    shares = [row["parent_share"] for row in rows.values() if row["parent_share"] is not None]
    assert all(0 < share <= 1 for share in shares)


def test_unknown_times_are_kept_apart(duckdb):
    posts = [post(n, SAID, after_s=n) for n in range(1, 4)]
    posts.append(post(0, SAID, after_s=-9_999, time_quality="claimed"))
    rows = result_of(duckdb, posts)
    assert rows[0]["origin_post_id"] == "x:1"
    assert rows[0]["untimed"] == 1
    assert (rows[-1]["post_id"], rows[-1]["way"], rows[-1]["posted_at"]) == ("x:0", "unknown", None)


def test_posts_at_the_same_instant_are_rivals(duckdb):
    posts = [post(n, SAID, after_s=0) for n in range(1, 4)] + [post(4, SAID, after_s=60)]
    rows = result_of(duckdb, posts)
    assert {row["rivals"] for row in rows} == {2}
    assert [row["way"] for row in rows] == ["first", "first", "first", "inferred"]
    told = findings(duckdb, posts)[1].summary
    assert "2 other posts may be as early" in told


@pytest.mark.parametrize("is_captured", [True, False])
def test_what_the_earliest_forward_is_the_origin(duckdb, is_captured):
    posts = [post(n, SAID, after_s=n) for n in range(1, 4)]
    posts += [post(0, SAID, after_s=None)] * is_captured
    rows = result_of(duckdb, posts, [act("forward", 1, "x:0"), act("forward", 3, "x:0")])
    assert {row["origin_post_id"] for row in rows} == {"x:0"}
    told = findings(duckdb, posts, [act("forward", 1, "x:0")])[1].summary
    assert ("its time is not known" if is_captured else "not among the posts") in told


@pytest.mark.parametrize(("forwards", "origin"), [(1, "x:1"), (2, "x:0")])
def test_a_post_without_a_time_is_the_origin_if_twice_as_many_descend_from_it(
    duckdb, forwards, origin
):
    posts = [post(n, SAID, after_s=n) for n in range(1, 5)] + [post(0, SAID, after_s=None)]
    acts = [act("forward", n, "x:0") for n in range(2, 2 + forwards)]
    rows = result_of(duckdb, posts, acts)
    assert {(row["origin_post_id"], row["rivals"]) for row in rows} == {(origin, 1)}


def test_records_that_go_in_a_circle_do_not_hang_it(duckdb):
    posts = [post(n, SAID, after_s=n) for n in range(1, 4)]
    acts = [act("forward", 1, "x:2"), act("forward", 2, "x:3"), act("forward", 3, "x:1")]
    rows = result_of(duckdb, posts, acts)
    assert len(rows) == 3
    assert sum(row["way"] == "forward" for row in rows) == 2


def test_delays_are_learned_where_enough_are_recorded(duckdb):
    """Where people take hours, the post a minute ago is no likelier than that of an hour ago."""
    posts = [post(n, SAID, after_s=0 if n == 0 else 7_200 + n) for n in range(30)]
    posts += [post(90, SAID, after_s=9_000), post(91, SAID, after_s=9_001)]
    acts = [act("repost", n, "x:0") for n in range(1, 30)]
    slow = {row["post_id"]: row for row in result_of(duckdb, posts, acts)}
    quick = {row["post_id"]: row for row in result_of(duckdb, posts)}
    assert slow["x:91"]["parent_share"] == pytest.approx(1 / 31, abs=0.001)
    assert quick["x:91"]["parent_share"] > 0.05


def test_a_narrative_of_thousands_is_cut_and_says_so(duckdb):
    posts = [post(n, f"{SAID} number {n % 900}", after_s=n) for n in range(6_000)]
    posts.append(post(7_000, SAID, after_s=90_000, platform="telegram"))
    rows = result_of(duckdb, posts, kept=50)
    assert len(rows) == 51
    assert rows[0]["posts"] == 6_001
    assert rows[-1]["platform"] == "telegram"
    told = findings(duckdb, posts, kept=50)[1]
    assert told.limits == ("The tree holds 51 of 6,001 posts: the earliest.",)


def test_findings_tell_how_it_spread(duckdb):
    posts = [
        post(1, SAID, after_s=0),
        post(2, SAID, after_s=120, platform="telegram"),
        post(3, SAID.replace("morning", "evening"), after_s=3_600),
        post(4, SAID, after_s=4_000, account_id="x:a1"),
    ]
    whole, one = findings(duckdb, posts, [act("quote", 2, "x:1")])
    assert whole.summary.startswith("1 narrative said by 3 voices or more. Most voices (3):")
    assert one.subject == "x:a1"
    assert one.evidence[0] == "x:1"
    for told in (
        "3 voices, 4 posts on 2024-03-01 UTC",
        "First captured: x:1 by x:a1 at 2024-03-01 12:00:00 UTC.",
        "recorded: quote 1",
        "inferred: 1",
        "said again by the same voice: 1",
        "x (3) and telegram after 2 min (1)",
        "2 different texts; words were changed 1 time on",
    ):
        assert told in one.summary
