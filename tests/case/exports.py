"""Small invented exports, and cases to put them in."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from clew.case.open import Case, new_case

MAY = 1_714_521_600  # 2024-05-01T00:00:00 UTC


def message(number: int, text: str = "hello", author: str = "user1", **more: Any) -> dict[str, Any]:
    """One message as Telegram Desktop writes it."""
    return {
        "id": number,
        "type": "message",
        "date": "2024-05-01T02:00:00",
        "date_unixtime": str(MAY + number * 60),
        "from": author.title(),
        "from_id": author,
        "text": text,
        "text_entities": [{"type": "plain", "text": text}],
    } | more


def chat(messages: list[dict[str, Any]], identity: int = 77) -> dict[str, Any]:
    """A single chat's export."""
    return {"name": "Harbour", "type": "public_supergroup", "id": identity, "messages": messages}


def write_export(path: Path, messages: list[dict[str, Any]], **more: Any) -> Path:
    """Write a `result.json` in the exporter's own layout."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(chat(messages, **more), indent=1, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    return path


def make_case(folder: Path, **more: Any) -> Case:
    """A case that may be written to for a long time."""
    return new_case(
        folder,
        name="test",
        purpose="to test",
        legal_basis="invented data",
        retention_until=dt.date(2099, 1, 1),
        **more,
    )


def contents(case: Case) -> dict[str, list[tuple[str, ...]]]:
    """All rows of the tables, without what differs from run to run."""
    case.refresh()
    return {
        name: sorted(
            tuple(str(value) for value in row.values())
            for row in getattr(case, name).drop("run_id").to_pyarrow().to_pylist()
        )
        for name in case.snapshot
    }
