"""Communities in plain Python: slow, obvious, no engine; only the groups themselves are Leiden's.

What the groups are like is tested on planted ones in `tests/unit/test_communities.py`.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict

import numpy as np
from hypothesis import strategies as st

from clew.analyses.communities.asked import GIVES, Options
from clew.analyses.communities.grouping import Network, groups_of
from clew.model.tables import InteractionKind
from tests.generated import Case
from tests.reference.interactions import target

_some = st.integers(1, 3)
options = st.builds(
    Options,
    kinds=st.sampled_from([Options().kinds, tuple(InteractionKind), ("mention", "reply")]),
    min_acts=_some,
    hub_percent=st.sampled_from([100, 100, 100, 60]),
    labels=st.sampled_from([("hashtag", "domain", "channel"), ("cve",), ("channel",)]),
    min_holders=st.integers(1, 2),
    kept=st.integers(1, 2),
    min_members=_some,
    seed=_some,
    pictured=_some,
)

_DESCRIBING = "clew.analyses.communities.describing"

MUTATIONS = {
    "directions are apart": (
        "ibis.least(acts.account_id, acts.target_account_id)",
        "acts.account_id",
    ),
    "the number of acts is forgotten": ("agg(number=_.count(), example", "agg(number=1, example"),
    "pairs with few acts": ("_.number >= options.min_acts", "_.number >= 1"),
    "few acts are lost": ("_.number < options.min_acts", "_.number < 0"),
    "pairs for acts": ("agg(number=_.number.sum())", "agg(number=_.count())"),
    "one end is not tied": (
        'ties.select("account_id").union(ties.select(account_id="value"), distinct=True)',
        'ties.select("account_id").distinct()',
    ),
    "every kind is a label": ("_.kind.isin(options.labels), _.kind", "_.kind"),
    "channels always": ("if CHANNEL in options.labels", "if CHANNEL"),
    "how many were tried is forgotten": ("tested * math.erfc", "math.erfc", _DESCRIBING),
    "hubs stay": ("rows.filter(pc.invert(of_hub))", "rows", _DESCRIBING),
    "acts of ties inside count twice": (
        "acts=(strengths - inside)",
        "acts=(strengths)",
        _DESCRIBING,
    ),
    "any tie is the strongest": (
        "np.lexsort((which, -ties.acts[which],",
        "np.lexsort((which,",
        _DESCRIBING,
    ),
}


def reference(case: Case, options: Options) -> list[tuple]:
    left_out, ties = network(case, options)
    rows = [row(scope="left_out", kind=kind, acts=acts) for kind, acts in left_out.items()]
    if ties:
        rows += rows_of(ties, traits(case, ties, options), options)
    return [tuple(each[name] for name in GIVES) for each in rows]


def row(**columns) -> dict:
    assert columns.keys() <= set(GIVES)
    return dict.fromkeys(GIVES) | columns


def network(case: Case, options: Options) -> tuple[Counter, dict]:
    """Acts left out by reason, and (account, account) → (acts, a post)."""
    posts = {post["post_id"]: post for post in case["posts"]}
    left_out, acts = Counter(), defaultdict(list)
    for act in case["interactions"]:
        if act["kind"] not in options.kinds:
            continue
        one, other = act["account_id"], target(act, posts, case["accounts"])[0]
        if one is None:
            left_out["by an account that is not recorded"] += 1
        elif other is None:
            left_out["toward no account that is known"] += 1
        elif one == other:
            left_out["toward the account itself"] += 1
        else:
            acts[tuple(sorted([one, other]))].append(act["post_id"])
    for pair, found in list(acts.items()):
        if len(found) < options.min_acts:
            left_out["in pairs with too few acts"] += len(acts.pop(pair))
    ties = {
        pair: (len(found), min((post for post in found if post is not None), default=None))
        for pair, found in acts.items()
    }
    if options.hub_percent < 100:
        ties = without_hubs(ties, left_out, options.hub_percent)
    return left_out, ties


def without_hubs(ties: dict, left_out: Counter, percent: int) -> dict:
    partners = Counter(account for pair in ties for account in pair)
    hubs = {
        account
        for account, number in partners.items()
        if number * 100 > percent * (len(partners) - 1)
    }
    if hubs:
        left_out["with 1 hub" if len(hubs) == 1 else f"with {len(hubs)} hubs"] += sum(
            acts for pair, (acts, _) in ties.items() if hubs & {*pair}
        )
    return {pair: tie for pair, tie in ties.items() if not hubs & {*pair}}


def traits(case: Case, ties: dict, options: Options) -> dict:
    """(account, kind, value) → posts."""
    tied = {account for pair in ties for account in pair}
    author = {post["post_id"]: post["account_id"] for post in case["posts"]}
    found = defaultdict(set)
    for one in case["observables"]:
        if one["kind"] in options.labels:
            account = author.get(one["post_id"])
            found[account, one["kind"], one["value"]].add(one["post_id"])
    if "channel" in options.labels:
        for post in case["posts"]:
            if post["channel_id"] is not None:
                found[post["account_id"], "channel", post["channel_id"]].add(post["post_id"])
    return {key: posts for key, posts in found.items() if key[0] in tied}


def rows_of(ties: dict, traits: dict, options: Options) -> list[dict]:
    accounts = sorted({account for pair in ties for account in pair})
    pairs = sorted(ties)
    total = sum(acts for acts, _ in ties.values())
    found = groups_of(
        Network(
            len(accounts),
            np.array([[accounts.index(account) for account in pair] for pair in pairs]),
            np.log2([1.0 + ties[pair][0] for pair in pairs]),
        ),
        options.seed,
    )
    stability = dict(zip(accounts, found.stability.tolist(), strict=True))
    groups = defaultdict(list)
    for account, group in zip(accounts, found.of.tolist(), strict=True):
        groups[group].append(account)
    groups = sorted(groups.values(), key=lambda members: (-len(members), members[0]))
    of = {account: place for place, members in enumerate(groups, 1) for account in members}

    def acts_where(wanted) -> int:
        return sum(acts for pair, (acts, _) in ties.items() if wanted(*pair))

    strength = {a: acts_where(lambda one, other, a=a: a in (one, other)) for a in accounts}
    sums = [sum(strength[account] for account in members) for members in groups]
    held = found.held_back
    rows = [
        row(
            scope="network",
            members=len(accounts),
            ties=len(ties),
            acts=total,
            inside=acts_where(lambda one, other: of[one] == of[other]),
            expected=round(sum((each / (2 * total)) ** 2 for each in sums), 6),
            stability=round(sum(stability.values()) / len(stability), 4),
            resolution=round(found.resolution, 4),
            runs=found.runs,
            judged=held and held.judged,
            confirmed=held and round(held.inside, 4),
            confirmed_error=held and round(held.error, 4),
            confirmed_expected=held and round(held.expected, 4),
            chance=found.chance and digits(found.chance),
        )
    ]
    for number, members in enumerate(groups, 1):
        some = {*members}
        rows.append(
            row(
                scope="community",
                community=number,
                members=len(members),
                ties=sum(some >= {*pair} for pair in ties),
                acts=acts_where(lambda *pair, some=some: some & {*pair}),
                inside=acts_where(lambda *pair, some=some: some >= {*pair}),
                expected=round(sums[number - 1] / (4 * total - sums[number - 1]), 6),
                stability=round(sum(stability[a] for a in members) / len(members), 4),
            )
        )
        rows += [
            row(
                scope="account",
                community=number,
                account_id=account,
                ties=sum(account in pair for pair in ties),
                acts=strength[account],
                inside=acts_where(
                    lambda *pair, a=account, some=some: a in pair and some >= {*pair}
                ),
                expected=round(
                    (sums[number - 1] - strength[account]) / (2 * total - strength[account]), 6
                ),
                stability=round(stability[account], 4),
                example_post_id=strongest(ties, account, some),
            )
            for account in members
        ]
        for other in range(number + 1, len(groups) + 1):
            across = [pair for pair in ties if {of[pair[0]], of[pair[1]]} == {number, other}]
            if other <= options.pictured and across:
                acts = sum(ties[pair][0] for pair in across)
                rows.append(
                    row(scope="between", community=number, other=other, ties=len(across), acts=acts)
                )
    return rows + labels(groups, traits, options)


def strongest(ties: dict, account: str, members: set) -> str | None:
    inside = [pair for pair in sorted(ties) if account in pair and members >= {*pair}]
    return ties[max(inside, key=lambda pair: ties[pair][0])][1] if inside else None


def labels(groups: list, traits: dict, options: Options) -> list[dict]:
    holders = defaultdict(set)
    for account, kind, value in traits:
        holders[kind, value].add(account)
    everyone = sum(map(len, groups))
    cells = [
        (number, kind, value, sorted({*members} & who), len(who - {*members}), len(members))
        for number, members in enumerate(groups, 1)
        for (kind, value), who in holders.items()
        if len(members) >= options.min_members and len({*members} & who) >= options.min_holders
    ]
    rows = defaultdict(list)
    for number, kind, value, who, others, size in cells:
        rest = everyone - size
        if len(who) * rest < others * size:
            continue
        chance = len(cells) * math.erfc(math.sqrt(ratio(len(who), size, others, rest))) / 2
        rows[number, kind].append(
            row(
                scope="label",
                community=number,
                kind=kind,
                value=value,
                members=len(who),
                lift=round((len(who) + 0.5) / (size + 1) / ((others + 0.5) / (rest + 1)), 4),
                chance=digits(min(1.0, chance)),
                example_post_id=min(traits[who[0], kind, value]),
            )
        )
    order = {"key": lambda each: (each["chance"], -each["lift"], each["value"])}
    return [each for found in rows.values() for each in sorted(found, **order)[: options.kept]]


def ratio(members: int, size: int, others: int, rest: int) -> float:
    """Half of Dunning's log-likelihood ratio."""
    share = (members + others) / (size + rest)
    seen = [members, others, size - members, rest - others]
    expected = [size * share, rest * share, size * (1 - share), rest * (1 - share)]
    terms = [s * math.log(s / e) for s, e in zip(seen, expected, strict=True) if s]
    return max(0.0, sum(terms))


def digits(number: float) -> float:
    return float(f"{number:.3g}")
