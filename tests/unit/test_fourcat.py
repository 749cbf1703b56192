"""What does `fourcat` say of each column? Invented fixtures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clew.case.reading import whole
from clew.case.recognising import recognise
from clew.contract import Sample, Source, plugins
from clew.errors import SourceUnusable
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
from clew.sources.fourcat import FOURCAT
from clew.sources.fourcat.layouts import LAYOUTS, layout_of
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources"
POSTED = from_iso("2026-02-01T00:00:00Z")


def rows_of(kind: type, name: str, **options: str) -> list:
    rows, _ = read(FOURCAT, file_capture(FIXTURES / f"fourcat/4cat-{name}.csv"), **options)
    return [row for row in rows if isinstance(row, kind)]


# ---------------------------------------------------------------------------------------------- X


def test_a_post_of_x():
    assert rows_of(Post, "twitter-import")[0] == Post(
        post_id="x:1800000000000000205",
        platform="x",
        kind=PostKind.POST,
        account_id="x:1500000000000000202",
        thread_id="x:1800000000000000201",
        quote_of_post_id="x:1800000000000000100",
        posted_at=POSTED,
        time_quality=TimeQuality.UTC,
        text="The crane again, see it",
        url="https://x.example/tally/status/1",
        language_claimed="en",
        client="Web App",
        like_count=7,
        reply_count=0,
        repost_count=1,
        quote_count=2,
        view_count=900,
        tags='["quay","fog"]',
        latitude=59.91,
        longitude=10.75,
        place="Quay",
    )


def test_an_account():
    assert rows_of(Account, "twitter-import")[0] == Account(
        account_id="x:1500000000000000202",
        platform="x",
        handle="Tally",
        name="Tally Example",
        avatar_url="https://img.example/a.jpg",
        is_verified=True,
    )


def test_whom_it_is_toward():
    acts = [
        (act.kind, act.target_name, act.target_post_id)
        for act in rows_of(Interaction, "twitter-import")
    ]
    assert acts == [
        (InteractionKind.QUOTE, "bosun", "x:1800000000000000100"),
        (InteractionKind.REPLY, "rope", None),
        (InteractionKind.MENTION, "bosun", None),
        (InteractionKind.MENTION, "rope", None),
        (InteractionKind.REPOST, "bosun", None),
    ]


def test_addresses_may_have_commas_inside():
    links = [link.url for link in rows_of(Link, "twitter-import")]
    assert links == ["https://news.example/a?x=1,2", "https://news.example/b"]
    [photo] = rows_of(Media, "twitter-import")
    assert (photo.kind, photo.url) == ("photo", "https://img.example/1.jpg")


def test_the_clock_of_a_server_is_no_instant():
    repost = rows_of(Post, "twitter-import")[1]
    assert repost.kind is PostKind.REPOST
    assert (repost.posted_at, repost.time_quality) == (None, TimeQuality.ZONE_UNKNOWN)
    assert repost.local_time == "2026-02-01T09:00:00"
    assert (repost.like_count, repost.language_claimed, repost.latitude) == (None, None, None)


def test_a_bad_row_costs_only_itself():
    rows, rejected = read(FOURCAT, file_capture(FIXTURES / "fourcat/4cat-twitter-import.csv"))
    assert [error.reason for error in rejected] == [
        "unexpected structure",
        "time out of range",
        "row with too many cells",
    ]
    assert sum(isinstance(row, Post) for row in rows) == 2


# --------------------------------------------------------------------------------- other platforms


def test_telegram():
    channel_post, answer = rows_of(Post, "telegram")
    assert channel_post.post_id == "telegram:name/harbournews/12"
    assert channel_post.account_id == "telegram:channel1001"
    assert channel_post.edited_at == from_iso("2026-02-01T00:10:00Z")
    assert (channel_post.kind, channel_post.view_count) == (PostKind.MESSAGE, 500)
    assert (answer.post_id, answer.reply_to_post_id) == ("telegram:2002/7", "telegram:2002/6")
    assert (answer.account_id, answer.channel_id) == ("telegram:user3003", "telegram:2002")
    forward, reply, mention = rows_of(Interaction, "telegram")
    assert (forward.kind, forward.target_name) == (InteractionKind.FORWARD, "quaytalk")
    assert (reply.kind, reply.target_post_id) == (InteractionKind.REPLY, "telegram:2002/6")
    assert (mention.kind, mention.target_name) == (InteractionKind.MENTION, "bosun")
    [link] = rows_of(Link, "telegram")
    assert (link.title, link.description) == ("Fog", "Thick")
    assert [account.is_bot for account in rows_of(Account, "telegram")] == [False, True]
    named, numbered = rows_of(Channel, "telegram")
    assert (named.handle, numbered.handle) == ("HarbourNews", None)


def test_comments_of_tiktok():
    first, answer = rows_of(Post, "tiktok-comments")
    assert (first.post_id, first.reply_to_post_id) == ("tiktok:comment/71", "tiktok:70")
    assert (answer.thread_id, answer.reply_to_post_id) == ("tiktok:70", "tiktok:comment/71")
    assert first.account_id == "tiktok:name/tally.ex"
    assert (first.like_count, first.reply_count, answer.like_count) == (3, 1, 0)
    assert first.kind is PostKind.COMMENT


def test_hidden_likes_are_not_zero():
    [post] = rows_of(Post, "instagram")
    assert (post.post_id, post.account_id) == ("instagram:64", "instagram:user/170001")
    assert (post.like_count, post.reply_count, post.place) == (None, 4, "Quay")
    assert post.time_quality is TimeQuality.ZONE_UNKNOWN


def test_the_number_of_a_post_of_linkedin_has_its_instant():
    post, old = rows_of(Post, "linkedin")
    assert post.posted_at == from_iso("2026-02-01T00:00:00.123Z")  # not two days before
    assert (old.posted_at, old.time_quality) == (None, TimeQuality.MISSING)
    assert post.account_id == "linkedin:company/yard-example"
    assert (post.like_count, post.reactions) == (41, '{"like":40}')


def test_an_advertisement_is_noted():
    [piece] = pieces(FOURCAT, file_capture(FIXTURES / "fourcat/4cat-linkedin.csv"))
    list(whole(FOURCAT, piece))
    assert dict(piece.notes) == {"advertisement: read as a post": 1}


def test_bluesky_times_are_the_clients():
    [post] = rows_of(Post, "bsky")
    assert post.post_id == "bluesky:at://did:plc:tally/app.bsky.feed.post/3k1"
    assert (post.posted_at, post.time_quality) == (POSTED, TimeQuality.CLAIMED)
    assert (post.account_id, post.language_claimed) == ("bluesky:did:plc:tally", "en")


def test_imageboards():
    first, second = rows_of(Post, "4chan")
    assert (first.post_id, first.channel_id) == (
        "imageboard:4chan/quay/10",
        "imageboard:4chan/quay",
    )
    assert (first.posted_at, first.time_quality) == (POSTED, TimeQuality.UTC)
    assert (first.title, first.author_name, first.place) == ("Weather", "Anonymous", "Norway")
    assert second.thread_id == first.post_id
    [board, _] = rows_of(Channel, "4chan")
    assert (board.kind, board.handle) == ("board", "quay")


def test_the_option_says_which_board():
    assert rows_of(Post, "8kun", platform="8kun")[0].post_id == "imageboard:8kun/quay/10"
    with pytest.raises(SourceUnusable, match="platform"):
        rows_of(Post, "8kun")
    with pytest.raises(SourceUnusable, match="platform"):
        rows_of(Post, "8kun", platform="nowhere")


def test_gab_has_tags_in_its_texts_and_groups():
    [post] = rows_of(Post, "gab")
    assert (post.text, post.posted_at) == ("Fog & rain", POSTED)
    [group] = rows_of(Channel, "gab")
    assert (group.channel_id, group.name, group.members_count) == ("gab:group/9", "Quay", 77)
    assert rows_of(Account, "gab")[0].handle == "tally"


ONE_ROW = {
    "tiktok": (
        {"tiktok_url": "u", "is_duet": "no", "plays": "-1294967296", "likes": "2"},
        "tiktok:7",
    ),
    "threads": (
        {"is_paid_partnership": "no", "link_thumbnail_url": "", "audio_url": "", "id": "BA"},
        "threads:64",
    ),
    "vk": (
        {
            "item_type": "comment",
            "in_reply_to_comment_id": "5",
            "author_screen_name": "a",
            "author_id": "9",
            "link": "https://vk.com/wall-3_7",
            "thread_id": "2",
        },
        "vk:wall-3_7",
    ),
    "douyin": ({"digg_count": "1", "prevent_download": "", "author_user_id": "4"}, "douyin:7"),
    "rednote": (
        {"title": "t", "hashtags": "", "author_avatar_url": "", "likes": "1", "author": "A"},
        "rednote:7",
    ),
    "rednote_comments": (
        {"ip_location": "x", "replies": "0", "author_avatar_url": "", "thread_id": "6"},
        "rednote:comment/7",
    ),
    "tumblr": ({"reblog_key": "k", "note_count": "1", "post_slug": ""}, "tumblr:7"),
    "pinterest": ({"author_original": "a", "pinner_via": "", "board_pins": "1"}, "pinterest:7"),
    "imgur": ({"is_viral": "no", "virality_score": "1", "album_media": "1"}, "imgur:7"),
    "facebook": ({"is_in_group": "yes", "group_name": "8", "author_name": "A"}, "facebook:7"),
    "douban": (
        {"is_topic_elite": "no", "is_highlighted": "no", "group_id": "3"},
        "douban:7",
    ),
    "ninegag": ({"is_vote_masked": "yes", "tags_annotated": "", "upvotes": "1"}, "ninegag:7"),
    "truth_social": (
        {"video_thumbs": "", "account_id": "5", "group_members_count": "0", "thread_id": "6"},
        "truth_social:7",
    ),
}


@pytest.mark.parametrize("key", ONE_ROW)
def test_ids_are_those_of_the_platforms_own_source(key):
    cells = {"id": "7", "body": "Fog", "timestamp": "", "unix_timestamp": "1769904000"}
    special, post_id = ONE_ROW[key]
    cells |= special
    data = f"{','.join(cells)}\n{','.join(cells.values())}\n".encode()
    assert layout_of(frozenset(cells)) == key
    rows, rejected = read(FOURCAT, MemoryCapture(data))
    assert not rejected
    [post] = [row for row in rows if isinstance(row, Post)]
    assert (post.post_id, post.posted_at, post.text) == (post_id, POSTED, "Fog")
    assert post.view_count is None
    assert post.like_count is None if key == "ninegag" else post.like_count in (None, 1, 2)


def test_a_comment_on_a_wall_of_vk():
    cells = ONE_ROW["vk"][0] | {"id": "7", "body": "Fog", "timestamp": ""}
    data = f"{','.join(cells)}\n{','.join(cells.values())}\n".encode()
    post = read(FOURCAT, MemoryCapture(data))[0][0]
    assert (post.thread_id, post.reply_to_post_id) == ("vk:wall-3_2", "vk:wall-3_5")


# ------------------------------------------------------------------------------------- recognition


def test_no_layout_is_hidden_by_another():
    """Each has signs that lead to it: the first that fits is taken."""
    for key, layout in LAYOUTS.items():
        if layout.signs:
            names = frozenset([*layout.signs.split(), "id", "body", "timestamp"])
            assert layout_of(names) == key


@pytest.mark.parametrize(
    "head", [b"id,body,timestamp\n", b"id,thread_id,author,body,timestamp\n", b'{"id":1}', b""]
)
def test_others_files_are_not_claimed(head):
    assert FOURCAT.recognise(Sample(name="4cat.csv", head=head, size=len(head))) == 0


@pytest.mark.parametrize(
    "name", ["tiktok_web", "instagram_web", "threads_web", "linkedin_web", "ninegag", "x_web"]
)
def test_ndjson_of_4cat_goes_to_the_platforms_source(name):
    """4CAT takes Zeeschuimer's wrapper off and keeps it as `__import_meta` behind the object."""
    path = max((FIXTURES / name).glob("*eeschuimer*.ndjson"))
    lines = []
    for text in path.read_bytes().splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            continue
        data = line.pop("data")
        if isinstance(data, dict):
            lines.append(json.dumps(data | {"__import_meta": line}).encode())
    sample = MemoryCapture(b"\n".join(lines), name="4cat.ndjson").sample
    assert recognise(sample).source is plugins(Source)[name]
