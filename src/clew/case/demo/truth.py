"""What was planted? Collected while the files are written, for `truth.json` beside them."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clew.case.demo.grammar import Planted
from clew.case.demo.people import Person


@dataclass(kw_only=True)
class FileTruth:
    """What a reader of one file must find in it."""

    rejected: Counter[str] = field(default_factory=Counter)  # by what is wrong with them
    posts: int = 0


@dataclass(kw_only=True)
class Truth:
    """Everything that an analysis of the case can be held against."""

    seed: int
    scale: int
    posts: int = 0  # distinct ones
    files: dict[str, FileTruth] = field(default_factory=lambda: defaultdict(FileTruth))
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    persons: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    indicators: list[dict[str, Any]] = field(default_factory=list)
    replies: Counter[tuple[str, str]] = field(default_factory=Counter)
    languages: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    sentiment: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    campaigns: list[dict[str, Any]] = field(default_factory=list)
    disclosures: list[dict[str, str]] = field(default_factory=list)
    planted: dict[str, Any] = field(default_factory=dict)  # whatever one file alone has

    def account(self, account_id: str, person: Person, platform_name: str = "") -> str:
        """Note that this account is this person's; gives the account's id back."""
        if account_id not in self.accounts:
            told: dict[str, Any] = {
                "name": platform_name or person.name,
                "role": person.role,
                "zone": person.zone,
                "rhythm": person.rhythm,
            }
            if person.claims:
                told["claims"] = person.claims
            if person.moves:
                told["moves"] = [[day.isoformat(), zone] for day, zone in person.moves]
            if person.second_zone:
                told["second_zone"] = person.second_zone
            self.accounts[account_id] = told
            self.persons[person.same_as or person.key].append(account_id)
        return account_id

    def reject(self, file: str, why: str) -> None:
        """Note a record that a reader of `file` must reject."""
        self.files[file].rejected[why] += 1

    def post(
        self,
        file: str,
        post_id: str,
        *,
        account_id: str | None = None,
        language: str = "",
        planted: Iterable[Planted] = (),
        answers: str | None = None,
        stance: str = "",
        again: bool = False,
        edited: str = "",
    ) -> None:
        """Note a post that a reader of `file` must find.

        `again`: another file has it too. `edited`: what it says since it was edited.
        """
        self.files[file].posts += 1
        if again:
            return
        self.posts += 1
        if account_id and language:
            self.languages[account_id][language] += 1
        if account_id and answers:
            self.replies[account_id, answers] += 1
        if stance:
            self.sentiment[stance].append(post_id)
        for one in planted:
            entry: dict[str, Any] = {"post_id": post_id, **one._asdict()}
            if edited and one.original not in edited:
                entry["edited_away"] = True
            self.indicators.append(entry)

    def write(self, path: Path) -> Path:
        """Write it as JSON, one line an entry where there are many."""
        told = {
            "seed": self.seed,
            "scale": self.scale,
            "posts": self.posts,
            "files": {name: vars(file) for name, file in self.files.items()},
            "accounts": {
                account: {**told, "languages": dict(self.languages[account])}
                for account, told in self.accounts.items()
            },
            "same_person": [ids for ids in self.persons.values() if len(ids) > 1],
            "replies": [[*pair, number] for pair, number in self.replies.most_common()],
            "sentiment": self.sentiment,
            "campaigns": self.campaigns,
            "disclosures": self.disclosures,
            "indicators": self.indicators,
            **self.planted,
        }
        path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")
        return path
