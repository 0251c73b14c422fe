"""UNIQUE and CHECK constraints, made while everybody reads and writes."""

from msgspec.structs import replace

from migsafe.actions import AddConstraint, Constraint, CreateIndex, Expression, IndexKey, Name
from migsafe.plan.parts.indexes import built, built_apart
from migsafe.plan.recipe import Piece
from migsafe.planning import Check
from migsafe.sql.catalog import Catalog, Index
from migsafe.written.definitions import constraint_definition, index_of, using_index
from migsafe.written.operations import GIVE_UP, create_index, quoted, run_sql
from migsafe.written.partitions import divided, is_partitioned

TRY_AGAIN = "If the lock is not to be had soon, this fails: try again."
CONSTRAINED = f"The index becomes the constraint, which reads no row. {TRY_AGAIN}"
ATTACHED = (
    "The indexes of the partitions become their constraints, and these the table's, which reads no row; all in one"
    f" transaction. {TRY_AGAIN}"
)
NOT_VALID = "Holds for new rows from now on; none of those that are there is read."
VALIDATED = "Reads the rows while everybody keeps working, so not in the transaction that has added the constraint."


def unique(relation: Name, constraint: Constraint, before: Catalog, *, name: str) -> tuple[Piece, Piece]:
    """Two migrations for a UNIQUE or PRIMARY KEY constraint: its index, built concurrently, then the constraint.

    The columns of a primary key have to be NOT NULL before. A partitioned table gets it after its partitions.

    Args:
        constraint: With a name.
        before: The schema without it.
        name: Of the second migration.
    """
    index = index_of(relation, constraint)
    build = f"{name}_index"
    drop = f"ALTER TABLE {quoted(relation)}\nDROP CONSTRAINT {quoted(constraint.name or '')}"
    if not is_partitioned(relation, before):
        constrain = run_sql([GIVE_UP, using_index(relation, constraint)], drop)
        return (
            built([(index, create_index(index))], name=build),
            Piece(operations=(constrain,), name=name, why=CONSTRAINED),
        )
    after = before.after(AddConstraint(relation=relation, constraint=constraint))
    division = divided(Name(index.name or "", before.locate(relation).schema), before, after)
    tops = [(relation, constraint.name), *((top.relation, top.name) for top in division.tops)]
    # The table itself first, as queries lock it first: who waits for a partition then holds none.
    statements = [
        *(
            f"ALTER TABLE ONLY {quoted(table)}\nADD {constraint_definition(replace(constraint, name=own))}"
            for table, own in tops
        ),
        *(using_index(leaf.relation, replace(constraint, name=leaf.name)) for leaf in division.leaves),
        *division.attachments,
    ]
    return (
        built_apart(division, name=build),
        Piece(operations=(run_sql([GIVE_UP, *statements], drop),), name=name, why=ATTACHED),
    )


def check(relation: Name, constraint: Constraint, *, name: str) -> tuple[Piece, Piece]:
    """Two migrations for a CHECK constraint: for new rows, then for all."""
    table = quoted(relation)
    drop = f"ALTER TABLE {table}\nDROP CONSTRAINT {quoted(constraint.name or '')}"
    add = run_sql([GIVE_UP, f"ALTER TABLE {table}\nADD {constraint_definition(constraint, valid=False)}"], drop)
    validate = run_sql(f"ALTER TABLE {table}\nVALIDATE CONSTRAINT {quoted(constraint.name or '')}", None)
    return (
        Piece(operations=(add,), name=name, why=NOT_VALID),
        Piece(operations=(validate,), name=f"validate_{name}", why=VALIDATED),
    )


def no_duplicates(index: CreateIndex, catalog: Catalog) -> Check:
    """That rows are there already which a unique index would refuse."""
    table = catalog.table(index.relation)
    keys = [_key(key) for key in index.keys]
    nullable = [
        sql
        for key, sql in zip(index.keys, keys, strict=True)
        if not (table and key.column in table.columns and table.columns[key.column].not_null)
    ]
    conditions = [f"({index.where.sql})"] if index.where else []
    conditions += [f"{sql} IS NOT NULL" for sql in nullable if not index.nulls_not_distinct]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    names = ", ".join(key.column or sql for key, sql in zip(index.keys, keys, strict=True))
    return Check(
        what=f"no two rows of {catalog.display(catalog.locate(index.relation))} have the same {names}",
        sql=(
            f"SELECT count(*) FROM (SELECT 1 FROM {quoted(index.relation)}{where}"
            f" GROUP BY {', '.join(keys)} HAVING count(*) > 1) AS duplicates"
        ),
        expected="0",
    )


def _key(key: IndexKey) -> str:
    what = quoted(key.column) if key.column else f"({key.expression.sql if key.expression else ''})"
    return f"{what} COLLATE {quoted(key.collation)}" if key.collation else what


def no_violations(relation: Name, expression: Expression, catalog: Catalog) -> Check:
    """That rows are there already which a CHECK would refuse."""
    return Check(
        what=f"all rows of {catalog.display(catalog.locate(relation))} satisfy {expression.sql}",
        sql=f"SELECT count(*) FROM {quoted(relation)} WHERE NOT ({expression.sql})",
        expected="0",
    )


def is_unique_already(index: CreateIndex, catalog: Catalog) -> bool:
    """Whether no two rows can have the same keys, because those of another unique index are among them."""
    return any(_implies(other, index, catalog) for other in catalog.indexes(index.relation))


def _implies(other: Index, index: CreateIndex, catalog: Catalog) -> bool:
    table = catalog.table(index.relation)
    assert table is not None
    if not (other.unique and other.valid) or other.where is not None or None in other.columns:
        return False
    constraint = table.constraints.get(other.constraint or "")
    columns = [table.columns[column] for column in other.columns if column]
    nulls = index.nulls_not_distinct and not all(column.not_null for column in columns)
    covered = {key.column for key in index.keys if key.collation is None} >= set(other.columns)
    return covered and not nulls and not (constraint and constraint.deferrable)
