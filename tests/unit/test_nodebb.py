"""What does `nodebb` say of each record? Invented fixtures, field by field."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clew.contract import Sample
from clew.errors import SourceUnusable
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
from clew.sources.nodebb import NODEBB
from clew.sources.nodebb.content import Content
from tests.captures import MemoryCapture, file_capture, options_of, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/nodebb"
FORUM = "nodebb:forum.example.org"
MIRA, OTTO = f"{FORUM}/user/11", f"{FORUM}/user/12"
LIGHTS = f"{FORUM}/category/3"
FIRST = f"{FORUM}/post/900"
LIST = "forum.example.org/category.json"


def rows_of(name: str, kind: type) -> list:
    path = FIXTURES / name
    rows, _ = read(NODEBB, file_capture(path), **options_of(path))
    return [row for row in rows if isinstance(row, kind)]


def posts_of(name: str) -> dict[str, Post]:
    return {row.post_id.removeprefix(f"{FORUM}/"): row for row in rows_of(name, Post)}


def read_json(value: object) -> tuple[list, list]:
    return read(NODEBB, MemoryCapture(json.dumps(value).encode()), site="forum.example.org")


def test_the_first_post_of_a_topic():
    assert posts_of("topic.json")["post/900"] == Post(
        post_id=FIRST,
        platform="nodebb",
        kind=PostKind.POST,
        account_id=MIRA,
        channel_id=LIGHTS,
        thread_id=FIRST,
        posted_at=from_iso("2026-03-01T10:00:00Z"),
        time_quality=TimeQuality.UTC,
        edited_at=from_iso("2026-03-01T10:01:00Z"),
        title="Which lamp is brighter? <40 W>",
        text="See this one 😉\n\nplan.pdf",
        like_count=2,
        reply_count=5,
        view_count=98,
        reactions='{"upvote":3,"downvote":1}',
        tags='["lamp","a & b"]',
    )


def test_replies_know_what_they_answer():
    posts = posts_of("topic.json")
    assert (posts["post/901"].kind, posts["post/901"].reply_to_post_id) == (PostKind.COMMENT, FIRST)
    assert posts["post/904"].reply_to_post_id is None  # to the topic as a whole
    assert {row.thread_id for row in posts.values()} == {FIRST}
    acts = [act for act in rows_of("topic.json", Interaction) if act.kind is InteractionKind.REPLY]
    assert [(act.target_account_id, act.target_name, act.target_post_id) for act in acts] == [
        (None, "Mira O'Lamp", FIRST),
        (OTTO, None, f"{FORUM}/post/901"),
    ]


def test_mentions_and_quotations():
    acts = rows_of("topic.json", Interaction)
    mentions = [act for act in acts if act.kind is InteractionKind.MENTION]
    assert [(act.target_account_id, act.target_name) for act in mentions] == [
        (MIRA, None),
        (None, "otto"),
    ]
    [quote] = [act for act in acts if act.kind is InteractionKind.QUOTE]
    assert quote.target_post_id == f"{FORUM}/post/901"
    assert posts_of("topic.json")["post/902"].quote_of_post_id == f"{FORUM}/post/901"


def test_only_the_composers_own_form_is_a_quotation():
    assert Content('<p><a href="/post/1">x</a>:</p>\n<blockquote>y</blockquote>').quotes == ["1"]
    assert Content('<p><a href="/post/1">x</a></p><blockquote>y</blockquote>').quotes == []
    assert Content('<p><a href="/topic/1">x</a>:</p>\n<blockquote>y</blockquote>').quotes == []


def test_links_pictures_and_files():
    links = [(row.url, row.title) for row in rows_of("topic.json", Link)]
    assert links == [("https://lamps.example/40?a=1&b=2", "this one"), ("/post/17", "that one")]
    picture, file = rows_of("topic.json", Media)  # the emoji is text
    assert (picture.kind, picture.url, picture.alt_text) == (
        "photo",
        "/assets/uploads/files/1-lamp.png",
        "a lamp",
    )
    assert (file.kind, file.name) == ("file", "plan.pdf")


def test_what_the_forum_shows_in_place_of_a_deleted_post_is_not_its_text():
    assert posts_of("topic.json")["post/903"].text is None
    assert rows_of("topic.json", Deletion) == [
        Deletion(post_id=f"{FORUM}/post/903", platform="nodebb", account_id=OTTO)
    ]


def test_a_guest_has_a_name_and_no_account():
    guest = posts_of("topic.json")["post/904"]
    assert (guest.account_id, guest.author_name) == (None, "Passer-by")
    assert posts_of(LIST)["post/400"].author_name is None  # [[global:guest]] is no name


def test_events_are_service_messages():
    event = posts_of("topic.json")["event/7"]
    assert (event.kind, event.action, event.account_id) == (PostKind.SERVICE, "lock", OTTO)
    newer = posts_of("topic.json")["event/8"]  # later servers: within a post
    assert (newer.kind, newer.action, newer.thread_id) == (PostKind.SERVICE, "pin", FIRST)


def test_who_collected_the_answer_is_not_read():
    seen = {row.account_id for name in ("topic.json", LIST) for row in rows_of(name, Account)}
    assert seen == {MIRA, OTTO}


def test_broken_records_cost_only_themselves():
    def reasons(name: str) -> list[str]:
        path = FIXTURES / name
        return [error.reason for error in read(NODEBB, file_capture(path), **options_of(path))[1]]

    assert reasons("topic.json") == ["post without number", "event without number"]
    assert reasons(LIST) == ["topic without first post"]
    assert reasons("posts.jsonl") == ["time out of range", "unexpected structure"]


def test_a_list_of_topics_of_an_old_and_a_new_server():
    new, old = posts_of(LIST)["post/900"], posts_of(LIST)["post/400"]
    assert (new.text, new.title, new.account_id) == (None, "Which lamp is brighter? <40 W>", MIRA)
    assert (old.title, old.posted_at) == (None, from_iso("2014-01-01T10:00:00Z"))
    assert (old.reply_count, old.view_count, old.channel_id) == (0, 9, LIGHTS)
    assert [row.post_id for row in rows_of(LIST, Deletion)] == [old.post_id]
    [piece] = pieces(NODEBB, file_capture(FIXTURES / LIST))
    for item in NODEBB.items(piece):
        if isinstance(item, tuple) and getattr(item.record, "main_pid", None) is not None:
            list(NODEBB.rows(item, piece))
    assert piece.notes["topics of lists: their first post is read without its text"] == 2


def test_categories():
    assert rows_of("categories.json", Channel) == [
        Channel(
            channel_id=LIGHTS,
            platform="nodebb",
            kind="category",
            handle="3/lights-lamps",
            name="Lights & lamps",
            description="All that <shines>",
        ),
        Channel(
            channel_id=f"{FORUM}/category/4",
            platform="nodebb",
            kind="category",
            handle="4/torches",
            name="Torches",
        ),
    ]


def test_a_profile_and_its_latest_posts():
    profile, _ = rows_of("user.json", Account)
    assert profile == Account(
        account_id=MIRA,
        platform="nodebb",
        handle="mira-o-lamp",
        name="Mira O'Lamp",
        description="Lamps & light",
        location_claimed="Harbour & quay",
        url="https://mira.example/",
        avatar_url="/assets/uploads/profile/11.png",
        created_at=from_iso("2014-03-01T09:30:00Z"),
        followers_count=0,
        following_count=2,
        posts_count=43,
    )
    [post] = rows_of("user.json", Post)
    assert (post.post_id, post.kind, post.channel_id) == (FIRST, PostKind.POST, LIGHTS)
    assert [row.is_deleted for row in rows_of("topic.json", Account)][1] is True  # banned


def test_posts_from_other_servers_have_addresses_for_numbers():
    remote = rows_of("posts.jsonl", Post)[1]
    assert remote.post_id == f"{FORUM}/post/https://social.example/notes/9"
    assert remote.account_id == f"{FORUM}/user/https://social.example/users/lux"
    assert remote.reply_to_post_id == f"{FORUM}/post/901"


def test_an_answer_of_the_api_v3_is_the_same():
    first = rows_of("posts.jsonl", Post)[0]
    topic = posts_of("topic.json")["post/901"]
    assert (first.post_id, first.posted_at) == (topic.post_id, topic.posted_at)


def test_the_forum_is_told_by_option_or_folder():
    data = (FIXTURES / "topic.json").read_bytes()
    with pytest.raises(SourceUnusable, match="option site"):
        read(NODEBB, MemoryCapture(data, name="topic.json"))
    rows, _ = read(NODEBB, MemoryCapture(data, name="x.zip/Forum.Example.org/topic.json"))
    assert rows[0].channel_id == LIGHTS


def test_records_are_numbered_through_the_capture():
    text = (FIXTURES / "user.json").read_bytes().replace(b"\n", b"")
    cut = pieces(NODEBB, MemoryCapture(text + b"\n" + text), site="forum.example.org")
    assert [(piece.first_item, len(list(NODEBB.items(piece)))) for piece in cut] == [(0, 2), (2, 2)]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"response": {"response": {}}}, "answer without posts, topics, users or categories"),
        ({"tid": 1, "title": "x"}, "topic without first post"),
        ({"uid": 0, "username": "x"}, "user without number"),
        ({"categories": [{"name": "x"}]}, "category without number"),
        ({"posts": [], "tid": 1}, None),
        ({"posts": [{"pid": "9" * 1001}]}, "unexpected structure"),
        ({"posts": [{"pid": 2**63}]}, "unexpected structure"),
    ],
)
def test_odd_answers(value, reason):
    rows, rejected = read_json(value)
    assert (rows, [error.reason for error in rejected]) == ([], [reason] if reason else [])


def test_other_files_are_not_recognised():
    def score(head: bytes) -> float:
        return NODEBB.recognise(Sample(name="x.json", head=head, size=len(head)))

    assert score(b"") == score(b"tid mainPid posts") == score(b'{"posts": [{"content": 1}]}') == 0
