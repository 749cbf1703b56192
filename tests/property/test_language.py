"""Whatever is posted, the language annotator answers each post by itself, and never fails."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from clew.annotators.language import annotate, calibration, words_of

_HOSTILE = st.sampled_from(
    [
        "\x00",
        "\u202e",
        "\u200d",
        "```",
        "`",
        "https://",
        "@",
        "#",
        "&",
        "＠",
        "﷽",
        "ǅ",
        "\U000e0041",
    ]
)
_TEXTS = st.lists(st.none() | st.text() | st.lists(_HOSTILE | st.text(), max_size=30).map("".join))


def _posts(texts: list[str | None]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict(
        {
            "post_id": pa.array([f"x:{number}" for number in range(len(texts))], pa.string()),
            "platform": pa.array(["x"] * len(texts), pa.string()),
            "posted_at": pa.nulls(len(texts), pa.timestamp("us", "UTC")),
            "text": pa.array(texts, pa.string()),
        }
    )


@given(_TEXTS)
def test_every_text_gets_one_row_and_an_answer_is_sure_enough(texts):
    rows = annotate(_posts(texts)).to_pylist()
    assert len(rows) == sum(text is not None for text in texts)
    for row in rows:
        assert (row["language"] is None) == (row["confidence"] is None)
        if row["language"] is not None:
            assert row["language"].isalpha()
            assert len(row["language"]) in (2, 3)
            assert calibration().answer_from <= row["confidence"] < 1


@given(_TEXTS, st.data())
def test_splitting_a_batch_changes_nothing(texts, data):
    at = data.draw(st.integers(0, len(texts)))
    batch = _posts(texts)
    parts = [annotate(batch.slice(0, at)), annotate(batch.slice(at))]
    assert (
        pa.Table.from_batches(parts).combine_chunks()
        == pa.Table.from_batches([annotate(batch)]).combine_chunks()
    )


@given(st.text())
def test_words_are_letters_and_cleaning_them_again_changes_nothing(text):
    once = words_of(pa.array([text], pa.string()))
    (words,) = once.to_pylist()
    assert not any(char.isdigit() and char.isascii() for char in words)
    assert not any(char.isspace() and char != " " for char in words)
    assert "\x00" not in words
    assert words_of(once)[0].as_py().split() == words.split()
