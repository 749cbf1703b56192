"""Field by field: what Matrix events become, however they were kept."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from clew.contract import Sample
from clew.errors import SourceUnusable
from clew.model.tables import Account, Channel, Deletion, Interaction, Link, Media, Post, Row
from clew.sources.matrix import MATRIX
from tests.captures import MemoryCapture, file_capture, pieces, read, said

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/matrix"
MESSAGES = FIXTURES / "messages.json"
ROOM = "matrix:!harbourRoom:example.org"
MIRA, OLEG = "matrix:@mira:example.org", "matrix:@oleg:example.net"
LENA, GUEST = "matrix:@lena:example.com", "matrix:@guest:example.com"
START = 1_720_432_800_000_000


def event(body: object = "hello", **more: object) -> dict[str, object]:
    return {
        "type": "m.room.message",
        "sender": "@mira:example.org",
        "room_id": "!harbourRoom:example.org",
        "event_id": "$one",
        "origin_server_ts": 1_720_432_800_000,
        "content": {"msgtype": "m.text", "body": body},
    } | more


def lines(*events: object) -> MemoryCapture:
    return MemoryCapture("".join(f"{json.dumps(it)}\n" for it in events).encode())


def only(*events: object, **options: str) -> list[Row]:
    rows, rejected = read(MATRIX, lines(*events), **options)
    assert not rejected
    return rows


def posts(rows: list[Row], post_id: str | None = None) -> list[Post]:
    found = [row for row in rows if isinstance(row, Post)]
    return [post for post in found if post_id is None or post.post_id == f"matrix:{post_id}"]


@pytest.fixture(scope="module")
def answer() -> list[Row]:
    return read(MATRIX, file_capture(MESSAGES))[0]


def test_a_message(answer):
    (post,) = posts(answer, "$first")
    assert said(post) == {
        "post_id": "matrix:$first",
        "kind": "message",
        "account_id": MIRA,
        "channel_id": ROOM,
        "posted_at": START + 10_000_000,
        "time_quality": "claimed",
        "text": "Who saw the crane?",
        "reply_count": 1,
        "reactions": '{"👍": 2}',
    }


def test_a_trusted_home_servers_clock_is_utc():
    (post,) = posts(only(event(), trusted="example.net,example.org"))
    assert post.time_quality == "utc"
    (post,) = posts(only(event(), trusted="example.net"))
    assert post.time_quality == "claimed"


def test_answers(answer):
    (post,) = posts(answer, "$answer")
    assert post.text == "I did, see example.org", "without the words that are answered"
    assert (post.reply_to_post_id, post.thread_id) == ("matrix:$first", None)
    (threaded,) = posts(answer, "$threaded")
    assert threaded.thread_id == "matrix:$first"
    assert threaded.reply_to_post_id == "matrix:$first", "not the last of the thread"
    replies = [row for row in answer if isinstance(row, Interaction) and row.kind == "reply"]
    assert {(row.account_id, row.post_id, row.target_post_id) for row in replies} == {
        (OLEG, "matrix:$answer", "matrix:$first"),
        (LENA, "matrix:$threaded", "matrix:$first"),
    }


def test_an_answer_within_a_thread():
    relation = {"rel_type": "m.thread", "event_id": "$root", "is_falling_back": False}
    relation["m.in_reply_to"] = {"event_id": "$other"}
    content = {"msgtype": "m.text", "body": "> quoted by hand", "m.relates_to": relation}
    (post,) = posts(only(event(content=content)))
    assert (post.thread_id, post.reply_to_post_id) == ("matrix:$root", "matrix:$other")
    assert post.text == "> quoted by hand"


def test_links_and_mentions(answer):
    (link,) = [row for row in answer if isinstance(row, Link)]
    assert (link.post_id, link.url, link.title) == (
        "matrix:$answer",
        "https://example.org/crane",
        "example.org",
    )
    mentions = [row for row in answer if isinstance(row, Interaction) and row.kind == "mention"]
    assert {row.target_account_id for row in mentions} == {MIRA, LENA}


def test_edits_are_versions(answer):
    versions = posts(answer, "$edited")
    assert {(post.text, post.posted_at, post.edited_at) for post in versions} == {
        ("It fell", START + 40_000_000, None),
        ("It fell down", START + 40_000_000, START + 50_000_000),
    }
    versions = posts(answer, "$bundled")
    assert {(post.text, post.posted_at, post.edited_at) for post in versions} == {
        ("Old words", START + 60_000_000, None),
        ("New words", START + 60_000_000, START + 70_000_000),
    }


def test_an_edit_far_from_its_message_has_no_time_of_posting(answer):
    (post,) = posts(answer, "$elsewhere")
    assert (post.posted_at, post.time_quality) == (None, "missing")
    assert (post.text, post.edited_at) == ("Changed far away", START + 52_000_000)


def test_an_edit_by_somebody_else_is_refused():
    _, rejected = read(MATRIX, file_capture(MESSAGES))
    assert [error.reason for error in rejected] == ["encrypted", "edit by somebody else"]


def test_an_edit_by_somebody_else_that_the_server_tells_is_left_out():
    forged = event(sender="@oleg:example.net")
    (post,) = posts(only(event(unsigned={"m.relations": {"m.replace": forged}})))
    assert (post.text, post.edited_at) == ("hello", None)


def test_older_servers_tell_only_when_it_was_edited():
    edit = {"sender": "@mira:example.org", "event_id": "$2", "origin_server_ts": 1_720_432_801_000}
    (post,) = posts(only(event(unsigned={"m.relations": {"m.replace": edit}})))
    assert (post.text, post.edited_at) == ("hello", START + 1_000_000)


def test_redactions(answer):
    (post,) = posts(answer, "$gone")
    assert (post.text, post.account_id) == (None, OLEG)
    deletions = [row for row in answer if isinstance(row, Deletion)]
    assert {(row.post_id, row.deleted_at, row.account_id) for row in deletions} == {
        ("matrix:$gone", START + 95_000_000, None),  # the redaction: who wrote it is not told
        ("matrix:$gone", START + 95_000_000, OLEG),
    }


def test_reactions(answer):
    (act,) = [row for row in answer if isinstance(row, Interaction) and row.kind == "react"]
    assert (act.account_id, act.target_post_id, act.value) == (OLEG, "matrix:$first", "👍")
    (piece,) = pieces(MATRIX, file_capture(MESSAGES))
    for item in MATRIX.items(piece):
        if getattr(item, "event", None) and item.event.type == "m.reaction":
            list(MATRIX.rows(item, piece))
    assert piece.notes["reactions that were taken back"] == 1


def test_files(answer):
    media = {row.post_id: said(row) for row in answer if isinstance(row, Media)}
    assert media["matrix:$image"] == {
        "post_id": "matrix:$image",
        "kind": "photo",
        "media_key": "example.org/crane",
        "url": "mxc://example.org/crane",
        "mime": "image/jpeg",
        "name": "crane.jpg",
        "size_bytes": 1234,
        "width_px": 640,
        "height_px": 480,
        "posted_at": START + 100_000_000,
    }
    video = media["matrix:$video"]
    assert (video["name"], video["duration_s"]) == ("fall.mp4", 1.5005)
    assert not {"width_px", "size_bytes"} & video.keys(), "-1 and null are no sizes"
    assert media["matrix:$voice"]["kind"] == "voice"
    assert media["matrix:$sticker"]["alt_text"] == "A cat"
    captions = {post.post_id: post.text for post in posts(answer)}
    assert captions["matrix:$video"] == "Look!"
    assert captions["matrix:$image"] is None, "a file's name is no text"


def test_places_and_polls(answer):
    (post,) = posts(answer, "$location")
    assert (post.latitude, post.longitude, post.text) == (54.1, 10.2, "Pier 7")
    (poll,) = posts(answer, "$poll")
    assert poll.text == "Which pier?\nSix\nSeven"


@pytest.mark.parametrize("geo", ["geo:", "geo:1", "geo:95,1", "geo:nan,1", "geo:a,b", "54.1,10.2"])
def test_what_is_no_place(geo):
    content = {"msgtype": "m.location", "body": "Pier", "geo_uri": geo}
    (post,) = posts(only(event(content=content)))
    assert (post.latitude, post.longitude) == (None, None)


def test_members(answer):
    acts = [row for row in answer if isinstance(row, Interaction)]
    assert {
        (row.kind, row.account_id, row.target_account_id, row.value)
        for row in acts
        if row.target_channel_id == ROOM
    } == {
        ("join", MIRA, None, None),
        ("join", OLEG, None, None),
        ("invite", MIRA, GUEST, None),
        ("remove", MIRA, GUEST, None),
        ("remove", MIRA, GUEST, "ban"),
        ("leave", LENA, None, None),
    }
    (kick,) = posts(answer, "$kick")
    assert (kick.kind, kick.action, kick.text) == ("service", "leave", "noise")
    assert len(posts(answer, "$unban")) == 1, "the end of a ban is no removal"


def test_profiles(answer):
    names = [row.name for row in answer if isinstance(row, Account) and row.account_id == OLEG]
    assert {name for name in names if name} == {"Oleg", "Oleg the Loader"}
    assert not posts(answer, "$renamed"), "a new name is no message"
    handles = {row.handle for row in answer if isinstance(row, Account)}
    assert "mira:example.org" in handles


def test_the_room(answer):
    told: dict[str, object] = {}
    for row in answer:
        if isinstance(row, Channel):
            told |= said(row)
    assert told == {
        "channel_id": ROOM,
        "kind": "room",
        "handle": "harbour:example.org",
        "name": "Harbour",
        "description": "Cranes and ships",
        "created_at": START,
    }
    (pin,) = [row for row in answer if isinstance(row, Interaction) and row.kind == "pin"]
    assert pin.target_post_id == "matrix:$first", "the image was pinned before"


def test_elements_export():
    rows, rejected = read(MATRIX, file_capture(FIXTURES / "element_export.json"))
    assert [error.reason for error in rejected] == ["encrypted"]
    room = next(row for row in rows if isinstance(row, Channel))
    assert (room.channel_id, room.name, room.description) == (ROOM, "Harbour", "Cranes and ships")
    (post,) = posts(rows, "$bundled")
    assert (post.text, post.edited_at) == ("New words", START + 70_000_000)


def test_sync_names_rooms_around_their_events():
    rows, rejected = read(MATRIX, file_capture(FIXTURES / "sync.json"))
    assert not rejected
    assert {(post.post_id, post.channel_id) for post in posts(rows)} == {
        ("matrix:$first", ROOM),
        ("matrix:$edited", ROOM),
        ("matrix:$name", ROOM),
        ("matrix:$farewell", "matrix:!left:example.org"),
    }
    asked = [row for row in rows if isinstance(row, Channel) and "asked" in row.channel_id]
    assert [row.name for row in asked] == ["Side pier"]


def test_one_bad_line_costs_only_itself():
    rows, rejected = read(MATRIX, file_capture(FIXTURES / "events.ndjson"))
    assert [error.reason for error in rejected] == [
        "not JSON",
        "sender is no Matrix id",
        "unexpected structure",
        "time out of range",
        "event not named",
        "event reacted to not named",
        "member is no Matrix id",
    ]
    assert {post.post_id for post in posts(rows)} == {"matrix:$first", "matrix:$edited"}


def test_all_forms_say_the_same(answer):
    events = json.loads(MESSAGES.read_text())["chunk"]
    in_lines, _ = read(MATRIX, lines(*events))
    in_a_list, _ = read(MATRIX, MemoryCapture(json.dumps(events).encode()))
    answers, _ = read(MATRIX, lines({"chunk": events[:9]}, {"chunk": events[9:]}))
    context = {"event": events[0], "events_before": events[1:9], "events_after": events[9:]}
    around, _ = read(MATRIX, MemoryCapture(json.dumps(context).encode()))
    for rows in (in_lines, in_a_list, answers, around):
        assert set(map(repr, rows)) == set(map(repr, answer))


def test_invented_types_do_not_fill_the_notes():
    (piece,) = pieces(MATRIX, lines(*(event(type=f"m.x{number}") for number in range(50))))
    for item in MATRIX.items(piece):
        assert not list(MATRIX.rows(item, piece))
    assert piece.notes == {"events of other types: not read": 50}


def test_a_broken_export_is_refused():
    data = (FIXTURES / "element_export.json").read_bytes()
    with pytest.raises(SourceUnusable):
        read(MATRIX, MemoryCapture(data[: len(data) // 2]))


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ('{"event_id": "$a", "sender": "@a:b", "type": "m.x", "content": {}}', 0),
        (json.dumps(event()), 0.95),
        ('{"chunk": [], "start": "t1"}', 0),
        ('{"room_name": "", "room_creator": "", "export_date": "", "exported_by": "", '
         '"messages": []}', 0.95),
        ("event_id origin_server_ts sender type content", 0),
    ],
)  # fmt: skip
def test_recognition(text, score):
    sample = Sample(name="x.json", head=text.encode(), size=len(text))
    assert MATRIX.recognise(sample) == score


def test_counts_against_a_plain_walk(answer):
    """Each message, and each notice of the room, is one post: edits and redactions apart."""
    events = json.loads(MESSAGES.read_text())["chunk"]
    messages = [it for it in events if it["type"] in ("m.room.message", "m.sticker")]
    first = [it for it in messages if "m.new_content" not in it["content"]]
    kinds = Counter(post.kind for post in posts(answer) if post.edited_at is None)
    assert kinds["message"] == len(first) + 1, "and the poll"
