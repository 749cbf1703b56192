"""What does `weibo` say of each object and of each crawler's records? Invented fixtures."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from clew.case.reading import whole
from clew.contract import Sample
from clew.errors import SourceUnusable
from clew.formats.csv_rows import LONGEST
from clew.model.tables import (
    Account,
    Deletion,
    Interaction,
    InteractionKind,
    Link,
    Media,
    Post,
    PostKind,
)
from clew.model.times import TimeQuality, from_iso
from clew.sources.weibo import WEIBO
from clew.sources.weibo.values import mid_of
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/weibo"
DAILY, BOSUN, FERRY, HELM = (f"weibo:100000000{number}" for number in (1, 2, 3, 4))


def rows_of(name: str, kind: type, **options: str) -> list:
    rows, _ = read(WEIBO, file_capture(FIXTURES / name), **options)
    return [row for row in rows if isinstance(row, kind)]


def post_of(name: str, number: str, **options: str) -> Post:
    found = rows_of(name, Post, **options)
    return next(row for row in found if row.post_id == f"weibo:{number}")


def said(*statuses: dict) -> tuple[list, list]:
    data = {"ok": 1, "data": {"list": list(statuses)}}
    return read(WEIBO, MemoryCapture(json.dumps(data).encode()))


def notes_of(data: bytes) -> Counter:
    [piece] = pieces(WEIBO, MemoryCapture(data))
    list(whole(WEIBO, piece))
    return piece.notes


def status(**more: object) -> dict:
    return {
        "id": 5228000000000077,
        "created_at": "Sat Nov 01 12:00:00 +0800 2025",
        "text_raw": "words",
        "reposts_count": 0,
        "attitudes_count": 0,
    } | more


# ---------------------------------------------------------------------------------- m.weibo.cn


def test_a_post_of_the_mobile_site():
    assert post_of("container_getindex.json", "5228000000000001") == Post(
        post_id="weibo:5228000000000001",
        platform="weibo",
        kind=PostKind.POST,
        account_id=DAILY,
        thread_id="weibo:5228000000000001",
        posted_at=from_iso("2025-11-01T04:00:00Z"),
        time_quality=TimeQuality.OFFSET,
        edited_at=from_iso("2025-11-01T04:05:00Z"),
        text="港口的吊车#吊车停了#\n问@水手长[允悲] 网页链接",
        client="码头客户端",
        like_count=None,  # "100万+" is a bound, not a count
        reply_count=3,
        repost_count=12,
        tags='["吊车停了"]',
        place="上海",
    )


def test_account_with_a_rounded_count():
    account = rows_of("container_getindex.json", Account)[0]
    assert (account.account_id, account.name, account.is_verified) == (DAILY, "码头日报", True)
    assert account.description == "港口的消息"
    assert (account.followers_count, account.following_count, account.posts_count) == (
        715_000,
        733,
        4019,
    )
    assert account.avatar_url == "https://img.example/large.jpg"


def test_links_lead_out_of_weibo():
    links = rows_of("container_getindex.json", Link)
    assert [(link.expanded_url or link.url, link.title) for link in links] == [
        ("https://news.example/crane", "网页链接"),
        ("https://news.example/article", "文章"),
    ]


def test_pictures_and_videos():
    photo, video = rows_of("container_getindex.json", Media)
    assert (photo.kind, photo.url) == ("photo", "https://img.example/large/pic1.jpg")
    assert (photo.media_key, photo.width_px, photo.height_px) == ("pic1", 1024, 768)
    assert (video.kind, video.url) == ("video", "https://video.example/720.mp4")
    assert (video.media_key, video.name, video.duration_s) == ("1034:1", "吊车", 62.5)


def test_a_repost_without_words_at_a_time_in_words():
    repost = post_of("container_getindex.json", "5228000000000002")
    assert (repost.kind, repost.text) == (PostKind.REPOST, None)
    assert repost.repost_of_post_id == "weibo:5227000000000009"
    assert (repost.posted_at, repost.time_quality) == (None, TimeQuality.MISSING)
    original = post_of("container_getindex.json", "5227000000000009")
    assert (original.account_id, original.text) == (FERRY, "原来的话")


def test_a_repost_of_a_deleted_post_keeps_its_own_words():
    repost = post_of("container_getindex.json", "5228000000000003")
    assert (repost.kind, repost.text) == (PostKind.POST, "可惜//@渡船:看")
    assert rows_of("container_getindex.json", Deletion) == [
        Deletion(post_id="weibo:5227000000000008", platform="weibo")
    ]
    assert len(rows_of("container_getindex.json", Post)) == 4, "Weibo's notice is no post"


def test_acts():
    acts = rows_of("container_getindex.json", Interaction)
    assert [(act.kind, act.account_id, act.target_account_id, act.target_name) for act in acts] == [
        (InteractionKind.MENTION, DAILY, None, "水手长"),
        (InteractionKind.REPOST, BOSUN, FERRY, None),
        (InteractionKind.REPOST, BOSUN, None, None),
        (InteractionKind.MENTION, BOSUN, None, "渡船"),
    ]


def test_bad_posts_cost_only_themselves():
    _, rejected = read(WEIBO, file_capture(FIXTURES / "container_getindex.json"))
    assert [item.reason for item in rejected] == ["time out of range", "unexpected structure"]


# ----------------------------------------------------------------------------------- weibo.com


def test_a_post_of_the_desktop_site_is_plain_text():
    post = post_of("ajax_mymblog.json", "5228000000000011")
    assert post.text == "一段 <b>不是标记</b> #港口# http://t.example/B 长的全文"
    assert (post.latitude, post.longitude, post.place) == (31.25, 121.5, "外滩")
    assert (post.like_count, post.reply_count, post.repost_count) == (3, 2, 1)
    assert post.tags == '["港口"]'
    [link] = rows_of("ajax_mymblog.json", Link)
    assert (link.url, link.expanded_url) == ("http://t.example/B", "https://news.example/b")
    [account] = rows_of("ajax_mymblog.json", Account)
    assert (account.handle, account.followers_count) == ("dockdaily", None)


def test_media_of_the_desktop_site():
    media = rows_of("ajax_mymblog.json", Media)
    assert [(row.kind, row.media_key, row.width_px) for row in media] == [
        ("photo", "p1", 2048),
        ("animation", "p2", 110),
        ("video", "1034:2", None),
        ("photo", "p3", None),
    ]


# ------------------------------------------------------------------------------------ comments


def test_comments_and_answers():
    first, answer, third = rows_of("hotflow.json", Post, post="5228000000000001")
    assert (first.text, first.place, first.like_count, first.reply_count) == (
        "真的吗[doge]",
        "广东",
        7,
        1,
    )
    assert first.thread_id == first.reply_to_post_id == "weibo:5228000000000001"
    assert answer.reply_to_post_id == first.post_id == "weibo:comment/5228100000000001"
    assert (third.account_id, third.client, third.place) == (None, "旧客户端", None)
    replies = [
        act
        for act in rows_of("hotflow.json", Interaction, post="5228000000000001")
        if act.kind is InteractionKind.REPLY
    ]
    assert [act.target_account_id for act in replies] == [None, HELM, None]


def test_comments_as_they_were_until_2019():
    """Two lists, no number of the first comment above, times in words."""
    hot, new = sorted(rows_of("comments_show.json", Post), key=lambda post: -post.like_count)
    assert (hot.kind, hot.text, hot.like_count) == (PostKind.COMMENT, "[doge]", 5389)
    assert (new.account_id, new.time_quality) == (HELM, TimeQuality.MISSING)


def test_comments_whose_post_is_not_known():
    first, answer, _ = rows_of("hotflow.json", Post)
    assert (first.thread_id, first.reply_to_post_id) == (None, None)
    assert answer.reply_to_post_id == first.post_id


# ------------------------------------------------------------------------------------- crawlers


def test_weibospider():
    rows, rejected = read(WEIBO, file_capture(FIXTURES / "weibospider.jsonl"))
    assert [item.reason for item in rejected] == ["unexpected structure", "not JSON"]
    follows = [row for row in rows if isinstance(row, Interaction)]
    assert [(row.account_id, row.target_account_id) for row in follows] == [
        (BOSUN, DAILY),
        (DAILY, FERRY),
    ]
    comment, post = [row for row in rows if isinstance(row, Post)]
    assert (comment.kind, comment.account_id, comment.place) == (PostKind.COMMENT, HELM, "河南")
    assert (post.local_time, post.time_quality) == ("2025-11-01T18:47:50", TimeQuality.ZONE_UNKNOWN)
    assert (post.post_id, post.place) == ("weibo:5228000000000021", "外滩")
    assert [row.kind for row in rows if isinstance(row, Media)] == ["photo", "photo", "video"]


def test_weibo_crawler_json():
    first = post_of("weibo_crawler.json", "5228000000000031")
    assert first.local_time == "2025-11-01T12:00:00"
    assert (first.tags, first.place) == ('["港口","吊车"]', "外滩")
    repost = post_of("weibo_crawler.json", "5228000000000032")
    assert (repost.kind, repost.repost_of_post_id) == (PostKind.REPOST, "weibo:5227000000000039")
    assert repost.time_quality is TimeQuality.MISSING, "a day is no time"
    assert post_of("weibo_crawler.json", "5227000000000039").account_id == FERRY
    assert [row.url for row in rows_of("weibo_crawler.json", Media)][2:] == [
        "https://video.example/a.mp4",
        "https://video.example/b.mp4",
    ]


def test_weibo_search_csv():
    rows, rejected = read(WEIBO, file_capture(FIXTURES / "weibo_search.csv"))
    assert [item.reason for item in rejected] == ["post without a number", "time unreadable"]
    posts = [row for row in rows if isinstance(row, Post)]
    assert [post.post_id for post in posts] == [
        "weibo:5228000000000041",
        "weibo:4804608494665869",  # 4.80461E+15 in the file: from the short id
        "weibo:5228000000000044",  # rounded in the file: the short id says so
    ]
    assert posts[0].text == "第一行\n第二行 @水手长"
    assert posts[0].local_time == "2025-11-01T12:30:00"
    assert posts[1].time_quality is TimeQuality.MISSING
    assert posts[1].repost_of_post_id == "weibo:5227000000000039"


def test_mediacrawler_csv():
    first, second = rows_of("mediacrawler_comments.csv", Post)
    assert (first.posted_at, first.time_quality) == (
        from_iso("2025-11-01T04:00:00Z"),
        TimeQuality.UTC,
    )
    assert (first.reply_to_post_id, first.place) == ("weibo:5228000000000001", "广东")
    assert (second.reply_to_post_id, second.like_count) == (first.post_id, 0)


# ---------------------------------------------------------------------------- ids, counts, odds


@pytest.mark.parametrize(
    ("bid", "mid"),
    [
        ("HAohwE36n", "4386731509545047"),
        ("M1VT3jzNX", "4804608494665869"),
        ("LqlZNhJFm", "4762810834227120"),
        ("QseOBxIzJ", "5267301378036175"),
    ],
)
def test_short_ids_of_weibo(bid, mid):
    """Pairs as Weibo gave them."""
    assert mid_of(bid) == mid


@pytest.mark.parametrize("bid", [None, "", "x", "HAohw-36n", "ZZZZZZZZZ", "A" * 40])
def test_no_short_ids(bid):
    assert mid_of(bid) is None


def test_a_number_that_contradicts_the_short_id_is_noted():
    data = json.dumps(status(id=4386731509545050, mblogid="HAohwE36n")).encode()
    assert any("short id" in note for note in notes_of(data))


def test_what_is_not_recorded_is_null():
    [post], rejected = said(status())
    assert rejected == []
    assert (post.reply_count, post.view_count, post.place, post.client) == (None,) * 4


@pytest.mark.parametrize(
    "odd",
    [
        {"id": None},
        {"id": 0},
        {"id": True},
        {"created_at": "2025-11-01 12:00:00"},
        {"created_at": "Sat Xyz 01 12:00:00 +0800 2025"},
        {"pics": "none"},
        {"user": "nobody"},
        {"mix_media_info": {"items": [{"type": "pic", "data": 7}]}},
    ],
)
def test_hostile_posts_are_rejected(odd):
    rows, rejected = said(status(**odd), status(id=5228000000000078))
    assert [row.post_id for row in rows] == ["weibo:5228000000000078"]
    assert len(rejected) == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"ok": -100, "url": "https://passport.example/"}, "error"),
        ({"ok": 1, "data": {"longTextContent": "all of it"}}, "longtext"),
        ({"ok": 1, "data": {"cards": [{"card_type": 4, "desc": "more"}]}}, "other objects"),
    ],
)
def test_answers_without_posts_are_noted(data, words):
    assert any(words in note for note in notes_of(json.dumps(data).encode()))


def test_broken_csv_costs_a_row():
    data = "id,bid,user_id,微博正文\n1,,2,a,b\n3,,4,".encode() + b"\xff\n5,,6,c\n"
    rows, rejected = read(WEIBO, MemoryCapture(data, name="a.csv"))
    assert [item.reason for item in rejected] == ["row with too many cells", "not UTF-8"]
    assert [row.text for row in rows if isinstance(row, Post)] == ["c"]


def test_an_endless_line_is_refused():
    data = b"id,bid,user_id,text\n" + b"x" * (LONGEST + 10)
    with pytest.raises(SourceUnusable):
        read(WEIBO, MemoryCapture(data, name="a.csv"))


@pytest.mark.parametrize("head", [b"", b"{}", b"[]", b"id,text\n1,a\n", b'{"created_at": "x"}'])
def test_others_are_not_recognised(head):
    assert WEIBO.recognise(Sample(name="weibo.json", head=head, size=len(head))) == 0
