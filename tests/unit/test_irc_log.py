"""Line by line: what logs of irssi, WeeChat, ZNC and HexChat become."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clew.contract import OptionsInvalid, Sample
from clew.model.tables import Account, Channel, Interaction, Post, Row
from clew.model.times import from_iso
from clew.sources import irc_log
from clew.sources.irc_log import IRC_LOG
from clew.sources.irc_log.events import Event, event_of
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/irc_log"


def log(*lines: str, name: str = "net/#port.log", **options: str) -> list[Row]:
    rows, rejected = read(IRC_LOG, MemoryCapture("\n".join(lines).encode(), name=name), **options)
    assert not rejected
    return rows


def fixture(path: str, name: str = "") -> list[Row]:
    capture = file_capture(FIXTURES / path)
    if name:
        capture = MemoryCapture(capture.data, name=name)
    rows, rejected = read(IRC_LOG, capture)
    assert not rejected
    return rows


def posts(rows: list[Row]) -> list[Post]:
    return [row for row in rows if isinstance(row, Post)]


def told(rows: list[Row]) -> list[tuple[object, ...]]:
    """Local time, who, what kind of event, words."""
    return [
        (post.local_time, (post.account_id or "/").rpartition("/")[2], post.action, post.text)
        for post in posts(rows)
    ]


def acts(rows: list[Row]) -> list[tuple[object, ...]]:
    return [
        (row.kind, row.account_id, row.target_account_id)
        for row in rows
        if isinstance(row, Interaction)
    ]


def test_irssi():
    rows = fixture("invented/#port.log")
    gate = "[~mira@gate.example.org]"
    assert told(rows) == [
        ("2024-07-06T23:51:00", "mira", "join", f"mira {gate} has joined #port"),
        ("2024-07-06T23:52:00", "mira", None, "hello: who saw the crane?"),
        ("2024-07-06T23:52:00", "oleg", None, "I did"),
        ("2024-07-06T23:53:00", "mira", None, "mira waves"),
        ("2024-07-06T23:54:00", "mira", "nick", "mira is now known as mira_"),
        ("2024-07-06T23:55:00", "oleg", "mode", "mode/#port [+o mira_] by Oleg"),
        ("2024-07-06T23:56:00", "nickserv", None, "This nickname is registered"),
        (
            "2024-07-07T00:01:00",
            "lena",
            "quit",
            "lena [lena@192.0.2.7] has quit [Ping timeout: 240 seconds]",
        ),
        ("2024-07-07T00:02:00", "oleg", "kick", "spam was kicked from #port by Oleg [no]"),
        ("2024-07-07T00:03:00", "oleg", "topic", "Oleg changed the topic of #port to: Cranes"),
        ("2024-07-07T00:04:00", "mira_", None, "ok"),
        ("2024-07-07T00:04:00", "mira_", None, "ok"),
        ("2024-07-07T00:05:00", "mira_", "part", f"mira_ {gate} has left #port [bye]"),
    ]
    assert acts(rows) == [
        ("join", "irc:invented/mira", None),
        ("leave", "irc:invented/lena", None),
        ("remove", "irc:invented/oleg", "irc:invented/spam"),
        ("leave", "irc:invented/mira_", None),
    ]
    assert {post.channel_id for post in posts(rows)} == {"irc:invented/#port"}
    assert {(post.posted_at, post.time_quality) for post in posts(rows)} == {(None, "zone_unknown")}
    assert len({post.post_id for post in posts(rows)}) == 13, "two equal ones are two"
    channel = next(row for row in rows if isinstance(row, Channel))
    assert (channel.kind, channel.handle) == ("channel", "#port")
    handles = {row.account_id: row.handle for row in rows if isinstance(row, Account)}
    assert handles["irc:invented/oleg"] == "Oleg"
    assert handles["irc:invented/spam"] == "spam"


def test_weechat():
    rows = fixture("irc.invented.#port.weechatlog")
    assert [(who, action) for _, who, action, _ in told(rows)] == [
        ("mira", "join"),
        ("oleg", None),
        ("mira", None),
        ("mira", "nick"),
        ("lena", "part"),
        ("oleg", "kick"),
        ("oleg", "mode"),
        ("mira_", None),
    ]
    assert posts(rows)[1].text == "hi red and bold", "without codes of colour"
    assert posts(rows)[2].text == "mira waves"
    assert posts(rows)[0].local_time == "2024-07-08T10:00:01"
    assert posts(rows)[0].channel_id == "irc:invented/#port"
    assert [act[0] for act in acts(rows)] == ["join", "leave", "remove"]


def test_znc():
    rows = fixture("invented/#port/2024-07-08.log", name="user/invented/#port/2024-07-08.log")
    assert [(when[11:], who, action) for when, who, action, _ in told(rows)] == [
        ("10:00:01", "mira", "join"),
        ("10:00:02", "mira", None),
        ("10:00:03", "mira", None),
        ("10:00:04", "oleg", None),
        ("10:00:05", "mira", "mode"),
        ("10:00:06", "oleg", "kick"),
        ("10:00:07", "oleg", "topic"),
        ("10:00:08", "lena", "quit"),
        ("10:00:09", "mira", "part"),
    ]
    assert {post.local_time[:10] for post in posts(rows)} == {"2024-07-08"}, "from the file's name"


def test_hexchat_over_new_year():
    rows = fixture("hexchat_port.txt")
    assert [(when, who, action) for when, who, action, _ in told(rows)] == [
        ("2024-12-31T23:58:01", "", "server"),
        ("2024-12-31T23:58:02", "irc:mira", "join"),
        ("2024-12-31T23:59:00", "irc:mira", None),
        ("2025-01-01T00:00:05", "irc:oleg", None),
        ("2025-01-01T00:00:06", "irc:mira", None),
        ("2025-01-01T00:00:07", "irc:lena", "quit"),
        ("2025-01-01T00:00:08", "irc:nickserv", None),
    ]


def test_a_stamp_with_offset_is_an_instant():
    first, second = posts(fixture("offset.log"))
    assert (first.posted_at, first.time_quality, first.local_time) == (
        from_iso("2024-07-08T08:00:01Z"),
        "offset",
        None,
    )
    assert second.text == "mira waves"


@pytest.mark.parametrize(
    ("line", "event"),
    [
        (" <+mira> a <b> c", Event("mira", "a <b> c")),
        (" <mira> ", Event("mira", "")),
        (" -mira:#port- heed", Event("mira", "heed")),
        (" -!- ServerMode/#port [+n] by irc.example", None),
        (" *** mira (~m@host.example) has joined #port", None),
        ('\t--\tmira has changed topic for #port from "a" to "b"', None),
        (" *\tmira has changed the topic to: b", None),
        (" *\tOleg has kicked spam from #port (no)", None),
        (" *\tOleg gives channel operator status to mira", None),
        (" *\tYou are now known as mira", None),
        (" nothing of that", Event(None, "nothing of that", "server")),
    ],
)
def test_lines(line, event):
    found = event_of(line)
    if event is None:
        assert found.action is not None
    else:
        assert found == event


@pytest.mark.parametrize(
    ("name", "network", "channel"),
    [
        ("irclogs/net/#port.log", "net", "#port"),
        ("logs/#port.log", None, "#port"),
        ("#port.log", None, "#port"),
        ("a.zip/net/#port.2024-07-08.log", "net", "#port"),
        ("net_#port_20240708.log", "net", "#port"),
        ("user/net/#port/2024-07-08.log", "net", "#port"),
        ("irc.net.#port.weechatlog", "net", "#port"),
        ("irc.net.mira.weechatlog", "net", "mira"),
        ("irc.server.net.weechatlog", None, None),
        ("2024-07-08.log", None, None),
    ],
)
def test_names(name, network, channel):
    rows = log("2024-07-08 10:00:00 <Mira> hello", name=name)
    prefix = f"irc:{network}/" if network else "irc:"
    (post,) = posts(rows)
    assert post.account_id == f"{prefix}mira"
    assert post.channel_id == (f"{prefix}{channel}" if channel else None)


def test_day_that_is_not_recorded():
    capture = MemoryCapture(b"10:00 <mira> hello", name="net/#port.log")
    (piece,) = pieces(IRC_LOG, capture)
    (item,) = IRC_LOG.items(piece)
    (post,) = [row for row in IRC_LOG.rows(item, piece) if isinstance(row, Post)]
    assert (post.local_time, post.time_quality) == (None, "missing")
    assert piece.notes["day not recorded: see the option day"] == 1
    (post,) = posts(read(IRC_LOG, capture, day="2024-07-08")[0])
    assert post.local_time == "2024-07-08T10:00:00"
    with pytest.raises(OptionsInvalid):
        read(IRC_LOG, capture, day="yesterday")


def test_day_in_another_language_is_noted_and_not_guessed():
    capture = MemoryCapture(b"--- Day changed Mi Okt 09 2024\n10:00 <mira> hello", name="#p.log")
    (piece,) = pieces(IRC_LOG, capture)
    _, item = IRC_LOG.items(piece)
    assert piece.notes["day in a line of the logger not readable"] == 1
    assert item.moment.local_time is None


@pytest.mark.parametrize("target", [60, 200, 1000])
def test_pieces_know_their_day(monkeypatch, target):
    lines = ["**** BEGIN LOGGING AT Sun Dec 29 10:00:00 2024"]
    lines += [f"Dec {day} 10:00:00 <mira>\thello" for day in range(29, 32)]
    lines += [f"Jan 0{day} 10:00:00 <mira>\thello" for day in range(1, 6)]
    lines += ["--- Day changed Fri Feb 07 2025"]
    lines += [f"10:{minute:02} < mira> hello" for minute in range(30)]
    capture = MemoryCapture("\n".join(lines).encode(), name="net/#port.log")
    whole, _ = read(IRC_LOG, capture)
    cut = irc_log.cut_headed
    monkeypatch.setattr(
        irc_log, "cut_headed", lambda *args, **more: cut(*args, **more, target=target)
    )
    some = pieces(IRC_LOG, capture)
    assert len(some) > 1
    assert read(IRC_LOG, capture)[0] == whole
    sizes = [len(list(IRC_LOG.items(piece))) for piece in some]
    assert [piece.first_item for piece in some] == [sum(sizes[:n]) for n in range(len(sizes))]
    assert [post.local_time[:10] for post in posts(whole)][2:4] == ["2024-12-31", "2025-01-01"]
    assert posts(whole)[-1].local_time == "2025-02-07T10:29:00"


def test_one_bad_stamp_costs_only_itself():
    data = b"--- Log opened Sat Jul 06 10:00:00 2024\n25:00 <mira> x\n10:00 <mira> y"
    rows, rejected = read(IRC_LOG, MemoryCapture(data))
    assert [error.reason for error in rejected] == ["time unreadable"]
    assert [post.text for post in posts(rows)] == ["y"]


@given(st.text(max_size=200))
def test_any_line_is_something(text):
    event = event_of(f" {text}")
    assert event.nick is None or event.nick.strip() == event.nick


@pytest.mark.parametrize("part", ["<", "-", "* ", "(", "a (", " has left", "[", "\t", "\x03", "a"])
def test_no_line_takes_long(part):
    before = time.process_time()
    for start in (" ", "\t--\t", " -!- ", " *\t"):
        event_of(start + part * 20_000)
    assert time.process_time() - before < 0.5


@pytest.mark.parametrize(
    "text",
    [
        "2024-07-08 10:00:00\tred\t12\n2024-07-08 10:00:01\tblue\t13\n",
        "[10:00:00] INFO started\n[10:00:01] INFO done\n",
        "10:00 breakfast\n11:00 <b>lunch</b>\n",
        "[2024-07-08, 10:00:01] Mira: hello",
        "08/07/2024, 10:00 - Mira: hello",
    ],
)
def test_other_files_are_not_claimed(text):
    assert IRC_LOG.recognise(Sample(name="x.log", head=text.encode(), size=len(text))) == 0
