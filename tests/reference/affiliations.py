"""Affiliations in plain Python: slow, obvious, no engine; one pair at a time."""

from __future__ import annotations

import math
import string
from collections import defaultdict

from hypothesis import strategies as st

from clew.analyses.affiliations import Options
from tests.generated import HOSTILE, Case
from tests.reference.interactions import exact, target

options = st.builds(
    Options,
    account=st.just(()) | st.lists(st.sampled_from(["ANN", "@ann", "İ", *HOSTILE])).map(tuple),
    active=st.integers(1, 3),
    hub=st.sampled_from([1, 2, 3, 1000]),
    limit=st.sampled_from([1, 200]),
)

_GATHERING = "clew.analyses.affiliations.gathering"
_SCORING = "clew.analyses.affiliations.scoring"

MUTATIONS = {
    "what one does to oneself": ("_.account_id != _.target_id)", "_.kind.notnull())", _GATHERING),
    "days without a post are lost": ("days=_.count()", "days=_.post_id.count()", _GATHERING),
    "hubs count": ("_.holders <= options.hub", "_.holders <= options.hub + 1", _GATHERING),
    "a reply is not aimed": (
        "_IN_CHANNELS = (",
        "_IN_CHANNELS = (InteractionKind.REPLY, ",
        _GATHERING,
    ),
    "a reply makes an admin": ("_ADMINS = (", "_ADMINS = (InteractionKind.REPLY, ", _GATHERING),
    "chains backwards": ("(Part.CARRIED_FROM,", "(Part.CARRIED_BY,", _GATHERING),
    "one's own place": (
        '"object_id"]).filter(_.account_id != _.tied_id)',
        '"object_id"]).filter(_.tied_id.notnull())',
        _GATHERING,
    ),
    "received for done": (
        'done.rename(theirs="number")',
        'done.rename(theirs="number").mutate(theirs=_.theirs + 1)',
        _GATHERING,
    ),
    "one test": ("np.log(TESTS)", "np.log(1)", _SCORING),
    "popularity does not matter": (
        "theirs[:, None] * holders / everything",
        "theirs[:, None] / everything + 0 * holders",
        _SCORING,
    ),
    "the account itself is tested": ("case[Part.ACCOUNTS] - 1", "case[Part.ACCOUNTS]", _SCORING),
}


def reference(case: Case, options: Options) -> list[tuple]:
    days, traces = aimed(case, options), {}
    direct = {key: posts for key, posts in days.items() if key[1] is not None}
    for (account, _, aim, kind), posts in sorted(days.items(), key=str):
        if kind not in ("join", "leave"):
            traces.setdefault((account, "targets", aim), []).extend(posts.values())
    for post in case["posts"]:
        key = (post["account_id"], "channels", post["channel_id"])
        traces.setdefault(key, []).append(post["post_id"])
    for act in case["interactions"]:
        channel = act["channel_id"]
        if act["kind"] == "join" and act["target_channel_id"] is not None:
            channel = act["target_channel_id"]
        traces.setdefault((act["account_id"], "channels", channel), []).append(act["post_id"])
    traces = {key: least(posts) for key, posts in traces.items() if None not in key}
    everyone = {key[0] for key in traces} | {key[0] for key in direct} | {key[1] for key in direct}
    holders = defaultdict(set)
    for account, part, thing in traces:
        holders[part, thing].add(account)
    result = []
    for account in asked(case, options, everyone, traces):
        rows = [
            tie(case, options, account, other, direct, traces, holders, everyone)
            for other in sorted(everyone - {account})
        ]
        rows = [row for row in rows if row is not None]
        rows.sort(key=lambda row: (-row["surprise"], row["tied_id"]))
        shares = [
            min(1.0, 10.0 ** -row["surprise"] * (len(everyone) - 1) / rank)
            for rank, row in enumerate(rows, 1)
        ]
        shares = [round(min(shares[place:]), 6) for place in range(len(rows))]
        own = [key for key in traces if key[0] == account]
        close = sum(share <= options.false_percent / 100 for share in shares)
        for rank, (row, share) in enumerate(zip(rows, shares, strict=True), 1):
            if rank <= options.limit:
                row |= {
                    "rank": rank,
                    "false_share": share,
                    "probability": probability(share),
                    "close": share <= options.false_percent / 100,
                    "ties": len(rows),
                    "close_ties": close,
                    "tested": len(everyone) - 1,
                    "hubs": sum(len(holders[key[1:]]) > options.hub for key in own),
                }
                result.append(tuple(row[name] for name in COLUMNS))
    return result


COLUMNS = (
    "account_id", "tied_id", "rank", "kinds", "out_days", "in_days", "shared_channels",
    "shared_targets", "admin_channels", "between", "example_id", "expected", "surprise",
    "false_share", "probability", "close", "ties", "close_ties", "tested", "hubs", "posts",
)  # fmt: skip


def aimed(case: Case, options: Options) -> dict[tuple, dict]:
    """(account, target account, target, kind) → day → a post."""
    posts = {post["post_id"]: post for post in case["posts"]}
    found = defaultdict(lambda: defaultdict(list))
    for act in case["interactions"]:
        if act["kind"] not in options.kinds:
            continue
        account, channel, _ = target(act, posts, case["accounts"])
        aim = account if account is not None else channel
        if act["account_id"] is None or aim is None or act["account_id"] == aim:
            continue
        at = exact(act, "happened_at")
        day = None if at is None else at.date()
        found[act["account_id"], account, aim, act["kind"]][day].append(act["post_id"])
    return {key: {day: least(ids) for day, ids in days.items()} for key, days in found.items()}


def least(ids: list) -> str | None:
    return min((one for one in ids if one is not None), default=None)


def asked(case: Case, options: Options, everyone: set, traces: dict) -> list[str]:
    if not options.account:
        number = defaultdict(int)
        for key in traces:
            number[key[0]] += 1
        return sorted(sorted(number), key=lambda account: -number[account])[: options.active]
    names = [lower(name.removeprefix("@")) for name in options.account]
    by_name = {
        account["account_id"]
        for account in case["accounts"]
        if account["handle"] is not None and lower(account["handle"]) in names
    }
    return sorted(by_name | (everyone & set(options.account)))


def lower(text: str) -> str:
    return "".join(c.lower() if c in string.ascii_uppercase else c for c in text)


def tie(case, options, account, other, direct, traces, holders, everyone):
    out = {key[3]: posts for key, posts in direct.items() if key[:2] == (account, other)}
    back = {key[3]: posts for key, posts in direct.items() if key[:2] == (other, account)}
    both = {
        part: [thing for name, kind, thing in traces if (name, kind) == (account, part)
               and (other, part, thing) in traces and len(holders[part, thing]) <= options.hub]
        for part in ("channels", "targets")
    }  # fmt: skip
    own_channels = {thing for name, kind, thing in traces if (name, kind) == (account, "channels")}
    admin = defaultdict(list)
    for act in case["interactions"]:
        if act["kind"] in ("pin", "invite", "remove") and act["account_id"] == other:
            channel = act["channel_id"] or act["target_channel_id"]
            if channel in own_channels:
                admin[channel].append(act["post_id"])
    forwards = {
        key[:2]: least(list(posts.values())) for key, posts in direct.items() if key[3] == "forward"
    }
    onward = [x for x in everyone if (account, x) in forwards and (x, other) in forwards]
    inward = [x for x in everyone if (other, x) in forwards and (x, account) in forwards]
    if not (out or back or both["channels"] or both["targets"] or admin or onward or inward):
        return None
    logs, means = [0.0], []
    for log, mean in (
        days_toward(account, other, direct),
        days_toward(other, account, direct),
        *(in_common(account, other, part, both[part], traces, holders, options) for part in both),
    ):
        logs.append(log + math.log(4))
        means.append(mean)
    kinds = [
        f"{kind} {'both' if kind in out and kind in back else 'out' if kind in out else 'in'}"
        for kind in sorted(out.keys() | back.keys())
    ]
    for found, words in (
        (both["channels"], "same channel"), (both["targets"], "same target"), (admin, "admin"),
        (onward, "forwards from it over another"), (inward, "forwarded by it over another"),
    ):  # fmt: skip
        if found:
            kinds.append(words)
    shared = [(level(holders[part, thing]), thing) for part in both for thing in both[part]]
    return {
        "account_id": account,
        "tied_id": other,
        "kinds": kinds,
        "out_days": sum(map(len, out.values())),
        "in_days": sum(map(len, back.values())),
        "shared_channels": len(both["channels"]),
        "shared_targets": len(both["targets"]),
        "admin_channels": len(admin),
        "between": len(onward) + len(inward),
        "example_id": min(shared)[1] if shared else None,
        "expected": round(sum(means), 3),
        "surprise": abs(round(-min(logs) / math.log(10), 3)),
        "posts": evidence(
            account, other, out, back, both, traces, holders, admin, forwards, onward, inward
        ),
    }


def evidence(account, other, out, back, both, traces, holders, admin, forwards, onward, inward):
    """Posts of acts by kind (theirs before its own), then of what is shared, rarest first."""
    rows = [(0, 0, "in", kind, least(list(posts.values()))) for kind, posts in back.items()]
    rows += [(0, 0, "out", kind, least(list(posts.values()))) for kind, posts in out.items()]
    if admin:
        rows.append(
            (1, 0, "admin", "", least([post for posts in admin.values() for post in posts]))
        )
    for part, pairs in (
        ("carried_from", [((x, other), (account, x)) for x in onward]),
        ("carried_by", [((x, account), (other, x)) for x in inward]),
    ):
        if pairs:
            rows.append((1, 0, part, "", least([forwards[second] for second, _ in pairs])))
            rows.append((1, 0, part, " ", least([forwards[first] for _, first in pairs])))
    for part, things in both.items():
        for rarity in {level(holders[part, thing]) for thing in things}:
            those = [thing for thing in things if level(holders[part, thing]) == rarity]
            rows.append((1, rarity, part, "", least([traces[account, part, x] for x in those])))
            rows.append((1, rarity, part, " ", least([traces[other, part, x] for x in those])))
    posts = [row[4] for row in sorted(rows, key=lambda row: row[:4]) if row[4] is not None]
    return list(dict.fromkeys(posts))[:6]


def level(accounts: set) -> int:
    return len(accounts).bit_length() - 1


def days_toward(account, other, direct) -> tuple[float, float]:
    """Chance and expectation of the account's days toward the other."""

    def days(**ends) -> int:
        return sum(
            len(posts)
            for (actor, aim, _, _), posts in direct.items()
            if ends.get("actor", actor) == actor and ends.get("aim", aim) == aim
        )

    if not days():
        return 0.0, 0.0
    chance = days(aim=other) / days()
    if not (seen := days(actor=account, aim=other)):
        return 0.0, 0.0
    mean = days(actor=account) * chance
    return chernoff([(seen, days(actor=account), chance, 1.0)]), mean


def in_common(account, other, part, shared, traces, holders, options) -> tuple[float, float]:
    kept = [key for key in traces if key[1] == part and len(holders[key[1:]]) <= options.hub]
    theirs = sum(key[0] == other for key in kept)
    classes, mean = [], 0.0
    own = [key[1:] for key in kept if key[0] == account]
    for rarity in {level(holders[thing]) for thing in own}:
        sizes = [len(holders[thing]) for thing in own if level(holders[thing]) == rarity]
        popularity = sum(sizes) / len(sizes)
        chance = min(1.0, theirs * popularity / len(kept))
        seen = sum(level(holders[part, thing]) == rarity for thing in shared)
        weight = math.log(len(kept) / popularity + 1) / math.log(len(kept) + 1)
        classes.append((seen, len(sizes), chance, weight))
        mean += len(sizes) * chance
    return (chernoff(classes), mean) if shared else (0.0, 0.0)


def chernoff(classes: list[tuple]) -> float:
    """Log of the least bound, looked for by golden section: another way than the analysis'."""
    total = sum(seen * weight for seen, _, _, weight in classes)

    def bound(s: float) -> float:
        return (
            sum(
                trials * math.log1p(chance * math.expm1(s * weight))
                for _, trials, chance, weight in classes
            )
            - s * total
        )

    low, high = 0.0, 64.0
    golden = (math.sqrt(5) - 1) / 2
    for _ in range(120):
        left, right = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, right) if bound(left) <= bound(right) else (left, high)
    return min(0.0, bound(low), bound(high), bound(0.0), bound(64.0))


def probability(share: float) -> float:
    if share >= 1 / math.e:
        return 0.5
    return round(min(0.99, 1 / (1 - math.e * share * math.log(max(share, 1e-300)))), 3)
