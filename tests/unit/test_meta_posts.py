"""Field by field: what the files of a download from Facebook or Instagram become."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clew import add_files
from clew.contract import Sample, Status
from clew.errors import SourceUnusable
from clew.model.tables import Account, Channel, Interaction, Link, Media, Post, Row
from clew.model.times import from_iso
from clew.sources.meta_posts import META_POSTS
from tests.captures import MemoryCapture, beside, file_capture, pieces, read
from tests.case.exports import make_case

FOLDER = Path(__file__).parents[1] / "fixtures/sources/meta_posts"
ACTIVITY = "facebook/your_facebook_activity"
AT = from_iso("2024-07-08T10:00:00Z")
SECOND = 10**6
ZOE, OLEG, MIRA, OLEG_THERE = (
    "meta:Zoë Beispiel",
    "meta:Oleg Näide",
    "meta:@mira.harbour",
    "meta:@oleg",
)
GROUP = "meta:group/Hafenfreunde Tallinn"


def rows_of(name: str, reasons: tuple[str, ...] = (), **options: str) -> list[Row]:
    path = FOLDER / name
    rows, rejected = read(
        META_POSTS, file_capture(path), explained_by=beside(META_POSTS, path), **options
    )
    assert tuple(error.reason for error in rejected) == reasons
    return rows


def said(row: Row) -> dict[str, object]:
    """What a row says, but for ids that were made."""
    return {
        name: value
        for name in row.__struct_fields__
        if name not in ("platform", "post_id") and (value := getattr(row, name)) is not None
    }


def of(rows: list[Row], kind: type[Row]) -> list[dict[str, object]]:
    return [said(row) for row in rows if type(row) is kind]


def acts(rows: list[Row]) -> list[tuple[object, ...]]:
    return [
        (
            row.kind.value,
            row.account_id,
            row.target_account_id,
            row.target_post_id or row.target_channel_id,
            row.value,
        )
        for row in rows
        if isinstance(row, Interaction)
    ]


@pytest.fixture(scope="module")
def posts() -> list[Row]:
    name = f"{ACTIVITY}/posts/your_posts__check_ins__photos_and_videos_1.json"
    return rows_of(name, ("time out of range", "unexpected structure"))


def test_posts_of_facebook(posts):
    first, second, third = of(posts, Post)
    assert first == {
        "kind": "post",
        "account_id": ZOE,
        "posted_at": AT,
        "time_quality": "utc",
        "edited_at": AT + 60 * SECOND,
        "title": "Zoë Beispiel hat einen Link geteilt.",
        "text": "Streik am Hafen 🚢",
        "latitude": 59.44,
        "longitude": 24.75,
        "place": "Port of Tallinn",
    }
    assert "text" not in second
    assert third["place"] == "Nowhere"
    assert "latitude" not in third  # 95 degrees are no point on Earth
    assert of(posts, Link) == [
        {"url": "https://news.example/a", "title": "Port news", "posted_at": AT}
    ]
    photo, video = of(posts, Media)
    assert photo == {
        "kind": "photo",
        "path": "your_facebook_activity/posts/media/1.jpg",
        "name": "1.jpg",
        "alt_text": "Kräne",
        "posted_at": AT + 3600 * SECOND,
    }
    assert video["kind"] == "video"
    assert acts(posts) == [
        ("mention", ZOE, OLEG, None, None),
        ("mention", ZOE, "meta:Mira Näide", None, None),
    ]


def test_album_has_the_words_of_others():
    rows = rows_of(f"{ACTIVITY}/posts/album/0.json")
    photo, comment = (row for row in rows if isinstance(row, Post))
    assert (photo.account_id, photo.text, photo.title) == (ZOE, "Nachtschicht", "Hafen")
    assert (comment.account_id, comment.text) == (OLEG, "Schöne Kräne")
    assert comment.reply_to_post_id == comment.thread_id == photo.post_id
    assert acts(rows) == [("reply", OLEG, ZOE, photo.post_id, None)]


def test_comments_of_facebook():
    words, moving = of(rows_of(f"{ACTIVITY}/comments_and_reactions/comments.json"), Post)
    assert words == {
        "kind": "comment",
        "account_id": ZOE,
        "posted_at": AT,
        "time_quality": "utc",
        "text": "Schön!",
    }
    assert "text" not in moving
    rows = rows_of(f"{ACTIVITY}/groups/your_comments_in_groups.json")
    assert of(rows, Post)[0]["channel_id"] == GROUP
    assert of(rows, Channel) == [
        {"channel_id": GROUP, "kind": "group", "name": "Hafenfreunde Tallinn"}
    ]


def test_each_reaction_is_one_though_none_says_to_what():
    rows = rows_of(f"{ACTIVITY}/comments_and_reactions/likes_and_reactions_1.json")
    notices = [row for row in rows if isinstance(row, Post)]
    assert [row.text for row in notices] == ["Zoë Beispiel gefällt Olegs Beitrag."] * 2
    assert {row.kind.value for row in notices} == {"service"}
    assert acts(rows) == [("react", ZOE, None, None, "LIKE")] * 2
    within = [row.post_id for row in rows if isinstance(row, Interaction)]
    assert within == [row.post_id for row in notices]
    assert len(set(within)) == 2


def test_reactions_with_labels():
    rows = rows_of(f"{ACTIVITY}/comments_and_reactions/likes_and_reactions.json")
    assert acts(rows) == [
        ("react", ZOE, OLEG, "meta:facebook.example/groups/1/posts/2", "Like"),
        ("react", ZOE, None, None, "Thích"),
    ]
    assert [row.channel_id for row in rows if isinstance(row, Interaction)] == [GROUP, None]


@pytest.mark.parametrize(
    ("name", "reasons", "expected"),
    [
        (
            "facebook/connections/friends/your_friends.json",
            ("unexpected structure",),
            [("follow", ZOE, OLEG, None, None), ("follow", OLEG, ZOE, None, None)],
        ),
        (
            f"{ACTIVITY}/groups/your_group_membership_activity.json",
            (),
            [("join", ZOE, None, GROUP, None)],
        ),
        (
            f"{ACTIVITY}/events/your_event_responses.json",
            (),
            [
                ("join", ZOE, None, "meta:event/Hafenfest@1720432800", "joined"),
                ("react", ZOE, None, "meta:event/Lauf@1720432809", "declined"),
            ],
        ),
        (
            f"{ACTIVITY}/events/event_invitations.json",
            (),
            [("invite", None, ZOE, "meta:event/Lauf@1720432809", None)],
        ),
        (
            "facebook_2019/friends/friends.json",
            (),
            [
                ("follow", "meta:Mira Example", OLEG, None, None),
                ("follow", OLEG, "meta:Mira Example", None, None),
            ],
        ),
        (
            "instagram/followers_and_following/followers_1.json",
            (),
            [("follow", OLEG_THERE, MIRA, None, None)],
        ),
        (
            "instagram/followers_and_following/following.json",
            (),
            [("follow", MIRA, OLEG_THERE, None, None)],
        ),
        (
            "instagram/likes/liked_posts.json",
            (),
            [("react", MIRA, OLEG_THERE, "meta:instagram.example/p/B5ncH-AAAAA", "👍")],
        ),
        (
            "instagram/likes/story_likes.json",
            (),
            [("react", MIRA, OLEG_THERE, None, "like")] * 2,
        ),
        (
            "instagram/comments/post_comments_1.json",
            (),
            [("reply", MIRA, OLEG_THERE, None, None)] * 2,
        ),
        (
            "instagram/comments/post_comments.json",
            (),
            [("reply", MIRA, OLEG_THERE, None, None)],
        ),
    ],
)
def test_acts(name, reasons, expected):
    assert acts(rows_of(name, reasons)) == expected


def test_times_of_acts():
    (friend, _) = of(rows_of("facebook_2019/friends/friends.json"), Interaction)
    assert (friend["happened_at"], friend["time_quality"]) == (AT, "utc")
    rows = rows_of(f"{ACTIVITY}/events/your_event_responses.json")
    joined, declined = of(rows, Interaction)
    assert joined["happened_at"] == AT - 50 * SECOND
    assert declined["time_quality"] == "missing"
    assert of(rows, Channel)[0] == {
        "channel_id": "meta:event/Hafenfest@1720432800",
        "kind": "event",
        "name": "Hafenfest",
        "description": "Schiffe",
        "created_at": AT - 100 * SECOND,
    }


def test_words_of_instagram():
    one, two = of(rows_of("instagram/content/posts_1.json"), Post)
    assert (one["text"], one["posted_at"]) == ("Nebel über dem Hafen", AT)
    assert (two["text"], two["posted_at"]) == ("Two files", AT + 2 * SECOND)
    story = rows_of("instagram/content/stories.json")
    assert of(story, Post)[0]["text"] == "Schicht"
    assert of(story, Media)[0]["path"] == "media/stories/202407/4.jpg"
    comments = of(rows_of("instagram/comments/post_comments_1.json"), Post)
    assert [row["text"] for row in comments] == ["Schön!", "güzel"]


def test_profiles():
    name = "personal_information/profile_information/profile_information.json"
    assert of(rows_of(f"facebook/{name}"), Account) == [
        {
            "account_id": ZOE,
            "handle": "zoe.beispiel",
            "name": "Zoë Beispiel",
            "description": "Häfen und Schiffe",
            "location_claimed": "Tallinn, Estonia",
            "url": "https://facebook.example/zoe.beispiel",
            "created_at": AT - 10**8 * SECOND,
        }
    ]
    assert of(rows_of("instagram/personal_information/personal_information.json"), Account) == [
        {
            "account_id": MIRA,
            "handle": "mira.harbour",
            "name": "Mira Hafén",
            "description": "Ships ⚓",
        }
    ]


def test_the_analyst_may_say_whose_it_is():
    rows = rows_of("instagram/content/posts_1.json", owner="@oleg")
    assert {row.account_id for row in rows if isinstance(row, Post)} == {OLEG_THERE}


def test_without_a_profile_posts_have_no_author():
    capture = file_capture(FOLDER / "instagram/content/posts_1.json")
    (piece,) = pieces(META_POSTS, capture)
    found = [row for item in META_POSTS.items(piece) for row in META_POSTS.rows(item, piece)]
    made = [row for row in found if isinstance(row, Post)]
    assert {row.account_id for row in made} == {None}
    assert all(row.post_id.startswith("meta:capture ") for row in made)
    assert any("whose download" in note for note in piece.notes)


def test_a_list_that_nothing_tells_is_not_guessed():
    entry = {"string_list_data": [{"value": "oleg", "timestamp": 1720432800}], "title": ""}
    (piece,) = pieces(META_POSTS, MemoryCapture(json.dumps([entry]).encode(), name="list.json"))
    assert [row for item in META_POSTS.items(piece) for row in META_POSTS.rows(item, piece)] == []
    assert list(piece.notes) == ["a list that neither it nor its file's name tells: not read"]


def test_what_is_no_list_of_metas_is_unusable():
    with pytest.raises(SourceUnusable, match="nothing at"):
        read(META_POSTS, MemoryCapture(b'{"searches_v2": []}'))


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"[]",
        b'{"friends": ["Oleg"]}',
        b'{"photos": [{"id": 1, "timestamp": "2024"}]}',
        b'[{"timestamp": 1720432800, "text": "a chat"}]',
        b'{"profile": {"login": "zoe"}}',
    ],
)
def test_others_files_are_not_claimed(head):
    assert META_POSTS.recognise(Sample(name="posts_1.json", head=head, size=len(head))) == 0


def test_in_a_case_the_profile_is_found_three_folders_up(tmp_path):
    case = make_case(tmp_path)
    (record,) = add_files(case, [FOLDER / ACTIVITY / "posts/album/0.json"])
    assert record.outcome.status is Status.COMPLETED, record.outcome
    authors = case.posts.account_id.to_pyarrow().to_pylist()
    assert sorted(authors) == [OLEG, ZOE]
    case.close()
