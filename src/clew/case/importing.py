"""How does a file become rows of the case? Evidence first, then reading, then one commit.

Files come in batches: a batch is one run, committed at once. Within it every file has its own
outcome: one that cannot be read leaves no row and does not hinder the others.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

import sqlalchemy as sa

from clew.case.capture_reading import CaptureReading, settle
from clew.case.open import Case
from clew.case.reading_pool import ReadingPool
from clew.case.recognising import Recognised, named_source, recognise, take_sample
from clew.case.run import STOPPED, Progress, Run, RunRecord, attempt, execute
from clew.contract import (
    ENDED_WELL,
    Outcome,
    Sample,
    Source,
    Status,
    TableCount,
)
from clew.errors import CaseDamaged, OptionsInvalid, SourceUnusable
from clew.formats import archive
from clew.model.tables import TABLES, Merge
from clew.model.times import Micros
from clew.store import journal as db
from clew.store.evidence import StoredCapture
from clew.store.merging import Counts
from clew.store.staging import drop_parts, staged_platforms

BATCH_BYTES = 1 << 30
"""A batch is committed when its files reach this size: what is committed stays."""

_NESTING = 3  # archives within archives


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the analyst says of the files; all of it may be left open."""

    source: str | None = None  # read them with this source
    options: Mapping[str, str] = field(default_factory=dict)  # of the source
    observed_at: Micros | None = None  # when they were taken; None: their modification time


@dataclass(frozen=True, kw_only=True)
class _File:
    path: Path
    is_named: bool  # named by the analyst, not just found in a folder


@dataclass(frozen=True, kw_only=True)
class _Origin:
    """Where the bytes of a capture come from."""

    place: str  # the whole path, through archives: no two files have the same
    name: str  # what is told and kept of it
    observed_at: Micros
    part_of: str | None = None


@dataclass(kw_only=True)
class _Taken:
    """One capture of a batch and what became of it."""

    number: int  # in the batch, from 0
    capture: StoredCapture
    is_new: bool  # these bytes are in the case for the first time
    is_repeat: bool  # they came before in this batch
    origin: _Origin
    beside: dict[str, StoredCapture] = field(default_factory=dict)
    recognised: Recognised | None = None
    outcome: Outcome = field(default_factory=lambda: Outcome(status=Status.NOTHING))
    repeats: Counter[str] = field(default_factory=Counter)

    @property
    def prefix(self) -> str:
        """What the names of its staged files begin with."""
        return f"{self.number:05}-"


def add_files(
    case: Case,
    paths: Iterable[str | Path],
    request: Request | None = None,
    *,
    progress: Progress | None = None,
    workers: int | None = None,
) -> list[RunRecord]:
    """Import files and folders into a case; gives a record for each batch.

    A folder means all files in it; those that no source knows are counted, not kept. `workers` is
    the number of reading processes (default: one for each core).
    """
    request = request or Request()
    records: list[RunRecord] = []
    with ReadingPool(workers or os.cpu_count() or 1) as pool:
        for batch in _batches(_walk(paths)):
            records.append(
                execute(
                    case,
                    lambda run, files=batch: _Import(run, request, pool).take(files),  # type: ignore[misc]
                    kind="import",
                    name=batch[0].path.name if len(batch) == 1 else f"{len(batch)} files",
                    options={"source": request.source, "set": dict(request.options)},
                    progress=progress,
                )
            )
            if records[-1].outcome.reason.startswith(STOPPED):
                break
    return records


class _Import:
    """One batch on its way into the case."""

    def __init__(self, run: Run, request: Request, pool: ReadingPool) -> None:
        self.run = run
        self.case = run.case
        self.request = request
        self.pool = pool
        self.taken: list[_Taken] = []
        self.ids: set[str] = set()  # of what was taken
        self.notes: Counter[str] = Counter()
        self.failed: list[tuple[str, Outcome]] = []  # file → how it failed
        self.was_stopped = False
        self.stage = run.folder / "staged"
        self.queue: deque[_File] = deque()
        self.places: dict[str, StoredCapture] = {}  # where each capture was found
        self.waiting: dict[int, Source] = {}  # numbers of captures to be read when all have come

    def take(self, files: Sequence[_File]) -> Outcome:
        """Import the files; gives the outcome of the whole batch."""
        sizes = sum(file.path.stat().st_size for file in files if file.path.is_file())
        self.run.progress.start("reading", sizes, "B")
        self.queue.extend(files)
        try:
            while self.queue:
                file = self.queue.popleft()
                outcome = attempt(lambda file=file: self._take_file(file))  # type: ignore[misc]
                if outcome.status not in ENDED_WELL:
                    self.failed.append((file.path.name, outcome))
            self._read_waiting()
        except KeyboardInterrupt:
            self.was_stopped = True
        self.pool.rest()  # merging needs the memory
        self.run.lock()
        for taken in self.taken:
            self._keep_or_discard(taken)
        self._merge()
        self._record()
        return self._sum_up()

    # ------------------------------------------------------------------ looking at files

    def _take_file(self, file: _File) -> Outcome:
        place = str(file.path.absolute())
        if place in self.places:
            return Outcome(status=Status.NOTHING)  # it came already, beside another
        observed_at = self.request.observed_at
        if observed_at is None:
            observed_at = Micros(file.path.stat().st_mtime_ns // 1000)
        name = f"{file.path.parent.name}/{file.path.name}"
        origin = _Origin(place=place, name=name, observed_at=observed_at)
        with file.path.open("rb") as stream:
            sample = take_sample(name, file.path.stat().st_size, stream)
        kind = archive.kind_of(sample.head, name)
        if kind is not None and self.request.source is None:
            with file.path.open("rb") as stream:
                return self._take_archive(stream, origin, kind)
        recognised = self._recognise(sample)
        if recognised.source is None and file.is_named:
            raise SourceUnusable("no source knows this file (see `clew sources --known`)")
        if recognised.source is None or not (recognised.is_sure or file.is_named):
            self.notes[f"not recognised: {file.path.suffix or file.path.name}"] += 1
            return Outcome(status=Status.NOTHING)
        with file.path.open("rb") as stream:
            outcome = self._take_capture(stream, origin, recognised)
        self.queue.extendleft(
            _File(path=Path(path), is_named=False)
            for path in _beside(place, recognised.source)
            if Path(path).is_file()
        )
        return outcome

    def _take_archive(
        self,
        stream: BinaryIO,
        origin: _Origin,
        kind: str,
        *,
        depth: int = 1,
        budget: archive.Budget | None = None,
    ) -> Outcome:
        """Keep the archive as evidence, and each member that a source knows.

        A damaged archive is unusable as a whole; a member that no source can read is not.
        """
        if depth > _NESTING:
            raise SourceUnusable(f"{origin.name}: archives are nested more than {_NESTING} deep")
        first = len(self.taken)
        whole = self._capture(stream, origin)
        budget = budget or archive.Budget(packed=whole.capture.size)
        unreadable: list[Outcome] = []
        try:
            found = archive.members(stream, kind, name=Path(origin.name).name, budget=budget)
            for member in found:
                inside = _Origin(
                    place=f"{origin.place}/{member.name}",
                    name=f"{origin.name}/{member.name}",
                    observed_at=member.observed_at or origin.observed_at,
                    part_of=whole.capture.capture_id,
                )
                if kind == "warc":  # one answer may be cut short, the next one whole
                    outcome = attempt(
                        lambda member=member, inside=inside: self._take_member(  # type: ignore[misc]
                            member, inside, depth, budget
                        )
                    )
                else:
                    outcome = self._take_member(member, inside, depth, budget)
                if outcome.status not in ENDED_WELL:
                    unreadable.append(outcome)
        except (SourceUnusable, OSError) as error:
            for taken in self.taken[first:]:
                taken.outcome = Outcome(status=Status.FAILED, reason=str(error))
                self.waiting.pop(taken.number, None)
            raise
        return unreadable[0] if unreadable else Outcome(status=Status.COMPLETED)

    def _take_member(
        self, member: archive.Member, origin: _Origin, depth: int, budget: archive.Budget
    ) -> Outcome:
        if member.skipped:
            self.notes[f"member of an archive {member.skipped}"] += 1
            return Outcome(status=Status.NOTHING)
        with member.open() as stream:
            sample = take_sample(origin.name, member.size or 0, stream)
        kind = archive.kind_of(sample.head, origin.name)
        if kind is not None and self.request.source is None:
            with member.open() as stream, tempfile.TemporaryFile(dir=self.run.folder) as inner:
                shutil.copyfileobj(stream, inner)
                inner.seek(0)
                return self._take_archive(
                    cast("BinaryIO", inner), origin, kind, depth=depth + 1, budget=budget
                )
        recognised = self._recognise(sample)
        if recognised.source is None or not recognised.is_sure:
            self.notes[f"not recognised: {Path(member.name).suffix or member.name}"] += 1
            return Outcome(status=Status.NOTHING)
        with member.open() as stream:
            return self._take_capture(stream, origin, recognised)

    def _recognise(self, sample: Sample) -> Recognised:
        if self.request.source is not None:
            return Recognised(scores={named_source(self.request.source).name: 1.0})
        return recognise(sample)

    # ------------------------------------------------------------------ reading one capture

    def _capture(self, stream: BinaryIO, origin: _Origin) -> _Taken:
        capture_id, size, is_new = self.case.evidence.put(stream)
        capture = self.case.evidence.get(
            capture_id, name=origin.name, size=size, observed_at=origin.observed_at
        )
        taken = _Taken(
            number=len(self.taken),
            capture=capture,
            is_new=is_new,
            is_repeat=capture_id in self.ids,
            origin=origin,
        )
        self.taken.append(taken)
        self.ids.add(capture_id)
        self.places[origin.place] = capture
        return taken

    def _take_capture(self, stream: BinaryIO, origin: _Origin, recognised: Recognised) -> Outcome:
        source = recognised.source
        assert source is not None  # noqa: S101 - for mypy; callers have looked
        if source.platform is not None:
            self._permit(source.platform, source)
        taken = self._capture(stream, origin)
        taken.recognised = recognised
        if taken.is_repeat:
            taken.outcome = Outcome(status=Status.NOTHING, reason="the same bytes as another file")
        elif source.beside:
            taken.outcome = Outcome(status=Status.NOTHING, reason=f"{STOPPED} before it was read")
            self.waiting[taken.number] = source
        else:
            self._read(taken, source)
        return taken.outcome

    def _read_waiting(self) -> None:
        """Read what had to wait for the files beside it."""
        for number, source in self.waiting.items():
            taken = self.taken[number]
            for path in _beside(taken.origin.place, source):
                if path in self.places:
                    taken.beside.setdefault(Path(path).name, self.places[path])
            self._read(taken, source)
            if taken.outcome.status not in ENDED_WELL:
                self.failed.append((Path(taken.capture.name).name, taken.outcome))

    def _read(self, taken: _Taken, source: Source) -> None:
        taken.outcome = attempt(lambda: self._read_capture(taken, source))
        if self.was_stopped:
            raise KeyboardInterrupt

    def _read_capture(self, taken: _Taken, source: Source) -> Outcome:
        reading = CaptureReading(
            source=source,
            capture=taken.capture,
            options=self.request.options,
            stage=self.stage,
            prefix=taken.prefix,
            run_id=self.run.run_id,
            beside=taken.beside,
        )
        try:
            reading.read(self.pool, self.run.progress)
        except KeyboardInterrupt:
            self.was_stopped = True
        if source.platform is None:
            for platform in staged_platforms(self.stage, taken.prefix):
                self._permit(platform, source)
        taken.repeats = reading.repeats
        return reading.outcome(stopped=self.was_stopped)

    def _permit(self, platform: str, source: Source) -> None:
        """Raise Refused if the case's mandate does not cover this."""
        self.case.mandate.permit(platform=platform, activity=source.activity, today=db.now().date())

    # ------------------------------------------------------------------ committing

    def _keep_or_discard(self, taken: _Taken) -> None:
        """Under the lock: what could not be read leaves neither rows nor evidence."""
        capture = taken.capture
        if taken.outcome.status in ENDED_WELL:
            if not self.case.evidence.path_of(capture.capture_id).exists():
                raise CaseDamaged(f"evidence {capture.capture_id} vanished meanwhile; add it again")
            return
        drop_parts(self.stage, taken.prefix)
        known = self.case.select(
            sa.select(db.captures.c.run_id).where(db.captures.c.capture_id == capture.capture_id)
        )
        if taken.is_new and not known:
            self.case.evidence.discard(capture.capture_id)

    def _merge(self) -> None:
        """Merge every staged table and hand each capture the counts of its rows."""
        tables = [name for name, table in TABLES.items() if table.merge is not Merge.DERIVED]
        self.run.progress.start("merging", len(tables), "tables")
        merged: dict[str, Counts] = {}
        for name in tables:
            version, merged[name] = self.case.store.merge(
                name, self.stage, self.case.snapshot.get(name)
            )
            if version is not None:
                self.run.snapshots[name] = version
            self.run.progress.advance(1)
        well = {
            taken.capture.capture_id: taken
            for taken in reversed(self.taken)
            if taken.outcome.status in ENDED_WELL
        }
        for capture_id, counts in settle(merged).items():
            if capture_id in well:  # else: an older version of a row that was there before
                well[capture_id].outcome.tables = counts
        for taken in well.values():
            for name, times in taken.repeats.items():
                taken.outcome.tables.setdefault(name, TableCount()).add(
                    TableCount(read=times, duplicate=times)
                )

    def _record(self) -> None:
        for taken in self.taken:
            recognised = taken.recognised
            source = recognised.source if recognised else None
            self.run.captures.append(
                {
                    "capture_id": taken.capture.capture_id,
                    "name": taken.capture.name,
                    "size": taken.capture.size,
                    "observed_at": taken.capture.observed_at,
                    "part_of": taken.origin.part_of,
                    "beside": {name: it.capture_id for name, it in taken.beside.items()},
                    "source": source.name if source else None,
                    "runner_up": recognised.runner_up if recognised else None,
                    "outcome": asdict(taken.outcome),
                }
            )

    def _sum_up(self) -> Outcome:
        total = Outcome(status=Status.COMPLETED, notes=dict(self.notes))
        for taken in self.taken:
            if taken.outcome.status in ENDED_WELL:
                total.add(taken.outcome)
        outcomes = [taken.outcome.status for taken in self.taken if taken.recognised]
        if self.was_stopped:
            total.status = Status.PARTIAL
            total.reason = f"{STOPPED} after {total.items:,} records; what was read is kept"
        elif self.failed and not any(status in ENDED_WELL for status in outcomes):
            total.status = self.failed[0][1].status
        elif self.failed or Status.PARTIAL in outcomes:
            total.status = Status.PARTIAL
        elif not total.items:
            total.status, total.reason = Status.NOTHING, "there was nothing to read"
        if self.failed:
            total.reason = _reasons(self.failed)
        return total


def _reasons(failed: Sequence[tuple[str, Outcome]]) -> str:
    """Each reason once, with the files that it kept out."""
    files: dict[str, list[str]] = {}
    for name, outcome in failed:
        files.setdefault(outcome.reason, []).append(name)
    return "; ".join(f"{', '.join(names)}: {reason}" for reason, names in files.items())


def _beside(place: str, source: Source | None) -> Iterator[str]:
    """Where the files are looked for that explain the one at `place`: nearest first."""
    for above, folder in enumerate(PurePosixPath(place).parents):
        for name in source.beside if source else ():
            if above <= 1 + name.count("/"):
                yield str(folder / name)


def _walk(paths: Iterable[str | Path]) -> Iterator[_File]:
    """The files named, and all files in the folders named, in order of names."""
    for path in map(Path, paths):
        if path.is_dir():
            for inside in sorted(path.rglob("*")):
                if inside.is_file() and not inside.is_symlink():
                    yield _File(path=inside, is_named=False)
        elif path.is_file():
            yield _File(path=path, is_named=True)
        else:
            raise OptionsInvalid(f"there is no file or folder {path}")


def _batches(files: Iterable[_File]) -> Iterator[list[_File]]:
    batch: list[_File] = []
    size = 0
    for file in files:
        batch.append(file)
        size += file.path.stat().st_size
        if size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
