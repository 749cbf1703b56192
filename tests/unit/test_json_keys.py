"""How are keys respelt?"""

from __future__ import annotations

from clew.formats.json_keys import snake_keys


def test_keys_are_respelt_and_values_stay():
    given = {"userId": "aB", "tagList": [{"tagName": "cD"}], "note_id": 1, "Id": None}
    assert snake_keys(given, 3) == {
        "user_id": "aB",
        "tag_list": [{"tag_name": "cD"}],
        "note_id": 1,
        "id": None,
    }


def test_what_lies_deeper_stays():
    assert snake_keys({"aB": {"cD": 1}}, 1) == {"a_b": {"cD": 1}}
    assert snake_keys({"aB": [{"cD": 1}]}, 2) == {"a_b": [{"cD": 1}]}
