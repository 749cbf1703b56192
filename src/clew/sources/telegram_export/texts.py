"""What does a message say, as plain text, and what does its text point to?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from clew.sources.telegram_export.records import Message, Part, Text

# Types of parts that say more than how they look.
_MEANING = frozenset({"link", "text_link", "mention", "mention_name", "hashtag", "cashtag"})

# Lists of a rich message whose entries stand on lines of their own.
_LINES = frozenset({"blocks", "items", "rows", "answers"})


def plain(text: Text) -> str:
    """A text without its formats."""
    if isinstance(text, str):
        return text
    return "".join([part if isinstance(part, str) else part.text for part in text])


def said(message: Message) -> str:
    """All that a message says: its text, or else its poll, list of tasks or contact in lines."""
    text = plain(message.text) or plain(flat(message.rich_message or {}))
    if text:
        return text
    if message.poll or message.todo_list:
        return "\n".join(_lines_of_choices(message))
    if message.contact_information:
        person = message.contact_information
        return "\n".join(filter(None, (person.name, person.phone_number)))
    return message.information_text or ""


def _lines_of_choices(message: Message) -> Iterator[str]:
    for choices in (message.poll, message.todo_list):
        if choices:
            yield plain(choices.question) or plain(choices.title)
            yield from (plain(choice.text) for choice in choices.answers)


def pointing(message: Message) -> list[Part]:
    """The parts of its text that point to something: links, mentions, tags."""
    text = flat(message.rich_message) if message.rich_message else message.text
    if isinstance(text, str):
        return []
    return [part for part in text if not isinstance(part, str) and part.type in _MEANING]


def flat(rich: Any, types: frozenset[str] = _MEANING) -> Text:
    """A rich message (blocks of nested texts) as a text of the ordinary form.

    Only parts of the given types stay parts; within them all is plain. It goes by a list of what
    waits, not by calls: the message decides how deep it nests.
    """
    found: list[str | Part] = []
    waiting: list[Any] = [rich]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            found.append(node)
        elif isinstance(node, list):
            waiting += [below for below in reversed(node) if isinstance(below, dict | list)]
        elif node.get("type") in types:
            found.append(_part(node))
        else:
            waiting += reversed([below for pair in node.items() for below in _below(*pair)])
    while found and found[-1] == "\n":
        found.pop()
    return found


def _below(key: str, value: Any) -> list[Any]:
    if isinstance(value, list) and key in _LINES:
        return [below for entry in value if isinstance(entry, dict) for below in (entry, "\n")]
    if isinstance(value, str):
        return [value] if key == "text" else []
    return [value] if isinstance(value, dict | list) else []


def _part(node: dict[str, Any]) -> Part:
    within = {key: value for key, value in node.items() if key != "type"}
    href, user_id = node.get("href"), node.get("user_id")
    return Part(
        type=node["type"],
        text=plain(flat(within, frozenset())),
        href=href if isinstance(href, str) else None,
        user_id=user_id if isinstance(user_id, str | int) else None,
    )
