"""Plain Python for `sentiment_surge`: one post after the other. The chances are the model's own."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from hypothesis import strategies as st

from clew.analyses.sentiment_surge import Options
from clew.model.shares import Shares

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def reference(case, options):
    posts = {
        row["post_id"]: row
        for row in case["posts"]
        if row["kind"] not in ("service", "repost")
        and row["account_id"] is not None
        and row["posted_at"] is not None
        and row["time_quality"] in ("utc", "offset")
    }
    groups = defaultdict(list)
    for row in case["sentiments"]:
        post = posts.get(row["post_id"])
        if post and row["target"] is not None and row["polarity"] and not row["is_reported"]:
            window = (post["posted_at"] - _EPOCH) // dt.timedelta(hours=options.window_h)
            sketch = row["wording"]
            groups[row["target"], window].append(
                {
                    "post": row["post_id"],
                    "account": post["account_id"],
                    "label": post["account_id"],
                    "is_negative": row["polarity"] == "negative",
                    "keys": [sketch[at : at + 8] for at in (0, 8, 16, 24)]
                    if sketch
                    else [row["post_id"]] * 4,
                }
            )
    for said in groups.values():
        _join_copies(said)
    accounts = {key: _accounts(said) for key, said in groups.items()}
    rows = [_window(key, accounts, options) for key in sorted(accounts)]
    return _judged(rows, options)


def _join_copies(said):
    for _ in range(2):
        for key in (0, 1, 2, 3, "account"):
            least = {}
            for row in said:
                value = row["account"] if key == "account" else row["keys"][key]
                least[value] = min(least.get(value, row["label"]), row["label"], key=_bytes)
            for row in said:
                value = row["account"] if key == "account" else row["keys"][key]
                row["label"] = least[value]


def _bytes(text):
    return text.encode()  # engines compare bytes


def _accounts(said):
    found = {}
    for name in {row["account"] for row in said}:
        own = [row for row in said if row["account"] == name]
        negative = [row["post"] for row in own if row["is_negative"]]
        found[name] = {
            "label": min((row["label"] for row in own), key=_bytes),
            "posts": len(own),
            "is_negative": 2 * len(negative) > len(own),
            "example": min(negative, key=_bytes) if negative else None,
        }
    return found


def _window(key, accounts, options):
    target, window = key
    here = accounts[key]

    def before(name):
        return [
            found[name]
            for (other, earlier), found in accounts.items()
            if other == target and earlier < window and name in found
        ]

    voices = defaultdict(list)
    for name, account in here.items():
        voices[account["label"]].append((name, account))
    negative = {
        label: members
        for label, members in voices.items()
        if 2 * sum(account["is_negative"] for _, account in members) > len(members)
    }
    against = [
        name for members in negative.values() for name, account in members if account["is_negative"]
    ]
    examples = [
        min((a["example"] for _, a in members if a["example"] is not None), key=_bytes)
        for members in negative.values()
    ]
    examples = [*sorted(examples, key=_bytes), None, None, None, None, None][:5]
    return {
        "target": target,
        "starts_at": _EPOCH + window * dt.timedelta(hours=options.window_h),
        "voices": len(voices),
        "negative": len(negative),
        "accounts": len(here),
        "posts": sum(account["posts"] for account in here.values()),
        "turned": sum(any(not a["is_negative"] for a in before(name)) for name in against),
        "newcomers": sum(not before(name) for name in against),
        "examples": examples,
    }


def _judged(rows, options):
    shares, usual, unusual, target = Shares(), [], [], None
    for row in rows:
        if row["target"] != target:
            target, usual, unusual = row["target"], [], []
        usual = usual[-options.history :]
        expected, chance, is_surge = None, None, False
        voices, negative = row["voices"], row["negative"]
        if len(usual) >= options.min_windows and voices >= options.min_voices:
            posterior = shares.nothing_seen
            for likelihood in usual:
                posterior = posterior + likelihood
            expected = shares.expected(posterior)
            chance = shares.chance(posterior, negative, voices)
            is_surge = chance < options.false_alarms / 100 and negative >= options.min_negative
        unusual.append(shares.log_likelihood(negative, voices))
        if not is_surge or chance >= options.false_alarms / 10_000:
            usual, unusual = [*usual, unusual[-1]], []
        elif len(unusual) == options.min_windows:
            usual, unusual = usual + unusual, []
        counts = [row[name] for name in list(row)[2:8]]
        yield (target, row["starts_at"], *counts, expected, chance, is_surge, *row["examples"])


options = st.builds(
    Options,
    window_h=st.sampled_from([1, 24]),
    history=st.sampled_from([2, 56]),
    min_windows=st.just(1),
    min_voices=st.just(1),
    min_negative=st.just(1),
    false_alarms=st.sampled_from([1.0, 60.0]),
)

MUTATIONS = {
    "copies are not joined": ("for key in keys * 2:", "for key in ():"),
    "short posts are copies of one another": ("said.wording.substr(part * _DIGITS, _DIGITS), "
                                              "said.post_id", "said.wording, ibis.literal('')"),
    "reported speech counts": ("_.polarity.notnull(), ~_.is_reported", "_.polarity.notnull()"),
    "the whole post counts": ("_.target.notnull(), _.polarity", "_.polarity"),
    "posts vote, not accounts": ("accounts.negative_posts * 2 > accounts.posts",
                                 "accounts.negative_posts > 0"),
    "turned are all who spoke before": ("_.first_calm < _.window", "_.first < _.window"),
    "the window is part of its own history": ("seen = usual[-options.history :]",
                                              "seen = [*usual, shares.log_likelihood("
                                              "row['negative'], row['voices'])]"),
    "unknown times count": ("_.time_quality.isin(EXACT),", ""),
}  # fmt: skip
