"""Does the bench score as the Numenta Anomaly Benchmark does, and does it see the tweets surge?"""

from __future__ import annotations

import datetime as dt

import pytest

from bench import nab
from bench.trends import alarms, surprises

START = dt.datetime(2024, 1, 1)  # without zone, as NAB has it


def series(rows=1000, *windows):
    times = [START + dt.timedelta(minutes=5 * row) for row in range(rows)]
    spans = [(times[first], times[last]) for first, last in windows]
    return nab.Series("invented", times, [0.0] * rows, spans)


def rung(*places, rows=1000):
    return [row in places for row in range(rows)]


def test_an_alarm_at_once_is_worth_one_and_a_miss_costs_one():
    one = series(1000, (500, 599))
    assert nab.score(one, rung(500)) == pytest.approx(1.0)
    assert nab.score(one, rung()) == -1.0
    assert nab.normalised(1.0, 1) == 100
    assert nab.normalised(-1.0, 1) == 0


def test_only_the_best_alarm_of_a_window_counts_and_late_is_worth_less():
    one = series(1000, (500, 599))
    assert nab.score(one, rung(500, 550)) == nab.score(one, rung(500))
    assert 0 < nab.score(one, rung(590)) < nab.score(one, rung(550)) < 1


def test_false_alarms_cost_more_the_farther_they_are_behind_a_window():
    one = series(1000, (500, 599))
    hit = nab.score(one, rung(500))
    assert hit - nab.score(one, rung(500, 400)) == pytest.approx(0.11)
    assert hit - nab.score(one, rung(500, 950)) == pytest.approx(0.11)
    assert 0 < hit - nab.score(one, rung(500, 605)) < 0.11


def test_probation_is_not_scored():
    one = series(1000, (500, 599))
    assert nab.score(one, rung(10, 149, 500)) == nab.score(one, rung(500))


@pytest.mark.shared_data
def test_tweet_volumes_score_above_advec(shared_data):
    """Threshold from the other groups (bench.trends); NAB's results of ADVec score 66.0 here."""
    corpus = nab.corpus(shared_data / "truth/trend/nab")
    tweets = [one for one in corpus if one.name.startswith("realTweets")]
    raw = sum(nab.score(one, alarms(one, surprises(one), 1.25)) for one in tweets)
    assert nab.normalised(raw, sum(len(one.windows) for one in tweets)) > 66.03
