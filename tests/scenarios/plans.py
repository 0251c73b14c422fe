"""Scenarios of plans: what a developer wrote, and what migsafe makes of it, file by file (``scenarios/<name>/``).

::

    README.md        what the team wanted, and what would have happened
    scenario.toml    `Described`
    before/          the project as the developer left it: <app>/models.py, <app>/migrations/*.py, migsafe.toml
    after/deploy-N/  files that are new or changed with the N-th deploy
    expected/        plan.md: what migsafe plan shows, with the SQL of each file

Whoever has changed what comes out runs ``python tests/scenarios/write.py NAME`` and reads the difference.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from unittest.mock import patch

import django
import msgspec
from msgspec.structs import replace

from migsafe.api import plan_project, write_plan_of
from migsafe.config import Config, load_config
from migsafe.plan.keeping import FOLDER
from migsafe.plan.recipe import Make, Planned, Recipe, Work
from migsafe.plan.recipes import all_recipes
from migsafe.planning import Plan, PlanReport, Proof
from migsafe.project.load import Project
from migsafe.project.temporary import temporary_project
from migsafe.report import render
from migsafe.rules import choose_rules
from migsafe.sandbox.server import Server

ROOT = Path(__file__).parents[2] / "scenarios"
NAMES = sorted(path.parent.name for path in ROOT.glob("*/scenario.toml"))


class Described(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What stands in ``scenario.toml``.

    Attributes:
        targets: Migrations that are planned: ``orders.0002_order_number``.
        recipes: Those that plan an operation, or say why there is no way; sorted.
        strategies: As ``--strategy`` takes them.
        postgres: Major version.
        django: First release of Django that what is expected is of.
        django_last: The last one.
        rows: How many the tables have in the proof.
        installed: More of INSTALLED_APPS.
        settings: Django settings that differ from those of a new project.
    """

    targets: tuple[str, ...]
    recipes: tuple[str, ...] = ()
    strategies: tuple[str, ...] = ()
    postgres: int = 16
    django: str = "4.2"
    django_last: str = "99"
    rows: int = 300
    installed: tuple[str, ...] = ()
    settings: dict[str, object] = {}


@dataclass(frozen=True)
class Scenario:
    """One of them."""

    name: str

    @property
    def folder(self) -> Path:
        return ROOT / self.name

    @cached_property
    def described(self) -> Described:
        return msgspec.toml.decode((self.folder / "scenario.toml").read_bytes(), type=Described)

    @property
    def runs_here(self) -> bool:
        """Whether what is expected is of the installed Django."""
        return self.runs_on(django.VERSION[:2])

    def runs_on(self, version: tuple[int, int]) -> bool:
        first, last = (tuple(map(int, one.split("."))) for one in (self.described.django, self.described.django_last))
        return first <= version and version[: len(last)] <= last

    @property
    def deploys(self) -> list[Path]:
        """Folders of what is new with each deploy, in order."""
        return sorted(self.folder.glob("after/deploy-*"), key=lambda path: int(path.name.partition("-")[2]))

    @contextmanager
    def project(self, deploys: int = 0) -> Iterator[tuple[Project, Config, Path]]:
        """The project as it is before the plan, or with the files of the first deploys instead of the originals."""
        with self._copied() as root:
            if deploys:
                for original in map(root.joinpath, self.plan.originals):
                    original.unlink()
            for folder in self.deploys[:deploys]:
                shutil.copytree(folder, root, dirs_exist_ok=True)
            with self._loaded(root) as (project, config):
                yield project, config, root

    @contextmanager
    def _copied(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="migsafe-scenario-") as name:
            root = Path(name).resolve()
            (root / ".git").mkdir()  # no configuration above it counts
            shutil.copytree(self.folder / "before", root, dirs_exist_ok=True)
            for migrations in root.rglob("migrations"):
                for package in (migrations, migrations.parent):
                    (package / "__init__.py").touch()
            yield root

    @contextmanager
    def _loaded(self, root: Path) -> Iterator[tuple[Project, Config]]:
        apps = {folder.parent.name: folder.parent.parent for folder in sorted(root.rglob("migrations"))}
        config = load_config(root, {"postgres": self.described.postgres}, environ={})
        with temporary_project(root, apps, self.described.installed, self.described.settings) as project:
            yield project, replace(config, initial=True)

    @cached_property
    def report(self) -> PlanReport:
        """What ``migsafe plan`` says, but for the versions of what says it."""
        report, _ = self._recorded
        plan = replace(report.plan, django=self.described.django)
        return replace(report, plan=plan, django=plan.django, migsafe="0")

    @property
    def recipes(self) -> tuple[str, ...]:
        """Those that have answered for an operation."""
        _, answered = self._recorded
        return answered

    @cached_property
    def _recorded(self) -> tuple[PlanReport, tuple[str, ...]]:
        answered: set[str] = set()
        with ExitStack() as stack:
            for recipe in all_recipes():
                stack.enter_context(patch.object(recipe, "make", _noting(recipe, answered)))
            return self._planned(), tuple(sorted(answered))

    def proof(self, server: Server) -> Proof:
        """What comes of the plan on a server."""
        proof = self._planned(verify=True, rows=self.described.rows, server=server).proof
        assert proof is not None
        return proof

    def _planned(self, **options: Any) -> PlanReport:
        with self.project() as (project, config, root):
            return plan_project(
                project,
                config,
                self.described.targets,
                rules=choose_rules(config),
                strategies=self.described.strategies,
                below=root,
                **options,
            )

    @property
    def plan(self) -> Plan:
        return self.report.plan

    def written(self) -> dict[str, str]:
        """What belongs into the folder: text by path."""
        files = {"expected/plan.md": render(self.report, "markdown")}
        plan = self.plan
        if plan.is_safe or all(step.original for deploy in plan.deploys for step in deploy.migrations):
            return files
        with self._copied() as root:
            before = _texts(root)
            for number in range(1, len(plan.deploys) + 1):
                with self._loaded(root) as (project, config):
                    plan = write_plan_of(project, config, plan, deploy=number, force=True, below=root).plan
                after = _texts(root)
                new = {path: text for path, text in after.items() if before.get(path) != text}
                files |= {f"after/deploy-{number}/{path}": text for path, text in new.items()}
                before = after
        return files

    def kept(self) -> dict[str, str]:
        """What is there."""
        paths = [path for each in ("after", "expected") for path in (self.folder / each).rglob("*") if path.is_file()]
        return {path.relative_to(self.folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}

    def write(self) -> None:
        """Make the folder what it has to be."""
        for folder in ("after", "expected"):
            shutil.rmtree(self.folder / folder, ignore_errors=True)
        for path, text in self.written().items():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_text(text, encoding="utf-8")


def _noting(recipe: Recipe, answered: set[str]) -> Make:
    """What the recipe does; its name is noted if the operation is its own."""
    made = recipe.make

    def make(work: Work) -> Planned:
        planned = made(work)
        if planned is not None:
            answered.add(recipe.name)
        return planned

    return make


def _texts(root: Path) -> dict[str, str]:
    """The project's files but for the kept plan, which has no more than what is expected of it already."""
    paths = (path for path in root.rglob("*") if path.is_file() and path.parent.name != FOLDER)
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in paths}
