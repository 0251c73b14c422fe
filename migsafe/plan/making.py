"""A plan, from what the original migrations do: tried offline before anybody sees it."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from migsafe.config import Table
from migsafe.model import Report
from migsafe.plan.drafting import Draft
from migsafe.plan.planner import Outline
from migsafe.planning import ChangeCode, Check, Deploy, Plan, Size, Step, WriteMigration
from migsafe.project.graph import History, Key
from migsafe.project.load import Project


@contextmanager
def planned(project: Project, drafts: Sequence[Draft], originals: Sequence[Key]) -> Iterator[History]:
    """The project's history with the migrations of a plan in the place of the originals."""
    with tempfile.TemporaryDirectory(prefix="migsafe-plan-") as folder:
        changed: dict[Key, Path | None] = dict.fromkeys(originals)
        for draft in drafts:
            path = Path(folder).resolve() / draft.key[0] / f"{draft.key[1]}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(draft.source, encoding="utf-8")
            changed[draft.key] = path
        yield History(project, changed)


def plan(
    outline: Outline,
    drafts: Sequence[Draft],
    originals: Mapping[Key, Path],
    after: Report,
    *,
    postgres: int,
    django: str,
    shown: Mapping[Path, str],
    tables: Mapping[str, Table],
) -> Plan:
    """Put together what is told of a plan.

    Args:
        after: What lint says of the planned migrations.
        shown: Paths as reports show them.
        tables: What is known of them, by name.
    """
    migrations = {(one.app, one.name): one for one in after.migrations}
    deploys = []
    for number, batch in enumerate(outline.batches, 1):
        steps: list[Step] = []
        for draft in drafts:
            if draft.deploy != number:
                continue
            migration = migrations[draft.key]
            steps.append(
                WriteMigration(
                    app=draft.key[0],
                    name=draft.key[1],
                    path=shown[draft.path],
                    source=draft.source,
                    why=" ".join(dict.fromkeys(piece.why for _, piece in draft.pieces if piece.why)),
                    undo="",
                    atomic=migration.atomic,
                    statements=tuple(one for operation in migration.operations for one in operation.statements),
                    opaque=tuple(operation.opaque for operation in migration.operations if operation.opaque),
                    effect="; ".join(dict.fromkeys(piece.effect for _, piece in draft.pieces if piece.effect)),
                    codes=tuple(dict.fromkeys(code for _, piece in draft.pieces for code in piece.codes)),
                    original=all(piece.original for _, piece in draft.pieces),
                )
            )
        steps += [
            ChangeCode(name=duty.field or duty.model, must=duty.must, must_not=duty.must_not, codes=item.work.codes)
            for item, duty in batch.duties
        ]
        steps += batch.then
        if number < len(outline.batches):
            steps.append(Check(what="every process runs the new release"))
        deploys.append(Deploy(number=number, kinds=batch.kinds, steps=tuple(steps)))
    return Plan(
        targets=tuple(map(".".join, originals)),
        originals={shown[path]: path.read_text(encoding="utf-8") for path in originals.values()},
        deploys=tuple(deploys),
        unsolved=outline.unsolved,
        strategies=outline.strategies,
        postgres=postgres,
        django=django,
        notes=outline.notes,
        sizes=dict(_sizes(after, tables)),
    )


def _sizes(after: Report, tables: Mapping[str, Table]) -> Iterator[tuple[str, Size]]:
    """How large the tables are that statements are about."""
    known = {name.removeprefix("public."): table for name, table in tables.items()}
    statements = (one for each in after.migrations for operation in each.operations for one in operation.statements)
    for name in sorted({effect.relation for statement in statements for effect in statement.effects}):
        if name in known and (known[name].rows, known[name].bytes) != (None, None):
            yield name, Size(rows=known[name].rows, bytes=known[name].bytes)
