"""What does `facepager` say of each node? Invented fixtures."""

from __future__ import annotations

from pathlib import Path

import pytest

from clew.case.reading import whole
from clew.contract import Sample
from clew.errors import SourceUnusable
from clew.model.tables import Account, Interaction, InteractionKind, Link, Post, PostKind
from clew.model.times import TimeQuality, from_iso
from clew.sources.facepager import FACEPAGER
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/facepager"
PAGE = "facebook:100000000000101"
POSTED = from_iso("2026-02-01T00:00:00Z")


def rows_of(kind: type, name: str) -> list:
    rows, _ = read(FACEPAGER, file_capture(FIXTURES / f"{name}.csv"))
    return [row for row in rows if isinstance(row, kind)]


def test_a_post_of_a_page():
    assert rows_of(Post, "facebook")[0] == Post(
        post_id=f"{PAGE}_11",
        platform="facebook",
        kind=PostKind.POST,
        account_id=PAGE,
        thread_id=f"{PAGE}_11",
        posted_at=POSTED,
        time_quality=TimeQuality.UTC,
        edited_at=from_iso("2026-02-01T00:05:00Z"),
        title="Crane falls",
        text="The crane; again",
        url="https://www.facebook.com/100000000000101/posts/11",
        like_count=7,
        reply_count=2,
        repost_count=4,
        reactions='{"like":7,"love":0}',
    )
    [link] = rows_of(Link, "facebook")
    assert (link.post_id, link.url) == (f"{PAGE}_11", "https://news.example/crane")


def test_comments_stand_below_what_they_answer():
    _, comment, answer = rows_of(Post, "facebook")
    assert comment.kind is PostKind.COMMENT
    assert (comment.thread_id, comment.reply_to_post_id) == (f"{PAGE}_11", f"{PAGE}_11")
    assert (answer.thread_id, answer.reply_to_post_id) == (f"{PAGE}_11", comment.post_id)
    assert (comment.account_id, answer.account_id) == ("facebook:900", None)
    assert (comment.like_count, comment.reply_count, answer.like_count) == (3, 1, None)


def test_accounts_and_reactions():
    page, tally, rope = rows_of(Account, "facebook")
    assert page == Account(
        account_id=PAGE,
        platform="facebook",
        name="Harbour Watch",
        description="News",
        location_claimed="Quay",
        followers_count=1500,
    )
    assert (tally.name, rope.name) == ("Tally", "Rope")
    first, second, reaction = rows_of(Interaction, "facebook")
    assert {first.kind, second.kind} == {InteractionKind.REPLY}
    assert reaction == Interaction(
        kind=InteractionKind.REACT,
        platform="facebook",
        account_id="facebook:901",
        target_post_id=f"{PAGE}_11",
        time_quality=TimeQuality.MISSING,
        value="WOW",
    )


def test_nodes_that_hold_nothing_are_noted_and_broken_ones_rejected():
    capture = file_capture(FIXTURES / "facebook.csv")
    [piece] = pieces(FACEPAGER, capture)
    list(whole(FACEPAGER, piece))
    assert dict(piece.notes) == {
        "node that was put in or is left over: not read": 2,
        "node whose query failed": 1,
        "node of a query that is not known: not read": 1,
    }
    _, rejected = read(FACEPAGER, capture)
    assert [error.reason for error in rejected] == [
        "time unreadable",
        "unexpected structure",
        "not well-formed CSV",
    ]


def test_posts_of_x():
    post, repost = rows_of(Post, "twitter")
    assert (post.post_id, post.account_id) == ("x:180000000000000001", "x:1500")
    assert (post.reply_to_post_id, post.like_count) == ("x:180000000000000000", 2)
    assert post.posted_at == POSTED
    assert repost.kind is PostKind.REPOST
    assert (repost.repost_of_post_id, repost.language_claimed) == (post.post_id, None)
    assert repost.posted_at == POSTED + 10**6


def test_followers_stand_below_whom_they_follow():
    acts = [act for act in rows_of(Interaction, "twitter") if act.kind is InteractionKind.FOLLOW]
    pairs = [(act.account_id, act.target_account_id) for act in acts]
    assert pairs == [("x:1600", "x:1500"), ("x:1500", "x:1700")]
    rope = next(row for row in rows_of(Account, "twitter") if row.account_id == "x:1600")
    assert (rope.handle, rope.following_count) == ("rope", 9)
    assert rope.created_at == from_iso("2015-02-01T00:00:00Z")


def test_an_id_that_is_no_number_is_rejected():
    _, [error] = read(FACEPAGER, file_capture(FIXTURES / "twitter.csv"))
    assert error.detail == "a post of X whose id is no number"


def test_youtube():
    video, comment, answer, listed = rows_of(Post, "youtube")
    assert (video.post_id, video.account_id) == ("youtube:zz_VIDEO_01", "youtube:UCquay")
    assert (video.title, video.view_count, video.reply_count) == ("The crane", 90, 0)
    assert (comment.text, comment.like_count) == ("Fog & rain", 5)
    assert (comment.account_id, comment.edited_at) == ("youtube:UCtally", None)
    assert (comment.thread_id, comment.reply_to_post_id) == (video.post_id, video.post_id)
    assert (answer.thread_id, answer.reply_to_post_id) == (video.post_id, comment.post_id)
    assert (answer.account_id, answer.author_name) == (None, "@rope")
    assert listed.posted_at == from_iso("2026-01-01T00:00:00Z")  # not when it was listed
    assert (listed.post_id, listed.account_id) == ("youtube:zz_VIDEO_02", None)


def test_nodes_in_a_ring_come_to_an_end():
    head = "level;id;parent_id;object_id;object_type;query_status;query_type;message\n"
    lines = "".join(
        f"1;{n};{3 - n};10_{n};data;x;Facebook:/<post-id>/comments;Hi\n" for n in (1, 2)
    )
    rows, rejected = read(FACEPAGER, MemoryCapture((head + lines).encode()))
    assert not rejected
    assert len([row for row in rows if isinstance(row, Post)]) == 2


@pytest.mark.parametrize(
    "head", [b"id;parent_id;level\n", b"object_id,object_type,query_status\n", b"", b"{}"]
)
def test_others_files_are_not_claimed(head):
    assert FACEPAGER.recognise(Sample(name="x.csv", head=head, size=len(head))) == 0
    with pytest.raises(SourceUnusable):
        read(FACEPAGER, MemoryCapture(head))
