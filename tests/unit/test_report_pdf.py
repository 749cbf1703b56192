"""Is the PDF the same report: marked, linked, readable, and without a box for a letter?"""

from __future__ import annotations

import dataclasses
import io
import re

import msgspec
import pyarrow as pa
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clew.case.report.blocks import Picture, Quote
from clew.case.report.compose import compose
from clew.case.report.content import Limits
from clew.case.report.pdf import render_pdf
from clew.case.report.plots import draw
from clew.case.report.quoting import excerpt, inert
from clew.case.report.write import write_pdf
from clew.contract import Finding, Plot, PlotKind
from tests.hostile import HOSTILE
from tests.reports import captures, mandate, quoted, sample, series_plot, week_plot

ALONE = {"system_fonts": False}  # typst's own fonts: the same on every machine

# Letters, and what is set on, joined to or hidden between them.
_ODD = st.sampled_from(
    'a1Ωжאلक今👩❤🏽\u0301\u20e3\ufe0f\u200d\u200c\u0e33\u17d2\u2066🇩🇪\u093f&<>" '
) | (st.characters(exclude_categories=["Cs"]))


def pdf(content, limits=None, **fonts) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(render_pdf(compose(content, limits), **(fonts or ALONE))))


def text_of(reader: pypdf.PdfReader) -> str:
    return "\n".join(page.extract_text() for page in reader.pages)


def squeezed(text: str) -> str:
    return re.sub(r"\s|\u200b", "", text)


def with_texts(texts: list[str]):
    """The sample, with one section that cites one post for each text."""
    posts = [quoted(number, text) for number, text in enumerate(texts, start=1)]
    finding = Finding(summary="All of them.", evidence=tuple(post.post_id for post in posts))
    section = dataclasses.replace(sample().sections[0], findings=(finding,), plots=())
    return sample(sections=(section,), posts={post.post_id: post for post in posts})


@pytest.fixture(scope="module")
def reader() -> pypdf.PdfReader:
    return pdf(sample())


def test_every_page_is_marked_twice_and_numbered(reader):
    pages = [page.extract_text() for page in reader.pages]
    assert len(pages) > 3
    for number, text in enumerate(pages, start=1):
        lines = [
            line for line in text.splitlines() if "TLP:AMBER" in line and ":AMBER:" not in line
        ]
        assert len(lines) == 2, number
        assert f"{number} / {len(pages)}" in text


def test_it_says_what_the_page_says(reader):
    text = squeezed(text_of(reader))
    for expected in (
        "Operation Kite",
        "@kite_17 (telegram:user1) posts between 08:00 and 18:00 UTC",
        "very likely (86 %)",
        "A scheduler would give the same rhythm",
        "Join us tonight at 21:00, everyone! Details: hxxps://news[.]example/join?id=7",
        "time out of range: 3× in C1",
        captures()[0].capture_id,
    ):
        assert squeezed(expected) in text


def test_references_lead_within_and_nothing_leads_out(reader):
    annotations = [
        annotation.get_object() for page in reader.pages for annotation in page.get("/Annots", ())
    ]
    assert len(annotations) > 20
    assert all(annotation["/Subtype"] == "/Link" for annotation in annotations)
    assert all("/Dest" in annotation or annotation["/A"]["/S"] == "/GoTo"
               for annotation in annotations)  # fmt: skip
    assert [entry.title for entry in reader.outline if not isinstance(entry, list)][:2] == [
        "Summary",
        "Sources and row accounting",
    ]


def test_it_is_archivable_and_accessible(reader):
    metadata = reader.trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert reader.trailer["/Root"]["/Lang"] == "en"
    assert reader.metadata.title == "TLP:AMBER Operation Kite"


def test_the_same_content_gives_the_same_bytes():
    document = compose(sample())
    assert render_pdf(document, **ALONE) == render_pdf(document, **ALONE)


def test_hostile_text_comes_out_as_text():
    """Neither typst's markup nor its code is read; every character is there."""
    latin = {name: text for name, text in HOSTILE.items() if "right-to-left" not in name}
    text = squeezed(text_of(pdf(with_texts([*latin.values()]), Limits(citations=99))))
    for name, hostile in latin.items():
        for line in excerpt(hostile, chars=1_500, lines=30).lines:
            words = squeezed("".join(part.text for part in line.parts))
            assert words.replace("z̵̵̵̵̵", "z") in text.replace("̵", ""), name


def test_hostile_fields_do_not_stop_it():
    for text in ('"#panic()', "\ud83d\x00\u202e", "W" * 5_000):
        name = f"x{text}"
        content = sample(mandate=mandate(name=name, purpose=name, authority=name), sections=())
        assert squeezed(inert(name, chars=200)) in squeezed(text_of(pdf(content)))


@pytest.mark.parametrize("letter", ["W", "i", "ж", "א"])
def test_long_words_are_broken_into_lines_and_lose_nothing(letter):
    lines = text_of(pdf(with_texts([letter * 1_500]))).replace("\u200b", "").splitlines()
    counts = [squeezed(line).count(letter) for line in lines]
    assert sum(counts) >= 1_500
    assert max(counts) <= 170  # what fits between the margins, of the narrowest letter


def test_what_no_font_draws_is_said_and_spelled_out():
    text = text_of(pdf(with_texts(["今晩は 🔥 ok"])))
    flat = " ".join(text.split())
    assert "⟨U+4ECA U+6669 U+306F⟩ ⟨U+1F525⟩ ok" in flat
    assert "draws" in flat
    assert re.search(r"CJK, Hiragana and symbols\)", flat)
    assert "今" not in text


def test_only_the_cluster_that_cannot_be_drawn_is_spelled_out():
    """Not every 1 because of a keycap that no font has."""
    text = squeezed(text_of(pdf(with_texts(["press 1\ufe0f\u20e3 or 1, cafe\u0301"]))))
    assert "press⟨U+0031U+FE0FU+20E3⟩or1," in text
    assert "U+0065" not in text


@given(st.lists(st.text(_ODD, min_size=1, max_size=30), min_size=1, max_size=30))
@settings(max_examples=12)
def test_whatever_stands_side_by_side_is_printed(texts):
    quotes = [
        Quote(number=number, anchor=f"e{number}", author=(), facts=(),
              lines=excerpt(text, chars=99, lines=9).lines)
        for number, text in enumerate(texts, start=1)
    ]  # fmt: skip
    data = pa.table({"label": [inert(text) for text in texts], "value": [*range(len(texts))]})
    drawn = draw(Plot(kind=PlotKind.BARS, title="t", caption="c", data=data), key="p")
    plot = Picture(svg=drawn.svg, title=(), caption=(), description=drawn.description)
    document = msgspec.structs.replace(
        compose(sample(sections=(), captures=())), blocks=(*quotes, plot)
    )
    assert render_pdf(document, **ALONE).startswith(b"%PDF")


def test_letters_without_code_points_cost_a_level_and_no_page():
    bars = dataclasses.replace(
        sample().sections[2].plots[0], data=pa.table({"label": ["\U0001d444\u0301"], "value": [1]})
    )
    section = dataclasses.replace(sample().sections[2], findings=(), plots=(bars,))
    metadata = pdf(sample(sections=(section,))).trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in metadata


def test_what_the_own_fonts_draw_is_not_warned_of():
    plain = with_texts(["Grüße Ωμέγα Привет € “quoted” — ½ → שלום"])
    content = dataclasses.replace(plain, accounts={}, channels={})
    text = text_of(pdf(content))
    assert "No font on the machine" not in text
    assert "⟨U+" not in text.replace("⟨U+…⟩", "")


def test_labels_of_plots_are_spelled_short():
    bars = sample().sections[2].plots[0]
    section = dataclasses.replace(sample().sections[2], findings=(), plots=(bars,))
    text = text_of(pdf(sample(sections=(section,))))
    assert "⟨CJK ×6⟩" in text


def test_plots_are_in_it_with_words_for_who_cannot_see_them():
    section = dataclasses.replace(sample().sections[0], plots=(week_plot(), series_plot()))
    root = pdf(sample(sections=(section,))).trailer["/Root"]
    alternatives = []

    def walk(node) -> None:
        node = node.get_object()
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            if "/Alt" in node:
                alternatives.append(node["/Alt"])
            if "/K" in node:
                walk(node["/K"])

    walk(root["/StructTreeRoot"]["/K"])
    assert any(alt.startswith("Seven days by 24 hours, UTC.") for alt in alternatives)
    assert any(alt.startswith("114 values from 2025-11-20") for alt in alternatives)


def test_it_is_one_file(tmp_path):
    write_pdf(sample(), tmp_path / "report.pdf")
    assert [path.name for path in tmp_path.iterdir()] == ["report.pdf"]
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-1.7")
