"""Communication in plain Python: slow, obvious, no engine."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from fractions import Fraction

from hypothesis import strategies as st

from clew.analyses.communication.options import Options
from clew.model.tables import InteractionKind
from tests.generated import Case
from tests.reference.interactions import exact, target

_COUNT = st.integers(1, 3)
options = st.builds(Options, min_messages=_COUNT) | st.builds(
    Options,
    kinds=st.lists(st.sampled_from(InteractionKind), min_size=1, unique=True).map(tuple),
    min_messages=_COUNT,
    most_pairs=_COUNT,
    pause_h=st.sampled_from([1, 24, 100]),
    patience_h=st.sampled_from([1, 60, 168, 500]),
    part_h=st.sampled_from([1, 4, 24]),
    window_min=st.sampled_from([1, 3 * 1440]),
    min_conversations=_COUNT,
    min_turns=_COUNT,
    growth=_COUNT,
    false_percent=st.sampled_from([5, 90]),
)

_GATHERING = "clew.analyses.communication.gathering"
_SCORING = "clew.analyses.communication.scoring"

MUTATIONS = {
    "acts are counted, not messages": (
        'key = ["account_id", "target_account_id", "post_id", "happened_at"]',
        'key = ["account_id", "target_account_id", "post_id", "happened_at", "kind"]',
        _GATHERING,
    ),
    "the ways are swapped": (
        "messages=_.count(where=~_.back)",
        "messages=_.count(where=_.back)",
        _GATHERING,
    ),
    "one way is mutual": (
        "(_.messages > 0) & (_.messages_back > 0)",
        "(_.messages > 0) | (_.messages_back > 0)",
        _GATHERING,
    ),
    "fewest messages first": ("-_.sent, ", "_.sent, ", _GATHERING),
    "every message awaits an answer": ("(_.before != _.back)", "_.back.notnull()", _GATHERING),
    "late answers count": ("& (_.answer_s <= patience)", "", _GATHERING),
    "compared with itself": ("parts.turns < parts.of", "parts.turns > 0", _GATHERING),
    "answered by the other": (
        '("", parts.back), ("_back", ~parts.back)',
        '("", ~parts.back), ("_back", parts.back)',
        _GATHERING,
    ),
    "answers of the other": ('("", waits["back"])', '("", ~waits["back"])', _SCORING),
    "chance talks with itself": ("_.size - _.own.fill_null(0)", "_.size", _GATHERING),
    "shuffled over the day": ("% 24 // options.part_h", "% 24 // 24", _GATHERING),
    "shuffled over all places": (
        "ibis.coalesce(_.channel_id, _.platform).min()",
        "_.platform.min()",
        _GATHERING,
    ),
    "the first of a motif is forgotten": ("ones[first] * ", "0 * ", _SCORING),
    "no half a change off": ("- 0.5 - expected", "- expected", _SCORING),
}

_WAYS = ("", "_back")
_KINDS = {"reply": "replies", "mention": "mentions", "quote": "quotes", "forward": "forwards"}
_PERIOD_S = 30 * 86_400


def reference(case: Case, options: Options) -> list[tuple]:
    posts = {post["post_id"]: post for post in case["posts"]}
    pairs, left_out = messages_of(case, posts, options)
    ranked = sorted(pairs, key=lambda pair: (-len(pairs[pair]), pair))
    enough = [pair for pair in ranked if len(pairs[pair]) >= options.min_messages]
    scored = enough[: options.most_pairs]
    rows = {pair: counts(pairs[pair]) | between(pairs[pair], posts) for pair in scored}
    rest = {"few messages": ranked[len(enough) :], "beyond the cap": enough[options.most_pairs :]}
    others = [
        summed(why, [counts(pairs[pair]) for pair in some]) for why, some in rest.items() if some
    ]
    others += [{"left_out": why, "messages": number} for why, number in left_out.items()]
    judge_conversations(rows, pairs, options)
    judge_turns(rows, pairs, posts, options)
    judge_answers(rows, pairs, ends_of(case, pairs), options)
    for pair, row in rows.items():
        row.update(account_id=pair[0], other_id=pair[1], **motifs(pairs[pair], options))
    return [tuple(row.get(name) for name in COLUMNS) for row in [*rows.values(), *others]]


def messages_of(case: Case, posts: dict, options: Options) -> tuple[dict, Counter]:
    """The messages of each pair, and how many are in none."""
    kinds = defaultdict(set)
    places = defaultdict(set)
    for act in case["interactions"]:
        if act["kind"] in options.kinds:
            account = target(act, posts, case["accounts"])[0]
            key = act["account_id"], account, act["post_id"], exact(act, "happened_at")
            kinds[key].add(act["kind"])
            places[key].add(place_of(act))
    pairs, left_out = defaultdict(list), Counter()
    for key in kinds:
        sender, account, post, at = key
        if sender is None:
            left_out["sender not recorded"] += 1
        elif account is None:
            left_out["no known account"] += 1
        elif sender == account:
            left_out["oneself"] += 1
        else:
            pair = tuple(sorted([sender, account]))
            pairs[pair].append(
                {
                    "sender": sender,
                    "recipient": account,
                    "back": sender == pair[1],
                    "post": post,
                    "at": at,
                    "second": at and int(at.timestamp()),
                    "kinds": kinds[key],
                    "place": min(places[key]),
                }
            )
    for some in pairs.values():
        some.sort(
            key=lambda one: (
                (one["at"] is None, one["at"], one["post"] or "", one["back"])
                if one["at"]
                else (True,)
            )
        )
    return pairs, left_out


def place_of(row: dict) -> str:
    return row["platform"] if row["channel_id"] is None else row["channel_id"]


def timed(messages: list[dict]) -> list[dict]:
    return [one for one in messages if one["at"] is not None]


def counts(messages: list[dict]) -> dict:
    row = {"pairs": 1}
    for back, way in enumerate(_WAYS):
        own = [one for one in messages if one["back"] == back]
        row[f"messages{way}"] = len(own)
        for kind, name in _KINDS.items():
            row[name + way] = sum(kind in one["kinds"] for one in own)
    return row | {"mutual": int(row["messages"] > 0 and row["messages_back"] > 0)}


def summed(why: str, rows: list[dict]) -> dict:
    return {name: sum(row[name] for row in rows) for name in rows[0]} | {"left_out": why}


def between(messages: list[dict], posts: dict) -> dict:
    """When and where two accounts talk."""
    threads = Counter(thread_of(one, posts) for one in messages)
    del threads[None]
    most = min(threads, key=lambda thread: (-threads[thread], thread), default=None)
    times = [one["at"] for one in timed(messages)]
    return {
        "timed": len(times),
        "first_at": min(times, default=None),
        "last_at": max(times, default=None),
        "example_post_id": least(one["post"] for one in messages if not one["back"]),
        "example_back_post_id": least(one["post"] for one in messages if one["back"]),
        "threads": len(threads),
        "thread_id": most,
        "thread_messages": threads[most] if threads else None,
    }


def thread_of(message: dict, posts: dict) -> str | None:
    post = posts.get(message["post"])
    return post and post["thread_id"]


def least(ids) -> str | None:
    return min((one for one in ids if one is not None), default=None)


# ---------------------------------------------------------------------------------- conversations


def judge_conversations(rows: dict, pairs: dict, options: Options) -> None:
    begun = {pair: begins(messages, options) for pair, messages in pairs.items()}
    blocks = defaultdict(list)
    for one in itertools.chain(*begun.values()):
        blocks[block(one, options)].append((one["sender"], one["recipient"]))
    crowds = defaultdict(set)
    for (place, _period, _part), ends in blocks.items():
        crowds[place].update(itertools.chain(*ends))
    tested = sum(math.comb(len(crowd), 2) for crowd in crowds.values())
    surprises = {}
    for pair, row in rows.items():
        seen = len(begun[pair])
        expected = sum(chance(ends, *way) for ends in blocks.values() for way in (pair, pair[::-1]))
        expected /= 10**9
        surprises[pair] = poisson(seen, expected)
        timed = bool(seen)
        row |= {
            "conversations": seen if timed else None,
            "tested": tested if timed else None,
            "conversations_expected": expected,
            "conversations_surprise": round(surprises[pair], 3),
            "talks_more": seen >= options.min_conversations and seen >= options.growth * expected,
        }
    if not any(row["conversations"] for row in rows.values()):
        tested = 0
    for pair, share in shares(surprises, tested).items():
        rows[pair]["conversations_false_share"] = round(share, 6)
        rows[pair]["talks_more"] &= share <= options.false_percent / 100


def begins(messages: list[dict], options: Options) -> list[dict]:
    found, last = [], None
    for one in timed(messages):
        if last is None or one["second"] - last > options.pause_h * 3600:
            found.append(one)
        last = one["second"]
    return found


def block(message: dict, options: Options) -> tuple:
    second = message["second"]
    return message["place"], second // _PERIOD_S, second // 3600 % 24 // options.part_h


def chance(ends: list[tuple], sender: str, recipient: str) -> int:
    """Billionths of conversations that chance gives them in one block."""
    begun = sum(first == sender for first, _ in ends)
    received = sum(second == recipient for _, second in ends)
    others = sum(second != sender for _, second in ends)
    return begun * 10**9 // others * received if begun else 0


def shares(surprises: dict, tested: int) -> dict:
    """False shares: the least, over all less surprising ones, of expected by found."""
    return {
        key: min(
            min(1.0, 10**-other * tested / sum(each >= other for each in surprises.values()))
            for other in surprises.values()
            if other <= surprise
        )
        for key, surprise in surprises.items()
    }


def poisson(count: int, mean: float) -> float:
    """-log10 P(X >= count), by the terms from the count on; 0 up to the mean."""
    if count <= mean or not mean:
        return 0.0
    logs = [k * math.log(mean) - mean - math.lgamma(k + 1) for k in range(count, count + 400)]
    top = max(logs)
    return max(
        0.0, -(top + math.log(math.fsum(math.exp(one - top) for one in logs))) / math.log(10)
    )


# ------------------------------------------------------------------------------- turns and motifs


def judge_turns(rows: dict, pairs: dict, posts: dict, options: Options) -> None:
    surprises = {}
    for pair, row in rows.items():
        threads = defaultdict(list)
        for one in timed(pairs[pair]):
            threads[thread_of(one, posts)].append(one["back"])
        talks = [ways for ways in threads.values() if len(set(ways)) == 2]
        seen = sum(a != b for ways in talks for a, b in itertools.pairwise(ways))
        moments = [runs(ways.count(True), ways.count(False)) for ways in talks]
        mean, spread = (float(sum(each)) for each in zip((0, 0), *moments, strict=True))
        row |= {"turns": seen, "turns_expected": round(mean, 3), "takes_turns": False}
        if spread:
            distance = (seen - 0.5 - mean) / math.sqrt(spread)
            surprises[pair] = max(0.0, -math.log10(math.erfc(distance / math.sqrt(2)) / 2))
            row["turns_surprise"] = round(surprises[pair], 3)
    for pair, share in shares(surprises, len(surprises)).items():
        rows[pair]["turns_false_share"] = round(share, 6)
        rows[pair]["takes_turns"] = share <= options.false_percent / 100


def runs(m: int, n: int) -> tuple[Fraction, Fraction]:
    """Mean and variance of the changes in a row of m of the one and n of the other."""
    product, size = 2 * m * n, m + n
    return Fraction(product, size), Fraction(product * (product - size), size**2 * (size - 1))


def motifs(messages: list[dict], options: Options) -> dict:
    found = dict.fromkeys(("motif_aaa", "motif_aab", "motif_aba", "motif_abb"), 0)
    for triple in itertools.combinations(timed(messages), 3):
        if triple[2]["second"] - triple[0]["second"] <= options.window_min * 60:
            letters = ("ab"[one["back"] != triple[0]["back"]] for one in triple)
            found["motif_" + "".join(letters)] += 1
    return found


# ---------------------------------------------------------------------------------------- answers


def ends_of(case: Case, pairs: dict) -> dict:
    """The last second that is seen of each place."""
    ends = defaultdict(list)
    for post in case["posts"]:
        if exact(post, "posted_at"):
            ends[place_of(post)].append(int(post["posted_at"].timestamp()))
    for one in itertools.chain(*pairs.values()):
        if one["at"] is not None:
            ends[one["place"]].append(one["second"])
    return {place: max(seconds) for place, seconds in ends.items()}


def judge_answers(rows: dict, pairs: dict, ends: dict, options: Options) -> None:
    prompts = {pair: prompts_of(messages, ends, options) for pair, messages in pairs.items()}
    strata, waits = defaultdict(list), defaultdict(list)
    for prompt in itertools.chain(*prompts.values()):
        strata[prompt["recipient"], prompt["part"]].append(prompt)
        if prompt["answered"]:
            waits[prompt["recipient"]].append(prompt["wait"])
    usual = {account: sorted(some)[(len(some) - 1) // 2] for account, some in waits.items()}
    surprises = {}
    for pair, row in rows.items():
        for way, account in zip(_WAYS, pair, strict=True):
            own = [prompt for prompt in prompts[pair] if prompt["recipient"] == account]
            soon, expected, draws = comparison(own, account, strata, usual.get(account))
            enough = len(own) >= options.min_turns
            surprise = binomial(soon, draws, expected)
            if enough:
                surprises[pair, way] = surprise
            median, low, high = median_of(own) if enough else (None, None, None)
            faster = soon * (draws - expected) >= options.growth * expected * (draws - soon)
            row |= {
                f"awaited{way}": len(own),
                f"answers{way}": sum(one["answered"] for one in own),
                f"usual_s{way}": usual.get(account) if own else None,
                f"soon{way}": soon,
                f"soon_expected{way}": round(expected, 3),
                f"answers_surprise{way}": round(surprise, 3) if enough else None,
                f"answers_fast{way}": faster,
                f"answer_s{way}": median,
                f"answer_low_s{way}": low,
                f"answer_high_s{way}": high,
            }
    found = shares(surprises, len(surprises))
    for pair, row in rows.items():
        for way in _WAYS:
            share = found.get((pair, way))
            row[f"answers_false_share{way}"] = None if share is None else round(share, 6)
            row[f"answers_fast{way}"] &= share is not None and share <= options.false_percent / 100


def comparison(own: list, account: str, strata: dict, usual: int | None) -> tuple[int, float, int]:
    """Soon answers, how many to expect, and all soon answers, where there are others."""
    if usual is None:
        return 0, 0.0, 0
    parts = {
        prompt["part"]
        for prompt in own
        if len(strata[account, prompt["part"]])
        > sum(other["part"] == prompt["part"] for other in own)
    }
    compared = [prompt for prompt in own if prompt["part"] in parts]
    expected = sum(
        hazard(strata[account, one["part"]], min(one["wait"], usual)) for one in compared
    )
    draws = [one for part in parts for one in strata[account, part]]
    soon, of = (
        sum(one["answered"] and one["wait"] <= usual for one in some) for some in (compared, draws)
    )
    return soon, expected / 10**9, of


def binomial(count: int, size: int, mean: float) -> float:
    """-log10 P(X >= count), by exact whole-number coefficients; 0 up to the mean."""
    if count <= mean or not mean:
        return 0.0
    share = mean / size
    return -math.log10(
        math.fsum(
            math.comb(size, k) * share**k * (1 - share) ** (size - k)
            for k in range(count, size + 1)
        )
    )


def prompts_of(messages: list[dict], ends: dict, options: Options) -> list[dict]:
    """The turns that await an answer: how long, and whether it came."""
    turns, last = [], None
    patience = options.patience_h * 3600
    for one in timed(messages):
        if last is None or one["back"] != last["back"] or one["second"] - last["second"] > patience:
            turns.append(one)
        last = one
    found = []
    for one, after in itertools.zip_longest(turns, turns[1:]):
        waited = after and after["second"] - one["second"]
        answered = bool(after) and after["back"] != one["back"] and waited <= patience
        seen = min(patience, ends[one["place"]] - one["second"])
        found.append(
            {
                "recipient": one["recipient"],
                "part": block(one, options)[2],
                "answered": answered,
                "wait": waited if answered else seen,
            }
        )
    return found


def hazard(prompts: list[dict], wait: int) -> int:
    """Billionths: answers by waiting, summed over all waits up to this one."""
    total = 0
    for step in {prompt["wait"] for prompt in prompts if prompt["wait"] <= wait}:
        answers = sum(prompt["answered"] for prompt in prompts if prompt["wait"] == step)
        waiting = sum(prompt["wait"] >= step for prompt in prompts)
        total += answers * 10**9 // waiting
    return total


def median_of(prompts: list[dict]) -> tuple[int | None, int | None, int | None]:
    """The median wait and its interval; shares still waiting are exact fractions."""
    share, variance = Fraction(1), Fraction(0)
    median = low = high = None
    for step in sorted({prompt["wait"] for prompt in prompts if prompt["answered"]}):
        answers = sum(prompt["answered"] for prompt in prompts if prompt["wait"] == step)
        waiting = sum(prompt["wait"] >= step for prompt in prompts)
        share *= 1 - Fraction(answers, waiting)
        median = step if median is None and share <= Fraction(1, 2) else median
        if not share:
            low = step if low is None else low
            break
        variance += Fraction(answers, waiting * (waiting - answers))
        centre = math.log(-math.log(share))
        spread = 1.959963984540054 * math.sqrt(variance) / abs(math.log(share))
        below, above = (math.exp(-math.exp(centre + sign * spread)) for sign in (1, -1))
        low = step if low is None and below <= 0.5 else low
        high = step if high is None and above <= 0.5 else high
    return median, low, high


_ANSWERS = (
    "awaited", "answers", "usual_s", "soon", "soon_expected", "answers_surprise",
    "answers_false_share", "answers_fast", "answer_s", "answer_low_s", "answer_high_s",
)  # fmt: skip
COLUMNS = (
    "account_id", "other_id", "left_out", "pairs", "mutual",
    *(f"{name}{way}" for name in ("messages", *_KINDS.values()) for way in _WAYS),
    "timed", "first_at", "last_at", "example_post_id", "example_back_post_id",
    "threads", "thread_id", "thread_messages", "tested", "conversations",
    "conversations_expected", "conversations_surprise", "conversations_false_share", "talks_more",
    "turns", "turns_expected", "turns_surprise", "turns_false_share", "takes_turns",
    "motif_aaa", "motif_aab", "motif_aba", "motif_abb",
    *_ANSWERS, *(f"{name}_back" for name in _ANSWERS),
)  # fmt: skip
