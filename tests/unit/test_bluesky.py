"""What does `bluesky` say of each field? Invented fixtures, and recordings of the real network."""

from __future__ import annotations

import io
import json
from collections import Counter
from pathlib import Path

import libipld
import pytest
from backports import zstd

from clew.case.reading import whole
from clew.errors import ItemError, SourceUnusable
from clew.model.tables import Account, Deletion, Interaction, Link, Media, Post, Row
from clew.model.times import from_iso
from clew.sources.bluesky import BLUESKY
from clew.sources.bluesky.binary import frame_lines, frames, repo_records
from tests.bluesky_files import block, car, commit_frame, frame, recording, repository
from tests.captures import MemoryCapture, file_capture, pieces, read, said

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/bluesky"
LENA = "bluesky:did:plc:lena2222222222222222lena"
OTTO = "bluesky:did:web:otto.example"
MIRA = "bluesky:did:plc:mira2222222222222222mira"
SEEN = 1770091506000000  # 2026-02-03T04:05:06Z


def post_id(account: str, key: str) -> str:
    return f"bluesky:at://{account.removeprefix('bluesky:')}/app.bsky.feed.post/{key}"


FIRST, REPLY, QUOTED = post_id(LENA, "3kfirst"), post_id(OTTO, "3kreply"), post_id(MIRA, "3kquoted")


def rows_of(name: str) -> list[Row]:
    rows, rejected = read(BLUESKY, file_capture(FIXTURES / name))
    assert not rejected, rejected
    return rows


def lines_of(*lines: object) -> MemoryCapture:
    return MemoryCapture("\n".join(map(json.dumps, lines)).encode())


def notes_of(capture: MemoryCapture) -> Counter[str]:
    notes: Counter[str] = Counter()
    for piece in pieces(BLUESKY, capture):
        assert list(whole(BLUESKY, piece))
        notes += piece.notes
    return notes


def of(rows: list[Row], kind: type[Row], /, **known: object) -> list[Row]:
    return [
        row
        for row in rows
        if type(row) is kind and all(getattr(row, name) == value for name, value in known.items())
    ]


def one(rows: list[Row], kind: type[Row], /, **known: object) -> Row:
    (row,) = set(of(rows, kind, **known))
    return row


@pytest.fixture(scope="module")
def jetstream() -> list[Row]:
    return rows_of("jetstream.jsonl")


# ---------------------------------------------------------------------------------------- records


def test_post(jetstream):
    at = from_iso("2026-02-03T04:05:06.789Z")
    assert said(one(jetstream, Post, post_id=FIRST)) == {
        "post_id": FIRST,
        "kind": "post",
        "account_id": LENA,
        "thread_id": FIRST,
        "posted_at": at,
        "time_quality": "claimed",
        "text": "Böote 🚢 at boats.example.com with @otto.example #Harbour",
        "language_claimed": "de",
        "tags": '["Harbour","hidden"]',
    }
    assert said(one(jetstream, Link, post_id=FIRST)) == {
        "post_id": FIRST,
        "url": "https://boats.example.com/list",
        "title": "boats.example.com",  # bytes 12 to 29, characters 8 to 25
        "posted_at": at,
    }
    assert said(one(jetstream, Media, post_id=FIRST)) == {
        "post_id": FIRST,
        "kind": "photo",
        "media_key": "bafkreias7oxbr6swsuggccmtnqpoeami4jza5x4w3urltn6gzhqf4k6k2e",
        "mime": "image/jpeg",
        "size_bytes": 4321,
        "width_px": 1200,
        "height_px": 800,
        "alt_text": "A boat",
        "posted_at": at,
    }
    assert said(one(jetstream, Interaction, post_id=FIRST)) == {
        "kind": "mention",
        "account_id": LENA,
        "target_account_id": OTTO,
        "post_id": FIRST,
        "happened_at": at,
        "time_quality": "claimed",
    }


def test_reply_with_quote_and_film(jetstream):
    post = one(jetstream, Post, post_id=REPLY)
    assert post.posted_at == from_iso("2026-02-03T04:00:00Z")
    assert (post.thread_id, post.reply_to_post_id) == (post_id(MIRA, "3kroot"), FIRST)
    assert post.quote_of_post_id == QUOTED
    acts = [
        (act.kind, act.target_account_id, act.target_post_id)
        for act in of(jetstream, Interaction, post_id=REPLY)
    ]
    assert acts == [("reply", LENA, FIRST), ("quote", MIRA, QUOTED)]
    film = one(jetstream, Media, post_id=REPLY)
    assert (film.kind, film.mime, film.alt_text) == ("video", "video/mp4", "A film")
    assert (film.width_px, film.height_px) == (16, 9)


def test_page(jetstream):
    post = one(jetstream, Post, post_id=post_id(OTTO, "3kpage"))
    assert post.text is None
    assert said(one(jetstream, Link, post_id=post.post_id)) == {
        "post_id": post.post_id,
        "url": "https://news.example.net/1",
        "title": "News",
        "description": "All news",
        "posted_at": from_iso("2026-02-03T06:00:00Z"),
    }


def test_acts(jetstream):
    like = one(jetstream, Interaction, kind="react")
    assert said(like) == {
        "kind": "react",
        "account_id": OTTO,
        "target_account_id": LENA,
        "target_post_id": FIRST,
        "happened_at": from_iso("2026-02-03T04:06:00Z"),
        "time_quality": "claimed",
        "value": "like",
    }
    repost = one(jetstream, Interaction, kind="repost")
    shown_again = one(jetstream, Post, kind="repost")
    assert repost.post_id == shown_again.post_id
    assert repost.target_post_id == shown_again.repost_of_post_id == FIRST
    assert shown_again.post_id.endswith("/app.bsky.feed.repost/3krepost")
    assert one(jetstream, Interaction, kind="follow").target_account_id == LENA
    assert one(jetstream, Interaction, kind="block").target_account_id == MIRA


def test_accounts(jetstream):
    assert said(one(jetstream, Account, account_id=LENA)) == {
        "account_id": LENA,
        "name": "Lena of the Harbour",
        "description": "Boats & <bridges>",
    }
    assert one(jetstream, Account, account_id=OTTO).handle == "otto.example"
    assert one(jetstream, Account, account_id=MIRA).is_deleted is True


def test_deletion_has_the_time_of_the_network(jetstream):
    assert said(one(jetstream, Deletion)) == {
        "post_id": post_id(MIRA, "3kgone"),
        "deleted_at": SEEN,
        "account_id": MIRA,
    }


def test_update_and_claims_that_are_far_off(jetstream):
    post = one(jetstream, Post, text="written anew")
    assert post.edited_at == SEEN
    assert post.posted_at == from_iso("2025-01-01T00:00:00Z")
    assert notes_of(file_capture(FIXTURES / "jetstream.jsonl")) == {
        "createdAt more than a day off the time at which the network saw it": 1,
        "app.bsky.feed.like taken back: not read": 1,
        "com.example.boat: not read": 1,
    }


def test_time_of_the_network_if_none_is_claimed():
    commit = {"operation": "create", "collection": "app.bsky.feed.post", "rkey": "3k"}
    line = {"did": "did:plc:a", "time_us": SEEN, "kind": "commit"}
    for record in ({"text": "x"}, {"text": "x", "createdAt": "soon"}):
        rows, _ = read(BLUESKY, lines_of(line | {"commit": commit | {"record": record}}))
        assert (rows[0].posted_at, rows[0].time_quality) == (SEEN, "utc")


# --------------------------------------------------------------------------------- other containers


def test_frames_say_the_same_as_lines(jetstream):
    assert rows_of("frames.bin") == jetstream


def test_frame_with_two_records():
    like, deletion = rows_of("frame.bin")
    assert like.kind == "react"
    assert deletion.post_id == post_id(OTTO, "3kgone")


def test_repository_says_the_same_as_lines(jetstream):
    rows = rows_of("repo.car")
    assert one(rows, Post) == one(jetstream, Post, post_id=FIRST)
    assert one(rows, Media) == one(jetstream, Media, post_id=FIRST)
    assert one(rows, Account) == one(jetstream, Account, account_id=LENA)
    assert {act.kind for act in of(rows, Interaction)} == {"mention", "react", "follow"}


def test_recording_that_was_broken_off_loses_its_last_frame(jetstream):
    data = (FIXTURES / "frames.bin").read_bytes()
    for broken, lost in ((data[:-5], 1), (data + b"\1", 0)):
        rows, rejected = read(BLUESKY, MemoryCapture(broken))
        assert rows == jetstream[: len(jetstream) - lost]
        assert [item.reason for item in rejected] == ["not a frame"]


def test_what_is_no_recording():
    data = (FIXTURES / "frames.bin").read_bytes()
    with pytest.raises(SourceUnusable, match="no length of a frame"):
        read(BLUESKY, MemoryCapture(data + b"\xff" * 9))


def test_faulty_frame_costs_itself():
    good = commit_frame(
        "did:plc:a", "2026-01-01T00:00:00Z", ("delete", "app.bsky.feed.post/1", None)
    )
    no_map = b"\x01\x02"
    no_ops = frame("commit", {"repo": "did:plc:a", "time": "2026-01-01T00:00:00Z"})
    capture = MemoryCapture(recording(good, no_map, no_ops, good))
    rows, rejected = read(BLUESKY, capture)
    assert len(rows) == 2
    assert [item.reason for item in rejected] == ["unexpected structure"] * 2


def test_frames_of_other_kinds_are_noted():
    sync = frame("sync", {"did": "did:plc:a", "time": "2026-01-01T00:00:00Z"})
    assert notes_of(MemoryCapture(recording(sync))) == {"sync events: not read": 1}


def test_car_file_that_is_no_repository():
    blocks: dict[bytes, bytes] = {}
    link = block({"not": "a commit"}, blocks)
    with pytest.raises(SourceUnusable, match="no commit"):
        read(BLUESKY, MemoryCapture(car(link, blocks)))
    with pytest.raises(SourceUnusable, match="no CAR"):
        read(BLUESKY, MemoryCapture(car(link, blocks)[:-9]))


def test_record_that_is_not_in_the_file_costs_itself():
    path, lost = "app.bsky.feed.post/1", "app.bsky.feed.post/2"
    whole_repo = repository("did:plc:a", {path: {"text": "here"}, lost: {"text": "gone"}})
    blocks: dict[bytes, bytes] = {}
    part = block({"text": "gone"}, blocks) + b"".join(blocks.values())
    partial = whole_repo.replace(bytes([len(part)]) + part, b"")
    assert len(partial) < len(whole_repo)
    rows, rejected = read(BLUESKY, MemoryCapture(partial))
    assert [row.text for row in of(rows, Post)] == ["here"]
    assert [item.reason for item in rejected] == ["record not in the file"]


def test_tree_that_bites_its_tail_ends():
    """Links are hashes, so a file cannot hold a cycle unless its hashes are wrong."""
    blocks: dict[bytes, bytes] = {}
    link = block({"l": None, "e": []}, blocks)
    looped = {link: libipld.encode_dag_cbor({"l": link, "e": []})}
    root = block({"did": "did:plc:a", "data": link, "version": 3, "rev": "x"}, looped)
    assert list(repo_records(car(root, looped))) == []


# ------------------------------------------------------------------------------------- the API


def test_author_feed():
    rows = rows_of("author_feed.json")
    first = one(rows, Post, post_id=FIRST)
    assert (first.like_count, first.reply_count, first.repost_count) == (3, 1, 2)
    assert first.quote_count == 0
    assert one(rows, Media, post_id=FIRST).url == "https://cdn.example.com/full.jpg"
    assert one(rows, Media, post_id=REPLY).url == "https://video.example.com/p.m3u8"
    quoted = one(rows, Post, post_id=QUOTED)
    assert (quoted.text, quoted.like_count, quoted.account_id) == ("quoted words", 9, MIRA)
    repost = one(rows, Post, kind="repost")
    assert (repost.account_id, repost.repost_of_post_id) == (OTTO, FIRST)
    assert (repost.posted_at, repost.time_quality) == (from_iso("2026-02-03T04:07:01Z"), "utc")
    assert said(one(rows, Account, account_id=LENA)) == {
        "account_id": LENA,
        "handle": "lena.example",
        "name": "Lena",
        "avatar_url": "https://cdn.example.com/lena.example.jpg",
        "created_at": from_iso("2024-01-01T00:00:00Z"),
    }


def test_thread_and_search():
    rows = rows_of("thread.json")
    assert {row.post_id for row in of(rows, Post)} == {FIRST, REPLY, QUOTED}
    assert notes_of(file_capture(FIXTURES / "thread.json")) == {
        "posts of a thread that the service does not show": 1
    }
    assert [row.post_id for row in of(rows_of("search.json"), Post)] == [FIRST]


def test_followers():
    rows = rows_of("followers.json")
    assert {
        (act.kind, act.account_id, act.target_account_id, act.time_quality)
        for act in of(rows, Interaction)
    } == {("follow", OTTO, LENA, "missing"), ("follow", MIRA, LENA, "missing")}
    mira = one(rows, Account, account_id=MIRA)
    assert (mira.followers_count, mira.following_count, mira.posts_count) == (12, 3, 45)
    assert mira.description == "Ship's cook"


def test_answers_in_lines():
    rows = rows_of("answers.jsonl")
    like, repost, follow = of(rows, Interaction)
    assert (like.kind, like.account_id, like.target_post_id) == ("react", OTTO, FIRST)
    assert (like.happened_at, like.time_quality) == (from_iso("2026-02-03T04:06:00Z"), "claimed")
    assert (repost.kind, repost.account_id, repost.target_post_id) == ("repost", MIRA, FIRST)
    assert (follow.account_id, follow.target_account_id) == (LENA, MIRA)
    assert one(rows, Link).title == "News"


def test_notifications():
    notice = {
        "uri": "at://did:web:otto.example/app.bsky.feed.like/3k",
        "cid": "x",
        "author": {"did": "did:web:otto.example", "handle": "otto.example"},
        "reason": "like",
        "record": {
            "createdAt": "2026-02-03T04:06:00Z",
            "subject": {"uri": FIRST.removeprefix("bluesky:"), "cid": "x"},
        },
        "indexedAt": "2026-02-03T04:06:01Z",
    }
    rows, rejected = read(BLUESKY, lines_of({"notifications": [notice], "cursor": "x"}))
    assert not rejected
    act = one(rows, Interaction)
    assert (act.kind, act.account_id, act.target_post_id) == ("react", OTTO, FIRST)


def test_facets_out_of_range():
    record = {
        "text": "é",
        "createdAt": "2026-01-01T00:00:00Z",
        "facets": [
            {"index": {"byteStart": start, "byteEnd": stop}, "features": [{"uri": f"https://{n}"}]}
            for n, (start, stop) in enumerate([(-9, 1), (1, 900), (5, 2), (10**18, 10**18)])
        ],
    }
    uri = "at://did:plc:a/app.bsky.feed.post/1"
    rows, rejected = read(BLUESKY, lines_of({"uri": uri, "cid": "x", "value": record}))
    assert not rejected
    assert [link.title for link in of(rows, Link)] == ["\ufffd", "\ufffd", None, None]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"did": "did:plc:a", "time_us": SEEN, "kind": "commit"}, "unexpected structure"),
        ({"uri": "x", "cid": "", "value": {}}, "address unreadable"),
        (
            {"uri": "at://did:plc:a/app.bsky.feed.post/1", "value": {"text": ["x"]}},
            "unexpected structure",
        ),
        ({"did": "did:plc:a", "handle": 7}, "unexpected structure"),
    ],
)
def test_faulty_records(line, reason):
    rows, rejected = read(BLUESKY, lines_of(line, line))
    assert not rows
    assert [item.reason for item in rejected] == [reason] * 2


# ------------------------------------------------------------------------------- real recordings


@pytest.fixture(scope="module")
def corpus(shared_data) -> Path:
    return shared_data / "formats/bsky_jetstream/internal/corpus/testdata"


@pytest.mark.shared_data
def test_150_frames_give_the_152_lines_of_the_server(corpus):
    """The same moments as the network's relay sent them and as Jetstream in production did."""
    recorded = zstd.decompress((corpus / "frames.bin.zst").read_bytes())
    ours = [line for data in frames(io.BytesIO(recorded)) for line in frame_lines(data)]
    expected = (corpus / "expected_v1.jsonl").read_bytes()
    theirs = [json.loads(line) for line in expected.splitlines()]
    assert len(ours) == len(theirs) == 152
    for line in (*ours, *theirs):
        del line["time_us"]  # each server has its own clock
    assert ours == theirs


@pytest.mark.shared_data
def test_frames_and_lines_give_the_same_rows(corpus):
    recorded = zstd.decompress((corpus / "frames.bin.zst").read_bytes())
    from_frames, rejected = read(BLUESKY, MemoryCapture(recorded))
    assert not rejected
    from_lines, rejected = read(BLUESKY, file_capture(corpus / "expected_v1.jsonl"))
    assert not rejected

    def known(rows):
        return Counter(row for row in rows if not isinstance(row, Deletion))

    assert known(from_frames) == known(from_lines)
    assert len(of(from_frames, Deletion)) == len(of(from_lines, Deletion)) == 1
    assert len(of(from_frames, Post)) == 32


@pytest.mark.shared_data
def test_repository_has_the_records_that_others_list(corpus):
    found = list(repo_records((corpus / "repo.car").read_bytes()))
    assert not any(isinstance(record, ItemError) for record in found)
    listed = [(record["uri"].split("/", 3)[3], record["cid"]) for record in found]
    expected = (corpus / "car_expected_records.tsv").read_text().splitlines()
    assert listed == [tuple(line.split("\t")) for line in expected]


@pytest.mark.shared_data
def test_answers_of_the_real_api(shared_data):
    folder = shared_data / "formats/atproto_py/tests/test_atproto_client/models/test_data"
    follows = json.loads((folder / "get_follows.json").read_text())
    rows, rejected = read(BLUESKY, file_capture(folder / "get_follows.json"))
    assert not rejected
    assert len(of(rows, Account)) == len(of(rows, Interaction)) == len(follows["follows"])
    rows, rejected = read(BLUESKY, file_capture(folder / "thread_view_post_with_embed_media.json"))
    assert not rejected
    assert (len(of(rows, Post)), len(of(rows, Media))) == (2, 1)


@pytest.mark.shared_data
def test_agrees_with_granary(shared_data):
    """Granary's tests pair each post with what it means in ActivityStreams 1."""
    folder = shared_data / "formats/granary/granary/tests/testdata"
    compared = 0
    for path in sorted(folder.glob("*.bsky.json")):
        partner = path.with_name(path.name.replace(".bsky.", ".as-from-bsky."))
        capture = file_capture(path)
        if not partner.exists() or BLUESKY.recognise(capture.sample) == 0:
            continue
        rows, rejected = read(BLUESKY, capture)
        assert not rejected, path.name
        expected = json.loads(partner.read_text())
        for post in of(rows, Post, post_id=f"bluesky:{expected.get('id')}"):
            compared += 1
            assert post.text == expected.get("content"), path.name
            assert bool(expected.get("inReplyTo")) == bool(post.reply_to_post_id), path.name
    assert compared >= 3
