"""Does every sentence of a report lead to its evidence, and does nothing in it act?"""

from __future__ import annotations

import dataclasses
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree, html

from clew.case.report.compose import compose
from clew.case.report.content import Limits, Named, ids_in
from clew.case.report.html import render_html
from clew.case.report.quoting import excerpt
from clew.case.report.write import write_html
from clew.contract import Finding, Likelihood, Priority, TableCount
from clew.model.lawful import Marking
from tests.hostile import HOSTILE
from tests.reports import captures, large, mandate, quoted, sample


def page(content, limits=None) -> html.HtmlElement:
    return html.document_fromstring(render_html(compose(content, limits)))


INLINE = {"a", "bdi", "code", "strong"}


def text_of(element: etree._Element) -> str:
    """What a reader reads: words of neighbouring blocks do not run together."""
    parts = []
    for event, part in etree.iterwalk(element, events=("start", "end")):
        edge = "" if part.tag in INLINE else " "
        parts += [edge, part.text or ""] if event == "start" else [edge, part.tail or ""]
    return " ".join("".join(parts).split())


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def with_finding(**fields: object):
    """The sample with one more finding, of the highest priority: it is F1 in its section."""
    content = sample()
    finding = Finding(**({"summary": "Something.", "priority": Priority.HIGH} | fields))
    first = dataclasses.replace(content.sections[0], findings=(finding,))
    return dataclasses.replace(content, sections=(first, *content.sections[1:]))


# ------------------------------------------------------------------------------------ it is safe


def hostile_content(text: str):
    """A report in which every field that somebody else may have written holds this text."""
    content = sample(
        mandate=mandate(name=f"x {text[:300]}", purpose=f"x {text}", legal_basis=f"x {text}",
                        authority=text),
        captures=tuple(
            dataclasses.replace(line, name=text, source=text, reason=text, rejected={text: 1},
                                notes={text: 2}, tables={"posts": TableCount(read=1, kept=1)})
            for line in captures()
        ),
        accounts={
            f"telegram:user{n}": Named(shown_id=text or "-", handle=text or None, name=text or None)
            for n in range(1, 13)
        },
    )  # fmt: skip
    post = quoted(1, text, title=text, url=text, account_id=f"x:{text}", channel_id=f"y:{text}")
    findings = (
        Finding(summary=text, subject=f"x:{text}", evidence=(post.post_id, f"x:{text}", text),
                counter_evidence=(text,), limits=(text,), confidence=0.5),
    )  # fmt: skip
    sections = tuple(
        dataclasses.replace(section, options={"o": text}, engine=text or "-", findings=findings)
        for section in content.sections
    )
    return dataclasses.replace(content, sections=sections, posts={post.post_id: post})


ATTRIBUTES = {
    "aria-label", "aria-labelledby", "charset", "class", "content", "cx", "cy", "d", "dir", "fill",
    "fill-opacity", "font-family", "font-size", "height", "href", "http-equiv", "id", "lang",
    "name", "r", "role", "scope", "stroke", "stroke-linejoin", "stroke-width", "text-anchor",
    "title", "transform", "viewbox", "width", "x", "x1", "x2", "xmlns", "y", "y1", "y2",
}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_in_a_report_acts(text):
    source = render_html(compose(hostile_content(text)))
    source.encode("utf-8")
    assert "\x00" not in source
    root = html.document_fromstring(source)
    expected = {element.tag for element in page(sample()).iter()}
    assert {element.tag for element in root.iter()} <= expected
    for element in root.iter():
        assert set(element.attrib) <= ATTRIBUTES, element.attrib
        assert element.get("href", "#")[0] == "#"
    assert len(root.findall(".//style")) == 1
    assert not root.findall(".//script")
    shown = re.sub(r"\b(hxxps?|fxp)://", "", text_of(root.find("body")))
    assert "://" not in shown
    assert len(source) < 1_500_000


def test_no_request_can_leave_the_page():
    source = render_html(compose(sample()))
    root = html.document_fromstring(source)
    (policy,) = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "url(" not in root.findtext(".//style")
    assert "@import" not in root.findtext(".//style")
    without_names = source.replace("http://www.w3.org/2000/svg", "")
    assert "http" not in without_names.replace('<meta http-equiv="', "").replace("for http,", "")


@given(st.text(max_size=300))
@example("<b>&amp;</b>")
@example("\u2066\n\r\n\t x")
def test_any_text_survives_into_the_page(text):
    """What is quoted is read back by a parser as it was shown, and lies where it should."""
    post = quoted(1, text)
    root = page(sample(posts={post.post_id: post}))
    (quotation,) = root.xpath("//article[@id='e1']/blockquote")
    shown = excerpt(text, chars=1_500, lines=30)
    words = ["".join(part.text for part in line.parts) for line in shown.lines]
    assert squeezed("".join(quotation.itertext())) == squeezed("".join(words) + shown.left_out)


# -------------------------------------------------------------------- it leads to the evidence


def test_every_reference_leads_somewhere_and_every_anchor_is_unique():
    for content in (sample(), large(40, 120), hostile_content("x")):
        root = page(content)
        ids = root.xpath("//@id")
        assert len(ids) == len(set(ids))
        assert {href[1:] for href in root.xpath("//a/@href")} <= set(ids)


def test_a_sentence_leads_to_the_post_and_the_post_to_its_record():
    root = page(sample())
    (finding,) = root.xpath("//article[@id='f1']")
    assert "@kite_17 (telegram:user1) posts between 08:00 and 18:00 UTC" in text_of(finding)
    assert "very likely (86 %)" in text_of(finding)
    assert "A scheduler would give the same rhythm" in text_of(finding)
    (entry,) = root.xpath(f"//*[@id='{finding.xpath('.//a/@href')[0][1:]}']")
    content = sample()
    post = content.posts["telegram:1001/1"]
    shown = text_of(entry)
    assert "Join us tonight at 21:00, everyone! Details: hxxps://news[.]example/join?id=7" in shown
    assert "@kite_mirror (telegram:user2)" in shown
    assert "2026-03-14 10:23:00 UTC — stated by the platform’s server" in shown
    assert "telegram:1001/1" in shown
    assert f"item 1 of C1 {post.capture_id[:12]}…" in shown
    assert post.capture_id in text_of(root)  # in full, in the list of captures
    assert "#f1" in entry.xpath(".//a/@href")


def test_the_most_urgent_comes_first():
    root = page(sample())
    shown = [text_of(e) for e in root.xpath("//article[contains(@class,'brief')]//*[1]/span[1]")]
    assert shown == ["High", "Medium", "Low", "Note", "Note"]


def test_time_quality_is_said():
    finding = with_finding(evidence=("telegram:1001/91", "telegram:1001/92", "telegram:1001/93"))
    shown = [text_of(entry) for entry in page(finding).xpath("//article[@class='quote']")[:3]]
    assert "Author not recorded" in shown[0]
    assert "Posted not recorded" in shown[0]
    assert "Text none" in shown[0]
    assert "set by the author’s own client: it can be false" in shown[1]
    assert "2026-03-14 09:26:53 — local time; its zone is not recorded" in shown[2]


def test_evidence_of_every_kind_is_named():
    capture = captures()[1].capture_id
    ids = ("telegram:user3", "telegram:1002", capture, "telegram:nobody")
    entries = [
        text_of(e) for e in page(with_finding(evidence=ids)).xpath("//article[@class='quote']")
    ]
    assert entries[0].startswith("[1] Account @night_owl (telegram:user3) “Сова”")
    assert entries[1].startswith("[2] Channel Зеркало (telegram:1002)")
    assert entries[2].startswith(f"[3] Capture C2 {capture[:12]}…")
    assert entries[3].startswith("[4] Not among the posts, accounts and captures of this report")


def test_pseudonyms_replace_everybody_everywhere():
    """Who fills `accounts` with other names changes sentences, quotations and plots alike."""
    content = sample()
    masks = {
        known_id: Named(shown_id=f"bystander-{number}")
        for number, known_id in enumerate(content.accounts)
    }
    source = render_html(compose(dataclasses.replace(content, accounts=masks)))
    for known_id, named in content.accounts.items():
        assert not re.search(rf"{known_id}\b", source)
        assert not named.handle or f"@{named.handle}" not in source
    assert "bystander-0" in source


def test_ids_are_exact_and_named_whatever_the_platform():
    known_id = "x:1079889941103636738"
    odd_id = "stackexchange:portside.example/u16"
    content = with_finding(summary=f"{known_id} answers {odd_id}.", evidence=(odd_id,))
    accounts = {
        known_id: Named(shown_id=known_id, handle="gust"),
        odd_id: Named(shown_id=odd_id, name="Sable"),
    }
    root = page(dataclasses.replace(content, accounts=accounts))
    (finding,) = root.xpath("//article[@id='f1']")
    assert f"@gust ({known_id}) answers Sable ({odd_id})." in text_of(finding)
    assert {known_id, odd_id} <= ids_in(content.sections, Limits())


def test_ids_in_names_all_that_the_report_may_show():
    content = sample()
    ids = ids_in(content.sections, Limits())
    assert set(content.accounts) <= ids
    assert {f"telegram:1001/{n}" for n in range(1, 9)} <= ids  # the citations that are shown
    assert "telegram:1001/14" not in ids


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.0, "almost no chance (under 1 %)"),
        (0.13, "very unlikely (13 %)"),
        (0.5, "roughly even chance (50 %)"),
        (0.99, "almost certain (99 %)"),
        (0.999, "almost certain (over 99 %)"),
        (None, "a count"),
    ],
)
def test_confidence_in_words_with_its_number(probability, words):
    root = page(with_finding(confidence=probability))
    (finding,) = root.xpath("//article[@id='f1']")
    assert text_of(finding.find(".//span[@class='confidence']")) == words


def test_the_scale_of_words_is_complete():
    scale = page(sample()).xpath("//table[caption='Words of estimative probability']//tbody/tr")
    assert [text_of(row[0]) for row in scale] == list(Likelihood)


# ------------------------------------------------------------------------- it leaves nothing out


def test_whatever_is_shortened_is_counted():
    limits = Limits(
        summary_findings=2, section_findings=1, section_plots=1, citations=3, captures=1
    )
    shown = text_of(page(sample(), limits))
    assert "Showing 2 of 5 findings, the most urgent first" in shown
    assert "Showing 1 of 2 findings" in shown
    assert "Showing 1 of 2 plots." in shown
    assert "(showing 3 of 19 pieces of evidence)" in shown
    assert "Showing 1 of 3 captures; the totals are of all of them." in shown


def test_the_limit_of_quotations_spares_the_most_urgent():
    root = page(sample(), Limits(quotations=4))
    assert len(root.xpath("//article[@class='quote']")) == 4
    (first,) = root.xpath("//article[@id='f3']")
    assert "(showing 4 of 19 pieces of evidence)" in text_of(first)


def test_accounts_balance():
    root = page(sample())
    for row in root.xpath("//table[contains(caption,'records of each')]/*/tr[td]"):
        read, used, rejected = (int(text_of(cell).replace(",", "")) for cell in row[2:])
        assert read == used + rejected
    rows = root.xpath("//table[contains(caption,'rows of all')]/tbody/tr")
    for row in rows:
        read, new, updated, duplicate = (int(text_of(c).replace(",", "")) for c in row[1:])
        assert read == new + updated + duplicate
    assert [text_of(row[0]) for row in rows] == [
        "account_snapshots", "interactions", "links", "posts",
    ]  # fmt: skip
    shown = text_of(root)
    assert "Rows of posts 41,308 read = 40,100 new + 8 updated + 1,200 duplicate" in shown
    assert "1 completed, 1 partial and 1 failed" in shown
    assert "Every record and every row is accounted for." in shown
    assert "time out of range: 3× in C1" in shown
    assert "reaction without author: 311× in C1" in shown
    assert "failed: the file ends in the middle of an object" in shown


def test_accounts_that_do_not_balance_are_not_hidden():
    first, *rest = captures()
    wrong = dataclasses.replace(first, tables={"posts": TableCount(read=9, kept=5, updated=1)})
    shown = text_of(page(sample(captures=(wrong, *rest))))
    assert "The accounts do not balance: C1 posts: 9 ≠ 5 + 1 + 0." in shown
    assert "is accounted for" not in shown


def test_an_empty_case_says_so():
    empty = sample(captures=(), sections=(), posts={}, accounts={}, channels={})
    shown = text_of(page(empty))
    assert "No analysis has been run on this case yet." in shown
    assert "Nothing has been imported into this case" in shown
    assert "No finding cites a piece of evidence." in shown


@pytest.mark.parametrize("marking", Marking)
def test_the_marking_stands_at_the_top_and_the_bottom(marking):
    root = page(sample(mandate=mandate(marking=marking)))
    first, *_, last = root.find("body")
    assert text_of(first) == text_of(last) == marking
    style = root.findtext(".//style")
    assert style.count(f'content: "{marking}"') == 2  # the margins of every printed page


def test_it_is_one_file(tmp_path):
    write_html(sample(), tmp_path / "report.html")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
