"""Scenarios for tests of rules: migrations as developers write them in, findings out. No database, a few milliseconds.

::

    from migsafe.testing import Scenario

    shop = Scenario('migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])')


    def test_index_locks_the_table():
        (finding,) = shop.check('migrations.AddIndex("order", models.Index(fields=["id"], name="i"))', rules=[rule])
        assert finding.message == "Building index i holds SHARE on shop_order until it is done"

What a scenario says is what ``migsafe lint`` would: the migrations are files of a real project, loaded by Django and
judged in the same way. It runs in this process, whether Django is configured in it or not, and leaves nothing behind.
"""

import ast
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

from msgspec.structs import replace

from migsafe.api import lint_project, plan_project, verify_project
from migsafe.config import Config, load_config
from migsafe.model import Finding, Report
from migsafe.planning import PlanReport
from migsafe.project.graph import Key
from migsafe.project.load import Project
from migsafe.project.temporary import temporary_project
from migsafe.rules import Rule, choose_rules
from migsafe.sandbox.server import Server
from migsafe.verification import VerifyReport

POSTGRES = 16
"""Major version of the target server, if nothing else says it."""

__all__ = ["IMPORTS", "Migration", "Scenario", "ScenarioError", "fixed"]

IMPORTS = """\
from django.contrib.postgres.operations import (
    AddConstraintNotValid, AddIndexConcurrently, RemoveIndexConcurrently, ValidateConstraint
)
from django.db import migrations, models
from django.db.models import F, Q
"""
"""What every migration of a scenario can use."""


OWN = ("dependencies", "atomic", "operations")
"""Attributes that migrations in fixes have."""


class ScenarioError(AssertionError):
    """An operation of a scenario cannot be analysed, so that finding nothing says nothing."""


class Migration:
    """One migration file of a scenario.

    Args:
        operations: Source code, each as it would stand in the list: ``'migrations.RemoveField("order", "note")'``.
        app: Label of its app.
        name: Without ``.py``; by default ``0001_initial``, ``0002_change``, … of its app.
        dependencies: App label and name of each; by default the last migrations of all apps of the scenario so far.
        atomic: ``Migration.atomic``.
        code: Source code above the class, after `IMPORTS`: functions for RunPython, more imports.
        attributes: Source code of more of the class: ``initial = True``.
    """

    def __init__(
        self,
        *operations: str,
        app: str = "shop",
        name: str | None = None,
        dependencies: Sequence[Key] | None = None,
        atomic: bool = True,
        code: str = "",
        attributes: str = "",
    ) -> None:
        self.operations = operations
        self.app = app
        self.name = name
        self.dependencies = dependencies
        self.atomic = atomic
        self.code = code
        self.attributes = attributes

    def source(self, dependencies: Sequence[Key]) -> str:
        """Text of the file."""
        lines = [f"dependencies = {list(self.dependencies if self.dependencies is not None else dependencies)!r}"]
        if not self.atomic:
            lines.append("atomic = False")
        if self.attributes:
            lines.append(dedent(self.attributes).strip())
        if self.operations:
            lines += ["operations = [", *(indent(f"{dedent(one).strip()},", "    ") for one in self.operations), "]"]
        body = indent("\n".join(lines), "    ")
        return f"{IMPORTS}\n{dedent(self.code)}\n\nclass Migration(migrations.Migration):\n{body}\n"


class Scenario:
    """A project in production, and what migsafe says of changes to it.

    Args:
        before: What has been applied: source code of the operations of one migration, or any number of `Migration`.
        files: More files, by path below the project's folder: ``shop/models.py``, ``migsafe.toml``.
        installed: More of INSTALLED_APPS: ``django.contrib.auth``.
        third_party: Labels of apps in the scenario whose folder is in ``site-packages``.
        settings: Django settings that differ from those of a new project with a PostgreSQL database.
    """

    def __init__(
        self,
        *before: str | Migration,
        files: Mapping[str, str] | None = None,
        installed: Sequence[str] = (),
        third_party: Sequence[str] = (),
        settings: Mapping[str, object] | None = None,
    ) -> None:
        self.before = _migrations(before)
        self.files = files or {}
        self.installed = installed
        self.third_party = third_party
        self.settings = settings or {}
        self._sound = False

    def check(
        self,
        *change: str | Migration,
        atomic: bool = True,
        code: str = "",
        together: bool = False,
        rules: Sequence[Rule] | None = None,
        **options: object,
    ) -> tuple[Finding, ...]:
        """Say what migsafe finds in a change.

        As for ``migsafe lint``, initial migrations and third-party apps are not looked at, but for ``initial=True``,
        ``together=True`` and ``all_apps=True``.

        Args:
            change: Source code of the operations of one migration, or any number of `Migration`.
            atomic: Of the one migration.
            code: Of the one migration.
            together: Whether all migrations of the change are deployed at once, as a pull request's are (``--since``).
            rules: Those to run; None for migsafe's own, as far as they are not switched off.
            options: Of `migsafe.config.Config`, as flags would set them; ``postgres`` is `POSTGRES` if nothing sets it.

        Returns:
            Findings in the order of the report. Their paths are relative to the project's folder, which is gone.

        Raises:
            ScenarioError: Something before the change or in it cannot be analysed (Python code is no such thing).
            MigsafeError: The project cannot be loaded: a migration fails to import, an option does not exist.
        """
        if self.before and not self._sound:
            _raise_unanalysed(self._lint((), self.before, named=True, rules=()))
            self._sound = True
        report = self.report(*change, atomic=atomic, code=code, together=together, rules=rules, **options)
        _raise_unanalysed(report)
        return report.findings

    def report(
        self,
        *change: str | Migration,
        atomic: bool = True,
        code: str = "",
        together: bool = False,
        rules: Sequence[Rule] | None = None,
        **options: object,
    ) -> Report:
        """Like `check`, but return the whole report, with what cannot be analysed in it."""
        migrations = _migrations(change, atomic=atomic, code=code)
        return self._lint(self.before, migrations, together=together, rules=rules, options=options)

    def verify(
        self,
        *change: str | Migration,
        atomic: bool = True,
        code: str = "",
        server: Server | None = None,
        rules: Sequence[Rule] | None = None,
        traffic: bool = False,
        **options: object,
    ) -> VerifyReport:
        """Say what ``migsafe verify`` finds when it carries a change out.

        Args:
            change: As for `check`, as are ``atomic``, ``code`` and ``options``.
            server: A throwaway one; None to start one.
            rules: Those to run; None for migsafe's own, as far as they are not switched off.
            traffic: Whether other sessions use the tables meanwhile.

        Raises:
            MigsafeError: The project cannot be loaded, or no server can be had.
        """
        migrations = _migrations(change, atomic=atomic, code=code)
        with self._project(self.before, migrations, options) as (project, config, keys, root):
            return verify_project(
                project,
                replace(config, initial=True),
                rules=choose_rules(config) if rules is None else rules,
                changed=keys[len(self.before) :],
                server=server,
                below=root,
                traffic=traffic,
            )

    def plan(
        self,
        *change: str | Migration,
        atomic: bool = True,
        code: str = "",
        strategies: Sequence[str] = (),
        rules: Sequence[Rule] | None = None,
        verify: bool = False,
        rows: int = 200,
        server: Server | None = None,
        **options: object,
    ) -> PlanReport:
        """Say how ``migsafe plan`` would carry a change out.

        Args:
            change: As for `check`, as are ``atomic``, ``code`` and ``options``.
            strategies: As ``--strategy`` names them.
            rules: Those to run; None for migsafe's own, as far as they are not switched off.
            verify: Whether the plan is carried out on a server.
            rows: How many the tables have there.
            server: A throwaway one; None to start one.

        Raises:
            MigsafeError: The project cannot be loaded, or the change cannot be planned.
        """
        migrations = _migrations(change, atomic=atomic, code=code)
        with self._project(self.before, migrations, options) as (project, config, keys, root):
            return plan_project(
                project,
                replace(config, initial=True),
                rules=choose_rules(config) if rules is None else rules,
                changed=keys[len(self.before) :],
                strategies=strategies,
                verify=verify,
                rows=rows,
                server=server,
                below=root,
            )

    def _lint(
        self,
        before: Sequence[Migration],
        change: Sequence[Migration],
        *,
        named: bool = False,
        together: bool = False,
        rules: Sequence[Rule] | None = None,
        options: Mapping[str, object] | None = None,
    ) -> Report:
        """Lint the change; whatever is off by default too, if it is named on the command line, so to speak."""
        with self._project(before, change, options or {}) as (project, config, keys, root):
            if together:  # as for --since
                config = replace(config, initial=True)
            changed = keys[len(before) :]
            return lint_project(
                project,
                config,
                [".".join(key) for key in changed] if named else (),
                rules=choose_rules(config) if rules is None else rules,
                changed=changed,
                together=together,
                below=root,
            )

    @contextmanager
    def _project(
        self, before: Sequence[Migration], change: Sequence[Migration], options: Mapping[str, object]
    ) -> Iterator[tuple[Project, Config, list[Key], Path]]:
        """The project with its configuration, the keys of all its migrations, and its folder."""
        with tempfile.TemporaryDirectory(prefix="migsafe-scenario-") as name:
            root = Path(name).resolve()
            (root / ".git").mkdir()  # no configuration above it counts
            folders = {
                migration.app: root / "site-packages" if migration.app in self.third_party else root
                for migration in (*before, *change)
            }
            keys = written(folders, (*before, *change))
            for path, text in self.files.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(dedent(text), encoding="utf-8")
            config = load_config(root, options, environ={})
            if config.postgres is None:
                config = replace(config, postgres=POSTGRES)
            with temporary_project(root, folders, self.installed, self.settings) as project:
                yield project, config, keys, root


def fixed(finding: Finding, *, code: str = "") -> tuple[Migration, ...]:
    """Make migrations of the code in a finding's fix, to be checked in the place of what it fixes.

    ::

        assert shop.check(*fixed(finding)) == ()

    Each block of Python code is one: operations alone, or with ``atomic`` and what stands above the class. Blocks that
    have no operations (code of a model, SQL) are left out.

    Args:
        code: Imports and functions of the migration that is fixed, which the fix counts on.
    """
    return tuple(_fixed(finding, code))


def _fixed(finding: Finding, imports: str) -> Iterator[Migration]:
    for block in finding.fix.split("```")[1::2]:
        language, _, code = block.partition("\n")
        if language != "python":
            continue
        app = finding.app or "shop"
        body = ast.parse(code).body
        attributes = [node for node in body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in OWN]
        if attributes:
            above, lines = attributes[0].lineno - 1, code.splitlines(keepends=True)
            own = "".join([f"{dedent(imports)}\n", *lines[:above]])
            yield Migration(app=app, code=own, attributes="".join(lines[above:]))
        elif body and all(isinstance(node, ast.Expr) for node in body):
            yield Migration(*(one for node in body for one in _operations(node, code)), app=app, code=imports)


def _operations(node: ast.stmt, code: str) -> Iterator[str]:
    """Source of each of the operations that a line has, with a comma after each or not."""
    assert isinstance(node, ast.Expr)
    for operation in node.value.elts if isinstance(node.value, ast.Tuple) else (node.value,):
        yield ast.get_source_segment(code, operation) or ""


def _migrations(steps: Sequence[str | Migration], **options: Any) -> tuple[Migration, ...]:
    operations = [step for step in steps if isinstance(step, str)]
    if len(operations) == len(steps):
        return (Migration(*operations, **options),) if operations else ()
    migrations = [step for step in steps if isinstance(step, Migration)]
    if operations or options not in ({}, {"atomic": True, "code": ""}):
        raise TypeError("give either source code of operations of one migration, or only Migration(…)")
    return tuple(migrations)


def written(folders: Mapping[str, Path], migrations: Sequence[Migration]) -> list[Key]:
    """Write packages of apps, each into its folder; return the keys of the migrations in the order given."""
    keys: list[Key] = []
    last: dict[str, str] = {}
    for app, folder in folders.items():
        package = folder / app / "migrations"
        package.mkdir(parents=True)
        (folder / app / "__init__.py").touch()
        (package / "__init__.py").touch()
    for migration in migrations:
        app = migration.app
        number = sum(key[0] == app for key in keys) + 1
        name = migration.name or (f"{number:04}_change" if app in last else "0001_initial")
        file = folders[app] / app / "migrations" / f"{name}.py"
        file.write_text(migration.source(list(last.items())), encoding="utf-8")
        last[app] = name
        keys.append((app, name))
    return keys


def _raise_unanalysed(report: Report) -> None:
    reasons = [f"{one.path}:{one.line}: {one.reason}" for one in report.unanalysed if one.kind != "opaque"]
    if reasons:
        raise ScenarioError("\n".join(["not analysed, so nothing is known of it:", *reasons]))
