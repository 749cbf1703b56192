"""Which extractor finds the observables in texts, at what cost, and what do hostile texts cost?

    python -m bench.observables [--shared-data FOLDER]

Clew beside iocsearcher, iocextract and ioc-finder: precision and recall per kind on texts whose
answers others gave, speed in one run on the same posts, and hostile texts, each in a process of its
own with a time limit. The extra `bench` libraries are needed; nothing is downloaded.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import pyarrow as pa

from bench import observables_texts as texts_of
from bench.measuring import print_table
from bench.observables_texts import KINDS, Annotated, Value, annotated, spelled
from clew.model.values import VALUE_TYPES

CLEW = "Clew"
Extractor = Callable[[Sequence[str]], list[set[Value]]]

# ------------------------------------------------------------------------------------ extractors


def _clew() -> Extractor:
    from clew.annotators.observables import OBSERVABLES

    def extract(texts: Sequence[str]) -> list[set[Value]]:
        found: list[set[Value]] = [set() for _ in texts]
        rows = OBSERVABLES.annotate(_as_batch(texts))
        for post, kind, value in zip(
            rows["post_id"].to_pylist(),
            rows["kind"].to_pylist(),
            rows["value"].to_pylist(),
            strict=True,
        ):
            found[int(post)].add((kind, value))
        return found

    return extract


def _iocsearcher() -> Extractor:
    from iocsearcher.searcher import Searcher

    searcher = Searcher()
    return lambda texts: [
        {(ioc.name, ioc.value) for ioc in searcher.search_data(text)} for text in texts
    ]


def _iocextract() -> Extractor:
    import iocextract

    kinds = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}

    def extract(text: str) -> set[Value]:
        found = {("url", url) for url in iocextract.extract_urls(text, refang=True, strip=True)}
        found |= {("ipv4", ip) for ip in iocextract.extract_ipv4s(text, refang=True)}
        found |= {("ipv6", ip) for ip in iocextract.extract_ipv6s(text)}
        found |= {("email", email) for email in iocextract.extract_emails(text, refang=True)}
        found |= {(kinds[len(each)], each) for each in iocextract.extract_hashes(text)}
        return found

    return lambda texts: [extract(text) for text in texts]


def _ioc_finder() -> Extractor:
    from ioc_finder import find_iocs

    kinds = {
        "urls": "url",
        "domains": "domain",
        "ipv4s": "ipv4",
        "ipv4_cidrs": "cidr",
        "ipv6s": "ipv6",
        "email_addresses": "email",
        "md5s": "md5",
        "sha1s": "sha1",
        "sha256s": "sha256",
        "sha512s": "sha512",
        "cves": "cve",
        "asns": "asn",
        "bitcoin_addresses": "bitcoin",
        "monero_addresses": "monero",
        "registry_key_paths": "registry_key",
        "attack_techniques": "attack_id",
    }

    def extract(text: str) -> set[Value]:
        found = find_iocs(text, included_ioc_types=[*kinds])
        pairs: list[tuple[str, object]] = []
        for name, kind in kinds.items():
            values = found.get(name, [])
            lists = values.values() if isinstance(values, dict) else [values]
            pairs += [(kind, value) for each in lists for value in each]
        return {(kind, value) for kind, value in pairs if isinstance(value, str)}

    return lambda texts: [extract(text) for text in texts]


EXTRACTORS: dict[str, Callable[[], Extractor]] = {
    CLEW: _clew,
    "iocsearcher": _iocsearcher,
    "iocextract": _iocextract,
    "ioc-finder": _ioc_finder,
}
_HASHES = {"md5", "sha1", "sha256", "sha512"}
UNKNOWN = {  # kinds that an extractor does not look for
    "iocsearcher": {"asn", "sha512", "mac"},
    "ioc-finder": {"arn", "onion", "phone", "iban"}
    | (set(texts_of.CURRENCIES) - {"bitcoin", "monero"}),
    "iocextract": {"arn", "asn", "attack_id", "cidr", "cve", "domain", "iban", "onion", "phone"}
    | {"registry_key", "mac"}
    | set(texts_of.CURRENCIES),
}


def _as_batch(texts: Sequence[str]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(
        [
            pa.array([str(number) for number in range(len(texts))]),
            pa.array(["bench"] * len(texts)),
            pa.nulls(len(texts), pa.timestamp("us", "UTC")),
            pa.array(texts, pa.string()),
        ],
        names=["post_id", "platform", "posted_at", "text"],
    )


def run(name: str, texts: Sequence[str]) -> tuple[list[set[Value]], float]:
    """What one extractor finds in each text, in one spelling; and its CPU seconds."""
    extract = EXTRACTORS[name]()
    extract(texts[:20])  # what is loaded once is loaded now
    started = time.process_time()
    found = extract(texts)
    seconds = time.process_time() - started
    return [
        {
            spelled(KINDS.get(kind, kind), value)
            for kind, value in each
            if KINDS.get(kind, kind) in VALUE_TYPES
        }
        for each in found
    ], seconds


def in_process(
    work: Callable[..., object], *arguments: object, timeout_s: float | None = None
) -> object | None:
    """The result of work in a fresh process; None if it does not end in time."""
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(sender, work, *arguments))
    process.start()
    sender.close()
    result = None
    if receiver.poll(timeout_s):
        result = receiver.recv()
        process.join()
    else:
        process.kill()
        process.join()
    return result


def _send(sender: Connection, work: Callable[..., object], *arguments: object) -> None:
    sender.send(work(*arguments))


# --------------------------------------------------------------------------- precision and recall


@dataclass
class Score:
    """How an extractor did on the values of one kind."""

    right: int = 0
    missed: int = 0
    wrong: int = 0

    @property
    def recall(self) -> float:
        """The share of what is there that was found."""
        return self.right / max(1, self.right + self.missed)

    @property
    def precision(self) -> float:
        """The share of what was found that is there; 1 if nothing was found."""
        return self.right / max(1, self.right + self.wrong) if self.right + self.wrong else 1.0


def scored(
    answers: Sequence[Annotated], found: Sequence[set[Value]], background: Sequence[set[Value]]
) -> dict[str, Score]:
    """Kind → score. What an extractor finds in the background alone is not counted against it."""
    scores: dict[str, Score] = defaultdict(Score)
    for answer, values, before in zip(answers, found, background, strict=True):
        for kind, _ in answer.required & values:
            scores[kind].right += 1
        for kind, _ in answer.required - values:
            scores[kind].missed += 1
        for kind, _ in values - answer.required - answer.allowed - before:
            scores[kind].wrong += 1
    return scores


def compare(title: str, answers: Sequence[Annotated]) -> dict[str, dict[str, Score]]:
    """Print precision and recall of every extractor for each kind in these texts."""
    table: dict[str, dict[str, Score]] = {}
    for name in EXTRACTORS:
        texts = [answer.text for answer in answers]
        backgrounds = [answer.background or "" for answer in answers]
        found, _ = in_process(run, name, texts + backgrounds)  # type: ignore[misc]
        table[name] = scored(answers, found[: len(texts)], found[len(texts) :])
    counts = Counter(kind for answer in answers for kind, _ in answer.required)
    rows = []
    for kind, count in sorted(counts.items()):
        cells = [
            "-" if kind in UNKNOWN.get(name, ()) else _cell(table[name][kind])
            for name in EXTRACTORS
        ]
        rows.append((kind, count, *cells))
    print_table(f"{title} (precision / recall)", ("kind", "values", *EXTRACTORS), rows)
    better = [
        f"{name} on {kind}"
        for kind in sorted(counts)
        for name, scores in table.items()
        if kind not in UNKNOWN.get(name, ()) and _is_better(scores[kind], table[CLEW][kind])
    ]
    print(f"\nBetter than Clew in precision or recall: {', '.join(better) or 'none'}.")
    return table


def _is_better(one: Score, other: Score) -> bool:
    """Whether it is in one of both; an extractor that finds nothing is not precise but silent."""
    return one.recall > other.recall or (one.right > 0 and one.precision > other.precision)


def _cell(score: Score) -> str:
    return f"{score.precision:.3f} / {score.recall:.3f}"


def quality(shared: Path, posts: Sequence[str]) -> None:
    """All comparisons."""
    folder = shared / "truth/indicators"
    tested = texts_of.iocsearcher_values(folder)
    reported = texts_of.unit42_indicators(folder)
    generated = list(texts_of.generated_values(seed=7, each=100))
    everything = [*tested, *((kind, value) for kind, value, _ in reported), *generated]
    compare(
        "Values of iocsearcher's own tests, each alone",
        [annotated(value, [(kind, value)]) for kind, value in tested],
    )
    known = [(kind, value) for kind, value, _ in reported]
    compare(
        "Unit 42 reports: indicators as published",
        [
            annotated(text, [(kind, value)], [each for each in known if each[1] in text])
            for kind, value, text in reported
        ],
    )
    compare("All values, put into real posts", texts_of.planted(everything, list(posts), seed=1))
    compare(
        "All values that are defanged in reports, defanged, in real posts",
        texts_of.planted(everything, list(posts), seed=2, defang=True),
    )


# ------------------------------------------------------------------------------------------ speed


def speed(posts: Sequence[str], dense: Sequence[str]) -> None:
    """Posts a second on one core, all extractors in one run on the same posts."""
    rows = []
    rates: dict[tuple[str, str], float] = {}
    for what, texts in (("real posts", posts), ("dense posts", dense)):
        for name in EXTRACTORS:
            some = texts if name == CLEW else texts[:1000]
            _, seconds = in_process(run, name, some)  # type: ignore[misc]
            rates[what, name] = len(some) / seconds
        ours = rates[what, CLEW]
        size = sum(len(text.encode()) for text in texts) / len(texts)
        for name in EXTRACTORS:
            rate = rates[what, name]
            rows.append((what, round(size), name, round(rate), f"{ours / rate:.1f}"))
    columns = ("texts", "bytes a post", "extractor", "posts/s", "Clew is faster, times")
    print_table("Speed on one core", columns, rows)


# ---------------------------------------------------------------------------------------- hostile

HOSTILE = {
    "dots": "a.",
    "numbers": "1.",
    "digits": "0",
    "letters": "a",
    "hexadecimal": "f0",
    "at signs": "a@",
    "mailboxes": "a@b.",
    "dashes": "a-",
    "schemes": "http://",
    "URLs in URLs": "http://a.example/?u=",
    "glued URLs": "http://a.example/xhttp",
    "paths": "x.com/",
    "open brackets": "(",
    "defanged": "a[.]",
    "spaced defanged": "a [.] ",
    "colons": "1:",
    "phone": "+1 (555) ",
    "registry": "HKLM\\a ",
    "ARN": "arn:aws:s3:::a ",
    "plus": "a.b+",
    "unicode": "é.例.",
    "zero width": "a\u200b.",
    "domains": "a.co ",
}
_SIZES = (24_000, 240_000, 2_400_000)


def seconds_for(name: str, text: str) -> float:
    """CPU seconds that one extractor needs for one text."""
    extract = EXTRACTORS[name]()
    extract(["warm up http://example.com"])
    started = time.process_time()
    extract([text])
    return time.process_time() - started


def hostile(timeout_s: float) -> None:
    """What one hostile post costs."""
    others = [name for name in EXTRACTORS if name != CLEW]
    rows = [
        (
            title,
            *(_seconds(CLEW, unit, size, timeout_s * 10) for size in _SIZES),
            *(_seconds(name, unit, _SIZES[0], timeout_s) for name in others),
        )
        for title, unit in HOSTILE.items()
    ]
    columns = (
        *(f"{CLEW} {size // 1000:,} kB" for size in _SIZES),
        *(f"{name} {_SIZES[0] // 1000} kB" for name in others),
    )
    print_table("Hostile posts, CPU seconds", ("text", *columns), rows)


def _seconds(name: str, unit: str, size: int, timeout_s: float) -> str:
    text = (unit * (size // len(unit.encode()) + 1)).encode()[:size].decode(errors="ignore")
    seconds = in_process(seconds_for, name, text, timeout_s=timeout_s)
    return f"{seconds:.3f}" if isinstance(seconds, float) else f"> {timeout_s:.0f}"


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).parents[2] / "shared" / "data"
    parser.add_argument("--shared-data", type=Path, default=default)
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument("--timeout", type=float, default=20, help="seconds for one hostile post")
    parser.add_argument("--only", choices=("quality", "speed", "hostile"))
    given = parser.parse_args()
    versions = ", ".join(
        f"{name} {version(name)}" for name in ("clew", "iocsearcher", "iocextract", "ioc-finder")
    )
    print(f"{versions}; Python {platform.python_version()}, {os.cpu_count()} cores")
    posts = texts_of.posts(given.shared_data, given.posts, seed=3)
    if given.only in (None, "quality"):
        quality(given.shared_data, posts)
    if given.only in (None, "speed"):
        values = [
            (kind, value)
            for kind, value, _ in texts_of.unit42_indicators(given.shared_data / "truth/indicators")
        ] + list(texts_of.generated_values(seed=5, each=300))
        speed(posts, texts_of.dense(values, posts, seed=4))
    if given.only in (None, "hostile"):
        hostile(given.timeout)


if __name__ == "__main__":
    main()
