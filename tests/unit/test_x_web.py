"""What does `x_web` say of each field? Invented fixtures, and real recordings if they are there."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from clew.case.reading import whole
from clew.contract import Sample
from clew.model.tables import (
    Account,
    Channel,
    Interaction,
    InteractionKind,
    Link,
    Media,
    Post,
    PostKind,
)
from clew.model.times import TimeQuality, from_ctime, from_iso
from clew.sources.x_web import X_WEB
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/x_web"
BOSUN, TALLY, LAMP = (f"x:150000000000000020{n}" for n in (1, 2, 3))
AT = from_iso("2026-07-08T21:59:10Z")


def post_id(number: int) -> str:
    return f"x:18000000000000002{number:02}"


def rows_of(name: str, kind: type) -> list:
    return [row for row in read(X_WEB, file_capture(FIXTURES / name))[0] if isinstance(row, kind)]


def post_of(name: str, number: int) -> Post:
    return next(row for row in rows_of(name, Post) if row.post_id == post_id(number))


def notes_of(capture: MemoryCapture) -> Counter:
    notes: Counter = Counter()
    for piece in pieces(X_WEB, capture):
        list(whole(X_WEB, piece))
        notes += piece.notes
    return notes


def test_a_long_post_that_was_edited_and_quotes():
    assert post_of("tweet_detail.json", 2) == Post(
        post_id=post_id(2),
        platform="x",
        kind=PostKind.POST,
        account_id=BOSUN,
        thread_id=post_id(2),
        quote_of_post_id=post_id(1),
        posted_at=AT,
        time_quality=TimeQuality.UTC,
        edited_at=AT,
        text="The whole of a long post, see https://t.co/a1 #harbour $ROPE @tally_example",
        language_claimed="en",
        client="X Web App",
        like_count=4,
        reply_count=1,
        repost_count=2,
        quote_count=0,
        view_count=25900,
        tags='["harbour","$ROPE"]',
    )


def test_a_reply_with_place_and_media():
    reply = post_of("tweet_detail.json", 3)
    assert (reply.thread_id, reply.reply_to_post_id) == (post_id(2), post_id(2))
    assert (reply.latitude, reply.longitude, reply.place) == (53.25, 10.5, "Portside, Example")
    assert (reply.withheld_in, reply.view_count, reply.edited_at) == ('["XX"]', None, None)
    photo, animation = rows_of("tweet_detail.json", Media)
    assert photo == Media(
        post_id=post_id(3),
        platform="x",
        kind="photo",
        media_key="3_1",
        url="https://pbs.example/1.jpg",
        width_px=1200,
        height_px=900,
        alt_text="A crane",
        posted_at=AT,
    )
    assert (animation.kind, animation.url, animation.mime, animation.duration_s) == (
        "animation",
        "https://video.example/2.mp4",
        "video/mp4",
        1.5,
    )


def test_posts_behind_rules_are_read_and_tombstones_told():
    assert post_of("tweet_detail.json", 4).text == "Limited replies"
    assert post_of("tweet_detail.json", 1).text == "The old crane & its <chain>"
    assert notes_of(file_capture(FIXTURES / "tweet_detail.json")) == {
        "post that X did not show: tombstone": 1
    }


def test_accounts_in_the_newer_and_the_older_form():
    bosun, tally, *_ = rows_of("answers.jsonl", Account)
    assert bosun == Account(
        account_id=BOSUN,
        platform="x",
        handle="bosun_example",
        name="Bosun",
        description="Ropes & knots",
        location_claimed="Quay 4",
        url="https://ropes.example/",
        avatar_url="https://pbs.example/bosun_example.jpg",
        created_at=from_iso("2014-03-01T09:30:00Z"),
        followers_count=120,
        following_count=0,
        posts_count=77,
        is_verified=True,
        is_protected=False,
    )
    assert tally == Account(
        account_id=TALLY,
        platform="x",
        handle="tally_example",
        name="Tally",
        description="Old form",
        url="https://old.example/",
        avatar_url="https://pbs.example/old.jpg",
        created_at=from_iso("2014-03-02T09:30:00Z"),
        followers_count=5,
        following_count=6,
        posts_count=7,
        is_verified=False,
        is_protected=True,
    )


def test_what_posts_do_to_others():
    acts = rows_of("tweet_detail.json", Interaction) + rows_of("answers.jsonl", Interaction)
    assert Counter((act.kind, act.account_id, act.target_account_id) for act in acts) == {
        (InteractionKind.QUOTE, BOSUN, TALLY): 2,
        (InteractionKind.MENTION, BOSUN, TALLY): 2,
        (InteractionKind.REPLY, LAMP, BOSUN): 1,
        (InteractionKind.REPOST, TALLY, BOSUN): 1,
    }


def test_a_repost_has_the_words_of_its_original_and_nothing_else():
    repost, original = post_of("answers.jsonl", 5), post_of("answers.jsonl", 2)
    assert (repost.kind, repost.repost_of_post_id) == (PostKind.REPOST, post_id(2))
    assert (repost.text, repost.tags) == (original.text, original.tags)
    assert repost.quote_of_post_id is None
    assert {row.post_id for row in rows_of("answers.jsonl", Link)} == {post_id(2)}


def test_a_link_has_the_title_of_its_card():
    assert rows_of("tweet_detail.json", Link) == [
        Link(
            post_id=post_id(2),
            platform="x",
            url="https://t.co/a1",
            expanded_url="https://news.example/crane",
            title="The crane",
            description="It stands.",
            posted_at=AT,
        )
    ]


def test_poll_article_and_community():
    post = post_of("answers.jsonl", 6)
    assert (post.title, post.channel_id) == ("On knots", "x:community/1600000000000000900")
    [channel] = rows_of("answers.jsonl", Channel)
    assert (channel.kind, channel.name) == ("community", "Knots")
    [poll] = rows_of("answers.jsonl", Media)
    assert (poll.kind, poll.media_key, poll.alt_text) == (
        "poll",
        "1800000000000000777",
        "Bowline\nClove hitch",
    )


def test_a_broken_post_costs_only_itself():
    rows, [error] = read(X_WEB, file_capture(FIXTURES / "answers.jsonl"))
    assert error.reason == "unexpected structure"
    assert len([row for row in rows if isinstance(row, Post)]) == 4


def test_a_collectors_lines_and_a_browsers_recording_say_the_same():
    detail, answers = (rows_of(name, Post) for name in ("tweet_detail.json", "answers.jsonl"))
    assert rows_of("recording.har", Post) == detail + answers
    assert rows_of("zeeschuimer.ndjson", Post) == [*answers[:3], post_of("tweet_detail.json", 3)]


@pytest.mark.parametrize(
    "head",
    [
        b'{"data":{"__typename":"User","id":"1"}}',
        b'{"rest_id":"1","legacy":{}}',
        b'{"log":{"entries":[{"request":{"url":"https://www.example.com/"}}]}}',
        b'{"id_str":"1","full_text":"a","user":{}}',
    ],
)
def test_others_files_are_not_claimed(head):
    assert X_WEB.recognise(Sample(name="x.json", head=head, size=len(head))) == 0


# ------------------------------------------------------------------------------- real recordings


def results(node: object) -> list[dict]:
    """Every post in an answer, by a plain walk: what has an id and words."""
    found = []
    if isinstance(node, dict):
        if "rest_id" in node and "full_text" in node.get("legacy", {}):
            found.append(node)
        for value in node.values():
            found += results(value)
    elif isinstance(node, list):
        for value in node:
            found += results(value)
    return found


@pytest.mark.shared_data
def test_recordings_give_what_a_plain_walk_finds(shared_data):
    folder = shared_data / "formats/x_graphql_twscrape/tests/mocked-data"
    compared = 0
    for path in sorted(folder.glob("*.json")):
        capture = file_capture(path)
        if not X_WEB.recognise(capture.sample):
            assert path.name in ("__meta.json", "raw_trends.json")
            continue
        rows, rejected = read(X_WEB, capture)
        assert not rejected
        expected = results(json.loads(capture.data))
        posts = [row for row in rows if isinstance(row, Post)]
        assert Counter((row.post_id, row.posted_at, row.account_id) for row in posts) == Counter(
            (
                f"x:{node['rest_id']}",
                from_ctime(node["legacy"]["created_at"]),
                f"x:{node['legacy']['user_id_str']}",
            )
            for node in expected
        )
        originals = [node for node in expected if "retweeted_status_result" not in node["legacy"]]
        media = [row for row in rows if isinstance(row, Media) and row.kind != "poll"]
        assert len(media) == sum(
            len(node["legacy"].get("extended_entities", {}).get("media", ())) for node in originals
        )
        compared += len(posts)
    assert compared > 500


@pytest.mark.shared_data
def test_recorded_accounts_have_name_handle_and_counts(shared_data):
    folder = shared_data / "formats/x_graphql_twscrape/tests/mocked-data"
    rows, _ = read(X_WEB, file_capture(folder / "raw_followers.json"))
    accounts = [row for row in rows if isinstance(row, Account)]
    assert len(accounts) > 50
    for row in accounts:
        assert row.handle
        assert row.name
        assert row.created_at
        assert None not in (row.followers_count, row.following_count, row.posts_count)
        assert None not in (row.is_protected, row.is_verified)


def _collected(item: dict) -> MemoryCapture:
    """A line of Zeeschuimer."""
    around = {"item_id": "1", "timestamp_collected": 1, "source_platform": "twitter.com"}
    return MemoryCapture(json.dumps({**around, "data": item}).encode())


def test_zeeschuimer_adds_to_a_post_or_takes_it_out_of_a_rule():
    line = (FIXTURES / "zeeschuimer.ndjson").read_text().splitlines()[0]
    post = json.loads(line)["data"]
    expected = [row for row in read(X_WEB, _collected(post))[0] if isinstance(row, Post)]
    bare = {key: value for key, value in post.items() if key != "__typename"}
    for item in (
        {**bare, "id": post["rest_id"], "promoted": False},
        {"__typename": "TweetWithVisibilityResults", "tweet": bare, "id": None},
    ):
        capture = _collected(item)
        assert X_WEB.recognise(capture.sample) == 1
        rows, rejected = read(X_WEB, capture)
        assert [row for row in rows if isinstance(row, Post)] == expected
        assert rejected == []


def test_zeeschuimers_lines_of_the_older_search_are_not_claimed():
    item = {"id": 1, "type": "adaptive", "legacy": {"id_str": "1", "full_text": "a"}, "user": {}}
    assert X_WEB.recognise(_collected(item).sample) == 0
