"""A plan is tried before anybody sees it: does it end where the originals do, and is each step of it safe?"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from migsafe.config import Table
from migsafe.errors import MigsafeError, ProjectError
from migsafe.model import Finding, Report
from migsafe.plan.drafting import Draft, drafts
from migsafe.plan.files import read_source
from migsafe.plan.formatting import formatter
from migsafe.plan.making import Making, executed, planned, wrong_end
from migsafe.plan.planner import Outline, Planner, counts
from migsafe.plan.recipe import NoWay, Work
from migsafe.planning import Deploy, Plan, WriteMigration
from migsafe.project.graph import History, Key
from migsafe.project.load import Project
from migsafe.project.operations import ReplayedMigration
from migsafe.project.releases import releases
from migsafe.project.replay import Point

APART = (
    "Put each operation into a migration of its own, and plan these: several together may depend on each other in ways"
    " that no plan follows."
)

Lint = Callable[[History, Mapping[Key, int]], Report]
"""Looks at the migrations of a history that have a deploy."""


class Attempt:
    """Migrations that are to be planned, beside what a plan makes of them.

    Args:
        replayed: The originals.
        report: What lint says of them.
        start: Before all of them.
        show: Makes a path what reports show.
        tables: What is known of them, by name.
    """

    def __init__(
        self,
        project: Project,
        history: History,
        replayed: Sequence[ReplayedMigration],
        report: Report,
        start: Point,
        lint: Lint,
        show: Callable[[Path], str],
        tables: Mapping[str, Table],
    ) -> None:
        self.project = project
        self.history = history
        self.replayed = replayed
        self.originals = {(one.app, one.name): Path(one.path) for one in replayed}
        self.report = report
        self.postgres = report.postgres
        self.start = start
        self.lint = lint
        self.show = show
        self.tables = tables

    def _without_accepted(self, report: Report, made: Sequence[Draft]) -> Report:
        """What lint says, without what the team has accepted of the originals in a file that names these."""
        accepted = {
            (one.finding.app, one.finding.migration, one.finding.code)
            for one in self.report.suppressed
            if one.by in ("config", "baseline")
        }
        own = {(*draft.key, code) for draft in made for app, name, code in accepted if draft.original == (app, name)}
        kept = (one for one in report.findings if (one.app, one.migration, one.code) not in own)
        return replace(report, findings=tuple(kept))

    def plan(self, planner: Planner) -> tuple[Plan, tuple[Finding, ...]]:
        """The plan, and what lint finds in it: none where it does not do what the originals do, but with the reason."""
        outline = planner.outline()
        if not any(item.recipe or piece.alone for batch in outline.batches for item, piece in batch.pieces):
            return self._as_it_is(outline), ()
        try:
            made = list(drafts(outline, self.replayed, self.history, formatter(self.project.root)))
            return self._tried(outline, made)
        except _Exposed as error:
            for work, finding in error.found:
                planner.expose(work, finding)
            return self.plan(planner)
        except (_Wrong, ProjectError) as error:
            if outline.keeps and planner.give_names():
                return self.plan(planner)
            after = self._followed() if isinstance(error, _Wrong) and len(outline.batches) > 1 else ""
            refused = NoWay(why=f"the plan would not be right{after}: {error}", instead=APART)
        except MigsafeError as error:
            refused = NoWay(why=f"no other files can be made of it: {error}", instead=error.hint or "")
        return self._as_it_is(planner.outline(refused)), ()

    def _followed(self) -> str:
        """What later deploys of a plan have to come after, as the reason for which it mostly does not work."""
        own = {app for app, _ in self.originals}
        there = self.history.after(self.originals) - self.originals.keys()
        later = [".".join(key) for key in self.history.order if key in there and key[0] in own]
        if not later:
            return ""
        more = f" and {len(later) - 1} more" if len(later) > 1 else ""
        return f" (its later deploys would come after {later[0]}{more})"

    def _as_it_is(self, outline: Outline) -> Plan:
        """The originals in one deploy."""
        steps = tuple(
            WriteMigration(
                app=app,
                name=name,
                target=f"{app}.{name}",
                path=self.show(path),
                source=read_source(path),
                why="",
                undo="",
                original=True,
                **executed(self.report, (app, name)),
            )
            for (app, name), path in self.originals.items()
        )
        return Plan(
            targets=tuple(map(".".join, self.originals)),
            deploys=(Deploy(number=1, kinds=("expand",), steps=steps),) if steps else (),
            unsolved=outline.unsolved,
            postgres=self.postgres,
            django=self.project.django,
        )

    def _tried(self, outline: Outline, made: Sequence[Draft]) -> tuple[Plan, tuple[Finding, ...]]:
        with planned(self.history, made, list(self.originals)) as history:
            deploys = {draft.key: draft.deploy for draft in made}
            report = self.lint(history, {key: deploys[key] for key in history.order if key in deploys})
            report = self._without_accepted(report, made)
            if exposed := list(_exposed(report, made)):
                raise _Exposed(exposed)
            before = releases(self.project, self.history, self.postgres, list(self.originals), self.start)
            after = releases(self.project, history, self.postgres, list(deploys), self.start)
            if wrong := [
                *_not_analysed(report, made, outline),
                *_hazards(report, made, outline),
                *(after.unknown if not before.unknown else ()),
                *wrong_end(outline, before, after),
            ]:
                raise _Wrong("; ".join(wrong))
            making = Making(
                outline=outline,
                drafts=made,
                originals=self.originals,
                before=before,
                after=after,
                history=history,
                report=report,
                show=self.show,
                tables=self.tables,
            )
            return making.plan(postgres=self.postgres, django=self.project.django), report.findings


class _Wrong(Exception):
    """A plan does not do what it should."""


class _Exposed(Exception):
    """Operations are dangerous that were not behind those that took the locks, in the transaction of their original."""

    def __init__(self, found: Sequence[tuple[Work, Finding]]) -> None:
        self.found = found


def _exposed(report: Report, made: Sequence[Draft]) -> Iterator[tuple[Work, Finding]]:
    operations = {
        draft.key: [(item, piece) for item, piece in draft.pieces for _ in piece.operations] for draft in made
    }
    for finding in filter(counts, report.findings):
        if finding.app and finding.migration and finding.operation is not None:
            item, piece = operations[finding.app, finding.migration][finding.operation]
            own = piece.original or (item.work.operation.opaque and not piece.code)
            if own and finding.code not in item.work.codes:
                yield item.work, finding


def _not_analysed(report: Report, made: Sequence[Draft], outline: Outline) -> Iterator[str]:
    """What is not known of the planned migrations, but for operations that stay as they are for that reason."""
    unsolved = {(one.migration, one.operation) for one in outline.unsolved}
    known = {
        (*draft.key, index)
        for draft in made
        for index, (item, piece) in enumerate((item, piece) for item, piece in draft.pieces for _ in piece.operations)
        if piece.original
        and (f"{item.work.migration.app}.{item.work.migration.name}", item.work.operation.index) in unsolved
    }
    for one in report.unanalysed:
        if one.kind != "opaque" and (one.app, one.migration, one.operation) not in known:
            yield f"{one.migration}: {one.reason}"


def _hazards(report: Report, made: Sequence[Draft], outline: Outline) -> Iterator[str]:
    """What is dangerous in the planned migrations, but for operations that have no safe way."""
    unsolved = {(one.migration, one.operation) for one in outline.unsolved}
    known = {
        draft.key
        for draft in made
        for item, _ in draft.pieces
        if (f"{item.work.migration.app}.{item.work.migration.name}", item.work.operation.index) in unsolved
    }
    for finding in report.findings:
        if counts(finding) and (finding.app, finding.migration) not in known:
            yield f"{finding.app}.{finding.migration}: {finding.code} {finding.message}"
