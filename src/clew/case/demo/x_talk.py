"""What happens on X: bystanders, the puppets' waves, and the decoys that look like them."""

from __future__ import annotations

import datetime as dt
import heapq
import math
from collections import defaultdict, deque
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from clew.case.demo import story
from clew.case.demo.grammar import Planted, load, write
from clew.case.demo.people import Person, crowd, named, socks
from clew.case.demo.rhythm import moments, utc
from clew.case.demo.telegram import Message
from clew.case.demo.x import (
    Account,
    Tweet,
    account_id,
    flattened,
    iso,
    pages,
    post_id,
    snowflake,
)

_CROWD = 60
_PASSERS_BY = 170  # accounts of one post each: they repost the viral one
_QUERY = "Northwind OR #OpStillWater OR #OpOpenGates OR #OpLowTide OR #shipspotting OR #infosec"
_SEARCH = "x/search-northwind.jsonl"
_TIDES = "x/timeline-portsidetides-flat.jsonl"
_WIRE = "x/timeline-quaywire-flat.jsonl"
_TIDE_DAYS = (dt.date(2026, 6, 1), dt.date(2026, 6, 21))
_LONGEST_WAIT_MS = 8 * 3_600_000  # nobody answers or reposts a post that is older
_WEEK_MS = 7 * 86_400_000
_COLLECTED_MS = int(dt.datetime(2026, 8, 1, 9, tzinfo=dt.UTC).timestamp() * 1000)
_GROWTH = 1.25  # by how much counts had risen when the timelines were taken


class _Cue(NamedTuple):
    """Somebody is about to post; `told` says what, if it is not left to chance."""

    at_ms: int
    order: int
    person: Person
    kind: str = "talk"
    told: Any = None


class Talk:
    """Who posts what on X, post by post."""

    def __init__(self, setting: story.Setting) -> None:
        self.setting = setting
        self.accounts: dict[str, Account] = {}  # by handle
        self._rng = setting.rng("x")
        self._voices = story.Voices(self._rng)
        self._orders = count()
        self._sequence = count()
        self._recent: deque[Tweet] = deque(maxlen=40)
        self.waves: dict[str, list[Tweet]] = defaultdict(list)
        self.posts: dict[str, list[Tweet]] = defaultdict(list)  # by kind, for the truth
        self.socks = socks()
        self.account(named("company"))  # others mention it before it says anything

    def account(self, person: Person) -> Account:
        """The account of a person, made when first seen."""
        if person.handle not in self.accounts:
            born = int(person.born.timestamp() * 1000)
            followers = int(20 * 40 ** self._rng.random())
            account = Account(
                person=person, id=snowflake(born, len(self.accounts) % 4096), followers=followers
            )
            self.setting.truth.account(account_id(account.id), person)
            self.accounts[person.handle] = account
        return self.accounts[person.handle]

    # ---------------------------------------------------------------------------------- the cues

    def cues(self, channel: list[Message]) -> Iterator[_Cue]:
        """Who posts when, in order of time."""
        setting, rng = self.setting, self._rng
        members = crowd(_CROWD * setting.scale, 0.45, setting.rng("x people"), key="x")
        cast = [named(key) for key in ("night", "traveller", "duo", "poet", "nils", "trickster")]
        people = [*cast, *setting.regulars, *members]
        streams = [
            self._cue(moments(people, rng, story.pace), "talk"),
            self._cue(moments(self.socks, setting.rng("socks")), "sock"),
            self._cue(moments([named("wire")], setting.rng("wire")), "wire"),
            iter(sorted(self._plot(channel, people))),
        ]
        yield from heapq.merge(*streams)

    def _cue(self, stream: Iterator[Any], kind: str) -> Iterator[_Cue]:
        for moment in stream:
            at_ms = moment.at * 1000 + self._rng.randrange(1000)
            yield _Cue(at_ms, next(self._orders), moment.person, kind)

    def _plot(self, channel: list[Message], people: list[Person]) -> Iterator[_Cue]:
        """Whatever is not left to chance: scripted posts, waves, copies, the viral post, traps."""
        yield from self._scripted()
        yield from self._calls(channel)
        yield from self._viral(people)
        trickster = people[5]
        for trap in load("traps")["x"]:
            at_ms = int(trap["at"].timestamp() * 1000)
            yield _Cue(at_ms, next(self._orders), trickster, "trap", trap)

    def _scripted(self) -> Iterator[_Cue]:
        for key in ("company", "employee"):
            person = named(key)
            for scene in story.script(key):
                at_ms = utc(scene["at"], person) * 1000
                yield _Cue(at_ms, next(self._orders), person, key, scene)

    def _calls(self, channel: list[Message]) -> Iterator[_Cue]:
        """Two to four minutes after the channel calls, puppets post one text within 45 s."""
        calls = [scene["wave"] for scene in story.script("channel") if "wave" in scene]
        heard = [message for message in channel if message.is_call]
        for wave, message in zip(calls, heard, strict=True):
            start = message.at * 1000 + self._rng.randrange(120_000, 240_000)
            who = self._rng.sample(self.socks, self._rng.randrange(8, 12))
            for sock in who:
                at_ms = start + self._rng.randrange(45_000)
                yield _Cue(at_ms, next(self._orders), sock, "wave", wave)

    def _viral(self, people: list[Person]) -> Iterator[_Cue]:
        scene, poet = load("plot")["viral"], named("poet")
        start = utc(scene["at"], poet) * 1000
        yield _Cue(start, next(self._orders), people[3], "viral", scene)
        for person in crowd(_PASSERS_BY, 0, self.setting.rng("passers-by"), key="passer"):
            at_ms = start + 60_000 + int(self._rng.expovariate(1 / 9) * 3_600_000)
            yield _Cue(at_ms, next(self._orders), person, "spread")

    # --------------------------------------------------------------------------------- the posts

    def tweets(self, channel: list[Message]) -> Iterator[Tweet]:
        """Every post in order of time."""
        copies: list[tuple[int, int, Person, Tweet]] = []
        for cue in self.cues(channel):
            while copies and copies[0][0] <= cue.at_ms:
                at_ms, _, person, headline = heapq.heappop(copies)
                yield self._tweet(at_ms, person, headline.text, "en", kind="copy")
            tweet = self._of(cue)
            if cue.kind != "trap":
                self._recent.append(tweet)
            if cue.kind == "wire" and self._rng.random() < 0.45:
                for fan in self._rng.sample(self.setting.regulars, self._rng.randrange(1, 4)):
                    at_ms = cue.at_ms + self._rng.randrange(600_000, 18_000_000)
                    heapq.heappush(copies, (at_ms, next(self._orders), fan, tweet))
            yield tweet

    def _of(self, cue: _Cue) -> Tweet:
        return {
            "talk": self._chance,
            "sock": self._sock,
            "wire": self._headline,
            "company": self._scene,
            "employee": self._scene,
            "wave": self._wave,
            "viral": self._scene,
            "spread": self._spread,
            "trap": self._trap,
        }[cue.kind](cue)

    def _sock(self, cue: _Cue) -> Tweet:
        crew = load("phrases/crew")
        text, planted = write(self._voices.draw(crew["sock"]["talk"]), crew["words"], self._rng)
        return self._tweet(cue.at_ms, cue.person, text, "en", planted, stance="negative")

    def _scene(self, cue: _Cue) -> Tweet:
        text, planted = write(cue.told["text"], {}, self._rng)
        tweet = self._tweet(cue.at_ms, cue.person, text, "en", planted, kind=cue.kind)
        if cue.kind == "viral":
            tweet.retweets, tweet.likes = _PASSERS_BY, 2911
        return tweet

    def _wave(self, cue: _Cue) -> Tweet:
        text = load("plot")["wave"][cue.told]
        tweet = self._tweet(cue.at_ms, cue.person, text, "en", stance="negative")
        self.waves[cue.told].append(tweet)
        return tweet

    def _spread(self, cue: _Cue) -> Tweet:
        viral = self.posts["viral"][0]
        return self._tweet(
            cue.at_ms, cue.person, "", "en", refers="retweeted", to=viral, kind="spread"
        )

    def _trap(self, cue: _Cue) -> Tweet:
        tweet = self._tweet(cue.at_ms, cue.person, cue.told["text"], "", kind="trap")
        if cue.told.get("year_9999"):
            tweet.created_at = "9999-12-31T23:59:59.000Z"
        return tweet

    def _tweet(
        self,
        at_ms: int,
        person: Person,
        text: str,
        language: str,
        planted: tuple[Planted, ...] = (),
        *,
        kind: str = "",
        **fields: Any,
    ) -> Tweet:
        tweet = Tweet(
            id=snowflake(at_ms, next(self._sequence) % 4096),
            at_ms=at_ms,
            account=self.account(person),
            text=text,
            language=language,
            planted=planted,
            **fields,
        )
        if tweet.refers != "retweeted":
            tweet.likes = int(self._rng.paretovariate(1.1)) - 1
        if kind:
            self.posts[kind].append(tweet)
        return tweet

    def _headline(self, cue: _Cue) -> Tweet:
        now = story.topic(cue.at_ms // 1000)
        phrases = load("phrases/en")
        subject = {"outage": "wire_outage", "leak": "wire_leak", "surge": "wire_leak"}.get(now)
        if subject is None or self._rng.random() < 0.5:
            subject = "wire"
        text, _ = write(self._voices.draw(phrases["x"][subject]), phrases["words"], self._rng)
        number = len(self.posts["wire"]) + 1
        link = f"https://quaywire.example.org/{iso(cue.at_ms)[:10]}/{number}"
        return self._tweet(cue.at_ms, cue.person, f"{text} {link}", "en", kind="wire")

    def _chance(self, cue: _Cue) -> Tweet:
        """What a bystander posts: an answer, a repost, a quote or something of their own."""
        die = self._rng.random()
        others = [
            one
            for one in self._recent
            if one.account.person is not cue.person
            and one.refers != "retweeted"
            and cue.at_ms - one.at_ms < _LONGEST_WAIT_MS
        ]
        if die < 0.3 and others:
            return self._reply(cue, self._rng.choice(others))
        if die < 0.42 and others:
            source = self._rng.choice(others)
            source.retweets += 1
            return self._tweet(
                cue.at_ms, cue.person, "", source.language, refers="retweeted", to=source
            )
        stance = story.stance(cue.at_ms // 1000, self._rng)
        text, language, planted = self._voices.say(cue.person, "x", stance or "talk")
        tweet = self._tweet(cue.at_ms, cue.person, text, language, planted, stance=stance)
        if die > 0.96 and others:
            tweet.refers, tweet.to = "quoted", self._rng.choice(others)
        return tweet

    def _reply(self, cue: _Cue, answered: Tweet) -> Tweet:
        known = answered.language if answered.language in cue.person.languages else ""
        text, language, planted = self._voices.say(cue.person, "x", "reply", known)
        if self._rng.random() < 0.05:  # what it answered is deleted
            return self._tweet(
                cue.at_ms,
                cue.person,
                text,
                language,
                planted,
                refers="replied_to",
                lost=snowflake(cue.at_ms - 7_200_000, 1),
            )
        return self._tweet(
            cue.at_ms, cue.person, text, language, planted, refers="replied_to", to=answered
        )


def write_x(setting: story.Setting, channel: list[Message]) -> list[Path]:
    """A search collected every Monday, and two timelines taken when everything was over."""
    talk = Talk(setting)
    (setting.folder / "x").mkdir(parents=True, exist_ok=True)
    with (setting.folder / _SEARCH).open("w", encoding="ascii", newline="\n") as search:
        for monday_ms, week in _weeks(talk.tweets(channel)):
            search.writelines(pages(week, talk.accounts, _QUERY, monday_ms))
            for tweet in week:
                _note(setting, _SEARCH, tweet)
    wire = talk.posts["wire"]
    tides = list(_tides(talk))
    for file, tweets in ((_TIDES, tides), (_WIRE, wire)):
        with (setting.folder / file).open("w", encoding="ascii", newline="\n") as timeline:
            timeline.writelines(flattened(tweets[::-1], _GROWTH, _COLLECTED_MS))
        for tweet in tweets:
            _note(setting, file, tweet, again=tweets is wire)
    _note_plot(setting, talk)
    return [setting.folder / file for file in (_SEARCH, _TIDES, _WIRE)]


def _weeks(tweets: Iterator[Tweet]) -> Iterator[tuple[int, list[Tweet]]]:
    """The posts of a week with the Monday (UTC) that follows it: a search reaches back so far."""
    monday_ms = int(dt.datetime(2026, 3, 2, tzinfo=dt.UTC).timestamp() * 1000)
    week: list[Tweet] = []
    for tweet in tweets:
        while tweet.at_ms >= monday_ms:
            if week:
                yield monday_ms, week
            monday_ms, week = monday_ms + _WEEK_MS, []
        week.append(tweet)
    if week:
        yield monday_ms, week


def _tides(talk: Talk) -> Iterator[Tweet]:
    """Every half hour to the second, day and night, in order of time."""
    account = talk.account(named("tides"))
    start = int(dt.datetime.combine(_TIDE_DAYS[0], dt.time(), dt.UTC).timestamp())
    for number in range(48 * ((_TIDE_DAYS[1] - _TIDE_DAYS[0]).days + 1)):
        at = start + 1800 * number
        angle = at / 44_714 * math.tau  # the tide comes every 12 h 25 min
        trend = "rising" if math.cos(angle) > 0 else "falling"
        clock = iso(at * 1000)[11:16]
        text = f"Portside quay {clock} UTC: {3.1 + 1.4 * math.sin(angle):.2f} m, {trend}"
        yield Tweet(
            id=snowflake(at * 1000, number),
            at_ms=at * 1000,
            account=account,
            text=text,
            language="en",
        )


def _note(setting: story.Setting, file: str, tweet: Tweet, *, again: bool = False) -> None:
    if tweet.created_at:
        setting.truth.reject(file, "year 9999")
        return
    setting.truth.post(
        file,
        post_id(tweet),
        account_id=account_id(tweet.account.id),
        language=tweet.language,
        planted=tweet.planted,
        answers=account_id(tweet.answers.id) if tweet.answers else None,
        stance=tweet.stance,
        again=again,
    )


def _note_plot(setting: story.Setting, talk: Talk) -> None:
    truth = setting.truth
    for wave, tweets in talk.waves.items():
        truth.campaigns.append(
            {
                "name": wave,
                "kind": "the same text within 45 seconds",
                "members": sorted({account_id(tweet.account.id) for tweet in tweets}),
                "posts": [post_id(tweet) for tweet in tweets],
            }
        )
    viral = talk.posts["viral"][0]
    truth.planted["surge"] = {
        "organisation": "Northwind Harbour Authority",
        "first_day": story.SURGE[0].isoformat(),
        "last_day": story.SURGE[1].isoformat(),
    }
    truth.planted["x_traps"] = [post_id(tweet) for tweet in talk.posts["trap"]]
    truth.planted["decoys"] = {
        "viral": {
            "post_id": post_id(viral),
            "reposts": [post_id(tweet) for tweet in talk.posts["spread"]],
        },
        "headlines_copied": [post_id(tweet) for tweet in talk.posts["copy"]],
        "scheduler": account_id(talk.account(named("tides")).id),
    }
    truth.disclosures += [
        {"post_id": post_id(tweet), "discloses": scene["discloses"]}
        for tweet, scene in zip(talk.posts["employee"], story.script("employee"), strict=True)
    ]
