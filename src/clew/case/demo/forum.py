"""The forum of bystanders: a Stack Exchange dump, its main site plain and its meta site in .7z.

The form is that of the public dumps: one row an element, attributes only, UTC without `Z`, bodies
in escaped HTML, no `OwnerUserId` where the account is gone.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import heapq
import os
import tempfile
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import IO, Any, NamedTuple
from xml.sax.saxutils import escape

import py7zr

from clew.case.demo import story
from clew.case.demo.grammar import Planted, load, write
from clew.case.demo.people import Person, crowd, named
from clew.case.demo.rhythm import Pace, moments, steady, utc

SITE, META = "portside.example", "meta.portside.example"
_PLATFORM = "stackexchange"
_MEMBERS = 34
_OPEN_S = 9 * 86_400  # nobody answers or comments after that: the row can be written
_LICENSE = "CC BY-SA 4.0"
_WRITTEN = dt.datetime(2026, 8, 1, tzinfo=dt.UTC)  # when the dump was made
_YEAR_9999 = "9999-12-31T23:59:59.000"

_IN_ATTRIBUTES = {'"': "&quot;", "\n": "&#xA;"}


def account_id(site: str, native: int) -> str:
    """The id that readers give an account."""
    return f"{_PLATFORM}:{site}/u{native}"


@dataclass(kw_only=True, eq=False)
class Entry:
    """A question or an answer before it is written."""

    id: int
    at: int
    person: Person
    body: str
    title: str = ""
    tags: tuple[str, ...] = ()
    replies: list[str] = field(default_factory=list)  # what may be answered
    parent: Entry | None = None
    planted: tuple[Planted, ...] = ()
    edited_at: int | None = None
    answers: list[int] = field(default_factory=list)
    comments: int = 0
    score: int = 0


class Cue(NamedTuple):
    """Somebody is about to write; `told` says what, if it is not left to chance."""

    at: int
    order: int
    person: Person
    kind: str = ""
    told: Any = None


@contextmanager
def _table(path: Path, name: str) -> Iterator[Rows]:
    """One XML file of a dump, open for its rows."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(f'\ufeff<?xml version="1.0" encoding="utf-8"?>\r\n<{name}>\r\n')
        yield Rows(stream)
        stream.write(f"</{name}>")


class Rows:
    """Rows of a dump, one a line."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def add(self, row: Mapping[str, Any]) -> None:
        """Write one row; attributes that are None are left out."""
        told = (
            f'{name}="{escape(str(value), _IN_ATTRIBUTES)}"'
            for name, value in row.items()
            if value is not None
        )
        self._stream.write(f"  <row {' '.join(told)} />\r\n")


def _time(at: int) -> str:
    moment = dt.datetime.fromtimestamp(at, dt.UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at * 37 % 1000:03}"


def _html(text: str) -> str:
    """A text as the site stores it: paragraphs, code, everything else escaped."""
    paragraphs = []
    for part in text.split("\n\n"):
        if part.startswith("```"):
            paragraphs.append(f"<pre><code>{escape(part.strip('`').strip())}\n</code></pre>")
            continue
        pieces = escape(part).split("`")
        code = [f"<code>{one}</code>" if number % 2 else one for number, one in enumerate(pieces)]
        paragraphs.append(f"<p>{''.join(code)}</p>")
    return "\n\n".join(paragraphs) + "\n"


class Site:
    """Who asks, answers and comments on one site, and the three tables of its dump."""

    def __init__(
        self, setting: story.Setting, name: str, members: list[Person], questions: str
    ) -> None:
        self.name = name
        self._file = f"forum/{name}"
        self._truth = setting.truth
        self._rng = setting.rng(name)
        self._voices = story.Voices(self._rng)
        phrases = load("phrases/forum")
        self._words = phrases["words"]
        self._questions = phrases[questions]
        self._comments = phrases["forum" if questions == "question" else "meta_forum"]["comment"]
        self._natives = {person.key: number for number, person in enumerate(members, 2)}
        self._members = members
        self._gone = members[3]
        self._open: deque[Entry] = deque()
        self._numbers, self._comment_numbers = count(1), count(1)
        self.scripted: dict[str, str] = {}  # what was planted → its post_id

    def write(self, folder: Path, plot: list[Cue], pace: Pace = story.pace) -> None:
        """The dump, streamed: a row is written when nothing can be added to its post any more."""
        folder.mkdir(parents=True, exist_ok=True)
        with _table(folder / "Users.xml", "users") as users:
            for row in self._user_rows():
                users.add(row)
        orders = count()
        talk = (
            Cue(moment.at, next(orders), moment.person)
            for moment in moments(self._members, self._rng, pace)
        )
        with (
            _table(folder / "Posts.xml", "posts") as posts,
            _table(folder / "Comments.xml", "comments") as comments,
        ):
            for cue in heapq.merge(talk, plot):
                while self._open and self._open[0].at < cue.at - _OPEN_S:
                    posts.add(self._post_row(self._open.popleft()))
                self._do(cue, comments)
            for entry in self._open:
                posts.add(self._post_row(entry))

    def _do(self, cue: Cue, comments: Rows) -> None:
        die = self._rng.random()
        questions = [one for one in self._open if not one.parent]
        if cue.kind == "question" or (not cue.kind and (die < 0.09 or not questions)):
            self._ask(cue)
        elif cue.kind == "answer" or (not cue.kind and die < 0.36):
            self._answer(cue, questions)
        else:
            self._comment(cue, comments)

    def _ask(self, cue: Cue) -> None:
        told = cue.told or self._voices.draw(self._questions)
        while told.get("since", dt.date.min) > dt.datetime.fromtimestamp(cue.at, dt.UTC).date():
            told = self._voices.draw(self._questions)  # nobody can ask that yet
        title, in_title = write(told["title"], self._words, self._rng)
        body, in_body = write(told["body"], self._words, self._rng)
        entry = self._entry(
            cue,
            body,
            in_title + in_body,
            title=title,
            tags=tuple(told["tags"]),
            replies=told["answers"],
        )
        if cue.told:
            self.scripted["question"] = self.post_id(entry.id)

    def _answer(self, cue: Cue, questions: list[Entry]) -> None:
        parent = questions[-1] if cue.kind else self._rng.choice(questions)
        body, planted = write(self._voices.draw(parent.replies), self._words, self._rng)
        entry = self._entry(cue, body, planted, parent=parent)
        parent.answers.append(entry.id)

    def _entry(self, cue: Cue, body: str, planted: tuple[Planted, ...], **fields: Any) -> Entry:
        entry = Entry(
            id=next(self._numbers),
            at=cue.at,
            person=cue.person,
            body=body,
            score=int(self._rng.paretovariate(1.3)) - 1,
            **fields,
        )
        if self._rng.random() < 0.1:
            entry.edited_at = cue.at + self._rng.randrange(60, 86_400)
        self._open.append(entry)
        asker = entry.parent.person if entry.parent else None
        self._note("Posts.xml", self.post_id(entry.id), cue.person, planted, asker)
        return entry

    def _comment(self, cue: Cue, comments: Rows) -> None:
        post = self._rng.choice(list(self._open)[-12:])
        post.comments += 1
        trap = cue.told or {}
        planted: tuple[Planted, ...] = ()
        text = trap.get("text", "")
        if not trap:
            text, planted = write(self._voices.draw(self._comments), self._words, self._rng)
        number = next(self._comment_numbers)
        row = {
            "Id": number,
            "PostId": post.id,
            "Score": 0,
            "Text": text,
            "CreationDate": _YEAR_9999 if trap.get("year_9999") else _time(cue.at),
        }
        comments.add(row | self._owner("User", cue.person) | {"ContentLicense": _LICENSE})
        comment_id = f"{_PLATFORM}:{self.name}/c{number}"
        if trap:
            self.scripted[trap["name"]] = comment_id
        if trap.get("year_9999"):
            self._truth.reject(f"{self._file}/Comments.xml", "year 9999")
        else:
            self._note("Comments.xml", comment_id, cue.person, planted, post.person)

    # ----------------------------------------------------------------------------------- the rows

    def post_id(self, number: int) -> str:
        """The id that readers give a question or answer."""
        return f"{_PLATFORM}:{self.name}/{number}"

    def _whose(self, person: Person | None) -> str | None:
        if person is None or person is self._gone:
            return None
        return account_id(self.name, self._natives[person.key])

    def _owner(self, role: str, person: Person) -> dict[str, Any]:
        native = self._natives[person.key]
        if person is self._gone:
            return {f"{role}DisplayName": f"user{native}"}
        return {f"{role}{'Id' if role == 'User' else 'UserId'}": native}

    def _post_row(self, entry: Entry) -> dict[str, Any]:
        question = entry.parent is None
        owner = self._owner("Owner", entry.person)
        edited = _time(entry.edited_at) if entry.edited_at else None
        return {
            "Id": entry.id,
            "PostTypeId": 1 if question else 2,
            "ParentId": entry.parent.id if entry.parent else None,
            "AcceptedAnswerId": entry.answers[0] if len(entry.answers) > 1 else None,
            "CreationDate": _time(entry.at),
            "Score": entry.score,
            "ViewCount": 40 + entry.score * 61 if question else None,
            "Body": _html(entry.body),
            **owner,
            "LastEditorUserId": owner.get("OwnerUserId") if edited else None,
            "LastEditDate": edited,
            "LastActivityDate": edited or _time(entry.at),
            "Title": entry.title or None,
            "Tags": "".join(f"<{tag}>" for tag in entry.tags) or None,
            "AnswerCount": len(entry.answers) if question else None,
            "CommentCount": entry.comments,
            "ContentLicense": _LICENSE,
        }

    def _user_rows(self) -> Iterator[dict[str, Any]]:
        yield {"Id": -1, "Reputation": 1, "DisplayName": "Community", "AccountId": -1} | {
            "CreationDate": "2019-01-01T00:00:00.000"
        }
        for person in self._members:
            native = self._natives[person.key]
            if person is self._gone:
                continue
            self._truth.account(account_id(self.name, native), person)
            yield {
                "Id": native,
                "Reputation": 1 + int(self._rng.paretovariate(0.7)),
                "CreationDate": _time(int(person.born.timestamp())),
                "DisplayName": person.handle if person.role != "bystander" else person.name,
                "LastAccessDate": _time(int(_WRITTEN.timestamp()) - self._rng.randrange(90_000)),
                "WebsiteUrl": "",
                "Location": person.claims,
                "AboutMe": _html(person.about) if person.about else "",
                "Views": self._rng.randrange(90),
                "UpVotes": self._rng.randrange(50),
                "DownVotes": self._rng.randrange(5),
                "AccountId": 9_000_000 + native,
            }

    def _note(
        self,
        file: str,
        post_id: str,
        person: Person,
        planted: tuple[Planted, ...],
        asker: Person | None,
    ) -> None:
        self._truth.post(
            f"{self._file}/{file}",
            post_id,
            account_id=self._whose(person),
            language="en",
            planted=planted,
            answers=self._whose(asker) if asker is not person else None,
        )


# ---------------------------------------------------------------------------------------- writing


def write_forum(setting: story.Setting) -> list[Path]:
    """Both sites: the main one as three XML files, the meta one as the archive it comes in."""
    known = [*(named(key) for key in ("employee", "traveller", "night")), *setting.regulars]
    members = [
        *(dataclasses.replace(person, rate=person.rate * 0.3) for person in known),
        *crowd(_MEMBERS * setting.scale, 0.5, setting.rng("forum people"), key="forum", only="en"),
    ]
    main = Site(setting, SITE, members, "question")
    folder = setting.folder / "forum" / SITE
    main.write(folder, _plot(members))
    setting.truth.planted["forum_traps"] = {
        trap["name"]: main.scripted[trap["name"]] for trap in load("traps")["forum"]
    }
    scene = load("plot")["forum_question"]
    setting.truth.disclosures.append(
        {"post_id": main.scripted["question"], "discloses": scene["discloses"]}
    )
    archive = setting.folder / "forum" / f"{META}.7z"
    askers = [
        dataclasses.replace(person, rate=0.35, languages={"en": 1.0}) for person in members[:10]
    ]
    with tempfile.TemporaryDirectory() as scratch:
        Site(setting, META, askers, "meta_question").write(Path(scratch), [], steady)
        _pack(Path(scratch), archive)
    return [*(folder / f"{name}.xml" for name in ("Posts", "Users", "Comments")), archive]


def _plot(members: list[Person]) -> list[Cue]:
    """The employee's question, the answer that warns him, the traps."""
    scene, employee = load("plot")["forum_question"], members[0]
    asked = utc(scene["at"], employee)
    cues = [
        Cue(asked, -2, employee, "question", scene),
        Cue(asked + 5400, -1, members[8], "answer"),
    ]
    cues += [
        Cue(int(trap["at"].timestamp()), -3, members[9], "comment", trap)
        for trap in load("traps")["forum"]
    ]
    return sorted(cues)


def _pack(folder: Path, archive: Path) -> None:
    """The folder's files in a .7z that is the same whenever it is made."""
    written = _WRITTEN.timestamp()
    with py7zr.SevenZipFile(archive, "w") as packed:
        for path in sorted(folder.iterdir()):
            path.chmod(0o644)
            os.utime(path, (written, written))
            packed.write(path, path.name)
