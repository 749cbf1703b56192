"""How do several processes read one capture? Piece by piece, in order, never far ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType

from clew.case.reading import Reading, read_piece
from clew.case.workers import worker_pool
from clew.contract import Piece, Source, plugins
from clew.errors import SourceUnusable
from clew.store.staging import Seen, Stage

_SMALL = 4 << 20
"""Captures below this size are read here and now: starting processes would take longer."""


class ReadingPool:
    """Processes that read pieces. They start when the first large capture comes."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._executor: ProcessPoolExecutor | None = None

    def read(
        self, source: Source, pieces: Iterable[Piece], size: int, stage: Callable[[int], Stage]
    ) -> Generator[tuple[Piece, Reading], None, None]:
        """Read the pieces of a capture of `size` bytes; gives them in order.

        `stage` makes the stage of the piece of a number. Raises SourceUnusable.
        """
        if size < _SMALL:
            for number, piece in enumerate(pieces):
                yield piece, _read(source.name, piece, stage(number))
            return
        executor = self._executor or self._start()
        waiting: deque[tuple[Piece, Future[Reading]]] = deque()
        try:
            for number, piece in enumerate(pieces):
                waiting.append((piece, executor.submit(_read, source.name, piece, stage(number))))
                if len(waiting) > self._workers + 1:
                    first, future = waiting.popleft()
                    yield first, future.result()
            while waiting:
                first, future = waiting.popleft()
                yield first, future.result()
        except BrokenProcessPool as error:
            self._executor = None
            raise SourceUnusable(
                "a reading process died (out of memory, or killed by the system)"
            ) from error
        finally:
            for _, future in waiting:
                future.cancel()
            wait([future for _, future in waiting])

    def _start(self) -> ProcessPoolExecutor:
        self._executor = worker_pool(self._workers)
        return self._executor

    def rest(self) -> None:
        """Let the processes go, and their memory; they start again when they are needed."""
        if self._executor:
            self._executor.shutdown(cancel_futures=True)
            self._executor = None

    def __enter__(self) -> ReadingPool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.rest()


_SEEN = Seen()  # of this process


def _read(source: str, piece: Piece, stage: Stage) -> Reading:
    stage.share(_SEEN)
    reading = read_piece(plugins(Source)[source], piece, stage)
    stage.close()
    reading.repeats = stage.repeats
    return reading
