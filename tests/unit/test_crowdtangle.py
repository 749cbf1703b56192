"""What does `crowdtangle` say of each column? Invented fixtures."""

from __future__ import annotations

from pathlib import Path

import pytest

from clew.case.reading import whole
from clew.contract import Sample
from clew.errors import SourceUnusable
from clew.formats.instagram_codes import number_of
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
from clew.sources.crowdtangle import CROWDTANGLE
from tests.captures import MemoryCapture, file_capture, fixtures_of, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/crowdtangle"
PAGES = FIXTURES / "2021-07-06-search-csv-export.csv"
GROUPS = FIXTURES / "groups.csv"
INSTAGRAM = FIXTURES / "instagram.csv"
FACEBOOK_LIBRARY = FIXTURES / "content_library_facebook.csv"
INSTAGRAM_LIBRARY = FIXTURES / "content_library_instagram.csv"

PAGE = "facebook:100000000000101"
FIRST = "facebook:100000000000101_11"
POSTED = from_iso("2021-01-07T00:58:44Z")


def rows_of(kind: type, path: Path = PAGES, **options: str) -> list:
    rows, _ = read(CROWDTANGLE, file_capture(path), **options)
    return [row for row in rows if isinstance(row, kind)]


def notes_of(path: Path) -> dict[str, int]:
    [piece] = pieces(CROWDTANGLE, file_capture(path))
    list(whole(CROWDTANGLE, piece))
    return dict(piece.notes)


# -------------------------------------------------------------------------------- dashboards: pages


def test_a_post_of_a_page():
    assert rows_of(Post)[0] == Post(
        post_id=FIRST,
        platform="facebook",
        kind=PostKind.POST,
        account_id=PAGE,
        thread_id=FIRST,
        posted_at=POSTED,
        time_quality=TimeQuality.OFFSET,
        text="The crane, again: t.example/a1 and more",
        url="https://www.facebook.com/100000000000101/posts/11",
        like_count=270729,
        reply_count=24506,
        repost_count=4259,
        reactions='{"like":270729,"love":100226,"wow":254,"haha":3657,"sad":93,"angry":565,"care":2848}',
    )


def test_links_are_where_a_shortened_address_leads_and_what_is_attached():
    assert rows_of(Link) == [
        Link(
            post_id=FIRST,
            platform="facebook",
            url="t.example/a1",
            expanded_url="https://news.example/crane?x=1",
            posted_at=POSTED,
        ),
        Link(
            post_id=FIRST,
            platform="facebook",
            url="https://short.example/b",
            expanded_url="https://news.example/b",
            title="Crane falls",
            description="On the quay",
            posted_at=POSTED,
        ),
    ]


def test_a_page():
    assert rows_of(Account)[0] == Account(
        account_id=PAGE,
        platform="facebook",
        handle="harbourwatch",
        name="Harbour Watch",
        description="News from the quay.\nWrite to us.",
        followers_count=1500,
    )


def test_who_paid_is_mentioned():
    [act] = rows_of(Interaction)
    assert act == Interaction(
        kind=InteractionKind.MENTION,
        platform="facebook",
        account_id=PAGE,
        target_account_id="facebook:100000000000909",
        target_name="Rope Works",
        post_id=FIRST,
        happened_at=POSTED,
        time_quality=TimeQuality.OFFSET,
    )


def test_a_video():
    video = rows_of(Post)[1]
    assert (video.title, video.view_count, video.like_count) == ("The tow", 461836, 1250)
    assert rows_of(Media)[0] == Media(
        post_id=video.post_id,
        platform="facebook",
        kind="video",
        url="https://www.facebook.com/harbourwatch/videos/12/",
        duration_s=5941,
        posted_at=video.posted_at,
    )


def test_what_is_no_video_has_no_views():
    photo = rows_of(Post)[2]
    assert (photo.view_count, photo.reactions, photo.text) == (None, None, None)
    assert rows_of(Media)[1].kind == "photo"


def test_zone_words():
    _, summer, brazil, unsure = rows_of(Post)
    assert summer.posted_at == from_iso("2021-07-06T20:45:20Z")
    assert brazil.posted_at == from_iso("2021-07-05T21:02:45Z")
    assert (unsure.posted_at, unsure.time_quality) == (None, TimeQuality.ZONE_UNKNOWN)
    assert unsure.local_time == "2021-07-05T18:02:45"
    assert sum(notes_of(PAGES).values()) == 1


@pytest.mark.parametrize(
    ("zone", "instant"),
    [
        ("Europe/London", "2021-07-05T17:02:45Z"),
        ("Pacific/Auckland", None),  # has no BST
    ],
)
def test_an_option_says_what_a_word_means(zone, instant):
    post = rows_of(Post, zone=zone)[3]
    assert post.posted_at == (from_iso(instant) if instant else None)


@pytest.mark.parametrize("zone", ["Nowhere/Never", "../etc/passwd", "\0"])
def test_a_zone_that_is_none(zone):
    with pytest.raises(SourceUnusable):
        rows_of(Post, zone=zone)


def test_the_hour_that_comes_twice():
    cells = "\n".join(f"a,2021-11-07 01:30:00 {word},u,1" for word in ("CDT", "CST", "+01"))
    head = "Page Name,Post Created,User Name,Facebook Id,URL\n"
    lines = [
        f"{line},https://www.facebook.com/1/posts/{n}" for n, line in enumerate(cells.split("\n"))
    ]
    data = (head + "\n".join(lines)).encode()
    rows, _ = read(CROWDTANGLE, MemoryCapture(data), zone="America/Chicago")
    instants = [row.posted_at for row in rows if isinstance(row, Post)]
    expected = ("2021-11-07T06:30:00Z", "2021-11-07T07:30:00Z", "2021-11-07T00:30:00Z")
    assert instants == [from_iso(text) for text in expected]


def test_a_bad_row_costs_only_itself():
    rows, rejected = read(CROWDTANGLE, file_capture(PAGES))
    assert [error.reason for error in rejected] == [
        "time unreadable",
        "count unreadable",
        "not a post of Facebook or Instagram",
        "unexpected structure",
        "row with too many cells",
    ]
    assert sum(isinstance(row, Post) for row in rows) == 4


# ------------------------------------------------------------------- dashboards: groups, Instagram


def test_a_group_is_a_channel_and_its_posts_have_no_author():
    link, film = rows_of(Post, GROUPS)
    group = "facebook:100000000000202"
    assert (link.account_id, link.channel_id, link.post_id) == (None, group, f"{group}_31")
    assert link.posted_at - film.posted_at == 3600 * 10**6  # the clock went from 2 to 3
    assert rows_of(Channel, GROUPS)[0] == Channel(
        channel_id=group,
        platform="facebook",
        kind="group",
        handle="quayfriends",
        name="Friends of the Quay",
        members_count=8400,
    )
    assert rows_of(Account, GROUPS) == []


def test_instagram():
    photo, film = rows_of(Post, INSTAGRAM)
    assert (photo.post_id, photo.platform) == ("instagram:1", "instagram")
    assert photo.account_id == "instagram:name/harbour.photos"
    assert (photo.text, photo.title, photo.view_count) == ("Fog #quay", None, None)
    assert photo.posted_at == from_iso("2022-02-01T11:00:00Z")
    assert (film.post_id, film.title) == (f"instagram:{64**10}", "The tide")
    assert film.view_count == 900
    first, second = rows_of(Media, INSTAGRAM)
    assert (first.kind, first.url) == ("photo", "https://img.example/1.jpg")
    assert (second.kind, second.url) == ("video", None)
    assert rows_of(Link, INSTAGRAM) == []
    assert rows_of(Account, INSTAGRAM)[0].followers_count == 77


@pytest.mark.parametrize(
    ("code", "number"),
    [("A", "0"), ("BA", "64"), ("AAAAAAAAAABkey-of-a-private-post", "1"), ("", None), ("%", None)],
)
def test_codes_of_instagram(code, number):
    assert number_of(code) == number


# --------------------------------------------------------------------------------- Content Library


def test_a_post_of_the_library():
    post = rows_of(Post, FACEBOOK_LIBRARY)[0]
    assert post == Post(
        post_id="facebook:mcl/900000000000001",
        platform="facebook",
        kind=PostKind.POST,
        account_id="facebook:mcl/501",
        thread_id="facebook:mcl/900000000000001",
        posted_at=from_iso("2024-05-01T10:00:00Z"),
        time_quality=TimeQuality.UTC,
        edited_at=from_iso("2024-05-01T11:00:00Z"),
        text="The crane again",
        url="https://library.example/post/1",
        language_claimed="en",
        like_count=12,
        reply_count=0,
        repost_count=2,
        view_count=1500,
        reactions='{"like":12,"love":1}',
    )
    [link] = rows_of(Link, FACEBOOK_LIBRARY)
    assert (link.title, link.description) == ("Crane falls", "On the quay")


def test_a_share_in_a_group():
    shared = rows_of(Post, FACEBOOK_LIBRARY)[1]
    assert shared.kind is PostKind.REPOST
    assert shared.repost_of_post_id == "facebook:mcl/900000000000001"
    assert (shared.account_id, shared.channel_id) == ("facebook:mcl/501", "facebook:mcl/601")
    assert shared.edited_at is None
    photo, video = rows_of(Media, FACEBOOK_LIBRARY)
    assert (photo.media_key, photo.url) == ("77", "https://img.example/7.jpg")
    assert (video.media_key, video.duration_s) == ("78", 12.5)
    assert notes_of(FACEBOOK_LIBRARY) == {"column hashtags that is no list: not read": 1}


def test_a_post_that_a_group_owns():
    old = rows_of(Post, FACEBOOK_LIBRARY)[2]
    assert (old.account_id, old.channel_id) == (None, "facebook:mcl/601")
    assert {row.name for row in rows_of(Channel, FACEBOOK_LIBRARY)} == {"Friends of the Quay"}


def test_broken_rows_of_the_library():
    _, rejected = read(CROWDTANGLE, file_capture(FACEBOOK_LIBRARY))
    assert [error.reason for error in rejected] == ["count unreadable", "unexpected structure"]


def test_instagram_in_the_library():
    [post] = rows_of(Post, INSTAGRAM_LIBRARY)
    assert (post.platform, post.post_id) == ("instagram", "instagram:mcl/18000000000000001")
    assert (post.tags, post.reactions, post.view_count) == ('["quay","fog"]', None, None)
    assert rows_of(Account, INSTAGRAM_LIBRARY)[0].handle == "harbour.photos"


# ------------------------------------------------------------------------------------- recognition


@pytest.mark.parametrize("path", fixtures_of("crowdtangle"), ids=lambda path: path.name)
def test_own_files_are_claimed(path):
    assert CROWDTANGLE.recognise(file_capture(path).sample) > 0.9


@pytest.mark.parametrize(
    "head", [b"Page Name,URL\n", b"Account,URL,Post Created\n", b"id,creation_time,text\n", b"{}"]
)
def test_others_files_are_not_claimed(head):
    assert CROWDTANGLE.recognise(Sample(name="x.csv", head=head, size=len(head))) == 0
