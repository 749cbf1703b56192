"""What does `stackexchange_dump` say of each attribute? Invented files and a real one."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import py7zr
import pytest

from clew.contract import Sample
from clew.errors import SourceUnusable
from clew.formats.archive import members
from clew.formats.xml_rows import MENDED
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
from clew.sources.stackexchange_dump import STACKEXCHANGE_DUMP
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/stackexchange_dump"
SITE = "stackexchange:portside.example"


def rows_of(table: str, kind: type) -> list:
    rows, rejected = read(
        STACKEXCHANGE_DUMP, file_capture(FIXTURES / f"portside.example-{table}.xml")
    )
    assert not rejected
    return [row for row in rows if isinstance(row, kind)]


def one_row(table: str, attributes: str, name: str = "example.com/Posts.xml"):
    data = f"<{table}>\n  <row {attributes} />\n</{table}>".encode()
    return read(STACKEXCHANGE_DUMP, MemoryCapture(data, name=name))


# ----------------------------------------------------------------------------------------- posts


def test_a_question():
    question = rows_of("Posts", Post)[0]
    assert question == Post(
        post_id=f"{SITE}/1",
        platform="stackexchange",
        kind=PostKind.QUESTION,
        account_id=f"{SITE}/u11",
        channel_id=SITE,
        thread_id=f"{SITE}/1",
        posted_at=from_iso("2026-03-02T08:15:30.123Z"),
        time_quality=TimeQuality.UTC,
        edited_at=from_iso("2026-03-02T09:00:00Z"),
        title="Gauge answers in XML & not in JSON",
        text=(
            'Our tide gauge answers with <level unit="m"> since the update.\n\n'
            "GET /level HTTP/1.1\n  Host: gauge.example\n\n"
            "The manual is here.\nWhat am I missing?"
        ),
        like_count=7,
        reply_count=2,
        view_count=412,
        tags='["tide-gauge","c++"]',
    )


def test_answers_and_a_wiki():
    _, answer, deleted, wiki, _ = rows_of("Posts", Post)
    assert (answer.kind, answer.thread_id, answer.reply_to_post_id) == (
        PostKind.ANSWER,
        f"{SITE}/1",
        f"{SITE}/1",
    )
    assert answer.text == "Ask for JSON:\n\nset the header\nask again"
    assert (deleted.account_id, deleted.author_name) == (None, "user3417")
    assert deleted.like_count == -2
    assert (wiki.kind, wiki.account_id, wiki.thread_id) == (PostKind.ARTICLE, f"{SITE}/u-1", None)


def test_hostile_body_and_newer_tags():
    last = rows_of("Posts", Post)[-1]
    assert last.text == "The log has \ufffd[31m in it. Зміна часу?"
    assert json.loads(last.tags) == ["logging"]
    [piece] = pieces(STACKEXCHANGE_DUMP, file_capture(FIXTURES / "portside.example-Posts.xml"))
    list(STACKEXCHANGE_DUMP.items(piece))
    assert piece.notes == {MENDED: 1}


def test_replies_links_and_pictures():
    assert [
        (row.kind, row.post_id, row.target_post_id) for row in rows_of("Posts", Interaction)
    ] == [
        (InteractionKind.REPLY, f"{SITE}/2", f"{SITE}/1"),
        (InteractionKind.REPLY, f"{SITE}/3", f"{SITE}/1"),
    ]
    assert [(row.url, row.title) for row in rows_of("Posts", Link)] == [
        ("https://docs.example.org/gauge?v=2&lang=en", "here"),
        ("https://i.example.net/a.png", None),
    ]
    assert rows_of("Posts", Media) == [
        Media(
            post_id=f"{SITE}/2",
            platform="stackexchange",
            kind="photo",
            url="https://i.example.net/a.png",
            alt_text="the header",
            posted_at=from_iso("2026-03-02T08:40:00Z"),
        )
    ]


def test_the_site_is_the_channel():
    assert set(rows_of("Posts", Channel)) == {
        Channel(channel_id=SITE, platform="stackexchange", kind="site", handle="portside.example")
    }


# --------------------------------------------------------------------------- comments and accounts


def test_comments():
    first, second, third = rows_of("Comments", Post)
    assert first.post_id == f"{SITE}/c101"
    assert first.kind is PostKind.COMMENT
    assert first.reply_to_post_id == f"{SITE}/1"
    assert first.like_count == 2
    assert second.account_id == f"{SITE}/u11"
    assert (third.account_id, third.author_name, third.text) == (None, "user3417", "Works <3")


def test_mentions_are_no_mail_addresses():
    acts = rows_of("Comments", Interaction)
    assert [row.target_post_id for row in acts if row.kind is InteractionKind.REPLY] == [
        f"{SITE}/1",
        f"{SITE}/1",
        f"{SITE}/2",
    ]
    assert [row.target_name for row in acts if row.kind is InteractionKind.MENTION] == [
        "bosun",
        "Oona.T",
    ]


def test_accounts():
    robot, oona, bosun, lamp = rows_of("Users", Account)
    assert robot.account_id == f"{SITE}/u-1"
    assert oona == Account(
        account_id=f"{SITE}/u11",
        platform="stackexchange",
        name="Oona Tideman",
        description="Harbour & gauges.\n\nNights.",
        location_claimed="Northwind",
        url="https://oona.example",
        avatar_url="https://i.example.net/oona.png",
        created_at=from_iso("2026-03-01T07:00:00Z"),
    )
    assert (bosun.url, bosun.location_claimed, bosun.description) == (None, None, None)
    assert lamp.name == "ліхтар"


# ------------------------------------------------------------------------------------ what is wrong


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ('Id="1" PostTypeId="1"', "attribute missing or unreadable"),
        ('Id="x" PostTypeId="1" CreationDate="2026-03-01"', "attribute missing or unreadable"),
        ('Id="9223372036854775808" PostTypeId="1" CreationDate="2026-03-01"', "attribute missing"),
        ('Id="1" PostTypeId="1" CreationDate=""', "time unreadable"),
        ('Id="1" PostTypeId="1" CreationDate="0001-01-01T00:00:00"', "time out of range"),
        ('Id="1" PostTypeId="1" CreationDate="9999-01-01T00:00:00"', "time out of range"),
    ],
)
def test_rejected_rows(attributes, reason):
    rows, [error] = one_row("posts", attributes)
    assert not rows
    assert error.reason.startswith(reason)


def test_an_unknown_kind_of_post_is_kept():
    rows, _ = one_row("posts", 'Id="1" PostTypeId="99" CreationDate="2026-03-01T00:00:00"')
    assert [row.kind for row in rows if isinstance(row, Post)] == [PostKind.POST]


@pytest.mark.parametrize(
    ("name", "site"),
    [
        ("security.stackexchange.com.7z/Posts.xml", "security"),
        ("dumps/stackoverflow.com-Posts.7z/Posts.xml", "stackoverflow"),
        ("ru.stackoverflow.com/Posts.xml", "ru.stackoverflow"),
        ("mathoverflow.net.7z/Posts.xml", "mathoverflow.net"),
        ("security.meta.stackexchange.com/Posts.xml", "security.meta"),
        ("dump.zip/security.stackexchange.com.7z/Posts.xml", "security"),
        ("anything/SuperUser.com-Posts.xml", "superuser"),
        ("My dump/Posts.xml", "My dump"),
    ],
)
def test_the_site_by_the_name(name, site):
    attributes = 'Id="1" PostTypeId="1" CreationDate="2026-03-01T00:00:00"'
    rows, _ = one_row("posts", attributes, name)
    assert {row.channel_id for row in rows} == {f"stackexchange:{site}"}
    [piece] = pieces(
        STACKEXCHANGE_DUMP, MemoryCapture(f"<posts><row {attributes}/></posts>".encode(), name)
    )
    is_guess = site == "My dump"
    assert piece.notes == ({"site taken from the file's folder name": 1} if is_guess else {})


def test_the_site_as_an_option():
    data = b'<posts><row Id="1" PostTypeId="1" CreationDate="2026-03-01T00:00:00"/></posts>'
    rows, _ = read(STACKEXCHANGE_DUMP, MemoryCapture(data, "a.com/Posts.xml"), site="security")
    assert {row.channel_id for row in rows} == {"stackexchange:security"}
    with pytest.raises(SourceUnusable, match="option site"):
        read(STACKEXCHANGE_DUMP, MemoryCapture(data, "Posts.xml"))


@pytest.mark.parametrize(
    ("head", "score"),
    [
        (b'<?xml version="1.0"?>\n<posts>\n <row Id="1" PostTypeId="1"', 1.0),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\r\n<users>\r\n<row Id="1" DisplayName="', 1.0),
        (b'<comments><row Id="1" PostId="1"', 1.0),
        (b"<posts>\n</posts>", 0.5),
        (b'<votes><row Id="1" PostId="1"', 0.0),
        (b'<badges><row Id="1" UserId="1"', 0.0),
        (b'<posts><row Id="1" Other="1"/>', 0.0),
        (b'<posts><post id="1"/>', 0.5),
        (b"<html>", 0.0),
        (b"", 0.0),
    ],
)
def test_recognised_by_root_and_attribute(head, score):
    assert STACKEXCHANGE_DUMP.recognise(Sample(name="x", head=head, size=1)) == score


def test_other_tables_are_refused():
    with pytest.raises(SourceUnusable, match="<votes> is none of the tables"):
        one_row("votes", 'Id="1" PostId="2"')


def test_out_of_its_archive():
    """As `clew add` hands it over: members of the 7z as captures."""
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        for table in ("Posts", "Users", "Comments"):
            archive.write(FIXTURES / f"portside.example-{table}.xml", f"{table}.xml")
    rows = []
    for member in members(out, "7z"):
        name = f"portside.stackexchange.com.7z/{member.name}"
        rows += read(STACKEXCHANGE_DUMP, MemoryCapture(member.open().read(), name))[0]
    assert Counter(type(row).__name__ for row in rows if not isinstance(row, Channel)) == {
        "Post": 8,
        "Account": 4,
        "Interaction": 7,
        "Link": 2,
        "Media": 1,
    }
    assert all(row.platform == "stackexchange" for row in rows)


# ------------------------------------------------------------------------------------ a real file


@pytest.mark.shared_data
def test_a_real_dump(shared_data):
    path = shared_data / "formats/stackexchange_posts/Posts.xml"
    rows, rejected = read(STACKEXCHANGE_DUMP, file_capture(path), site="a-site")
    assert not rejected
    elements = list(ET.parse(path).getroot())  # noqa: S314 - a file that we know
    posts = {row.post_id: row for row in rows if isinstance(row, Post)}
    assert len(posts) == len(elements) == 2061
    for element in elements:
        given = element.attrib
        post = posts[f"stackexchange:a-site/{given['Id']}"]
        assert post.like_count == int(given["Score"])
        assert (post.account_id is None) == ("OwnerUserId" not in given)
        assert (post.edited_at is None) == ("LastEditDate" not in given)
        assert (post.reply_to_post_id is None) == ("ParentId" not in given)
        assert post.posted_at == from_iso(given["CreationDate"], naive_is_utc=True)
        assert post.title == given.get("Title")
        assert "".join((post.text or "").split()) == letters(given["Body"])
    kinds = Counter(element.attrib["PostTypeId"] for element in elements)
    assert Counter(post.kind for post in posts.values())[PostKind.QUESTION] == kinds["1"]
    assert Counter(post.kind for post in posts.values())[PostKind.ANSWER] == kinds["2"]
    assert sum(isinstance(row, Interaction) for row in rows) == kinds["2"]


class Letters(HTMLParser):
    """The text of HTML without white space, by another parser."""

    def __init__(self):
        super().__init__()
        self.found = ""

    def handle_data(self, data):
        self.found += "".join(data.split())


def letters(html: str) -> str:
    parser = Letters()
    parser.feed(html)
    parser.close()
    return parser.found
