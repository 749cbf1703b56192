"""Field by field: what a Telegram Desktop export becomes, in the forms of 2018 to 2026."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clew.case.reading import whole
from clew.contract import ItemError
from clew.errors import SourceUnusable
from clew.formats import json_items
from clew.formats.json_stream import cut_json
from clew.model.tables import Account, Channel, Interaction, Link, Media, Post, Row
from clew.model.times import from_iso
from clew.sources.telegram_export import _WANTED, TELEGRAM_EXPORT
from tests.captures import MemoryCapture, file_capture, pieces, read, said

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/telegram_export"
GROUP = "telegram:1500000001"
OLEG = "telegram:user5000000002"
NOT_INCLUDED = "(File not included. Change data exporting settings to download.)"
START = from_iso("2024-07-08T10:00:00Z")


@pytest.fixture(scope="module")
def group() -> list[Row]:
    rows, rejected = read(TELEGRAM_EXPORT, file_capture(FIXTURES / "supergroup.json"))
    assert not rejected
    return rows


def of_message(rows: list[Row], kind: type[Row], number: int, chat: str = GROUP) -> list[dict]:
    """What the rows of one kind say that belong to one message of a chat."""
    post_id = f"{chat}/{number}"
    return [
        {name: value for name, value in said(row).items() if name != "post_id"}
        for row in rows
        if type(row) is kind and row.post_id == post_id
    ]


def placed(second: int, account: str | None = OLEG, **more: object) -> dict[str, object]:
    """What every post or act in the group says."""
    author = {"account_id": account} if account else {}
    return {"channel_id": GROUP, "time_quality": "utc", **author, **more}


def post(second: int, account: str | None = OLEG, **more: object) -> dict[str, object]:
    return placed(second, account, kind="message", posted_at=START + second * 10**6) | more


def act(kind: str, second: int, account: str | None = OLEG, **more: object) -> dict[str, object]:
    return placed(second, account, kind=kind, happened_at=START + second * 10**6, **more)


MIRA = "telegram:user1001"


# ----------------------------------------------------------------------------- messages and posts


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (6, post(100, text="Привет! The server is down 😀")),
        (8, post(200, "telegram:user1003", text="from an account that is gone")),
        (
            9,
            post(
                220,
                "telegram:channel1500000001",
                text="posted as the group",
                author_name="head of channel",
            ),
        ),
        (
            13,
            post(270, text="answer to a post elsewhere", reply_to_post_id="telegram:1600000009/77"),
        ),
        (20, post(340, text="Is it up?\nYes\nNo")),
        (21, post(350, text="Nobody Example\n+1 202 555 0199")),
        (
            22,
            post(360, latitude=48.2, longitude=16.37, place="Example Square, 1 Example Street"),
        ),
        (23, post(370)),
        (24, post(380, text="a picture", client="@invented_bot")),
        (26, post(400, text="Do\nfirst\nsecond part")),
        (34, post(480, text="Rich, see here\none\nLena")),
        (-999999990, post(-500000, text="from the group before it became a supergroup")),
    ],
)
def test_messages(group, number, expected):
    assert of_message(group, Post, number) == [expected]


def test_text_with_parts(group):
    assert of_message(group, Post, 7) == [
        post(
            160,
            MIRA,
            text=(
                "See https://example.com/status or the mirror, ask @oleg_invented and Lena #outage "
                "$TON help@example.org +1 202 555 0143 now. https://example.com/status"
            ),
            reply_to_post_id=f"{GROUP}/6",
            edited_at=START + 220 * 10**6,
            tags='["outage", "$TON"]',
            reactions=json.dumps(
                {
                    "👍": 3,
                    f"custom_emoji:{NOT_INCLUDED}": 2,
                    "paid": 1,
                },
                ensure_ascii=False,
            ),
        )
    ]
    assert of_message(group, Link, 7) == [
        {"url": "https://example.com/status", "posted_at": START + 160 * 10**6},
        {
            "url": "https://mirror.example/status",
            "title": "the mirror",
            "posted_at": START + 160 * 10**6,
        },
    ]


def test_a_message_that_the_exporter_did_not_understand(group):
    assert of_message(group, Post, 27) == [
        {"kind": "message", "channel_id": GROUP, "time_quality": "missing"}
    ]


@pytest.mark.parametrize(
    ("number", "second", "account", "more"),
    [
        (1, 0, MIRA, {"action": "create_channel", "title": "Invented group"}),
        (2, 10, MIRA, {"action": "invite_members"}),
        (28, 420, MIRA, {"action": "pin_message"}),
        (31, 450, MIRA, {"action": "edit_group_title", "title": "Invented group, renamed"}),
        (33, 470, MIRA, {"action": "topic_edit", "title": "Invented topic"}),
    ],
)
def test_service_messages(group, number, second, account, more):
    assert of_message(group, Post, number) == [post(second, account, kind="service", **more)]


# ---------------------------------------------------------------------------------- interactions


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (
            2,
            [
                act("invite", 10, MIRA, target_channel_id=GROUP, target_name="Oleg Example"),
                act("invite", 10, MIRA, target_channel_id=GROUP),
            ],
        ),
        (3, [act("join", 20, "telegram:user1004", target_channel_id=GROUP)]),
        (4, [act("join", 30, target_channel_id=GROUP, target_name="Mira Example")]),
        (5, [act("join", 40, "telegram:user1005", target_channel_id=GROUP)]),
        (
            7,
            [
                act("reply", 160, MIRA, target_post_id=f"{GROUP}/6"),
                act("mention", 160, MIRA, target_name="@oleg_invented"),
                act(
                    "mention",
                    160,
                    MIRA,
                    target_name="Lena",
                    target_account_id="telegram:user1004",
                ),
            ],
        ),
        (
            10,
            [
                act(
                    "forward",
                    240,
                    target_name="Example News",
                    target_account_id="telegram:channel1600000009",
                    target_channel_id="telegram:1600000009",
                )
            ],
        ),
        (11, [act("forward", 250, target_name="Hidden Person")]),
        (12, [act("forward", 260)]),
        (13, [act("reply", 270, target_post_id="telegram:1600000009/77")]),
        (28, [act("pin", 420, MIRA, target_post_id=f"{GROUP}/7")]),
        (
            29,
            [act("remove", 430, MIRA, target_channel_id=GROUP, target_name="Oleg Example")],
        ),
        (30, [act("leave", 440, target_channel_id=GROUP)]),
        (34, [act("mention", 480, target_name="Lena", target_account_id="telegram:user1004")]),
        (6, []),
        (31, []),
    ],
)
def test_acts(group, number, expected):
    assert of_message(group, Interaction, number) == expected


def test_reactions_name_who_reacted_but_no_instant(group):
    reactions = [said(row) for row in group if type(row) is Interaction and row.kind == "react"]
    assert reactions == [
        {
            "kind": "react",
            "account_id": account,
            "target_account_id": MIRA,
            "target_post_id": f"{GROUP}/7",
            "channel_id": GROUP,
            "time_quality": "zone_unknown",
            "value": "👍",
        }
        for account in (OLEG, "telegram:user1003")
    ]


# --------------------------------------------------------------------------------- what is carried


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (
            14,
            {
                "kind": "photo",
                "path": "photos/photo_1@08-07-2024_12-04-40.jpg",
                "size_bytes": 34567,
                "width_px": 1280,
                "height_px": 720,
            },
        ),
        (
            15,
            {
                "kind": "file",
                "mime": "application/pdf",
                "name": "report.pdf",
                "size_bytes": 1234567,
            },
        ),
        (
            16,
            {
                "kind": "voice",
                "path": "voice_messages/audio_1.ogg",
                "mime": "audio/ogg",
                "size_bytes": 2345,
                "duration_s": 7.0,
            },
        ),
        (
            17,
            {
                "kind": "sticker",
                "path": "stickers/sticker.webp",
                "name": "sticker.webp",
                "size_bytes": 999,
                "width_px": 512,
                "height_px": 512,
                "alt_text": "🦊",
            },
        ),
        (
            18,
            {
                "kind": "audio",
                "mime": "audio/mpeg",
                "name": "Nobody - Silence",
                "duration_s": 240.0,
            },
        ),
        (
            19,
            {
                "kind": "video",
                "path": "video_files/video.mp4",
                "mime": "video/mp4",
                "width_px": 640,
                "height_px": 360,
                "duration_s": 12.0,
            },
        ),
        (20, {"kind": "poll", "name": "Is it up?"}),
        (
            21,
            {
                "kind": "contact",
                "path": "contacts/contact_1.vcard",
                "name": "Nobody Example",
                "size_bytes": 120,
            },
        ),
        (26, {"kind": "list", "name": "Do"}),
        (32, {"kind": "photo", "width_px": 640, "height_px": 640}),
    ],
)
def test_media(group, number, expected):
    (row,) = of_message(group, Media, number)
    assert row.pop("posted_at") > START
    assert row == expected


def test_links_of_a_game_and_of_a_rich_message(group):
    assert [{**row, "posted_at": 0} for row in of_message(group, Link, 25)] == [
        {
            "url": "https://example.com/game?game=x",
            "title": "Invented game",
            "description": "Play it",
            "posted_at": 0,
        }
    ]
    assert [row["url"] for row in of_message(group, Link, 34)] == ["https://example.org/rich"]


def test_accounts_and_the_chat(group):
    accounts = {(row.account_id, row.name) for row in group if type(row) is Account}
    assert accounts == {
        (MIRA, "Mira Example"),
        (OLEG, "Oleg Example"),
        ("telegram:user1003", None),
        ("telegram:user1004", "Lena Example"),
        ("telegram:user1005", "Pavel Example"),
        ("telegram:channel1500000001", "Invented group"),
    }
    assert [said(row) for row in group if type(row) is Channel] == [
        {"channel_id": GROUP, "kind": "public_supergroup", "name": "Invented group"}
    ]


# -------------------------------------------------------------------------------------- other forms


def test_2019_has_local_time_and_shifted_ids():
    rows, rejected = read(TELEGRAM_EXPORT, file_capture(FIXTURES / "personal_chat_2019.json"))
    assert not rejected
    chat, lena, me = "telegram:2002", "telegram:user2002", "telegram:user1001"
    assert [said(row) for row in rows if type(row) is Channel] == [
        {"channel_id": chat, "kind": "personal_chat", "name": "Old Example"}
    ]
    (first,), (second,) = of_message(rows, Post, 100, chat), of_message(rows, Post, 101, chat)
    assert first == {
        "kind": "message",
        "account_id": lena,
        "channel_id": chat,
        "time_quality": "zone_unknown",
        "local_time": "2019-03-31T02:30:00",
        "text": "no zone, and in summer time this hour is missing",
    }
    assert second["account_id"] == me
    assert second["reply_to_post_id"] == f"{chat}/100"
    (reply,) = of_message(rows, Interaction, 101, chat)
    assert "happened_at" not in reply
    assert reply["time_quality"] == "zone_unknown"
    assert of_message(rows, Post, 102, chat)[0]["action"] == "phone_call"


def test_2018_channel_posts_as_itself():
    rows, _ = read(TELEGRAM_EXPORT, file_capture(FIXTURES / "channel_2018.json"))
    chat, itself = "telegram:1234567", "telegram:channel1234567"
    posts = [row for row in rows if type(row) is Post]
    assert {row.channel_id for row in posts} == {chat}
    assert {row.account_id for row in posts} == {itself}
    assert [row.author_name for row in posts] == [None, "A. Editor", None]
    (forward,) = of_message(rows, Interaction, 3, chat)
    assert forward["target_name"] == "Elsewhere"
    (photo,) = of_message(rows, Media, 2, chat)
    assert photo == {
        "kind": "photo",
        "path": "photos/photo_1.jpg",
        "width_px": 800,
        "height_px": 600,
    }


@pytest.mark.parametrize("number", [1, 4294967296 + 7, 5_000_000_002, 8589934592 + 7])
def test_ids_of_today_are_never_shifted(number):
    """A user's id may be as large as a shifted one was; its export has no numbers as authors."""
    chat = {"type": "personal_chat", "id": number, "messages": [{"id": 1, "from_id": "user7"}]}
    rows, _ = read(TELEGRAM_EXPORT, MemoryCapture(json.dumps(chat).encode()))
    assert {row.channel_id for row in rows if type(row) is Post} == {f"telegram:{number}"}


def test_all_chats_of_an_account():
    rows, rejected = read(TELEGRAM_EXPORT, file_capture(FIXTURES / "all_chats.json"))
    assert not rejected
    assert said(rows[0]) == {
        "account_id": MIRA,
        "handle": "mira_invented",
        "name": "Mira Example",
        "description": "I am not real.",
    }
    assert [said(row) for row in rows if type(row) is Channel] == [
        {"channel_id": "telegram:1004", "kind": "personal_chat", "name": "Lena Example"},
        {"channel_id": "telegram:1001", "kind": "saved_messages"},
        {"channel_id": "telegram:6000000001", "kind": "bot_chat"},
        {
            "channel_id": "telegram:1600000009",
            "kind": "public_channel",
            "name": "Example News",
        },
    ]
    assert [row.post_id for row in rows if type(row) is Post] == [
        "telegram:1004/1",
        "telegram:1004/2",
        "telegram:1001/3",
        "telegram:1600000009/77",
    ]


def test_an_export_without_numbers_is_read_by_its_content():
    capture = file_capture(FIXTURES / "trimmed.json")
    rows, rejected = read(TELEGRAM_EXPORT, capture)
    assert not rejected
    posts = [row for row in rows if type(row) is Post]
    assert len({row.post_id for row in posts}) == 3
    assert [(row.author_name, row.channel_id) for row in posts] == [
        ("Someone Example", None),
        ("Another Example", None),
        (None, None),
    ]
    assert [row.time_quality for row in posts] == ["utc", "utc", "missing"]
    assert [row.post_id for row in read(TELEGRAM_EXPORT, capture)[0] if type(row) is Post] == [
        row.post_id for row in posts
    ]


def test_faults_of_the_exporter_are_mended_and_noted():
    (piece,) = pieces(TELEGRAM_EXPORT, file_capture(FIXTURES / "faulty_escapes.json"))
    results = list(whole(TELEGRAM_EXPORT, piece))
    assert not [result for result in results if isinstance(result, ItemError)]
    rows = [row for result in results for row in result]
    assert [row.text for row in rows if type(row) is Post] == [
        "bell \x07 and shift \x1f",
        "one\u2028two\u2029three",
        "half \ufffd of it",
        "whole",
    ]
    assert [row.name for row in rows if type(row) is Channel] == ["Faulty \x01 group"]
    assert piece.notes == {
        json_items.CONTROLS: 2,
        json_items.SEPARATORS: 1,
        json_items.SURROGATES: 1,
    }


def test_the_head_may_stand_behind_the_messages():
    rows, _ = read(TELEGRAM_EXPORT, file_capture(FIXTURES / "head_last.json"))
    assert [type(row) for row in rows] == [Channel, Post, Account]
    assert rows[1].post_id == "telegram:1500000003/5"


@pytest.mark.parametrize("path", sorted(FIXTURES.iterdir()), ids=lambda path: path.name)
@pytest.mark.parametrize("target", [300, 500, 2000])
def test_pieces_of_any_size_give_the_same_rows(path, target):
    capture = file_capture(path)
    expected, _ = read(TELEGRAM_EXPORT, capture)
    found, number = [], 0
    for piece in cut_json(capture, None, wanted=_WANTED, target=target):
        assert piece.first_item == number
        for result in whole(TELEGRAM_EXPORT, piece):
            number += 1
            found += result
    assert found == expected


# ------------------------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"id": 1, "date_unixtime": "x"}, "time unreadable"),
        ({"id": 1, "date_unixtime": "-1"}, "time out of range"),
        ({"id": 1, "date_unixtime": "253402300799"}, "time out of range"),
        ({"id": 1, "date": "0001-01-01T00:00:00"}, "time out of range"),
        ({"id": 1, "date": "yesterday"}, "time unreadable"),
        ({"id": 1, "edited_unixtime": "9" * 400}, "time out of range"),
        ({"id": 1, "from_id": "account7"}, "id unreadable"),
        ({"id": 1, "reply_to_message_id": 1, "reply_to_peer_id": "?"}, "id unreadable"),
        ({"id": "1"}, "unexpected structure"),
        ({"id": 1, "text": {"type": "bold"}}, "unexpected structure"),
        ({"id": 1, "width": 2**63}, "unexpected structure"),
        ({"id": 1, "text": [["nested"]]}, "unexpected structure"),
        ("no message", "unexpected structure"),
        (None, "unexpected structure"),
    ],
)
def test_a_broken_message_costs_only_itself(message, reason):
    chat = {"id": 5, "type": "private_group", "messages": [{"id": 8}, message, {"id": 9}]}
    rows, rejected = read(TELEGRAM_EXPORT, MemoryCapture(json.dumps(chat).encode()))
    assert [row.post_id for row in rows if type(row) is Post] == ["telegram:5/8", "telegram:5/9"]
    assert [error.reason for error in rejected] == [reason]


@pytest.mark.parametrize("length", [0, 1, 60, 300, -2, -1])
def test_a_file_cut_short_gives_nothing(length):
    data = (FIXTURES / "supergroup.json").read_bytes()
    with pytest.raises(SourceUnusable, match=r"byte [\d,]+"):
        read(TELEGRAM_EXPORT, MemoryCapture(data[:length] if length else b""))


@pytest.mark.parametrize("head", ['"id": "x"', '"id": 1, "name": 2', '"id": 1, "name": "\xff"'])
def test_a_chat_whose_head_is_broken_gives_nothing(head):
    data = f'{{{head}, "messages": [{{"id": 1}}]}}'.encode("latin-1")
    with pytest.raises(SourceUnusable, match="before messages cannot be read"):
        read(TELEGRAM_EXPORT, MemoryCapture(data))


def test_a_rich_message_nested_deeply_is_read_flat():
    node: dict[str, object] = {"type": "plain", "text": "deep"}
    for _ in range(300):
        node = {"type": "text_link", "href": "https://example.com/", "text": node}
    message = {"id": 1, "rich_message": {"blocks": [{"type": "paragraph", "text": node}]}}
    data = json.dumps({"id": 5, "messages": [message]}).encode()
    rows, rejected = read(TELEGRAM_EXPORT, MemoryCapture(data))
    assert not rejected
    assert [row.text for row in rows if type(row) is Post] == ["deep"]
    assert [row.title for row in rows if type(row) is Link] == ["deep"]


def test_others_with_messages_are_not_taken_for_it():
    for text in (
        '{"guild":{},"messages":[{"id":"1","type":"Default","timestamp":"x"}]}',
        '{"participants":[],"messages":[{"sender_name":"x","timestamp_ms":1}]}',
        '{"data":[{"id":"1","text":"x"}],"includes":{}}',
        '[{"type":"message","date_unixtime":"1"}]',
        "",
    ):
        assert TELEGRAM_EXPORT.recognise(MemoryCapture(text.encode()).sample) == 0


# ------------------------------------------------------------------------------ real recordings


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["test_single_export.json", "test_batch_export.json"])
def test_real_trimmed_exports(shared_data, name):
    path = shared_data / "formats/chat_miner/test/telegram" / name
    document = json.loads(path.read_bytes())
    chats = document["chats"]["list"] if "chats" in document else [document]
    messages = [message for chat in chats for message in chat["messages"]]
    capture = file_capture(path)
    assert TELEGRAM_EXPORT.recognise(capture.sample) > 0.5
    rows, rejected = read(TELEGRAM_EXPORT, capture)
    assert not rejected
    posts = [row for row in rows if type(row) is Post]
    assert len(posts) == len(messages)
    assert [row.posted_at for row in posts] == [
        int(message["date_unixtime"]) * 10**6 for message in messages
    ]
    links = sum(
        part["type"] == "link"
        for message in messages
        if isinstance(message["text"], list)
        for part in message["text"]
    )
    assert sum(type(row) is Link for row in rows) == links > 0
