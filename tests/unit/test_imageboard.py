"""Field by field: what the answers of five imageboard engines become."""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from clew.contract import Sample
from clew.errors import SourceUnusable
from clew.model.tables import Account, Channel, Interaction, Link, Media, Post, Row
from clew.model.times import Micros, from_iso, to_datetime
from clew.sources.imageboard import IMAGEBOARD
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/imageboard"
START = from_iso("2024-07-08T10:00:00Z")


def fixture(name: str, **options: str) -> list[Row]:
    rows, rejected = read(IMAGEBOARD, file_capture(FIXTURES / name), **options)
    assert not rejected
    return rows


def said(row: Row) -> dict[str, object]:
    """What a row records, without what is the same in all rows."""
    return {
        name: value
        for name in row.__struct_fields__
        if name not in ("platform", "time_quality") and (value := getattr(row, name)) is not None
    }


def of(rows: list[Row], kind: type[Row], number: int) -> list[dict[str, object]]:
    return [
        said(row)
        for row in rows
        if type(row) is kind and row.post_id.endswith(f"/{number}")  # type: ignore[attr-defined]
    ]


@pytest.fixture(scope="module")
def thread() -> list[Row]:
    return fixture("thread.json", site="4chan", board="inv")


BOARD = "imageboard:4chan/inv"


def test_first_post(thread):
    assert of(thread, Post, 7000001) == [
        {
            "post_id": f"{BOARD}/7000001",
            "kind": "post",
            "account_id": f"{BOARD}/7000001/aB3dE9xZ",
            "author_name": "Anonymous",
            "channel_id": BOARD,
            "thread_id": f"{BOARD}/7000001",
            "posted_at": START,
            "title": "Harbour & cranes",
            "text": "Who saw the crane fall?\n>be me\nhttps://news.example/story",
            "reply_count": 4,
            "place": "Austria",
        }
    ]
    assert of(thread, Media, 7000001) == [
        {
            "post_id": f"{BOARD}/7000001",
            "kind": "photo",
            "media_key": "1720432800123",
            "name": "crane.png",
            "size_bytes": 345417,
            "width_px": 913,
            "height_px": 716,
            "md5": "b02673583fb6330b60064133ce6e3b1e",
            "posted_at": START,
        }
    ]


def test_time_is_the_second_and_not_the_text_in_eastern_time(thread):
    (post,) = of(thread, Post, 7000001)
    assert to_datetime(Micros(post["posted_at"])).isoformat() == "2024-07-08T10:00:00+00:00"


def test_a_tripcode_is_an_account_of_the_site(thread):
    (post,) = of(thread, Post, 7000005)
    assert post["account_id"] == "imageboard:4chan/!!Inv3ntedTr1"
    assert "author_name" not in post, "it is the account's name"
    assert "place" not in post, "4chan does not know the country: XX"
    account = next(row for row in thread if isinstance(row, Account) and row.name)
    assert said(account) == {
        "account_id": "imageboard:4chan/!!Inv3ntedTr1",
        "handle": "!!Inv3ntedTr1",
        "name": "Invented",
    }
    assert of(thread, Link, 7000005) == [
        {
            "post_id": f"{BOARD}/7000005",
            "url": "https://video.example/w",
            "title": "video",
            "posted_at": START + 60 * 10**6,
        }
    ]


def test_every_quoted_post_is_answered_once(thread):
    acts = of(thread, Interaction, 7000009)
    assert [act["target_post_id"] for act in acts] == [
        f"{BOARD}/7000005",
        f"{BOARD}/7000001",
        f"{BOARD}/6990000",
        "imageboard:4chan/zz/55",
        f"{BOARD}/7000003",  # gone: a dead link
    ]
    assert {act["kind"] for act in acts} == {"reply"}
    assert {act["account_id"] for act in acts} == {f"{BOARD}/7000001/aB3dE9xZ"}
    (post,) = of(thread, Post, 7000009)
    assert post["reply_to_post_id"] == f"{BOARD}/7000005"
    assert post["tags"] == '["Invented Party"]', "a flag that the author chose"


def test_staff_has_no_poster_id(thread):
    (post,) = of(thread, Post, 7000010)
    assert "account_id" not in post
    assert post["author_name"] == "Anonymous ## mod"


def test_a_deleted_file_leaves_a_post_without_text(thread):
    (post,) = of(thread, Post, 7000012)
    assert "text" not in post
    assert not of(thread, Media, 7000012)


def test_catalogue_and_page_give_the_same_rows_as_the_thread(thread):
    for name in ("catalog.json", "page.json"):
        rows = fixture(name, site="4chan", board="inv")
        assert of(rows, Post, 7000001) == of(thread, Post, 7000001)
        assert Counter(type(row) for row in rows)[Post] == {"catalog.json": 2, "page.json": 3}[name]


def test_list_of_boards():
    assert [said(row) for row in fixture("boards.json")] == [
        {
            "channel_id": BOARD,
            "kind": "board",
            "handle": "inv",
            "name": "Invented",
            "description": '"/inv/ - Invented" is a board that does not exist.',
        },
        {"channel_id": "imageboard:4chan/zz", "kind": "board", "handle": "zz", "name": "Nothing"},
    ]


@pytest.mark.parametrize(
    ("name", "channel"),
    [
        ("a.4cdn.org/inv/thread/7000001.json", "imageboard:4chan/inv"),
        ("saved.zip/boards.4chan.org/inv/thread/7000001.json", "imageboard:4chan/inv"),
        ("boards.example/inv/res/7000001.json", "imageboard:boards.example/inv"),
        ("inv/thread/7000001.json", "imageboard:4chan/inv"),
        ("saved.zip/inv/thread/7000001.json", "imageboard:4chan/inv"),
        ("7000001.json", None),
        ("inv/7000001.json", None),
    ],
)
def test_board_from_the_name(name, channel):
    capture = MemoryCapture((FIXTURES / "thread.json").read_bytes(), name=name)
    rows, _ = read(IMAGEBOARD, capture)
    posts = [row for row in rows if isinstance(row, Post)]
    assert {post.channel_id for post in posts} == {channel}
    if channel is None:
        assert posts[0].post_id == "imageboard:4chan/thread7000001/7000001"
        assert posts[2].reply_to_post_id == "imageboard:4chan/thread7000001/7000005"


def test_lines_are_numbered_by_post_through_all_pieces(monkeypatch):
    from clew.formats import lines

    capture = file_capture(FIXTURES / "threads.ndjson")
    monkeypatch.setattr(lines.cut_lines, "__kwdefaults__", {"target": 700, "longest": 64 << 20})
    cut = pieces(IMAGEBOARD, capture, board="inv")
    counts = [len(list(IMAGEBOARD.items(piece))) for piece in cut]
    assert len(cut) == 3
    assert counts == [4, 4, 4], "three posts and the board"
    assert [piece.first_item for piece in cut] == [0, 4, 8]


def test_vichan():
    rows = fixture("vichan.json", site="boards.example", board="hall")
    assert [row["name"] for row in of(rows, Media, 31)] == ["one.jpg", "two.pdf"]
    assert "width_px" not in of(rows, Media, 31)[1], "0 is no width"
    (post,) = of(rows, Post, 33)
    assert post["account_id"] == "imageboard:boards.example/!abcDEF1234", "not the poster id"
    assert post["reply_to_post_id"] == "imageboard:boards.example/hall/31"
    assert not of(rows, Media, 33), "its file was deleted"
    assert of(rows, Post, 34)[0]["text"] == "one\ntwo", "lines of infinity"


def test_makaba():
    rows = fixture("makaba.json")
    board = next(row for row in rows if isinstance(row, Channel))
    assert said(board) == {
        "channel_id": "imageboard:2ch/inv",
        "kind": "board",
        "handle": "inv",
        "name": "Выдумки",
        "description": "Доска, которой нет",
    }
    (post,) = of(rows, Post, 501)
    assert post["title"] == 'Порт "Север"'
    assert (post["like_count"], post["tags"], post["place"]) == (3, '["port"]', "AT")
    picture, video = of(rows, Media, 501)
    assert picture["size_bytes"] == 2787 * 1024
    assert picture["name"] == "кран.png"
    assert (video["kind"], video["duration_s"]) == ("video", 65)
    (answer,) = of(rows, Post, 502)
    assert answer["reply_to_post_id"] == answer["thread_id"] == "imageboard:2ch/inv/501"
    (closing,) = of(rows, Post, 503)
    assert closing["author_name"] == "mod"
    assert "account_id" not in closing


def test_lynxchan():
    rows = fixture("lynxchan.json")
    (post,) = of(rows, Post, 1534)
    assert post["text"] == "Hallo & Grüße\nzwei", "as typed, not as HTML"
    assert post["posted_at"] == from_iso("2024-07-08T10:00:01.564Z")
    (answer,) = of(rows, Post, 1535)
    assert answer["account_id"] == "imageboard:lynxchan/!Inv.5zo2"
    assert answer["edited_at"] == from_iso("2024-07-08T10:02:00Z")
    assert answer["reply_to_post_id"] == "imageboard:lynxchan/a/1534"
    assert of(rows, Post, 1536)[0]["author_name"] == "Bernd ## Global janitor"
    (listed,) = [row for row in fixture("lynxchan_catalog.json") if isinstance(row, Post)]
    assert (listed.posted_at, listed.time_quality, listed.reply_count) == (None, "missing", 181)


def test_jschan():
    rows = fixture("jschan.json")
    (post,) = of(rows, Post, 90)
    assert (post["place"], post["reply_count"]) == ("Austria", 2)
    assert of(rows, Media, 90)[0]["duration_s"] == 408.1643
    (answer,) = of(rows, Post, 91)
    assert answer["text"] == ">>90\nI agree & more"
    assert answer["tags"] == '["Pirate"]', "a flag that the author chose is no country"
    assert answer["edited_at"] == from_iso("2024-07-08T11:30:18.633Z")
    assert of(rows, Post, 92)[0]["author_name"] == "Staff ## Global Staff"
    listed = [row.post_id for row in fixture("jschan_page.json") if isinstance(row, Post)]
    assert listed == [f"imageboard:jschan/inv/{number}" for number in (90, 92, 99)]


def test_one_bad_post_costs_only_itself():
    answer = json.loads((FIXTURES / "thread.json").read_bytes())
    answer["posts"][0]["time"] = 10**12
    answer["posts"][1]["com"] = ["no", "text"]
    answer["posts"][2]["md5"] = "c2hvcnQ="
    rows, rejected = read(IMAGEBOARD, MemoryCapture(json.dumps(answer).encode()), board="inv")
    assert sum(isinstance(row, Post) for row in rows) == 2
    assert Counter(error.reason for error in rejected) == {
        "time out of range": 1,
        "unexpected structure": 2,
    }


def test_a_tail_does_not_overwrite_the_first_post():
    tail = {"posts": [{"no": 5, "tail_size": 1, "tail_id": 8}, {"no": 9, "resto": 5, "time": 9}]}
    capture = MemoryCapture(json.dumps(tail).encode())
    (piece,) = pieces(IMAGEBOARD, capture, board="inv")
    posts = [
        row
        for item in IMAGEBOARD.items(piece)
        for row in IMAGEBOARD.rows(item, piece)
        if isinstance(row, Post)
    ]
    assert [post.post_id for post in posts] == ["imageboard:vichan/inv/9"]
    assert piece.notes["number of a post without the post: not read"] == 1


def test_half_an_answer_is_refused():
    data = (FIXTURES / "thread.json").read_bytes()
    with pytest.raises(SourceUnusable):
        read(IMAGEBOARD, MemoryCapture(data[: len(data) // 2]))


@pytest.mark.parametrize(
    "head", [b"", b"no resto time now", b'{"no":1,"time":2}', b'{"posts":[]}', b'{"id":1,"now":2}']
)
def test_other_files_are_not_claimed(head):
    assert IMAGEBOARD.recognise(Sample(name="x.json", head=head, size=len(head))) == 0


# ------------------------------------------------------------------------------------- recordings

ENGINES = "formats/imageboard_engines/lib/engine"


def recorded(path: Path) -> bytes:
    """The first JSON value of a JavaScript file."""
    text = path.read_text()
    start = re.search(r"(?:export default|API_RESPONSE_1 =|INPUT =)\s*(?=[\[{])", text)
    assert start
    value, _ = json.JSONDecoder().raw_decode(text[start.end() :])
    return json.dumps(value).encode()


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            "4chan/thread/parseThreadResponse.test.input.1.js",
            "parseThreadResponse.test.output.1.js",
        ),
        ("lynxchan/thread/parseThreadResponse.test.input.1.js", None),
        ("jschan/thread/parseThreadResponse.test.input.js", "parseThreadResponse.test.output.js"),
        (
            "jschan/thread/parseThreadsPageResponse.test.input.js",
            "parseThreadsPageResponse.test.output.js",
        ),
        ("jschan/thread/parseThreadsResponse.test.input.js", "parseThreadsResponse.test.output.js"),
        ("makaba/thread/parseThreadResponse.test.js", None),
        ("makaba/thread/parseThreadResponse.legacy.test.js", None),
    ],
)
def test_recordings_against_the_imageboard_library(shared_data, answer, expected):
    """Numbers, times and answered posts as the library `imageboard` expects them."""
    path = shared_data / ENGINES / answer
    capture = MemoryCapture(recorded(path), name="answer.json")
    assert IMAGEBOARD.recognise(capture.sample) >= 0.9
    rows, rejected = read(IMAGEBOARD, capture)
    assert not rejected
    posts = [row for row in rows if isinstance(row, Post)]
    output = (path.parent / (expected or path.name.replace("input", "output"))).read_text()
    times = re.findall(r"createdAt\"?: new Date\(['\"]([^'\"]+)", output)
    if "makaba" not in answer:  # that file has other ids, too
        numbers = set(re.findall(r"\bid\"?: (\d+)\b", output))
        assert {post.post_id.rsplit("/", 1)[1] for post in posts} == numbers
    assert {post.posted_at for post in posts} == {from_iso(time) for time in times}
    lists = re.findall(r"inReplyToIds(?:Removed)?\"?: \[([\d,\s]*)\]", output)
    quoted = Counter(number for numbers in lists for number in re.findall(r"\d+", numbers))
    ours = Counter(
        row.target_post_id.rsplit("/", 1)[1] for row in rows if isinstance(row, Interaction)
    )
    if quoted:  # the library does not list quoted posts of other threads
        assert quoted <= ours
        assert not {post.post_id.rsplit("/", 1)[1] for post in posts} & set(ours - quoted)


@pytest.mark.shared_data
@pytest.mark.parametrize(
    "answer",
    [
        "4chan/thread/parseThreadsResponse.test.input.1.js",
        "lynxchan/thread/parseThreadsResponse.test.input.1.js",
        "makaba/thread/parseThreadsResponse.test.js",
        "makaba/thread/parseThreadsPageResponse.test.js",
    ],
)
def test_recorded_lists_against_a_plain_walk(shared_data, answer):
    data = recorded(shared_data / ENGINES / answer)
    rows, rejected = read(IMAGEBOARD, MemoryCapture(data, name="answer.json"))
    assert not rejected
    found: list[int] = []
    digests: list[str] = []
    waiting = [json.loads(data)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            number = node.get("no") or node.get("num") or node.get("threadId")
            found += [number] if number else []
            digests += [node["md5"]] if "md5" in node else []
            node = list(node.values())
        waiting += [below for below in node if isinstance(below, dict | list)]
    posts = [row for row in rows if isinstance(row, Post)]
    assert Counter(int(post.post_id.rsplit("/", 1)[1]) for post in posts) == Counter(found)
    ours = [row.md5 for row in rows if isinstance(row, Media) and row.md5]
    assert sorted(ours) == sorted(
        base64.b64decode(digest).hex() if digest.endswith("=") else digest for digest in digests
    )
