"""What does `youtube` say of each field? Invented fixtures."""

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
from clew.model.times import TimeQuality, from_iso
from clew.sources.youtube import YOUTUBE
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/youtube"
INFO, CHAT = "The crane [zz_VIDEO_01].info.json", "The crane [zz_VIDEO_01].live_chat.json"
BOSUN, TALLY, OTHER, LAMP = (f"youtube:UCzzExampleChannel00000{n}" for n in (1, 2, 3, 4))
VIDEO = "youtube:zz_VIDEO_01"


def rows_of(name: str, kind: type, **options: str) -> list:
    rows, _ = read(YOUTUBE, file_capture(FIXTURES / name), **options)
    return [row for row in rows if isinstance(row, kind)]


def notes_of(name: str) -> Counter:
    [piece] = pieces(YOUTUBE, file_capture(FIXTURES / name))
    list(whole(YOUTUBE, piece))
    return piece.notes


# ------------------------------------------------------------------------------ videos, comments


def test_a_video():
    assert rows_of(INFO, Post)[0] == Post(
        post_id=VIDEO,
        platform="youtube",
        kind=PostKind.POST,
        account_id=BOSUN,
        channel_id=BOSUN,
        thread_id=VIDEO,
        posted_at=from_iso("2026-02-01T00:00:00Z"),
        time_quality=TimeQuality.UTC,
        title="The crane, from the sea",
        text="Filmed in March.\nhttps://news.example/crane",
        url="https://www.youtube.com/watch?v=zz_VIDEO_01",
        language_claimed="en",
        like_count=41,
        reply_count=3,
        view_count=1203,
        tags='["crane","harbour"]',
    )
    assert rows_of(INFO, Media) == [
        Media(
            post_id=VIDEO,
            platform="youtube",
            kind="video",
            media_key="zz_VIDEO_01",
            width_px=1920,
            height_px=1080,
            duration_s=95,
            posted_at=from_iso("2026-02-01T00:00:00Z"),
        )
    ]


def test_a_channel_is_a_place_and_an_account():
    assert rows_of(INFO, Channel) == [
        Channel(
            channel_id=BOSUN,
            platform="youtube",
            kind="channel",
            handle="bosun-example",
            name="Bosun films",
            url="https://www.youtube.com/channel/UCzzExampleChannel000001",
            members_count=512,
        )
    ]
    assert rows_of(INFO, Account)[0] == Account(
        account_id=BOSUN,
        platform="youtube",
        handle="bosun-example",
        name="Bosun films",
        followers_count=512,
        is_verified=False,
    )


def test_comments_answer_the_video_or_each_other():
    comments = [row for row in rows_of(INFO, Post) if row.kind is PostKind.COMMENT]
    assert [(row.post_id, row.reply_to_post_id, row.account_id) for row in comments] == [
        ("youtube:Ugzz01", VIDEO, TALLY),
        ("youtube:Ugzz01.9a", "youtube:Ugzz01", BOSUN),
        ("youtube:Ugzz02", VIDEO, OTHER),
    ]
    assert {row.thread_id for row in comments} == {VIDEO}
    assert [row.like_count for row in comments] == [7, 0, 0]


def test_a_time_worked_out_of_words_is_none():
    comments = [row for row in rows_of(INFO, Post) if row.kind is PostKind.COMMENT]
    assert {(row.posted_at, row.time_quality) for row in comments} == {(None, TimeQuality.MISSING)}
    assert sum(notes_of(INFO).values()) == 3


def test_names_with_at_are_handles():
    accounts = {row.account_id: row for row in rows_of(INFO, Account)}
    assert (accounts[TALLY].handle, accounts[TALLY].name) == ("tally-example", None)
    assert (accounts[OTHER].handle, accounts[OTHER].name) == (None, "Old Name")


def test_replies_and_mentions():
    acts = rows_of(INFO, Interaction)
    assert Counter(act.kind for act in acts) == {
        InteractionKind.REPLY: 3,
        InteractionKind.MENTION: 1,
    }
    [mention] = [act for act in acts if act.kind is InteractionKind.MENTION]
    assert (mention.account_id, mention.target_name) == (BOSUN, "tally-example")


def test_a_broken_comment_costs_only_itself():
    _, [error] = read(YOUTUBE, file_capture(FIXTURES / INFO))
    assert error.reason == "unexpected structure"


def test_lines_of_videos_and_videos_of_other_sites():
    rows, [error] = read(YOUTUBE, file_capture(FIXTURES / "dump.jsonl"))
    [video] = [row for row in rows if isinstance(row, Post)]
    assert (video.post_id, video.posted_at, video.text, video.tags, video.like_count) == (
        "youtube:zz_VIDEO_02",
        None,
        None,
        None,
        None,
    )
    assert error.reason == "not a video of YouTube"


def test_a_playlist_is_its_videos():
    assert [row.post_id for row in rows_of("playlist.json", Post)] == [
        "youtube:zz_VIDEO_03",
        "youtube:zz_VIDEO_04",
    ]
    assert notes_of("playlist.json")["entry of a playlist that yt-dlp could not get"] == 1


# -------------------------------------------------------------------------------------- live chat


def test_messages_of_a_live_chat():
    first, paid, joining = rows_of(CHAT, Post)
    assert first == Post(
        post_id="youtube:ChatZZ01",
        platform="youtube",
        kind=PostKind.MESSAGE,
        account_id=TALLY,
        thread_id=VIDEO,
        posted_at=1_769_904_100_123_456,
        time_quality=TimeQuality.UTC,
        text="hello ⚓:crane:",
    )
    assert (paid.kind, paid.text) == (PostKind.MESSAGE, "for the crane")
    assert (joining.kind, joining.action, joining.text) == (
        PostKind.SERVICE,
        "membership",
        "Welcome to the crew",
    )
    assert joining.account_id == LAMP


def test_what_is_no_message_is_told():
    assert notes_of(CHAT) == {
        "message of YouTube itself in a live chat: not read": 1,
        "action of a live chat that is no message: not read": 1,
    }
    _, [error] = read(YOUTUBE, file_capture(FIXTURES / CHAT))
    assert error.reason == "time unreadable"


def test_the_video_of_a_live_chat_is_in_its_name_or_given():
    data = (FIXTURES / CHAT).read_bytes()
    for name, options, thread in (
        ("chat.json", {}, None),
        ("chat.json", {"video": "zz_VIDEO_09"}, "youtube:zz_VIDEO_09"),
        ("folder/A [b] [zz_VIDEO_01].live_chat.json", {}, VIDEO),
    ):
        rows, _ = read(YOUTUBE, MemoryCapture(data, name=name), **options)
        assert next(row for row in rows if isinstance(row, Post)).thread_id == thread


@pytest.mark.parametrize(
    "record",
    [
        {"id": "a", "title": "b", "webpage_url": "https://video.example/a"},
        {"id": "a", "title": "b", "url": "https://www.youtube.com/watch?v=a"},
        {"kind": "youtube#video", "webpage_url": "https://www.youtube.com/"},
    ],
)
def test_others_files_are_not_claimed(record):
    head = json.dumps(record).encode()
    assert YOUTUBE.recognise(Sample(name="x.info.json", head=head, size=len(head))) == 0


# ---------------------------------------------------------------------------------- Google Takeout

WATCHED, SEARCHED = "takeout/watch-history.json", "takeout/search-history.json"
WRITTEN = "takeout/comments.csv"


def test_own_comments_have_exact_times():
    first, answer, below_a_post, broken_words = rows_of(WRITTEN, Post)
    assert first == Post(
        post_id="youtube:UgzzComment1",
        platform="youtube",
        kind=PostKind.COMMENT,
        account_id=TALLY,
        thread_id=VIDEO,
        reply_to_post_id=VIDEO,
        posted_at=from_iso("2026-02-01T00:00:00.123456Z"),
        time_quality=TimeQuality.UTC,
        text="Fog, and rain",
    )
    assert (answer.text, answer.reply_to_post_id) == ("Yes indeed", first.post_id)
    assert (below_a_post.text, below_a_post.thread_id) == ("Plain words", "youtube:UgkxPost1")
    assert broken_words.text == "{not json"
    acts = rows_of(WRITTEN, Interaction)
    assert [act.target_post_id for act in acts][:2] == [VIDEO, first.post_id]


def test_broken_comments_are_rejected():
    _, rejected = read(YOUTUBE, file_capture(FIXTURES / WRITTEN))
    assert [error.reason for error in rejected] == ["time unreadable", "unexpected structure"]


def test_own_messages_in_live_chats():
    [message] = rows_of("takeout/live chats.csv", Post)
    assert (message.kind, message.text) == (PostKind.MESSAGE, "Hello")
    assert (message.thread_id, message.reply_to_post_id) == (VIDEO, None)


def test_what_was_watched_and_searched():
    watched, gone = rows_of(WATCHED, Post)
    assert (watched.kind, watched.action) == (PostKind.SERVICE, "watched")
    assert (watched.account_id, watched.text) == (None, "Watched The crane, from the sea")
    assert watched.posted_at == from_iso("2026-02-01T00:00:00.123Z")
    assert gone.action == "viewed"
    [link] = rows_of(WATCHED, Link)
    assert (link.post_id, link.description) == (watched.post_id, "Bosun")
    assert link.url == "https://www.youtube.com/watch?v=zz_VIDEO_01"
    [searched] = rows_of(SEARCHED, Post)
    assert searched.action == "searched"
    _, [error] = read(YOUTUBE, file_capture(FIXTURES / WATCHED))
    assert error.reason == "unexpected structure"


@pytest.mark.parametrize(
    "head",
    [
        b"comment id,comment text\n",
        b'[{"titleUrl":"https://maps.example","time":"","products":["Maps"]}]',
    ],
)
def test_other_products_takeouts_are_not_claimed(head):
    assert YOUTUBE.recognise(Sample(name="x", head=head, size=len(head))) == 0


# ----------------------------------------------------------------------- InnerTube, chat-downloader


def test_comments_of_an_answer():
    listed, newer, first, answer, many = rows_of("next.json", Post)
    assert first == Post(
        post_id="youtube:UgzzA",
        platform="youtube",
        kind=PostKind.COMMENT,
        account_id=TALLY,
        thread_id=VIDEO,
        reply_to_post_id=VIDEO,
        time_quality=TimeQuality.MISSING,
        text="Fog",
        like_count=7,
        reply_count=1,
    )
    assert (answer.reply_to_post_id, answer.like_count) == (first.post_id, None)
    assert (many.like_count, many.reply_count) == (None, 29)  # 1.2K is no number
    assert (listed.post_id, listed.title) == ("youtube:zz_VIDEO_02", "The tide")
    assert listed.account_id == OTHER
    assert (newer.post_id, newer.title) == ("youtube:zz_VIDEO_03", "The lamp")
    acts = rows_of("next.json", Interaction)
    assert [act.target_post_id for act in acts] == [VIDEO, first.post_id, VIDEO]
    tally = next(row for row in rows_of("next.json", Account) if row.account_id == TALLY)
    assert (tally.handle, tally.is_verified) == ("tally", False)


def test_broken_parts_cost_only_themselves():
    _, rejected = read(YOUTUBE, file_capture(FIXTURES / "next.json"))
    assert [error.reason for error in rejected] == ["unexpected structure"] * 2


def test_what_the_player_is_told():
    [video] = rows_of("player.json", Post)
    assert (video.post_id, video.account_id, video.title) == (VIDEO, BOSUN, "The crane")
    assert video.posted_at == from_iso("2026-02-01T00:00:00Z")
    assert (video.like_count, video.view_count, video.tags) == (41, 900, '["crane"]')
    [media] = rows_of("player.json", Media)
    assert media.duration_s == 212
    [channel] = rows_of("player.json", Channel)
    assert (channel.handle, channel.name) == ("bosun", "Bosun")


def test_a_day_is_no_instant():
    data = (
        (FIXTURES / "player.json").read_bytes().replace(b"2026-01-31T16:00:00-08:00", b"2026-01-31")
    )
    [post] = [row for row in read(YOUTUBE, MemoryCapture(data))[0] if isinstance(row, Post)]
    assert (post.posted_at, post.time_quality) == (None, TimeQuality.MISSING)


def test_older_comments_and_a_live_chat_in_lines_of_answers():
    comment, message = rows_of("answers.jsonl", Post, video="zz_VIDEO_01")
    assert (comment.text, comment.like_count, comment.reply_count) == ("Old words", 12, 3)
    assert (comment.account_id, comment.thread_id) == (TALLY, VIDEO)
    assert (message.kind, message.text) == (PostKind.MESSAGE, "Hello")
    assert message.posted_at == from_iso("2026-02-01T00:00:00.000001Z")
    assert rows_of("answers.jsonl", Post)[0].thread_id is None  # the answer does not say


def test_an_answer_that_is_deep_comes_to_an_end():
    deep = "[" * 900 + "]" * 900
    data = f'{{"responseContext":{{"serviceTrackingParams":[]}},"a":{deep}}}'.encode()
    assert read(YOUTUBE, MemoryCapture(data))[0] == []


def test_messages_that_chat_downloader_kept():
    message, joined = rows_of("chat.json", Post)
    assert (message.kind, message.text) == (PostKind.MESSAGE, "Hello :wave:")
    assert (message.account_id, message.thread_id) == (TALLY, None)
    assert message.posted_at == from_iso("2026-02-01T00:00:00.000001Z")
    assert (joined.kind, joined.action, joined.text) == (PostKind.SERVICE, "membership", "Welcome")
    _, [error] = read(YOUTUBE, file_capture(FIXTURES / "chat.json"))
    assert error.reason == "unexpected structure"
    assert rows_of("chat.json", Post, video="zz_VIDEO_01")[0].thread_id == VIDEO


def test_other_sites_chats_are_not_claimed():
    head = b'[{"message_id":"1","message_type":"text_message","author":{"id":"77"},"timestamp":1}]'
    assert YOUTUBE.recognise(Sample(name="x.json", head=head, size=len(head))) == 0
