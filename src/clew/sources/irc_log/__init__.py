"""What was said in a channel of IRC that irssi, WeeChat, ZNC or HexChat logged?"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from clew.contract import Capture, Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.headed_lines import Headed, cut_headed, headed
from clew.model.tables import (
    Account,
    Channel,
    Interaction,
    InteractionKind,
    Post,
    PostKind,
    Row,
)
from clew.model.times import TimeQuality
from clew.sources.irc_log.events import Event, event_of
from clew.sources.irc_log.moments import HEAD, Clock, Moment

PLATFORM = "irc"


@dataclass(frozen=True)
class Options:
    """What a log does not say of itself, if its name does not, either."""

    network: str = ""  # the network's name; empty: from the file's name
    channel: str = ""  # the channel, with its #; empty: from the file's name
    day: dt.date | None = None  # the day of the first line, YYYY-MM-DD; empty: from the log


# ------------------------------------------------------------------------------------ recognising

_CONTROL = re.compile(r"^(?:--- (?:Log opened|Day changed) |\*{4} BEGIN LOGGING AT )", re.MULTILINE)
_DATED = re.compile(
    r"^(?:\[\d\d:\d\d(?::\d\d)?\]"
    r"|\[?\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)?\]?)"
    r" (?:<\S+> |\*{1,3} |-\S+- )",
    re.MULTILINE,
)
_BARE = re.compile(r"^\d\d:\d\d(?::\d\d)? (?:<[ @+%&~]?\S+> |-!- | \* )", re.MULTILINE)
_WEECHAT = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\t[^\t\n]{0,80}\t", re.MULTILINE)
_WEECHAT_MARK = re.compile(r"^[\d: -]{19}\t *(?:-->|<--|--|\*|=!=)\t", re.MULTILINE)


def recognise(sample: Sample) -> float:
    """By the form of the lines; those of tables and of program logs are alike only in part."""
    text = sample.head.removeprefix(b"\xef\xbb\xbf").decode(errors="replace")
    if sample.name.endswith(".weechatlog") and _WEECHAT.match(text):
        return 0.95
    lines = max(1, len([line for line in text.split("\n") if line.strip()]))

    def share(pattern: re.Pattern[str]) -> float:
        return len(pattern.findall(text)) / lines

    if _CONTROL.match(text.lstrip()) and HEAD.search(text):
        return 0.9
    if _DATED.match(text) and share(_DATED) > 0.5:
        return 0.8
    if _WEECHAT.match(text) and share(_WEECHAT) > 0.9 and _WEECHAT_MARK.search(text):
        return 0.8
    return 0.7 if share(_BARE) > 0.5 else 0.0


# -------------------------------------------------------------------------------- taking it apart

_DAY = r"(?P<day>\d{4}-?\d\d-?\d\d)"
_NETWORK = r"(?:(?!(?:irc|x?chat)?logs?/)(?P<network>[^/]+)/)?"
_NAMES = tuple(
    re.compile(rf"(?:.*?/)??{pattern}", re.DOTALL | re.IGNORECASE)
    for pattern in (
        r"irc\.(?!server\.)(?P<network>[^/.]+)\.(?P<channel>[^/]+)\.weechatlog",
        rf"{_NETWORK}(?P<channel>[#&][^/]*)/{_DAY}\.log",  # ZNC
        rf"(?:(?P<network>[^/_]+)_)?(?P<channel>[#&][^/]*)_{_DAY}\.log",  # ZNC before 2014
        rf"{_NETWORK}(?P<channel>[#&][^/]*?)(?:[._-]{_DAY})?\.(?:log|txt)",
        rf"[^/]*?{_DAY}\.(?:log|txt)",
    )
)


class _Context(NamedTuple):
    """What a piece knows of its file, and the day at its beginning."""

    network: str | None
    channel: str | None
    namespace: str  # what the ids of its posts are made of
    day: dt.date | None


class _Item(NamedTuple):
    """A line, when it was logged, and how often the same was logged before with the same stamp."""

    line: Headed
    moment: Moment | None  # null: the logger's own line about the day
    repeat: int


def cut(capture: Capture, options: Options) -> Iterator[Piece]:
    """Pieces of whole lines, each with the day that the lines before it have come to."""
    name = next((m for pattern in _NAMES if (m := pattern.fullmatch(capture.name))), None)
    told = name.groupdict() if name else {}
    network = options.network or told.get("network") or None
    channel = options.channel or told.get("channel") or None
    clock = Clock(options.day or _day(told.get("day")))
    # Without a name, equal words in two channels must not be one post.
    namespace = f"{network}/{channel}" if channel else f"capture {capture.capture_id[:32]}"
    for number, piece in enumerate(cut_headed(capture, options, HEAD)):
        piece.context = _Context(network, channel, namespace, clock.day)
        if number == 0 and not (network and channel):
            piece.note("network or channel not recorded: see the options of these names")
        yield piece
        _go_on(clock, (piece.data or b"").decode(errors="replace"))


def _day(told: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(told) if told else None
    except ValueError:
        return None


def _go_on(clock: Clock, text: str) -> None:
    """Let the clock go through the lines of a piece."""
    for head in HEAD.finditer(text):
        if head["control"]:
            clock.tell(text[head.end() : head.end() + 40])
        elif head["month"]:
            try:
                clock.see(head)
            except ItemError:
                continue


def items(piece: Piece) -> Iterator[_Item | ItemError]:
    """The lines, without the logger's own about the day."""
    clock = Clock(piece.context.day)
    stamp, seen = "", Counter[str]()
    for line in headed(piece, HEAD):
        if line.head["control"]:
            if not clock.tell(line.body):
                piece.note("day in a line of the logger not readable")
            yield _Item(line, None, 0)
            continue
        if line.head["stamp"] != stamp:
            stamp, seen = line.head["stamp"], Counter()
        try:
            yield _Item(line, clock.read(line.head), seen[line.body])
        except ItemError as error:
            yield error
        seen[line.body] += 1


def rows(item: _Item, piece: Piece) -> Iterable[Row]:
    """What a line holds."""
    if item.moment is None:
        return ()
    if item.moment.quality is TimeQuality.MISSING:
        piece.note("day not recorded: see the option day")
    return _rows(event_of(item.line.body), item, item.moment, piece.context)


def _rows(event: Event, item: _Item, moment: Moment, context: _Context) -> Iterator[Row]:
    channel_id = _channel_id(context)
    account_id = _account_id(event.nick, context.network)
    post = Post(
        post_id=_post_id(item, moment, context),
        platform=PLATFORM,
        kind=PostKind.SERVICE if event.action else PostKind.MESSAGE,
        account_id=account_id,
        channel_id=channel_id,
        posted_at=moment.posted_at,
        time_quality=moment.quality,
        local_time=moment.local_time,
        action=event.action,
        text=event.text.strip() or None,
    )
    yield post
    if channel_id:
        yield Channel(
            channel_id=channel_id, platform=PLATFORM, kind="channel", handle=context.channel
        )
    names = (event.nick, event.target)
    for nick in filter(None, names):
        if (native := _account_id(nick, context.network)) is not None:
            yield _account(native, nick)
    kind = _ACTS.get(event.action or "")
    if kind:
        target = _account_id(event.target, context.network)
        yield Interaction(
            kind=kind,
            platform=PLATFORM,
            account_id=account_id,
            target_account_id=target,
            post_id=post.post_id,
            channel_id=channel_id,
            target_channel_id=channel_id,
            happened_at=moment.posted_at,
            time_quality=moment.quality,
        )


_ACTS = {
    "join": InteractionKind.JOIN,
    "part": InteractionKind.LEAVE,
    "quit": InteractionKind.LEAVE,
    "kick": InteractionKind.REMOVE,
}


def _channel_id(context: _Context) -> str | None:
    """Channels are told apart without regard to case."""
    if not context.channel:
        return None
    return f"{PLATFORM}:{_on(context.network)}{context.channel.lower()}"


def _account_id(nick: str | None, network: str | None) -> str | None:
    """A name of a network, without regard to case: who used it is another matter."""
    return f"{PLATFORM}:{_on(network)}{nick.lower()}" if nick else None


def _on(network: str | None) -> str:
    return f"{network.lower()}/" if network else ""


@lru_cache(maxsize=1 << 14)
def _account(account_id: str, nick: str) -> Account:
    return Account(account_id=account_id, platform=PLATFORM, handle=nick)


def _post_id(item: _Item, moment: Moment, context: _Context) -> str:
    when = moment.posted_at or moment.local_time or item.line.head["stamp"]
    content = f"{context.namespace.lower()}\n{when}\n{item.repeat}\n{item.line.body}"
    return f"{PLATFORM}:{hashlib.sha256(content.encode(errors='replace')).hexdigest()[:32]}"


IRC_LOG = Source(
    name="irc_log",
    platform=PLATFORM,
    title="IRC logs (irssi, WeeChat, ZNC, HexChat)",
    files="#channel.log of irssi or HexChat, *.weechatlog, YYYY-MM-DD.log of ZNC",
    fills=(Post, Account, Channel, Interaction),
    time=(
        "Local time of the logging computer, whose zone is not recorded; an instant only where the "
        "stamp has an offset."
    ),
    terms="Logged by a member of the channel; rules of channel and network may forbid publishing.",
    recognise=recognise,
    items=items,
    rows=rows,
    cut=cut,
    options=Options,
)
