"""Which mapping could fit this file? A first one, from the names and values of its columns.

It is a proposal in plain TOML for the analyst to check: what is a guess says so, and every column
without a use is named in a comment.
"""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from clew.contract import Capture, Piece
from clew.errors import ItemError, SourceUnusable
from clew.formats.lines import cut_lines
from clew.sources.table.mapped import Record
from clew.sources.table.mapping import File, Format
from clew.sources.table.reading import format_of, records
from clew.sources.table.values import text_of

_HEAD = 64 << 10
_SAMPLE = 1_000

_NAMES = {
    "posts": {
        "post_id": "id post_id message_id msg_id tweet_id status_id comment_id id_str ид номер",
        "account_id": "author_id user_id from_id sender_id account_id uid owner_id user_id_str",
        "channel_id": "channel_id chat_id group_id board_id page_id peer_id subreddit_id",
        "thread_id": "thread_id conversation_id topic_id",
        "reply_to_post_id": "reply_to reply_to_id reply_to_post_id reply_to_message_id in_reply_to "
        "in_reply_to_id in_reply_to_status_id parent_id replied_to_id відповідь_на ответ_на",
        "posted_at": "date time datetime timestamp created_at created posted_at posted published "
        "published_at date_utc created_utc post_date message_date дата время час datum fecha",
        "edited_at": "edited edited_at updated_at edit_date",
        "title": "title subject headline заголовок назва",
        "text": "text body message content full_text tweet comment caption selftext "
        "message_text post_text текст сообщение повідомлення nachricht texto texte",
        "url": "url link permalink post_url tweet_url message_url ссылка посилання",
        "language_claimed": "lang language",
        "client": "source client app",
        "like_count": "likes like_count favorite_count favourites score upvotes лайки вподобання "
        "оцінка оценка",
        "reply_count": "replies comments reply_count comment_count comments_count num_comments",
        "repost_count": "reposts retweets shares forwards repost_count retweet_count share_count "
        "reblogs_count",
        "quote_count": "quotes quote_count",
        "view_count": "views view_count impressions impression_count просмотры перегляди",
        "tags": "tags hashtags теги",
        "latitude": "lat latitude широта",
        "longitude": "lon lng long longitude долгота довгота",
    },
    "accounts": {
        "handle": "username user_name screen_name handle login nick nickname user_username "
        "user_screen_name author_username author_handle",
        "name": "author author_name name display_name from sender user user_display_name "
        "author_display_name sender_name автор имя відправник отправитель absender",
        "description": "bio description user_description author_description",
        "location_claimed": "location user_location author_location",
        "followers_count": "followers followers_count user_followers_count",
        "following_count": "following following_count friends_count",
    },
    "channels": {
        "name": "channel chat group board page subreddit channel_name chat_title chat_name "
        "group_name канал чат группа група",
    },
    "links": {"url": "urls links expanded_urls outlinks"},
}
"""Section and column → names that exporters give it, in lower case with `_` between words."""

_COLUMN_OF = {
    name: (section, column)
    for section, columns in _NAMES.items()
    for column, names in columns.items()
    for name in names.split()
}

_NULLS = ("NULL", "null", "None", "none", "NaN", "nan", "N/A", "n/a", "#N/A", "\\N")
_DELIMITERS = ",;\t|"
_TIME_FORMATS = (
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y, %H:%M:%S",
    "%d.%m.%Y, %H:%M",
    "%d.%m.%Y",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y, %H:%M",
    "%d/%m/%Y",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y, %H:%M",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y",
    "%d-%m-%Y %H:%M:%S",
    "%d-%m-%Y %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y-%m-%d %H:%M:%S %Z",
    "%Y-%m-%d %H:%M:%S %z",
    "%d %b %Y %H:%M:%S",
    "%d %b %Y %H:%M",
    "%b %d, %Y %I:%M %p",
    "%b %d, %Y, %I:%M %p",
    "%a %b %d %H:%M:%S %z %Y",
    "%a, %d %b %Y %H:%M:%S %z",
)
_UNIX = {10: "unix", 13: "unix_ms", 16: "unix_us"}  # digits of a time of 2001 to 2286


@dataclass(kw_only=True)
class _TimeGuess:
    form: str
    has_zone: bool
    rivals: tuple[str, ...] = ()  # formats that fit as well


def propose(capture: Capture, platform: str = "unnamed") -> str:
    """The TOML text of a mapping that could fit this file, for the analyst to check.

    Raises SourceUnusable for what is no table.
    """
    with capture.open() as stream:
        head = stream.read(_HEAD)
    form = format_of(head, capture.name)
    file = _file(form, head)
    sample = list(itertools.islice(_sample(capture, form, file), _SAMPLE))
    columns: dict[str, list[Any]] = {}
    for record in sample:
        for name, value in _flat(record.cells):
            cells = columns.setdefault(name, [])
            if not isinstance(value, bytes):  # which Parquet may call texts, or not
                cells.append(value)
    nulls = [
        null
        for null in _NULLS
        if any(value == null for values in columns.values() for value in values)
    ]
    for name, values in columns.items():
        columns[name] = [value for value in values if value not in (None, "", *nulls)]
    if not any(columns.values()):
        raise SourceUnusable("no record was found: is the header in another row or sheet?")
    return _written(capture.name, platform, file, nulls, _chosen(columns), columns, len(sample))


# --------------------------------------------------------------------------------------- the file


def _file(form: Format, head: bytes) -> File:
    if form not in ("csv", "tsv"):
        return File(format=form)
    encoding = _encoding(head)
    text = head.decode(encoding, "replace")
    return File(format=form, encoding=encoding, delimiter=_delimiter(text))


def _encoding(head: bytes) -> str:
    """UTF-8 unless it cannot be; then UTF-16 by its mark, else the likelier code page."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        head[: head.rfind(b"\n") + 1].decode()
    except UnicodeDecodeError:
        # Letters of Cyrillic words stand side by side; accented Latin ones stand alone.
        in_a_row = sum(map(len, re.findall(rb"[\xc0-\xff]{3,}", head)))
        alone = sum(byte >= 0xC0 for byte in head) - in_a_row
        return "cp1251" if in_a_row > alone else "cp1252"
    return "utf-8"


def _delimiter(text: str) -> str:
    """The delimiter that cuts the first rows into equally many and most cells."""

    def fitness(delimiter: str) -> tuple[int, int]:
        lines = text.splitlines(keepends=True)[:50]
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            return 0, 0
        if not widths or widths[0] < 2:
            return 0, 0
        return sum(width == widths[0] for width in widths), widths[0]

    return max(_DELIMITERS, key=fitness)


def _sample(capture: Capture, form: Format, file: File) -> Iterator[Record]:
    pieces: Iterable[Piece] = (
        cut_lines(capture, None) if form == "ndjson" else [Piece(capture=capture, options=None)]
    )
    for piece in itertools.islice(pieces, 1):
        for record in records(piece, form, file):
            if not isinstance(record, ItemError):
                yield record


def _flat(cells: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in cells.items():
        if isinstance(value, dict) and prefix.count(".") < 2:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


# ------------------------------------------------------------------------------------- the columns


def _chosen(columns: dict[str, list[Any]]) -> dict[tuple[str, str], str]:
    """Section and column → the file's column: by name, else by what its cells look like."""
    chosen: dict[tuple[str, str], str] = {}
    for name in filter(columns.get, columns):
        word = re.sub(r"[\W_]+", "_", name.lower()).strip("_")
        if word in _COLUMN_OF:
            chosen.setdefault(_COLUMN_OF[word], name)
    free = [name for name in columns if columns[name] and name not in chosen.values()]
    if ("posts", "posted_at") not in chosen:
        times = [name for name in free if _time_guess(columns[name])]
        for name in times[:1]:
            chosen["posts", "posted_at"] = name
            free.remove(name)
    if ("posts", "text") not in chosen and free:
        longest = max(free, key=lambda name: _mean_length(columns[name]))
        if _mean_length(columns[longest]) > 20:
            chosen["posts", "text"] = longest
    return chosen


def _mean_length(values: Sequence[Any]) -> float:
    texts = [value for value in values if isinstance(value, str)]
    return sum(map(len, texts)) / len(texts) if texts else 0.0


def _time_guess(values: Sequence[Any]) -> _TimeGuess | None:
    """How these cells write a time, or None if they do not."""
    texts = [text_of(value).strip() for value in values[:200]]
    if not texts:
        return None
    if all(re.fullmatch(r"[0-9]{10,16}(?:\.[0-9]*)?", text) for text in texts):
        digits = len(texts[0].partition(".")[0])
        return _TimeGuess(form=_UNIX[digits], has_zone=True) if digits in _UNIX else None
    enough = 0.8 * len(texts)
    fitting = [
        form
        for form in ("iso", *_TIME_FORMATS)
        if sum(_is_time(text, form) for text in texts) >= enough
    ]
    if not fitting:
        return None
    form = fitting[0]
    has_zone = form.endswith("%z") or " %z " in form
    if form == "iso":
        has_zone = any(re.search(r"(?:Z|[+-]\d\d:?\d\d)\Z", text) for text in texts)
    return _TimeGuess(form=form, has_zone=has_zone, rivals=tuple(fitting[1:]))


def _is_time(text: str, form: str) -> bool:
    try:
        if form == "iso":
            return len(text) >= 8 and 1970 <= dt.datetime.fromisoformat(text).year < 2100
        moment = dt.datetime.strptime(text, form)  # noqa: DTZ007 - only whether it fits
    except (ValueError, OverflowError):
        return False
    return 1970 <= moment.year < 2100


# ---------------------------------------------------------------------------------------- the text


def _written(
    name: str,
    platform: str,
    file: File,
    nulls: list[str],
    chosen: dict[tuple[str, str], str],
    columns: dict[str, list[Any]],
    count: int,
) -> str:
    lines = [
        f"# Proposed from the first {count:,} records of {_quoted(name)}: check every line.",
        f"platform = {_quoted(platform)}  # the prefix of every id: name the platform",
        "",
        "[file]",
        f"format = {_quoted(file.format or 'csv')}",
    ]
    if file.delimiter is not None:
        lines.append(f"delimiter = {_quoted(file.delimiter)}")
        lines.append(f"encoding = {_quoted(file.encoding)}")
    if nulls:
        lines.append(f"null = [{', '.join(map(_quoted, nulls))}]  # not recorded")
    account = chosen.get(("posts", "account_id")) or _author(chosen)
    has_posts = any(("posts", column) in chosen for column in ("post_id", "posted_at", "text"))
    if account is not None and not has_posts:
        lines += _people(account, chosen)
    else:
        lines += _posts(chosen, columns)
        lines += _others(chosen)
    unused = [column for column in columns if column not in chosen.values()]
    if unused:
        lines += ["", f"# Columns without a use: {', '.join(map(_quoted, unused))}"]
    return "\n".join(lines) + "\n"


def _posts(chosen: dict[tuple[str, str], str], columns: dict[str, list[Any]]) -> list[str]:
    posts = {column: name for (section, column), name in chosen.items() if section == "posts"}
    lines = ["", "[posts]"]
    author = posts.get("account_id") or _author(chosen)
    if "post_id" not in posts:
        parts = [name for name in (author, posts.get("posted_at"), posts.get("text")) if name]
        names = ", ".join(map(_quoted, parts or columns))
        lines.append(f"post_id = {{ hash_of = [{names}] }}  # no column of ids was found")
    elif len(set(map(text_of, columns[posts["post_id"]]))) < len(columns[posts["post_id"]]):
        lines.append("# The ids repeat: a template such as {chat}/{id} can make them unique.")
    if "account_id" not in posts and author:
        lines.append(f"account_id = {_quoted(author)}  # the name stands for the id")
    channel = chosen.get(("channels", "name"))
    if "channel_id" not in posts and channel:
        lines.append(f"channel_id = {_quoted(channel)}  # the name stands for the id")
    for column, name in posts.items():
        if column in ("posted_at", "edited_at"):
            lines += _time(column, name, columns[name])
        elif column == "tags" and not any(isinstance(value, list) for value in columns[name]):
            lines.append(f'tags = {{ column = {_quoted(name)}, split = "," }}')
        else:
            lines.append(f"{column} = {_quoted(name)}")
    return lines


def _author(chosen: dict[tuple[str, str], str]) -> str | None:
    return chosen.get(("accounts", "handle")) or chosen.get(("accounts", "name"))


def _time(column: str, name: str, values: list[Any]) -> list[str]:
    guess = _time_guess(values)
    if guess is None:
        return [f"# {column}: no one format fits all cells of {_quoted(name)}"]
    lines = []
    if guess.rivals:
        lines.append(f"# {', '.join(guess.rivals)} would fit as well: which comes first?")
    zone = "" if guess.has_zone else ', zone = "unknown"'
    remark = "" if guess.has_zone else '  # better: an IANA name such as "Europe/Kyiv"'
    cell = f"{{ column = {_quoted(name)}, format = {_quoted(guess.form)}{zone} }}"
    return [*lines, f"{column} = {cell}{remark}"]


def _people(account: str, chosen: dict[tuple[str, str], str]) -> list[str]:
    """The section of a file of accounts without posts."""
    lines = ["", "[accounts]", f"account_id = {_quoted(account)}"]
    if ("posts", "url") in chosen:
        lines.append(f"url = {_quoted(chosen['posts', 'url'])}")
    return lines + _accounts(chosen)


def _accounts(chosen: dict[tuple[str, str], str]) -> list[str]:
    return [
        f"{column} = {_quoted(name)}"
        for (section, column), name in chosen.items()
        if section == "accounts"
    ]


def _others(chosen: dict[tuple[str, str], str]) -> list[str]:
    lines: list[str] = []
    if accounts := _accounts(chosen):
        lines += ["", "[accounts]  # account_id comes from the post", *accounts]
    if channel := chosen.get(("channels", "name")):
        lines += ["", "[channels]  # channel_id comes from the post", f"name = {_quoted(channel)}"]
    reply_to = chosen.get(("posts", "reply_to_post_id"))
    if reply_to:
        lines += ["", "[[interactions]]", 'kind = { value = "reply" }']
        lines.append(f"target_post_id = {_quoted(reply_to)}")
    if ("links", "url") in chosen:
        url = _quoted(chosen["links", "url"])
        lines += ["", "[[links]]", f'url = {{ column = {url}, split = "," }}']
    return lines


def _quoted(text: str) -> str:
    """A TOML string on one line. JSON's escapes are TOML's, but TOML wants DEL escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
