"""What does the markup of a Slack message say in plain text, whom and what does it name?

Slack writes `<@U024BE7LH>`, `<#C024BE7LR|general>`, `<https://example.org|a page>`, `<!here>` and
the entities `&amp;`, `&lt;`, `&gt;` (https://docs.slack.dev/messaging/formatting-message-text).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_MARKUP = re.compile(r"<([^<>\n]{1,8000})>")
_MAIL = re.compile(r"\A(?:mailto|tel):")
_SCHEME = re.compile(r"\A(?:https?://|mailto:|tel:)")
_MEMBER = re.compile(r"@([UW][A-Z0-9]{2,31})\Z")


@dataclass(kw_only=True)
class Said:
    """A text without markup, with what the markup led to."""

    text: str
    members: list[str] = field(default_factory=list)  # ids, each once
    links: dict[str, str | None] = field(default_factory=dict)  # address → the words it stood under


def plain(marked: str, names: Mapping[str, str]) -> Said:
    """Read the markup of a message; `names` are the members' by id."""
    said = Said(text="")

    def written(mark: re.Match[str]) -> str:
        target, _, label = mark[1].partition("|")
        if member := _MEMBER.match(target):
            if member[1] not in said.members:
                said.members.append(member[1])
            name = _escaped(names.get(member[1], ""))
            return f"@{name or label.removeprefix('@') or member[1]}"
        if target.startswith("#"):
            return f"#{label or target[1:]}"
        if target.startswith("!"):
            return label or f"@{target[1:].split('^')[0]}"
        return _link(_unescaped(target), _unescaped(label), said)

    said.text = _unescaped(_MARKUP.sub(written, marked))
    return said


def _link(address: str, label: str, said: Said) -> str:
    said.links.setdefault(address, label or None)
    bare = _SCHEME.sub("", address).rstrip("/")
    if not label or label.rstrip("/") in (address.rstrip("/"), bare):
        return _escaped(label or _MAIL.sub("", address))
    return _escaped(f"{label} ({address})")


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _escaped(text: str) -> str:
    """So that what was unescaped once is not unescaped again with the text around it."""
    return text.replace("&", "&amp;")
