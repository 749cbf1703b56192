"""Whose words are they? Quotations and reported speech are marked, not judged away."""

from __future__ import annotations

import re

from clew.annotators.sentiment.targets import Place

_SHORTEST = 12  # code points between quotation marks; less is a title or irony
_OPENING = {'"': '"', "“": "”", "„": "“”", "«": "»", "»": "«", "「": "」"}

_REPEATED = re.compile(r"\s*(?:RT\s+@|QT\s+@|MT\s+@|>\s*\S)")

_SAYS = (
    "says|said|claims|claimed|tells|told|writes|wrote|tweeted|argues|alleges|according to"
    "|sagt|sagte|behauptet|schreibt|schrieb|laut"
    "|dit|a dit|affirme|déclare|écrit|selon|d'après"
    "|dice|ha detto|afferma|sostiene|scrive|secondo"
    "|diz|disse|afirma|escreveu|segundo"
    "|dijo|asegura|según|escribió"
    "|kehte hain|ne kaha|kaha ki|ने कहा|कहते हैं|के अनुसार"
    "|قال|قالت|يقول|تقول|بحسب|وفقا ل"
)
_ATTRIBUTED = re.compile(rf"(?<!\w)(?:{_SAYS})(?!\w)", re.IGNORECASE)
_OWN = re.compile(
    r"(?<!\w)(?:i|we|ich|wir|je|nous|on|io|noi|eu|nós|yo|nosotros|main|maine|hum|मैं|मैंने|हम|أنا|نحن)"
    r"(?:\s+\w{1,12})?\s*$",
    re.IGNORECASE,
)
_NEAR = 40  # code points before a verb of saying in which its speaker is looked for


def quotations(text: str) -> list[Place]:
    """What stands between quotation marks, if it is long enough to be somebody's words."""
    found, start, closing = [], None, ""
    for place, sign in enumerate(text):
        if start is not None and (sign in closing):
            if place - start > _SHORTEST:
                found.append(Place(start, place))
            start = None
        elif start is None and sign in _OPENING:
            start, closing = place + 1, _OPENING[sign]
    return found


def is_reported(text: str, clause: Place | None = None) -> bool:
    """Whether the words of a clause (default: of the whole post) are said to be another's.

    So are repeated posts ("RT @…"), most of a post or a whole clause between quotation marks, and
    what somebody but the author "says".
    """
    if _REPEATED.match(text):
        return True
    place = clause or Place(0, len(text))
    quoted = sum(
        max(0, min(place.stop, quote.stop) - max(place.start, quote.start))
        for quote in quotations(text)
    )
    if quoted > (place.stop - place.start) / 2:
        return True
    return any(
        not _OWN.search(text, max(0, verb.start() - _NEAR), verb.start())
        for verb in _ATTRIBUTED.finditer(text, place.start, place.stop)
    )
