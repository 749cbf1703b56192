"""Which mapping does `table` propose for a file? One that its own reader takes."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clew.errors import SourceUnusable
from clew.model.tables import Account, Channel, Interaction, Link, Post
from clew.sources.table import TABLE, dry_run, propose
from tests.captures import MemoryCapture, file_capture, read
from tests.hostile import HOSTILE

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/table"


def proposed(data: str | bytes, name: str = "a.csv") -> tuple[str, dict]:
    capture = MemoryCapture(data.encode() if isinstance(data, str) else data, name)
    text = propose(capture, "p")
    dry_run(capture, text)
    return text, tomllib.loads(text)


def test_a_file_of_posts():
    data = (
        "id;author_id;username;date;text;likes;in_reply_to;lang;hashtags;links;mood\n"
        "1;11;oona;05.03.2026 10:15;a tide;4;NULL;en;sea;https://e.example;calm\n"
        "2;12;bosun;25.03.2026 11:00;a tide;4;1;en;;;rough\n"
    )
    text, mapping = proposed(data)
    assert mapping == {
        "platform": "p",
        "file": {"format": "csv", "delimiter": ";", "encoding": "utf-8", "null": ["NULL"]},
        "posts": {
            "post_id": "id",
            "account_id": "author_id",
            "posted_at": {"column": "date", "format": "%d.%m.%Y %H:%M", "zone": "unknown"},
            "text": "text",
            "like_count": "likes",
            "reply_to_post_id": "in_reply_to",
            "language_claimed": "lang",
            "tags": {"column": "hashtags", "split": ","},
        },
        "accounts": {"handle": "username"},
        "interactions": [{"kind": {"value": "reply"}, "target_post_id": "in_reply_to"}],
        "links": [{"url": {"column": "links", "split": ","}}],
    }
    assert '# Columns without a use: "mood"' in text
    assert "an IANA name such as" in text
    rows, rejected = read(TABLE, MemoryCapture(data.encode(), "a.csv"), mapping=text)
    assert not rejected
    assert {type(row) for row in rows} == {Post, Account, Interaction, Link}


def test_without_ids_one_is_made_of_content():
    text, mapping = proposed("Author,Posted,Message\na,2026-03-02T10:00:00Z,hello\n")
    assert mapping["posts"]["post_id"] == {"hash_of": ["Author", "Posted", "Message"]}
    assert mapping["posts"]["account_id"] == "Author"
    assert mapping["posts"]["posted_at"] == {"column": "Posted", "format": "iso"}
    assert "no column of ids was found" in text


def test_by_what_the_cells_look_like():
    rows = [f"{n},{1772439330 + n},some longer words of number {n},{n % 2}" for n in range(9)]
    _, mapping = proposed("a,b,c,d\n" + "\n".join(rows) + "\n")
    assert mapping["posts"]["posted_at"] == {"column": "b", "format": "unix"}
    assert mapping["posts"]["text"] == "c"


def test_day_and_month_that_could_be_the_other():
    text, mapping = proposed("id,date,text\n1,05/03/2026 10:15,x\n")
    assert mapping["posts"]["posted_at"]["format"] == "%d/%m/%Y %H:%M"
    assert "# %m/%d/%Y %H:%M would fit as well: which comes first?" in text


def test_ids_that_repeat():
    text, _ = proposed("chat,id,date,text\na,1,2026-03-02 10:00,x\nb,1,2026-03-02 10:00,y\n")
    assert "# The ids repeat" in text
    assert tomllib.loads(text)["channels"] == {"name": "chat"}


def test_nested_records():
    line = {"id": 1, "user": {"id": 2, "username": "oona"}, "created_at": 1772439330, "text": "x"}
    _, mapping = proposed(json.dumps(line) + "\n" + json.dumps(line | {"id": 3}), "a.jsonl")
    assert mapping["posts"]["account_id"] == "user.id"
    assert mapping["accounts"] == {"handle": "user.username"}


@pytest.mark.parametrize(
    ("encoding", "expected"), [("utf-8", "utf-8"), ("cp1251", "cp1251"), ("utf-16", "utf-16")]
)
def test_encodings(encoding, expected):
    data = "Номер\tДата\tТекст\n1\t01.02.2026\tТекст повідомлення\n".encode(encoding)
    _, mapping = proposed(data, "a.tsv")
    assert mapping["file"] == {"format": "tsv", "delimiter": "\t", "encoding": expected}
    assert mapping["posts"]["text"] == "Текст"
    assert proposed("id,text\n1,café crème\n".encode("latin-1"))[1]["file"]["encoding"] == "cp1252"


@pytest.mark.parametrize(
    "path", sorted(path for path in FIXTURES.iterdir() if path.suffix in (".csv", ".tsv", ".jsonl"))
)
def test_proposals_for_the_fixtures_can_be_used(path):
    capture = file_capture(path)
    trial = dry_run(capture, propose(capture, "p"))
    assert trial.mapped
    assert not trial.missing


@pytest.mark.parametrize("data", ["", "id,text\n", "\n\n"])
def test_a_file_without_records(data):
    with pytest.raises(SourceUnusable, match=r"no record was found|no row 1"):
        proposed(data)


@given(st.lists(st.text(min_size=1) | st.sampled_from([*HOSTILE.values()]), min_size=1, max_size=6))
def test_any_names_of_columns_give_a_mapping(names):
    cells = dict.fromkeys(names, "1")
    line = json.dumps(cells).encode("utf-8", "replace") + b"\n"
    text, mapping = proposed(line, 'quoted"\n\x7f name.jsonl')
    assert mapping["platform"] == "p"
    assert len(text) < 10_000_000


def test_channels_and_accounts_take_their_ids_from_the_post():
    data = "id,author,channel,date,text\n1,oona,gauges,2026-03-02T10:00:00Z,x\n"
    text, _ = proposed(data)
    rows, _ = read(TABLE, MemoryCapture(data.encode(), "a.csv"), mapping=text)
    post, account, channel = rows
    assert isinstance(account, Account)
    assert isinstance(channel, Channel)
    assert (post.account_id, post.channel_id) == ("p:oona", "p:gauges")
    assert (account.account_id, channel.channel_id) == ("p:oona", "p:gauges")
