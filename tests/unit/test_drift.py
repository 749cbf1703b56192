"""A platform changes its format: what is new and what is gone is said, with counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clew import add_files
from clew.case.drift import changes, fields_of, known_fields
from clew.contract import Source, Status, plugins
from clew.formats.json_fields import Observed, count, missing, parse
from tests.captures import MemoryCapture, file_capture, fixtures_of, options_of, pieces
from tests.case.exports import make_case

ROOT = Path(__file__).parents[2]
LISTS = sorted((ROOT / "src/clew/sources/fields").glob("*.txt"))
KNOWN = parse("# comment\n.id!\n.text\n.user!\n.sizes\nuser.name!\nuser.tweet\nsizes.*\nsizes.*.w!")


def counted(*records: object) -> dict[str, int]:
    return dict(count((("", record) for record in records), KNOWN))


def test_fields_are_counted_where_their_object_stands():
    post = {"id": 1, "user": {"name": "mira", "badge": {"x": 1}}, "sizes": {"9x9": {"w": 9}}}
    assert counted(post, {"id": 2, "next": 1}) == {
        ".": 2,
        ".id": 2,
        ".user": 1,
        "user.": 1,
        "user.name": 1,
        "user.badge?": 1,  # what is inside is not looked at
        ".sizes": 1,
        "sizes.": 1,
        "sizes.*": 1,
        "sizes.*.": 1,
        "sizes.*.w": 1,
        ".next?": 1,
    }


def test_names_that_are_no_names_are_counted_together():
    odd = {f"\u202e{number} !": number for number in range(1000)}
    assert counted(odd) == {".": 1, ".*?": 1000}


def test_a_field_is_gone_if_none_of_many_has_it():
    counts = count((("", {"id": 1, "user": {}}) for _ in range(20)), KNOWN)
    assert list(missing(KNOWN, counts, 20)) == [("user.name", 20)]
    few = count((("", {"id": 1, "user": {}}) for _ in range(19)), KNOWN)
    assert list(missing(KNOWN, few, 20)) == []


def test_a_list_grows_and_forgets_nothing():
    seen = Observed()
    for number in range(20):
        seen.add("", {"id": number, "user": {"name": "a"}, "9": {"w": 1}})
    lines = list(seen.lines({}))
    assert lines == [".*!", ".id!", ".user!", ".*.w!", "user.name!"]
    more = Observed()
    for number in range(20):
        more.add("", {"id": number, "new": 1, "user": {}})
    grown = list(more.lines(parse("\n".join(lines))))
    assert grown == [".*", ".id!", ".new", ".user!", ".*.w", "user.name"]


def test_brackets_without_end_are_no_matter():
    value: dict[str, object] = {}
    for _ in range(200):
        value = {"user": value}
    assert count([("", value)], parse(".user\nuser.user"))["user.user"] == 40


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_own_fixtures_bring_nothing_new(path):
    """Else: `python -m tests.json_fields`, and look at what it changed."""
    source = plugins(Source)[path.stem]
    for fixture in fixtures_of(path.stem):
        for piece in pieces(source, file_capture(fixture), **options_of(fixture)):
            assert not changes(path.stem, fields_of(path.stem, piece)), fixture


def test_every_reader_of_json_has_a_list():
    """Else: `python -m tests.json_fields NAME`. A table's columns are what its mapping says."""
    of_json = {
        name
        for name in plugins(Source)
        if any(".json" in path.name or path.suffix == ".js" for path in fixtures_of(name))
    }
    assert {name for name in of_json - {"table"} if known_fields(name) is None} == set()


SLACK = ROOT / "tests/fixtures/sources/slack_export/export/harbour/2024-07-08.json"


def test_an_import_says_what_is_new(tmp_path):
    messages = json.loads(SLACK.read_text())
    for message in messages[:3]:
        message["mood_ring"] = {"colour": "blue"}
    path = tmp_path / "2024-07-08.json"
    path.write_text(json.dumps(messages))
    case = make_case(tmp_path / "case")
    (record,) = add_files(case, [path])
    assert record.outcome.status is Status.PARTIAL
    assert record.outcome.notes["new in the format: field mood_ring, not read"] == 3
    case.close()


def test_far_too_many_new_fields_are_summed_up():
    data = json.dumps([{"ts": "1.0", "type": "message", **{f"f{n}": n for n in range(500)}}])
    capture = MemoryCapture(data.replace("1.0", "1720432800.000100").encode())
    (piece,) = pieces(plugins(Source)["slack_export"], capture)
    found = changes("slack_export", fields_of("slack_export", piece))
    assert len(found) == 21
    assert found["new in the format: further fields, not read"] == 480
