"""What is the one form of a value that people write in many ways?

A value type cleans a text to its canonical form, or says None: then the text is no such value.
Cleaning what is clean changes nothing. Texts come refanged (see `clew.formats.sightings`); whether
a value stands in a sentence by intent or by accident is not asked here.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from base64 import b32decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha3_256

import idna
import phonenumbers
import tldextract

from clew.model.wallets import clean_wallet


@dataclass(frozen=True)
class ValueType:
    """One kind of value: what it is called, how it is cleaned."""

    kind: str
    title: str
    clean: Callable[[str], str | None]
    is_pivot: bool = True  # the same value in two places is worth a link between them


# -------------------------------------------------------------------------------- names of hosts

_SPECIAL_USE = frozenset(("test", "example", "invalid", "local", "internal", "lan", "i2p"))
_OTHER_ROOTS = frozenset(("bazar", "bit", "coin", "emc", "lib"))  # Namecoin, EmerDNS
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}")
_ONION_V3 = re.compile(r"(?:[a-z0-9_-]{1,63}\.){0,4}([a-z2-7]{56})\.onion")
_ONION_V2 = re.compile(r"(?:[a-z0-9_-]{1,63}\.){0,4}[a-z2-7]{16}\.onion")
_LONGEST_HOST = 253


@cache
def public_suffixes() -> frozenset[str]:
    """The Public Suffix List as it is packaged with tldextract, without private suffixes."""
    extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    return frozenset(_ascii_host(suffix.lstrip("*.!")) or suffix for suffix in extract.tlds)


@cache
def _top_level_domains() -> frozenset[str]:
    """Every top-level domain, in Unicode and in ASCII, with those reserved for tests."""
    ascii_ = frozenset(suffix.rpartition(".")[2] for suffix in public_suffixes())
    unicode = frozenset(idna.decode(name) for name in ascii_ if name.startswith("xn--"))
    return ascii_ | unicode | _SPECIAL_USE | _OTHER_ROOTS


def is_top_level(label: str) -> bool:
    """Whether there is such a top-level domain, in the public root or another one."""
    if not label.isascii():
        label = unicodedata.normalize("NFKC", label)
    return label.lower() in _top_level_domains()


def _ascii_host(text: str) -> str | None:
    """A host in lower-case ASCII: international labels as `xn--…`, by UTS 46 and IDNA 2008."""
    if text.isascii():
        return text.lower()
    try:
        return idna.encode(text, uts46=True, transitional=False).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return None


@lru_cache(maxsize=1 << 16)
def clean_domain(text: str) -> str | None:
    """A host name under a public suffix, in lower-case ASCII, without a trailing dot."""
    if len(text) > _LONGEST_HOST + 1:
        return None
    host = _ascii_host(text.removesuffix("."))
    if host is None or len(host) > _LONGEST_HOST or not _HOST.fullmatch(host):
        return None
    labels = host.split(".")
    if "_" in labels[-2] or any(label.startswith("-") or label.endswith("-") for label in labels):
        return None
    return host if is_top_level(labels[-1]) and host not in public_suffixes() else None


def registered_domain(host: str) -> str | None:
    """The part of a clean host that somebody has registered: one label and its public suffix."""
    labels = host.split(".")
    names = (".".join(labels[place:]) for place in range(len(labels) - 2, -1, -1))
    return next((name for name in names if clean_domain(name)), None)


def clean_onion(text: str) -> str | None:
    """A Tor onion service: version 3 with a right checksum, or version 2, which carries none."""
    host = text.lower().removesuffix(".")
    match = _ONION_V3.fullmatch(host)
    if match is None:
        return host if _ONION_V2.fullmatch(host) else None
    data = b32decode(match[1].upper())
    check = sha3_256(b".onion checksum" + data[:32] + b"\x03").digest()[:2]
    return host if data[32:] == check + b"\x03" else None


def clean_host(text: str) -> tuple[str, str] | None:
    """Kind and canonical form of what an address leads to: domain, onion, ipv4 or ipv6."""
    if text.startswith("["):
        address = clean_ipv6(text[1:-1]) if text.endswith("]") else None
        return ("ipv6", address) if address else None
    if text[-1:].isdigit():
        address = clean_ipv4(text)
        return ("ipv4", address) if address else None
    if text.lower().removesuffix(".").endswith(".onion"):
        onion = clean_onion(text)
        return ("onion", onion) if onion else None
    domain = clean_domain(text)
    return ("domain", domain) if domain else None


# -------------------------------------------------------------------------------------- addresses

_URL = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,31})://(?P<user>[^/?#@\s]*@(?=[^/?#@]*[.\[]))?)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^/?#@:\s\[\]]+)"
    r"(?P<port>:\d{1,5}|(?:@SSL)?@\d{1,5}|@SSL)?(?P<rest>(?:[/?#]\S*)?)"
)
_LONGEST_URL = 8192
_LOCAL_PART = re.compile(r"[\w+](?:[\w.%+'-]{0,62}[\w+-])?")


def split_url(text: str) -> re.Match[str] | None:
    """The parts `scheme`, `user`, `host`, `port` and `rest` of a URL; the scheme may be missing."""
    return _URL.fullmatch(text) if len(text) <= _LONGEST_URL else None


def clean_url(text: str) -> str | None:
    """A URL with scheme and host in canonical form; all the rest stays as written.

    A URL that was written without a scheme stays without: which it would be is not recorded.
    """
    parts = split_url(text)
    host = clean_host(parts["host"]) if parts else None
    if parts is None or host is None or (not parts["scheme"] and not parts["rest"]):
        return None
    kind, name = host
    if int((re.search(r"\d+", parts["port"] or "") or "0")[0]) > 65535:
        return None
    scheme = f"{parts['scheme'].lower()}://" if parts["scheme"] else ""
    name = f"[{name}]" if kind == "ipv6" else name
    return f"{scheme}{parts['user'] or ''}{name}{parts['port'] or ''}{parts['rest']}"


def clean_email(text: str) -> str | None:
    """An e-mail address in lower case; its domain as `clean_domain` has it."""
    local, at, host = text.rpartition("@")
    domain = clean_domain(host) if at else None
    if domain is None or ".." in local or not _LOCAL_PART.fullmatch(local):
        return None
    return f"{unicodedata.normalize('NFC', local.lower())}@{domain}"


def clean_ipv4(text: str) -> str | None:
    """An IPv4 address; leading zeros are refused, for they may mean octal."""
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        return None


def clean_ipv6(text: str) -> str | None:
    """An IPv6 address in the form of RFC 5952; without zone."""
    try:
        address = ipaddress.IPv6Address(text.partition("%")[0])
    except ValueError:
        return None
    return f"::ffff:{address.ipv4_mapped}" if address.ipv4_mapped else str(address)


def clean_cidr(text: str) -> str | None:
    """A network in CIDR notation; bits of a host in it are cleared."""
    if "/" not in text:
        return None
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return None


def clean_mac(text: str) -> str | None:
    """A hardware address (EUI-48) in lower case with colons."""
    digits = re.sub(r"[:-]", "", text).lower()
    if not re.fullmatch(r"[0-9a-f]{12}", digits) or len(set(digits)) == 1:
        return None
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def clean_asn(text: str) -> str | None:
    """An autonomous system as `AS64496`; 0 and more than 32 bits are none."""
    match = re.fullmatch(r"(?:AS|as)(?:N|n)?[ :#-]{0,2}(\d{1,10})", text, re.ASCII)
    return f"AS{int(match[1])}" if match and 0 < int(match[1]) < 2**32 else None


# ----------------------------------------------------------------------------- people and topics

_HANDLE = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,62}[a-z0-9_])?")
_JOINERS = "\u200c\u200d"


def clean_handle(text: str) -> str | None:
    """The name of an account, lower-case and without @; `name@host` in the fediverse."""
    name, at, host = text.lower().lstrip("@＠").partition("@")
    if not _HANDLE.fullmatch(name) or not any(map(str.isalpha, name)):
        return None
    if not at:
        return name
    domain = clean_domain(host)
    return f"{name}@{domain}" if domain else None


@lru_cache(maxsize=1 << 14)
def clean_hashtag(text: str) -> str | None:
    """A hashtag without its mark, in NFKC and folded case; one of digits alone is a number."""
    tag = unicodedata.normalize("NFKC", text.lstrip("#＃").strip(_JOINERS)).casefold()
    tag = unicodedata.normalize("NFKC", tag)
    return tag if any(map(str.isalpha, tag)) and len(tag) <= 280 else None


@lru_cache(maxsize=1 << 12)
def clean_phone(text: str) -> str | None:
    """A telephone number in the form of E.164; it must be written with its country code."""
    if len(text) > 40:
        return None
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def clean_possible_phone(text: str) -> str | None:
    """A telephone number in the form of E.164 of which at least the length fits its country."""
    if len(text) > 40:
        return None
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


_IBAN_COUNTRIES = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 "
    "DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 "
    "IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 "
    "MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 "
    "SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
)
_IBAN_LENGTHS = {entry[:2]: int(entry[2:]) for entry in _IBAN_COUNTRIES.split()}


def clean_iban(text: str) -> str | None:
    """A bank account (ISO 13616) without spaces; its length and its check digits are right."""
    iban = text.replace(" ", "").upper()
    if _IBAN_LENGTHS.get(iban[:2]) != len(iban) or not re.fullmatch(r"[0-9A-Z]+", iban):
        return None
    return iban if int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 == 1 else None


# ------------------------------------------------------------------------------- threat reporting

_HASHES = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}
DASHES = "-_ \u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_CVE = re.compile(rf"CVE[{DASHES}]{{0,2}}(1999|20\d\d)[{DASHES}]{{1,2}}(\d{{4,7}})", re.I | re.A)
_ATTACK = re.compile(r"T(?:A0[01]\d\d|0[89]\d\d|1[0-7]\d\d(?:\.\d{3})?)", re.A)
_HIVES = {
    "HKLM": "HKEY_LOCAL_MACHINE",
    "HKCU": "HKEY_CURRENT_USER",
    "HKCR": "HKEY_CLASSES_ROOT",
    "HKU": "HKEY_USERS",
    "HKCC": "HKEY_CURRENT_CONFIG",
}


def clean_hash(text: str) -> tuple[str, str] | None:
    """Which kind of hash a text is by its length, and its lower-case form.

    Few different digits are a filler, digits alone a number.
    """
    kind = _HASHES.get(len(text))
    if kind is None or len(set(text)) < 6 or text.isdigit():
        return None
    return (kind, text.lower()) if re.fullmatch(r"[0-9A-Fa-f]+", text) else None


def clean_cve(text: str) -> str | None:
    """A CVE id, whatever dashes it was written with."""
    match = _CVE.fullmatch(text)
    return f"CVE-{match[1]}-{match[2]}" if match else None


def clean_attack_id(text: str) -> str | None:
    """A technique or tactic of MITRE ATT&CK: T1059, T1059.001, TA0001."""
    return text if _ATTACK.fullmatch(text) and text not in ("T1000", "TA0000") else None


def clean_registry_key(text: str) -> str | None:
    r"""A Windows registry key with the full name of its hive, as STIX 2.1 wants it."""
    hive, _, path = text.partition("\\")
    hive = hive.rstrip(":").upper()
    path = re.sub(r"\\+", r"\\", path.strip("\\")).strip()
    hive = _HIVES.get(hive, hive)
    return f"{hive}\\{path}" if path and hive in _HIVES.values() else None


_TOPICS = frozenset(("hashtag", "attack_id"))  # many have them in common who have nothing else
_RULE_NAME = re.compile(r"[A-Za-z_]\w{0,127}", re.ASCII)
_ARN = re.compile(r"arn:aws(?:-[a-z-]+)?(?::[^:\s]*){3}:\S(?:.*\S)?")
_FILE_NAME = re.compile(r"[^\W_][\w.+-]{0,200}\.[A-Za-z0-9]{1,8}")
_TRACKING = re.compile(r"UA-\d{4,10}-\d{1,3}|GTM-[A-Z0-9]{6,9}|G-[A-Z0-9]{10}|pub-\d{16}", re.ASCII)


def clean_file_name(text: str) -> str | None:
    """A file name in lower case, for Windows does not tell capitals apart."""
    name = unicodedata.normalize("NFC", text.lower())
    return name if _FILE_NAME.fullmatch(name) else None


def clean_tracking_id(text: str) -> str | None:
    """An id by which Google counts a site's visitors or pays its owner: its sites share it."""
    text = text.removeprefix("ca-")
    if not _TRACKING.fullmatch(text) or (text.startswith("G-") and text[2:].isalpha()):
        return None
    return text


def clean_rule_name(text: str) -> str | None:
    """The name of a YARA or Sigma rule, as written."""
    return text if _RULE_NAME.fullmatch(text) else None


def clean_arn(text: str) -> str | None:
    """An Amazon resource name, as written: only parts of it are case-insensitive."""
    return text if _ARN.fullmatch(text) else None


# ------------------------------------------------------------------------------------- all kinds

CURRENCIES = {
    "bitcoin": "Bitcoin",
    "bitcoin_cash": "Bitcoin Cash",
    "cardano": "Cardano",
    "dash": "Dash",
    "dogecoin": "Dogecoin",
    "ethereum": "Ethereum",
    "litecoin": "Litecoin",
    "monero": "Monero",
    "ripple": "XRP Ledger",
    "solana": "Solana",
    "stellar": "Stellar",
    "tezos": "Tezos",
    "ton": "TON",
    "tron": "TRON",
    "zcash": "Zcash",
}


def _one_of(
    clean: Callable[[str], tuple[str, str] | None], kind: str
) -> Callable[[str], str | None]:
    """The cleaner of one kind, from one that tells several kinds apart."""

    def clean_one(text: str) -> str | None:
        found = clean(text)
        return found[1] if found and found[0] == kind else None

    return clean_one


_PLAIN: tuple[tuple[str, str, Callable[[str], str | None]], ...] = (
    ("url", "URL", clean_url),
    ("domain", "domain name", clean_domain),
    ("onion", "Tor onion service", clean_onion),
    ("ipv4", "IPv4 address", clean_ipv4),
    ("ipv6", "IPv6 address", clean_ipv6),
    ("cidr", "network", clean_cidr),
    ("asn", "autonomous system", clean_asn),
    ("mac", "hardware address", clean_mac),
    ("email", "e-mail address", clean_email),
    ("handle", "account name", clean_handle),
    ("hashtag", "hashtag", clean_hashtag),
    ("phone", "telephone number", clean_phone),
    ("iban", "bank account", clean_iban),
    ("cve", "vulnerability", clean_cve),
    ("attack_id", "technique or tactic of MITRE ATT&CK", clean_attack_id),
    ("file_name", "file name", clean_file_name),
    ("registry_key", "Windows registry key", clean_registry_key),
    ("yara_rule", "YARA rule", clean_rule_name),
    ("sigma_rule", "Sigma rule", clean_rule_name),
    ("tracking_id", "Google tag, Analytics or AdSense id", clean_tracking_id),
    ("arn", "Amazon resource name", clean_arn),
)

VALUE_TYPES: Mapping[str, ValueType] = {
    value.kind: value
    for value in (
        *(ValueType(kind, title, clean, kind not in _TOPICS) for kind, title, clean in _PLAIN),
        *(
            ValueType(kind, f"{kind.upper()} hash", _one_of(clean_hash, kind))
            for kind in _HASHES.values()
        ),
        *(
            ValueType(kind, f"{title} address", _one_of(clean_wallet, kind))
            for kind, title in CURRENCIES.items()
        ),
    )
}
"""Every kind of value by name."""
