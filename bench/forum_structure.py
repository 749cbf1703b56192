"""How much of a thread does the way by structure find, against the way by the engine's own marks?

    python -m bench.forum_structure FOLDER…

Every page in the folders that a known engine laid out is read twice: by the engine's marks, and by
structure, for which the values of all `class` attributes are taken out of the page first. The
first is the standard; a post counts as found if its number is the same.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter, defaultdict
from pathlib import Path

from clew.errors import SourceUnusable
from clew.formats.html_text import html_to_text
from clew.sources.forum_html import Options, read_page
from clew.sources.forum_html.found import Found

_CLASS = re.compile(rb"""\sclass\s?=\s?("[^"]{0,2000}"|'[^']{0,2000}')""")


def main() -> None:
    """Print a line for each engine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    files = [path for folder in parser.parse_args().folders for path in sorted(folder.rglob("*"))]
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for path in files:
        if path.is_file() and b"<html" in (data := path.read_bytes())[:4096].lower():
            compare(data, counts)
    print("engine         pages read  posts found  precision  recall  author  time  same text")
    for engine, count in sorted(counts.items()):
        found, both, known = count["found"], count["both"], count["known"]
        shares = [count[part] / max(both, 1) for part in ("author", "time", "text")]
        print(
            f"{engine:14} {count['pages']:5} {count['read']:4} {known:6} {found:5}"
            f"  {both / max(found, 1):9.3f} {both / max(known, 1):7.3f}"
            f" {shares[0]:7.3f} {shares[1]:5.3f} {shares[2]:9.3f}"
        )


def compare(data: bytes, counts: dict[str, Counter[str]]) -> None:
    """Count a page both ways, if its engine is known and it has two posts or more."""
    try:
        page = read_page(data, Options())
    except SourceUnusable:
        return
    known = {post.id: post for post in page.posts if post.id}
    if page.engine in ("structure", "microdata", "JSON-LD") or len(known) < 2:
        return
    count = counts[page.engine]
    count["pages"] += 1
    count["known"] += len(known)
    try:
        stripped = read_page(_CLASS.sub(b"", data), Options(structure=True))
    except SourceUnusable:
        return
    count["read"] += 1
    count["found"] += len(stripped.posts)
    for post in stripped.posts:
        if post.id in known:
            count.update(agreement(known.pop(post.id), post))


def agreement(known: Found, found: Found) -> list[str]:
    """In what two readings of a post agree."""
    same = {
        "both": True,
        "author": known.author.name == found.author.name,
        "time": (known.machine_time, known.shown_time) == (found.machine_time, found.shown_time)
        or bool(known.shown_time and known.shown_time in (found.shown_time or "")),
        "text": html_to_text(known.html).split() == html_to_text(found.html).split(),
    }
    return [part for part, is_same in same.items() if is_same]


if __name__ == "__main__":
    main()
