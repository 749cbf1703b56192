"""What does `telegram_preview` say of each field? Invented pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from clew.case.reading import whole
from clew.errors import SourceUnusable
from clew.model.tables import (
    Account,
    Channel,
    Interaction,
    InteractionKind,
    Link,
    Media,
    Post,
    PostKind,
)
from clew.model.times import TimeQuality, from_iso
from clew.sources.telegram_preview import TELEGRAM_PREVIEW
from tests.captures import MemoryCapture, file_capture, pieces, read

FIXTURES = Path(__file__).parents[1] / "fixtures/sources/telegram_preview"
CHANNEL, AUTHOR = "telegram:1000000101", "telegram:channel1000000101"
PAGE = (FIXTURES / "channel.html").read_text()


def rows_of(kind: type, name: str = "channel.html") -> list:
    rows, _ = read(TELEGRAM_PREVIEW, file_capture(FIXTURES / name))
    return [row for row in rows if isinstance(row, kind)]


def posts() -> dict[int, Post]:
    return {int(post.post_id.rpartition("/")[2]): post for post in rows_of(Post)}


def notes_of(html: str) -> dict[str, int]:
    [piece] = pieces(TELEGRAM_PREVIEW, MemoryCapture(html.encode()))
    list(whole(TELEGRAM_PREVIEW, piece))
    return dict(piece.notes)


def test_a_post():
    assert posts()[11] == Post(
        post_id=f"{CHANNEL}/11",
        platform="telegram",
        kind=PostKind.MESSAGE,
        account_id=AUTHOR,
        author_name="Bosun",
        channel_id=CHANNEL,
        posted_at=from_iso("2026-02-01T10:11:00Z"),
        time_quality=TimeQuality.OFFSET,
        text="Crane 4 stands still👍\n\nSee the log #Crane $PORT and @tally_hall",
        url="https://t.me/quay_news/11",
        reactions='{"❤":53,"paid":2,"custom_emoji:5300000000000000001":7,"🔥":null}',
        tags='["Crane","$PORT"]',
    )


def test_counts_shown_in_full_are_kept_and_rounded_ones_are_not():
    assert (posts()[12].view_count, posts()[12].time_quality) == (12, TimeQuality.UTC)
    assert posts()[11].view_count is None
    # The views and a reaction of post 11; of the head only the subscribers are read.
    assert notes_of(PAGE)["counts that Telegram has rounded (1.2K): not recorded"] == 2


@pytest.mark.parametrize(
    ("shown", "count"),
    [("0", 0), ("12 345", 12345), ("1,234", 1234), ("3.1M", None), ("1", 1), ("٣", None)],
)
def test_counts(shown, count):
    page = PAGE.replace('views">12<', f'views">{shown}<')
    rows, _ = read(TELEGRAM_PREVIEW, MemoryCapture(page.encode()))
    [post] = [row for row in rows if isinstance(row, Post) and row.post_id == f"{CHANNEL}/12"]
    assert post.view_count == count


def test_the_channel():
    assert rows_of(Channel) == [
        Channel(
            channel_id=CHANNEL,
            platform="telegram",
            kind="public_channel",
            handle="quay_news",
            name="Quay News",
            description="All ships.\nWrite to @quay_master",
            url="https://t.me/quay_news",
            members_count=987,
        )
    ]
    assert rows_of(Account) == [
        Account(
            account_id=AUTHOR,
            platform="telegram",
            handle="quay_news",
            name="Quay News",
            description="All ships.\nWrite to @quay_master",
            avatar_url="https://cdn.example/channel.jpg",
            followers_count=987,
            is_verified=True,
        )
    ]


def test_the_page_of_a_name_has_the_exact_count_but_no_number():
    [channel] = rows_of(Channel, "contact.html")
    assert (channel.channel_id, channel.members_count) == ("telegram:@quay_news", 25015)
    assert channel.kind == "public_channel"


def test_the_page_of_a_group_and_of_a_person():
    page = (FIXTURES / "contact.html").read_text()
    group = page.replace("25 015 subscribers", "2 410 members, 37 online")
    [row], _ = read(TELEGRAM_PREVIEW, MemoryCapture(group.encode()))
    assert (row.kind, row.members_count) == ("public_supergroup", 2410)
    person = page.replace("25 015 subscribers", "@quay_news")
    [row], _ = read(TELEGRAM_PREVIEW, MemoryCapture(person.encode()))
    assert (type(row), row.account_id, row.followers_count) == (
        Account,
        "telegram:@quay_news",
        None,
    )


def test_a_post_in_a_group_is_by_a_person():
    [post] = rows_of(Post, "post.html")
    assert post.post_id == "telegram:1000000202/45"
    assert post.account_id == "telegram:@mate_mira"
    [channel] = rows_of(Channel, "post.html")
    assert (channel.name, channel.kind) == ("Quay Market", None)
    [account] = rows_of(Account, "post.html")
    assert (account.handle, account.name) == ("Mate_Mira", "Mira")


def test_without_its_number_a_channel_goes_by_its_handle():
    page = PAGE.replace("data-view", "data-none")
    rows, _ = read(TELEGRAM_PREVIEW, MemoryCapture(page.encode()))
    post = next(row for row in rows if isinstance(row, Post))
    assert post.post_id == "telegram:@quay_news/1"
    assert (post.channel_id, post.account_id) == ("telegram:@quay_news", "telegram:@quay_news")


def test_a_number_that_belongs_to_another_message_is_not_believed():
    start = PAGE.index("data-view=") + len('data-view="')
    view = PAGE[start : PAGE.index('"', start)]
    of_another = (FIXTURES / "post.html").read_text().replace(' data-peer="c1', ' data-none="c1')
    page = of_another.replace('data-view=""', f'data-view="{view}"')
    rows, _ = read(TELEGRAM_PREVIEW, MemoryCapture(page.encode()))
    assert [row.post_id for row in rows if isinstance(row, Post)] == ["telegram:@quay_market/45"]


def test_service_messages():
    found = posts()
    assert (found[1].kind, found[1].action) == (PostKind.SERVICE, "create_channel")
    assert (found[2].kind, found[2].action) == (PostKind.SERVICE, "edit_group_title")
    assert found[2].text == "Channel name was changed to «Quay News»"
    assert (found[3].action, found[3].account_id) == ("pin_message", AUTHOR)
    assert found[11].action is None


def test_an_answer_and_forwards():
    found, acts = posts(), rows_of(Interaction)
    assert (found[12].reply_to_post_id, found[12].text) == (f"{CHANNEL}/11", "It moves again")
    assert found[13].repost_of_post_id == "telegram:@tally_hall/77"
    kinds = [act.kind for act in acts]
    assert kinds == [
        InteractionKind.MENTION,
        InteractionKind.REPLY,
        InteractionKind.FORWARD,
        InteractionKind.FORWARD,
    ]
    mention, reply, forward, hidden = acts
    assert mention.target_name == "@tally_hall"
    assert reply.target_post_id == f"{CHANNEL}/11"
    assert forward == Interaction(
        kind=InteractionKind.FORWARD,
        platform="telegram",
        account_id=AUTHOR,
        target_account_id="telegram:@tally_hall",
        target_name="Tally Hall",
        post_id=f"{CHANNEL}/13",
        target_post_id="telegram:@tally_hall/77",
        channel_id=CHANNEL,
        target_channel_id="telegram:@tally_hall",
        happened_at=found[13].posted_at,
        time_quality=TimeQuality.UTC,
    )
    assert (hidden.target_name, hidden.target_account_id) == ("Someone", None)


def test_links_of_the_text_and_the_page_below_it():
    posted_at = posts()[11].posted_at
    assert rows_of(Link) == [
        Link(
            post_id=f"{CHANNEL}/11",
            platform="telegram",
            url="https://port.example/crane",
            title="the log",
            posted_at=posted_at,
        ),
        Link(
            post_id=f"{CHANNEL}/11",
            platform="telegram",
            url="https://news.example/strike",
            title="Strike at the quay",
            description="Since dawn.\nNo end.",
            posted_at=posted_at,
        ),
    ]


def test_a_name_that_leads_elsewhere_is_a_link_and_no_mention():
    page = PAGE.replace("https://t.me/tally_hall", "https://evil.example/tally_hall")
    rows, _ = read(TELEGRAM_PREVIEW, MemoryCapture(page.encode()))
    links = {row.url: row.title for row in rows if isinstance(row, Link)}
    assert links["https://evil.example/tally_hall"] == "@tally_hall"
    acts = [row.kind for row in rows if isinstance(row, Interaction)]
    assert InteractionKind.MENTION not in acts


def test_media():
    found = {}
    for medium in rows_of(Media):
        number = int(medium.post_id.rpartition("/")[2])
        found.setdefault(number, []).append(
            (medium.kind, medium.url, medium.name, medium.duration_s, medium.media_key)
        )
    assert found == {
        15: [
            ("video", "https://cdn.example/crane.mp4", None, 3723.0, None),
            ("photo", "https://cdn.example/crane.jpg", None, None, None),
        ],
        17: [("photo", "https://cdn.example/rope.jpg", None, None, "5172000000000000001")],
        18: [("poll", None, "Which rope?", None, None)],
        19: [
            ("audio", None, "The Crew - Shanty", None, None),
            ("file", None, "manifest.pdf", None, None),
            ("voice", "https://cdn.example/voice.ogg", None, 7.0, None),
            ("sticker", "https://cdn.example/sticker.webp", None, None, None),
        ],
    }


def test_album_poll_and_place():
    found = posts()
    assert found[15].text == "Two views"
    assert found[18].text == "Which rope?\nHemp\nSteel"
    assert (found[20].latitude, found[20].longitude) == (54.5, -1.25)


def test_what_the_page_keeps_back_is_noted():
    notes = notes_of(PAGE)
    assert notes["posts marked as edited: the page does not say when"] == 1
    assert notes["posts whose content the page does not show"] == 1  # not the photo, not the map
    comment = PAGE.replace('data-post="quay_news/12"', 'data-post-id="12"')
    assert notes_of(comment)["comments below a post: not read"] == 1


def test_a_broken_message_costs_only_itself():
    _, errors = read(TELEGRAM_PREVIEW, file_capture(FIXTURES / "channel.html"))
    assert [error.reason for error in errors] == ["time unreadable", "id unreadable"]
    assert (posts()[24].posted_at, posts()[24].time_quality) == (None, TimeQuality.MISSING)


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ('<div class="tgme_widget_message_error">Post not found</div>', "Post not found"),
        ("<html><body>nothing</body></html>", "no message"),
    ],
)
def test_a_page_without_messages_is_refused(page, why):
    with pytest.raises(SourceUnusable, match=why):
        read(TELEGRAM_PREVIEW, MemoryCapture(page.encode()))


@pytest.mark.parametrize(
    "view",
    ["bnVsbA", "W10", "eyJjIjogImEifQ", "eyJjIjogLTl9", "=", "é", "eyJjIjotMWU5OX0", "WyJb" * 90],
)
def test_a_hostile_view_names_no_channel(view):
    page = (FIXTURES / "post.html").read_text().replace(' data-peer="c1', ' data-none="c1')
    capture = MemoryCapture(page.replace('data-view=""', f'data-view="{view}"').encode())
    rows, _ = read(TELEGRAM_PREVIEW, capture)
    assert [row.post_id for row in rows if isinstance(row, Post)] == ["telegram:@quay_market/45"]


def test_messages_within_messages_are_each_read_once():
    deep = '<div class="tgme_widget_message" data-post="quay_news/1">' * 3000
    rows, _ = read(TELEGRAM_PREVIEW, MemoryCapture(f"<html>{deep}".encode()))
    assert len({row.post_id for row in rows if isinstance(row, Post)}) == 1
