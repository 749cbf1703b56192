"""One word a thing: are modules and names free of words that blur what they mean?"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "src/clew").rglob("*.py"))
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])

# A module of this name becomes a drawer for everything.
DRAWERS = {"utils", "util", "helpers", "helper", "manager", "base", "common", "core", "misc"}

# Word → the one to use. Only words that mean nothing else in this field.
AVOIDED = {
    "scraper": "source",
    "crawler": "source",
    "spider": "source",
    "feeder": "source",
    "analyzer": "analysis",
    "analyser": "analysis",
    "enricher": "annotator or transform",
    "botnet": "coordination",
    "troll": "coordination",
}


def words(name: str) -> set[str]:
    """The words of an identifier, in lower case: `HTTPScraper_old` → http, scraper, old."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    return {part.lower() for part in parts} | {name.lower()}


@pytest.mark.parametrize("path", MODULES, ids=[str(path.relative_to(ROOT)) for path in MODULES])
def test_a_module_is_named_for_what_it_does_and_says_it(path):
    names = {path.stem, path.parent.name} - {"__init__"}
    assert not names & DRAWERS
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert docstring, "a module begins with what it is or which question it answers"


@pytest.mark.parametrize("path", MODULES, ids=[str(path.relative_to(ROOT)) for path in MODULES])
def test_names_use_the_vocabulary(path):
    used = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                used |= words(name)
            case ast.Name(id=name, ctx=ast.Store()):
                used |= words(name)
    found = {word: AVOIDED[word] for word in used & AVOIDED.keys()}
    assert not found, f"use instead: {found}"


@pytest.mark.parametrize("path", PAGES, ids=[str(path.relative_to(ROOT)) for path in PAGES])
def test_pages_use_the_vocabulary(path):
    text = re.sub(r"```.*?```|`[^`]*`", "", path.read_text("utf-8"), flags=re.DOTALL)
    used = set(re.findall(r"[a-z]+", text.lower()))
    found = {word: AVOIDED[word] for word in used & AVOIDED.keys()}
    assert not found, f"use instead: {found}"


def test_words_are_found_inside_names():
    assert words("HTTPScraper_old") >= {"http", "scraper", "old"}
    assert words("postAnalyzer") >= {"post", "analyzer"}
