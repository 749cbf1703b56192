"""Texts whose observables are known: from the data of others, alone, as published, and in posts.

A text has *required* values and *allowed* ones: whoever finds a URL may or may not name its host as
well, and is neither praised nor blamed for it.
"""

from __future__ import annotations

import json
import random
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import phonenumbers

from clew.model.values import CURRENCIES, VALUE_TYPES, split_url

__all__ = ["CURRENCIES"]

Value = tuple[str, str]  # kind, and the value in one spelling


@dataclass(frozen=True)
class Annotated:
    """A text and what it names."""

    text: str
    required: frozenset[Value]
    allowed: frozenset[Value] = frozenset()
    background: str | None = None  # the text without what was put into it


# The names that others give to our kinds.
KINDS = {
    "ip4": "ipv4",
    "ip6": "ipv6",
    "ip4Net": "cidr",
    "fqdn": "domain",
    "bitcoincash": "bitcoin_cash",
    "dashcoin": "dash",
    "registry": "registry_key",
    "onionAddress": "onion",
    "phoneNumber": "phone",
    "ttp": "attack_id",
}
_STIX = {
    "file:hashes.'SHA-256'": "sha256",
    "url:value": "url",
    "domain-name:value": "domain",
    "ipv4-addr:value": "ipv4",
    "email-addr:value": "email",
    "windows-registry-key:key": "registry_key",
}


def spelled(kind: str, value: str) -> Value:
    """A value in one spelling, whoever found it; what is no value of its kind stays as it is."""
    value = value.strip().removeprefix("bitcoincash:")
    if kind == "onion" and "." not in value:
        value += ".onion"
    if kind == "domain" and value.lower().endswith(".onion"):
        kind = "onion"
    known = VALUE_TYPES[kind].clean(value)
    value = known or value.lower()
    if kind == "url":  # a bare slash says nothing
        value = re.sub(r"^([a-z0-9+.-]+://)?([^/?#]+)/$", r"\1\2", value)
    return kind, value


def _hosts(kind: str, value: str) -> frozenset[Value]:
    """What may be named besides: the host of a URL or mailbox, the address of a network."""
    found: set[Value] = set()
    if kind == "url" and (parts := split_url(value)):
        host = parts["host"]
        found |= {spelled("domain", host), spelled("ipv4", host)}
        if parts["scheme"]:  # without its scheme, a URL is one too
            found.add(spelled("url", value.partition("://")[2]))
    if kind == "email":
        found.add(spelled("domain", value.rpartition("@")[2]))
    if kind == "cidr":
        found.add(spelled("ipv4", value.partition("/")[0]))
    return frozenset(found)


def annotated(
    text: str,
    values: list[tuple[str, str]],
    also: list[tuple[str, str]] | None = None,
    background: str | None = None,
) -> Annotated:
    """A text that names these values, and may name those also."""
    required = frozenset(spelled(kind, value) for kind, value in values)
    allowed = {spelled(kind, value) for kind, value in also or []}
    for kind, value in [*values, *(also or [])]:
        allowed |= _hosts(kind, value)
    return Annotated(text, required, frozenset(allowed) - required, background)


# --------------------------------------------------------------------------------- others' answers


def iocsearcher_values(folder: Path) -> list[tuple[str, str]]:
    """The values that the tests of iocsearcher hold to be right."""
    found = []
    for path in sorted((folder / "iocsearcher/tests").glob("*_valid.ioc")):
        for line in path.read_text().splitlines():
            kind, _, value = line.partition("\t") if "\t" in line else line.partition(" ")
            if path.name.startswith("onion"):
                kind, value = "onion", line
            if value:
                found.append((KINDS.get(kind, kind), value.strip()))
    return found


def unit42_indicators(folder: Path) -> list[tuple[str, str, str]]:
    """Kind, value and the words around it of each indicator in the reports of Unit 42."""
    found = {}
    for path in sorted((folder / "unit42_stix").rglob("report_json/*.json")):
        for thing in json.loads(path.read_text())["objects"]:
            if thing["type"] != "indicator":
                continue
            match = re.fullmatch(r"\[([a-z0-9:\-.'A-Z]+) *= *'(.*)'\]", thing["pattern"])
            if match is None or match[1] not in _STIX:
                continue
            value = match[2].replace("\\\\", "\\").replace("\\'", "'").strip()
            words = " ".join(part for part in (thing.get("name"), thing.get("description")) if part)
            text = words if value in words else f"{value} {words}"
            found[_STIX[match[1]], value] = text
    return [(kind, value, text) for (kind, value), text in found.items()]


# ------------------------------------------------------------------------------- values by the rule


def generated_values(seed: int, each: int) -> Iterator[tuple[str, str]]:
    """Values of kinds that the data of others lacks, made by the rules of their kind."""
    draw = random.Random(seed)
    hexadecimal = "0123456789abcdef"
    for _ in range(each):
        for kind, length in (("md5", 32), ("sha1", 40), ("sha512", 128)):
            yield kind, "".join(draw.choices(hexadecimal, k=length))
        yield "cve", f"CVE-{draw.randint(2009, 2025)}-{draw.randint(1000, 60000)}"
        groups = [f"{draw.getrandbits(16):x}" for _ in range(draw.randint(3, 7))]
        long = [f"{draw.getrandbits(16):x}" for _ in range(7)]
        prefix = f"2a0{draw.randint(0, 9)}"
        yield (
            "ipv6",
            draw.choice((f"{prefix}::{':'.join(groups[:5])}", f"{prefix}:{':'.join(long)}")),
        )
        octets = [str(draw.randint(1, 254)) for _ in range(2)]
        yield "cidr", f"{draw.randint(11, 99)}.{'.'.join(octets)}.0/{draw.randint(24, 30)}"
        yield "asn", f"AS{draw.randint(1000, 400000)}"
        region = draw.choice(sorted(phonenumbers.SUPPORTED_REGIONS))
        number = phonenumbers.example_number(region)
        if number:
            yield (
                "phone",
                phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL),
            )
        yield "attack_id", f"T1{draw.randint(3, 599):03}"


# -------------------------------------------------------------------------------------- defanging

_DEFANGED = {  # forms that the documentation of the three libraries names
    "dots": lambda text: text.replace(".", "[.]"),
    "last dot": lambda text: "[.]".join(text.rsplit(".", 1)),
    "round": lambda text: text.replace(".", "(.)"),
    "dot": lambda text: text.replace(".", "[dot]"),
    "curly": lambda text: text.replace(".", "{.}"),
    "spaced": lambda text: text.replace(".", " [.] "),
}


def defanged(draw: random.Random, kind: str, value: str) -> str | None:
    """The value as threat reports write it; None if its kind is not defanged."""
    if kind == "url":
        scheme, separator, rest = value.partition("://")
        if not separator:
            return None
        host, slash, path = rest.partition("/")
        form = draw.choice(sorted(_DEFANGED))
        scheme = scheme.replace("tt", "xx") if draw.random() < 0.8 else scheme
        separator = draw.choice(("://", "://", "[:]//"))
        return f"{scheme}{separator}{_DEFANGED[form](host)}{slash}{path}"
    if kind in ("domain", "ipv4"):
        return _DEFANGED[draw.choice(sorted(_DEFANGED))](value)
    if kind == "email":
        local, _, host = value.partition("@")
        at = draw.choice(("@", "[@]", "[at]", "(at)", " [at] "))
        return f"{local}{at}{_DEFANGED[draw.choice(('dots', 'dot', 'round'))](host)}"
    return None


# ------------------------------------------------------------------------------------- real posts


def posts(shared: Path, count: int, seed: int) -> list[str]:
    """Real posts in eight languages and from ten channels, in random order."""
    texts = []
    for path in sorted((shared / "truth/sentiment/xlmt").rglob("*text*.txt")):
        texts += path.read_text(encoding="utf-8").splitlines()
    for path in sorted((shared / "truth/telegram_channels").rglob("*.json")):
        texts += _messages(json.loads(path.read_text(encoding="utf-8")))
    draw = random.Random(seed)
    draw.shuffle(texts)
    # The tweets come with every account as @user and every link as http.
    return [_restored(draw, text) for text in texts[:count]]


def _messages(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("message", "text") and isinstance(value, str) and value:
                yield value
            else:
                yield from _messages(value)
    elif isinstance(node, list):
        for value in node:
            yield from _messages(value)


def _restored(draw: random.Random, text: str) -> str:
    name = "".join(draw.choices(string.ascii_lowercase, k=8))
    code = "".join(draw.choices(string.ascii_letters + string.digits, k=10))
    text = re.sub(r"@user\b", f"@{name}", text)
    return re.sub(r"\bhttp\b(?!:)", f"https://t.co/{code}", text)


def planted(
    values: list[tuple[str, str]], texts: list[str], seed: int, *, defang: bool = False
) -> list[Annotated]:
    """Each value once, between two words of a real post."""
    draw = random.Random(seed)
    found = []
    for number, (kind, value) in enumerate(values):
        written = defanged(draw, kind, value) if defang else value
        if written is None:
            continue
        words = texts[number % len(texts)].split(" ")
        at = draw.randint(0, len(words))
        end = draw.choice(("", "", ".", ",", ")", ":"))
        begin = "(" if end == ")" else ""
        text = " ".join([*words[:at], f"{begin}{written}{end}", *words[at:]])
        found.append(annotated(text, [(kind, value)], background=" ".join(words)))
    return found


def dense(values: list[tuple[str, str]], texts: list[str], seed: int) -> list[str]:
    """Posts like lists of indicators: five values each, some defanged, with a few words."""
    draw = random.Random(seed)
    found = []
    for number in range(2000):
        chosen = draw.sample(values, 5)
        lines = [(draw.random() < 0.5 and defanged(draw, *each)) or each[1] for each in chosen]
        found.append("\n".join([texts[number % len(texts)][:100], *lines]))
    return found
