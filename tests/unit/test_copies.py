"""Near copies of texts: what is joined, what is not, on every engine alike."""

import ibis
import pyarrow as pa
import pytest

from bench.copies import HAN, LATIN, Texts, _rows, families
from clew.measures.copies import LEAST_SHARED, near_copies

_SAID = "The bridge over the river was closed this morning after heavy rain fell in the night"
_HAN_SAID = "今天早上大雨之后河上的桥被关闭了请大家绕行注意安全"
_THAI_SAID = "สะพานข้ามแม่น้ำถูกปิดเมื่อเช้านี้หลังจากฝนตกหนักในตอนกลางคืน"


def copies(engine: ibis.BaseBackend, texts: list[str | None]) -> list[tuple[str, str] | None]:
    """(exact_id, copy_id) of each text; None: it is left out."""
    data = pa.table(
        {"post_id": [str(number) for number in range(len(texts))], "text": texts},
        schema=pa.schema({"post_id": pa.string(), "text": pa.string()}),
    )
    if engine.name == "duckdb":
        given = engine.create_table("texts_given", data, temp=True, overwrite=True)
    else:
        engine._session.createDataFrame(data).createOrReplaceTempView("texts_given")
        given = engine.table("texts_given")
    found = near_copies(given).to_pyarrow().to_pylist()
    named = {int(row["post_id"]): (row["exact_id"], row["copy_id"]) for row in found}
    assert len(named) == len(found)
    return [named.get(number) for number in range(len(texts))]


@pytest.mark.parametrize(
    ("one", "other", "exact", "near"),
    [
        (_SAID, _SAID.upper(), True, True),
        (_SAID, f"  RT @some_body: {_SAID}\n", True, True),
        (_SAID, f"@you @me {_SAID.replace(' ', '   ')}", True, True),
        (_SAID, _SAID.replace("bridge", "br\u200bidge"), True, True),
        (_SAID, f"{_SAID} https://a.example/1", False, True),
        (f"{_SAID} https://b.example/2", f"{_SAID} https://a.example/1", False, True),
        (_SAID, _SAID.replace("morning", "evening"), False, True),
        (_SAID, f"BREAKING: {_SAID}!!!", False, True),
        (_SAID, _SAID.replace("bridge", "road").replace("heavy", "light")[:60], False, False),
        ("Bridge closed", "bridge  CLOSED", True, True),
        ("Read this https://a.example/1", "Read this https://a.example/2", False, False),
        ("the bridge is closed today", "the bridge is closed today!", False, False),
        (_HAN_SAID, _HAN_SAID.replace("早", "晚"), False, True),
        (_HAN_SAID, _HAN_SAID[::-1], False, False),
        (_THAI_SAID, f"{_THAI_SAID} https://a.example", False, True),
        (_THAI_SAID, _THAI_SAID.replace("เช้า", "เย็น"), False, True),
        (
            "Мост через реку закрыт утром после сильного дождя",
            "МОСТ ЧЕРЕЗ РЕКУ ЗАКРЫТ УТРОМ ПОСЛЕ СИЛЬНОГО ДОЖДЯ",
            True,
            True,
        ),
        ("Η γέφυρα έκλεισε σήμερα", "Η ΓΈΦΥΡΑ ΈΚΛΕΙΣΕ ΣΉΜΕΡΑ", True, True),
    ],
)
def test_what_is_a_copy_of_what(duckdb, one, other, exact, near):
    first, second = copies(duckdb, [one, other])
    assert (first[0] == second[0]) is exact
    assert (first[1] == second[1]) is near


@pytest.mark.parametrize("text", [None, "", " \t\u00a0", "@somebody", "RT @somebody", "\u200b"])
def test_a_text_with_nothing_to_compare_is_left_out(duckdb, text):
    assert copies(duckdb, [text, "said"])[0] is None


def test_engines_agree(engine, duckdb):
    """Texts with everything that engines might see differently."""
    texts = [text for *_, text in families(Texts(2, LATIN, gap=" ", shortest=10), 30)]
    texts += [text for *_, text in families(Texts(3, HAN, gap="", shortest=20), 20)]
    texts += [
        "İSTANBUL ΟΔΟΣ",
        "a\x0bb\x1cc",
        "\u0085x\u2028y",
        "👍🏽" * 20,
        "a" * 20_000,
        "x " * 9_000,
    ]
    texts += [f"{_SAID} {number}" for number in range(20)] + [
        None,
        "",
        "ǅ ß ŉ ﬁ",
        "\U00020000" * 30,
    ]
    assert copies(engine, texts) == copies(duckdb, texts)


def test_the_order_of_posts_does_not_matter(duckdb):
    texts = [text for *_, text in families(Texts(4, LATIN, gap=" ", shortest=10), 40)]
    assert copies(duckdb, texts[::-1])[::-1] == copies(duckdb, texts)


def test_exact_copies_are_near_copies(duckdb):
    texts = [text for *_, text in families(Texts(5, LATIN, gap=" ", shortest=6), 100)]
    of: dict[str, str] = {}
    for exact_id, copy_id in copies(duckdb, texts):
        assert of.setdefault(exact_id, copy_id) == copy_id


def test_generated_edits_are_found_and_nothing_else(duckdb):
    made = list(families(Texts(6, LATIN, gap=" ", shortest=10), 200))
    found = copies(duckdb, [text for *_, text in made])
    rows = [_rows(words, 3) for _, _, words, _ in made]
    alike = missed = 0
    for one in range(len(made)):
        for other in range(one):
            together = found[one][1] == found[other][1]
            if made[one][0] != made[other][0]:
                assert not together
            elif len(rows[one] & rows[other]) >= LEAST_SHARED * len(rows[one] | rows[other]):
                alike += 1
                missed += not together
    assert alike > 1_000
    assert missed <= 0.05 * alike


def test_texts_of_shuffled_words_are_no_copies(duckdb):
    made = Texts(7, LATIN, gap=" ", shortest=10)
    words = made.words_of(20)
    texts = []
    for _ in range(100):
        made.random.shuffle(words)
        texts.append(" ".join(words))
    assert len({copy_id for _, copy_id in copies(duckdb, texts)}) == len(set(texts))


def test_a_phrase_that_everybody_uses_joins_nobody(duckdb):
    made = Texts(8, LATIN, gap=" ", shortest=10)
    stock = "according to well informed circles in the capital "
    texts = [stock + " ".join(made.words_of(16)) for _ in range(300)]
    assert len({copy_id for _, copy_id in copies(duckdb, texts)}) == len(texts)


def test_a_text_of_which_thousands_make_copies(duckdb):
    """Each is compared with the one that most posts have, not with all the others."""
    texts = [_SAID] * 50 + [f"{_SAID} number {number}" for number in range(5_000)]
    found = copies(duckdb, texts)
    assert len({copy_id for _, copy_id in found}) == 1
    assert len({exact_id for exact_id, _ in found}) == 5_001
