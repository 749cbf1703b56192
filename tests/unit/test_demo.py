"""Is the demo case what it says: always the same, readable by the sources, true to its truth?"""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from clew.case.demo import MAPPING, TABLE, TRUTH, write_demo
from clew.case.demo.grammar import load, write
from clew.case.demo.people import Person
from clew.case.demo.rhythm import RHYTHMS, moments
from clew.contract import Annotator, Source, plugins
from clew.formats import archive
from clew.model.tables import TABLES, Account, Interaction, InteractionKind, Post
from clew.model.times import TimeQuality, to_datetime
from tests.captures import MemoryCapture, file_capture, read

SOURCES = plugins(Source)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    return folder, write_demo(folder), json.loads((folder / TRUTH).read_text("utf-8"))


def captures(path: Path, folder: Path) -> dict[str, MemoryCapture]:
    """The captures of one file by the name the truth has for them: an archive's are its members."""
    name = path.relative_to(folder).as_posix()
    if path.suffix != ".7z":
        return {name: file_capture(path)}
    with path.open("rb") as stream:
        budget = archive.Budget(packed=path.stat().st_size)
        return {
            f"{name.removesuffix('.7z')}/{member.name}": MemoryCapture(
                member.open().read(), name=f"{path.parent.name}/{path.name}/{member.name}"
            )
            for member in archive.members(stream, "7z", name=path.name, budget=budget)
        }


@pytest.fixture(scope="module")
def found(demo):
    """What the real sources read: for each file its source, rows and rejected records."""
    folder, files, _ = demo
    results = {}
    for path in files:
        for name, capture in captures(path, folder).items():
            scores = {one: source.recognise(capture.sample) for one, source in SOURCES.items()}
            best = max(scores, key=scores.__getitem__)
            assert scores[best] >= 0.5, (name, scores)
            assert sorted(scores.values())[-2] < scores[best], (name, scores)
            results[name] = (best, *read(SOURCES[best], capture))
    mapping = (folder / MAPPING).read_text("utf-8")
    capture = file_capture(folder / TABLE)
    results[TABLE] = ("table", *read(SOURCES["table"], capture, mapping=mapping))
    return results


@pytest.fixture(scope="module")
def posts(found):
    """Every post once, as the file read last has it."""
    return {
        row.post_id: row for _, rows, _ in found.values() for row in rows if isinstance(row, Post)
    }


# ------------------------------------------------------------------------------- the same bytes


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes(demo, tmp_path):
    """In another process too, with other hashes of strings, another zone and another umask."""
    folder, _, _ = demo
    code = (
        "import os, sys; os.umask(0o077); from pathlib import Path;"
        "from clew.case.demo import write_demo; write_demo(Path(sys.argv[1]))"
    )
    surroundings = {"PYTHONHASHSEED": "11", "TZ": "Pacific/Chatham", "PYTHONPATH": "src"}
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        check=True,
        env=os.environ | surroundings,
        cwd=Path(__file__).parents[2],
    )
    assert digests(tmp_path) == digests(folder)


def test_another_seed_gives_another_crowd_and_the_same_plot(demo, tmp_path):
    folder, _, truth = demo
    write_demo(tmp_path, seed=8)
    other = json.loads((tmp_path / TRUTH).read_text("utf-8"))
    same = digests(tmp_path).items() & digests(folder).items()
    assert {name for name, _ in same} == {MAPPING}
    assert [one["name"] for one in other["campaigns"]] == [
        one["name"] for one in truth["campaigns"]
    ]
    assert len(other["disclosures"]) == len(truth["disclosures"])


def test_scale_adds_bystanders_only(demo, tmp_path):
    _, _, truth = demo
    write_demo(tmp_path, scale=2)
    scaled = json.loads((tmp_path / TRUTH).read_text("utf-8"))
    assert scaled["posts"] > 1.2 * truth["posts"]
    for told in ("channel", "archive"):
        assert scaled[told] == truth[told]
    roles = [
        Counter(account["role"] for account in one["accounts"].values()) for one in (truth, scaled)
    ]
    assert roles[1].pop("bystander") > 1.3 * roles[0].pop("bystander")
    assert roles[0] == roles[1]


# ------------------------------------------------------------- read by the sources, as was planted


def test_every_file_goes_to_the_source_of_its_format(found):
    expected = {
        "telegram": "telegram_export",
        "x": "x_api",
        "forum": "stackexchange_dump",
        "enquiries": "table",
    }
    assert {name: source for name, (source, _, _) in found.items()} == {
        name: expected[name.split("/")[0]] for name in found
    }


def test_posts_and_rejections_are_those_planted(demo, found):
    _, _, truth = demo
    for name, told in truth["files"].items():
        _, rows, rejected = found[name]
        read_posts = {row.post_id for row in rows if isinstance(row, Post)}
        assert len(read_posts) == told["posts"], name
        reasons = {"year 9999": "time out of range", "no date": "time unreadable"}
        expected = {reasons[why]: number for why, number in told["rejected"].items()}
        assert Counter(error.reason for error in rejected) == expected, name


def test_no_post_is_lost_or_doubled(demo, posts):
    _, _, truth = demo
    assert len(posts) == truth["posts"]


def test_indicators_stand_in_the_posts(demo, posts):
    _, _, truth = demo
    assert len(truth["indicators"]) > 150
    assert {one["kind"] for one in truth["indicators"]} >= {
        "ipv4", "ipv6", "domain", "url", "email", "md5", "sha1", "sha256", "cve", "phone",
    }  # fmt: skip
    for one in truth["indicators"]:
        post = posts[one["post_id"]]
        is_there = one["original"] in f"{post.title}\n{post.text}"
        assert is_there is not one.get("edited_away", False), one


def test_indicators_are_found_again(demo, posts):
    """The annotator reads texts only: what stands in a title alone, or was edited away, is not."""
    _, _, truth = demo
    annotator = plugins(Annotator)["observables"]
    told = [
        one for one in truth["indicators"] if one["original"] in (posts[one["post_id"]].text or "")
    ]
    texts = [posts[post_id] for post_id in dict.fromkeys(one["post_id"] for one in told)]
    arrow = TABLES["posts"].arrow
    batch = pa.RecordBatch.from_arrays(
        [
            pa.array([getattr(post, name) for post in texts]).cast(arrow.field(name).type)
            for name in annotator.reads
        ],
        names=list(annotator.reads),
    )
    seen = {
        (row["post_id"], row["kind"], row["value"]) for row in annotator.annotate(batch).to_pylist()
    }
    missed = [one for one in told if (one["post_id"], one["kind"], one["value"]) not in seen]
    assert len(missed) <= 0.01 * len(told), missed


def test_authors_are_the_accounts_of_the_truth(demo, posts):
    _, _, truth = demo
    authors = {post.account_id for post in posts.values() if post.account_id}
    assert authors <= set(truth["accounts"])
    written = Counter(post.account_id for post in posts.values())
    for account, told in truth["accounts"].items():
        assert sum(told["languages"].values()) <= written[account], account


def test_replies_lead_from_account_to_account(demo, found, posts):
    _, _, truth = demo
    pairs = Counter()
    seen = set()
    for _, rows, _ in found.values():
        for row in rows:
            if not isinstance(row, Interaction) or row.kind is not InteractionKind.REPLY:
                continue
            target = row.target_account_id
            if target is None and row.target_post_id in posts:
                target = posts[row.target_post_id].account_id
            if row.account_id and target and (key := (row.post_id, target)) not in seen:
                seen.add(key)
                pairs[row.account_id, target] += 1
    told = {(one, other): number for one, other, number in truth["replies"] if one != other}
    assert {pair: number for pair, number in pairs.items() if pair[0] != pair[1]} == told


def test_old_archive_has_no_zone(demo, found):
    _, _, truth = demo
    _, rows, _ = found["telegram/kitchen-2019/result.json"]
    times = [(row.time_quality, row.posted_at) for row in rows if isinstance(row, Post)]
    assert set(times) == {(TimeQuality.ZONE_UNKNOWN, None)}
    never = dt.datetime.fromisoformat(truth["archive"]["edited_never"])
    epoch = dt.datetime.fromtimestamp(0, ZoneInfo(truth["archive"]["zone"]))
    assert never == epoch.replace(tzinfo=None)


# ------------------------------------------------------------------------------------- the plot


def test_second_export_holds_duplicates_and_updates(demo, found):
    _, _, truth = demo
    first, second = (
        {row.post_id: row for row in found[f"telegram/emberline-{day}/result.json"][1]
         if isinstance(row, Post)}
        for day in ("2026-06-15", "2026-07-31")
    )  # fmt: skip
    both = first.keys() & second.keys()
    changed = {post_id for post_id in both if first[post_id] != second[post_id]}
    overlap = truth["channel"]["overlap"]
    assert (len(both) - len(changed), len(changed)) == (overlap["duplicate"], overlap["updated"])
    assert changed <= set(truth["channel"]["edited"])
    gone = set(truth["channel"]["deleted"])
    assert gone & first.keys()
    assert not gone & second.keys()


def test_mirror_keeps_what_the_channel_took_back(demo, posts):
    _, _, truth = demo
    delays = {one["of"]: one["delay_s"] for one in truth["mirror"]["forwards"]}
    assert min(delays.values()) >= 60
    assert max(delays.values()) <= 360
    lost = set(truth["channel"]["deleted"]) - posts.keys()
    kept = {one["of"] for one in truth["mirror"]["forwards"]}
    assert lost, "one post was deleted before anybody exported"
    assert lost <= kept
    for one in truth["mirror"]["forwards"]:
        if one["of"] in posts:
            took = posts[one["post_id"]].posted_at - posts[one["of"]].posted_at
            assert took == one["delay_s"] * 1_000_000


def test_waves_are_one_text_within_seconds(demo, posts):
    _, _, truth = demo
    assert len(truth["campaigns"]) == 6
    for campaign in truth["campaigns"]:
        wave = [posts[post_id] for post_id in campaign["posts"]]
        assert len({post.text for post in wave}) == 1
        times = [post.posted_at for post in wave]
        assert max(times) - min(times) <= 45_000_000
        assert len(campaign["members"]) == len(wave) >= 8


def test_decoys_are_not_waves(demo, posts):
    _, _, truth = demo
    decoys = truth["decoys"]
    start = posts[decoys["viral"]["post_id"]].posted_at
    delays = sorted(posts[one].posted_at - start for one in decoys["viral"]["reposts"])
    assert len(delays) == 170
    assert delays[len(delays) // 2] > 3 * 3600 * 1_000_000
    tides = sorted(
        post.posted_at for post in posts.values() if post.account_id == decoys["scheduler"]
    )
    assert {later - earlier for earlier, later in pairwise(tides)} == {1800 * 1_000_000}
    assert len(decoys["headlines_copied"]) > 20


def test_opinion_turns_on_the_days_of_the_surge(demo, posts):
    _, _, truth = demo
    first, last = (dt.date.fromisoformat(truth["surge"][day]) for day in ("first_day", "last_day"))
    shares = defaultdict(Counter)
    for stance, post_ids in truth["sentiment"].items():
        for post_id in post_ids:
            on = to_datetime(posts[post_id].posted_at).date()
            shares[first <= on <= last][stance] += 1
    inside, outside = shares[True], shares[False]
    assert inside["negative"] / inside.total() > 0.75
    assert inside.total() / 5 > 3 * outside.total() / 148, "posts a day"


@pytest.mark.parametrize("rhythm", sorted(RHYTHMS))
def test_people_post_by_the_clock_on_their_wall(rhythm):
    """By local hour posts are shared out as the rhythm says, in summer time and out of it."""
    person = Person(
        key="a", name="a", handle="a", role="", zone="America/Santiago", rhythm=rhythm, rate=700,
        languages={"en": 1.0},
    )  # fmt: skip
    zone = ZoneInfo(person.zone)
    workdays = [
        when
        for moment in moments([person], Random(3))
        if (when := dt.datetime.fromtimestamp(moment.at, zone)).weekday() < 5
    ]
    expected = RHYTHMS[rhythm][0]
    for summer in (True, False):
        hours = Counter(when.hour for when in workdays if bool(when.dst()) is summer)
        assert hours.total() > 1500
        for hour, weight in enumerate(expected):
            share = hours[hour] / hours.total()
            assert share == pytest.approx(weight / sum(expected), abs=0.03), (hour, summer)


def test_languages_are_those_of_the_world(demo):
    _, _, truth = demo
    spoken = Counter()
    for account in truth["accounts"].values():
        spoken.update(account["languages"])
    assert set(spoken) == {"en", "de", "es", "ru", "uk", "zh", "ar"}
    assert min(spoken.values()) >= 15


def test_templates_can_all_be_filled():
    """No slot without words, no brace left over."""

    def texts(node):
        if isinstance(node, str):
            yield node
        elif isinstance(node, list):
            for below in node:
                yield from texts(below)
        elif isinstance(node, dict):
            for key, below in node.items():
                if key not in ("words", "tags", "since"):
                    yield from texts(below)

    for language in ("en", "de", "es", "ru", "uk", "zh", "ar", "crew", "forum", "form"):
        phrases = load(f"phrases/{language}")
        for section in phrases.values():
            words = section.get("words") if isinstance(section, dict) else None
            for template in texts(section):
                for seed in range(6):
                    text, _ = write(template, words or phrases["words"], Random(seed))
                    assert not set(text) & set("{}|"), template


# ------------------------------------------------------------------------------ nobody real in it


def test_nothing_in_it_is_anybodys(demo):
    """Reserved domains and addresses only; the two hosts that the formats themselves name."""
    folder, _, _ = demo
    of_the_format = {"t.co", "api.twitter.com"}
    reserved = [
        ipaddress.ip_network(net)
        for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
    ]
    for path in folder.rglob("*"):
        if path.suffix not in (".json", ".jsonl", ".xml"):
            continue
        text = path.read_text("utf-8", errors="replace")
        text = re.sub(r"[\[(](?:\.|dot)[\])]", ".", text)
        for host in set(re.findall(r"h(?:tt|xx)ps?://([\w.-]+)", text)) - of_the_format:
            if re.fullmatch(r"[\d.]+", host):
                continue
            assert re.search(r"(^|\.)(example(\.com|\.net|\.org)?)$", host), host
        for address in set(re.findall(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.-])", text)):
            assert any(ipaddress.ip_address(address) in net for net in reserved), address


def test_rows_hold_people_whose_names_are_traps(found):
    names = {row.name for _, rows, _ in found.values() for row in rows if isinstance(row, Account)}
    assert "=cmd|' /C calc'!A0" in names
