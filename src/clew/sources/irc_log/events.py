"""What happened, in the words of irssi, WeeChat, ZNC and HexChat?"""

from __future__ import annotations

import re
from typing import NamedTuple


class Event(NamedTuple):
    """One line: something said, or (with `action`) something that happened."""

    nick: str | None
    text: str
    action: str | None = None  # join, part, quit, kick, nick, topic, mode, server
    target: str | None = None  # who was kicked; the new name


_CODES = re.compile(
    r"\x03(?:\d{1,2}(?:,\d{1,2})?)?|\x04(?:[0-9A-Fa-f]{6})?|[\x02\x0f\x11\x16\x1d-\x1f]"
)
_SAID = re.compile(r" <[ @+%&~!.]?(?P<nick>[^>\s]{1,64})>[ \t]?(?P<text>.*)", re.DOTALL)
_NOTICE = re.compile(
    r" -(?P<nick>[^\s:(-][^\s:(]{0,63}?)(?:[:(][^\s]{0,120})?-[ \t](?P<text>.*)", re.DOTALL
)
_ACTION = re.compile(r"(?P<nick>\S{1,64}) (?P<text>.*)", re.DOTALL)
_WEECHAT = re.compile(r"\t(?P<who>[^\t\n]{0,80})\t(?P<text>.*)", re.DOTALL)
_SERVER = re.compile(r" (?:-!-|\*{3}) (?P<text>.*)", re.DOTALL)
_STAR = re.compile(r" {1,2}\*[ \t](?P<text>.*)", re.DOTALL)

_MASK = r" [\[(][^\s\])]{1,200}[\])]"
_WHY = r"(?: [\[(].*[\])])?"
_HAPPENED = tuple(
    (action, re.compile(pattern, re.DOTALL))
    for action, pattern in (
        ("join", rf"Joins: (?P<nick>\S+){_MASK}"),
        ("join", rf"(?P<nick>\S+)(?:{_MASK})?(?:{_MASK})? has joined(?: \S+)?"),
        ("part", rf"Parts: (?P<nick>\S+){_MASK}{_WHY}"),
        ("part", rf"(?P<nick>\S+)(?:{_MASK})? has left(?: \S+)?{_WHY}"),
        ("quit", rf"Quits: (?P<nick>\S+){_MASK}{_WHY}"),
        ("quit", rf"(?P<nick>\S+)(?:{_MASK})? has quit{_WHY}"),
        ("kick", rf"(?P<target>\S+) was kicked(?: from \S+)? by (?P<nick>\S+){_WHY}"),
        ("kick", rf"(?P<nick>\S+) has kicked (?P<target>\S+)(?: from \S+)?{_WHY}"),
        ("nick", r"(?P<nick>\S+) is now known as (?P<target>\S+)"),
        ("topic", r"(?P<nick>\S+) (?:has )?change[sd] (?:the )?topic (?:for|of|to)\b.*"),
        ("mode", r"(?:mode/|Mode )\S+ \[[^\]]*\] by (?P<nick>\S+)"),
        ("mode", r"(?P<nick>\S+) sets? modes?:? .*"),
        (
            "mode",
            r"(?P<nick>\S+) (?:gives|removes) (?:channel operator status|voice) (?:to|from) .*",
        ),
    )
)
# How HexChat speaks for itself, with the star that also stands before what somebody does.
_CLIENT = (
    "Now talking on ", "Topic for ", "You are now ", "You have ", "Channel ", "Disconnected",
    "Connected", "Looking up ", "Connecting to ", "Logged in", "Users on ",
)  # fmt: skip


def event_of(line: str) -> Event:
    """What a line says behind its stamp."""
    line = _CODES.sub("", line)
    match = _WEECHAT.fullmatch(line)
    if match:
        return _weechat(match["who"].strip(), match["text"])
    match = _SERVER.fullmatch(line)
    if match:
        return _happened(match["text"])
    match = _SAID.fullmatch(line) or _NOTICE.fullmatch(line)
    if match:
        return Event(match["nick"], match["text"])
    match = _STAR.fullmatch(line)
    if match is None:
        return Event(None, line.strip(), "server")
    happened = _happened(match["text"])
    is_act = happened.action == "server" and not match["text"].startswith(_CLIENT)
    return _acting(match["text"]) if is_act else happened


def _weechat(who: str, text: str) -> Event:
    if who == "*":
        return _acting(text)
    if who in ("-->", "<--", "--", "=!=", ""):
        return _happened(text)
    return Event(who.lstrip("@+%&~!"), text)


def _acting(text: str) -> Event:
    """`/me`: what somebody says of themselves; the name stays in the text."""
    match = _ACTION.fullmatch(text.strip())
    return Event(match["nick"].lstrip("@+"), text.strip()) if match else Event(None, text, "server")


def _happened(text: str) -> Event:
    text = text.strip()
    for action, pattern in _HAPPENED:
        match = pattern.fullmatch(text)
        if match:
            return Event(match["nick"], text, action, match.groupdict().get("target"))
    return Event(None, text, "server")
