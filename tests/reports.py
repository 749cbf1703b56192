"""Invented report contents: small, large, and hostile."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import random

import pyarrow as pa

from clew.case.report.content import CaptureLine, Named, QuotedPost, ReportContent, Section
from clew.contract import Finding, Plot, PlotKind, Priority, Status, TableCount
from clew.model.lawful import Activity, Mandate, Marking, Scope
from clew.model.times import Micros, TimeQuality, from_datetime

NOON = from_datetime(dt.datetime(2026, 3, 14, 12, tzinfo=dt.UTC))
_MINUTE = 60_000_000

WORDS = (
    "Join us tonight at 21:00, everyone! Details: https://news.example/join?id=7",
    "Сегодня вечером собираемся у площади, репост обязателен. Подробности: t.me.example/kanal",
    "Απόψε στις εννέα, μην αργήσετε. Ο σύνδεσμος είναι στο προφίλ.",
    "今晚九点集合，请大家转发。详情见 http://forum.example/t/42",
    "今夜九時に集合してください。拡散希望！",
    "오늘 밤 아홉 시에 모입시다. 공유 부탁드립니다.",
    "اجتماع الليلة الساعة التاسعة، انشروا الرابط https://news.example/ar من فضلكم",
    "הפגישה הערב בתשע, נא לשתף את הקישור",
    "आज रात नौ बजे मिलते हैं, कृपया साझा करें।",
    "คืนนี้เจอกันสามทุ่ม แชร์ด้วยนะ",
    "Tonight 🔥🔥 don’t be late 👩‍💻 ❤️",
    "Invoice_\u202egpj.exe is clean, trust me\u200b\u200b\u200b",
    "Line one\nLine two: 192.0.2.17\n\n    indented, tab\there",
    "CVE-2026-0001 works against 198.51.100.0/24. Use hxxp://drop[.]example/a as before.",
)


def capture_id(seed: object) -> str:
    return hashlib.sha256(str(seed).encode()).hexdigest()


def mandate(**changes: object) -> Mandate:
    fields: dict[str, object] = {
        "name": "Operation Kite",
        "purpose": "Find out who coordinates the posts of the Kite channel and its mirror, and "
        "at which hours they are active.",
        "legal_basis": "Art. 6 (1) e GDPR with section 3 of the (invented) Network Safety Act",
        "authority": "Network Safety Office, order 17/2026 of 2 March 2026",
        "retention_until": dt.date(2027, 3, 31),
        "marking": Marking.AMBER,
        "scope": Scope(platforms=("telegram", "x"), activities=(Activity.OFFLINE,)),
    }
    return Mandate(**(fields | changes))  # type: ignore[arg-type]


def week_plot(title: str = "Posts of telegram:user1 by hour of the week", seed: int = 7) -> Plot:
    chance = random.Random(seed)
    value = [
        0
        if hour % 24 < 6
        else round(40 * math.exp(-(((hour % 24) - 14) ** 2) / 14) * chance.random())
        for hour in range(168)
    ]
    return Plot(
        kind=PlotKind.HEATMAP_WEEK,
        title=title,
        caption="Number of posts in each hour of the week, UTC. Posts without an exact time are "
        "left out.",
        data=pa.table({"hour_of_week": list(range(168)), "value": value}),
    )


def series_plot(days: int = 120, gap: range = range(40, 46)) -> Plot:
    chance = random.Random(11)
    start = dt.datetime(2025, 11, 20, tzinfo=dt.UTC)
    values = [
        None if day in gap else int(40 + 30 * math.sin(day / 9) + 20 * chance.random())
        for day in range(days)
    ]
    return Plot(
        kind=PlotKind.SERIES,
        title="Posts per day",
        caption="Number of posts on each day, UTC. No capture covers the gap.",
        data=pa.table(
            {
                "at": pa.array(
                    [start + dt.timedelta(days=day) for day in range(days)],
                    pa.timestamp("us", tz="UTC"),
                ),
                "value": pa.array(values, pa.int64()),
            }
        ),
    )


def matrix_plot(accounts: int = 12) -> Plot:
    chance = random.Random(3)
    ids = [f"telegram:user{number}" for number in range(1, accounts + 1)]
    rows = [
        (a, b, int(chance.paretovariate(0.7)) if chance.random() < 0.7 else None)
        for a in ids
        for b in ids
        if a != b
    ]
    return Plot(
        kind=PlotKind.MATRIX,
        title="Who answers whom",
        caption="Number of replies from the account of the row to the account of the column.",
        data=pa.table(
            {
                "row": [row[0] for row in rows],
                "column": [row[1] for row in rows],
                "value": pa.array([row[2] for row in rows], pa.int64()),
            }
        ),
    )


def bars_plot(bars: int = 9) -> Plot:
    labels = [
        "https://news.example/join", "CVE-2026-0001", "198.51.100.23", "hashtag:kite",
        "a-very-long-name-that-nobody-can-set-on-one-line.forum.example", "канал «Змей»",
        "اجتماع الليلة", "今晚九点集合", "drop.example",
    ]  # fmt: skip
    chosen = [labels[n % len(labels)] + ("" if n < len(labels) else f" {n}") for n in range(bars)]
    return Plot(
        kind=PlotKind.BARS,
        title="Most frequent observables",
        caption="Number of posts that name each observable at least once.",
        data=pa.table({"label": chosen, "value": [5000 // (n + 1) ** 2 + 1 for n in range(bars)]}),
    )


def quoted(number: int, text: str | None, **changes: object) -> QuotedPost:
    fields: dict[str, object] = {
        "post_id": f"telegram:1001/{number}",
        "platform": "telegram",
        "time_quality": TimeQuality.UTC,
        "capture_id": capture_id("kite/result.json"),
        "item": number,
        "account_id": f"telegram:user{number % 12 + 1}",
        "channel_id": "telegram:1001",
        "posted_at": Micros(NOON - number * 97 * _MINUTE),
        "text": text,
        "url": f"https://t.example/kite/{number}",
    }
    return QuotedPost(**(fields | changes))  # type: ignore[arg-type]


ACCOUNTS = {
    f"telegram:user{number}": Named(
        shown_id=f"telegram:user{number}", handle=handle, name=name
    )
    for number, (handle, name) in enumerate(
        [
            ("kite_17", "Kite"), ("kite_mirror", "Kite (mirror)"), ("night_owl", "Сова"),
            (None, "Ночной дозор"), ("admin_nine", "مدير القناة"), (None, None),
            ("tailwind", "尾风"), ("bystander_a", "A. Bystander"),
            ("string_and_paper", "String & Paper <3"),
            ("low_pressure", "Low"), ("gust", "Gust"), ("calm", "Calm"),
        ],
        start=1,
    )
}  # fmt: skip
CHANNELS = {
    "telegram:1001": Named(shown_id="telegram:1001", handle="kite", name="Kite: news"),
    "telegram:1002": Named(shown_id="telegram:1002", name="Зеркало"),
}


def captures() -> tuple[CaptureLine, ...]:
    return (
        CaptureLine(
            capture_id=capture_id("kite/result.json"),
            name="kite/result.json",
            source="Telegram Desktop export",
            size_bytes=18_204_511,
            imported_at=NOON,
            observed_at=Micros(NOON - 3_000 * _MINUTE),
            run_id="01J-import-1",
            status=Status.PARTIAL,
            reason="records were rejected",
            items=41_312,
            rejected={"time out of range": 3, "no id": 1},
            tables={
                "posts": TableCount(read=41_308, kept=40_100, updated=8, duplicate=1_200),
                "interactions": TableCount(read=9_121, kept=9_121),
                "account_snapshots": TableCount(read=212, kept=212),
            },
            notes={"reaction without author": 311},
        ),
        CaptureLine(
            capture_id=capture_id("mirror/tweets.jsonl"),
            name="mirror/tweets.jsonl",
            source="X API v2, as twarc2 writes it",
            size_bytes=904_118,
            imported_at=Micros(NOON + _MINUTE),
            run_id="01J-import-2",
            items=2_048,
            tables={
                "posts": TableCount(read=2_048, kept=2_048),
                "links": TableCount(read=377, kept=370, duplicate=7),
            },
        ),
        CaptureLine(
            capture_id=capture_id("misc/notes.json"),
            name="misc/notes.json",
            source="Telegram Desktop export",
            size_bytes=512,
            imported_at=Micros(NOON + 2 * _MINUTE),
            run_id="01J-import-3",
            status=Status.FAILED,
            reason="the file ends in the middle of an object",
        ),
    )


def sample(**changes: object) -> ReportContent:
    """A small report such as an analyst would make."""
    posts = {post.post_id: post for post in (quoted(n, text) for n, text in enumerate(WORDS, 1))}
    special = (
        quoted(91, None, time_quality=TimeQuality.MISSING, posted_at=None, account_id=None,
               url=None),
        quoted(92, "A" * 4_000, time_quality=TimeQuality.CLAIMED),
        quoted(93, "\n".join(f"line {n}" for n in range(80)), title="A long list",
               time_quality=TimeQuality.ZONE_UNKNOWN, posted_at=None,
               local_time="2026-03-14T09:26:53"),
    )  # fmt: skip
    posts |= {post.post_id: post for post in special}
    ids = tuple(posts)
    sections = (
        Section(
            analysis="active_hours",
            question="At which hours of the week (UTC) does each account post?",
            run_id="01J-run-4",
            engine="DuckDB 2.0.1",
            ran_at=NOON,
            options={"min_posts": "50", "top": "20"},
            findings=(
                Finding(
                    summary="telegram:user1 posts between 08:00 and 18:00 UTC from Monday to "
                    "Friday: 1,204 of 1,311 posts.",
                    priority=Priority.MEDIUM,
                    subject="telegram:user1",
                    evidence=ids[:4],
                    confidence=0.86,
                    counter_evidence=("A scheduler would give the same rhythm; 212 posts came at "
                                      "a full minute.",),
                ),
                Finding(
                    summary="telegram:user4 has 12 posts with an exact time: too few for a rhythm.",
                    subject="telegram:user4",
                    evidence=ids[4:6],
                    enough_data=False,
                ),
            ),
            plots=(week_plot(), series_plot()),
            method=("Counts per account and hour of the week; only times of quality utc and "
                    "offset.",),
            limits=("Scheduled posts and shared accounts blur the rhythm.",
                    "The hour is UTC: it says nothing about where anybody is."),
        ),
        Section(
            analysis="interactions",
            question="Who answers, quotes, forwards and mentions whom?",
            run_id="01J-run-5",
            engine="DuckDB 2.0.1",
            ran_at=Micros(NOON + _MINUTE),
            findings=(
                Finding(
                    summary="telegram:user2 forwards 97 % of what telegram:user1 posts, within a "
                    "median of 41 seconds.",
                    priority=Priority.HIGH,
                    evidence=(*ids, capture_id("kite/result.json"), "telegram:user2"),
                    confidence=0.97,
                    counter_evidence=("Both could be fed by a third channel that is not in this "
                                      "case.",),
                    limits=("Forwards of deleted posts are not recorded.",),
                ),
                Finding(
                    summary="The three accounts with most replies are telegram:user3, "
                    "telegram:user5 and telegram:user9.",
                    evidence=("telegram:user3", "telegram:user5", "telegram:user9"),
                ),
            ),
            plots=(matrix_plot(),),
            method=("Counts of pairs; response time is the median over replies.",),
            limits=("A mention is not agreement.",),
        ),
        Section(
            analysis="top_observables",
            question="Which technical values are named most often, and by whom?",
            run_id="01J-run-6",
            engine="DuckDB 2.0.1",
            ran_at=Micros(NOON + 2 * _MINUTE),
            findings=(
                Finding(
                    summary="https://news.example/join was posted by 7 accounts within 60 seconds "
                    "of each other on 12 days.",
                    priority=Priority.LOW,
                    evidence=ids[:2],
                    confidence=0.62,
                ),
            ),
            plots=(bars_plot(),),
            limits=("An address in a quotation counts like any other.",),
        ),
    )  # fmt: skip
    fields: dict[str, object] = {
        "mandate": mandate(),
        "generated_at": Micros(NOON + 60 * _MINUTE + 123_456),
        "clew_version": "0.1.0",
        "journal_head": capture_id("journal"),
        "journal_entries": 27,
        "captures": captures(),
        "sections": sections,
        "posts": posts,
        "accounts": ACCOUNTS,
        "channels": CHANNELS,
    }
    return ReportContent(**(fields | changes))  # type: ignore[arg-type]


def large(findings: int = 200, posts: int = 500) -> ReportContent:
    """A report of many findings that together quote so many posts in many scripts."""
    quotes = [quoted(n, f"{WORDS[n % len(WORDS)]} ({n})") for n in range(posts)]
    each = max(1, posts // findings)
    made = [
        Finding(
            summary=f"telegram:user{n % 12 + 1} repeated the same text {n + 2} times within "
            f"{n + 11} seconds.",
            priority=Priority(n % 4),
            evidence=tuple(post.post_id for post in quotes[n * each : (n + 1) * each + 1]),
            confidence=(n % 99 + 1) / 100,
        )
        for n in range(findings)
    ]
    sections = tuple(
        Section(
            analysis=f"analysis_{number}",
            question="Who repeats whom?",
            run_id=f"01J-run-{number}",
            engine="DuckDB 2.0.1",
            ran_at=NOON,
            findings=tuple(made[number::5]),
            plots=(week_plot(seed=number), series_plot(), matrix_plot(), bars_plot()),
            limits=("The same text can have the same source.",),
        )
        for number in range(5)
    )
    return sample(sections=sections, posts={post.post_id: post for post in quotes})
