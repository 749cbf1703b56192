"""What does `telegram_telethon` say of each field?

The fixtures are written by Telethon 1.45 itself, from invented objects; `old.json` is written by
hand in the form of its versions of 2019 and 2021.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clew.case.reading import whole
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
from clew.sources.telegram_telethon import TELEGRAM_TELETHON
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/telegram_telethon"
CHANNEL, GROUP = "telegram:1000000101", "telegram:1000000202"
AUTHOR = "telegram:channel1000000101"
MIRA, MATE, BOSUN = (f"telegram:user700000000{n}" for n in (1, 2, 3))


def rows_of(kind: type, name: str = "messages.ndjson") -> list:
    rows, _ = read(TELEGRAM_TELETHON, file_capture(FIXTURES / name))
    return [row for row in rows if isinstance(row, kind)]


def posts(name: str = "messages.ndjson") -> dict[int, Post]:
    return {int(post.post_id.rpartition("/")[2]): post for post in rows_of(Post, name)}


def acts(number: int, name: str = "messages.ndjson") -> list[tuple]:
    return [
        (act.kind, act.target_account_id or act.target_name, act.target_post_id)
        for act in rows_of(Interaction, name)
        if act.post_id and act.post_id.endswith(f"/{number}")
    ]


def read_one(**message: object) -> tuple[list, list]:
    whole_message = {
        "_": "Message",
        "id": 1,
        "peer_id": {"_": "PeerChannel", "channel_id": 7},
        "date": 1769940660,
        **message,
    }
    return read(TELEGRAM_TELETHON, MemoryCapture(json.dumps([whole_message]).encode()))


def test_a_post():
    assert posts()[11] == Post(
        post_id=f"{CHANNEL}/11",
        platform="telegram",
        kind=PostKind.MESSAGE,
        account_id=AUTHOR,
        author_name="Bosun",
        channel_id=CHANNEL,
        posted_at=from_iso("2026-02-01T10:11:00Z"),
        time_quality=TimeQuality.UTC,
        edited_at=from_iso("2026-02-01T10:20:00Z"),
        text="🏗 Crane 4 stands #Crane $PORT see the log https://port.example/a @tally_hall Mira",
        reply_count=3,
        repost_count=5,
        view_count=1234,
        reactions='{"❤":53,"custom_emoji:5300000000000000001":7,"paid":2}',
        tags='["Crane", "$PORT"]',
    )


@pytest.mark.parametrize("name", ["list.json", "history.json"])
def test_a_list_and_an_answer_hold_the_same_posts(name):
    found = posts(name)
    assert found == {number: posts()[number] for number in found}
    assert len(found) >= 2


def test_offsets_count_utf_16_units():
    kinds = [InteractionKind.MENTION, InteractionKind.MENTION]
    assert acts(11)[:2] == list(zip(kinds, ["@tally_hall", MATE], [None, None], strict=True))
    links = [(link.url, link.title) for link in rows_of(Link)]
    assert links == [
        ("https://port.example/crane", "the log"),
        ("https://port.example/a", None),
        ("https://news.example/strike", "Strike at the quay"),
    ]


@pytest.mark.parametrize(("offset", "length"), [(-1, 3), (0, 0), (500, 3), (2**80, 2**80), (1, 1)])
def test_entities_that_point_nowhere_do_no_harm(offset, length):
    entity = {"_": "MessageEntityHashtag", "offset": offset, "length": length}
    [post], errors = read_one(message="🏗x", entities=[entity])
    assert not errors
    assert post.tags in (None, '["�"]')


def test_an_edit_that_telegram_hides_is_none():
    assert posts()[12].edited_at is None
    [piece] = pieces(TELEGRAM_TELETHON, file_capture(FIXTURES / "messages.ndjson"))
    list(whole(TELEGRAM_TELETHON, piece))
    assert sum(piece.notes.values()) == 2  # it, and the message that was gone


def test_no_reactions_is_not_the_same_as_none_recorded():
    assert (posts()[12].reactions, posts()[13].reactions) == ("{}", None)


def test_answers_forwards_and_topics():
    found = posts()
    assert acts(12) == [(InteractionKind.REPLY, None, f"{CHANNEL}/11")]
    assert acts(13) == [
        (InteractionKind.FORWARD, "telegram:channel1000000303", "telegram:1000000303/77")
    ]
    assert found[13].repost_of_post_id == "telegram:1000000303/77"
    assert acts(14) == [(InteractionKind.FORWARD, "Someone", None)]
    assert (InteractionKind.FORWARD, BOSUN, None) in acts(15)
    assert (found[15].thread_id, found[15].reply_to_post_id) == (f"{GROUP}/9", f"{GROUP}/14")
    assert (found[16].thread_id, found[16].reply_to_post_id) == (f"{GROUP}/9", None)
    assert found[15].client == "telegram:user7000000009"


def test_who_gave_a_reaction():
    [act] = [act for act in rows_of(Interaction) if act.kind is InteractionKind.REACT]
    assert (act.account_id, act.value, act.target_post_id) == (MATE, "❤", f"{CHANNEL}/11")
    assert act.happened_at == from_iso("2026-02-01T11:00:00Z")


def test_service_messages():
    found = posts()
    words = {number: found[number].action for number in (31, 33, 34, 36, 37, 38, 42)}
    assert words == {
        31: "invite_members",
        33: "join_group_by_link",
        34: "remove_members",
        36: "pin_message",
        37: "edit_group_title",
        38: "set_messages_ttl",
        42: "MessageActionBoostApply",
    }
    assert found[37].title == "Quay Market"
    assert {found[number].kind for number in words} == {PostKind.SERVICE}
    assert found[36].reply_to_post_id is None
    assert acts(31) == [
        (InteractionKind.INVITE, MATE, None),
        (InteractionKind.INVITE, BOSUN, None),
    ]
    assert acts(32) == [(InteractionKind.JOIN, None, None)]
    assert acts(33) == [(InteractionKind.JOIN, MIRA, None)]
    assert acts(34) == [(InteractionKind.REMOVE, BOSUN, None)]
    assert acts(35) == [(InteractionKind.LEAVE, None, None)]
    assert acts(36) == [(InteractionKind.PIN, None, f"{GROUP}/15")]


def test_private_chats_and_small_groups():
    found = posts()
    assert (found[5].channel_id, found[5].account_id) == (
        "telegram:7000000004",
        "telegram:user7000000004",
    )
    assert found[6].account_id is None  # the account that collected is not named
    assert (found[7].channel_id, found[7].account_id) == ("telegram:500001", MIRA)


def test_media():
    found = {
        int(medium.post_id.rpartition("/")[2]): (medium.kind, medium.name, medium.duration_s)
        for medium in rows_of(Media)
    }
    assert found == {
        12: ("photo", None, None),
        17: ("poll", "Which rope?", None),
        18: ("file", "manifest.pdf", None),
        19: ("voice", None, 7.0),
        20: ("video", "crane.mp4", 3.5),
        21: ("audio", "The Crew - Shanty", 180.0),
        22: ("sticker", None, None),
        24: ("contact", "Mira Quay", None),
    }
    photo = rows_of(Media)[0]
    assert (photo.media_key, photo.size_bytes) == ("5172000000000000001", 90000)
    assert (photo.width_px, photo.height_px) == (1280, 960)


def test_what_stands_in_for_a_text():
    found = posts()
    assert found[17].text == "Which rope?\nHemp\nSteel"
    assert found[24].text == "Mira Quay\n+12025550143"
    assert found[18].text is None
    assert (found[23].latitude, found[23].longitude) == (54.5, -1.25)
    assert found[23].place == "Quay 4, Harbour Road"


def test_channels_groups_and_users_of_an_answer():
    channel, group, crew = rows_of(Channel, "history.json")
    assert channel == Channel(
        channel_id=CHANNEL,
        platform="telegram",
        kind="public_channel",
        handle="quay_news",
        name="Quay News",
        url="https://t.me/quay_news",
    )
    assert (group.kind, group.handle, group.members_count) == (
        "public_supergroup",
        "quay_market",
        31,
    )
    assert (crew.channel_id, crew.kind) == ("telegram:500001", "private_group")
    accounts = {account.account_id: account for account in rows_of(Account, "history.json")}
    assert accounts[MIRA] == Account(
        account_id=MIRA,
        platform="telegram",
        handle="mate_mira",
        name="Mira Quay",
        is_verified=False,
        is_bot=False,
        is_deleted=False,
    )
    assert accounts[BOSUN].is_deleted is True
    assert accounts[AUTHOR].is_verified is True


def test_a_channel_that_was_asked_for_in_full():
    [channel] = rows_of(Channel, "channel.json")
    assert (channel.name, channel.description) == ("Quay News", "All ships.")
    assert channel.members_count == 25015
    [account] = rows_of(Account, "channel.json")
    assert (account.account_id, account.followers_count) == (AUTHOR, 25015)


def test_older_versions():
    found = posts("old.json")
    assert (found[3].channel_id, found[3].account_id) == (GROUP, MIRA)
    assert found[3].reply_to_post_id == f"{GROUP}/2"
    assert found[3].repost_of_post_id == "telegram:1000000303/5"
    assert found[3].posted_at == from_iso("2019-04-08T20:06:21Z")
    assert (found[4].action, found[4].account_id) == ("create_channel", AUTHOR)
    assert found[8].reactions == '{"👍":2}'
    reactions = [act for act in rows_of(Interaction, "old.json") if act.value]
    assert [(act.account_id, act.time_quality) for act in reactions] == [
        (MATE, TimeQuality.MISSING)
    ]


def test_a_time_without_offset_stays_local():
    post = posts("old.json")[8]
    assert (post.posted_at, post.time_quality) == (None, TimeQuality.ZONE_UNKNOWN)
    assert post.local_time == "2021-12-24T10:00:00"


@pytest.mark.parametrize(
    ("date", "quality"),
    [
        ("2026-02-01 10:11:00+00:00", TimeQuality.UTC),
        ("2026-02-01T10:11:00Z", TimeQuality.UTC),
        ("2026-02-01T13:11:00+03:00", TimeQuality.OFFSET),
        (1769940660, TimeQuality.UTC),
        (1769940660.0, TimeQuality.UTC),
        ("1769940660", TimeQuality.UTC),
    ],
)
def test_times_are_read_in_each_form(date, quality):
    [post], _ = read_one(date=date)
    assert (post.posted_at, post.time_quality) == (from_iso("2026-02-01T10:11:00Z"), quality)


def test_other_libraries_write_the_same_names_small():
    message = {"_": "message", "peer_id": {"_": "peerChannel", "channel_id": 7}}
    [post], _ = read_one(**message, action=None, message="x")
    assert (post.post_id, post.account_id) == ("telegram:7/1", "telegram:channel7")


def test_a_broken_message_costs_only_itself():
    _, errors = read(TELEGRAM_TELETHON, file_capture(FIXTURES / "messages.ndjson"))
    assert [error.reason for error in errors] == [
        "time unreadable",
        "message without chat or number",
    ]


@pytest.mark.parametrize(
    "message",
    [
        {"id": 2**70},
        {"from_id": {"_": "PeerUser", "user_id": "x"}},
        {"entities": [{"_": "MessageEntityUrl", "offset": "0"}]},
        {"views": -1},
        {"media": []},
        {"date": 4e12},
        {"date": "0000-01-01 00:00:00"},
    ],
)
def test_hostile_messages_are_rejected(message):
    rows, errors = read_one(**message)
    assert not rows
    assert len(errors) == 1


def test_a_file_of_pyrogram_is_not_claimed():
    text = b'{"_":"Message","id":1,"chat":{"_":"Chat","id":-1000000000101},"text":"x"}'
    assert TELEGRAM_TELETHON.recognise(MemoryCapture(text).sample) == 0
