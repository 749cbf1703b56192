"""Whatever is posted: nothing crashes, spans are right, posts are answered one by one."""

from __future__ import annotations

import time

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clew.annotators.observables import annotate
from clew.formats.sightings import refang, scan, written
from clew.model.values import VALUE_TYPES
from tests.addresses import base58check, monero, onion, ripple, solana, stellar, ton

# What values are made of, and what is written around them.
PIECES = st.sampled_from(
    [
        ".", "[.]", "(dot)", " [.] ", "。", "\\.", "@", "[at]", " at ", " dot ", "#", "：", ":",
        "[:]", "://", "hxxps", "https://", "//", "/", "?", "&u=", "-", "_", "+", "(", ")", "[",
        "]", "<", ">", "a", "example", "com", "The", "org", "it", "md", "exe", "1", "255", "0",
        "2001", "db8", "::", "fe80::1", "v", "CVE-2021-", "44228", "T1059", "AS", "64496",
        "HKLM\\", "\\", "Run", "rule ", "{", "arn:aws:s3:::", "0x", "f0" * 16, "bc1q",
        "+44 20 7946 0123", "GB33", " ", "\n", "\0", "\u200b", "\u200d", "\u202e", "\u0301",
        "\ufe0f", "é", "例", "привет", "рф", "😀", "𝐞", "ｅ", "ß", "İ", "ﬃ", "١", "\x7f", "\u2028",
        "\U000e0041", "'s", "’", "…", "%", "~", "$", "`", base58check(b"\0"), ripple(), monero(),
        solana(), stellar(), ton(), onion(), "https://example.com/a", "example.org",
        "jo@example.org", "203.0.113.9", "@jo", "#tag",
    ]
)  # fmt: skip
TEXTS = st.text(max_size=60) | st.lists(PIECES, max_size=25).map("".join)
POSTS = st.lists(st.none() | TEXTS, max_size=8)


def posts(texts: list[str | None]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict(
        {
            "post_id": pa.array([f"x:{number}" for number in range(len(texts))], pa.string()),
            "platform": pa.array(["x"] * len(texts), pa.string()),
            "posted_at": pa.nulls(len(texts), pa.timestamp("us", "UTC")),
            "text": pa.array(texts, pa.string()),
        }
    )


@given(POSTS)
@example(["\ufe0f.\ufe0f", "a.\u0301com", "@\u200d.", "http://[::", "http://[", "#\u200c"])
def test_spans_lie_where_the_original_stands(texts):
    keys = set()
    for row in annotate(posts(texts)).to_pylist():
        text = texts[int(row["post_id"].partition(":")[2])]
        assert text[row["start"] : row["stop"]] == row["original"] != ""
        key = (row["post_id"], row["kind"], row["start"], row["stop"])
        assert key not in keys
        keys.add(key)


@given(POSTS)
def test_every_value_is_canonical(texts):
    for row in annotate(posts(texts)).to_pylist():
        assert VALUE_TYPES[row["kind"]].clean(row["value"]) == row["value"]


@given(POSTS, st.data())
def test_splitting_a_batch_changes_nothing(texts, data):
    batch = posts(texts)
    cut = data.draw(st.integers(0, len(texts)))
    parts = [annotate(batch.slice(0, cut)), annotate(batch.slice(cut))]
    assert pa.concat_batches(parts) == annotate(batch)


@given(st.lists(st.none() | TEXTS, max_size=5), TEXTS)
def test_a_post_is_answered_whatever_stands_around_it(others, text):
    alone = annotate(posts([text])).drop_columns("post_id").to_pylist()
    batch = annotate(posts([*others, text, *others]))
    own = [row for row in batch.to_pylist() if row["post_id"] == f"x:{len(others)}"]
    assert [{**row, "post_id": None} for row in own] == [{**row, "post_id": None} for row in alone]


@given(st.sampled_from(sorted(VALUE_TYPES)), TEXTS)
def test_cleaning_what_is_clean_changes_nothing(kind, text):
    clean = VALUE_TYPES[kind].clean
    value = clean(text)
    assert value is None or clean(value) == value


LABEL = st.from_regex(r"[a-z][a-z0-9]{1,9}", fullmatch=True)
HOSTS = st.builds("{}.{}.{}".format, LABEL, LABEL, st.sampled_from(["com", "org", "example"]))
DOTS = st.sampled_from(["[.]", "(.)", "{.}", "[dot]", "(dot)", " [.] ", "[.", ".]", "。", "\\."])
SCHEMES = st.sampled_from(["hxxps://", "hXXps://", "https[:]//", "h**ps[:]//", "https[://]"])


@given(HOSTS, DOTS, SCHEMES)
def test_whatever_is_defanged_is_refanged_once_and_for_all(host, dot, scheme):
    defanged = scheme + host.replace(".", dot) + "/a"
    assert refang(defanged) == f"https://{host}/a"
    assert refang(refang(defanged)) == refang(defanged)
    (row, *_) = annotate(posts([f"see {defanged} now"])).to_pylist()
    assert (row["kind"], row["value"]) == ("url", f"https://{host}/a")
    assert row["is_defanged"]
    assert row["original"] == defanged


@given(TEXTS)
def test_the_short_way_of_refanging_is_the_long_one(text):
    assert refang(text) == written._ADDRESS.sub(written._refanged, text)


@given(HOSTS, DOTS)
def test_a_defanged_host_alone(host, dot):
    (row,) = annotate(posts([f"({host.replace('.', dot)})"])).to_pylist()
    assert (row["kind"], row["value"], row["is_defanged"]) == ("domain", host, True)


# ------------------------------------------------------------------------------------- linear time

UNITS = [
    ".com[/]]hxxp", "x.com/)", "x.com/(a",
    "a.", "1.1.", "1.1.1.1 ", "a@", "@a@b.", "http://", "http://a.bb/xhttp", "tcp:__a.bb:",
    "x.com/", "https://a.bb/?u=", "a.b+", "(", "http://a.bb/)", "a[.]", "a [.] ", "::", "1:",
    "+1 ", "HKLM\\a ", "HKLM\\a\\", "arn:aws:s3:::a\n", "rule a : ", "0", "f0", "é.", "a例.",
    "a\u200b.", "@a.", "_", "-", "self.id/", "The.", "a.The.", "GB33 AAAA ", "#", "#a",
    "yara a_", "1.1.1.1/", "0x", "[", "\\", " at a dot ",
]  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
def test_time_grows_with_the_text_and_not_with_its_square(unit):
    def seconds(size: int) -> float:
        data = (unit * (size // len(unit.encode()) + 1)).encode()
        best = 60.0
        for _ in range(2):
            started = time.process_time()
            scan(data)
            best = min(best, time.process_time() - started)
        return best

    small = max(seconds(12_000), 0.001)
    # Ten times the text in a hundred times the time would be its square; noise doubles a time.
    assert seconds(120_000) < 35 * small
