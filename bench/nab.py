"""The score of the Numenta Anomaly Benchmark by its own rules (arXiv:1510.03336).

    python -m bench.nab --repository PATH-OF-A-CLONE-OF-NAB

scores results that NAB itself published for a detector, file by file, and prints the greatest
difference to the scores that NAB published for them: it must be nothing but rounding.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import json
import math
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_FALSE_ALARM = 0.11  # its weight in the profile "standard"; hits and misses weigh 1

Window = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True)
class Series:
    """One file of the benchmark with its labelled windows."""

    name: str
    times: list[dt.datetime]
    values: list[float]
    windows: list[Window]

    @property
    def probation(self) -> float:
        """Rows at the beginning that nobody is scored on."""
        return min(math.floor(0.15 * len(self.times)), 0.15 * 5000)


def corpus(folder: Path) -> list[Series]:
    """Every labelled file of a folder with `windows.json` and `data/`."""
    labels: Mapping[str, list[list[str]]] = json.loads((folder / "windows.json").read_text())
    return [
        series_of(name, (folder / "data" / name).read_text(), windows)
        for name, windows in labels.items()
    ]


def series_of(name: str, text: str, windows: Sequence[Sequence[str]]) -> Series:
    """A series from its CSV and the limits of its windows."""
    rows = list(csv.DictReader(io.StringIO(text)))
    return Series(
        name,
        [dt.datetime.fromisoformat(row["timestamp"]) for row in rows],
        [float(row["value"]) for row in rows],
        [(dt.datetime.fromisoformat(a), dt.datetime.fromisoformat(b)) for a, b in windows],
    )


def score(series: Series, alarms: Sequence[bool]) -> float:
    """The raw score: of each window its best alarm, less the false alarms; a miss costs 1."""
    place = {at: number for number, at in reversed(list(enumerate(series.times)))}
    spans = [(place[begin], place[end]) for begin, end in series.windows]
    best = dict.fromkeys([span for span in spans if span[1] >= series.probation], -1.0)
    total = 0.0
    for number, alarm in enumerate(alarms):
        if not alarm or number < series.probation:
            continue
        inside = [span for span in spans if span[0] <= number <= span[1]]
        if inside:
            begin, end = inside[0]
            worth = _worth(-(end - number + 1) / (end - begin + 1)) / _worth(-1.0)
            best[begin, end] = max(best[begin, end], worth)
            continue
        before = [span for span in spans if span[1] < number]
        past = (number - before[-1][1]) / (before[-1][1] - before[-1][0]) if before else math.inf
        total += _FALSE_ALARM * _worth(past)
    return total + sum(best.values())


def _worth(place: float) -> float:
    """1 at the beginning of a window (-1), 0 at its end (0), -1 far behind it."""
    return -1.0 if place > 3 else 2 / (1 + math.exp(5 * place)) - 1


def normalised(total: float, windows: int) -> float:
    """0 for a detector that says nothing, 100 for one that is always first and never wrong."""
    return 100 * (total + windows) / (2 * windows)


def delays_h(series: Series, alarms: Sequence[bool]) -> list[float | None]:
    """Hours from the beginning of each window to its first alarm; None: missed."""
    rung = [at for at, alarm in zip(series.times, alarms, strict=True) if alarm]
    return [
        next(((at - begin).total_seconds() / 3600 for at in rung if begin <= at <= end), None)
        for begin, end in series.windows
    ]


def false_alarms(series: Series, alarms: Sequence[bool]) -> int:
    """Alarms outside of every window, after probation."""
    return sum(
        alarm
        and number >= series.probation
        and not any(begin <= at <= end for begin, end in series.windows)
        for number, (at, alarm) in enumerate(zip(series.times, alarms, strict=True))
    )


# ---------------------------------------------------------------- what NAB published of a detector


def shown(repository: Path, path: str) -> str:
    """A file of a clone of numenta/NAB, bare or not."""
    command = ["git", "-C", str(repository), "show", f"HEAD:{path}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def published_alarms(repository: Path, detector: str, series: Series) -> list[bool]:
    """What the detector said of a series at the threshold that NAB chose for it."""
    group, file = series.name.split("/")
    least = json.loads(shown(repository, "config/thresholds.json"))[detector]["standard"]
    text = shown(repository, f"results/{detector}/{group}/{detector}_{file}")
    rows = csv.DictReader(io.StringIO(text))
    return [float(row["anomaly_score"]) >= least["threshold"] for row in rows]


def published_scores(repository: Path, detector: str) -> dict[str, float]:
    """File → the raw score that NAB published."""
    text = shown(repository, f"results/{detector}/{detector}_standard_scores.csv")
    return {row["File"]: float(row["Score"]) for row in csv.DictReader(io.StringIO(text))}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repository", type=Path, required=True, help="a clone of numenta/NAB")
    parser.add_argument("--corpus", type=Path, required=True, help="a folder with windows.json")
    parser.add_argument("--detector", nargs="+", default=["twitterADVec", "skyline"])
    given = parser.parse_args(arguments)
    for detector in given.detector:
        theirs = published_scores(given.repository, detector)
        ours = {
            series.name: score(series, published_alarms(given.repository, detector, series))
            for series in corpus(given.corpus)
        }
        worst = max(abs(theirs[name] - value) for name, value in ours.items())
        print(f"{detector}: {len(ours)} files, greatest difference {worst:.1e}")


if __name__ == "__main__":
    main()
