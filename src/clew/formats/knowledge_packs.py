"""What do MISP galaxies and STIX bundles know of actors, malware and techniques?

A pack is a file that others keep: a galaxy cluster of MISP (https://github.com/MISP/misp-galaxy) or
a STIX 2 bundle such as MITRE ATT&CK's. Clew ships none. Names in it were written by many hands.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import msgspec

from clew.errors import SourceUnusable
from clew.model.kinds import KINDS, clean_name
from clew.model.values import clean_attack_id

_LARGEST = 512 << 20  # bytes; ATT&CK for enterprises is 45 MB
_REFERENCES = 5  # addresses kept of each entry

_OF_STIX = {
    "intrusion-set": "actor_group",
    "threat-actor": "persona",
    "campaign": "campaign",
    "malware": "malware",
    "tool": "malware",
    "attack-pattern": "technique",
}
_OF_GALAXY = {
    "threat-actor": "actor_group",
    "malware": "malware",
    "malpedia": "malware",
    "ransomware": "malware",
    "rat": "malware",
    "stealer": "malware",
    "banker": "malware",
    "botnet": "malware",
    "backdoor": "malware",
    "exploit-kit": "malware",
    "tool": "malware",
    "mitre-malware": "malware",
    "mitre-tool": "malware",
    "mitre-intrusion-set": "actor_group",
    "mitre-attack-pattern": "technique",
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that a pack knows."""

    kind: str  # of entity: actor_group, persona, campaign, malware, technique
    name: str
    aliases: tuple[str, ...]  # other names, without its own
    properties: dict[str, str]  # of its kind
    number: str  # the pack's own id of it
    references: tuple[str, ...]  # addresses


@dataclass(frozen=True, kw_only=True)
class Pack:
    """The entries of one file."""

    name: str  # what it calls itself, and the beginning of its SHA-256
    entries: tuple[Entry, ...]
    left: int  # entries of other kinds, withdrawn ones, and those without a usable name


class _Galaxy(msgspec.Struct):
    type: str
    values: list[dict[str, Any]]
    name: str = ""
    version: int | str = ""


class _Bundle(msgspec.Struct):
    type: str
    objects: list[dict[str, Any]]


def read_pack(data: bytes) -> Pack:
    """The pack in these bytes; raises SourceUnusable if they are neither of the two formats."""
    if len(data) > _LARGEST:
        raise SourceUnusable(f"a knowledge pack of {len(data):,} bytes is not read")
    mark = hashlib.sha256(data).hexdigest()[:12]
    try:
        galaxy = msgspec.json.decode(data, type=_Galaxy)
    except msgspec.MsgspecError:
        return _of_bundle(data, mark)
    kind = _OF_GALAXY.get(galaxy.type)
    if kind is None:
        raise SourceUnusable(f"galaxies of type {galaxy.type[:40]!r} are not read")
    entries = [_of_cluster(kind, cluster) for cluster in galaxy.values]
    name = clean_name(f"{galaxy.name or galaxy.type} {galaxy.version}"[:200]) or galaxy.type
    return _pack(f"{name}, {mark}", entries)


def _of_bundle(data: bytes, mark: str) -> Pack:
    try:
        bundle = msgspec.json.decode(data, type=_Bundle)
    except msgspec.MsgspecError as error:
        raise SourceUnusable(f"it is neither a MISP galaxy nor a STIX bundle: {error}") from error
    if bundle.type != "bundle":
        raise SourceUnusable("it is neither a MISP galaxy nor a STIX bundle")
    return _pack(f"STIX bundle, {mark}", [_of_object(each) for each in bundle.objects])


def _pack(name: str, entries: list[Entry | None]) -> Pack:
    kept = [entry for entry in entries if entry is not None]
    return Pack(name=name, entries=tuple(kept), left=len(entries) - len(kept))


def _of_cluster(kind: str, cluster: dict[str, Any]) -> Entry | None:
    meta = cluster.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    said = {"country": meta.get("country"), "motivation": meta.get("cfr-type-of-incident")}
    name = cluster.get("value")
    if kind == "technique":
        # "Phishing - T1566": the id is what it is known by.
        text, _, number = str(name).rpartition(" - ")
        said, name = {"name": text}, number
    return _entry(kind, name, meta.get("synonyms"), said, cluster.get("uuid"), meta.get("refs"))


def _of_object(found: dict[str, Any]) -> Entry | None:
    kind = _OF_STIX.get(str(found.get("type")))
    if kind is None or found.get("revoked") or found.get("x_mitre_deprecated"):
        return None
    references = [each for each in found.get("external_references") or () if isinstance(each, dict)]
    urls = [each.get("url") for each in references]
    name, said = found.get("name"), {}
    if kind == "technique":
        numbers = [each.get("external_id") for each in references]
        said = {"name": name}
        name = next((n for n in numbers if isinstance(n, str) and clean_attack_id(n)), None)
    aliases = found.get("aliases") or found.get("x_mitre_aliases")
    return _entry(kind, name, aliases, said, found.get("id"), urls)


def _entry(
    kind: str, name: object, aliases: object, said: dict[str, Any], number: object, urls: object
) -> Entry | None:
    value = KINDS[kind].clean(name) if isinstance(name, str) else None
    if value is None:
        return None
    others = {clean_name(each) for each in _texts(aliases)} - {None, value}
    known = KINDS[kind].properties
    properties = {
        prop: text
        for prop, each in said.items()
        if prop in known and isinstance(each, str) and (text := clean_name(each))
    }
    return Entry(
        kind=kind,
        name=value,
        aliases=tuple(sorted(filter(None, others))),
        properties=properties,
        number=str(number)[:80],
        references=tuple(url for url in _texts(urls) if len(url) < 500)[:_REFERENCES],
    )


def _texts(values: object) -> list[str]:
    return [each for each in values if isinstance(each, str)] if isinstance(values, list) else []


__all__ = ["Entry", "Pack", "read_pack"]
