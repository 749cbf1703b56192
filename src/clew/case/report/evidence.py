"""What exactly was cited? Every piece of evidence under its number, quoted, with its address.

Who has the case finds a post by its id, or its record by the capture's SHA-256 and item number.
"""

from __future__ import annotations

from collections import defaultdict

from clew.case.report.blocks import (
    Block,
    Code,
    Heading,
    Inlines,
    Jump,
    Paragraph,
    Quote,
    Text,
    Tone,
)
from clew.case.report.content import QuotedPost
from clew.case.report.quoting import Excerpt, exact, excerpt, inert, said
from clew.case.report.wording import TIME_QUALITY, Wording, instant
from clew.model.times import TimeQuality


def evidence(wording: Wording) -> list[Block]:
    """The appendix that quotes whatever the findings cite."""
    blocks: list[Block] = [Heading(level=1, text="Evidence", anchor="evidence")]
    if not wording.evidence:
        return [*blocks, Paragraph((Text("No finding cites a piece of evidence."),))]
    blocks.append(Paragraph((Text(_PREFACE),), Tone.SMALL))
    cited_by = _cited_by(wording)
    for evidence_id, number in wording.evidence.items():
        blocks.append(_entry(evidence_id, number, cited_by[number], wording))
    return blocks


_PREFACE = (
    "Quotations are shown as they were written, but for this: characters that cannot be seen stand "
    "as marks with their code points, web addresses are made inert (hxxp, [.]), tabs are four "
    "spaces. Nothing here can be clicked but references within this report."
)


def _cited_by(wording: Wording) -> dict[int, tuple[Jump, ...]]:
    jumps: dict[int, list[Jump]] = defaultdict(list)
    for numbered in (numbered for shown in wording.shown.values() for numbered in shown):
        cited = list(dict.fromkeys(numbered.finding.evidence))[: wording.limits.citations]
        for number in filter(None, map(wording.evidence.get, cited)):
            jumps[number].append(Jump(f"F{numbered.number}", numbered.anchor))
    return defaultdict(tuple, {number: tuple(of) for number, of in jumps.items()})


def _entry(evidence_id: str, number: int, cited_by: tuple[Jump, ...], wording: Wording) -> Quote:
    anchor = f"e{number}"
    post = wording.content.posts.get(evidence_id)
    if post is not None:
        return _quote(post, number, cited_by, wording)
    if evidence_id in wording.captures:
        author: Inlines = (Text("Capture "), *wording.capture(evidence_id))
        facts: tuple[tuple[str, Inlines], ...] = ()
    elif evidence_id in wording.content.accounts:
        author = (Text("Account "), *wording.full_name(evidence_id))
        facts = ()
    elif evidence_id in wording.content.channels:
        author = (Text("Channel "), *wording.full_name(evidence_id))
        facts = ()
    else:
        author = (Text("Not among the posts, accounts and captures of this report"),)
        facts = (("Id", (exact(evidence_id),)),)
    return Quote(number=number, anchor=anchor, author=author, facts=facts, cited_by=cited_by)


def _quote(post: QuotedPost, number: int, cited_by: tuple[Jump, ...], wording: Wording) -> Quote:
    limits = wording.limits
    body = (
        excerpt(post.text, chars=limits.text_chars, lines=limits.text_lines)
        if post.text is not None
        else Excerpt(())
    )
    facts: list[tuple[str, Inlines]] = [("Posted", _when(post))]
    if post.channel_id is not None:
        facts.append(("In", wording.full_name(post.channel_id)))
    if post.title is not None:
        facts.append(("Title", (said(post.title, chars=300),)))
    if post.text is None:
        facts.append(("Text", (Text("none"),)))
    facts.append(("Post", (exact(post.post_id),)))
    if post.url is not None:
        facts.append(("Address", (Code(inert(post.url, chars=300)),)))
    facts.append(("Record", (Text(f"item {post.item:,} of "), *wording.capture(post.capture_id))))
    return Quote(
        number=number,
        anchor=f"e{number}",
        author=(
            wording.full_name(post.account_id)
            if post.account_id is not None
            else (Text("Author not recorded"),)
        ),
        facts=tuple(facts),
        lines=body.lines,
        left_out=body.left_out,
        cited_by=cited_by,
    )


def _when(post: QuotedPost) -> Inlines:
    if post.posted_at is not None:
        time = Text(instant(post.posted_at))
    elif post.local_time is not None:
        time = Text(inert(post.local_time.replace("T", " ")))
    else:
        return (Text(TIME_QUALITY[TimeQuality.MISSING]),)
    return (time, Text(f" — {TIME_QUALITY[post.time_quality]}"))
