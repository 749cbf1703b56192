"""Large invented files in the real formats: the same seed gives the same bytes.

Made by string templates, not by a JSON library: ten million rows take minutes, not hours.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

_WORDS = [
    "".join(random.Random(number).choices("abcdefghijklmnoprstuvwy", k=2 + number % 8))
    for number in range(3000)
]
_START = 1_609_459_200  # 2021-01-01
_SPAN = 4 * 365 * 86_400


class _Texts:
    """Post texts of 3 to 30 words, one in ten with a link, a handle or an indicator."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._pool = [self._one() for _ in range(20_000)]

    def _one(self) -> str:
        words = self._random.choices(_WORDS, k=self._random.randint(3, 30))
        extra = self._random.random()
        if extra < 0.04:
            words.append(f"https://host{self._random.randint(1, 500)}.example/{words[0]}")
        elif extra < 0.07:
            words.insert(0, f"@user{self._random.randint(1, 9999)}")
        elif extra < 0.1:
            words.append(f"CVE-2023-{self._random.randint(1000, 40000)} hxxp://203.0.113[.]7/x")
        return " ".join(words)

    def draw(self, number: int) -> str:
        """A text that is (nearly always) different for each number."""
        return f"{self._pool[number * 7919 % 20_000]} {number}"


def _second(number: int, rows: int) -> int:
    return _START + number * _SPAN // rows


def telegram(rows: int) -> Iterator[str]:
    """One public channel's export, as Telegram Desktop writes it."""
    texts = _Texts(1)
    yield (
        '{\n "name": "Bench",\n "type": "public_supergroup",\n "id": 1234567890,\n "messages": [\n'
    )
    for number in range(rows):
        author = number * 31 % 20_011
        text = texts.draw(number)
        reply = f'\n   "reply_to_message_id": {number - 3},' if number % 5 == 4 else ""
        end = "" if number == rows - 1 else ","
        yield (
            f'  {{\n   "id": {number + 1},\n   "type": "message",\n'
            f'   "date": "2021-01-01T00:00:00",\n'
            f'   "date_unixtime": "{_second(number, rows)}",\n'
            f'   "from": "User {author}",\n   "from_id": "user{author}",{reply}\n'
            f'   "text": "{text}",\n   "text_entities": [\n    {{\n     "type": "plain",\n'
            f'     "text": "{text}"\n    }}\n   ]\n  }}{end}\n'
        )
    yield " ]\n}"


def x_flat(rows: int) -> Iterator[str]:
    """Flattened tweets of API v2, one a line, as `twarc2 flatten` writes them."""
    import datetime as dt

    texts = _Texts(2)
    for number in range(rows):
        author, native = 10_000_000 + number * 31 % 20_011, 1_500_000_000_000_000_000 + number
        at = dt.datetime.fromtimestamp(_second(number, rows), dt.UTC).strftime(
            "%Y-%m-%dT%H:%M:%S.000Z"
        )
        reply = f'"in_reply_to_user_id":"{author - 1}",' if number % 5 == 4 else ""
        yield (
            f'{{"id":"{native}","text":"{texts.draw(number)}",'
            f'"created_at":"{at}","author_id":"{author}","conversation_id":"{native}",'
            f'{reply}"lang":"en","source":"Twitter Web App","possibly_sensitive":false,'
            '"public_metrics":{"retweet_count":1,"reply_count":2,"like_count":3,"quote_count":0},'
            f'"author":{{"id":"{author}","username":"user{author}","name":"User {author}",'
            '"created_at":"2015-01-01T00:00:00.000Z","verified":false,"protected":false,'
            '"description":"an invented account","public_metrics":{"followers_count":10,'
            '"following_count":20,"tweet_count":30,"listed_count":0}},'
            '"__twarc":{"url":"https://api.example/2/tweets/search/all","version":"2.14.0",'
            '"retrieved_at":"2025-01-01T00:00:00+00:00"}}\n'
        )


def stackexchange(rows: int) -> Iterator[str]:
    """A site's Posts.xml: one question, then three answers, and so on."""
    import datetime as dt

    texts = _Texts(3)
    yield '\ufeff<?xml version="1.0" encoding="utf-8"?>\n<posts>\n'
    for number in range(rows):
        at = dt.datetime.fromtimestamp(_second(number, rows), dt.UTC).strftime(
            "%Y-%m-%dT%H:%M:%S.000"
        )
        question = number - number % 4 + 1
        kind = (
            f'PostTypeId="1" Title="{texts.draw(number)[:60]}" '
            'Tags="&lt;python&gt;&lt;security&gt;" ViewCount="10" AnswerCount="3"'
            if number % 4 == 0
            else f'PostTypeId="2" ParentId="{question}"'
        )
        yield (
            f'  <row Id="{number + 1}" {kind} CreationDate="{at}" Score="2" '
            f'Body="&lt;p&gt;{texts.draw(number)}&lt;/p&gt;&#xA;" '
            f'OwnerUserId="{number * 31 % 20_011}" LastActivityDate="{at}" '
            'CommentCount="0" ContentLicense="CC BY-SA 4.0" />\n'
        )
    yield "</posts>\n"


def table(rows: int) -> Iterator[str]:
    """A CSV that the mapping of `bench.imports` reads."""
    import datetime as dt

    texts = _Texts(4)
    yield "id,author,date,text,likes\n"
    for number in range(rows):
        at = dt.datetime.fromtimestamp(_second(number, rows), dt.UTC).isoformat()
        author = f"user{number * 31 % 20_011}"
        yield f'{number + 1},{author},{at},"{texts.draw(number)}",{number % 100}\n'


FORMATS: dict[str, tuple[str, Callable[[int], Iterator[str]]]] = {
    "telegram_export": ("result.json", telegram),
    "x_api": ("tweets.jsonl", x_flat),
    "stackexchange_dump": ("bench.stackexchange.com/Posts.xml", stackexchange),
    "table": ("posts.csv", table),
}
"""Source → file name, and what writes its rows."""


def write(source: str, rows: int, folder: Path) -> Path:
    """Write `rows` invented rows for a source, unless the file is there already."""
    name, rows_of = FORMATS[source]
    path = folder / f"{rows}" / source / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        arriving = path.with_name(path.name + ".part")
        with arriving.open("w", encoding="utf-8", buffering=1 << 20) as file:
            file.writelines(rows_of(rows))
        arriving.rename(path)
    return path
