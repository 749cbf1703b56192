"""Field by field: what the files of a Slack export become, with and without each other."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from clew.contract import Sample
from clew.errors import SourceUnusable
from clew.model.tables import Account, Channel, Deletion, Interaction, Link, Media, Post, Row
from clew.sources.slack_export import SLACK_EXPORT
from clew.sources.slack_export.text import plain
from tests.captures import MemoryCapture, beside, file_capture, read, said

EXPORT = Path(__file__).parents[1] / "fixtures/sources/slack_export/export"
DAY = EXPORT / "harbour/2024-07-08.json"
START = 1720432800
MIRA, OLEG, GONE, HARBOUR = "slack:U0MIRA", "slack:U0OLEG", "slack:U0GONE", "slack:C0HARB"


def post_id(number: int) -> str:
    return f"{HARBOUR}/{START + number}.{number:06}"


def at(number: int) -> int:
    return (START + number) * 10**6 + number


@pytest.fixture(scope="module")
def day() -> list[Row]:
    rows, rejected = read(SLACK_EXPORT, file_capture(DAY), explained_by=beside(SLACK_EXPORT, DAY))
    assert [error.reason for error in rejected] == ["unexpected structure"]
    return rows


def of(rows: list[Row], kind: type[Row], number: int) -> list[dict[str, object]]:
    return [
        said(row)
        for row in rows
        if type(row) is kind
        and post_id(number) in (getattr(row, "post_id", None), getattr(row, "target_post_id", None))
    ]


def message(
    number: int, account: str | None, text: str | None, **more: object
) -> dict[str, object]:
    maybe = {"account_id": account, "text": text}
    return {
        "post_id": post_id(number),
        "kind": "message",
        "channel_id": HARBOUR,
        "posted_at": at(number),
        "time_quality": "utc",
        **{name: value for name, value in maybe.items() if value is not None},
        **more,
    }


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (
            1,
            message(
                1, OLEG, "@Oleg Invented has joined the channel", kind="service",
                action="channel_join",
            ),
        ),
        (
            2,
            message(
                2,
                MIRA,
                "Look: the news (https://news.example/a?b=1&c=2) & https://plain.example/, "
                "@Oleg Invented and @Gone & Away; ask #empty, @here. 1 < 2 desk@port.example",
                thread_id=post_id(2),
                edited_at=(START + 60) * 10**6,
                reply_count=1,
                reactions='{"eyes": 3}',
            ),
        ),
        (
            3,
            message(
                3, OLEG, "Who says so?", thread_id=post_id(2), reply_to_post_id=post_id(2)
            ),
        ),
        (
            4,
            message(
                4,
                "slack:B0CRANE",
                "Alarm\nCrane 7\nLoad is *too heavy*, see https://crane.example/7",
                author_name="Crane alarm",
            ),
        ),
        (6, message(6, OLEG, "Look", quote_of_post_id=post_id(2))),
        (
            9,
            message(
                9, "slack:USLACKBOT", "This message was deleted.", kind="service",
                action="tombstone", thread_id=post_id(9), reply_count=1,
            ),
        ),
    ],
)  # fmt: skip
def test_a_message_becomes_a_post(day, number, expected):
    assert [p for p in of(day, Post, number) if p["post_id"] == post_id(number)] == [expected]


def test_a_notice_of_deletion_is_no_post(day):
    assert not of(day, Post, 7)
    assert not of(day, Post, 8)
    assert of(day, Deletion, 7) == [{"post_id": post_id(7), "deleted_at": at(8)}]


def test_acts(day):
    acts = Counter(
        (row.kind.value, row.account_id, row.target_account_id, row.target_post_id)
        for row in day
        if isinstance(row, Interaction)
    )
    assert acts == Counter(
        [
            ("join", OLEG, None, None),
            ("invite", MIRA, OLEG, None),
            ("mention", MIRA, OLEG, None),
            ("mention", MIRA, GONE, None),
            ("react", OLEG, MIRA, post_id(2)),
            ("react", GONE, MIRA, post_id(2)),
            ("reply", OLEG, MIRA, post_id(2)),
            ("quote", OLEG, None, post_id(2)),
        ]
    )


def test_links_and_files(day):
    assert [(link["url"], link.get("title")) for link in of(day, Link, 2)] == [
        ("https://news.example/a?b=1&c=2", "the news"),
        ("https://plain.example/", None),
        ("mailto:desk@port.example", "desk@port.example"),
    ]
    assert of(day, Link, 2)[0]["description"] == "Cranes stand still."
    assert [medium["url"] for medium in of(day, Media, 2)] == ["https://news.example/a.jpg"]
    quay, gone = of(day, Media, 5)
    assert quay == {
        "post_id": post_id(5),
        "kind": "photo",
        "media_key": "F01",
        "url": "https://files.port.example/T0PORT-F01/quay.jpg",
        "mime": "image/jpeg",
        "name": "quay.jpg",
        "size_bytes": 20480,
        "width_px": 800,
        "height_px": 600,
        "alt_text": "the quay at dawn",
        "posted_at": at(5),
    }
    assert (gone["kind"], gone["media_key"]) == ("file", "F02")


def test_how_an_author_showed_itself(day):
    accounts = [said(row) for row in day if isinstance(row, Account)]
    assert accounts == [
        {
            "account_id": MIRA,
            "handle": "mira",
            "name": "Mira",
            "avatar_url": "https://avatars.port.example/mira-72.png",
        },
        {"account_id": "slack:B0CRANE", "is_bot": True},
    ]


def test_members():
    rows, rejected = read(SLACK_EXPORT, file_capture(EXPORT / "users.json"))
    assert not rejected
    mira, oleg, gone, crane = map(said, rows)
    assert mira == {
        "account_id": MIRA,
        "handle": "mira",
        "name": "Mira",
        "description": "Harbour master\non the quay",
        "avatar_url": "https://avatars.port.example/mira-512.png",
        "is_bot": False,
        "is_deleted": False,
    }
    assert oleg["name"] == "Oleg Invented", "a member without display name shows the real one"
    assert (gone["is_deleted"], crane["is_bot"]) == (True, True)


def test_conversations():
    rows, _ = read(SLACK_EXPORT, file_capture(EXPORT / "channels.json"))
    assert said(next(row for row in rows if isinstance(row, Channel))) == {
        "channel_id": HARBOUR,
        "kind": "channel",
        "name": "harbour",
        "description": "Ships in\nAll about the port",
        "created_at": 1720428000 * 10**6,
        "members_count": 2,
    }
    direct, _ = read(SLACK_EXPORT, file_capture(EXPORT / "dms.json"))
    assert said(direct[0])["kind"] == "direct"
    assert [row.account_id for row in direct if isinstance(row, Interaction)] == [MIRA, OLEG]


def test_a_day_alone_says_what_it_lacks():
    rows, _ = read(SLACK_EXPORT, file_capture(DAY))
    first = next(row for row in rows if isinstance(row, Post))
    assert first.channel_id == "slack:#harbour"
    assert first.text == "@U0OLEG has joined the channel"


def test_a_broken_list_of_members_does_not_hinder():
    around = {"users.json": MemoryCapture(b"[{"), "channels.json": MemoryCapture(b"nonsense")}
    rows, _ = read(SLACK_EXPORT, file_capture(DAY), explained_by=around)
    assert sum(isinstance(row, Post) for row in rows) == 7


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("<https://a.example/?x=&amp;lt;|&amp;lt;>", "&lt; (https://a.example/?x=&lt;)"),
        ("<<<https://a.example|a.example>>", "<<a.example>"),
        ("<https://b.example/?a.example|a.example>", "a.example (https://b.example/?a.example)"),
        ("<!subteam^S0HARB|@crew> <!date^17^{date}|8 July> <!channel>", "@crew 8 July @channel"),
        ("<>", "<>"),
        ("<@U0XX|oleg>", "@oleg"),
    ],
)  # fmt: skip
def test_markup(marked, expected):
    assert plain(marked, {}).text == expected


@pytest.mark.parametrize(
    "data", [b"[]", b"{}", b'[{"ts":"1.0"}]', b'[{"id":"X1","members":[],"created":1}]', b""]
)
def test_others_are_not_taken(data):
    assert SLACK_EXPORT.recognise(Sample(name="2024-07-08.json", head=data, size=len(data))) == 0
    with pytest.raises(SourceUnusable):
        read(SLACK_EXPORT, MemoryCapture(data))


@pytest.mark.shared_data
def test_a_real_export(shared_data):
    """Every message of the export, counted without this reader."""
    with zipfile.ZipFile(shared_data / "formats/slack_viewer/tests/testarchive.zip") as archive:
        captures = {
            name: MemoryCapture(archive.read(name), name=f"testarchive.zip/{name}")
            for name in archive.namelist()
            if name.endswith(".json")
        }
    around = {name: captures[name] for name in ("users.json", "channels.json")}
    days = {name: capture for name, capture in captures.items() if "/" in name}
    posts = rejected = 0
    for name, capture in days.items():
        assert SLACK_EXPORT.recognise(capture.sample) > 0.9, name
        rows, wrong = read(SLACK_EXPORT, capture, explained_by=around)
        found = [row for row in rows if isinstance(row, Post)]
        assert all(row.channel_id and "#" not in row.channel_id for row in found)
        posts += len(found)
        rejected += len(wrong)
    assert rejected == 0
    assert posts == sum(len(json.loads(capture.data)) for capture in days.values()) == 158
