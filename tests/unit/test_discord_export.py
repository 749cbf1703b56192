"""Field by field: what DiscordChatExporter's JSON becomes, in the forms of 2019 and of 2024."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clew.contract import ItemError, Sample
from clew.errors import SourceUnusable
from clew.model.tables import Account, Channel, Interaction, Link, Media, Post, Row
from clew.model.times import from_iso
from clew.sources.discord_export import DISCORD_EXPORT
from tests.captures import MemoryCapture, file_capture, pieces, read, said

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/discord_export"
START = from_iso("2024-07-08T10:00:00.123Z")
MIRA, OLEG, CHANNEL = "discord:1001", "discord:1002", "discord:77"


@pytest.fixture(scope="module")
def harbour() -> list[Row]:
    rows, rejected = read(DISCORD_EXPORT, file_capture(FIXTURES / "harbour.json"))
    assert not rejected
    return rows


@pytest.fixture(scope="module")
def group() -> list[Row]:
    rows, rejected = read(DISCORD_EXPORT, file_capture(FIXTURES / "group_2019.json"))
    assert not rejected
    return rows


def of(rows: list[Row], kind: type[Row], number: int) -> list[dict[str, object]]:
    """What rows of a kind say that belong to a message, without what its post says."""
    post = next(said(r) for r in rows if isinstance(r, Post) and r.post_id == f"discord:{number}")
    found = [
        said(row)
        for row in rows
        if type(row) is kind and getattr(row, "post_id", None) == f"discord:{number}"
    ]
    if kind is Post:
        return found
    return [
        {name: value for name, value in row.items() if post.get(name) != value or name == "kind"}
        for row in found
    ]


def post(second: int, account: str | None = MIRA, **more: object) -> dict[str, object]:
    author = {"account_id": account} if account else {}
    return {
        "post_id": f"discord:{2000 + second}",
        "kind": "message",
        "channel_id": CHANNEL,
        "posted_at": START + second * 10**6,
        "time_quality": "utc",
        **author,
        **more,
    }


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, post(1, kind="service", action="GuildMemberJoin")),
        (
            2,
            post(
                2,
                text="Hello 👋 see https://news.example/a",
                edited_at=from_iso("2024-07-08T10:05:00Z"),
            ),
        ),
        (
            3,
            post(
                3,
                OLEG,
                text="@Mira yes",
                reply_to_post_id="discord:2002",
                reactions='{"👍": 3, "wave:900": 1}',
            ),
        ),
        (4, post(4)),
        (5, post(5, "discord:1003", text="Crane down\nIn the port\nWhere: Pier 3")),
        (7, post(7, None, author_name="Deleted User", text="from an account that is gone")),
        (8, post(8, OLEG, text="carried here", repost_of_post_id="discord:1500")),
        (9, post(9, "discord:1003", text="pong")),
        (11, post(11, kind="service", action="8", text="boosted")),
    ],
)
def test_posts(harbour, number, expected):
    assert of(harbour, Post, 2000 + number) == [expected]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, {"kind": "join", "target_channel_id": "discord:55"}),
        (3, {"kind": "reply", "target_post_id": "discord:2002"}),
        (6, {"kind": "pin", "target_post_id": "discord:2002"}),
        (
            8,
            {
                "kind": "forward",
                "target_post_id": "discord:1500",
                "target_channel_id": "discord:78",
            },
        ),
    ],
)
def test_acts(harbour, number, expected):
    first, *_ = of(harbour, Interaction, 2000 + number)
    del first["happened_at"]
    assert first == expected


def test_mention_and_reaction(harbour):
    mention = next(row for row in harbour if isinstance(row, Interaction) and row.kind == "mention")
    assert (mention.account_id, mention.target_account_id) == (OLEG, MIRA)
    reaction = next(row for row in harbour if isinstance(row, Interaction) and row.kind == "react")
    assert said(reaction) == {
        "kind": "react",
        "account_id": MIRA,
        "target_account_id": OLEG,
        "target_post_id": "discord:2003",
        "channel_id": CHANNEL,
        "time_quality": "missing",
        "value": "👍",
    }


def test_places(harbour, group):
    assert [said(row) for row in harbour if isinstance(row, Channel)] == [
        {
            "channel_id": CHANNEL,
            "kind": "GuildTextChat",
            "name": "harbour",
            "description": "Cranes",
        },
        {"channel_id": "discord:55", "kind": "guild", "name": "Invented Port"},
    ]
    (channel,) = [said(row) for row in group if isinstance(row, Channel)]
    assert channel["kind"] == "DirectGroupTextChat", "and no server of the id 0"


def test_accounts(harbour, group):
    accounts = {row.account_id: row for row in harbour if isinstance(row, Account)}
    assert said(accounts[MIRA]) == {
        "account_id": MIRA,
        "handle": "mira.invented",
        "name": "Mira",
        "avatar_url": "https://cdn.example/avatars/1001.png",
        "is_bot": False,
    }
    assert accounts[OLEG].handle == "Oleg#4321"
    assert accounts["discord:1003"].is_bot is True
    assert accounts["discord:1004"].is_deleted is True
    assert "discord:456226577798135808" not in accounts, "stands for all that are gone"
    old = {row.account_id: row for row in group if isinstance(row, Account)}
    assert old[MIRA].name is None, "the form of 2019 has no name but the handle"


def test_carried(harbour):
    assert of(harbour, Link, 2002) == [
        {
            "url": "https://news.example/a",
            "title": "A story",
            "description": "What happened",
        }
    ]
    picture, voice, sticker = of(harbour, Media, 2004)
    assert picture == {
        "kind": "photo",
        "media_key": "31",
        "url": "https://cdn.discordapp.example/attachments/77/31/crane.png?ex=1",
        "name": "crane.png",
        "size_bytes": 34541,
    }
    assert (voice["kind"], voice["path"]) == ("voice", "harbour.json_Files/voice-message-1A2B.ogg")
    assert "url" not in voice
    assert (sticker["kind"], sticker["name"]) == ("sticker", "Wave")
    assert of(harbour, Media, 2005) == [
        {
            "kind": "photo",
            "url": "https://news.example/p.png",
            "width_px": 640,
            "height_px": 480,
        }
    ], "once, although written twice"
    assert of(harbour, Media, 2008)[0]["kind"] == "video", "of the forwarded message"


def test_time_in_the_exporters_zone(group):
    first = next(row for row in group if isinstance(row, Post))
    assert first.posted_at == from_iso("2019-03-01T17:00:00.5Z")
    assert first.time_quality == "offset"


def test_group_members(group):
    acts = [row for row in group if isinstance(row, Interaction)]
    assert [(act.kind, act.account_id, act.target_account_id) for act in acts] == [
        ("invite", MIRA, "discord:1005"),
        ("leave", "discord:1005", None),
    ]


def changed(**fields: object) -> MemoryCapture:
    export = json.loads((FIXTURES / "harbour.json").read_bytes())
    export["messages"][1].update(fields)
    return MemoryCapture(json.dumps(export).encode())


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"timestamp": "yesterday"}, "time unreadable"),
        ({"timestamp": "2024-07-08T10:00:00"}, "time without zone"),
        ({"id": "12x"}, "unexpected structure"),
        ({"id": "../../1"}, "unexpected structure"),
        ({"author": {"id": None}}, "unexpected structure"),
    ],
)
def test_one_bad_message_costs_only_itself(fields, reason):
    rows, rejected = read(DISCORD_EXPORT, changed(**fields))
    assert [error.reason for error in rejected] == [reason]
    assert sum(isinstance(row, Post) for row in rows) == 10


def test_pieces_know_their_channel(monkeypatch):
    from clew.sources import discord_export

    capture = file_capture(FIXTURES / "harbour.json")
    whole, _ = read(DISCORD_EXPORT, capture)
    cut = discord_export.cut_json
    monkeypatch.setattr(
        discord_export, "cut_json", lambda *args, **more: cut(*args, **more, target=2000)
    )
    assert len(pieces(DISCORD_EXPORT, capture)) > 2
    assert read(DISCORD_EXPORT, capture)[0] == whole


def test_an_export_without_channel_is_refused():
    export = json.loads((FIXTURES / "harbour.json").read_bytes())
    export["channel"] = {"id": "no"}
    with pytest.raises(SourceUnusable, match="channel"):
        read(DISCORD_EXPORT, MemoryCapture(json.dumps(export).encode()))


def test_deleted_user_mentioned_by_name_only():
    gone = {"id": "456226577798135808", "name": "Deleted User", "discriminator": "0000"}
    rows, rejected = read(DISCORD_EXPORT, changed(mentions=[gone]))
    assert not rejected
    assert not any(isinstance(row, ItemError) for row in rows)
    mention = next(row for row in rows if isinstance(row, Interaction) and row.kind == "mention")
    assert (mention.target_account_id, mention.target_name) == (None, "Deleted User")


@pytest.mark.parametrize(
    "head",
    [
        b'{"guild":{},"channel":{},"messages":[',
        b'{"messages":[{"timestampEdited":null}]}',
        b'["guild","channel","messages","exportedAt"]',
    ],
)
def test_other_files_are_not_claimed(head):
    assert DISCORD_EXPORT.recognise(Sample(name="x.json", head=head, size=len(head))) == 0
