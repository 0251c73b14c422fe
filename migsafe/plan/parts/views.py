"""Tables that get another name while old code asks for the old one: a view has that name until nobody does any more.

PostgreSQL passes what is read and written through such a view on to the table: SELECT … FOR UPDATE, INSERT … RETURNING,
ON CONFLICT, defaults and identity columns included. What it does not know of a view is that the primary key says which
row it is, so that a query through it cannot group by that alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from migsafe.actions import (
    Action,
    AddConstraint,
    DropConstraint,
    Name,
    RenameColumn,
    RenameTable,
    SetConstraints,
)
from migsafe.plan.parts.names import words
from migsafe.plan.recipe import NoWay, Piece, Stage, Way, Work
from migsafe.sql.catalog import Catalog, Table
from migsafe.sql.names import LENGTH, clip
from migsafe.written.definitions import shown
from migsafe.written.operations import GIVE_UP, quoted, run_sql, separate

NOT_GROUPED = (
    "Until it is replaced, the release before reads and writes {table} through a view. That serves all queries of"
    " Django's but those that group by the primary key and select other columns too (`annotate()` with an aggregate):"
    " they fail (“must appear in the GROUP BY clause”). If it has such queries, change them first."
)


@dataclass(frozen=True, kw_only=True)
class Renamed:
    """A table, and what of its names changes.

    Attributes:
        table: As it is before.
        name: What it is called in the end.
        columns: Old name → new name.
        constraints: The same.
    """

    table: Table
    name: str
    columns: Mapping[str, str] = field(default_factory=dict)
    constraints: Mapping[str, str] = field(default_factory=dict)

    @property
    def breaks_code(self) -> bool:
        """Whether code asks for any of the names: constraints have others without anybody noticing."""
        return self.name != self.table.name.name or bool(self.columns)

    def constraints_renamed(self, catalog: Catalog) -> Piece:
        """Rename what no code asks for."""
        table = shown(self.table.name, catalog)
        rename = f"ALTER TABLE {quoted(table)}\nRENAME CONSTRAINT {{}} TO {{}}"
        pairs = [tuple(map(quoted, pair)) for pair in self.constraints.items()]
        return Piece(
            operations=(
                run_sql(
                    [GIVE_UP, *(rename.format(*pair) for pair in pairs)],
                    [GIVE_UP, *(rename.format(*reversed(pair)) for pair in reversed(pairs))],
                ),
            ),
            name=words("rename_constraints_of", table.name),
            why=f"Foreign keys of {table} are called after the table that they refer to; no code asks for their names.",
        )

    def while_both_run(self, catalog: Catalog) -> Piece:
        """Rename it, and let old code ask for the old names."""
        if not self.breaks_code:
            return self.constraints_renamed(catalog)
        old = shown(self.table.name, catalog)
        real = self._real(old)
        table = f"ALTER TABLE {quoted(real)}"
        columns = [(f"{table}\nRENAME COLUMN {{}} TO {{}}", pair) for pair in self.columns.items()]
        constraints = [(f"{table}\nRENAME CONSTRAINT {{}} TO {{}}", pair) for pair in self.constraints.items()]
        renames = [(text, tuple(map(quoted, pair))) for text, pair in (*columns, *constraints)]
        return Piece(
            operations=(
                run_sql(
                    [
                        GIVE_UP,
                        f"ALTER TABLE {quoted(old)}\nRENAME TO {quoted(real.name)}",
                        *(text.format(*pair) for text, pair in renames),
                        f"CREATE VIEW {quoted(old)} AS\nSELECT {', '.join(self._selected())}\nFROM {quoted(real)}",
                    ],
                    [
                        GIVE_UP,
                        f"DROP VIEW {quoted(old)}",
                        *(text.format(*reversed(pair)) for text, pair in reversed(renames)),
                        f"{table}\nRENAME TO {quoted(old.name)}",
                    ],
                ),
            ),
            name=words("rename", old.name, "to", real.name),
            why=f"Code of the release before goes on asking for {old}: a view passes that on to the table.",
        )

    def when_nobody_asks(self, catalog: Catalog) -> Piece:
        """Drop the view."""
        old = shown(self.table.name, catalog)
        real, end = self._real(old), Name(self.name, old.schema)
        create = f"CREATE VIEW {quoted(old)} AS\nSELECT {', '.join(self._selected())}\nFROM {quoted(real)}"
        forward, backward = [f"DROP VIEW {quoted(old)}"], [create]
        if real != end:
            forward.append(f"ALTER TABLE {quoted(real)}\nRENAME TO {quoted(end.name)}")
            backward.insert(0, f"ALTER TABLE {quoted(end)}\nRENAME TO {quoted(real.name)}")
        return Piece(
            operations=(run_sql([GIVE_UP, *forward], [GIVE_UP, *backward]),),
            name=words("drop_view", old.name),
            why=f"No running code asks for the old names in {old} any more.",
        )

    def _real(self, old: Name) -> Name:
        """What the table is called while there is the view."""
        if self.name != old.name:
            return Name(self.name, old.schema)
        return Name(f"{clip(old.name, LENGTH - 5)}_rows", old.schema)

    def _selected(self) -> Iterator[str]:
        """All columns by their old names and, if new code asks for the same table, by the new ones too."""
        for column in self.table.columns:
            new = self.columns.get(column, column)
            yield quoted(column) if new == column else f"{quoted(new)} AS {quoted(column)}"
            if new != column and self.name == self.table.name.name:
                yield quoted(new)


def renamed_tables(work: Work) -> list[Renamed]:
    """What the operation's SQL renames, by table, as Django does it: the model's own first."""
    tables: dict[str, Renamed] = {}
    dropped: list[DropConstraint] = []

    def of(relation: Name) -> str:
        return next((old for old, one in tables.items() if one.name == relation.name), relation.name)

    def known(relation: Name) -> Renamed | None:
        name = of(relation)
        table = work.catalog.table(Name(name, relation.schema))
        return tables.get(name) or (Renamed(table=table, name=name) if table else None)

    for _, action in work.actions():
        match action:
            case RenameTable(relation=relation, new_name=new):
                if one := known(relation):
                    tables[of(relation)] = replace(one, name=new)
            case RenameColumn(relation=relation, column=column, new_name=new):
                if one := known(relation):
                    tables[of(relation)] = replace(one, columns={**one.columns, column: new})
            case DropConstraint():
                dropped.append(action)
            case AddConstraint(relation=relation, constraint=constraint) if dropped:
                gone = dropped.pop(0)
                # Long names are cut where the name of the table would begin to differ.
                if gone.name != constraint.name and (one := known(relation)):
                    names = {gone.name: constraint.name or gone.name}
                    tables[of(relation)] = replace(one, constraints={**one.constraints, **names})
    return list(tables.values())


def through_views(work: Work, tables: Sequence[Renamed], *, state: Sequence[str]) -> Way:
    """Rename tables, the first one last, together with ``state``; a deploy later the views are dropped."""
    first = [replace(one.while_both_run(work.catalog), codes=work.codes) for one in reversed(tables)]
    first[-1] = with_state(work, first[-1], state)
    drops = [replace(one.when_nobody_asks(work.catalog), codes=work.codes) for one in tables if one.breaks_code]
    own = work.model_before.table if work.model_before else None
    return Way(
        stages=(Stage(kind="expand", pieces=tuple(first)), Stage(kind="contract", pieces=tuple(drops))),
        notes=tuple(NOT_GROUPED.format(table=own) for one in tables if one.table.name.name == own),
    )


def with_state(work: Work, piece: Piece, state: Sequence[str]) -> Piece:
    """A piece whose operations are all that is done in the database for some operations on the state."""
    content_types = _content_types(work)
    return replace(
        piece,
        operations=(*content_types, separate(database=list(piece.operations), state=list(state))),
        imports=(*work.imports, *(CONTENT_TYPES if content_types else ())),
    )


def not_renamed(work: Work, tables: Sequence[Renamed]) -> NoWay | None:
    """Why an operation cannot be carried out by giving other names."""
    if other := next((action for _, action in work.actions() if not isinstance(action, KNOWN)), None):
        return NoWay(why=f"it does more in the database than to change names: {type(other).__name__}")
    for one in tables:
        if one.table.kind not in ("table", "partitioned table") and one.breaks_code:
            return NoWay(why=f"{one.table.name.name} is a {one.table.kind}, in whose place no view can be written to")
    return None


KNOWN: tuple[type[Action], ...] = (RenameTable, RenameColumn, DropConstraint, AddConstraint, SetConstraints)

CONTENT_TYPES = ("from django.contrib.contenttypes.management import RenameContentType",)


def _content_types(work: Work) -> tuple[str, ...]:
    """Django renames the content type with a RenameModel, but does not look for one among state operations."""
    if work.kind != "RenameModel" or work.before.get("contenttypes.contenttype") is None:
        return ()
    app = work.label.partition(".")[0]
    old, new = (label.rpartition(".")[2] for label in work.operation.models[:2])
    return (f'RenameContentType("{app}", "{old}", "{new}")',)
