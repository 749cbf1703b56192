"""What does `reddit` say of each field? Invented fixtures, and PRAW's recordings if there."""

from __future__ import annotations

import json
import os
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from clew.case.reading import whole
from clew.contract import Sample
from clew.model.tables import (
    Account,
    Channel,
    Deletion,
    Interaction,
    InteractionKind,
    Link,
    Media,
    Post,
    PostKind,
)
from clew.model.times import TimeQuality, from_iso
from clew.sources.reddit import REDDIT, plain
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/reddit"


def rows_of(name: str, kind: type) -> list:
    return [row for row in read(REDDIT, file_capture(FIXTURES / name))[0] if isinstance(row, kind)]


def posts_of(name: str) -> dict[str, Post]:
    return {row.post_id.partition("_")[2]: row for row in rows_of(name, Post)}


def notes_of(capture: MemoryCapture) -> Counter:
    notes: Counter = Counter()
    for piece in pieces(REDDIT, capture):
        list(whole(REDDIT, piece))
        notes += piece.notes
    return notes


# ----------------------------------------------------------------------------------------- dumps


def test_a_comment_of_a_dump():
    comment = posts_of("RC_2015-01.ndjson")["cnas1"]
    assert comment == Post(
        post_id="reddit:t1_cnas1",
        platform="reddit",
        kind=PostKind.COMMENT,
        account_id="reddit:u/bosun_example",
        channel_id="reddit:r/harbourtalk",
        thread_id="reddit:t3_2qyr1",
        reply_to_post_id="reddit:t3_2qyr1",
        posted_at=from_iso("2015-01-01T00:00:00Z"),
        time_quality=TimeQuality.UTC,
        text="The crane <north> is down, ask /u/Tally-Clerk & u/lamp_keeper",
        like_count=5,
    )


def test_created_utc_is_text_number_or_fraction():
    posts = posts_of("RC_2015-01.ndjson")
    start = from_iso("2015-01-01T00:00:00Z")
    assert [post.posted_at - start for post in posts.values()] == [
        n * 60_000_000 for n in (0, 1, 2, 3)
    ]


def test_edited_is_false_true_or_a_time():
    posts = posts_of("RC_2015-01.ndjson")
    assert [posts[key].edited_at for key in ("cnas1", "cnas3", "cnas4")] == [
        None,
        1_420_071_000_000_000,
        None,
    ]


def test_deleted_and_removed_comments_have_no_words():
    posts = posts_of("RC_2015-01.ndjson")
    assert (posts["cnas2"].text, posts["cnas2"].account_id) == (None, None)
    assert posts["cnas2"].deleted_at == 1_425_124_228_000_000  # when the collector saw it
    assert (posts["cnas4"].text, posts["cnas4"].deleted_at) == (None, None)
    assert rows_of("RC_2015-01.ndjson", Deletion) == [
        Deletion(post_id="reddit:t1_cnas2", platform="reddit"),
        Deletion(post_id="reddit:t1_cnas4", platform="reddit", account_id="reddit:u/tally-clerk"),
    ]


def test_a_hidden_score_is_not_recorded():
    assert posts_of("RC_2015-01.ndjson")["cnas3"].like_count is None
    assert posts_of("RS_2026-02.ndjson")["1qzz02"].like_count is None


@pytest.mark.parametrize(("said", "read_as"), [(0, 0), (-1, None), (None, None)])
def test_a_count_of_comments_below_zero_is_not_recorded(said, read_as):
    line = json.dumps({"id": "a", "title": "b", "num_comments": said})
    rows, _ = read(REDDIT, MemoryCapture(line.encode()))
    assert rows[0].reply_count == read_as


def test_replies_and_mentions():
    acts = rows_of("RC_2015-01.ndjson", Interaction)
    assert [act.target_post_id for act in acts if act.kind is InteractionKind.REPLY] == [
        "reddit:t3_2qyr1",
        "reddit:t1_cnas1",
        "reddit:t1_cnas1",
        "reddit:t1_cnas2",
    ]
    assert [act.target_account_id for act in acts if act.kind is InteractionKind.MENTION] == [
        "reddit:u/tally-clerk",
        "reddit:u/lamp_keeper",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "https://www.reddit.com/u/lamp_keeper",
        "mail bosun/u/lamp_keeper",
        "u/ab",
        "menu/lamp_keeper",
    ],
)
def test_an_address_is_no_mention(text):
    line = json.dumps({"id": "a", "author": "x_y_z", "body": text, "link_id": "t3_b"})
    rows, _ = read(REDDIT, MemoryCapture(line.encode()))
    assert not [row for row in rows if isinstance(row, Interaction)]


def test_a_broken_line_costs_only_itself():
    _, [error] = read(REDDIT, file_capture(FIXTURES / "RC_2015-01.ndjson"))
    assert error.reason == "unexpected structure"


def test_a_submission_that_was_deleted_later_keeps_its_words():
    first = rows_of("RS_2026-02.ndjson", Post)[0]
    assert first == Post(
        post_id="reddit:t3_1qzz01",
        platform="reddit",
        kind=PostKind.POST,
        account_id="reddit:u/lamp_keeper",
        channel_id="reddit:r/harbourtalk",
        thread_id="reddit:t3_1qzz01",
        posted_at=from_iso("2026-02-01T00:00:00Z"),
        time_quality=TimeQuality.UTC,
        deleted_at=from_iso("2026-02-02T12:00:10Z"),
        title="Tide tables & where to get them",
        text="See https://tides.example.org/2026",
        url="https://www.reddit.com/r/HarbourTalk/comments/1qzz01/tide_tables/",
        like_count=42,
        reply_count=7,
        repost_count=1,
        tags='["Guide"]',
    )
    assert rows_of("RS_2026-02.ndjson", Deletion)[0].post_id == first.post_id


def test_a_removed_submission():
    removed = posts_of("RS_2026-02.ndjson")["1qzz07"]
    assert (removed.title, removed.text, removed.account_id) == (
        "Which knot holds best?",
        None,
        None,
    )
    assert removed.deleted_at == 1_769_990_000_000_000


def test_links_lead_away_from_reddit():
    assert rows_of("RS_2026-02.ndjson", Link) == [
        Link(
            post_id="reddit:t3_1qzz02",
            platform="reddit",
            url="https://news.example.com/lamp?a=1&b=2",
            title="The new lamp",
            description="It is bright.",
            posted_at=1_769_904_600_000_000,
        )
    ]


def test_media():
    media = rows_of("RS_2026-02.ndjson", Media)
    assert [(row.kind, row.media_key, row.url, row.width_px, row.duration_s) for row in media] == [
        ("photo", "m1abc", "https://preview.example/m1abc.jpg?width=640&s=1", 640, None),
        ("unknown", "m2abc", None, None, None),
        ("photo", None, "https://i.redd.it/zz04.jpeg", 1200, None),
        ("video", None, "https://v.redd.it/zz05/DASH_720.mp4?source=fallback", 1280, 12.0),
        ("poll", None, None, None, None),
    ]
    assert (media[0].alt_text, media[-1].alt_text) == ("From the pier", "Bowline\nClove hitch")


def test_a_crosspost_repeats_and_brings_its_original():
    rows = rows_of("RS_2026-02.ndjson", Post)
    crosspost = next(row for row in rows if row.repost_of_post_id)
    assert (crosspost.channel_id, crosspost.title) == ("reddit:r/lamps", "Seen at the harbour")
    assert rows[rows.index(crosspost) + 1].post_id == crosspost.repost_of_post_id
    [act] = rows_of("RS_2026-02.ndjson", Interaction)
    assert (act.kind, act.target_account_id) == (InteractionKind.REPOST, "reddit:u/lamp_keeper")


# ------------------------------------------------------------------------------------------- API


def test_a_thread_is_read_with_all_answers():
    posts = posts_of("thread.json")
    assert {key: post.reply_to_post_id for key, post in posts.items()} == {
        "1qzz01": None,
        "k1": "reddit:t3_1qzz01",
        "k2": "reddit:t1_k1",
        "k3": "reddit:t3_1qzz01",
    }
    assert posts["k1"].text == "> tables\n\nthanks"
    assert posts["k1"].posted_at == 1_769_907_600_000_000  # not `created`, which is local time


def test_what_was_not_sent_is_told():
    assert notes_of(file_capture(FIXTURES / "thread.json")) == {
        "comments that are not in this file (more)": 4,
        "threads that go on on a page of their own, not in this file": 1,
    }
    assert notes_of(file_capture(FIXTURES / "listing.json")) == {"kind t4: not read": 1}


def test_more_children_and_searches():
    assert posts_of("morechildren.json")["k9"].text == "late"
    [line, *_] = (FIXTURES / "RC_2015-01.ndjson").read_text().splitlines()
    capture = MemoryCapture(f'{{"data": [{line}]}}'.encode())
    assert REDDIT.recognise(capture.sample) > 0.9
    rows, _ = read(REDDIT, capture)
    assert rows == read(REDDIT, MemoryCapture(line.encode()))[0]


def test_accounts_and_subreddits():
    first, gone = rows_of("listing.json", Account)
    assert first == Account(
        account_id="reddit:u/lamp_keeper",
        platform="reddit",
        handle="Lamp_Keeper",
        name="The keeper",
        description="I keep & light lamps",
        avatar_url="https://styles.example/a.png?x=1&y=2",
        created_at=1_500_000_000_000_000,
    )
    assert (gone.handle, gone.is_deleted) == ("Gone_Example", True)
    assert rows_of("listing.json", Channel) == [
        Channel(
            channel_id="reddit:r/harbourtalk",
            platform="reddit",
            kind="public",
            handle="HarbourTalk",
            name="Harbour talk",
            description="All about harbours",
            url="https://www.reddit.com/r/HarbourTalk/",
            created_at=1_300_000_000_000_000,
            members_count=813,
        )
    ]


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("a < b &amp; c", "a < b &amp; c"),
        ("Tom & Jerry &gt;", "Tom & Jerry &gt;"),
        ("", None),
        (None, None),
    ],
)
def test_escapes_are_undone_only_where_they_are_escapes(sent, written):
    assert plain(sent) == written


@pytest.mark.parametrize(
    "head",
    [
        b'{"kind":"Listing","items":[]}',
        b'{"kind":"youtube#video","data":{"a":1}}',
        b'[{"author":"a","title":"b"}]',
        b"author,created_utc,subreddit,title,num_comments\n",
    ],
)
def test_others_files_are_not_claimed(head):
    assert REDDIT.recognise(Sample(name="x.json", head=head, size=len(head))) == 0


# ------------------------------------------------------------------------------- real recordings


def things(node: object) -> Iterator[tuple[str, dict]]:
    """Every comment and submission of an answer, by a plain walk."""
    if isinstance(node, dict):
        if node.get("kind") in ("t1", "t3") and isinstance(node.get("data"), dict):
            yield node["kind"], node["data"]
            yield from things(node["data"].get("replies"))
        elif "link_id" in node and "body" in node:
            yield "t1", node  # unwrapped: with `return_rtjson`
        elif "selftext" in node and "num_comments" in node:
            yield "t3", node
        elif node.get("kind") in ("Listing", None):
            for value in node.values():
                yield from things(value)
    elif isinstance(node, list):
        for value in node:
            yield from things(value)


def answers() -> Iterator[bytes]:
    path = os.environ.get("CLEW_PRAW_SDIST")
    if not path:
        pytest.skip(
            "CLEW_PRAW_SDIST does not name a source archive of PRAW; see docs/sources/reddit.md"
        )
    with tarfile.open(path) as archive:
        for member in archive:
            if "/cassettes/" in member.name and member.name.endswith(".json"):
                for exchange in json.load(archive.extractfile(member))["interactions"]:
                    yield exchange["response"]["body"].get("string", "").encode()


@pytest.mark.shared_data
def test_recordings_of_praw_give_what_a_plain_walk_finds():
    compared = refused = 0
    for body in answers():
        capture = MemoryCapture(body)
        if not REDDIT.recognise(capture.sample):
            continue
        rows, rejected = read(REDDIT, capture)
        refused += len(rejected)
        found = Counter(
            (row.post_id, row.posted_at, row.reply_to_post_id)
            for row in rows
            if isinstance(row, Post)
        )
        expected = Counter()
        for kind, data in things(json.loads(body)):
            parent = data["parent_id"] if kind == "t1" else None
            if parent == "t1_MISMATCH":  # PRAW's authors broke it on purpose
                parent = None
            key = (f"{kind}_{data['id']}", data["created_utc"], parent)
            expected[
                (f"reddit:{key[0]}", int(key[1] * 1_000_000), parent and f"reddit:{parent}")
            ] += 1
            for original in data.get("crosspost_parent_list", ()):
                about = (f"reddit:t3_{original['id']}", int(original["created_utc"] * 1_000_000))
                expected[(*about, None)] += 1
        assert found == expected
        compared += sum(expected.values())
    assert compared > 40_000
    assert refused < 250  # lines of moderators' lists and live threads: another structure
