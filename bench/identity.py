"""Are accounts of one person found, and are look-alikes left alone?

    python -m bench.identity [--seeds 5] [--people 400]

Invented people with accounts on three platforms, who keep or change handle, name, picture, link and
rhythm, and name their wallets and addresses in posts; beside them everybody who may be taken for
them: namesakes, impostors who copy all that can be copied, fan accounts, members of a team who name
the same address, people with common handles. Precision and recall of "linked", calibration of the
probabilities, and what the same handle alone would have given. Seeds below 100 were used to set the
weights; the figures reported are those of seeds from 100 on.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from bench.measuring import print_table
from clew.analyses.identity import GIVES, IDENTITY, Options
from clew.model.chance import wilson
from clew.store.engines import duckdb_engine

_PLATFORMS = ("x", "telegram", "forum", "github")
_FIRST = [
    "anna",
    "boris",
    "carla",
    "dmitri",
    "elena",
    "farid",
    "greta",
    "hugo",
    "irina",
    "jonas",
    "kemal",
    "lena",
    "mario",
    "nadia",
    "oskar",
    "petra",
    "quentin",
    "rosa",
    "stefan",
    "tanja",
    "ulrich",
    "vera",
    "walter",
    "xenia",
    "yusuf",
    "zora",
    "alex",
    "max",
    "nick",
    "john",
    "sam",
    "kim",
]
_LAST = [
    "adler",
    "brandt",
    "cohen",
    "dietz",
    "egger",
    "falk",
    "gomez",
    "haas",
    "ivanov",
    "jung",
    "keller",
    "lorenz",
    "maier",
    "novak",
    "olsen",
    "peters",
    "quist",
    "richter",
    "sommer",
    "thoma",
    "unger",
    "vogel",
    "weber",
    "ziegler",
    "smith",
    "jones",
    "lee",
    "wang",
    "khan",
]
_NOUNS = [
    "shadow",
    "ghost",
    "cyber",
    "dark",
    "night",
    "wolf",
    "fox",
    "raven",
    "storm",
    "byte",
    "root",
    "null",
    "zero",
    "crypto",
    "anon",
    "ninja",
    "hawk",
    "iron",
    "frost",
    "ember",
    "quay",
    "tide",
    "moth",
    "kestrel",
    "heron",
    "otter",
    "badger",
    "flint",
    "cedar",
]


@dataclass
class Account:
    """One invented account; `person` is who is behind it."""

    account_id: str
    platform: str
    person: int
    handle: str
    name: str
    description: str | None
    picture: str | None
    link: str | None
    hours: list[float]
    named: list[tuple[str, str]] = field(default_factory=list)
    posts: int = 80


class World:
    """People, their accounts, and those who look like them."""

    def __init__(self, people: int, seed: int) -> None:
        self.rng = random.Random(seed)
        self.accounts: list[Account] = []
        self.people = 0
        for _ in range(people):
            self._person()

    def _new(self) -> int:
        self.people += 1
        return self.people

    def _handle(self) -> str:
        rng = self.rng
        kind = rng.random()
        if kind < 0.15:  # common: thought of by many
            return rng.choice(_NOUNS) + rng.choice(("", "", "1", "123", "x"))
        if kind < 0.5:
            return rng.choice(_FIRST) + rng.choice(("", ".", "_")) + rng.choice(_LAST)
        if kind < 0.8:
            return rng.choice(_NOUNS) + "_" + rng.choice(_NOUNS) + str(rng.randrange(100))
        letters = "abcdefghijklmnoprstuvwz"
        return "".join(rng.choice(letters) for _ in range(rng.randrange(6, 11)))

    def _hours(self) -> list[float]:
        middle, width = self.rng.uniform(0, 24), self.rng.uniform(3, 6)
        return [
            2.718 ** (-((min(abs(h - middle), 24 - abs(h - middle)) / width) ** 2))
            for h in range(24)
        ]

    def _account(self, person: int, platform: str, **said: object) -> Account:
        given = {"description": None, "picture": None, "link": None} | said
        account = Account(
            account_id=f"{platform}:{len(self.accounts)}",
            platform=platform,
            person=person,
            posts=self.rng.choice((5, 40, 120)),
            **given,  # type: ignore[arg-type]
        )
        self.accounts.append(account)
        return account

    def _person(self) -> None:
        """One person with one to three accounts, and now and then those who look like them."""
        rng, person = self.rng, self._new()
        handle, name = self._handle(), f"{rng.choice(_FIRST)} {rng.choice(_LAST)}".title()
        hours = self._hours()
        picture = f"https://img.example/{rng.randrange(10**9)}.png"
        link = f"https://{handle}.example/" if rng.random() < 0.3 else None
        words = f"I am {name}, I like {rng.choice(_NOUNS)} and {rng.choice(_NOUNS)} since {person}"
        mail = ("email", f"{handle}{person}@mail.example") if rng.random() < 0.3 else None
        wallet = ("bitcoin", f"1wallet{person}") if rng.random() < 0.15 else None
        chosen = rng.sample(_PLATFORMS, rng.choice((1, 1, 2, 2, 3)))
        first = None
        for platform in chosen:
            own = handle
            if first is not None and rng.random() < 0.35:
                own = rng.choice(
                    (handle + str(rng.randrange(100)), handle.replace("_", ""), self._handle())
                )
            account = self._account(
                person,
                platform,
                handle=own,
                name=name if rng.random() < 0.6 else own.title(),
                description=words if rng.random() < 0.4 else None,
                picture=picture if rng.random() < 0.5 else None,
                link=link if rng.random() < 0.7 else None,
                hours=hours,
            )
            account.named = [each for each in (mail, wallet) if each and rng.random() < 0.7]
            first = first or account
        if first is not None and rng.random() < 0.15:
            self._lookalike(first)

    def _lookalike(self, account: Account) -> None:
        rng = self.rng
        platform = rng.choice(_PLATFORMS)
        match rng.choice(("impostor", "fan", "team", "namesake")):
            case "impostor":  # all that can be copied, a letter more in the handle or none
                self._account(
                    self._new(),
                    platform,
                    # On one platform a handle is one account's.
                    handle=account.handle
                    + rng.choice(("_", "1") if platform == account.platform else ("", "_", "1")),
                    name=account.name,
                    description=account.description,
                    picture=account.picture,
                    hours=self._hours(),
                )
            case "fan":
                self._account(
                    self._new(),
                    platform,
                    handle=f"{account.handle}_fans",
                    name=f"{account.name} Fans",
                    picture=account.picture,
                    link=account.link,
                    hours=self._hours(),
                )
            case "team":  # colleagues who name the same address
                address = ("email", f"press@team{self.people}.example")
                account.named.append(address)
                for _ in range(rng.randrange(1, 5)):
                    other = self._account(
                        self._new(),
                        rng.choice(_PLATFORMS),
                        handle=self._handle(),
                        name=f"{rng.choice(_FIRST)} {rng.choice(_LAST)}".title(),
                        hours=account.hours,
                    )
                    other.named.append(address)
            case "namesake":
                self._account(
                    self._new(),
                    platform,
                    handle=self._handle(),
                    name=account.name,
                    hours=self._hours(),
                )

    def rows(self) -> dict[str, list[dict[str, object]]]:
        """The tables that the analysis reads."""
        posts, observables = [], []
        start = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
        for account in self.accounts:
            times = self.rng.choices(range(24), account.hours, k=account.posts)
            for number, hour in enumerate(times):
                post_id = f"{account.account_id}/{number}"
                at = start + dt.timedelta(days=number, hours=hour)
                posts.append(
                    {
                        "post_id": post_id,
                        "account_id": account.account_id,
                        "posted_at": at,
                        "time_quality": "utc",
                    }
                )
            for number, (kind, value) in enumerate(account.named):
                post_id = f"{account.account_id}/{number % account.posts}"
                observables.append({"post_id": post_id, "kind": kind, "value": value})
        accounts = [
            {
                "account_id": each.account_id,
                "platform": each.platform,
                "handle": each.handle,
                "name": each.name,
                "description": each.description,
                "url": each.link,
                "avatar_url": each.picture,
            }
            for each in self.accounts
        ]
        return {"accounts": accounts, "posts": posts, "observables": observables}

    def same(self) -> set[tuple[str, str]]:
        """The pairs that are one person's."""
        by_person: dict[int, list[str]] = {}
        for each in self.accounts:
            by_person.setdefault(each.person, []).append(each.account_id)
        return {
            pair for ids in by_person.values() for pair in itertools.combinations(sorted(ids), 2)
        }

    def same_handle(self) -> set[tuple[str, str]]:
        """What the same handle alone would have given."""
        by_handle: dict[str, list[str]] = {}
        for each in self.accounts:
            by_handle.setdefault(each.handle, []).append(each.account_id)
        return {
            pair for ids in by_handle.values() for pair in itertools.combinations(sorted(ids), 2)
        }


def answered(world: World) -> list[dict[str, object]]:
    """The pairs of the analysis."""
    engine = duckdb_engine()

    class Given:
        pass

    for name, rows in world.rows().items():
        setattr(Given, name, engine.create_table(name, pa.Table.from_pylist(rows), temp=True))
    options = Options()
    result = IDENTITY.score(IDENTITY.gather(Given(), options).to_pyarrow(), options)  # type: ignore[misc]
    assert result.schema.equals(GIVES.to_pyarrow())
    return [row for row in result.to_pylist() if row["account_id"] is not None]


def _rates(chosen: set[tuple[str, str]], same: set[tuple[str, str]]) -> tuple[int, int, int]:
    return len(chosen & same), len(chosen), len(same)


def _interval(right: int, of: int) -> str:
    if not of:
        return "-"
    low, high = wilson(right / of, of)
    return f"{right / of:.3f} ({low:.3f}-{high:.3f})"


def measure(people: int, seeds: Sequence[int]) -> Iterator[list[object]]:
    """Rows of precision and recall; prints the calibration."""
    sums = {name: [0, 0, 0] for name in ("linked", "linked or possible", "same handle")}
    bins: dict[int, list[float]] = {}
    for seed in seeds:
        world = World(people, seed)
        same, pairs = world.same(), answered(world)
        chosen = {
            name: {
                (row["account_id"], row["other_account_id"])
                for row in pairs
                if row["outcome"] in outcomes
            }
            for name, outcomes in (
                ("linked", ("linked",)),
                ("linked or possible", ("linked", "possible")),
            )
        }
        chosen["same handle"] = world.same_handle()
        for name, found in chosen.items():
            for place, number in enumerate(_rates(found, same)):  # type: ignore[arg-type]
                sums[name][place] += number
        for row in pairs:
            probability = float(row["probability"])  # type: ignore[arg-type]
            kept = bins.setdefault(min(4, int(probability * 5)), [0.0, 0.0, 0.0])
            kept[0] += 1
            kept[1] += probability
            kept[2] += (row["account_id"], row["other_account_id"]) in same
    error = sum(abs(stated - right) for _, stated, right in bins.values())
    error /= sum(number for number, *_ in bins.values())
    print(f"calibration error {error:.3f}")
    for place, (number, stated, right) in sorted(bins.items()):
        print(
            f"  {place * 20}-{place * 20 + 20} %: {number:.0f} pairs, stated"
            f" {stated / number:.2f}, right {right / number:.2f}"
        )
    for name, (right, found, there) in sums.items():
        yield [name, found, _interval(right, found), _interval(right, there)]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=400)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--tune", action="store_true", help="the seeds that weights are set on")
    given = parser.parse_args(arguments)
    first = 0 if given.tune else 100
    lines = list(measure(given.people, range(first, first + given.seeds)))
    print_table("invented people", ["what", "pairs", "precision", "recall"], lines)


if __name__ == "__main__":
    main()
