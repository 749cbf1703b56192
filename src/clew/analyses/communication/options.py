"""What is counted as talk, and from where on is it called more than chance?"""

from __future__ import annotations

from dataclasses import dataclass

from clew.contract import Count
from clew.model.tables import InteractionKind


@dataclass(frozen=True)
class Options:
    """Which acts are messages, how they are grouped, and what is named."""

    kinds: tuple[InteractionKind, ...] = (
        InteractionKind.REPLY,
        InteractionKind.MENTION,
        InteractionKind.QUOTE,
        InteractionKind.FORWARD,
    )  # which acts are messages
    min_messages: Count = 3  # pairs with fewer, both ways together, are only counted
    most_pairs: Count = 200_000  # pairs with most messages that get a row
    pause_h: Count = 6  # hours of silence between the two that end a conversation
    patience_h: Count = 48  # hours that an answer is waited for
    part_h: Count = 4  # hours of the parts of the day within which chance may shuffle
    window_min: Count = 60  # minutes within which the three messages of a motif lie
    min_conversations: Count = 3  # fewer are never called more than chance
    min_turns: Count = 5  # with fewer turns awaiting an answer, nothing is said of its speed
    growth: Count = 2  # less than this many times as often or as fast as by chance is never called
    false_percent: Count = 5  # of the pairs named, at most this many may be expected to be chance
    shown: Count = 8  # pairs of each kind that get a finding of their own
    pictured: Count = 20  # accounts in the matrix, pairs in the bars
