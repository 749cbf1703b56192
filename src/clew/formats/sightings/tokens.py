"""Where does a text name a hash, a wallet, a vulnerability, a number, a file or a rule?

One rule per family of kinds: the pattern that finds it, the reader that checks it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from clew.formats.sightings.scanning import LONGEST_RUN, RUN, WORD, Place, Sighting, pattern
from clew.formats.sightings.written import refang
from clew.model.values import (
    DASHES,
    clean_arn,
    clean_asn,
    clean_attack_id,
    clean_cve,
    clean_file_name,
    clean_hash,
    clean_iban,
    clean_mac,
    clean_onion,
    clean_phone,
    clean_registry_key,
    clean_tracking_id,
)
from clew.model.wallets import clean_wallet

Reader = Callable[[str], tuple[str, str] | None]
"""Kind and value of a text that looks like one; None if it is none."""

_ALPHANUMERIC = WORD - frozenset(b"_")


def _whole(text: str) -> Iterable[str]:
    return (text,)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How values of some kinds look.

    `read` gives kind and value of a text that the pattern found (its first group, if it has one).
    `parts` gives what it may be read from: the text itself, or shorter beginnings of it.
    """

    expression: str
    read: Reader
    parts: Callable[[str], Iterable[str]] = _whole
    in_urls: bool = False  # whether it means the same inside a URL or an e-mail address
    not_before: frozenset[int] = WORD  # bytes that must not stand before it
    not_after: frozenset[int] = WORD
    compiled: Any = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "compiled", pattern(self.expression))

    def sightings(self, data: bytes) -> Iterator[Sighting]:
        """Everything in the data that this rule knows."""
        group = self.compiled.groups
        for match in self.compiled.finditer(data):
            start, stop = match.span(group)
            if (start and data[start - 1] in self.not_before) or (
                stop < len(data) and data[stop] in self.not_after
            ):
                continue
            for part in self.parts(data[start:stop].decode()):
                plain = refang(part)
                found = self.read(plain)
                if found:
                    yield Sighting(start, start + len(part.encode()), *found, plain != part)
                    break


def _kind(name: str, clean: Callable[[str], str | None]) -> Reader:
    def read(text: str) -> tuple[str, str] | None:
        value = clean(text)
        return (name, value) if value else None

    return read


# ------------------------------------------------------------------------------- hashes, wallets


def _read_token(text: str) -> tuple[str, str] | None:
    if len(text) == 56 and (onion := clean_onion(f"{text}.onion")):
        return "onion", onion
    return clean_hash(text)


# --------------------------------------------------------------------------------------- numbers

_PHONE_SPACE = "[ \u00a0\u2009\u202f.()/\u2010-\u2013-]"


def _phone_parts(text: str) -> Iterator[str]:
    """The text, then what is left of it as one group of digits after another is taken off."""
    yield text
    for cut in reversed([gap.start() for gap in re.finditer(rf"{_PHONE_SPACE}+", text)]):
        if cut > 6:
            yield text[:cut]


def _read_national(text: str) -> tuple[str, str] | None:
    trunk, country = ("8", "+7") if text.startswith("8") else ("1", "+1")
    value = clean_phone(country + text.removeprefix(trunk))
    return ("phone", value) if value else None


def _iban_parts(text: str) -> Iterator[str]:
    """Beginnings that end where a group ends: capitals after it look like more of it."""
    yield text
    for gap in reversed(list(re.finditer(" ", text))):
        if gap.start() > 14:
            yield text[: gap.start()]


def _read_asn(text: str) -> tuple[str, str] | None:
    value = clean_asn(text)
    return ("asn", value) if value and value != "AS400" else None  # AS/400 is a computer


def _read_mac(text: str) -> tuple[str, str] | None:
    value = clean_mac(text)
    # "01-12-23-34-45-49" may be anything.
    is_unclear = "-" in text and not any(map(str.isalpha, text))
    return ("mac", value) if value and not is_unclear else None


# ---------------------------------------------------------------------------------- files, rules

_PROGRAMS = (
    "exe dll sys scr cpl msi msp msix bat cmd ps1 psm1 vbs vbe jse wsf wsh hta lnk py sh elf"
)
_CONTAINERS = "iso img vhd vhdx zip rar 7z tar tgz gz bz2 xz zst cab jar apk ipa dmg deb rpm bin"
_DOCUMENTS = "doc docx docm dotm rtf xls xlsx xlsm xlsb xll ppt pptx pptm pdf chm eml"
_FILE_ENDINGS = frozenset(f"{_PROGRAMS} {_CONTAINERS} {_DOCUMENTS}".split())


def _read_file_name(text: str) -> tuple[str, str] | None:
    if text.rpartition(".")[2].lower() not in _FILE_ENDINGS or len(text) > LONGEST_RUN:
        return None
    value = clean_file_name(text.lstrip("-"))
    return ("file_name", value) if value else None


_SIGMA = (
    "(?:proc_creation|proc_access|file_event|file_delete|file_rename|registry_(?:set|event|add|delete)|"
    "net_connection|image_load|dns_query|driver_load|pipe_created|create_remote_thread|create_stream_hash|"
    "posh_p[sm]|powershell|sysmon|win|lnx|macos|web|proxy|zeek|aws|azure|gcp|okta|av)_[a-z0-9_]{4,120}"
)

RULES: tuple[Rule, ...] = (
    Rule(
        expression="[0-9A-Za-z]{32,}",
        read=_read_token,
        in_urls=True,
        not_before=frozenset(),
        not_after=frozenset(),
    ),
    Rule(
        expression="[0-9A-Za-z]{25,}",
        read=clean_wallet,
        in_urls=True,
        not_before=frozenset(b"_+=%"),
        not_after=frozenset(b"_+=%"),
    ),
    Rule(
        expression="[EU]Q[0-9A-Za-z_-]{46}",  # TON
        read=clean_wallet,
        in_urls=True,
        not_before=WORD | frozenset(b"-"),
        not_after=WORD | frozenset(b"-"),
    ),
    Rule(
        expression=(rf"(?i:CVE)[{DASHES}]{{0,2}}(?:1999|20\d\d)[{DASHES}]{{1,2}}\d{{4,7}}"),
        read=_kind("cve", clean_cve),
        in_urls=True,
        not_before=_ALPHANUMERIC,
        not_after=frozenset(b"0123456789"),
    ),
    Rule(
        expression=r"TA?\d{4}(?:\.\d{3})?",
        read=_kind("attack_id", clean_attack_id),
        in_urls=True,
        not_before=WORD | frozenset(b"-"),
        not_after=WORD | frozenset(b"-"),
    ),
    Rule(
        expression=r"UA-\d{4,10}-\d{1,3}|GTM-[A-Z0-9]{6,9}|G-[A-Z0-9]{10}|(?:ca-)?pub-\d{16}",
        read=_kind("tracking_id", clean_tracking_id),
        in_urls=True,
        not_before=WORD | frozenset(b"-"),
        not_after=WORD | frozenset(b"-"),
    ),
    Rule(
        # More digits than a number has: a year may follow it, and is taken off again.
        expression=rf"[+＋]\(?[1-9](?:{_PHONE_SPACE}{{0,3}}\d){{6,20}}",
        read=_kind("phone", clean_phone),
        parts=_phone_parts,
    ),
    Rule(
        expression=(
            # As one country alone writes them: (202) 555-0143, 1-888-555-0100, 8 (495) 555-01-00.
            r"(?:1[-. ])?\([2-9]\d\d\)[-. ]?[2-9]\d\d[-. ]\d{4}"
            r"|1[-. ][2-9]\d\d[-. ][2-9]\d\d[-. ]\d{4}"
            r"|8[- ]?\(?[3-9]\d\d\)?[- ]?\d{3}-\d\d-\d\d"
        ),
        read=_read_national,
        not_before=WORD | frozenset(b"+-."),
    ),
    Rule(
        expression=r"[A-Z]{2}\d\d(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?",
        read=_kind("iban", clean_iban),
        parts=_iban_parts,
    ),
    Rule(
        expression=r"AS\d{3,10}|as\d{4,10}|(?i:ASN)[ :#-]{0,2}\d{1,10}",
        read=_read_asn,
    ),
    Rule(
        expression="(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}",
        read=_read_mac,
        not_before=WORD | frozenset(b":-"),
        not_after=WORD | frozenset(b":-"),
    ),
    Rule(
        expression=RUN,
        read=_read_file_name,
        not_before=frozenset(b"@"),
        not_after=frozenset(b"@"),
    ),
    Rule(
        expression=r"\brule\s+([A-Za-z_]\w{0,127})\s*(?::[\sA-Za-z0-9_]{1,200})?\{",
        read=lambda text: ("yara_rule", text),
    ),
    Rule(
        expression=r"(?i:\byara\b)(?: rules?\b)?[ :\"'`“(]{1,4}([A-Za-z]\w{0,100}_\w{1,100})",
        read=lambda text: ("yara_rule", text),
    ),
    Rule(
        expression=rf"({_SIGMA})\.ya?ml",
        read=lambda text: ("sigma_rule", text) if text.count("_") > 1 else None,
        in_urls=True,
    ),
)

# ------------------------------------------------------------------------- registry keys and ARNs

_HIVE = r"HK(?:EY_(?:LOCAL_MACHINE|CURRENT_USER|CLASSES_ROOT|USERS|CURRENT_CONFIG)|LM|CU|CR|U|CC)"
_KEY_WORD = r"[\w{}()%$&#+@!~-]+(?:[.,]+[\w{}()%$&#+@!~-]+)*"
_KEY = pattern(
    rf"{_HIVE}:?\\{{1,2}}(?:{_KEY_WORD}(?: {_KEY_WORD})*\\{{1,2}})*"
    rf"(?:{_KEY_WORD}(?: [A-Z][A-Za-z0-9]+)*)?"
)
_HIVES = re.compile(rf"(?<![A-Za-z0-9_\\]){_HIVE}(?=:?\\)".encode())

_ARN = pattern(
    r"arn:aws(?:-[a-z-]{2,10})?:[a-z0-9-]{0,62}:(?:\*|[a-z0-9-]{0,62}):(?:\*|\d{12})?:"
    r"[A-Za-z0-9_:./?*@+=,$~%#{}-]+"
)
_ARN_LINE = re.compile(rb"(?: [A-Za-z0-9_:./?*@+=$~%#{}-]{1,80}(?<!\.)){1,12}(?=[\r\n\0]|$)")


def find_paths(data: bytes) -> Iterator[Place]:
    """Every Windows registry key and every Amazon resource name."""
    for match in _KEY.finditer(data):
        start, stop = match.span()
        hives = [hive.start() for hive in _HIVES.finditer(data, start, stop)]
        for span in pairwise((*hives, stop)):
            key = _KEY.match(data, *span)
            if key:
                yield from _place(data, *key.span(), read=_read_key)
    for match in _ARN.finditer(data):
        start, stop = match.span()
        line = _ARN_LINE.match(data, stop)
        if line and data[start - 1 : start] in (b"", b"\n", b"\0"):
            stop = line.end()  # alone in its line, it may hold spaces
        yield from _place(data, start, stop, read=_read_arn)


_read_key = _kind("registry_key", clean_registry_key)
_read_arn = _kind("arn", clean_arn)


def _place(data: bytes, start: int, stop: int, *, read: Reader) -> Iterator[Place]:
    text = data[start:stop].decode().rstrip(".,;:!?) ")
    found = read(text)
    if found:
        stop = start + len(text.encode())
        yield Place(start, stop, (Sighting(start, stop, *found, False),))
