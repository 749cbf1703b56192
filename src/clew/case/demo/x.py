"""What does X's API v2 say, and how does twarc2 write it down? Pages, and flattened posts."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any
from urllib.parse import quote

from clew.case.demo.grammar import Planted
from clew.case.demo.people import Person

Json = dict[str, Any]

_EPOCH_MS = 1_288_834_974_657  # what X's ids count from
_PAGE = 100
_LONGEST_REPOST = 140  # a repost's own text is cut to this
_TWARC = "2.14.0"
_FIELDS = (
    "expansions=author_id%2Cin_reply_to_user_id%2Creferenced_tweets.id"
    "%2Creferenced_tweets.id.author_id%2Centities.mentions.username"
    "&tweet.fields=author_id%2Cconversation_id%2Ccreated_at%2Centities%2Cid%2Clang"
    "%2Cpublic_metrics%2Ctext%2Creferenced_tweets%2Creply_settings&max_results=100"
)
_MARKS = re.compile(r"(?P<urls>https?://[^\s)\"]+)|#(?P<hashtags>\w+)|@(?P<mentions>\w{4,15})")


def snowflake(ms: int, sequence: int) -> str:
    """An id of X for a millisecond: time, machine (all ones here), sequence."""
    return str(((ms - _EPOCH_MS) << 22) | (0x3FF << 12) | sequence)


def iso(ms: int) -> str:
    """A time as the API writes it."""
    return dt.datetime.fromtimestamp(ms / 1000, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def account_id(native: str) -> str:
    """The id that readers give an account."""
    return f"x:{native}"


def post_id(tweet: Tweet) -> str:
    """The id that readers give a post."""
    return f"x:{tweet.id}"


@dataclass(kw_only=True, eq=False)
class Account:
    """An account of X."""

    person: Person
    id: str
    followers: int

    def told(self) -> Json:
        """As the API tells it."""
        person = self.person
        told: Json = {
            "id": self.id,
            "username": person.handle,
            "name": person.name,
            "description": person.about,
            "created_at": iso(int(person.born.timestamp() * 1000)),
            "public_metrics": {
                "followers_count": self.followers,
                "following_count": 40 + self.followers % 300,
                "tweet_count": 10 + self.followers * 3 % 9000,
                "listed_count": self.followers // 100,
            },
            "verified": person.role == "victim",
            "verified_type": "business" if person.role == "victim" else "none",
            "protected": False,
            "url": "",
            "profile_image_url": f"https://images.example.net/{person.handle}_normal.jpg",
        }
        if person.claims:
            told["location"] = person.claims
        return told


@dataclass(kw_only=True, eq=False)
class Tweet:
    """One post on X before it is written."""

    id: str
    at_ms: int
    account: Account
    text: str
    language: str
    planted: tuple[Planted, ...] = ()
    refers: str = ""  # retweeted, quoted, replied_to
    to: Tweet | None = None
    lost: str = ""  # refers to a post that is gone: its id
    stance: str = ""
    likes: int = 0
    retweets: int = 0
    created_at: str = ""  # if not that of `at_ms`
    conversation: str = field(init=False)

    def __post_init__(self) -> None:
        follows = self.refers == "replied_to" and self.to
        self.conversation = follows.conversation if follows else self.id

    @property
    def answers(self) -> Account | None:
        """Whom it answers."""
        return self.to.account if self.to and self.refers == "replied_to" else None

    def told(self, growth: float = 1.0) -> Json:
        """As the API tells it; `growth`: how far its counts have risen since."""
        text, entities = _marked(self._words())
        told: Json = {
            "id": self.id,
            "text": text,
            "author_id": self.account.id,
            "created_at": self.created_at or iso(self.at_ms),
            "conversation_id": self.conversation,
            "edit_history_tweet_ids": [self.id],
            "lang": "und" if not self.language else self.language,
            "possibly_sensitive": False,
            "reply_settings": "everyone",
            "public_metrics": {
                "retweet_count": round(self.retweets * growth),
                "reply_count": 0,
                "like_count": round(self.likes * growth),
                "quote_count": 0,
                "bookmark_count": 0,
                "impression_count": round((self.likes * 31 + 17) * growth),
            },
        }
        if entities:
            told["entities"] = entities
        if self.to or self.lost:
            told["referenced_tweets"] = [
                {"type": self.refers, "id": self.to.id if self.to else self.lost}
            ]
        if self.answers:
            told["in_reply_to_user_id"] = self.answers.id
        return told

    def _words(self) -> str:
        if self.refers == "retweeted" and self.to:
            text = f"RT @{self.to.account.person.handle}: {self.to.text}"
            return text if len(text) <= _LONGEST_REPOST else text[: _LONGEST_REPOST - 1] + "…"
        if self.answers:
            return f"@{self.answers.person.handle} {self.text}"
        return self.text


def _marked(text: str) -> tuple[str, Json]:
    """The text with its links shortened and HTML escaped, as the API has it, and its entities."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    entities: dict[str, list[Json]] = {}
    out = ""
    done = 0
    for match in _MARKS.finditer(text):
        kind = str(match.lastgroup)
        out += text[done : match.start()]
        done = match.end()
        start, seen, mark = len(out), match[0], match[kind]
        if kind == "urls":
            # X's short links have no hyphen: this one leads nowhere.
            seen = f"https://t.co/d-{blake2b(mark.encode(), digest_size=4).hexdigest()}"
        told: Json = {"start": start, "end": start + len(seen)}
        if kind == "urls":
            display = mark.removeprefix("https://").removeprefix("http://")
            told |= {"url": seen, "expanded_url": mark, "display_url": display}
        else:
            told["tag" if kind == "hashtags" else "username"] = mark
        entities.setdefault(kind, []).append(told)
        out += seen
    return out + text[done:], entities


# ---------------------------------------------------------------------------------------- writing


def pages(
    tweets: Sequence[Tweet], people: dict[str, Account], query: str, retrieved_ms: int
) -> Iterable[str]:
    """What `twarc2 search` writes: the newest first, a hundred a line, with what they name."""
    newest_first = tweets[::-1]
    starts = range(0, len(newest_first), _PAGE)
    for start in starts:
        part = newest_first[start : start + _PAGE]
        page: Json = {"data": [tweet.told() for tweet in part]}
        named = {tweet.to.id: tweet.to for tweet in part if tweet.to}
        accounts = {one.account.id: one.account for one in [*part, *named.values()]}
        for told in page["data"]:
            for mention in told.get("entities", {}).get("mentions", ()):
                account = people.get(mention["username"])
                if account:
                    mention["id"] = account.id
                    accounts[account.id] = account
        page["includes"] = {"users": [account.told() for account in accounts.values()]}
        if named:
            page["includes"]["tweets"] = [tweet.told() for tweet in named.values()]
        lost = [tweet.lost for tweet in part if tweet.lost]
        if lost:
            page["errors"] = [_problem(one) for one in lost]
        page["meta"] = {
            "newest_id": part[0].id,
            "oldest_id": part[-1].id,
            "result_count": len(part),
        }
        if start != starts[-1]:
            page["meta"]["next_token"] = f"b26v89c19zqg8o3f{start:08}"
        page["__twarc"] = _twarc(f"search/recent?query={quote(query, safe='')}&", retrieved_ms)
        yield json.dumps(page) + "\n"


def flattened(tweets: Iterable[Tweet], growth: float, retrieved_ms: int) -> Iterable[str]:
    """What `twarc2 timeline` and `twarc2 flatten` write: a post a line, its author inside it."""
    for tweet in tweets:
        told = tweet.told(growth)
        told["author"] = tweet.account.told()
        told["__twarc"] = _twarc(f"users/{tweet.account.id}/tweets?", retrieved_ms)
        yield json.dumps(told) + "\n"


def _twarc(path: str, retrieved_ms: int) -> Json:
    retrieved = dt.datetime.fromtimestamp(retrieved_ms // 1000, dt.UTC).isoformat()
    return {
        "url": f"https://api.twitter.com/2/{path}{_FIELDS}",
        "version": _TWARC,
        "retrieved_at": retrieved,
    }


def _problem(lost: str) -> Json:
    return {
        "value": lost,
        "detail": f"Could not find tweet with referenced_tweets.id: [{lost}].",
        "title": "Not Found Error",
        "resource_type": "tweet",
        "parameter": "referenced_tweets.id",
        "resource_id": lost,
        "type": "https://api.twitter.com/2/problems/resource-not-found",
    }
