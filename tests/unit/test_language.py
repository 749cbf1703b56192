"""Is the language of a post named rightly, and is unknown said where nothing is known?"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pyarrow as pa
import pytest

from bench.language import calibration_error, score
from bench.language_texts import TEST, WORDS, Labelled, as_posts, fold, sentences, tweets
from clew.annotators import language
from clew.annotators.language import LANGUAGE, LONGEST, Stance, annotate, calibration, words_of
from clew.contract import Annotator, plugins
from clew.model.tables import TABLE_OF, Language

INVENTED = {
    "ar": "غدا صباحا نذهب إلى البحر إذا لم ينزل المطر.",
    "bg": "Утре сутринта отиваме на морето, ако не вали дъжд.",
    "cs": "Zítra ráno pojedeme vlakem na chalupu k babičce.",
    "cy": "Bore yfory byddwn yn mynd i'r traeth os na fydd hi'n bwrw glaw.",
    "da": "I morgen tidlig tager vi toget ud til stranden og spiser is.",
    "de": "Der letzte Bus fuhr heute ohne uns los, wie ärgerlich.",
    "el": "Αύριο το πρωί πάμε στη θάλασσα αν δεν βρέξει.",
    "en": "The night ferry was late again and nobody told us why.",
    "es": "Mañana vamos a la playa con los vecinos y sus perros.",
    "fa": "فردا صبح اگر باران نبارد به دریا می‌رویم.",
    "fi": "Huomenna aamulla menemme rannalle, jos ei sada.",
    "fr": "Le marché ouvre demain matin malgré la pluie annoncée.",
    "hbs": "Sutra ujutro idemo na more ako bude lijepo vrijeme.",
    "he": "מחר בבוקר ניסע לים אם לא ירד גשם.",
    "hi": "कल सुबह अगर बारिश नहीं हुई तो हम समुद्र जाएंगे।",
    "hu": "Holnap reggel a tengerhez megyünk, ha nem esik az eső.",
    "id": "Besok pagi kami pergi ke pantai karena cuaca sangat bagus.",
    "it": "Stasera ceniamo da mia sorella, porta tu il vino.",
    "ja": "雨が降らなければ明日の朝は海に行きます。",
    "ko": "비가 오지 않으면 내일 아침에 바다에 갑니다.",
    "mk": "Утре наутро ќе одиме на езеро ако не врне дожд.",
    "nl": "Morgen gaan we met de fiets naar het strand.",
    "no": "I morgen tidlig skal vi ta båten ut og fiske hvis det ikke regner.",
    "pl": "Jutro rano jedziemy nad morze, jeśli nie będzie padać.",
    "pt": "Amanhã vou trabalhar mais cedo porque não há comboio.",
    "ro": "Mâine dimineață mergem la mare dacă nu plouă.",
    "ru": "Завтра утром мы едем на море, если не будет дождя.",
    "sr": "Сутра ујутру идемо на море ако буде лепо време.",
    "sv": "I morgon åker vi till stugan och badar i sjön.",
    "sw": "Kesho asubuhi tutakwenda ufukweni kama mvua haitanyesha.",
    "th": "พรุ่งนี้เช้าเราจะไปทะเลถ้าฝนไม่ตก",
    "tr": "Yarın sabah yağmur yağmazsa denize gidiyoruz.",
    "uk": "Завтра вранці їдемо на море, якщо не буде дощу.",
    "ur": "کل صبح اگر بارش نہ ہوئی تو ہم سمندر جائیں گے۔",
    "vi": "Sáng mai chúng tôi đi biển nếu trời không mưa.",
    "zh": "如果不下雨，我们明天早上去海边。",
}


def posts(texts: list[str | None], kind: pa.DataType | None = None) -> pa.RecordBatch:
    """A batch of posts as the case hands it to an annotator."""
    count = len(texts)
    return pa.RecordBatch.from_pydict(
        {
            "post_id": pa.array([f"x:{number}" for number in range(count)], pa.string()),
            "platform": pa.array(["x"] * count, pa.string()),
            "posted_at": pa.array(range(count), pa.timestamp("us", "UTC")),
            "text": pa.array(texts, kind or pa.string()),
        }
    )


def named(*texts: str) -> list[str | None]:
    return annotate(posts(list(texts)))["language"].to_pylist()


def words(text: str) -> str:
    return words_of(pa.array([text], pa.string()))[0].as_py()


# ------------------------------------------------------------------------------------- answers


@pytest.mark.parametrize("code", INVENTED)
def test_names_the_language_of_a_sentence(code):
    assert named(INVENTED[code]) == [code]


@pytest.mark.parametrize("code", INVENTED)
def test_links_handles_tags_emoji_and_code_change_nothing(code):
    bare = annotate(posts([INVENTED[code]]))
    dressed = annotate(
        posts(
            [
                f"RT @nora_falke: {INVENTED[code]} https://quartz.example/aB3?x=1&y=2 😀🔥 #news "
                f"`pip install quartz` 2026 nora@mail.example build/out/main.py &amp;"
            ]
        )
    )
    assert dressed == bare


@pytest.mark.parametrize("code", INVENTED)
def test_capitals_change_nothing(code):
    assert named(INVENTED[code].upper()) == [code]


def test_direction_marks_and_invisible_characters_change_nothing():
    marked = "\u202b" + "\u200f ".join(INVENTED["he"].split()) + "\u202c"
    cut = "\u200b".join(INVENTED["en"])
    assert annotate(posts([marked, cut])) == annotate(posts([INVENTED["he"], INVENTED["en"]]))


def test_the_prevailing_language_of_a_mixed_post_is_named():
    assert named(f"{INVENTED['de']} {INVENTED['de']} ok cool", f"lol {INVENTED['ja']}") == [
        "de",
        "ja",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\t",
        "😀😂🔥",
        "🇺🇦👩‍👩‍👧",
        "12345 67,89 €",
        "https://quartz.example/ein/langer/pfad",
        "@nora_falke @tide",
        "#breaking #новини",
        "```\nfor each in things:\n    print(each)\n```",
        "`SELECT name FROM accounts`",
        "x = foo(bar_baz); y += 1",
        "C:\\windows\\system32 /usr/share/doc/readme.md",
        "d41d8cd98f00b204e9800998ecf8427e",
        "?!... --- ¿¡",
        "\x00\x01\x1b[31m",
        "’ ' \u200d",
    ],
)
def test_what_holds_no_words_is_unknown(text):
    row = annotate(posts([text])).to_pylist()[0]
    assert (row["language"], row["confidence"]) == (None, None)


@pytest.mark.parametrize("text", ["ok", "taxi", "haha", "no", "gn"])
def test_a_word_of_many_languages_is_unknown(text):
    assert named(text) == [None]


@pytest.mark.parametrize(
    "text",
    [
        "Għada filgħodu mmorru l-baħar jekk ma tagħmilx ix-xita.",  # Maltese
        "سبا سهار به موږ سمندر ته لاړ شو که باران ونه شي.",  # Pashto: not Persian
        "Berri subax ayaan badda aadaynaa haddii aan roob da'in.",  # Somali
    ],
)
def test_a_language_that_was_not_measured_is_unknown(text):
    assert named(text) == [None]


def test_serbo_croatian_in_latin_letters_is_one_language():
    latin = ["Sutra ujutru idemo na more ako bude lepo vreme.", INVENTED["hbs"]]
    assert named(*latin) == ["hbs", "hbs"]


def test_only_the_beginning_of_a_long_text_is_looked_at():
    start = (INVENTED["fr"] + " ") * 100
    long = start + (INVENTED["el"] + " ") * 25_000
    assert len(start) > LONGEST
    assert len(long) > 1_000_000
    assert annotate(posts([long])) == annotate(posts([start]))


# --------------------------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Look: https://t.example/aB3 now", "Look now"),
        ("見てhttps://t.example/aB3今日", "見て 今日"),  # Japanese goes on without a space
        ("www.quartz.example/x и www.пример.test/путь дальше", "и дальше"),
        ("a RT of http", "a of"),
        ("hello @tide@social.example bye", "hello bye"),
        ("ﬁne 𝓱𝓮𝓵𝓵𝓸 Ｆｕｌｌ", "fine hello Full"),
        ("cafe\u0301", "café"),
        ("to\u00adgeth\u200ber", "together"),
        ("می\u200cرویم", "می\u200cرویم"),
        ("don't, it’s", "don't it’s"),
        ("CVE-2026-12345 in main.py und {{config}}", "in und"),
    ],
)
def test_words_of(text, expected):
    assert words(text).split() == expected.split()


def test_the_detectors_take_every_character():
    points = [chr(each) for each in range(sys.maxunicode + 1) if not 0xD800 <= each < 0xE000]
    texts = ["".join(points[at : at + 64]) for at in range(0, len(points), 64)]
    assert annotate(posts(texts)).num_rows == len(texts)


# --------------------------------------------------------------------------------------- shape


def test_a_row_for_each_post_with_text_in_order():
    rows = annotate(posts([INVENTED["en"], None, "", INVENTED["th"]])).to_pylist()
    assert [row["post_id"] for row in rows] == ["x:0", "x:2", "x:3"]
    assert [row["language"] for row in rows] == ["en", None, "th"]
    assert [row["posted_at"].microsecond for row in rows] == [0, 2, 3]
    assert {row["platform"] for row in rows} == {"x"}


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
@pytest.mark.parametrize("texts", [[], [None], ["Guten Morgen, wie geht es dir heute?", None]])
def test_columns_are_those_of_the_table(kind, texts):
    table = TABLE_OF[Language].arrow
    expected = pa.schema([table.field(name) for name in Language.__struct_fields__])
    assert annotate(posts(texts, kind)).schema.equals(expected)


def test_is_the_one_annotator_of_its_file():
    assert plugins(Annotator)["language"] is LANGUAGE
    assert set(LANGUAGE.reads) == {"post_id", "platform", "posted_at", "text"}


def test_works_in_a_spawned_process():
    batch = posts(list(INVENTED.values()))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert pool.submit(annotate, batch).result() == annotate(batch)


# --------------------------------------------------------------------------------- calibration


def test_every_stance_has_a_weight_for_every_term():
    fitted = calibration()
    seen = language.observe(words(INVENTED["en"]))
    assert seen is not None
    assert set(fitted.weights) == set(Stance)
    assert {len(weights) for weights in fitted.weights.values()} == {len(seen.terms)}
    assert 0.5 <= fitted.answer_from < 1


def test_confidence_grows_with_the_text():
    sure = [
        annotate(posts([" ".join(INVENTED["it"].split()[:count])]))["confidence"][0].as_py() or 0
        for count in (1, 3, 9)
    ]
    assert sure == sorted(sure)
    assert sure[0] < sure[-1]


def test_an_objection_lowers_the_confidence():
    seen = language.observe(words(INVENTED["sv"]))
    assert seen is not None
    assert seen.stance is Stance.AGREES
    against = seen._replace(stance=Stance.OBJECTS)
    assert calibration().confidence(against) < calibration().confidence(seen)


# ----------------------------------------------------------------------------------- real texts


def answers(texts: list[Labelled]) -> list[tuple[Labelled, tuple[str | None, float | None]]]:
    rows = annotate(posts([text.text for text in texts]))
    guesses = zip(rows["language"].to_pylist(), rows["confidence"].to_pylist(), strict=True)
    return list(zip(texts, guesses, strict=True))


def test_invented_sentences_as_posts_are_answered_and_calibrated():
    """The sibling of the two tests below, on our own texts."""
    texts = [Labelled(code, 0, text) for code, text in INVENTED.items()] * 20
    found = answers(as_posts(texts))
    assert score(found).answered > 0.98
    assert score(found).right > 0.98
    assert calibration_error(found) < 0.05


@pytest.mark.shared_data
def test_short_cuts_of_real_sentences(shared_data):
    floors = {1: 0.64, 2: 0.80, 3: 0.88, 5: 0.93, 8: 0.96, 0: 0.97}
    found = answers(as_posts(sentences(shared_data, TEST)[::3]))
    for count in WORDS:
        part = [pair for pair in found if pair[0].words == count]
        assert score(part).answered > floors[count], count
        assert score(part).right > 0.95, count
        assert calibration_error(part) < 0.02, count
    for code in {fold(text.language) for text, _ in found}:
        assert score(pair for pair in found if pair[0].language == code).right > 0.94, code


@pytest.mark.shared_data
def test_real_posts(shared_data):
    found = answers(tweets(shared_data)[0])
    assert score(found).answered > 0.95
    assert score(found).right > 0.985
    assert calibration_error(found) < 0.02
