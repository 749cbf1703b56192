"""Field by field: what a TGDataset file becomes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clew.case.reading import whole
from clew.errors import SourceUnusable
from clew.model.tables import Account, Channel, Interaction, Media, Post, Row
from clew.sources import telegram_tgdataset
from clew.sources.telegram_tgdataset import TELEGRAM_TGDATASET
from tests.captures import MemoryCapture, file_capture, pieces, read, said

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/telegram_tgdataset"
NEWS = "telegram:1600000009"
ITSELF = "telegram:channel1600000009"


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    rows, rejected = read(TELEGRAM_TGDATASET, file_capture(FIXTURES / "channels.json"))
    assert not rejected
    return rows


def of(rows: list[Row], kind: type[Row]) -> list[Row]:
    return [row for row in rows if type(row) is kind]


def test_channel_and_its_account(rows):
    channel, account = rows[:2]
    about = {
        "handle": "example_news_invented",
        "name": "Example News",
        "description": "Invented news\nhttps://example.com",
        "created_at": 1577836800 * 10**6,
    }
    assert said(channel) == {
        "channel_id": NEWS,
        "kind": "channel",
        "members_count": 1234,
        **about,
    }
    assert said(account) == {
        "account_id": ITSELF,
        "followers_count": 1234,
        "is_verified": True,
        **about,
    }


def test_channels_without_title_or_messages(rows):
    channels = of(rows, Channel)
    assert [row.name for row in channels] == ["Example News", None, "Empty"]
    assert [row.members_count for row in channels] == [1234, 0, 7]
    assert [row.description for row in channels[1:]] == [None, None]
    assert [row.is_verified for row in of(rows, Account)] == [True, False, False]


def test_texts(rows):
    first = of(rows, Post)[0]
    assert said(first) == {
        "post_id": f"{NEWS}/3",
        "kind": "message",
        "account_id": ITSELF,
        "channel_id": NEWS,
        "posted_at": 1600000300 * 10**6,
        "time_quality": "utc",
        "text": 'Зеркало: https://mirror.example/ "цитата" {не} [скобки]',
    }


def test_a_message_with_text_and_medium_is_one_post(rows):
    posts = of(rows, Post)
    assert [row.post_id.removeprefix("telegram:") for row in posts] == [
        "1600000009/3",
        "1600000009/2",
        "1600000009/1",
        "1600000009/5",
        "1600000009/4",
        "1700000001/10",
        "1700000001/9",
    ]
    assert [row.text is None for row in posts] == [False, False, False, True, True, False, True]
    assert {row.post_id for row in of(rows, Media)} == {
        f"{NEWS}/5",
        f"{NEWS}/4",
        f"{NEWS}/3",
        "telegram:1700000001/9",
    }


def test_media(rows):
    assert [said(row) | {"post_id": ""} for row in of(rows, Media)] == [
        {
            "post_id": "",
            "kind": "file",
            "media_key": "BQADINVENTED1",
            "name": "list.pdf",
            "posted_at": 1600000500 * 10**6,
        },
        {
            "post_id": "",
            "kind": "photo",
            "media_key": "AgADINVENTED2",
            "posted_at": 1600000400 * 10**6,
        },
        {
            "post_id": "",
            "kind": "audio",
            "media_key": "CQADINVENTED3",
            "name": "song.mp3",
            "posted_at": 1600000300 * 10**6,
        },
        {"post_id": "", "kind": "photo", "posted_at": 1609999999 * 10**6},
    ]


def test_forwards(rows):
    act = {"kind": "forward", "account_id": ITSELF, "channel_id": NEWS, "time_quality": "utc"}
    target = {
        "target_account_id": "telegram:channel1700000001",
        "target_channel_id": "telegram:1700000001",
    }
    assert [said(row) for row in of(rows, Interaction)] == [
        {**act, **target, "post_id": f"{NEWS}/2", "happened_at": 1600000200 * 10**6},
        {**act, "post_id": f"{NEWS}/1", "happened_at": 1600000100 * 10**6},
        {**act, **target, "post_id": f"{NEWS}/4", "happened_at": 1600000400 * 10**6},
    ]


def test_a_named_author_is_the_author(rows):
    (signed,) = (row for row in of(rows, Post) if row.post_id == "telegram:1700000001/10")
    assert signed.account_id == "telegram:user1001"


@pytest.mark.parametrize("target", [1, 100, 400, 1000])
@pytest.mark.parametrize("name", ["channels.json", "channels_indented.json"])
def test_pieces_of_any_size_give_the_same_rows(monkeypatch, name, target):
    capture = file_capture(FIXTURES / name)
    expected, _ = read(TELEGRAM_TGDATASET, capture)
    original = telegram_tgdataset.cut_json
    monkeypatch.setattr(
        telegram_tgdataset,
        "cut_json",
        lambda capture, options, wanted: original(capture, options, wanted=wanted, target=target),
    )
    found, number = [], 0
    for piece in pieces(TELEGRAM_TGDATASET, capture):
        assert piece.first_item == number
        for result in whole(TELEGRAM_TGDATASET, piece):
            number += 1
            found += result
    assert found == expected


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        ('"x":{"date":1.0}', "id unreadable"),
        ('"5":{"date":-1}', "time out of range"),
        ('"5":{"date":"1"}', "unexpected structure"),
        ('"5":{"date":1e400}', "unexpected structure"),
        ('"5":[]', "unexpected structure"),
        ('"5" {}', "not JSON"),
    ],
)
def test_a_broken_message_costs_only_itself(member, reason):
    text = f'{{"7":{{"text_messages":{{"1":{{}},{member},"2":{{"message":"x"}}}}}}}}'
    rows, rejected = read(TELEGRAM_TGDATASET, MemoryCapture(text.encode()))
    assert [row.post_id for row in of(rows, Post)] == ["telegram:7/1", "telegram:7/2"]
    assert [error.reason for error in rejected] == [reason]


def test_what_is_no_channel_is_refused():
    with pytest.raises(SourceUnusable, match="'x' is no channel's number"):
        read(TELEGRAM_TGDATASET, MemoryCapture(b'{"x":{"text_messages":{"1":{}}}}'))


@pytest.mark.shared_data
def test_published_preview(shared_data):
    path = shared_data / "truth/telegram_channels/tgdataset_sample/tgdataset_preview.json"
    channels = json.loads(path.read_bytes())
    capture = file_capture(path)
    assert TELEGRAM_TGDATASET.recognise(capture.sample) > 0.9
    rows, rejected = read(TELEGRAM_TGDATASET, capture)
    assert not rejected
    assert len(of(rows, Channel)) == len(channels) == 10
    texts = {
        (number, key): message
        for number, channel in channels.items()
        for key, message in channel["text_messages"].items()
    }
    media = {
        (number, key): message
        for number, channel in channels.items()
        for key, message in channel["generic_media"].items()
    }
    posts = of(rows, Post)
    assert {row.post_id for row in posts} == {
        f"telegram:{number}/{key}" for number, key in texts | media
    }
    assert len(posts) == len(texts | media)
    assert sum(row.text is not None for row in posts) == len(texts) == 2847
    assert len(of(rows, Media)) == len(media) == 1685
    assert len(of(rows, Interaction)) == sum(
        message["is_forwarded"] for message in (media | texts).values()
    )
    assert sorted(row.members_count for row in of(rows, Channel)) == sorted(
        channel["n_subscribers"] for channel in channels.values()
    )
