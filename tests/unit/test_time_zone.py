"""What time_zone says of people whose zone is known, and that it says nothing where it must not."""

from __future__ import annotations

import datetime as dt
import math
import random
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from clew.analyses.time_zone import GIVES, TIME_ZONE, Options
from clew.analyses.time_zone.answer import OFFSETS, best_window, credible_set
from clew.analyses.time_zone.posterior import Activity, crowd, shipped, zone_likelihoods
from clew.analyses.time_zone.zones import by_population, class_of, evenly, zone_classes
from clew.contract import options_from
from clew.errors import OptionsInvalid
from tests.engines import GivenTables

FIRST = dt.date(2024, 1, 1)
OFFICE = [0] * 7 + [1, 4, 9, 10, 9, 8, 4, 8, 9, 9, 8, 5, 2, 1, 1, 1, 0]
EVENING = [3, 1, 0, 0, 0, 0, 1, 3, 3, 2, 2, 2, 4, 3, 2, 2, 3, 5, 7, 9, 11, 11, 9, 5]


def person(zone: str, account: str, *, days: int = 150, hours=EVENING, seed: int = 1, since=0):
    """One or two posts a day at local hours of these weights."""
    draw = random.Random(seed)
    posts = []
    for day in range(since, since + days):
        for number in range(draw.randint(1, 2)):
            local = dt.datetime.combine(
                FIRST + dt.timedelta(day),
                dt.time(draw.choices(range(24), hours)[0], draw.randrange(60), draw.randrange(60)),
                ZoneInfo(zone),
            )
            posts.append(post(f"x:{account}{day}-{number}", f"x:{account}", local))
    return posts


def post(post_id: str, account: str | None, at: dt.datetime, **others) -> dict:
    return {
        "post_id": post_id,
        "account_id": account,
        "channel_id": "x:c",
        "kind": "post",
        "posted_at": at.astimezone(dt.UTC),
        "time_quality": "utc",
    } | others


def answers(engine, posts: list[dict], **options):
    chosen = Options(**{"prior": "population", **options})
    tables = GivenTables(engine, TIME_ZONE.needs, {"posts": posts})
    result = TIME_ZONE.score(TIME_ZONE.gather(tables, chosen).to_pyarrow(), chosen)
    assert result.schema == GIVES.to_pyarrow()
    rows = {(row["scope"], row["subject_id"]): row for row in result.to_pylist()}
    return rows, TIME_ZONE.find(result, chosen), TIME_ZONE.draw(result, chosen)


@pytest.mark.parametrize(
    ("zone", "offset"),
    [("Asia/Shanghai", 480), ("Europe/Berlin", 60), ("America/New_York", -300)],
)
@pytest.mark.parametrize("hours", [OFFICE, EVENING])
def test_the_zone_of_a_person_is_in_the_stated_set(duckdb, zone, offset, hours):
    rows, findings, plots = answers(duckdb, person(zone, "ann", hours=hours))
    row = rows["account", "x:ann"]
    assert row["outcome"] == "answered"
    assert abs(row["offset_min"] - offset) <= 60
    assert set(row["set_min"]) & {offset, offset + 60}
    assert row["probability"] > 0.5
    finding = findings[1]
    assert finding.confidence == row["probability"]
    assert finding.evidence == tuple(row["example_post_ids"])
    assert "works by night" in finding.counter_evidence[-1]
    assert len(plots) == 2


@pytest.mark.parametrize(("home", "other"), [("New_York", "Lima"), ("Lima", "New_York")])
def test_the_rule_of_summer_time_tells_zones_of_one_offset_apart(home, other):
    model = shipped()
    hours = model.templates[model.weights.argmax()][0].reshape(24, 2).sum(axis=1)
    posts = person(f"America/{home}", "ann", days=700, hours=hours.tolist())
    logs = likelihoods_of(posts, per_template=True)[:, model.weights.argmax()]
    assert logs[class_of()[f"America/{home}"]] > logs[class_of()[f"America/{other}"]]


def likelihoods_of(posts: list[dict], per_template: bool = False) -> np.ndarray:
    slots = np.array([int(each["posted_at"].timestamp()) // 1800 for each in posts])
    activity = Activity.of(np.zeros(len(slots), int), slots, 1)
    return zone_likelihoods(activity, shipped(), per_template)[0]


def test_the_likelihood_is_what_the_formula_says():
    posts, model = person("Europe/Berlin", "ann", days=40), shipped()
    slots = sorted({int(each["posted_at"].timestamp()) // 1800 for each in posts})
    days = {slot // 48 for slot in slots}
    temper = min(1, model.temper_scale * len(days) ** model.temper_power / len(slots))
    by_class = []
    for each in zone_classes():
        total = 0.0
        for weight, template in zip(model.weights, model.templates, strict=True):
            log = 0.0
            for slot in slots:
                day = dt.datetime.fromtimestamp(slot // 48 * 86_400 + 43_200, dt.UTC)
                offset = day.astimezone(ZoneInfo(each.names[0])).utcoffset()
                local = slot + (offset // dt.timedelta(minutes=1) + 15) // 30
                log += math.log(template[int((local // 48 + 3) % 7 >= 5)][local % 48])
            total += weight * math.exp(log * temper)
        by_class.append(total)
    share = model.outliers
    mixed = [(1 - share) * each + share * np.mean(by_class) for each in by_class]
    got = likelihoods_of(posts)
    assert np.allclose(np.exp(got - got.max()), np.array(mixed) / max(mixed), atol=2e-3)


def test_shuffled_times_say_nothing(duckdb):
    draw = random.Random(3)
    posts = [
        one | {"posted_at": one["posted_at"].replace(hour=draw.randrange(24))}
        for number in range(10)
        for one in person("Asia/Tokyo", f"a{number}", days=80, seed=number)
    ]
    rows, findings, _plots = answers(duckdb, posts, prior="uniform")
    mine = [row for (scope, _), row in rows.items() if scope == "account"]
    assert not any(row["outcome"] == "answered" for row in mine)
    assert np.mean([row["probability"] for row in mine]) < 0.35
    assert not any(finding.enough_data for finding in findings if finding.subject in
                   {row["subject_id"] for row in mine})  # fmt: skip


def test_why_there_is_no_answer(duckdb):
    draw = random.Random(5)
    posts = person("Europe/Berlin", "few", days=4)
    posts += person("Europe/Berlin", "flat", days=200, hours=[1] * 24)
    posts += person("Europe/Berlin", "moved", days=150, hours=OFFICE)
    posts += person("America/Los_Angeles", "moved", days=150, hours=OFFICE, since=150)
    posts += [
        one | {"posted_at": one["posted_at"].replace(minute=draw.choice([0, 30]))}
        for one in person("Europe/Berlin", "clock")
    ]
    rows, findings, _plots = answers(duckdb, posts)
    outcomes = {row["subject_id"]: row["outcome"] for row in rows.values()}
    assert outcomes["x:few"] == "few"
    assert outcomes["x:flat"] == "round the clock"
    assert outcomes["x:moved"] == "moved"
    assert outcomes["x:clock"] == "scheduled"
    told = {finding.subject: finding for finding in findings}
    for name in ("flat", "moved", "clock"):
        assert told[f"x:{name}"].confidence is None
        assert not told[f"x:{name}"].enough_data


def test_only_exact_times_count_and_the_others_are_counted(duckdb):
    posts = person("Asia/Tokyo", "ann", days=30)
    claimed = [
        post(f"x:c{n}", "x:ann", dt.datetime(2024, 1, 1, 3, tzinfo=dt.UTC), time_quality="claimed")
        for n in range(7)
    ]
    own = post("x:o", "x:ann", dt.datetime(2024, 1, 1, 3, tzinfo=dt.UTC), time_quality="offset")
    rows, findings, _plots = answers(duckdb, [*posts, *claimed, own])
    row = rows["account", "x:ann"]
    assert (row["posts"], row["left_out"], row["declared"]) == (len(posts) + 1, 7, 1)
    assert "1 post came with an offset of their own" in findings[0].summary
    assert "x:c0" not in row["example_post_ids"]


def test_a_crowd_is_a_mixture(duckdb):
    posts = [
        one
        for number in range(40)
        for one in person(
            "Asia/Tokyo" if number % 4 == 0 else "America/Chicago",
            f"a{number}",
            hours=OFFICE,
            seed=number,
        )
    ]
    rows, findings, _plots = answers(duckdb, posts)
    for crowd_row in (rows["everybody", None], rows["members", "x:c"]):
        shares = dict(zip(crowd_row["offsets_min"], crowd_row["shares"], strict=True))
        east = sum(share for offset, share in shares.items() if 420 <= offset <= 660)
        west = sum(share for offset, share in shares.items() if -480 <= offset <= -180)
        assert east == pytest.approx(0.25, abs=0.12)
        assert west == pytest.approx(0.75, abs=0.15)
        assert all(
            low <= high
            for low, high in zip(crowd_row["shares_low"], crowd_row["shares_high"], strict=True)
        )
    assert any("as a crowd (40 accounts)" in finding.summary for finding in findings)


def test_the_analysts_prior_is_believed_and_checked(duckdb):
    posts = person("Europe/Berlin", "ann", days=12)
    rows, _findings, _plots = answers(duckdb, posts, zones=("America/Chicago",), min_active=5)
    assert rows["account", "x:ann"]["zone"] == "America/Chicago"
    assert options_from(Options, {"zones": "Europe/Berlin=3,Asia/Tokyo"}).zones
    for wrong in ("Europe/Atlantis", "Europe/Berlin=0", "Europe/Berlin=many"):
        with pytest.raises(OptionsInvalid):
            options_from(Options, {"zones": wrong})


def test_priors_and_templates_are_whole():
    assert by_population().sum() == pytest.approx(1)
    assert evenly().sum() == pytest.approx(1)
    model = shipped()
    assert model.weights.sum() == pytest.approx(1, abs=1e-5)
    weeks = 5 * model.templates[:, 0].sum(axis=1) + 2 * model.templates[:, 1].sum(axis=1)
    assert weeks == pytest.approx(1, abs=1e-4)
    assert (model.templates > 0).all()
    names = [name for each in zone_classes() for name in each.names]
    assert len(names) == len(set(names))


def test_windows_close_the_circle_and_sets_hold_their_level():
    offsets = np.zeros((1, len(OFFSETS)))
    offsets[0, 0] = offsets[0, list(OFFSETS).index(720)] = 0.5  # −12 h and +12 h: one clock
    assert best_window(offsets)[1][0] == pytest.approx(1)
    spread = np.random.default_rng(1).dirichlet(np.ones(len(OFFSETS)), 20)
    chosen = credible_set(spread, 0.9)
    held = (spread * chosen).sum(axis=1)
    least = np.where(chosen, spread, 1).min(axis=1)
    assert (held >= 0.9).all()
    assert (held - least < 0.9).all()


def test_a_crowd_without_members_is_as_expected():
    assert crowd(np.zeros((5, len(zone_classes()))), by_population()) == pytest.approx(
        by_population(), abs=1e-3
    )
