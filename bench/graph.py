"""How long does the graph take to open, to be laid out, to take up an answer, to be drawn?

    python -m bench.graph --entities 10000 100000

Twice as many links as entities, in groups of about 200. Processor seconds of this process, and
its peak of memory. Nothing is compared: what a desktop program takes was not measured.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.measuring import print_table
from clew.case.graph import Graph
from clew.case.layout import layout
from clew.case.open import new_case
from clew.case.picture import graph_svg
from clew.model.kinds import Entity
from clew.model.statements import Statement, linked, present

_GROUP = 200  # entities
_ANSWER = 200  # statements


def made(entities: int, rng: random.Random) -> Iterator[Statement]:
    """So many accounts, and twice as many links of which nine in ten stay in a group."""
    things = [Entity("account", f"x:{number}") for number in range(entities)]
    for thing in things:
        yield present(thing, "bench")
    for _ in range(2 * entities):
        one = rng.randrange(entities)
        near = one - one % _GROUP + rng.randrange(_GROUP)
        other = min(near, entities - 1) if rng.random() < 0.9 else rng.randrange(entities)
        if one != other:
            evidence = (f"x:p{one}", f"x:p{other}")
            acts = rng.randrange(1, 9)
            yield linked(
                things[one], "mentions", things[other], "bench", acts=acts, evidence=evidence
            )


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Processor seconds of this process, and what the work gave."""
    started = time.process_time()
    given = work()
    return time.process_time() - started, given


def measured(entities: int) -> list[object]:
    rng = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        case = new_case(
            Path(folder) / "case",
            name="bench",
            purpose="to measure",
            legal_basis="invented",
            retention_until=dt.date(2099, 1, 1),
        )
        graph = Graph(case)
        statements = list(made(entities, rng))
        filling, _ = timed(lambda: graph.store.apply("bench", add=statements))
        opening, view = timed(graph.view)
        laying, laid = timed(lambda: layout(view))
        centre = Entity("account", "x:0")
        answer = [
            linked(centre, "follows", Entity("account", f"x:new{number}"), "bench", acts=1)
            for number in range(_ANSWER)
        ]
        answering, _ = timed(lambda: graph.store.apply("answer", add=answer))
        placing, _ = timed(lambda: layout(graph.view(), laid.places))
        drawing, svg = timed(lambda: graph_svg(view))
        case.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    groups = len(set(laid.group.values()))
    return [
        len(view.nodes),
        len(view.edges),
        groups,
        filling,
        opening,
        laying,
        answering,
        placing,
        drawing,
        len(svg) / 1e6,
        peak,
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entities", type=int, nargs="+", default=[10_000, 100_000])
    given = parser.parse_args(arguments)
    columns = ["entities", "links", "groups", "fill s", "open s", "lay out s", "answer s"]
    columns += ["open and place s", "draw s", "SVG MB", "peak MB"]
    print_table("graph, CPU seconds", columns, [measured(each) for each in given.entities])


if __name__ == "__main__":
    main()
