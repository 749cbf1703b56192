"""How is the asking done by itself? Recipes: TOML files of transforms, analyses and questions.

A recipe begins with a seed, an entity of a kind that it takes. Each step asks the seed, or what an
earlier step has found, and what it finds is on the graph. Every step is a run of its own, and the
journal holds how far a recipe has come: stopped, it goes on where it was.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import msgspec

from clew.case.analysing import analyse
from clew.case.graph import Graph
from clew.case.open import Case
from clew.case.run import Progress, RunRecord
from clew.case.transforming import CAP, costs, transform
from clew.contract import ENDED_WELL, Analysis, Count, Transform, plugins
from clew.errors import OptionsInvalid
from clew.model.kinds import KINDS, LINKS, entity_from_id
from clew.model.wording import counted, listed

SEED = "seed"

Confirm = Callable[[str], bool]
"""Asks the analyst a question; gives whether to go on."""


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step: a transform, an analysis, or a question to the analyst."""

    ask: str | None = None  # a transform
    analyse: str | None = None  # an analysis, on the whole case
    question: str | None = None  # "no" ends the recipe here
    name: str = ""  # by which later steps name what this one found; default: the transform's
    of: tuple[str, ...] = (SEED,)  # whose answers are asked: the seed, or names of earlier steps
    cap: Count = CAP  # of each kind for each entity
    least: Count = 1  # acts; what has fewer is left
    most: Count = 50  # entities that are asked, those first that have most acts
    rounds: Count = 1  # again of what is new, until nothing is or so many times
    options: Mapping[str, str] = {}  # of the analysis

    @property
    def called(self) -> str:
        """The name of what it finds."""
        return self.name or self.ask or self.analyse or "question"


class Recipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A declared chain of runs."""

    title: str
    takes: tuple[str, ...]  # kinds of the seed
    about: str  # what it is for, one or two sentences
    step: Annotated[tuple[Step, ...], msgspec.Meta(min_length=1)]


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How far a recipe came."""

    recipe_run: str  # by which it is resumed
    records: tuple[RunRecord, ...]
    found: Mapping[str, tuple[str, ...]]  # name of a step → ids of entities
    is_whole: bool  # False: the analyst said no, or a step failed
    notes: tuple[str, ...]  # what was left, in words


def shipped() -> dict[str, Recipe]:
    """The recipes that come with Clew, by name."""
    folder = files("clew") / "recipes"
    return {
        path.name.removesuffix(".toml"): parse(path.read_bytes(), path.name)
        for path in sorted(folder.iterdir(), key=lambda each: each.name)
        if path.name.endswith(".toml")
    }


def load(name: str) -> Recipe:
    """A shipped recipe by its name, or one in a file; OptionsInvalid if it is neither."""
    known = shipped()
    if name in known:
        return known[name]
    path = Path(name)
    if not path.is_file():
        raise OptionsInvalid(f"there is no recipe {name!r}; there are: {', '.join(known)}")
    return parse(path.read_bytes(), name)


def parse(toml: bytes, where: str) -> Recipe:
    """The recipe that a file states; OptionsInvalid names the step and what is wrong in it."""
    try:
        recipe = msgspec.toml.decode(toml, type=Recipe)
    except msgspec.MsgspecError as error:
        raise OptionsInvalid(f"{where}: {error}") from error
    for kind in recipe.takes:
        if kind not in KINDS:
            raise OptionsInvalid(f"{where}: there is no kind {kind!r}")
    known: dict[str, tuple[str, ...]] = {SEED: recipe.takes}
    for number, step in enumerate(recipe.step, 1):
        if problem := _problem(step, known):
            raise OptionsInvalid(f"{where}, step {number}: {problem}")
        if step.ask:
            known[step.called] = plugins(Transform)[step.ask].gives
    return recipe


def _problem(step: Step, known: Mapping[str, tuple[str, ...]]) -> str | None:
    """What is wrong with a step, given the kinds that seed and earlier steps give."""
    what = [each for each in (step.ask, step.analyse, step.question) if each]
    if len(what) != 1:
        return "it needs one of ask, analyse and question"
    if step.analyse and step.analyse not in plugins(Analysis):
        return f"there is no analysis {step.analyse!r}"
    return _wrong_question(step, known) if step.ask else None


def _wrong_question(step: Step, known: Mapping[str, tuple[str, ...]]) -> str | None:
    if step.ask not in plugins(Transform):
        return f"there is no transform {step.ask!r}"
    if unknown := [name for name in step.of if name not in known]:
        return f"no earlier step is called {listed(unknown)}"
    takes = plugins(Transform)[str(step.ask)].takes
    if any(kind in takes for name in step.of for kind in known[name]):
        return None
    return f"{step.ask} takes {listed(takes)}, and {listed(step.of)} gives none of it"


def dry_run(case: Case, recipe: Recipe, seed: str, *, engine: str = "duckdb") -> list[str]:
    """What each step would find, as far as that can be said before the first has run."""
    _check(recipe, seed)
    lines = []
    for number, step in enumerate(recipe.step, 1):
        if step.question:
            lines.append(f"{number}. asks: {step.question}")
        elif step.analyse:
            lines.append(f"{number}. analyses {step.analyse}")
        elif SEED in step.of and step.ask and _takes(step, seed):
            (cost,) = costs(case, [seed], [step.ask], engine=engine)
            lines.append(f"{number}. {step.ask} of the seed: {cost}")
        else:
            lines.append(f"{number}. {step.ask} of {listed(step.of)}: depends on what they find")
    return lines


def run_recipe(
    case: Case,
    name: str,
    recipe: Recipe,
    seed: str,
    *,
    confirm: Confirm,
    resume: str | None = None,
    engine: str = "duckdb",
    progress: Progress | None = None,
) -> Ended:
    """Carry a recipe out, or go on with one that was stopped (`resume`: its recipe run)."""
    _check(recipe, seed)
    cooking = _Cooking(case, name, recipe, seed, confirm, engine, progress, resume)
    return cooking.all()


class _Cooking:
    """A recipe while it is carried out."""

    def __init__(
        self,
        case: Case,
        name: str,
        recipe: Recipe,
        seed: str,
        confirm: Confirm,
        engine: str,
        progress: Progress | None,
        resume: str | None,
    ) -> None:
        self.case, self.name, self.recipe, self.confirm = case, name, recipe, confirm
        self.engine, self.progress = engine, progress
        self.recipe_run = resume or secrets.token_hex(4)
        self.found: dict[str, list[str]] = {SEED: [entity_from_id(seed).entity_id]}
        self.records: list[RunRecord] = []
        self.notes: list[str] = []
        self.done = self._resumed() if resume else 0

    def _resumed(self) -> int:
        """Take up what the journal holds of this run; gives how many steps are done."""
        entries = [
            entry
            for entry in self.case.journal.entries()
            if entry.action == "recipe step" and entry.detail["recipe_run"] == self.recipe_run
        ]
        if not entries:
            raise OptionsInvalid(f"no recipe run is called {self.recipe_run!r}")
        last = entries[-1]
        if last.subject != self.name or last.detail["found"][SEED] != self.found[SEED]:
            raise OptionsInvalid(f"recipe run {self.recipe_run} had another recipe or seed")
        self.found = {name: list(ids) for name, ids in last.detail["found"].items()}
        return int(last.detail["step"])

    def all(self) -> Ended:
        """Every step that is not done."""
        is_whole = True
        for number, step in enumerate(self.recipe.step, 1):
            if number <= self.done:
                continue
            if not self._step(step):
                is_whole = False
                break
            self._journal(number)
        return Ended(
            recipe_run=self.recipe_run,
            records=tuple(self.records),
            found={name: tuple(ids) for name, ids in self.found.items()},
            is_whole=is_whole,
            notes=tuple(self.notes),
        )

    def _journal(self, step: int) -> None:
        with self.case.journal.writing() as connection:
            self.case.journal.record(
                connection,
                "recipe step",
                self.name,
                {"recipe_run": self.recipe_run, "step": step, "found": self.found},
            )

    def _step(self, step: Step) -> bool:
        """Carry one step out; gives whether to go on."""
        if step.question:
            return self.confirm(step.question)
        if step.analyse:
            records = analyse(
                self.case,
                [step.analyse],
                options=dict(step.options),
                engine=self.engine,
                progress=self.progress,
            )
            self.records += records
            return all(record.outcome.status in ENDED_WELL for record in records)
        return self._ask(step)

    def _ask(self, step: Step) -> bool:
        asked: set[str] = set()
        found: dict[str, None] = {}
        waiting = [each for name in step.of for each in self.found.get(name, ())]
        for _ in range(step.rounds):
            fresh = [each for each in dict.fromkeys(waiting) if each not in asked]
            fresh = [each for each in fresh if _takes(step, each)]
            if len(fresh) > step.most:
                self.notes.append(f"{step.called}: {step.most:,} of {len(fresh):,} asked")
                fresh = fresh[: step.most]
            if not fresh:
                break
            record = transform(
                self.case,
                str(step.ask),
                fresh,
                cap=step.cap,
                least=step.least,
                engine=self.engine,
                progress=self.progress,
            )
            self.records.append(record)
            if record.outcome.status not in ENDED_WELL:
                return False
            asked.update(fresh)
            waiting = _answers(self.case, step, fresh)
            found.update(dict.fromkeys(waiting))
        self.found[step.called] = [each for each in found if each not in self.found[SEED]]
        return True


def _answers(case: Case, step: Step, asked: Sequence[str]) -> list[str]:
    """What the transform has linked to these on the graph, those with most acts first."""
    plugin = plugins(Transform)[str(step.ask)]
    claimant = f"transform {plugin.name}"
    near, far = ("value", "subject") if plugin.is_backward else ("subject", "value")
    acts: dict[str, int] = {}
    store = Graph(case).store
    for entity_id in asked:
        for statement in store.of(entity_id):
            if statement.claimant != claimant or not statement.is_link:
                continue
            ends = getattr(statement, near), getattr(statement, far)
            if LINKS[plugin.link].is_symmetric and ends[1] == entity_id:
                ends = ends[1], ends[0]
            if ends[0] == entity_id:
                acts[ends[1]] = acts.get(ends[1], 0) + (statement.acts or 1)
    return sorted(acts, key=lambda each: (-acts[each], each))


def _takes(step: Step, entity_id: str) -> bool:
    return entity_id.partition(":")[0] in plugins(Transform)[str(step.ask)].takes


def _check(recipe: Recipe, seed: str) -> None:
    kind = entity_from_id(seed).kind
    if kind not in recipe.takes:
        raise OptionsInvalid(f"the recipe takes {listed(recipe.takes)}, and {seed} is {kind}")


def described(recipe: Recipe) -> str:
    """A recipe in one line: "8 steps, begins with an account"."""
    return f"{counted(len(recipe.step), 'step')}, begins with {listed(recipe.takes)}"


__all__ = [
    "SEED",
    "Ended",
    "Recipe",
    "Step",
    "described",
    "dry_run",
    "load",
    "parse",
    "run_recipe",
    "shipped",
]
