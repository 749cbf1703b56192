"""Which kinds of entities and links are there on the graph, and what are they called elsewhere?

An entity is a kind and a value, and its id is both: `email:ann@example.org`, `account:x:20`. So the
same thing has the same id whoever puts it on the graph, and when. What is known of it stands in
statements (`clew.model.statements`).

Names elsewhere: Maltego's entity type, the STIX 2.1 object, the MISP object, the followthemoney
schema. "-": it has none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from clew.errors import OptionsInvalid
from clew.model import values
from clew.model.telephones import describe
from clew.model.wallets import clean_wallet

Clean = Callable[[str], str | None]

_LONGEST_NAME = 300
_LONGEST_ID = 2000
_PLATFORM = re.compile(r"[a-z0-9_]+", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class EntityKind:
    """One kind of thing that can be put on the graph."""

    name: str
    title: str
    plural: str  # as it stands in a sentence
    clean: Clean  # text → the one form of its value; None: the text is no such value
    properties: Mapping[str, str]  # name → what it says
    maltego: str = "-"
    stix: str = "-"
    misp: str = "-"
    followthemoney: str = "-"
    observables: tuple[str, ...] = ()  # kinds in the table `observables` that are such things
    derive: Callable[[str], Mapping[str, str]] | None = None  # properties that its value says

    def counted(self, number: int) -> str:
        """So many of them, for a sentence: "1 domain name", "2,001 domain names"."""
        if number != 1:
            return f"{number:,} {self.plural}"
        is_initials = self.title[:2].isupper()
        return f"1 {self.title if is_initials else self.title.lower()}"


@dataclass(frozen=True, kw_only=True)
class LinkKind:
    """One way in which an entity may stand to another."""

    name: str
    title: str  # read from the source to the target: "answers"
    inverse: str  # read the other way: "is answered by"
    is_symmetric: bool = False
    stix: str = "related-to"


# --------------------------------------------------------------------------------------- cleaning


def clean_name(text: str) -> str | None:
    """A name or a title: NFC, single spaces, without what cannot be seen or turns the line."""
    shown = "".join(c for c in unicodedata.normalize("NFC", text) if not _is_hidden(c))
    name = " ".join(shown.split())
    return name if name and len(name) <= _LONGEST_NAME else None


def _is_hidden(character: str) -> bool:
    category = unicodedata.category(character)
    # The joiners belong to words of Persian and of Indian languages.
    return category in ("Cc", "Cf", "Cs", "Co", "Cn") and character not in "\n\t\u200c\u200d"


def clean_row_id(text: str) -> str | None:
    """The id of an account, a post or a channel of the case, as it stands: `platform:native`."""
    platform, colon, native = text.partition(":")
    if not colon or not native.strip() or not _PLATFORM.fullmatch(platform):
        return None
    return text if len(text) <= _LONGEST_ID and "\0" not in text else None


def _clean_ip(text: str) -> str | None:
    return values.clean_ipv4(text) or values.clean_ipv6(text)


def _clean_hash(text: str) -> str | None:
    found = values.clean_hash(text)
    return found[1] if found else None


def _clean_wallet(text: str) -> str | None:
    found = clean_wallet(text)
    return found[1] if found else None


def _clean_domain(text: str) -> str | None:
    return values.clean_onion(text) or values.clean_domain(text)


def _phone(value: str) -> Mapping[str, str]:
    return describe(value).properties


def _email(value: str) -> Mapping[str, str]:
    return {"domain": value.rpartition("@")[2]}


def _domain(value: str) -> Mapping[str, str]:
    registered = values.registered_domain(value)
    return {"registered_domain": registered} if registered else {}


def _ip(value: str) -> Mapping[str, str]:
    return {"version": "6" if ":" in value else "4"}


def _hash(value: str) -> Mapping[str, str]:
    found = values.clean_hash(value)
    return {"algorithm": found[0]} if found else {}


def _wallet(value: str) -> Mapping[str, str]:
    found = clean_wallet(value)
    return {"currency": values.CURRENCIES[found[0]]} if found else {}


# ------------------------------------------------------------------------------------------ kinds

_NAMED = {"name": "what it is called", "aliases": "what it is called besides"}
_ON_PLATFORM = {
    "platform": "where it is",
    "handle": "the name in its address, without @",
    "name": "the name it shows",
    "description": "what it says of itself",
    "url": "its address",
    "created_at": "when it was made (UTC)",
}
_MEDIUM = {
    "url": "its address",
    "sha256": "SHA-256 of its bytes, in hex",
    "title": "what it is called",
}

KINDS: Mapping[str, EntityKind] = {
    kind.name: kind
    for kind in (
        EntityKind(
            name="person",
            title="Person",
            plural="persons",
            clean=clean_name,
            properties={
                "name": "full name",
                "birth_date": "ISO 8601, as far as it is known",
                "nationality": "ISO 3166-1 code",
            },
            maltego="maltego.Person",
            stix="identity",
            misp="person",
            followthemoney="Person",
        ),
        EntityKind(
            name="organization",
            title="Organisation",
            plural="organisations",
            clean=clean_name,
            properties=_NAMED | {"sector": "what it does", "country": "ISO 3166-1 code"},
            maltego="maltego.Organization",
            stix="identity",
            misp="organization",
            followthemoney="Organization",
        ),
        EntityKind(
            name="persona",
            title="Persona",
            plural="personas",
            clean=clean_name,
            properties=_NAMED
            | {"motivation": "why it acts", "resource_level": "STIX: individual, club, team…"},
            maltego="maltego.STIX2.threat-actor",
            stix="threat-actor",
            misp="threat-actor",
            followthemoney="LegalEntity",
        ),
        EntityKind(
            name="actor_group",
            title="Group of actors",
            plural="groups of actors",
            clean=clean_name,
            properties=_NAMED | {"goals": "what it wants", "country": "ISO 3166-1 code"},
            maltego="maltego.STIX2.intrusion-set",
            stix="intrusion-set",
            misp="threat-actor",
            followthemoney="Organization",
        ),
        EntityKind(
            name="campaign",
            title="Campaign",
            plural="campaigns",
            clean=clean_name,
            properties={
                "objective": "what it is for",
                "began_at": "first act (UTC)",
                "ended_at": "last act (UTC)",
            },
            maltego="maltego.STIX2.campaign",
            stix="campaign",
            misp="narrative",
            followthemoney="Event",
        ),
        EntityKind(
            name="account",
            title="Account",
            plural="accounts",
            clean=clean_row_id,
            properties=_ON_PLATFORM
            | {
                "location_claimed": "where it says it is",
                "avatar_url": "its picture",
                "followers_count": "followers",
                "following_count": "accounts it follows",
                "posts_count": "posts by the platform's count",
                "is_verified": "the platform's mark",
                "is_bot": "declared a program",
                "is_deleted": "the platform says it is gone",
            },
            maltego="maltego.Affiliation",
            stix="user-account",
            misp="user-account",
            followthemoney="UserAccount",
        ),
        EntityKind(
            name="account_snapshot",
            title="Account at a time",
            plural="accounts at a time",
            clean=clean_row_id,
            properties=_ON_PLATFORM | {"observed_at": "when it was so (UTC)"},
            stix="observed-data",
        ),
        EntityKind(
            name="bot",
            title="Bot",
            plural="bots",
            clean=clean_row_id,
            properties=_ON_PLATFORM | {"automation": "what shows that it is a program"},
            maltego="maltego.Affiliation",
            stix="user-account",
            misp="telegram-bot",
            followthemoney="UserAccount",
        ),
        EntityKind(
            name="alias",
            title="Alias or handle",
            plural="aliases",
            clean=values.clean_handle,
            properties={"original": "as written"},
            maltego="maltego.Alias",
            stix="user-account",
            misp="user-account",
            followthemoney="UserAccount",
            observables=("handle",),
        ),
        EntityKind(
            name="email",
            title="E-mail address",
            plural="e-mail addresses",
            clean=values.clean_email,
            properties={"domain": "what follows the @"},
            maltego="maltego.EmailAddress",
            stix="email-addr",
            misp="email",
            followthemoney="UserAccount",
            observables=("email",),
            derive=_email,
        ),
        EntityKind(
            name="phone",
            title="Telephone number",
            plural="telephone numbers",
            clean=values.clean_possible_phone,
            properties={
                "country": "ISO 3166-1 codes that the number may belong to",
                "region": "where it is, by its digits",
                "line": "mobile, fixed line, toll free…",
                "carrier": "who the number was given to first",
                "zones": "IANA time zones of the region",
                "former": "whose its calling code was before",
                "validity": "valid: the plan has such numbers; possible: only the length fits",
            },
            maltego="maltego.PhoneNumber",
            stix="identity",
            misp="phone",
            followthemoney="LegalEntity",
            observables=("phone",),
            derive=_phone,
        ),
        EntityKind(
            name="channel",
            title="Channel",
            plural="channels",
            clean=clean_row_id,
            properties=_ON_PLATFORM | {"members_count": "members or subscribers"},
            maltego="maltego.OnlineGroup",
            stix="x-social-channel",
            misp="social-media-group",
            followthemoney="Organization",
        ),
        EntityKind(
            name="group",
            title="Group",
            plural="groups",
            clean=clean_row_id,
            properties=_ON_PLATFORM
            | {"members_count": "members", "privacy": "who may read it", "rules": "its rules"},
            maltego="maltego.OnlineGroup",
            stix="x-social-channel",
            misp="social-media-group",
            followthemoney="Organization",
        ),
        EntityKind(
            name="forum",
            title="Forum",
            plural="forums",
            clean=clean_name,
            properties={"url": "its address", "access": "who may read it"},
            maltego="maltego.Website",
            stix="infrastructure",
        ),
        EntityKind(
            name="thread",
            title="Thread",
            plural="threads",
            clean=clean_row_id,
            properties={"title": "its headline", "started_at": "its first post (UTC)"},
            maltego="maltego.Conversation",
            stix="grouping",
            misp="chat-message",
            followthemoney="Folder",
        ),
        EntityKind(
            name="post",
            title="Post",
            plural="posts",
            clean=clean_row_id,
            properties={
                "text": "what it says",
                "posted_at": "when (UTC)",
                "account_id": "its author",
                "url": "its address",
            },
            maltego="maltego.Twit",
            stix="x-social-post",
            misp="microblog",
            followthemoney="Message",
        ),
        EntityKind(
            name="message",
            title="Chat message",
            plural="chat messages",
            clean=clean_row_id,
            properties={"text": "what it says", "posted_at": "when (UTC)"},
            maltego="maltego.Phrase",
            stix="x-social-post",
            misp="chat-message",
            followthemoney="Message",
        ),
        EntityKind(
            name="reaction",
            title="Reaction",
            plural="reactions",
            clean=clean_row_id,
            properties={"value": "which one", "happened_at": "when (UTC)"},
            misp="facebook-reaction",
        ),
        EntityKind(
            name="article",
            title="Article",
            plural="articles",
            clean=values.clean_url,
            properties=_MEDIUM | {"byline": "who signed it", "outlet": "where it stood"},
            maltego="maltego.URL",
            stix="report",
            misp="news-media",
            followthemoney="Article",
        ),
        EntityKind(
            name="paste",
            title="Paste",
            plural="pastes",
            clean=values.clean_url,
            properties=_MEDIUM | {"text": "what it says"},
            maltego="maltego.URL",
            stix="artifact",
            misp="paste",
            followthemoney="Document",
        ),
        EntityKind(
            name="leak_post",
            title="Post on a leak site",
            plural="posts on leak sites",
            clean=clean_name,
            properties={
                "victim": "who was robbed, as it claims",
                "group": "who claims it",
                "sector": "what the victim does",
                "country": "ISO 3166-1 code",
            },
            maltego="maltego.Phrase",
            stix="report",
            misp="ransomware-group-post",
        ),
        EntityKind(
            name="image",
            title="Picture",
            plural="pictures",
            clean=clean_name,
            properties=_MEDIUM | {"perceptual_hash": "PDQ, in hex", "width_px": "pixels"},
            maltego="maltego.Image",
            stix="artifact",
            misp="image",
            followthemoney="Image",
        ),
        EntityKind(
            name="video",
            title="Video",
            plural="videos",
            clean=clean_name,
            properties=_MEDIUM | {"duration_s": "seconds"},
            maltego="maltego.Document",
            stix="artifact",
            misp="youtube-video",
            followthemoney="Video",
        ),
        EntityKind(
            name="document",
            title="Document",
            plural="documents",
            clean=clean_name,
            properties=_MEDIUM | {"mime": "media type"},
            maltego="maltego.Document",
            stix="file",
            misp="file",
            followthemoney="Document",
        ),
        EntityKind(
            name="hashtag",
            title="Hashtag",
            plural="hashtags",
            clean=values.clean_hashtag,
            properties={},
            maltego="maltego.hashtag",
            stix="x-social-tag",
            misp="microblog",
            observables=("hashtag",),
        ),
        EntityKind(
            name="phrase",
            title="Word or phrase",
            plural="phrases",
            clean=clean_name,
            properties={"language": "ISO 639-1"},
            maltego="maltego.Phrase",
            misp="text",
        ),
        EntityKind(
            name="url",
            title="URL",
            plural="URLs",
            clean=values.clean_url,
            properties={"title": "of the page", "final_url": "where it leads in the end"},
            maltego="maltego.URL",
            stix="url",
            misp="url",
            observables=("url",),
        ),
        EntityKind(
            name="domain",
            title="Domain name",
            plural="domain names",
            clean=_clean_domain,
            properties={"registered_domain": "the part under a public suffix"},
            maltego="maltego.Domain",
            stix="domain-name",
            misp="domain-ip",
            followthemoney="Domain",
            observables=("domain", "onion"),
            derive=_domain,
        ),
        EntityKind(
            name="ip",
            title="IP address",
            plural="IP addresses",
            clean=_clean_ip,
            properties={"version": "4 or 6"},
            maltego="maltego.IPv4Address",
            stix="ipv4-addr",
            misp="domain-ip",
            observables=("ipv4", "ipv6"),
            derive=_ip,
        ),
        EntityKind(
            name="hash",
            title="File hash",
            plural="file hashes",
            clean=_clean_hash,
            properties={"algorithm": "md5, sha1, sha256 or sha512, by its length"},
            maltego="maltego.Hash",
            stix="file",
            misp="file",
            observables=("md5", "sha1", "sha256", "sha512"),
            derive=_hash,
        ),
        EntityKind(
            name="vulnerability",
            title="Vulnerability",
            plural="vulnerabilities",
            clean=values.clean_cve,
            properties={"cvss": "base score", "is_exploited": "known to be exploited"},
            maltego="maltego.CVE",
            stix="vulnerability",
            misp="vulnerability",
            observables=("cve",),
        ),
        EntityKind(
            name="malware",
            title="Malware or tool",
            plural="malware and tools",
            clean=clean_name,
            properties=_NAMED | {"family": "what it descends from", "type": "what it does"},
            maltego="maltego.Malware",
            stix="malware",
            misp="malware",
        ),
        EntityKind(
            name="technique",
            title="Technique",
            plural="techniques",
            clean=values.clean_attack_id,
            properties={"name": "what ATT&CK calls it"},
            maltego="maltego.STIX2.attack-pattern",
            stix="attack-pattern",
            misp="attack-pattern",
            observables=("attack_id",),
        ),
        EntityKind(
            name="repository",
            title="Code repository",
            plural="code repositories",
            clean=values.clean_url,
            properties={"owner": "whose it is", "language": "of the code"},
            maltego="maltego.URL",
            stix="infrastructure",
            misp="github-repo",
        ),
        EntityKind(
            name="wallet",
            title="Cryptocurrency address",
            plural="cryptocurrency addresses",
            clean=_clean_wallet,
            properties={"currency": "which one, by its checksum"},
            maltego="maltego.CryptocurrencyAddress",
            stix="x-cryptocurrency",
            misp="coin-address",
            followthemoney="CryptoWallet",
            observables=tuple(values.CURRENCIES),
            derive=_wallet,
        ),
        EntityKind(
            name="place",
            title="Place",
            plural="places",
            clean=clean_name,
            properties={
                "country": "ISO 3166-1 code",
                "latitude": "degrees WGS 84",
                "longitude": "degrees WGS 84",
                "accuracy_m": "metres",
            },
            maltego="maltego.Location",
            stix="location",
            misp="geolocation",
            followthemoney="Address",
        ),
        EntityKind(
            name="event",
            title="Event",
            plural="events",
            clean=clean_name,
            properties={"began_at": "UTC", "ended_at": "UTC", "place": "where"},
            maltego="maltego.Event",
            stix="note",
            misp="temporal-event",
            followthemoney="Event",
        ),
        EntityKind(
            name="narrative",
            title="Narrative",
            plural="narratives",
            clean=clean_name,
            properties={"summary": "what is claimed", "disproof": "what speaks against it"},
            maltego="maltego.Phrase",
            stix="note",
            misp="narrative",
        ),
    )
}

OF_OBSERVABLE: Mapping[str, str] = {
    observable: kind.name for kind in KINDS.values() for observable in kind.observables
}
"""Kind in the table `observables` → kind of entity."""

LINKS: Mapping[str, LinkKind] = {
    link.name: link
    for link in (
        LinkKind(name="owns_account", title="owns", inverse="is owned by", stix="owns"),
        LinkKind(name="uses_alias", title="is called", inverse="is the name of"),
        LinkKind(name="follows", title="follows", inverse="is followed by"),
        LinkKind(
            name="friend_of",
            title="is a friend of",
            inverse="is a friend of",
            is_symmetric=True,
        ),
        LinkKind(name="member_of", title="is a member of", inverse="has the member"),
        LinkKind(name="admin_of", title="runs", inverse="is run by"),
        LinkKind(name="authored", title="wrote", inverse="was written by"),
        LinkKind(name="addresses", title="addresses", inverse="is addressed by"),
        LinkKind(name="reply_to", title="answers", inverse="is answered by"),
        LinkKind(name="quotes", title="quotes", inverse="is quoted by"),
        LinkKind(name="reposts", title="reposts", inverse="is reposted by"),
        LinkKind(name="mentions", title="mentions", inverse="is mentioned by"),
        LinkKind(name="reacts_to", title="reacts to", inverse="is reacted to by"),
        LinkKind(name="tagged_with", title="is tagged", inverse="is the tag of"),
        LinkKind(name="links_to", title="links to", inverse="is linked by"),
        LinkKind(name="shares_media", title="shows", inverse="is shown by"),
        LinkKind(name="forwarded_from", title="forwards from", inverse="is forwarded by"),
        LinkKind(name="located_at", title="is at", inverse="is the place of"),
        LinkKind(name="reachable_at", title="can be reached at", inverse="reaches"),
        LinkKind(name="impersonates", title="impersonates", inverse="is impersonated by"),
        LinkKind(
            name="acts_with",
            title="acts together with",
            inverse="acts together with",
            is_symmetric=True,
        ),
        LinkKind(
            name="attributed_to",
            title="is attributed to",
            inverse="is held responsible for",
            stix="attributed-to",
        ),
        LinkKind(name="targets", title="targets", inverse="is targeted by", stix="targets"),
        LinkKind(name="exploits", title="exploits", inverse="is exploited by", stix="exploits"),
        LinkKind(name="uses", title="uses", inverse="is used by", stix="uses"),
        LinkKind(name="posted_in", title="posts in", inverse="holds posts of"),
        LinkKind(name="part_of", title="is part of", inverse="contains"),
        LinkKind(
            name="copy_of",
            title="says the same as",
            inverse="says the same as",
            is_symmetric=True,
        ),
        LinkKind(name="derived_from", title="derives from", inverse="gives", stix="derived-from"),
    )
}


# --------------------------------------------------------------------------------------- entities


@dataclass(frozen=True, order=True)
class Entity:
    """A thing on the graph: its kind and its value in their one form."""

    kind: str
    value: str
    entity_id: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "entity_id", f"{self.kind}:{self.value}")


def entity_of(kind: str, text: str) -> Entity:
    """The entity that a text names; raises OptionsInvalid if it is no value of that kind."""
    if kind not in KINDS:
        raise OptionsInvalid(f"there is no kind {kind!r}; there are: {', '.join(KINDS)}")
    value = KINDS[kind].clean(text)
    if value is None:
        raise OptionsInvalid(f"{text[:80]!r} is no {KINDS[kind].title.lower()}")
    return Entity(kind, value)


def entity_from_id(entity_id: str) -> Entity:
    """The entity with this id, `kind:value`; raises OptionsInvalid if it is none."""
    kind, colon, text = entity_id.partition(":")
    if not colon:
        raise OptionsInvalid(f"{entity_id[:80]!r} is no entity: write kind:value")
    return entity_of(kind, text)
