"""Which cryptocurrency does an address belong to, and is it whole? Its checksum says.

* Base58Check: Bitcoin, Litecoin, Dogecoin, Dash, Zcash (transparent), Tron, Tezos; the Ripple one
  has an alphabet of its own. The version bytes name the currency.
* Bech32 (BIP 173) and Bech32m (BIP 350): Bitcoin, Litecoin, Cardano (CIP 19). CashAddr: Bitcoin
  Cash.
* Keccak-256: Ethereum (EIP 55; only addresses in mixed case carry it), Monero.
* CRC: Stellar (SEP 23), TON (TEP 2), Cardano of the Byron era.
* Solana addresses carry no checksum: 32 bytes that are a point of Ed25519.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import zlib
from collections.abc import Callable

from Crypto.Hash import keccak

_BITCOIN = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_RIPPLE = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"

_VERSIONS = {  # version bytes of a Base58Check payload → currency; a hash of 20 bytes follows
    b"\x00": "bitcoin",  # pay to public key hash: 1…
    b"\x05": "bitcoin",  # pay to script hash: 3…
    b"\x30": "litecoin",
    b"\x32": "litecoin",
    b"\x1e": "dogecoin",
    b"\x16": "dogecoin",
    b"\x4c": "dash",
    b"\x10": "dash",
    b"\x41": "tron",
    b"\x1c\xb8": "zcash",
    b"\x1c\xbd": "zcash",
    b"\x06\xa1\x9f": "tezos",  # tz1
    b"\x06\xa1\xa1": "tezos",  # tz2
    b"\x06\xa1\xa4": "tezos",  # tz3
    b"\x06\xa1\xa6": "tezos",  # tz4
    b"\x02\x5a\x79": "tezos",  # KT1
}


def clean_wallet(text: str) -> tuple[str, str] | None:
    """The currency and the canonical form of an address; None if it is not a whole one.

    Bech32 becomes lower-case, Ethereum its EIP 55 form, TON its bounceable one; Base58 is
    case-sensitive and stays.
    """
    if len(text) > 128:
        return None
    match = _SHAPES.fullmatch(text)
    return _READERS[match.lastgroup or ""](text) if match else None


def is_wallet_like(text: str) -> bool:
    """Whether a text has the shape of an address, whole or not: cheap."""
    return _SHAPES.fullmatch(text) is not None


# ---------------------------------------------------------------------------------------- Base58


def _base58(text: str, alphabet: str = _BITCOIN) -> bytes | None:
    number = 0
    for character in text:
        digit = alphabet.find(character)
        if digit < 0:
            return None
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip(alphabet[0]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def _base58check(text: str, alphabet: str = _BITCOIN) -> bytes | None:
    data = _base58(text, alphabet)
    if data is None or len(data) < 5:
        return None
    payload = data[:-4]
    digest = hashlib.sha256(hashlib.sha256(payload).digest()).digest()
    return payload if digest[:4] == data[-4:] else None


def _versioned(text: str) -> tuple[str, str] | None:
    payload = _base58check(text)
    currency = _VERSIONS.get(payload[:-20]) if payload else None
    return (currency, text) if currency else None


def _ripple(text: str) -> tuple[str, str] | None:
    payload = _base58check(text, _RIPPLE)
    return ("ripple", text) if payload and len(payload) == 21 and payload[0] == 0 else None


def _monero(text: str) -> tuple[str, str] | None:
    """Monero writes each 8 bytes as 11 characters, so that all addresses are equally long."""
    data = b""
    for at in range(0, len(text), 11):
        block = text[at : at + 11]
        decoded = _base58(block)
        size = {11: 8, 9: 6, 7: 5}.get(len(block))
        if decoded is None or size is None or len(decoded.lstrip(b"\0")) > size:
            return None
        data += decoded.lstrip(b"\0").rjust(size, b"\0")
    whole = data[:1] in (b"\x12", b"\x13", b"\x2a") and _keccak(data[:-4])[:4] == data[-4:]
    return ("monero", text) if whole else None


def _byron(text: str) -> tuple[str, str] | None:
    """CBOR: an array of tag 24 with the address's bytes, and their CRC-32."""
    data = _base58(text)
    if data is None or data[:4] != b"\x82\xd8\x18\x58" or len(data) < 10:
        return None
    size = data[4]
    payload, rest = data[5 : 5 + size], data[5 + size :]
    whole = rest == b"\x1a" + zlib.crc32(payload).to_bytes(4, "big")
    return ("cardano", text) if whole else None


_FIELD = 2**255 - 19
_EDWARDS_D = -121665 * pow(121666, -1, _FIELD) % _FIELD


def _solana(text: str) -> tuple[str, str] | None:
    data = _base58(text)
    mixed = any(map(str.isdigit, text)) and not text.isupper() and not text.islower()
    if data is None or len(data) != 32 or not mixed:
        return None
    y = int.from_bytes(data, "little") & (2**255 - 1)
    # x² = (y² - 1) / (dy² + 1) must have a root: Euler's criterion, with the quotient as a product.
    square = (y * y - 1) * (_EDWARDS_D * y * y + 1) % _FIELD
    on_curve = y < _FIELD and pow(square, (_FIELD - 1) // 2, _FIELD) in (0, 1)
    return ("solana", text) if on_curve else None


# ---------------------------------------------------------------------------------------- Bech32

_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_CHECK, _BECH32M_CHECK = 1, 0x2BC830A3


def _bech32(text: str) -> tuple[str, list[int], int] | None:
    """Prefix, five-bit groups without the checksum, and what the checksum comes to."""
    if text.lower() != text and text.upper() != text:
        return None
    prefix, _, payload = text.lower().rpartition("1")
    groups = [_BECH32.find(character) for character in payload]
    if not prefix or len(groups) < 6 or -1 in groups:
        return None
    check = 1
    for group in [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix] + groups:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ group
        for bit, term in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            if top >> bit & 1:
                check ^= term
    return prefix, groups[:-6], check


def _octets(groups: list[int]) -> bytes | None:
    """Five-bit groups as bytes; None unless what is left over is less than a group of zeros."""
    number = 0
    for group in groups:
        number = number << 5 | group
    left = len(groups) * 5 % 8
    if left > 4 or number & (1 << left) - 1:
        return None
    return (number >> left).to_bytes(len(groups) * 5 // 8, "big")


def _segwit(text: str) -> tuple[str, str] | None:
    decoded = _bech32(text)
    if decoded is None or not decoded[1]:
        return None
    prefix, (version, *program), check = decoded
    octets = _octets(program)
    if octets is None or version > 16:
        return None
    if version == 0:
        whole = check == _BECH32_CHECK and len(octets) in (20, 32)
    else:
        whole = check == _BECH32M_CHECK and 2 <= len(octets) <= 40
    return ({"bc": "bitcoin", "ltc": "litecoin"}[prefix], text.lower()) if whole else None


def _shelley(text: str) -> tuple[str, str] | None:
    decoded = _bech32(text)
    octets = _octets(decoded[1]) if decoded and decoded[2] == _BECH32_CHECK else None
    if not octets:
        return None
    kind, network = octets[0] >> 4, octets[0] & 15
    return ("cardano", text.lower()) if kind <= 7 and network == 1 else None


def _cashaddr(text: str) -> tuple[str, str] | None:
    payload = text.lower()
    if payload != text and text.upper() != text:
        return None
    groups = [_BECH32.find(character) for character in payload]
    check = 1
    for group in [ord(c) & 31 for c in "bitcoincash"] + [0] + groups:
        top = check >> 35
        check = (check & 0x07FFFFFFFF) << 5 ^ group
        for bit, term in enumerate(
            (0x98F2BC8E61, 0x79B76D99E2, 0xF33E5FB3C4, 0xAE2EABE2A8, 0x1E4F43E470)
        ):
            if top >> bit & 1:
                check ^= term
    return ("bitcoin_cash", payload) if check == 1 else None


# ---------------------------------------------------------------------------------------- others


def _keccak(data: bytes) -> bytes:
    return keccak.new(digest_bits=256, data=data).digest()


def _ethereum(text: str) -> tuple[str, str] | None:
    digits = text[2:]
    lower = digits.lower()
    digest = _keccak(lower.encode()).hex()
    checked = "".join(
        digit.upper() if int(nibble, 16) >= 8 else digit
        for digit, nibble in zip(lower, digest, strict=False)
    )
    if digits not in (lower, digits.upper(), checked) or lower == lower[0] * 40:
        return None
    return "ethereum", f"0x{checked}"


def _stellar(text: str) -> tuple[str, str] | None:
    data = base64.b32decode(text)
    check = binascii.crc_hqx(data[:-2], 0).to_bytes(2, "little")
    return ("stellar", text) if data[0] == 6 << 3 and check == data[-2:] else None


_TON_FORMS = (0x11, 0x51)  # bounceable, and not: two ways to write one account


def _ton(text: str) -> tuple[str, str] | None:
    data = base64.urlsafe_b64decode(text)
    if data[0] not in _TON_FORMS or binascii.crc_hqx(data[:-2], 0).to_bytes(2, "big") != data[-2:]:
        return None
    account = bytes(_TON_FORMS[:1]) + data[1:-2]
    whole = account + binascii.crc_hqx(account, 0).to_bytes(2, "big")
    return "ton", base64.urlsafe_b64encode(whole).decode()


_READERS: dict[str, Callable[[str], tuple[str, str] | None]] = {
    "segwit": _segwit,
    "shelley": _shelley,
    "cashaddr": _cashaddr,
    "ethereum": _ethereum,
    "stellar": _stellar,
    "ton": _ton,
    "byron": _byron,
    "monero": _monero,
    "tezos": _versioned,
    "ripple": _ripple,
    "versioned": _versioned,
    "solana": _solana,
}

_58 = "[1-9A-HJ-NP-Za-km-z]"
_SHAPES = re.compile(
    "(?P<segwit>(?:bc|BC|ltc|LTC)1[02-9A-Za-z]{8,87})"
    "|(?P<shelley>addr1[02-9a-z]{50,98})"
    "|(?P<cashaddr>[qpQP][02-9A-Za-z]{41})"
    "|(?P<ethereum>0[xX][0-9A-Fa-f]{40})"
    "|(?P<stellar>G[A-Z2-7]{55})"
    "|(?P<ton>[EU]Q[0-9A-Za-z_-]{46})"
    f"|(?P<byron>Ae2{_58}{{56}}|DdzFF{_58}{{99}})"
    f"|(?P<monero>[48]{_58}{{94}}|4{_58}{{105}})"
    f"|(?P<tezos>(?:tz[1-4]|KT1){_58}{{33}})"
    f"|(?P<ripple>r{_58}{{24,34}})"
    f"|(?P<versioned>[13LMDA9X7Tt]{_58}{{25,34}})"
    f"|(?P<solana>{_58}{{43,44}})"
)
