"""Field by field: what the files of an X archive become, and how JavaScript around JSON is read."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from clew.contract import Sample
from clew.errors import SourceUnusable
from clew.formats.javascript_json import assigned_name
from clew.model.tables import Account, Deletion, Interaction, Link, Media, Post, Row
from clew.model.times import from_iso
from clew.sources.x_archive import X_ARCHIVE
from tests.captures import MemoryCapture, beside, file_capture, read, said

DATA = Path(__file__).parents[1] / "fixtures/sources/x_archive/data"
MIRA, OLEG = "x:1001", "x:1002"
AT = from_iso("2024-07-08T10:00:00Z")
DELETED_AT = from_iso("2024-07-09T08:00:00Z")


def rows_of(name: str, **options: str) -> list[Row]:
    path = DATA / name
    around = beside(X_ARCHIVE, path)
    rows, rejected = read(X_ARCHIVE, file_capture(path), explained_by=around, **options)
    assert [error.reason for error in rejected] == ["time unreadable"] * (name == "tweets.js")
    return rows


@pytest.fixture(scope="module")
def tweets() -> list[Row]:
    return rows_of("tweets.js")


def of(rows: list[Row], kind: type[Row], native: str) -> list[dict[str, object]]:
    return [said(r) for r in rows if type(r) is kind and r.post_id == f"x:{native}"]  # type: ignore[attr-defined]


def post(native: str, text: str, **more: object) -> dict[str, object]:
    return {
        "post_id": f"x:{native}",
        "kind": "post",
        "account_id": MIRA,
        "posted_at": AT,
        "time_quality": "utc",
        "text": text,
        "language_claimed": "en",
        "client": "Port App",
        "like_count": 0,
        "repost_count": 0,
        **more,
    }


@pytest.mark.parametrize(
    "expected",
    [
        post(
            "9007199254740993",
            "Strike & fog at #port, says @oleg: https://t.co/a",
            like_count=12,
            repost_count=3,
            tags='["port","$SHIP"]',
            latitude=59.4,
            longitude=24.7,
        ),
        post("2", "RT @oleg: Ships are late", kind="repost"),
        post("3", "@oleg indeed", reply_to_post_id="x:77"),
        post("4", "A long story of the port. " * 12),
        post("5", "a film https://t.co/v"),
    ],
    ids=lambda expected: str(expected["post_id"]),
)
def test_posts(tweets, expected):
    assert of(tweets, Post, expected["post_id"].removeprefix("x:")) == [expected]


def test_acts(tweets):
    acts = [
        (row.kind.value, row.target_account_id, row.target_name, row.target_post_id)
        for row in tweets
        if isinstance(row, Interaction)
    ]
    assert acts == [
        ("mention", OLEG, None, None),
        ("mention", None, "gone", None),
        ("repost", OLEG, None, None),
        ("reply", OLEG, None, "x:77"),
        ("mention", OLEG, None, None),
    ]
    assert all(row.account_id == MIRA for row in tweets if isinstance(row, Interaction))


def test_links_and_media(tweets):
    assert of(tweets, Link, "9007199254740993") == [
        {
            "post_id": "x:9007199254740993",
            "url": "https://t.co/a",
            "expanded_url": "https://news.example/a",
            "posted_at": AT,
        }
    ]
    assert of(tweets, Media, "5") == [
        {
            "post_id": "x:5",
            "kind": "video",
            "media_key": "501",
            "url": "https://pics.example/v.mp4",
            "mime": "video/mp4",
            "width_px": 1280,
            "height_px": 720,
            "duration_s": 12.5,
            "posted_at": AT,
        }
    ]


def test_deleted_posts():
    notice, gone = rows_of("deleted-tweets.js")
    expected = {"post_id": "x:7", "deleted_at": DELETED_AT, "account_id": MIRA}
    assert said(notice) == expected
    assert said(gone) == post("7", "gone by now", deleted_at=DELETED_AT)
    (head,) = rows_of("deleted-tweet-headers.js")
    assert isinstance(head, Deletion)
    assert said(head) == expected | {"post_id": "x:8"}


@pytest.mark.parametrize(
    ("name", "kind", "actor", "target"),
    [
        ("follower.js", "follow", OLEG, MIRA),
        ("following.js", "follow", MIRA, "x:1003"),
        ("block.js", "block", MIRA, "x:1004"),
    ],
)
def test_relations(name, kind, actor, target):
    (row,) = rows_of(name)
    assert said(row) == {
        "kind": kind,
        "account_id": actor,
        "target_account_id": target,
        "time_quality": "missing",
    }


def test_the_holder():
    (account,) = rows_of("account.js")
    assert said(account) == {
        "account_id": MIRA,
        "handle": "mira_port",
        "name": "Mira Invented",
        "created_at": from_iso("2012-05-06T07:08:09Z"),
    }
    (profile,) = rows_of("profile.js")
    assert said(profile)["description"] == "Harbour master"
    (former,) = rows_of("screen-name-change.js")
    assert said(former) == {"account_id": MIRA, "handle": "mira_old"}
    (like,) = rows_of("like.js")
    assert (like.account_id, like.target_post_id, like.value) == (MIRA, "x:700", "like")


def test_direct_messages_are_read_only_if_asked_for():
    assert rows_of("direct-messages.js") == []
    message, reaction, link, file = rows_of("direct-messages.js", direct_messages="true")
    assert said(message) == {
        "post_id": "x:dm/901",
        "kind": "message",
        "account_id": MIRA,
        "channel_id": "x:dm/1001-1002",
        "posted_at": from_iso("2024-07-08T10:00:30.250Z"),
        "time_quality": "utc",
        "text": "see https://t.co/c",
    }
    assert (reaction.account_id, reaction.target_post_id) == (OLEG, "x:dm/901")
    assert link.expanded_url == "https://news.example/c"
    assert file.url == "https://pics.example/dm/1.jpg"


def test_without_the_account_nobody_wrote_it():
    rows, _ = read(X_ARCHIVE, file_capture(DATA / "tweets.js"))
    assert {row.account_id for row in rows if isinstance(row, Post)} == {None}


def test_posts_of_before_2019_stand_bare():
    bare = [{"id_str": "5", "full_text": "bare", "created_at": "Mon Jul 08 10:00:00 +0000 2013"}]
    data = f"window.YTD.tweet.part0 = {json.dumps(bare)}".encode()
    (row,), _ = read(X_ARCHIVE, MemoryCapture(data))
    assert (row.post_id, row.text) == ("x:5", "bare")


# ------------------------------------------------------------------------------ JavaScript files


@pytest.mark.parametrize("end", [b"", b";", b" ;\n", b"\n;;\r\n\t ", b";" * 5000])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"var ", b"\n  const "])
def test_what_stands_around_the_value(start, end):
    data = start + b'window.YTD.follower.part0=[{"follower":{"accountId":"1"}}]' + end
    rows, rejected = read(X_ARCHIVE, MemoryCapture(data))
    assert len(rows) == 1
    assert not rejected


def test_semicolons_inside_are_kept():
    words = ";" * 100_000 + " end;"
    tweet = {"id_str": "1", "full_text": words, "created_at": "Mon Jul 08 10:00:00 +0000 2024"}
    data = b"window.YTD.tweets.part0 = " + json.dumps([{"tweet": tweet}]).encode() + b";"
    (row,), _ = read(X_ARCHIVE, MemoryCapture(data))
    assert row.text == words


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"window.YTD.tweets.part0",
        b"window.YTD.tweets.part0 = alert(1)",
        b"window.YTD.tweets.part0 = [",
        b"window.YTD.tweets.part0 = [] + evil()",
        b"=" * 10_000 + b"[]",
    ],
)
def test_what_is_no_value_is_unusable(data):
    with pytest.raises(SourceUnusable):
        read(X_ARCHIVE, MemoryCapture(data))


@pytest.mark.parametrize("head", [b"", b"x", b"a.b = 1", b"a" * 500 + b" = ["])
def test_others_are_not_taken(head):
    assert assigned_name(head) is None
    assert X_ARCHIVE.recognise(Sample(name="tweets.js", head=head, size=len(head))) == 0


@pytest.mark.shared_data
def test_a_real_archive(shared_data):
    """Its records, counted without this reader."""
    folder = shared_data / "formats/x_archive_dogsheep/tests/zip_contents"
    found = {}
    for path in sorted(folder.glob("*.js")):
        capture = file_capture(path)
        assert X_ARCHIVE.recognise(capture.sample) > 0.9
        around = {"account.js": file_capture(folder / "account.js")}
        rows, rejected = read(X_ARCHIVE, capture, explained_by=around)
        assert not rejected
        value = json.load(io.StringIO(path.read_text().partition("=")[2]))
        found[path.stem] = (len(value), len(rows))
        assert all(isinstance(row, Account | Interaction) for row in rows)
    for name in ("account", "follower", "following"):
        records, rows_there = found.pop(name)
        assert rows_there == records > 0, name
    assert {rows_there for _, rows_there in found.values()} == {0}
