"""Do mailboxes and mails become the right rows, and do mails made to harm cost only themselves?"""

from __future__ import annotations

import email
import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clew.contract import Piece, Sample
from clew.model.tables import Account, Channel, Interaction, InteractionKind, Link, Media, Post
from clew.model.times import TimeQuality
from clew.sources.email import EMAIL, FAR_APART, TIME_OF_RECEIPT
from clew.sources.email.mailbox import mails, without_envelope
from clew.sources.email.mime import MOST_PARTS, TOO_DEEP, TOO_MANY, parts, taken_apart
from clew.sources.email.words import addresses, decoded, moment, text_of
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/email"
HEAD = b"From: mira@example.org\nTo: tove@example.com\nMessage-ID: <x@example.org>\n"


def of(rows, kind):
    return [row for row in rows if isinstance(row, kind)]


def fixture(name):
    rows, rejected = read(EMAIL, file_capture(FIXTURES / name))
    assert not rejected
    return rows


def one(mail: bytes) -> tuple[list, Piece]:
    [piece] = pieces(EMAIL, MemoryCapture(mail))
    [item] = EMAIL.items(piece)
    return list(EMAIL.rows(item, piece)), piece


# ---------------------------------------------------------------------------------- field by field


def test_first_mail_of_a_list():
    post, *_ = of(fixture("harbour.mbox"), Post)
    assert post.post_id == post.thread_id == "email:berth-4@example.org"
    assert post.account_id == "email:mira@example.org"
    assert post.channel_id == "email:list/harbour.lists.example.net"
    assert post.title == "Berth 4 is closed – since Monday"
    assert (post.posted_at, post.time_quality) == (1_720_425_602_000_000, TimeQuality.OFFSET)
    assert post.local_time == "2024-07-08T10:00:02"
    assert post.client == "Invented Mail 1.0"
    assert post.url == "https://lists.example.net/harbour/berth-4@example.org/"


def test_text_is_as_it_was_sent_with_signature():
    post, answer, _ = of(fixture("harbour.mbox"), Post)
    assert post.text is not None
    assert "\nFrom the pier" in post.text
    assert "\n>From the other side" in post.text
    assert post.text.endswith("\n-- \nMira, harbour watch")
    assert answer.text == "> Berth 4 is closed\nCafé and all. See the sheet."


def test_answers_and_threads():
    _, first, second = of(fixture("harbour.mbox"), Post)
    assert first.reply_to_post_id == first.thread_id == "email:berth-4@example.org"
    assert second.reply_to_post_id == "email:answer-1@example.com"
    assert second.thread_id is None, "only the mail before is known"
    assert (second.posted_at, second.local_time) == (None, "2024-07-09T09:00:00")
    assert second.time_quality is TimeQuality.ZONE_UNKNOWN


def test_people_and_list():
    rows = fixture("harbour.mbox")
    names = {row.handle: row.name for row in of(rows, Account) if row.name}
    assert names["tove@example.com"] == "Tove"
    assert Account(
        account_id="email:tove@example.com",
        platform="email",
        handle="tove@example.com",
        name="Tove, of the pier",
    ) in of(rows, Account)
    assert names["mira@example.org"] == "Mira"
    channel, *_ = of(rows, Channel)
    assert (channel.kind, channel.name) == ("mailing_list", "Harbour talk")
    acts = of(rows, Interaction)
    assert sum(act.kind is InteractionKind.REPLY for act in acts) == 2
    first = [act for act in acts if act.post_id == "email:berth-4@example.org"]
    assert {(act.value, act.target_account_id) for act in first} == {
        ("to", "email:harbour@lists.example.net"),
        ("cc", "email:tove@example.com"),
        ("cc", "email:ben@example.com"),
    }


def test_files_and_links():
    rows = fixture("harbour.mbox")
    picture, mail = of(rows, Media)
    content = bytes.fromhex("89504e470d0a1a0a")
    assert (picture.kind, picture.name, picture.mime) == ("photo", "plån.png", "image/png")
    assert picture.size_bytes == len(content)
    assert picture.media_key == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert (mail.kind, mail.mime) == ("file", "message/rfc822")
    [link] = of(rows, Link)
    assert (link.url, link.title) == ("https://example.com/sheet", "sheet")


def test_length_says_where_a_mail_ends_if_it_is_true():
    first, second = of(fixture("lengths.mbox"), Post)
    assert "\nFrom mira@example.org Mon" in first.text
    assert first.text.endswith("end of the quotation")
    assert second.text == "The length of this one is wrong."


def test_single_mail_with_an_absurd_date():
    rows, piece = one((FIXTURES / "news.eml").read_bytes())
    post = rows[0]
    assert piece.notes[TIME_OF_RECEIPT] == 1
    assert (post.posted_at, post.time_quality) == (1_720_591_203_000_000, TimeQuality.UTC)
    assert post.title == "Two lines Bcc: nobody@example.com"
    assert not of(rows, Interaction), "a line end in a subject adds no receiver"
    assert post.text == "Harbour news\n\nAt example.net"


def test_maildir_and_archive_of_mailman():
    [member] = of(fixture("1720736100.M1P2.host.example"), Post)
    assert (member.time_quality, member.local_time) == (TimeQuality.UTC, None)
    [account] = of(fixture("2024-July.txt"), Account)
    assert (account.account_id, account.name) == ("email:mira@example.org", "Mira Jørn")


def test_date_far_from_receipt_is_noted():
    received = b"Received: by mx.example.net; Mon, 8 Jul 2024 08:00:00 +0000\n"
    date = b"Date: Mon, 1 Jan 2024 08:00:00 +0000\n"
    _, piece = one(received + HEAD + date + b"\nHello\n")
    assert piece.notes[FAR_APART] == 1


# ------------------------------------------------------------------------------------- small parts


@pytest.mark.parametrize(
    ("date", "quality", "local"),
    [
        ("Mon, 8 Jul 2024 10:00:02 +0530 (IST)", TimeQuality.OFFSET, "2024-07-08T10:00:02"),
        ("8 Jul 24 10:00:02 EST", TimeQuality.OFFSET, "2024-07-08T10:00:02"),
        ("Mon, 8 Jul 2024 10:00:02 GMT", TimeQuality.UTC, None),
        ("Mon, 8 Jul 2024 10:00:02 -0000", TimeQuality.UTC, None),
        ("Mon, 8 Jul 2024 10:00:02", TimeQuality.ZONE_UNKNOWN, "2024-07-08T10:00:02"),
        ("Mon, 8 Jul 2024 10:00:02 CEST", TimeQuality.ZONE_UNKNOWN, "2024-07-08T10:00:02"),
        ("Mon, 8 Jul 2024 10:00:02 +9959", TimeQuality.ZONE_UNKNOWN, "2024-07-08T10:00:02"),
        ("", TimeQuality.MISSING, None),
    ],
)
def test_dates(date, quality, local):
    when = moment(date)
    assert (when.quality, when.local_time) == (quality, local)


def test_encoded_words():
    assert decoded("=?utf-8?b?w?= =?utf-8?b?7g=?=") != "", "broken base64 is shown somehow"
    assert decoded("=?utf-8?q?=C3?= =?utf-8?q?=B8?=") == "ø", "a character in two words"
    assert decoded("a =?iso-8859-1?Q?=E9?= b") == "a é b"
    assert decoded("=?no-such?Q?=E9?=") == "é"


def test_name_never_becomes_an_address():
    [address] = addresses("=?utf-8?q?boss=40example=2Ecom=3E=2C?= <mira@example.org>")
    assert address.address == "mira@example.org"


@pytest.mark.parametrize("charset", ["punycode", "unicode_escape", "rot13", "zlib", "hex", "x\0y"])
def test_charset_that_is_none(charset):
    assert text_of(b"caf\xc3\xa9 \\u0041", charset) == "café \\u0041"


@pytest.mark.parametrize(("sent", "kept"), [(b"From x", b">From x"), (b">From x", b">>From x")])
def test_unmunging(sent, kept):
    mail = without_envelope(b"From - \n" + HEAD + b"\n" + kept + b"\n")
    assert mail == HEAD + b"\n" + sent + b"\n"


# ----------------------------------------------------------------------------------------- hostile


def test_nesting_costs_nothing():
    inner = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(5000)
    )
    rows, piece = one(HEAD + inner + b"\nHello\n")
    assert piece.notes[TOO_DEEP] == 1
    assert len(of(rows, Media)) == 1


def test_thousands_of_parts():
    rows, piece = one(
        HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\nhi\n" * 9999
    )
    assert piece.notes[TOO_MANY] == 1
    assert rows[0].text.count("hi") == MOST_PARTS - 1


def test_multipart_without_boundary_keeps_its_text():
    rows, _ = one(HEAD + b"Content-Type: multipart/mixed; boundary=x\n\nHello\n")
    assert rows[0].text == "Hello"


def test_mail_without_sender_is_rejected_and_the_rest_is_kept():
    mailbox = b"From - \nSubject: whose?\n\nx\n\nFrom - \n" + HEAD + b"\nHello\n"
    rows, rejected = read(EMAIL, MemoryCapture(mailbox))
    assert [error.reason for error in rejected] == ["mail without sender"]
    assert len(of(rows, Post)) == 1


def test_is_not_every_file_with_fields():
    for head in (
        b"HTTP/1.1 200 OK\nDate: x\nServer: y\n",
        b"From: <Saved by Blink>\nSubject: page\nDate: x\nMIME-Version: 1.0\n",
        b"From a person to another, with words\n",
    ):
        assert EMAIL.recognise(Sample(name="x", head=head, size=len(head))) == 0


@given(st.lists(st.sampled_from([b"Hello\n", b">From y\n", b"From Russia\n", b"\n"]), max_size=20))
def test_mails_lose_no_byte(lines):
    mailbox = (b"From - \n" + HEAD + b"\n" + b"".join(lines)) * 3
    found = list(mails(MemoryCapture(mailbox).open()))
    assert b"".join(found) == mailbox
    assert len(found) == 3


@given(st.recursive(st.sampled_from(["a", "b\n\nc", "--x"]), st.lists, max_leaves=12))
def test_parts_are_those_of_the_standard_library(tree):
    """An independent program takes the same mail apart."""
    mail = HEAD + composed(tree, "r")
    theirs = [
        part.get_payload(decode=True).rstrip()
        for part in email.message_from_bytes(mail).walk()
        if not part.is_multipart() and part.get_content_maintype() != "multipart"
    ]
    ours = [part.content.rstrip() for part in parts(*taken_apart(mail), set())]
    assert ours == theirs


def composed(tree, boundary):
    if isinstance(tree, str) or not tree:
        return b"Content-Type: text/plain\n\n" + (tree or "nothing").encode() + b"\n"
    inner = [composed(part, f"{boundary}-{number}") for number, part in enumerate(tree)]
    mark = f"\n--{boundary}\n".encode()
    head = f'Content-Type: multipart/mixed; boundary="{boundary}"\n\n'.encode()
    return head + mark + mark.join(inner) + f"\n--{boundary}--\n".encode()
