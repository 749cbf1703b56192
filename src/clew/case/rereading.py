"""How does a mended reader mend the case? It reads the same evidence again, and its rows replace.

The rows of whole platforms are made anew, from every capture that has told of them: what a row was
merged from is not recorded, so it cannot be taken out alone. Afterwards the tables are as if the
captures had been added today. One capture that cannot be read any more, and nothing is changed.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from clew.case.capture_reading import (
    CaptureReading,
    reading_again,
    settle,
    stored_captures,
)
from clew.case.open import Case
from clew.case.reading_pool import ReadingPool
from clew.case.run import Progress, Run, RunRecord, execute
from clew.contract import Activity, Outcome, Source, Status, TableCount, plugins
from clew.errors import CaseError, OptionsInvalid
from clew.model.tables import TABLES, Merge
from clew.store import journal as db
from clew.store.merging import Counts
from clew.store.staging import staged_platforms

_READ = [name for name, table in TABLES.items() if table.merge is not Merge.DERIVED]
_SAME_AS_BEFORE = (
    *("capture_id", "name", "size", "observed_at", "part_of", "beside", "source", "runner_up"),
)
_PHRASES = ("rows that were not there", "rows that read otherwise", "rows that are gone")


def reread(case: Case, names: Sequence[str] = (), *, progress: Progress | None = None) -> RunRecord:
    """Read again what these sources (none named: all) have read, and all of the same platforms.

    What annotators derived from the posts of those platforms goes too: they have to be run again.
    """
    known = plugins(Source)
    for name in names:
        if name not in known:
            raise OptionsInvalid(f"there is no source {name!r}; there are: {', '.join(known)}")
    return execute(
        case,
        lambda run: _reread(run, names),
        kind="reread",
        name=", ".join(names) or "all",
        options={"sources": list(names)},
        progress=progress,
    )


def _reread(run: Run, names: Sequence[str]) -> Outcome:
    case = run.case
    captures, platforms = _affected(case, names)
    if not captures:
        return Outcome(status=Status.NOTHING, reason="nothing was read by this source")
    stage = run.folder / "staged"
    run.progress.start("reading", sum(row["size"] for row in captures), "B")
    readings: list[tuple[dict[str, Any], CaptureReading]] = []
    with ReadingPool(os.cpu_count() or 1) as pool:
        for number, row in enumerate(captures):
            reading = reading_again(case, row, stage=stage, number=number, run_id=run.run_id)
            reading.read(pool, run.progress)
            readings.append((row, reading))
    today = db.now().date()
    for platform in staged_platforms(stage, ""):
        case.mandate.permit(platform=platform, activity=Activity.OFFLINE, today=today)
    before = dict(case.snapshot)
    run.lock()
    if dict(case.snapshot) != before:
        raise CaseError("something was added to the case meanwhile: read it again once more")
    merged = _merge(run, platforms)
    outcome = _account(run, readings, merged)
    outcome.notes |= _differences(run, before, platforms)
    return outcome


def _affected(case: Case, names: Sequence[str]) -> tuple[list[dict[str, Any]], set[str]]:
    """The captures to be read and the platforms whose rows are replaced.

    A source that shares a platform with another is read with it, and so on.
    """
    captures = stored_captures(case, sa.true())
    told = _platforms(case, captures)
    sources = set(names) & told.keys() if names else set(told)
    platforms: set[str] = set()
    while more := {name for name in sources if not told[name] <= platforms}:
        platforms = platforms.union(*(told[name] for name in more))
        sources |= {name for name in told if told[name] & platforms}
    return [row for row in captures if row["source"] in sources], platforms


def _platforms(case: Case, captures: Sequence[dict[str, Any]]) -> dict[str, set[str]]:
    """Source → the platforms that its captures told of."""
    known = plugins(Source)
    by_capture: dict[str, set[str]] = {}
    told: dict[str, set[str]] = {}
    for row in captures:
        source = known.get(row["source"])
        told[row["source"]] = {(source and source.platform) or row["source"]}
        by_capture.setdefault(row["capture_id"], set()).add(row["source"])
    for name in _READ:
        pairs = getattr(case, name).select("platform", "capture_id").distinct().to_pyarrow()
        for platform, capture_id in zip(*pairs.to_pydict().values(), strict=True):
            for source_name in by_capture.get(capture_id, ()):
                told[source_name].add(platform)
    return told


def _merge(run: Run, platforms: set[str]) -> dict[str, Counts]:
    """Put what was staged in the place of all rows of the platforms; what was derived goes."""
    run.progress.start("merging", len(TABLES), "tables")
    merged: dict[str, Counts] = {}
    for name in TABLES:
        version, counts = run.case.store.merge(
            name, run.folder / "staged", run.case.snapshot.get(name), replace=platforms
        )
        if name in _READ:
            merged[name] = counts
        if version is not None:
            run.snapshots[name] = version
        run.progress.advance(1)
    return merged


def _account(
    run: Run,
    readings: Sequence[tuple[dict[str, Any], CaptureReading]],
    merged: dict[str, Counts],
) -> Outcome:
    """What became of the rows of each capture, and of all."""
    total = Outcome(status=Status.COMPLETED)
    settled = settle(merged)
    told: set[tuple[str, str]] = set()
    for row, reading in readings:
        if (row["capture_id"], row["name"]) in told:
            continue  # added in two runs
        told.add((row["capture_id"], row["name"]))
        outcome = reading.outcome()
        outcome.tables = settled.pop(row["capture_id"], {})
        for name, times in reading.repeats.items():
            outcome.tables.setdefault(name, TableCount()).add(
                TableCount(read=times, duplicate=times)
            )
        run.captures.append(
            {name: row[name] for name in _SAME_AS_BEFORE} | {"outcome": asdict(outcome)}
        )
        total.add(outcome)
    return total


def _differences(run: Run, before: dict[str, int], platforms: set[str]) -> dict[str, int]:
    """How the rows of the platforms differ from what they were, as phrases with counts."""
    notes: dict[str, int] = {}
    for name in _READ:
        counts = run.case.store.compare(
            name, before.get(name), run.snapshots.get(name), platforms, run.folder / "spill"
        )
        for phrase, count in zip(_PHRASES, counts, strict=True):
            if count:
                notes[f"{name}: {phrase}"] = count
    if not notes:
        notes["every row is what it was"] = 1
    return notes
