"""What a pending migration would make and is there already, or needs and is not: somebody has changed the schema."""

from collections.abc import Iterable

from migsafe import actions as a
from migsafe.actions import Action, Name, Unknown
from migsafe.project.operations import ReplayedMigration, ReplayedOperation
from migsafe.sql.catalog import Catalog, Table

OF_A_COLUMN = (
    a.DropColumn,
    a.RenameColumn,
    a.AlterColumnType,
    a.SetNotNull,
    a.DropNotNull,
    a.SetDefault,
    a.DropDefault,
)
OF_A_CONSTRAINT = (a.DropConstraint, a.RenameConstraint, a.ValidateConstraint)


class Clashes:
    """Finds what the server would refuse in migrations that are given in order, as far as all before is known.

    Args:
        postgres: Major version: from 18 on NOT NULL has constraints of its own, which the catalog does not always have.
    """

    def __init__(self, postgres: int) -> None:
        self._postgres = postgres
        self._known = True

    def of(self, migration: ReplayedMigration) -> str | None:
        """The first that the next migration meets, in words."""
        for operation, statement in migration.executed():
            catalog = statement.before
            done = migration.operations if statement.deferred else migration.operations[: operation.index]
            self._known &= all(map(_is_known, done))
            for action in statement.parsed.actions:
                self._known &= not (statement.parsed.dynamic or isinstance(action, Unknown))
                if self._known and (said := self._clash(action, catalog)):
                    self._known = False  # what comes after it is never reached
                    return said
                catalog = catalog.after(action)
        self._known &= all(map(_is_known, migration.operations))
        return None

    def _clash(self, action: Action, catalog: Catalog) -> str | None:
        match action:
            case a.CreateTable(if_not_exists=False, temporary=False):
                return _there(catalog, catalog.qualify(action.relation))
            case a.CreateIndex(if_not_exists=False, name=str(name)):
                table = catalog.table(action.relation)
                return _there(catalog, Name(name, table.name.schema)) if table else _missing("table", action.relation)
            case a.DropTable(if_exists=False):
                return None if catalog.table(action.relation) else _missing("table", action.relation)
            case a.DropIndex(if_exists=False) | a.RenameIndex(if_exists=False):
                return None if catalog.index(action.index) else _missing("index", action.index)
            case a.TableCommand():
                table = catalog.table(action.relation)
                if table is None:
                    return None if action.table_if_exists else _missing("table", action.relation)
                return self._of_table(action, table, catalog) if table.kind in ("table", "partitioned table") else None
        return None

    def _of_table(self, action: Action, table: Table, catalog: Catalog) -> str | None:
        name = catalog.display(table.name)
        match action:
            case a.AddColumn(if_not_exists=False) if action.column.name in table.columns:
                return f"{name} has a column {action.column.name} already"
            case a.AddConstraint(constraint=a.Constraint(name=str(constraint))):
                if constraint in table.constraints:
                    return f"{name} has a constraint {constraint} already"
                if action.constraint.kind.is_indexed and action.constraint.using_index is None:
                    return _there(catalog, Name(constraint, table.name.schema))
            case a.RenameColumn() if action.new_name in table.columns:
                return f"{name} has a column {action.new_name} already"
        if isinstance(action, OF_A_COLUMN) and action.column not in table.columns:
            return None if getattr(action, "if_exists", False) else f"{name} has no column {action.column}"
        if isinstance(action, OF_A_CONSTRAINT) and action.name not in table.constraints and self._postgres < 18:
            return None if getattr(action, "if_exists", False) else f"{name} has no constraint {action.name}"
        return None


def _is_known(operation: ReplayedOperation) -> bool:
    """Whether all that it does to the schema is in its SQL; Python code that goes beyond models may do anything."""
    readings = [function.reading for function in operation.python]
    only_models = bool(readings) and not any(one.unread or one.sql for one in readings)
    return operation.unanalysed is None and (not operation.opaque or only_models)


def _there(catalog: Catalog, name: Name) -> str | None:
    kinds: Iterable[tuple[str, object]] = (
        ("table", catalog.tables.get(name)),
        ("index", catalog.index_map.get(name)),
        ("sequence", catalog.sequences.get(name)),
    )
    return next(
        (f"there is {_article(kind)} {kind} {catalog.display(name)} already" for kind, one in kinds if one), None
    )


def _missing(kind: str, name: Name) -> str:
    return f"there is no {kind} {name}"


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"
