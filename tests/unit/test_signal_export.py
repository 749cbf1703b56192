"""Field by field: what signal-export's Markdown and JSON become."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path

import pytest

from clew.contract import Sample
from clew.errors import SourceUnusable
from clew.model.tables import Account, Channel, Deletion, Interaction, Media, Post, Row
from clew.sources.signal_export import SIGNAL_EXPORT
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/signal_export"
CHAT = FIXTURES / "InventedPort"


def fixture(path: Path, **options: str) -> list[Row]:
    rows, rejected = read(SIGNAL_EXPORT, file_capture(path), **options)
    assert not rejected
    return rows


def posts(rows: list[Row]) -> list[Post]:
    return [row for row in rows if isinstance(row, Post)]


def test_markdown():
    rows = fixture(CHAT / "chat.md")
    assert [(post.kind, post.local_time, post.account_id, post.text) for post in posts(rows)] == [
        ("message", "2024-07-08T10:00:01", "signal:Mira", "Good morning: who saw the crane?"),
        ("message", "2024-07-08T10:00:20", "signal:Me", "I did.\nIt fell."),
        ("message", "2024-07-08T10:01:00", "signal:Oleg", None),
        ("message", "2024-07-08T10:02:00", "signal:Oleg", "ok"),
        ("message", "2024-07-08T10:02:00", "signal:Oleg", "ok"),
        ("message", "2024-07-08T10:03:00", "signal:Mira", None),
        ("service", "2024-07-08T10:04:00", "signal:Mira", "Missed voice call"),
        ("message", "2024-07-08T10:05:00", "signal:Mira", None),
        ("message", "2024-07-08T10:06:00", None, "somebody"),
    ]
    assert {post.time_quality for post in posts(rows)} == {"zone_unknown"}
    assert {post.channel_id for post in posts(rows)} == {"signal:InventedPort"}
    assert len({post.post_id for post in posts(rows)}) == 9, "two equal ones are two"
    assert posts(rows)[1].reactions == '{"👍": 1, "😆": 1}'
    assert next(row for row in rows if isinstance(row, Channel)).name == "InventedPort"


def test_acts():
    rows = fixture(CHAT / "chat.md")
    answer = posts(rows)[1].post_id
    acts = [row for row in rows if isinstance(row, Interaction)]
    assert [
        (act.kind, act.account_id, act.post_id, act.target_post_id, act.value) for act in acts
    ] == [
        ("reply", "signal:Me", answer, None, None),
        ("react", "signal:Mira", None, answer, "👍"),
        ("react", "signal:Oleg", None, answer, "😆"),
    ]
    (deletion,) = [row for row in rows if isinstance(row, Deletion)]
    assert (deletion.post_id, deletion.account_id) == (posts(rows)[5].post_id, "signal:Mira")


def test_files():
    assert [
        (row.kind, row.path, row.name)
        for row in fixture(CHAT / "chat.md")
        if isinstance(row, Media)
    ] == [
        ("photo", "media/2024-07-08_crane one.jpg", "crane one.jpg"),
        ("file", "media/plan.pdf", "plan.pdf"),
        ("sticker", None, "🐱"),
    ]


def test_json():
    rows = fixture(CHAT / "data.json")
    assert [(post.kind, post.local_time, post.account_id, post.text) for post in posts(rows)] == [
        ("message", "2024-07-08T10:00:01", "signal:Mira", "Good morning"),
        ("message", "2024-07-08T10:01:01", "signal:Me", "I did."),
        ("message", "2024-07-08T10:02:01", "signal:Oleg", None),
        ("message", "2024-07-08T10:03:01", "signal:Mira", None),
        ("service", "2024-07-08T10:04:01", "signal:Mira", "Incoming video call (accepted, 3m 2s)"),
        ("message", "2024-07-08T10:05:01", "signal:Mira", None),
        ("message", "2024-07-08T10:06:01", None, "somebody"),
    ]
    assert Counter(row.kind for row in rows if isinstance(row, Interaction)) == {
        "reply": 1,
        "react": 1,
    }
    assert [(row.kind, row.path) for row in rows if isinstance(row, Media)] == [
        ("photo", "media/2024-07-08_crane one.jpg"),
        ("sticker", None),
    ]
    assert sum(isinstance(row, Deletion) for row in rows) == 1


def test_who_saved_it_can_be_named():
    rows = fixture(FIXTURES / "old_form.txt", me="Lena", chat="Port")
    assert {row.account_id for row in rows if isinstance(row, Account)} == {
        "signal:Lena",
        "signal:Oleg",
    }
    assert {post.channel_id for post in posts(rows)} == {"signal:Port"}
    assert posts(rows)[1].text == "We're great!\nBoth of us."


def test_a_message_without_time():
    record = json.loads((CHAT / "data.json").read_text().split("\n")[0])
    record["date"] = "1970-01-01T01:00:00"
    (post,) = posts(read(SIGNAL_EXPORT, MemoryCapture(json.dumps(record).encode()))[0])
    assert (post.local_time, post.time_quality) == (None, "missing")


def test_without_the_chats_name_ids_hold_for_the_file():
    capture = MemoryCapture((CHAT / "chat.md").read_bytes(), name="chat.md")
    (piece,) = pieces(SIGNAL_EXPORT, capture)
    assert piece.notes["name of the chat not recorded: see the option chat"] == 1
    named = {post.post_id for post in posts(fixture(CHAT / "chat.md"))}
    assert not named & {post.post_id for post in posts(read(SIGNAL_EXPORT, capture)[0])}


def test_one_bad_line_costs_only_itself():
    lines = (CHAT / "data.json").read_text().splitlines()
    lines[1] = '{"date": 12}'
    lines[2] = lines[2].replace("2024-07-08", "2024-13-08")
    rows, rejected = read(SIGNAL_EXPORT, MemoryCapture("\n".join(lines).encode()))
    assert [error.reason for error in rejected] == ["unexpected structure", "time unreadable"]
    assert len(posts(rows)) == 5


def test_other_text_is_refused():
    with pytest.raises(SourceUnusable):
        read(SIGNAL_EXPORT, MemoryCapture(b"Dear all\n"))


@pytest.mark.parametrize("part", ["[", "![", "(", "\n(- ", "\n> ", "\n(( ", "[a](./media/"])
def test_no_text_takes_long(part):
    data = f"[2024-07-08 10:00:01] Mira: {part * 20_000}".encode()
    before = time.process_time()
    read(SIGNAL_EXPORT, MemoryCapture(data))
    assert time.process_time() - before < 1


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("[2024-01-01 10:00:00] INFO: started", 0),
        ("[2024-01-01 10:00:00] production.ERROR: failed", 0),
        ("[2024-01-01 10:00:00] Mira: hello", 0.5),
        ("[2024-01-01, 10:00] Mira: hello", 0.7),
        ("[2024-01-01, 10:00:00] Mira: WhatsApp writes so", 0.3),
        ("[10:00] Mira: hello", 0),
        ('{"date": "2024"}', 0),
    ],
)
def test_recognition(text, score):
    sample = Sample(name="x.txt", head=text.encode(), size=len(text))
    assert SIGNAL_EXPORT.recognise(sample) == score


@pytest.mark.shared_data
def test_recording_against_chat_miner(shared_data):
    folder = shared_data / "formats/chat_miner/test/signal"
    rows = fixture(folder / "test_export.txt")
    expected = Counter(
        (message["timestamp"], message["author"], message["message"])
        for message in json.loads((folder / "target.json").read_text())
    )
    assert expected == Counter(
        (post.local_time, post.account_id.partition(":")[2], post.text.replace("\n", " "))
        for post in posts(rows)
    )
