"""Addresses that belong to nobody: made by the rules of their kind from invented bytes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib

from Crypto.Hash import keccak

_BITCOIN = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_RIPPLE = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"


def base58(data: bytes, alphabet: str = _BITCOIN) -> str:
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = alphabet[digit] + text
    return alphabet[0] * (len(data) - len(data.lstrip(b"\0"))) + text


def base58check(version: bytes, payload: bytes = b"\x5a" * 20, alphabet: str = _BITCOIN) -> str:
    data = version + payload
    return base58(data + hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4], alphabet)


def ripple() -> str:
    return base58check(b"\0", alphabet=_RIPPLE)


def monero(network: int = 18) -> str:
    data = bytes([network]) + bytes(range(64))
    data += keccak.new(digest_bits=256, data=data).digest()[:4]
    blocks = [data[at : at + 8] for at in range(0, len(data), 8)]
    lengths = {8: 11, 5: 7}
    return "".join(base58(each).rjust(lengths[len(each)], "1") for each in blocks)


def byron() -> str:
    payload = b"\x83\x58\x1c" + b"\x5a" * 28 + b"\xa0\x00"
    crc = zlib.crc32(payload).to_bytes(4, "big")
    return base58(b"\x82\xd8\x18\x58" + bytes([len(payload)]) + payload + b"\x1a" + crc)


def stellar() -> str:
    data = bytes([6 << 3]) + bytes(range(32))
    return base64.b32encode(data + binascii.crc_hqx(data, 0).to_bytes(2, "little")).decode()


def ton(form: int = 0x11) -> str:
    data = bytes([form, 0]) + b"\xfb" * 32
    return base64.urlsafe_b64encode(data + binascii.crc_hqx(data, 0).to_bytes(2, "big")).decode()


def solana() -> str:
    """The base point of Ed25519: nobody's account."""
    return base58((4 * pow(5, -1, 2**255 - 19) % (2**255 - 19)).to_bytes(32, "little"))


def onion() -> str:
    key = bytes(range(1, 33))
    check = hashlib.sha3_256(b".onion checksum" + key + b"\x03").digest()[:2]
    return base64.b32encode(key + check + b"\x03").decode().lower() + ".onion"
