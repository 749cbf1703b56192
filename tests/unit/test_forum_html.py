"""One invented conversation as thirteen forums lay it out, and pages that are broken or hostile."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from clew.contract import Sample
from clew.errors import SourceUnusable
from clew.model.tables import Account, Channel, Interaction, InteractionKind, Link, Media, Post
from clew.sources.forum_html import FORUM_HTML
from clew.sources.forum_html.addresses import joined, member_id, post_id, thread_id
from clew.sources.forum_html.dates import local_time, order_of, shown
from tests.captures import MemoryCapture, file_capture, read

FOLDER = Path(__file__).parents[1] / "fixtures/sources/forum_html"
SITE = "forum:forum.example.org"
ENGINES = [
    *("fluxbb", "invision", "mybb", "phpbb2", "phpbb3", "smf"),
    *("vbulletin3", "vbulletin4", "vbulletin5", "xenforo1", "xenforo2"),
]
STRUCTURED = ["microdata", "json_ld", "unknown_engine"]
EXACT = ["invision", "xenforo2", "microdata", "json_ld"]


def rows_of(name, kind, **options):
    rows, rejected = read(FORUM_HTML, file_capture(FOLDER / f"{name}.html"), **options)
    assert not rejected
    return [row for row in rows if isinstance(row, kind)]


def thread(body: str, head: str = "") -> MemoryCapture:
    """A page of XenForo 2 with one post of this body."""
    page = f"""<!DOCTYPE html><html id="XF"><head>{head}
    <link rel="canonical" href="https://forum.example.org/threads/t.5/"></head><body>
    <article class="message message--post" data-content="post-9">
    <h4 class="message-name"><a class="username" data-user-id="3">Ada</a></h4>
    <div class="message-attribution-main"><time datetime="2024-01-02T03:04:05Z">x</time></div>
    <div class="bbWrapper">{body}</div></article></body></html>"""
    return MemoryCapture(page.encode(), name="page.html")


def post_in(capture: MemoryCapture) -> Post:
    rows, rejected = read(FORUM_HTML, capture)
    assert not rejected
    return next(row for row in rows if isinstance(row, Post))


# ------------------------------------------------------------------------------ the same everywhere


@pytest.mark.parametrize("name", ENGINES + STRUCTURED)
def test_posts_and_authors(name):
    posts = rows_of(name, Post)
    assert [post.post_id for post in posts] == [f"{SITE}/post/{n}" for n in (501, 502, 503)]
    assert [post.account_id for post in posts] == [f"{SITE}/member/{n}" for n in (11, 12, 11)]
    assert {post.thread_id for post in posts} == {f"{SITE}/thread/77"}
    assert [post.kind for post in posts] == ["post", "comment", "comment"]
    assert "Pump noise" in posts[0].title
    first, second, third = (post.text for post in posts)
    assert first.startswith("The pump hums. See the manual.")
    assert "Mine too." in second.split("\n")[-1]
    assert third.startswith("Here is the log")
    assert not any("wrench" in post.text or "Fitter" in post.text for post in posts)
    assert {account.name for account in rows_of(name, Account)} == {"Orla Venn", "tobin_k"}


@pytest.mark.parametrize("name", ENGINES + STRUCTURED)
def test_times(name):
    posts = rows_of(name, Post)
    if name in EXACT:
        assert {post.time_quality for post in posts} <= {"utc", "offset"}
        seconds = [post.posted_at // 1_000_000 - 1711551060 for post in posts]
        assert seconds == [0, 1740, 65640]
    else:
        assert {post.time_quality for post in posts} == {"zone_unknown"}
        assert [post.local_time for post in posts] == [
            "2024-03-27T14:51:00",
            "2024-03-27T15:20:00",
            "2024-03-28T09:05:00",
        ]


@pytest.mark.parametrize("name", [*ENGINES, "microdata", "unknown_engine"])
def test_quotes(name):
    """Quoted words are marked; who is quoted is an interaction, by number where one is linked."""
    text = rows_of(name, Post)[1].text
    quoted = [line for line in text.split("\n") if line.startswith("> ")]
    assert any("The pump hums." in line for line in quoted)
    assert "Click to expand" not in text
    (quote,) = rows_of(name, Interaction)
    assert quote.kind is InteractionKind.QUOTE
    assert quote.account_id == f"{SITE}/member/12"
    assert quote.target_name == "Orla Venn"
    linked = name not in ("fluxbb", "phpbb2")
    assert quote.target_post_id == (f"{SITE}/post/501" if linked else None)
    assert quote.target_account_id == (f"{SITE}/member/11" if linked else None)


@pytest.mark.parametrize("name", ENGINES)
def test_links_pictures_and_files(name):
    assert {link.url for link in rows_of(name, Link)} >= {"https://docs.example.com/pump"}
    media = rows_of(name, Media)
    assert [(m.url, m.alt_text) for m in media if m.kind == "photo"] == [
        ("https://img.example.net/pump.jpg", "the pump")
    ]
    files = [m.name for m in media if m.kind == "file"]
    assert files == ([] if name in ("phpbb2", "fluxbb") else ["log.txt"])


@pytest.mark.parametrize("name", ENGINES)
def test_what_stands_beside_the_author(name):
    orla, tobin = rows_of(name, Account)[:2]
    assert (orla.posts_count, tobin.posts_count) == (1204, 7)
    if name not in ("invision", "smf"):  # show no date of joining
        assert "Joined: " in orla.description
    if name in ("phpbb3", "phpbb2", "xenforo2", "xenforo1", "fluxbb", "vbulletin4"):
        day = dt.datetime(2019, 2, 3, tzinfo=dt.UTC)
        assert orla.created_at == int(day.timestamp()) * 1_000_000
    else:
        assert orla.created_at is None
    if name != "phpbb2":
        assert orla.avatar_url.startswith("https://forum.example.org/")


@pytest.mark.parametrize("name", [name for name in ENGINES if name != "vbulletin5"])
def test_board(name):
    (board,) = rows_of(name, Channel)
    assert (board.channel_id, board.name) == (f"{SITE}/board/9", "Repairs")
    assert rows_of(name, Post)[0].channel_id == board.channel_id


@pytest.mark.parametrize("name", ["fluxbb", "invision", "smf", "vbulletin3", "xenforo2", "phpbb3"])
def test_structure_finds_what_the_engine_path_finds(name):
    by_engine, by_structure = rows_of(name, Post), rows_of(name, Post, structure="true")
    for known, found in zip(by_engine, by_structure, strict=True):
        assert found.post_id == known.post_id
        assert found.account_id == known.account_id
        assert found.text == known.text
        assert (found.posted_at, found.local_time) == (known.posted_at, known.local_time)


def test_a_page_for_printing_has_names_only():
    posts = rows_of("phpbb3_printed", Post)
    assert [post.account_id for post in posts] == [
        f"{SITE}/@Orla Venn",
        f"{SITE}/@tobin_k",
        f"{SITE}/@Orla Venn",
    ]
    assert all(post.post_id.startswith(f"{SITE}/post/#") for post in posts)
    assert {post.thread_id for post in posts} == {f"{SITE}/thread/77"}
    assert posts[1].text.split("\n") == ["> Orla Venn wrote:The pump hums.", "Mine too."]


def test_by_structure_a_subject_is_no_author():
    found = rows_of("phpbb3_printed", Post, structure="true")
    known = rows_of("phpbb3_printed", Post)
    assert [post.account_id for post in found] == [post.account_id for post in known]


def test_comments_below_an_article_belong_to_its_address():
    page = (FOLDER / "unknown_engine.html").read_bytes()
    page = page.replace(b"https://forum.example.org/t/77", b"https://blog.example.org/pumps")
    rows, _ = read(FORUM_HTML, MemoryCapture(page))
    posts = [row for row in rows if isinstance(row, Post)]
    assert {post.kind for post in posts} == {"comment"}
    page_id = "forum:blog.example.org/page/https://blog.example.org/pumps"
    assert {post.thread_id for post in posts} == {page_id}


# ---------------------------------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("href", "member", "post", "thread_number"),
    [
        ("memberlist.php?mode=viewprofile&u=11", "11", None, None),
        ("/members/ada.12/", "12", None, None),
        ("member.php?71187-ada", "71187", None, None),
        ("index.php?action=profile;u=5", "5", None, None),
        ("viewtopic.php?f=3&t=77&p=501#p502", None, "502", "77"),
        ("/threads/a-2-b.77/post-501", None, "501", "77"),
        ("index.php?topic=77.msg501#msg501", None, "501", "77"),
        ("/topic/77-pump/?do=findComment&comment=501", None, "501", "77"),
        ("showthread.php?77-Pump", None, None, "77"),
        ("/about", None, None, None),
    ],
)
def test_numbers_in_addresses(href, member, post, thread_number):
    assert (member_id(href), post_id(href), thread_id(href)) == (member, post, thread_number)


def test_numbers_of_sessions_are_left_out():
    session = "0123456789abcdef0123456789abcdef"
    base = "https://forum.example.org/viewtopic.php?t=1"
    assert joined(base, f"./v.php?t=2&sid={session}#p3") == "https://forum.example.org/v.php?t=2#p3"


# -------------------------------------------------------------------------------------------- dates


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thu Jun 03, 2010 7:27 pm", "2010-06-03T19:27:00"),
        ("27. September 2018 um 14:51 Uhr", "2018-09-27T14:51:00"),
        ("19 июня 2019, 00:05", "2019-06-19T00:05:00"),
        ("5 de marzo de 2020 12:00 am", "2020-03-05T00:00:00"),
        ("2020-03-05 23:59:58", "2020-03-05T23:59:58"),
        ("09 Jan 2018 04:55", "2018-01-09T04:55:00"),
    ],
)
def test_dates_with_one_meaning(text, expected):
    assert local_time(shown(text), "mdy") == expected


@pytest.mark.parametrize(
    "text", ["Yesterday, 03:12 PM", "3 hours ago", "", "12:30", "v1.2.3", "1/2"]
)
def test_what_is_no_date(text):
    assert shown(text) is None


def test_order_of_dates():
    def order(*texts):
        return order_of([shown(text) for text in texts])

    assert order("03-04-2024, 02:51 PM", "03-27-2024, 02:51 PM") == ("mdy", True)
    assert order("03/04/2024 14:51", "02/05/2024 14:51") == ("dmy", True)  # else it goes back
    assert order("03.04.2024 14:51") == ("dmy", True)
    assert order("03-04-2024, 02:51 PM") == ("mdy", False)
    assert order("03/04/2024 14:51") == ("dmy", False)


def test_the_order_of_dates_can_be_said():
    posts = rows_of("mybb", Post, dates="mdy")
    assert posts[0].local_time == "2024-03-27T14:51:00"


def test_a_relative_time_is_missing():
    page = (FOLDER / "mybb.html").read_bytes().replace(b'<span title="03-27-2024">', b"<span>")
    rows, _ = read(FORUM_HTML, MemoryCapture(page))
    second = [row for row in rows if isinstance(row, Post)][1]
    assert (second.time_quality, second.posted_at, second.local_time) == ("missing", None, None)


# ------------------------------------------------------------------------------- broken and hostile


def test_scripts_are_no_text_and_hidden_words_are():
    post = post_in(
        thread("<script>bad()</script><style>p{}</style><p style='display:none'>unseen</p>")
    )
    assert post.text == "unseen"


def test_quotes_within_quotes():
    post = post_in(thread("<blockquote>b<blockquote>a</blockquote></blockquote>c"))
    assert post.text.split("\n") == ["> b", "> > a", "c"]


@pytest.mark.parametrize("tag", ["div", "blockquote", "b"])
def test_depth_costs_no_stack(tag):
    post = post_in(thread(f"head{f'<{tag}>' * 20_000}deep"))
    assert post.text.lstrip("> ").startswith("head")


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [
        ("windows-1251", "cp1251"),
        ("iso-8859-1", "cp1252"),
        ("no-such", "utf-8"),
        ("utf-8", "utf-8"),
    ],
)
def test_encodings(charset, encoding):
    word = "Привет" if encoding == "cp1251" else "“naïve”"
    capture = thread(word, f'<meta charset="{charset}">')
    capture = MemoryCapture(capture.data.decode().encode(encoding))
    assert post_in(capture).text == word


def test_a_post_that_says_nothing_is_rejected_and_the_rest_is_kept():
    page = (FOLDER / "xenforo2.html").read_bytes().replace(b"Mine too.", b"")
    cut = page.index(b"<blockquote")
    page = page[:cut] + page[page.index(b"</blockquote>") + len(b"</blockquote>") :]
    rows, rejected = read(FORUM_HTML, MemoryCapture(page))
    assert [error.reason for error in rejected] == ["post that says nothing"]
    assert len([row for row in rows if isinstance(row, Post)]) == 2


def test_a_page_without_thread_is_unusable():
    for page in (b"", b"<html><body><p>Words</p></body></html>", b"\0" * 50):
        with pytest.raises(SourceUnusable):
            read(FORUM_HTML, MemoryCapture(page))


def test_a_page_that_names_no_site():
    page = (FOLDER / "phpbb3.html").read_bytes().replace(b"https://forum.example.org", b".")
    rows, _ = read(FORUM_HTML, MemoryCapture(page))
    assert rows[0].channel_id.startswith("forum:capture ")
    rows, _ = read(FORUM_HTML, MemoryCapture(page), site="Forum.example.org")
    assert rows[0].channel_id == f"{SITE}/board/9"


@pytest.mark.parametrize(
    "page",
    [
        b'<!DOCTYPE html><html><body><div class="page_wrap"><div class="message">12:30</div></div>',
        b'<!DOCTYPE html><html><body><div class="tgme_widget_message">x</div>',
        b'<?xml version="1.0"?><rss version="2.0"><channel></channel></rss>',
        b'<!DOCTYPE html><html><head><link href="https://static.xx.fbcdn.net/x.css">',
        b"<!DOCTYPE html><html><body><p>An article of 27 March 2024, 14:51</p></body></html>",
        b'{"html": "<html class=postcontainer>"}',
    ],
)
def test_does_not_claim(page):
    assert FORUM_HTML.recognise(Sample(name="x.html", head=page, size=len(page))) == 0


def test_control_characters_in_a_quote_cost_nothing():
    quote = '<blockquote class="bbCodeBlock--quote">said &#1;\x02 before</blockquote>&#3; and after'
    assert "> said" in post_in(thread(quote)).text
