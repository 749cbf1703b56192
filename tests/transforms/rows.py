"""Rows of small cases, as short as they can be written."""

from __future__ import annotations

import datetime as dt
from typing import Any


def at(hour: int) -> dict[str, Any]:
    """An exact time on one day, as both kinds of rows call it."""
    moment = dt.datetime(2024, 5, 1, hour, tzinfo=dt.UTC)
    return {"posted_at": moment, "happened_at": moment, "time_quality": "utc"}


def post(post_id: str, account_id: str | None = None, **more: Any) -> dict[str, Any]:
    """A post of X without a time."""
    row = {"post_id": post_id, "account_id": account_id, "platform": "x", "kind": "post"}
    return row | {"time_quality": "missing"} | more


def interaction(kind: str, account_id: str | None, **more: Any) -> dict[str, Any]:
    """An act on X without a time."""
    row = {"kind": kind, "account_id": account_id, "platform": "x", "time_quality": "missing"}
    return row | more


def observable(post_id: str, kind: str, value: str, start: int = 0) -> dict[str, Any]:
    """A value that a post names."""
    row = {"post_id": post_id, "platform": "x", "kind": kind, "value": value, "original": value}
    return row | {"start": start, "stop": start + len(value), "is_defanged": False}


def link(post_id: str, url: str, **more: Any) -> dict[str, Any]:
    """A link of a post."""
    return {"post_id": post_id, "platform": "x", "url": url} | more


def medium(post_id: str, kind: str, **more: Any) -> dict[str, Any]:
    """A picture or file of a post."""
    return {"post_id": post_id, "platform": "x", "kind": kind} | more


def snapshot(account_id: str, **more: Any) -> dict[str, Any]:
    """What a capture said of an account."""
    return {
        "account_id": account_id,
        "platform": "x",
        "observed_at": None,
        "capture_id": "c",
    } | more
