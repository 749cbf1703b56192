"""Field by field: what the files of a LinkedIn archive become."""

from __future__ import annotations

from pathlib import Path

import pytest

from clew import add_files
from clew.contract import Piece, Sample, Status, options_from
from clew.errors import ItemError, SourceUnusable
from clew.model.tables import Account, Channel, Interaction, Link, Media, Post, Row
from clew.model.times import from_iso
from clew.sources.linkedin_export import LINKEDIN_EXPORT
from clew.sources.linkedin_export.cells import When, account_id, exact, when
from tests.captures import MemoryCapture, beside, file_capture, pieces, read
from tests.case.exports import make_case

FOLDER = Path(__file__).parents[1] / "fixtures/sources/linkedin_export"
ZOE, OLEG, MIRA = "linkedin:in/zoe", "linkedin:in/oleg-näide", "linkedin:in/mira"
AT = from_iso("2024-07-08T10:00:00Z")
NUMBER = str((AT // 1000 << 22) + 77)
SHARE = f"linkedin:{NUMBER}"
FEED = "https://www.linkedin.example/feed/update/urn"


def rows_of(name: str, reasons: tuple[str, ...] = (), **options: str) -> list[Row]:
    path = FOLDER / name
    rows, rejected = read(
        LINKEDIN_EXPORT, file_capture(path), explained_by=beside(LINKEDIN_EXPORT, path), **options
    )
    assert tuple(error.reason for error in rejected) == reasons
    return rows


def said(row: Row) -> dict[str, object]:
    return {
        name: value
        for name in row.__struct_fields__
        if name != "platform" and (value := getattr(row, name)) is not None
    }


def of(rows: list[Row], kind: type[Row]) -> list[dict[str, object]]:
    return [said(row) for row in rows if type(row) is kind]


def acts(rows: list[Row]) -> list[tuple[object, ...]]:
    return [
        (row.kind.value, row.account_id, row.target_account_id, row.target_post_id, row.value)
        for row in rows
        if isinstance(row, Interaction)
    ]


def notes_of(name: str, **options: str) -> dict[str, int]:
    path = FOLDER / name
    (piece,) = pieces(LINKEDIN_EXPORT, file_capture(path), **options)
    piece.beside = beside(LINKEDIN_EXPORT, path)
    for item in LINKEDIN_EXPORT.items(piece):
        if not isinstance(item, ItemError):
            list(LINKEDIN_EXPORT.rows(item, piece))
    return dict(piece.notes)


def test_shares():
    rows = rows_of("Shares.csv", ("time unreadable", "row with too many cells"))
    first, second, third = of(rows, Post)
    assert first == {
        "post_id": SHARE,
        "kind": "post",
        "account_id": ZOE,
        "posted_at": AT,
        "time_quality": "utc",
        "text": 'Strike at the port, "all" of it.\n\nMore soon.',
        "url": f"{FEED}%3Ali%3Ashare%3A{NUMBER}",
    }
    assert (second["time_quality"], second["local_time"]) == ("zone_unknown", "2024-07-08T12:00:00")
    assert third["post_id"].startswith(f"{ZOE}/")
    assert of(rows, Link) == [{"post_id": SHARE, "url": "https://news.example/a", "posted_at": AT}]
    assert of(rows, Media) == [
        {
            "post_id": SHARE,
            "kind": "file",
            "url": "https://pics.example/1.jpg",
            "posted_at": AT,
        }
    ]


def test_comments_in_both_ways_of_quoting():
    rows = rows_of("Comments.csv")
    first, second = of(rows, Post)
    assert {**first, "post_id": None} == {
        "post_id": None,
        "kind": "comment",
        "account_id": ZOE,
        "thread_id": SHARE,
        "time_quality": "zone_unknown",
        "local_time": "2024-07-08T11:00:00",
        "text": 'He said: "so."',
        "url": f"{FEED}:li:activity:{NUMBER}",
    }
    assert second["text"] == 'and "more", later'
    assert acts(rows) == [("reply", ZOE, None, SHARE, None)] * 2


def test_reactions_have_their_time_in_a_notice():
    rows = rows_of("Reactions.csv")
    assert acts(rows) == [
        ("react", ZOE, None, SHARE, "LIKE"),
        ("react", ZOE, None, SHARE, "PRAISE"),
    ]
    notices = [row for row in rows if isinstance(row, Post)]
    assert [row.local_time for row in notices] == ["2024-07-08T11:10:00", "2024-07-08T11:11:00"]
    assert {(row.kind.value, row.action) for row in notices} == {("service", "reaction")}
    within = [row.post_id for row in rows if isinstance(row, Interaction)]
    assert within == [row.post_id for row in notices]


def test_connections_behind_notes():
    rows = rows_of("Connections.csv")
    assert of(rows, Account) == [
        {
            "account_id": OLEG,
            "handle": "in/oleg-näide",
            "name": "Oleg Näide, PhD",
            "description": "Engineer, Harbour, Ltd.",
        },
        {"account_id": MIRA, "handle": "in/mira", "name": "Mira Hafen"},
    ]
    assert acts(rows) == [
        (*act, None, None)
        for other in (OLEG, MIRA)
        for act in (("follow", ZOE, other), ("follow", other, ZOE))
    ]
    known, unknown = of(rows, Post)
    assert (known["local_time"], known["time_quality"]) == ("2024-02-08", "zone_unknown")
    assert unknown["time_quality"] == "missing"
    assert notes_of("Connections.csv") == {
        "a connection that hides its profile: only its day is known": 1,
        "a month in a language that is not known: the date is left out": 1,
    }


def test_invitations():
    rows = rows_of("Invitations.csv")
    assert acts(rows) == [
        ("invite", ZOE, OLEG, None, None),
        ("invite", MIRA, ZOE, None, None),
    ]
    assert [row["local_time"] for row in of(rows, Post)] == [
        "2024-01-29T14:37:00",
        "2023-12-31T00:05:00",
    ]
    assert "Hello Oleg" not in repr(rows)
    assert notes_of("Invitations.csv") == {
        "words of an invitation, private to two people: not read": 1
    }


def test_profile_and_positions():
    assert of(rows_of("Profile.csv"), Account) == [
        {
            "account_id": ZOE,
            "handle": "in/zoe",
            "name": "Zoë Beispiel",
            "description": "Harbour master, Tallinn",
            "location_claimed": "Tallinn, Estonia",
            "url": "https://zoe.example",
        }
    ]
    rows = rows_of("Positions.csv", ("unexpected structure",))
    assert [row["name"] for row in of(rows, Channel)] == ["Harbour, Ltd.", "Ships"]
    assert acts(rows) == [
        ("join", ZOE, None, None, "Harbour master, Jan 2020 –"),
        ("join", ZOE, None, None, "Pilot, Mar 2015 – Dec 2019"),
    ]


def test_messages_only_if_asked_for():
    assert rows_of("messages.csv") == []
    assert notes_of("messages.csv") == {"messages: not read (--set direct_messages=true)": 3}
    rows = rows_of("messages.csv", direct_messages="true")
    first, offer = of(rows, Post)
    assert {**first, "post_id": None} == {
        "post_id": None,
        "kind": "message",
        "account_id": OLEG,
        "channel_id": "linkedin:dm/2-YmQ3==",
        "posted_at": AT,
        "time_quality": "utc",
        "text": "Free\non Thursday?",
    }
    assert offer["author_name"] == "LinkedIn Member"
    assert "account_id" not in offer
    assert (offer["title"], offer["text"]) == ("An offer", "Dear reader,\n\nbuy")
    assert "unsent" not in repr(rows)
    assert of(rows, Media)[0]["url"] == "https://files.example/1.pdf"
    assert [row["name"] for row in of(rows, Channel) if "name" in row] == ["Offer"]


def test_archives_without_addresses_know_names():
    assert acts(rows_of("old/Invitations.csv")) == [
        ("invite", "linkedin:name/Oleg Näide", "linkedin:name/Zoë Beispiel", None, None)
    ]
    rows = rows_of("old/Connections.csv", owner="Zoë Beispiel")
    assert acts(rows)[0][:3] == ("follow", "linkedin:name/Zoë Beispiel", "linkedin:name/Oleg Näide")


@pytest.mark.parametrize(
    ("owner", "expected"),
    [
        ("https://www.linkedin.example/in/Oleg/", "linkedin:in/oleg"),
        ("Oleg", "linkedin:name/Oleg"),
    ],
)
def test_the_analyst_may_say_whose_it_is(owner, expected):
    rows = rows_of("Comments.csv", owner=owner)
    assert {row.account_id for row in rows} == {expected}  # type: ignore[attr-defined]


def test_without_owner():
    rows, _ = read(LINKEDIN_EXPORT, file_capture(FOLDER / "Comments.csv"))
    for row in of(rows, Post):
        assert row["post_id"].startswith("linkedin:capture ")
        assert "account_id" not in row


# ------------------------------------------------------------------------------------------- cells


def piece() -> Piece:
    return Piece(capture=MemoryCapture(b""), options=options_from(LINKEDIN_EXPORT.options, {}))


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("2024-07-08 11:00:00", "2024-07-08T11:00:00"),
        ("08 Feb 2024", "2024-02-08"),
        ("8 february 2024", "2024-02-08"),
        ("1/29/24, 12:00 AM", "2024-01-29T00:00:00"),
        ("1/29/2024, 12:59\u202fPM", "2024-01-29T12:59:00"),
    ],
)
def test_local_times(text, local):
    assert when(text, piece()).local == local


def test_times_in_utc():
    assert when("2024-07-08 10:00:00 UTC", piece()) == When(AT, "utc", None)
    assert when("2024/07/08 10:00:00 UTC", piece()).posted_at == AT
    assert when("2024-07-08 10:00 UTC", piece()).posted_at == AT


@pytest.mark.parametrize(
    "text", ["soon", "31 Feb 2024", "29/1/24, 2:37 PM", "1/29/24, 13:37 PM", "0000-01-01 00:00:00"]
)
def test_broken_times(text):
    with pytest.raises(ItemError):
        when(text, piece())


def test_a_number_without_a_time_is_not_believed():
    stated = When(None, "zone_unknown", "2012-09-08T11:00:00")
    assert exact(stated, "5627489000000000000") == stated  # of July 2012
    assert exact(stated, "1234567890") == stated
    assert exact(stated, None) == stated


@pytest.mark.parametrize("url", [None, "", "https://example.org/in/zoe", "https://linkedin.com/"])
def test_what_is_no_profile(url):
    assert account_id(url) is None


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"Date,Link,Message\n2024-07-08,https://forum.example/1,hello\n",
        b"First Name,Last Name,Email\nZoe,Beispiel,zoe@example.org\n",
        b'"unclosed\n' * 20,
    ],
)
def test_others_files_are_not_claimed(head):
    assert LINKEDIN_EXPORT.recognise(Sample(name="Comments.csv", head=head, size=len(head))) == 0


def test_other_tables_are_unusable():
    with pytest.raises(SourceUnusable, match="none of the files"):
        read(LINKEDIN_EXPORT, MemoryCapture(b"Skill,Level\nGo,1\n"))


def test_in_a_case_a_file_brings_along_what_explains_it(tmp_path):
    case = make_case(tmp_path)
    (record,) = add_files(case, [FOLDER / "Comments.csv"])
    assert record.outcome.status is Status.COMPLETED, record.outcome
    comments = case.posts.filter(case.posts.kind == "comment")
    assert set(comments.account_id.to_pyarrow().to_pylist()) == {ZOE}
    case.close()
