"""Field by field: what a WhatsApp export becomes, on iPhone and Android, in several locales."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clew.contract import OptionsInvalid, Sample
from clew.errors import SourceUnusable
from clew.model.tables import Account, Channel, Deletion, Interaction, Media, Post, Row
from clew.sources import whatsapp_txt
from clew.sources.whatsapp_txt import WHATSAPP_TXT
from clew.sources.whatsapp_txt.bodies import Body, File, body_of, mentions
from clew.sources.whatsapp_txt.heads import style_of
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/whatsapp_txt"
ANDROID = "WhatsApp Chat with Invented Port.txt"


def export(*lines: str, name: str = "_chat.txt", **options: str) -> list[Row]:
    rows, rejected = read(
        WHATSAPP_TXT, MemoryCapture("\n".join(lines).encode(), name=name), **options
    )
    assert not rejected
    return rows


def posts(rows: list[Row]) -> list[Post]:
    return [row for row in rows if isinstance(row, Post)]


def fixture(name: str) -> list[Row]:
    rows, rejected = read(WHATSAPP_TXT, file_capture(FIXTURES / name))
    assert not rejected
    return rows


def test_iphone():
    rows = fixture("_chat.txt")
    assert [
        (post.kind, post.local_time, post.account_id or post.author_name, post.text)
        for post in posts(rows)
    ] == [
        (
            "service",
            "2023-12-28T09:59:00",
            "Hafen",
            "Nachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt.",
        ),
        (
            "message",
            "2023-12-28T10:00:00",
            "whatsapp:Mira Invented",
            "Guten Morgen: wer sah den Kran?",
        ),
        (
            "message",
            "2023-12-28T10:00:05",
            "whatsapp:~ Oleg",
            "Ich.\nEr fiel um neun.\n\nDanach kam die Polizei.",
        ),
        ("message", "2023-12-28T10:01:00", "whatsapp:Mira Invented", None),
        ("message", "2023-12-28T10:01:30", "whatsapp:Mira Invented", None),
        (
            "message",
            "2024-01-03T08:00:00",
            "whatsapp:+12025550143",
            "@\u2068Mira Invented\u2069 schau mal",
        ),
        ("message", "2024-01-03T08:00:00", "whatsapp:+12025550143", "ok"),
        ("message", "2024-01-03T08:00:00", "whatsapp:+12025550143", "ok"),
        ("message", "2024-01-03T08:02:00", "whatsapp:Mira Invented", None),
        ("service", "2024-01-03T08:03:00", "~ Oleg", "Oleg hat die Gruppe verlassen"),
        ("message", "2024-01-03T08:04:00", "whatsapp:Mira Invented", "Plan geändert"),
        (
            "message",
            "2024-01-03T08:05:00",
            "whatsapp:Mira Invented",
            "Bericht.pdf • \u200e12 Seiten",
        ),
    ]
    assert {(post.time_quality, post.posted_at) for post in posts(rows)} == {("zone_unknown", None)}
    assert len({post.post_id for post in posts(rows)}) == 12, "two equal ones are two"
    assert [(row.kind, row.path) for row in rows if isinstance(row, Media)] == [
        ("photo", "00000012-PHOTO-2023-12-28-10-01-00.jpg"),
        ("photo", None),
        ("file", None),
    ]
    (deletion,) = [row for row in rows if isinstance(row, Deletion)]
    assert deletion == Deletion(
        post_id=posts(rows)[8].post_id, platform="whatsapp", account_id="whatsapp:Mira Invented"
    )
    (mention,) = [row for row in rows if isinstance(row, Interaction)]
    assert (mention.account_id, mention.target_account_id) == (
        "whatsapp:+12025550143",
        "whatsapp:Mira Invented",
    )
    numbered = next(row for row in rows if isinstance(row, Account) and row.handle)
    assert (numbered.account_id, numbered.name) == ("whatsapp:+12025550143", None)
    assert not any(isinstance(row, Channel) for row in rows), "its name stands nowhere"


def test_android():
    rows = fixture(ANDROID)
    assert {post.channel_id for post in posts(rows)} == {"whatsapp:Invented Port"}
    assert [(post.kind, post.local_time, post.text) for post in posts(rows)] == [
        ("service", "2024-01-02T21:58:00", "Messages and calls are end-to-end encrypted."),
        ("service", "2024-01-02T21:59:00", 'Mira created group "Port: cranes"'),
        ("message", "2024-01-02T22:00:00", "Good evening"),
        ("message", "2024-01-02T22:00:00", None),
        ("message", "2024-01-02T22:01:00", "the crane"),
        ("message", "2024-01-03T00:05:00", "@12025550143 have you seen it?"),
        (
            "message",
            "2024-01-03T12:05:00",
            "quoted:\n[01.01.20, 10:00:00] Nobody: not a message of this chat",
        ),
        ("message", "2024-01-13T13:00:00", None),
        ("message", "2024-01-13T13:01:00", "This message was edited, they say"),
        ("message", "2024-01-13T13:02:00", "null <lol>"),
    ]
    assert [(row.kind, row.name) for row in rows if isinstance(row, Media)] == [
        ("file", None),
        ("photo", "IMG-20240102-WA0001.jpg"),
    ]
    (mention,) = [row for row in rows if isinstance(row, Interaction)]
    assert mention.target_account_id == "whatsapp:+12025550143"


def test_arabic_digits_and_marks():
    assert [post.local_time for post in posts(fixture("arabic.txt"))] == [
        "2022-03-25T09:53:00",
        "2022-03-27T21:53:00",
    ]


@pytest.mark.parametrize(
    ("head", "local_time"),
    [
        ("[2024-07-08, 10:00:01] ", "2024-07-08T10:00:01"),
        ("[08.07.24, 10:00:01] ", "2024-07-08T10:00:01"),
        ("[13/07/2024, 1:05:09 PM] ", "2024-07-13T13:05:09"),
        ("[13/07/2024, 12:05:09\u202fa.m.] ", "2024-07-13T00:05:09"),
        ("[8.7.2024 klo 14.08.18] ", "2024-07-08T14:08:18"),
        ("13/07/2024 14:08 - ", "2024-07-13T14:08:00"),
        ("13/07/2024, 2:08 p. m. - ", "2024-07-13T14:08:00"),
        ("2024/07/13, 14:08 - ", "2024-07-13T14:08:00"),
        ("2024. 07. 13. 14:08 - ", "2024-07-13T14:08:00"),
        ("7/13/24, 12:08 PM - ", "2024-07-13T12:08:00"),
        ("13/7/2567 14:08 - ", "2024-07-13T14:08:00"),
        ("2024年7月13日 下午2:08 - ", "2024-07-13T14:08:00"),
        ("2024년 7월 13일 오후 2:08 - ", "2024-07-13T14:08:00"),
    ],
)
def test_heads(head, local_time):
    (post,) = posts(export(f"{head}Mira: hello"))
    assert (post.local_time, post.account_id, post.text) == (local_time, "whatsapp:Mira", "hello")


# -------------------------------------------------------------------------------- order of dates


def test_order_is_inferred_over_the_whole_file():
    """Ten ambiguous days before the one that tells, and a pasted line that says otherwise."""
    lines = [f"{day:02}/03/24, 10:00 - Mira: day {day}" for day in range(1, 13)]
    lines += [
        "02/28/24, 10:00 - Nobody: pasted from another phone",
        "13/03/24, 10:00 - Mira: tells",
    ]
    rows, rejected = read(WHATSAPP_TXT, MemoryCapture("\n".join(lines).encode()))
    assert [post.local_time[:10] for post in posts(rows)] == [
        f"2024-03-{day:02}" for day in range(1, 14)
    ]
    assert [error.reason for error in rejected] == ["time unreadable"], "the pasted line"


def test_order_by_time_alone():
    """No day beyond the twelfth: only one order keeps the dates in order."""
    lines = ["[01/11/24, 10:00:00] A: x", "[02/10/24, 10:00:00] A: y", "[03/09/24, 10:00:00] A: z"]
    assert [post.local_time[:10] for post in posts(export(*lines))] == [
        "2024-01-11",
        "2024-02-10",
        "2024-03-09",
    ]


def test_uncertain_order_is_noted_and_can_be_given():
    capture = file_capture(FIXTURES / "ambiguous.txt")
    (piece,) = pieces(WHATSAPP_TXT, capture)
    assert piece.notes["order of dates not certain: read as dmy; see the option dates"] == 1
    rows, _ = read(WHATSAPP_TXT, capture, dates="mdy")
    assert posts(rows)[0].local_time == "2024-01-02T10:00:00"
    with pytest.raises(OptionsInvalid):
        read(WHATSAPP_TXT, capture, dates="day first")


@given(
    st.lists(st.dates(dt.date(2010, 1, 1), dt.date(2099, 12, 31)), min_size=1, max_size=40),
    st.sampled_from([("dmy", "%d/%m/%y"), ("mdy", "%m/%d/%y"), ("ymd", "%Y/%m/%d")]),
)
def test_the_true_order_is_never_beaten(days, written):
    """Whatever the dates: the order they were written in, or it is said to be uncertain."""
    order, form = written
    heads = [f"{day.strftime(form)}, 10:00 - A: x" for day in sorted(days)]
    style = style_of(["\n".join(heads)])
    assert style is not None
    assert style.order == order or not style.is_certain


# ---------------------------------------------------------------------------------------- bodies


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Mira: hello: you", Body("Mira", "hello: you")),
        ("Mira:", Body("Mira")),
        ("You were added", Body(text="You were added", is_service=True)),
        (
            "Mira changed the subject from “a: b” to “c”",
            Body(text="Mira changed the subject from “a: b” to “c”", is_service=True),
        ),
        ("Mira: https://news.example/a", Body("Mira", "https://news.example/a")),
        ("Mira: \u200eimage omitted", Body("Mira", files=(File("photo"),))),
        ("Mira: image omitted", Body("Mira", "image omitted")),
        ("Mira: \u200eGIF omitted", Body("Mira", files=(File("animation"),))),
        ("Mira: \u200eimagen omitida", Body("Mira", files=(File("photo"),))),
        ("Mira: <Medien ausgeschlossen>", Body("Mira", files=(File("file"),))),
        ("Mira: <not media>", Body("Mira", "<not media>")),
        (
            "Mira: \u200e<attached: 00000002-AUDIO-2024-01-01-10-00-00.opus>",
            Body("Mira", files=(File("voice", "00000002-AUDIO-2024-01-01-10-00-00.opus"),)),
        ),
        (
            "Mira: PTT-20240101-WA0007.opus (archivo adjunto)",
            Body("Mira", files=(File("voice", "PTT-20240101-WA0007.opus"),)),
        ),
        (
            "Mira: \u200eplan of the port.pdf (file attached)\nplan of the port",
            Body("Mira", "plan of the port", (File("file", "plan of the port.pdf"),)),
        ),
        ("Mira: see a.b (for example here)", Body("Mira", "see a.b (for example here)")),
        ("Mira: You deleted this message", Body("Mira", is_deleted=True)),
        ("Mira: Ce message a été supprimé", Body("Mira", is_deleted=True)),
        (
            "Mira: new plan \u200e<This message was edited>",
            Body("Mira", "new plan", is_edited=True),
        ),
        ("Mira: \u200eMissed voice call", Body("Mira", "Missed voice call", is_service=True)),
    ],
)
def test_bodies(body, expected):
    assert body_of(body) == expected


@given(st.text(max_size=300))
def test_any_body_has_a_meaning(text):
    body = body_of(text)
    assert body.author is None or body.author.strip() == body.author != ""


@pytest.mark.parametrize("part", ["a.b ", "<", "\u200e", "(", "@", ".a (", "<a: "])
def test_no_body_takes_long(part):
    before = time.process_time()
    body_of(f"Mira: {part * 20_000}")
    mentions(part * 20_000)
    assert time.process_time() - before < 0.5


@pytest.mark.parametrize("part", ["\u200e", "1/1/1, 1:1", "[", "\n", "1/1/24, ", " "])
def test_no_head_takes_long(part):
    before = time.process_time()
    style_of([part * 50_000])
    assert time.process_time() - before < 1


# ------------------------------------------------------------------------------------------ files


def test_pieces_keep_equal_stamps_together(monkeypatch):
    lines = [f"[08.07.24, 10:{i // 7:02}:00] A: {'same' if i % 2 else i}" for i in range(70)]
    capture = MemoryCapture("\n".join(lines).encode())
    whole, _ = read(WHATSAPP_TXT, capture)
    cut = whatsapp_txt.cut_headed
    monkeypatch.setattr(
        whatsapp_txt, "cut_headed", lambda *args, **more: cut(*args, **more, target=500)
    )
    some = pieces(WHATSAPP_TXT, capture)
    assert len(some) > 3
    sizes = [len(list(WHATSAPP_TXT.items(piece))) for piece in some]
    assert [piece.first_item for piece in some] == [sum(sizes[:n]) for n in range(len(sizes))]
    assert read(WHATSAPP_TXT, capture)[0] == whole
    assert len({post.post_id for post in posts(whole)}) == 70


def test_a_longer_export_of_the_same_chat_gives_the_same_ids():
    lines = ["1/13/24, 10:00 - A: one", "1/13/24, 10:00 - A: one", "1/14/24, 10:00 - B: two"]
    shorter = export(*lines[:2], name="WhatsApp Chat with X.txt")
    longer = export(*lines, name="saved/WhatsApp Chat with X (1).txt")
    assert [post.post_id for post in posts(longer)][:2] == [post.post_id for post in posts(shorter)]
    other = export(*lines[:2], name="WhatsApp Chat with Y.txt")
    assert not {post.post_id for post in posts(other)} & {post.post_id for post in posts(shorter)}


@pytest.mark.parametrize(
    "name",
    [
        "WhatsApp Chat with Port.txt",
        "in/WhatsApp Chat - Port.zip/_chat.txt",
        "WhatsApp Chat with Port.zip/WhatsApp Chat with Port.txt",
        "WhatsApp Chat mit Port.txt",
        "Conversa do WhatsApp com Port (2).txt",
    ],
)
def test_chat_from_the_name(name):
    (post,) = posts(export("1/13/24, 10:00 - A: one", name=name))
    assert post.channel_id == "whatsapp:Port"


def test_text_that_is_none():
    with pytest.raises(SourceUnusable, match="message"):
        read(WHATSAPP_TXT, MemoryCapture(b"Dear all,\nno chat here\n"))
    capture = MemoryCapture(b"preface\n[2024-07-08, 10:00:01] Mira: \xff\n")
    (piece,) = pieces(WHATSAPP_TXT, capture)
    assert len(list(WHATSAPP_TXT.items(piece))) == 1
    assert sorted(piece.notes) == [
        "name of the chat not recorded: see the option chat",
        "text before the first message: not read",
        "text that is not UTF-8: read with replacement characters",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-01 10:00:00,123 - root - INFO: started",
        "2024-01-01 10:00:00 - INFO: started",
        "[2024-01-01 10:00:00] INFO: started at once",
        "[12:00] <mira> hello",
        "a,b,c\n1,2,3",
    ],
)
def test_logs_are_claimed_weakly_or_not_at_all(text):
    score = WHATSAPP_TXT.recognise(Sample(name="x.log", head=text.encode(), size=len(text)))
    assert score < 0.5


# ------------------------------------------------------------------------------------- recordings


@pytest.mark.shared_data
@pytest.mark.parametrize(
    "name",
    ["[mmddyy]_24hrs", "ddmmyy_24hrs", "mmddyy_24hrs", "mmddyyyy_12hrs", "yyyymmdd_24hrs"],
)
def test_recordings_against_chat_miner(shared_data, name):
    """Times, authors and words as that program expects them; it leaves notices out."""
    folder = shared_data / "formats/chat_miner/test/whatsapp"
    rows, rejected = read(WHATSAPP_TXT, file_capture(folder / f"test_{name}.txt"))
    assert not rejected
    expected = Counter(
        (message["timestamp"], message["author"], message["message"])
        for message in json.loads((folder / "target.json").read_text())
    )
    ours = Counter(
        (post.local_time, post.account_id.partition(":")[2], (post.text or "").replace("\n", " "))
        for post in posts(rows)
        if post.account_id
    )
    assert ours == expected
    assert len(posts(rows)) == 9
