"""How do people write an address so that nobody clicks it? Patterns of defanged forms, and back.

The patterns are read alike by RE2 and by `re`. They hold no groups, and no part of them repeats
without bound but what the text itself repeats: scanning stays linear.
"""

from __future__ import annotations

import re

_OPEN, _CLOSE = r"\\?[\[({<]", r"\\?[\])}>]"
_HIDDEN = "[\u00ad\u200b\u200c\u200d\u2060\ufeff]"  # takes no room and breaks the link
_DOT_WORD = "(?i:dot|d0t|punkt|punto|point|ponto|nokta|точка|тчк)"
_AT_WORD = "(?i:at|et|arroba|chiocciola|собака)"

_BRACKETED_DOT = rf" ?{_OPEN} ?(?:\\?\.|{_DOT_WORD}) ?{_CLOSE} ?"
DOT = rf"(?:{_BRACKETED_DOT}|\[\.|\.\]|\\\.|[。．｡]|{_HIDDEN}{{0,2}}\.{_HIDDEN}{{0,2}})"
AT = rf"(?: ?{_OPEN} ?(?:@|{_AT_WORD}) ?{_CLOSE} ?|\\?[@＠])"
COLON = rf"(?:{_OPEN}:{_CLOSE}|:)"
SLASH = rf"(?:{_OPEN}/{_CLOSE}|/)"

# Any letters stand for the two t of http, but only where `://` follows.
_HTTP = rf"h[tx*#_+]{{1,3}}p(?:s|{_OPEN}s{_CLOSE})?"
_FTP = r"s?f[tx*]{1,2}ps?"
_OTHER_SCHEMES = (
    "amqps?|dns|file|git|gopher|gemini|imaps?|ipfs|ircs?|jdbc|ldaps?|meow|mms|mongodb|mqtts?|mysql|"
    r"postgres(?:ql)?|rdp|redis|rmi|rtmps?|rtsps?|smb|socks[45][ah]?|ssh|stratum\+(?:tcp|ssl)|svn|"
    "tcp|telnet|udp|vnc|wss?"
)
SCHEME = rf"(?i:{_HTTP}|{_FTP}|\b(?:{_OTHER_SCHEMES}))"
SEPARATOR = (
    rf"(?:{_OPEN}:{_CLOSE}(?:[/\\]{{2,4}}|\[//\])|{_OPEN}:[/\\]{{2}}{_CLOSE}|:(?:[/\\]{{2,4}}|__)|"
    rf":\[//\]) ?"
)

_ADDRESS = re.compile(
    rf"^(?P<scheme>{SCHEME})(?P<separator>{SEPARATOR})|(?P<dot>{DOT})|(?P<at>{AT})|"
    rf"(?P<colon>{_OPEN}:{_CLOSE})|(?P<slash>{_OPEN}/{_CLOSE})|{_HIDDEN}"
)
# What most texts are: a scheme that links, and no character that a defanged form needs.
_UNTOUCHED = re.compile(
    r"(?:https?://(?![/ ]))?[^:\\\[\]({<。．｡＠\u00ad\u200b-\u200d\u2060\ufeff]*"
    r"(?::(?![/_])[^:\\\[\]({<。．｡＠\u00ad\u200b-\u200d\u2060\ufeff]*)*"
)
_PLAIN = {"dot": ".", "at": "@", "colon": ":", "slash": "/"}


def refang(text: str) -> str:
    """An address as it was before somebody defanged it; what is not defanged stays as it is.

    `hxxps[:]//example[.]com` → `https://example.com`, `jo [at] example [dot] org` →
    `jo@example.org`. Only for text that was found to be an address: `[.]` means a dot nowhere else.
    """
    return text if _UNTOUCHED.fullmatch(text) else _ADDRESS.sub(_refanged, text)


def _refanged(match: re.Match[str]) -> str:
    if match["scheme"] is None:
        return _PLAIN.get(match.lastgroup or "", "")
    scheme = re.sub(r"[^A-Za-z0-9+*#_]", "", match["scheme"]).lower()
    if scheme.startswith("h") or scheme == "meow":
        plain = "https" if scheme.endswith("s") else "http"
    elif re.fullmatch(_FTP, scheme):
        plain = re.sub(r"f[tx*]{1,2}p", "ftp", scheme)
    else:
        plain = scheme
    kept = match["scheme"] if match["scheme"].lower() == plain else plain
    return f"{kept}://"
