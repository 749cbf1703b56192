"""What does a telephone number say by its digits: where, of which kind, given out by whom?

By the numbering plans that phonenumbers packages. A calling code may be shared by several
countries, and some are given out no more: both are said, for old posts hold old numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import phonenumbers

from clew.errors import OptionsInvalid

_TYPES = {
    phonenumbers.PhoneNumberType.FIXED_LINE: "fixed line",
    phonenumbers.PhoneNumberType.MOBILE: "mobile",
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed line or mobile",
    phonenumbers.PhoneNumberType.TOLL_FREE: "toll free",
    phonenumbers.PhoneNumberType.PREMIUM_RATE: "premium rate",
    phonenumbers.PhoneNumberType.SHARED_COST: "shared cost",
    phonenumbers.PhoneNumberType.VOIP: "internet telephony",
    phonenumbers.PhoneNumberType.PERSONAL_NUMBER: "personal number",
    phonenumbers.PhoneNumberType.PAGER: "pager",
    phonenumbers.PhoneNumberType.UAN: "company number",
    phonenumbers.PhoneNumberType.VOICEMAIL: "voicemail",
}

# Calling codes given out anew: whose each was, and until when.
_FORMER = {
    "37": "the German Democratic Republic's until 1992",
    "38": "Yugoslavia's until 1993",
    "42": "Czechoslovakia's until 1997",
    "599": "the Netherlands Antilles' until 2010",
    "969": "South Yemen's until 1992",
}
_SUCCESSORS = 3  # digits of the codes that came after those of two
_UNKNOWN_ZONE = "Etc/Unknown"


@dataclass(frozen=True, kw_only=True)
class Telephone:
    """A number and what its digits say; None or empty: they do not say it."""

    number: str  # E.164
    calling_code: str
    countries: tuple[str, ...]  # ISO 3166-1: the one it belongs to, or all that share its code
    is_shared: bool  # the calling code belongs to several countries
    former: str | None  # whose code it was, if it was another's, and until when
    region: str | None  # in English
    line: str | None
    carrier: str | None  # who the number was given to first; it may have been taken along since
    zones: tuple[str, ...]  # IANA
    is_valid: bool  # the plan has such numbers; False: only its length fits

    @property
    def properties(self) -> dict[str, str]:
        """As the properties of the entity kind `phone`."""
        said = {
            "country": ", ".join(self.countries),
            "region": self.region or "",
            "line": self.line or "",
            "carrier": self.carrier or "",
            "zones": ", ".join(self.zones),
            "validity": "valid" if self.is_valid else "possible",
            "former": self.former or "",
        }
        return {name: text for name, text in said.items() if text}


def describe(number: str) -> Telephone:
    """What a number in the form of E.164 says; OptionsInvalid if it cannot be one."""
    # Megabytes of regions and carriers, which most commands never ask for.
    from phonenumbers import carrier, geocoder, timezone  # noqa: PLC0415

    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException as error:
        raise OptionsInvalid(_refusal(number)) from error
    if not phonenumbers.is_possible_number(parsed):
        raise OptionsInvalid(_refusal(number))
    code = int(parsed.country_code or 0)
    sharing = tuple(
        sorted(
            region
            for region in phonenumbers.region_codes_for_country_code(code)
            if region.isalpha()
        )
    )
    own = phonenumbers.region_code_for_number(parsed)
    zones = timezone.time_zones_for_number(parsed)
    return Telephone(
        number=phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164),
        calling_code=str(code),
        countries=(own,) if own and own.isalpha() else sharing,
        is_shared=len(sharing) > 1,
        former=_former(str(code)),
        region=geocoder.description_for_number(parsed, "en") or None,
        line=_TYPES.get(phonenumbers.number_type(parsed)),
        carrier=carrier.name_for_number(parsed, "en") or None,
        zones=tuple(zone for zone in zones if zone != _UNKNOWN_ZONE),
        is_valid=phonenumbers.is_valid_number(parsed),
    )


def _former(code: str) -> str | None:
    """Whose this calling code was, or the one that it came out of."""
    if code in _FORMER:
        return f"+{code} was {_FORMER[code]}"
    if len(code) == _SUCCESSORS and code[:2] in _FORMER:
        return f"+{code[:2]} was {_FORMER[code[:2]]}; +{code} came after it"
    return None


def _refusal(number: str) -> str:
    """Why it is no number: it may have been one."""
    digits = "".join(character for character in number[:40] if character.isdigit())
    for code, whose in _FORMER.items():
        if digits.startswith(code):
            return f"{number[:40]!r} is no telephone number today; +{code} was {whose}"
    return f"{number[:40]!r} is no telephone number"
