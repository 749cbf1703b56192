"""Is a dotted word an address, or a file, code, a version, or two sentences without a space?

Only what is written plainly is asked about: whoever writes `readme[.]md` or `http://readme.md`
means an address.
"""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Old top-level domains that are no word of any language: a capital in them is a name's, as in
# Booking.Com.
_CLASSIC = _words("com net org edu gov mil int info biz")

# Top-level domains that are file endings too. The first are always read as files, the others behind
# names that such files bear.
_FILE_ENDINGS = _words("cab lib md mov ps py sh zip")
_MAYBE_FILE_ENDINGS = _words("ai app bz cc ink mk ml mm pl pm pro pub rs so st tf vi")
_FILE_STEMS = _words(
    "app build changelog client config const contributing core data demo example file global index "
    "init install lib license local log main makefile mod model plugin process readme run script "
    "server settings setup start temp test tests tmp types util utils"
)

# What owns an attribute in code, roots of reversed names of packages, products named like hosts.
_OWNERS = _words(
    "array console context ctx date document e el elem element err error event evt item java json "
    "list map math node np obj object os path pd req request res response self string sys this "
    "user window"
)
_PACKAGE_ROOTS = _words("android com edu gov io java javax net org")
_PRODUCTS = _words("ado.net asp.net ml.net vb.net")

_PATH = re.compile(rb"/[!-~]|\?")
# Latin and Cyrillic words behind which, and words and endings before which, numbers are a version.
_VERSION_BEFORE = re.compile(
    rb"(?i)(?:\b(?:v|ver|vers|version|build|release|firmware|fw|rev|section|chapter|clause|"
    rb"(?:up|down)(?:grade|date)d? (?:to|from)|android|chrome|chromium|edge|firefox|flash|ios|java|"
    rb"kernel|linux|macos|office|openssl|windows)|versi\xc3\xb3n|"
    rb"\xd0\xb2\xd0\xb5\xd1\x80\xd1\x81\xd0\xb8[\xd1\xd0].)[ .:#=-]{0,3}$"
    rb"|[A-Za-z][/-]$|\xc2\xa7 ?$"
)
_VERSION_AFTER = re.compile(
    rb"(?i) (?:version|release|build|firmware)\b"
    rb"|-(?:alpha|beta|rc|pre|dev|snapshot|final|release|stable|build|hotfix|p|r)\.?\d*\b"
)


def is_version(before: bytes, after: bytes) -> bool:
    """Whether what stands around four dotted numbers says that they are a version or a section."""
    return bool(_VERSION_BEFORE.search(before) or _VERSION_AFTER.match(after))


def is_classic(host: str) -> bool:
    """Whether the top-level domain is one of the old ones, which are no words."""
    return host.rpartition(".")[2].lower() in _CLASSIC


def is_no_host(host: str, before: bytes, after: bytes) -> bool:
    """Whether a name written with plain dots and no scheme is there by accident.

    Args:
        host: the name as written; its top-level domain exists.
        before: the two bytes before it, as far as there are any.
        after: the two bytes after it.
    """
    is_share = before == rb"\\"  # of Windows: `\\host\share`
    if before[-1:] in (b"$", b"#", b"\\", b"/") and not is_share:
        return True
    if after[:1] == b"@" or (after[:1] == b"\\" and not is_share):
        return True
    if is_classic(host):
        return host != host.lower() and host.lower() in _PRODUCTS
    labels = host.lower().split(".")
    ending = labels[-1]
    return (
        before[-1:] == b"@"
        or after.startswith(b"(")  # `date.now()`
        or (ending.upper() == host.rpartition(".")[2] and host != host.upper())  # "on English.SE"
        or (_is_file(labels) and not _PATH.match(after))
        or (len(labels) == 2 and _is_abbreviation(labels[0], after))
        or (len(labels) > 2 and labels[0] in _PACKAGE_ROOTS and len(ending) > 2)
    )


def _is_abbreviation(first: str, after: bytes) -> bool:
    """`self.id` of code, `m.in.` of Polish, `20.am` of a time."""
    is_short = len(first) < 3
    return first in _OWNERS or (is_short and (first.isdigit() or after.startswith(b".")))


def begins_sentence(label: str) -> bool:
    """Whether a last label is rather the first word of the next sentence: `end.The`.

    Booking.Com is a name, EXAMPLE.IT only shouts.
    """
    return label.istitle() and label.lower() not in _CLASSIC


def _is_file(labels: list[str]) -> bool:
    stem, ending = labels[-2:]
    if ending in _FILE_ENDINGS:
        return labels[0] != "www"
    is_library = ending == "so" and stem.startswith("lib")
    return is_library or (ending in _MAYBE_FILE_ENDINGS and stem in _FILE_STEMS)
