"""How many posts a second does one core read from X's API?

    python -m bench.x_api_reading [POSTS]

Invented answers in the three shapes that hold a post; a line has what real ones have (one third
reposts, one third replies, metrics, entities, annotations that are skipped). Timed are decoding and
row making; `staged` adds what the worker does next: Arrow and Parquet.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clew.case.reading import read_piece, whole
from clew.contract import NoOptions
from clew.model.tables import Post
from clew.sources.x_api import X_API
from clew.store.staging import Stage

WORDS = ("river", "bridge", "signal", "market", "harbour", "window", "letter", "engine", "lantern")
ACCOUNTS = 5_000
PAGE = 100


def account(number: int) -> dict:
    return {
        "id": str(10**18 + number),
        "username": f"invented_{number}",
        "name": f"Invented {number}",
        "created_at": f"201{number % 10}-0{1 + number % 9}-11T10:11:12.000Z",
        "description": "nobody " * 12,
        "location": "Nowhere",
        "profile_image_url": f"https://images.example/{number}.png",
        "protected": False,
        "verified": number % 50 == 0,
        "url": "https://t.example/p",
        "entities": {
            "url": {"urls": [{"start": 0, "end": 19, "url": "https://t.example/p",
                              "expanded_url": f"https://example.com/{number}"}]},
        },
        "public_metrics": {"followers_count": number, "following_count": 7, "tweet_count": 99,
                           "listed_count": 1},
    }  # fmt: skip


def post(number: int, by: random.Random) -> dict:
    mentioned = by.randrange(ACCOUNTS)
    return {
        "id": str(15 * 10**17 + number),
        "author_id": str(10**18 + by.randrange(ACCOUNTS)),
        "conversation_id": str(15 * 10**17 + number),
        "created_at": f"2023-03-{1 + number % 28:02}T{number % 24:02}:{number % 60:02}:09.000Z",
        "text": f"@invented_{mentioned} " + " ".join(by.choices(WORDS, k=20)) + " &amp; more",
        "lang": "en",
        "reply_settings": "everyone",
        "possibly_sensitive": False,
        "edit_history_tweet_ids": [str(15 * 10**17 + number)],
        "public_metrics": {"retweet_count": 1, "reply_count": 2, "like_count": 3,
                           "quote_count": 0, "impression_count": 400},
        "entities": {
            "mentions": [{"start": 0, "end": 9, "username": f"invented_{mentioned}",
                          "id": str(10**18 + mentioned)}],
            "hashtags": [{"start": 30, "end": 37, "tag": "harbour"}],
            "urls": [{"start": 80, "end": 103, "url": f"https://t.example/{number}",
                      "expanded_url": f"https://example.net/{number}", "display_url": "…"}],
            "annotations": [{"start": 1, "end": 2, "probability": 0.5, "type": "Place"}] * 2,
        },
        "context_annotations": [{"domain": {"id": "30", "name": "Entities", "description": "x" * 9},
                                 "entity": {"id": "1", "name": "Harbour"}}] * 3,
    }  # fmt: skip


def referring(number: int, by: random.Random) -> tuple[dict, dict | None]:
    """A post, and the post it repeats or answers."""
    own, other = post(number, by), None
    if number % 3:
        other = post(-number, by)
        kind = "retweeted" if number % 3 == 1 else "replied_to"
        own["referenced_tweets"] = [{"type": kind, "id": other["id"]}]
        if kind == "replied_to":
            own["in_reply_to_user_id"] = other["author_id"]
    return own, other


def flattened(tweet: dict, other: dict | None, twarc: dict) -> dict:
    whole = {**tweet, "author": account(int(tweet["author_id"]) - 10**18), "__twarc": twarc}
    whole["entities"] = {**tweet["entities"]}
    whole["entities"]["mentions"] = [
        mention | account(int(mention["id"]) - 10**18) for mention in tweet["entities"]["mentions"]
    ]
    if "in_reply_to_user_id" in tweet:
        whole["in_reply_to_user"] = account(int(tweet["in_reply_to_user_id"]) - 10**18)
    if other:
        ref = tweet["referenced_tweets"][0]
        whole["referenced_tweets"] = [ref | flattened(other, None, twarc)]
    return whole


def flat_lines(posts: int) -> Iterator[dict]:
    by = random.Random(1)
    twarc = {"url": "https://api.x.com/2/tweets/search/all?" + "x" * 800, "version": "2.14"}
    for number in range(posts):
        yield flattened(*referring(number, by), twarc)


def pages(posts: int) -> Iterator[dict]:
    by = random.Random(1)
    for start in range(0, posts, PAGE):
        pairs = [referring(number, by) for number in range(start, min(posts, start + PAGE))]
        tweets = [tweet for pair in pairs for tweet in pair if tweet]
        users = {tweet["author_id"] for tweet in tweets}
        users |= {tweet["entities"]["mentions"][0]["id"] for tweet in tweets}
        yield {
            "data": [own for own, _ in pairs],
            "includes": {
                "users": [account(int(user) - 10**18) for user in sorted(users)],
                "tweets": [other for _, other in pairs if other],
            },
            "meta": {"result_count": len(pairs)},
            "__twarc": {"url": "https://api.x.com/2/tweets/search/all?", "version": "2.14"},
        }


def statuses(posts: int) -> Iterator[dict]:
    by = random.Random(1)
    for number in range(posts):
        own, other = referring(number, by)
        yield status(own) | ({"retweeted_status": status(other)} if number % 3 == 1 else {})


def status(tweet: dict) -> dict:
    user = account(int(tweet["author_id"]) - 10**18)
    mention = tweet["entities"]["mentions"][0]
    return {
        "created_at": "Wed Jul 05 21:59:10 +0000 2017",
        "id": int(tweet["id"]), "id_str": tweet["id"], "full_text": tweet["text"],
        "truncated": False, "lang": "en", "retweet_count": 1, "favorite_count": 2,
        "source": '<a href="https://example.com" rel="nofollow">Example client</a>',
        "entities": {
            "hashtags": [{"text": "harbour", "indices": [30, 37]}], "symbols": [],
            "urls": [{**tweet["entities"]["urls"][0], "indices": [80, 103]}],
            "user_mentions": [{"id": int(mention["id"]), "id_str": mention["id"], "name": "N",
                               "screen_name": mention["username"], "indices": [0, 9]}],
        },
        "user": {
            "id": int(user["id"]), "id_str": user["id"], "screen_name": user["username"],
            "name": user["name"], "location": "Nowhere", "description": user["description"],
            "created_at": "Wed Jul 05 21:59:10 +0000 2017", "followers_count": 1,
            "friends_count": 2, "statuses_count": 3, "verified": False, "protected": False,
            "profile_image_url_https": user["profile_image_url"],
            "profile_background_image_url": "https://images.example/none.png" * 3,
        },
    }  # fmt: skip


@dataclass(frozen=True)
class Given:
    """A capture in memory."""

    data: bytes
    name: str = "generated.jsonl"
    capture_id: str = ""
    observed_at: None = None

    @property
    def size(self) -> int:
        return len(self.data)

    def open(self) -> io.BytesIO:
        return io.BytesIO(self.data)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("posts", nargs="?", type=int, default=20_000)
    posts = parser.parse_args().posts
    read_and_stage(Given(json.dumps(next(flat_lines(1))).encode()))  # imports are not timed
    print(f"{'shape':>6} {'MB':>6} {'posts':>8} {'lines/s':>8} {'posts/s':>8} {'MB/s':>6} staged/s")
    for shape, make in (("flat", flat_lines), ("pages", pages), ("v1.1", statuses)):
        capture = Given(b"\n".join(json.dumps(record).encode() for record in make(posts)))
        started = time.process_time()
        count = 0
        for piece in X_API.cut(capture, NoOptions()):
            for rows in whole(X_API, piece):
                count += sum(type(row) is Post for row in rows)
        seconds = time.process_time() - started
        started = time.process_time()
        read_and_stage(capture)
        staged = time.process_time() - started
        print(
            f"{shape:>6} {capture.size / 1e6:6.1f} {count:8} {posts / seconds:8.0f} "
            f"{count / seconds:8.0f} {capture.size / 1e6 / seconds:6.0f} {count / staged:8.0f}"
        )


def read_and_stage(capture: Given) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number, piece in enumerate(X_API.cut(capture, NoOptions())):
            stage = Stage(Path(folder), prefix=f"{number}", run_id="r", capture_id="c")
            read_piece(X_API, piece, stage)
            stage.close()


if __name__ == "__main__":
    main()
