"""What a statement can do: one small frozen type for each kind of command, and `Unknown`.

``ALTER TABLE`` with several commands is several actions. An action says what the text says and nothing that needs a
server: names are as written (folded to lower case unless quoted), types by their ``pg_catalog`` name (``int4``,
``varchar``, ``timestamptz``). Nothing here knows of locks (``postgres/facts.py``) or of Django.
"""

import enum
from typing import Literal

import msgspec


class Name(msgspec.Struct, frozen=True, order=True):
    """Name of a relation, type or function, with its schema if one was written."""

    name: str
    schema: str | None = None

    def __str__(self) -> str:
        return self.name if self.schema is None else f"{self.schema}.{self.name}"


class Type(msgspec.Struct, frozen=True):
    """A column type: ``varchar(20)[]`` is ``Type(Name("varchar"), (20,), array=True)``.

    ``serial`` is ``Name("serial")`` here, as written; the catalog makes ``int4`` and a sequence of it.
    """

    name: Name
    modifiers: tuple[int | str, ...] = ()
    array: bool = False

    def __str__(self) -> str:
        modifiers = f"({','.join(map(str, self.modifiers))})" if self.modifiers else ""
        return f"{self.name}{modifiers}{'[]' if self.array else ''}"


class Constant(msgspec.Struct, frozen=True):
    """A constant's text without quotes, and the type that it is cast to, if any."""

    text: str
    type: Name | None = None


class Comparison(msgspec.Struct, frozen=True):
    """A column that is compared with a constant; with ``=``, several stand for IN."""

    column: str
    operator: str
    values: tuple[Constant, ...]


class Bound(msgspec.Struct, frozen=True):
    """What a partition holds: FROM ``lower`` TO ``upper``, or one of ``values``; neither for DEFAULT and hashes.

    None stands for MINVALUE, MAXVALUE and, among ``values``, for NULL; what is no constant makes ``known`` False.
    """

    lower: tuple[Constant | None, ...] = ()
    upper: tuple[Constant | None, ...] = ()
    values: tuple[Constant | None, ...] = ()
    known: bool = True


class Expression(msgspec.Struct, frozen=True):
    """An SQL expression and what its syntax tells.

    Attributes:
        sql: The text, as deparsed.
        constant: Only literals, and casts and signs of literals.
        null: The constant NULL (a NULL default costs nothing anywhere).
        columns: Columns that it refers to.
        functions: Functions, operators' functions not included, that it calls; CURRENT_TIMESTAMP and friends count as
            ``now``. Their volatility is for PostgreSQL's catalog to say.
        not_null: Columns for which the expression, as a CHECK, proves NOT NULL to PostgreSQL: ``a IS NOT NULL`` alone,
            under AND, or as ``NOT (a IS NULL)``.
        comparisons: Of columns with constants, which all hold where the expression is not false.
        casts: The types that a column is cast to, innermost first, if that is all there is; else None.
    """

    sql: str
    constant: bool = False
    null: bool = False
    columns: tuple[str, ...] = ()
    functions: tuple[Name, ...] = ()
    not_null: tuple[str, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    casts: tuple["Type", ...] | None = None


class IndexKey(msgspec.Struct, frozen=True):
    """One key of an index: a column or an expression, with operator class, collation and order.

    ``order`` is empty for the default, else as written: ``desc``, ``nulls first``, ``desc nulls last``. ``label`` is
    the name that PostgreSQL gives the column of an expression (``lower`` for ``lower(a)``); None means ``expr``.
    """

    column: str | None
    expression: Expression | None = None
    opclass: Name | None = None
    collation: Name | None = None
    order: str = ""
    label: str | None = None


class ConstraintKind(enum.StrEnum):
    CHECK = "check"
    UNIQUE = "unique"
    PRIMARY_KEY = "primary key"
    FOREIGN_KEY = "foreign key"
    EXCLUDE = "exclude"
    NOT_NULL = "not null"

    @property
    def is_indexed(self) -> bool:
        """Whether it has an index of its own, of the same name."""
        return self in (ConstraintKind.UNIQUE, ConstraintKind.PRIMARY_KEY, ConstraintKind.EXCLUDE)


class Constraint(msgspec.Struct, frozen=True, kw_only=True):
    """A constraint, as written inline, in CREATE TABLE or in ADD CONSTRAINT; also what the catalog keeps.

    Attributes:
        name: None when PostgreSQL is to choose it; never None in the catalog.
        columns: Constrained columns (for CHECK: those in the expression).
        valid: False after NOT VALID until VALIDATE.
        using_index: Index named by USING INDEX.
        keys: Keys of an EXCLUDE constraint (``columns`` are those that are plain columns), and its ``where``.
        references: The referenced table of a foreign key.
        referenced_columns: Empty when left to the referenced primary key.
        on_delete: ``no action``, ``restrict``, ``cascade``, ``set null`` or ``set default``.
    """

    kind: ConstraintKind
    name: str | None = None
    columns: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    expression: Expression | None = None
    valid: bool = True
    enforced: bool = True
    no_inherit: bool = False
    deferrable: bool = False
    initially_deferred: bool = False
    nulls_not_distinct: bool = False
    without_overlaps: bool = False
    using_index: str | None = None
    method: str | None = None
    keys: tuple[IndexKey, ...] = ()
    where: Expression | None = None
    references: Name | None = None
    referenced_columns: tuple[str, ...] = ()
    on_delete: str = "no action"
    on_update: str = "no action"


class ColumnOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What CREATE TABLE … PARTITION OF says of a column that the parent has.

    Attributes:
        generated: ``stored`` or ``virtual`` when ``expression`` generates the column.
        identity: ``always`` or ``by default``; ``sequence`` if its SEQUENCE NAME was written, as pg_dump does.
        constraints: Inline CHECK, UNIQUE, PRIMARY KEY and REFERENCES (NOT NULL is ``not_null``).
    """

    name: str
    not_null: bool = False
    default: Expression | None = None
    identity: Literal["always", "by default"] | None = None
    sequence: Name | None = None
    generated: Literal["stored", "virtual"] | None = None
    expression: Expression | None = None
    collation: Name | None = None
    constraints: tuple[Constraint, ...] = ()


class ColumnDefinition(ColumnOptions, frozen=True, kw_only=True):
    """A column, as in CREATE TABLE or ADD COLUMN."""

    type: Type


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all actions."""


class TableCommand(Action, frozen=True, kw_only=True):
    """Base of the commands of ALTER TABLE.

    Attributes:
        only: ALTER TABLE ONLY: partitions and tables that inherit are left out.
        table_if_exists: ALTER TABLE IF EXISTS; an ``if_exists`` is about what the command names.
        together: Whether other commands stand in the same ALTER TABLE.
    """

    relation: Name
    only: bool = False
    table_if_exists: bool = False
    together: bool = False


# Tables


class CreateTable(Action, frozen=True, kw_only=True):
    relation: Name
    columns: tuple[ColumnDefinition, ...] = ()
    options: tuple[ColumnOptions, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    if_not_exists: bool = False
    temporary: bool = False
    unlogged: bool = False
    foreign: bool = False
    inherits: tuple[Name, ...] = ()
    like: tuple[Name, ...] = ()
    like_including: tuple[str, ...] = ()
    """``INCLUDING`` options of ``LIKE``: ``comments``, ``constraints``, ``defaults``, ``identity``, ``indexes`` …"""
    partition_by: str | None = None
    partition_key: tuple[str, ...] = ()
    """Columns, if there is nothing else in it."""
    partition_of: Name | None = None
    default_partition: bool = False
    bound: Bound | None = None
    reads: tuple[Name, ...] = ()
    """Relations that ``CREATE TABLE … AS`` selects from, ``locked`` with FOR UPDATE or its like; see `CreateView`."""
    locked: tuple[Name, ...] = ()
    reads_columns: tuple[str, ...] | None = None
    with_data: bool = True
    of_type: Name | None = None
    tablespace: str | None = None
    access_method: str | None = None
    oids: bool = False
    """``WITH (oids)``, which PostgreSQL 12 took away."""


class DropTable(Action, frozen=True, kw_only=True):
    relation: Name
    if_exists: bool = False
    cascade: bool = False


class RenameTable(Action, frozen=True, kw_only=True):
    relation: Name
    new_name: str
    if_exists: bool = False


class SetSchema(Action, frozen=True, kw_only=True):
    relation: Name
    schema: str
    if_exists: bool = False


class Truncate(Action, frozen=True, kw_only=True):
    """``together`` are all tables of the statement."""

    relation: Name
    together: tuple[Name, ...] = ()
    only: bool = False
    cascade: bool = False


class AlterTable(TableCommand, frozen=True, kw_only=True):
    """Any ALTER TABLE command that has no type of its own: ``command`` is libpg_query's name without ``AT_``.

    For example ``SetStatistics``, ``SetStorage``, ``SetRelOptions``, ``ChangeOwner``, ``ReplicaIdentity``,
    ``EnableRowSecurity``, ``SetLogged``, ``SetTableSpace``, ``ClusterOn``, ``EnableTrig``. ``options`` are the names
    of storage parameters; ``trigger`` is the one that is switched, None for all; ``target`` is the parent of
    ``AddInherit`` and ``DropInherit``, the index of ``ClusterOn`` and ``ReplicaIdentity``; ``to`` the new tablespace,
    access method or owner, None for DEFAULT and CURRENT_USER.
    """

    command: str
    column: str | None = None
    options: tuple[str, ...] = ()
    target: Name | None = None
    trigger: str | None = None
    to: str | None = None


class MoveAll(Action, frozen=True, kw_only=True):
    """ALTER TABLE, INDEX or MATERIALIZED VIEW ALL IN TABLESPACE … SET TABLESPACE, whoever owns them."""

    kind: Literal["table", "index", "materialized view"]
    tablespace: str
    to: str


class AttachPartition(TableCommand, frozen=True, kw_only=True):
    partition: Name
    default: bool = False
    bound: Bound | None = None


class DetachPartition(TableCommand, frozen=True, kw_only=True):
    partition: Name
    concurrently: bool = False
    finalize: bool = False


# Columns


class AddColumn(TableCommand, frozen=True, kw_only=True):
    """``beside_values``: another command of the statement adds a column with a default, or a foreign key."""

    column: ColumnDefinition
    beside_values: bool = False
    if_not_exists: bool = False


class DropColumn(TableCommand, frozen=True, kw_only=True):
    column: str
    if_exists: bool = False
    cascade: bool = False


class RenameColumn(TableCommand, frozen=True, kw_only=True):
    column: str
    new_name: str


class AlterColumnType(TableCommand, frozen=True, kw_only=True):
    column: str
    type: Type
    using: Expression | None = None
    collation: Name | None = None


class SetNotNull(TableCommand, frozen=True, kw_only=True):
    column: str


class DropNotNull(TableCommand, frozen=True, kw_only=True):
    column: str


class SetDefault(TableCommand, frozen=True, kw_only=True):
    column: str
    default: Expression


class DropDefault(TableCommand, frozen=True, kw_only=True):
    column: str


class AlterIdentity(TableCommand, frozen=True, kw_only=True):
    """ADD GENERATED … AS IDENTITY (``sequence`` if its SEQUENCE NAME was written), SET GENERATED, DROP IDENTITY."""

    column: str
    change: Literal["add", "set", "drop"]
    identity: Literal["always", "by default"] | None = None
    sequence: Name | None = None
    if_exists: bool = False


class AlterGenerated(TableCommand, frozen=True, kw_only=True):
    """SET EXPRESSION (17+) or DROP EXPRESSION (13+)."""

    column: str
    expression: Expression | None = None


# Constraints


class AddConstraint(TableCommand, frozen=True, kw_only=True):
    constraint: Constraint


class ValidateConstraint(TableCommand, frozen=True, kw_only=True):
    name: str


class DropConstraint(TableCommand, frozen=True, kw_only=True):
    name: str
    if_exists: bool = False
    cascade: bool = False


class RenameConstraint(TableCommand, frozen=True, kw_only=True):
    name: str
    new_name: str


class AlterConstraint(TableCommand, frozen=True, kw_only=True):
    """ALTER CONSTRAINT: deferrability, and since 18 [NOT] ENFORCED and [NO] INHERIT; None leaves it as it is."""

    name: str
    deferrable: bool | None = None
    initially_deferred: bool | None = None
    enforced: bool | None = None
    no_inherit: bool | None = None


# Indexes


class CreateIndex(Action, frozen=True, kw_only=True):
    """``name`` is None when PostgreSQL is to choose it."""

    name: str | None
    relation: Name
    keys: tuple[IndexKey, ...]
    include: tuple[str, ...] = ()
    unique: bool = False
    concurrently: bool = False
    if_not_exists: bool = False
    only: bool = False
    method: str = "btree"
    tablespace: str | None = None
    where: Expression | None = None
    nulls_not_distinct: bool = False


class DropIndex(Action, frozen=True, kw_only=True):
    """``several`` says that the statement drops more than this index."""

    index: Name
    several: bool = False
    concurrently: bool = False
    if_exists: bool = False
    cascade: bool = False


class RenameIndex(Action, frozen=True, kw_only=True):
    index: Name
    new_name: str
    if_exists: bool = False


class AlterIndex(Action, frozen=True, kw_only=True):
    """ALTER INDEX commands other than RENAME; ``command`` and what belongs to it as in `AlterTable`.

    ``AttachPartition`` has a ``child``; ``DependsOnExtension`` stands for NO DEPENDS too.
    """

    index: Name
    command: str
    child: Name | None = None
    options: tuple[str, ...] = ()
    tablespace: str | None = None
    if_exists: bool = False


class Reindex(Action, frozen=True, kw_only=True):
    """``target`` is None for the current database; ``tablespace`` where the indexes are put."""

    kind: Literal["index", "table", "schema", "database"]
    target: Name | None
    concurrently: bool = False
    tablespace: str | None = None


# Other objects


class CreateSequence(Action, frozen=True, kw_only=True):
    sequence: Name
    if_not_exists: bool = False
    owned_by: tuple[Name, str] | None = None


class AlterSequence(Action, frozen=True, kw_only=True):
    """``owned_by`` is None unless OWNED BY was written; OWNED BY NONE is ``disowned``."""

    sequence: Name
    if_exists: bool = False
    owned_by: tuple[Name, str] | None = None
    disowned: bool = False


class DropSequence(Action, frozen=True, kw_only=True):
    sequence: Name
    if_exists: bool = False
    cascade: bool = False


class CreateView(Action, frozen=True, kw_only=True):
    """A view or a materialized view.

    Attributes:
        reads: Relations of its query; of them ``only`` without their descendants, ``locked`` with FOR UPDATE.
        functions: That its query calls.
        reads_columns: Columns that it names; None for all.
        grouped: Whether it, or a query in it, has a GROUP BY.
        base: The one relation that INSERT, UPDATE and DELETE of the view go to, if the query allows that.
    """

    relation: Name
    materialized: bool = False
    replace: bool = False
    if_not_exists: bool = False
    with_data: bool = True
    columns: tuple[str, ...] = ()
    reads: tuple[Name, ...] = ()
    only: tuple[Name, ...] = ()
    locked: tuple[Name, ...] = ()
    functions: tuple[Name, ...] = ()
    reads_columns: tuple[str, ...] | None = None
    grouped: bool = False
    base: Name | None = None
    query: str = ""


class DropView(Action, frozen=True, kw_only=True):
    relation: Name
    materialized: bool = False
    if_exists: bool = False
    cascade: bool = False


class RefreshMaterializedView(Action, frozen=True, kw_only=True):
    relation: Name
    concurrently: bool = False
    with_data: bool = True


class CreateType(Action, frozen=True, kw_only=True):
    """An enum (``labels``), a composite or range type."""

    type: Name
    kind: Literal["enum", "composite", "range", "base"]
    labels: tuple[str, ...] = ()
    columns: tuple[ColumnDefinition, ...] = ()


class AlterComposite(Action, frozen=True, kw_only=True):
    """ALTER TYPE … ATTRIBUTE: ``command`` is what CASCADE does to the tables of the type."""

    type: Name
    command: TableCommand
    cascade: bool = False


class AlterEnum(Action, frozen=True, kw_only=True):
    """ADD VALUE (``label`` new, ``old`` None) or RENAME VALUE (``old`` → ``label``)."""

    type: Name
    label: str
    old: str | None = None
    if_not_exists: bool = False


class CreateDomain(Action, frozen=True, kw_only=True):
    domain: Name
    type: Type
    not_null: bool = False
    default: Expression | None = None
    constraints: tuple[Constraint, ...] = ()


class AlterDomain(Action, frozen=True, kw_only=True):
    """``default`` is the new one; None when it is dropped, or the change is another."""

    domain: Name
    change: Literal[
        "add constraint", "validate", "drop constraint", "set not null", "drop not null", "default", "other"
    ]
    constraint: Constraint | None = None
    default: Expression | None = None
    name: str | None = None


class CreateFunction(Action, frozen=True, kw_only=True):
    """A function or procedure; ``volatility`` as declared, ``volatile`` if not.

    ``inlined`` is the expression of an SQL function that PostgreSQL puts where it is called.
    ``body`` is what it does when it is called, as far as its text tells: an `Unknown` stands for the rest.
    """

    function: Name
    volatility: Literal["immutable", "stable", "volatile"] = "volatile"
    replace: bool = False
    language: str | None = None
    inlined: Expression | None = None
    body: tuple[Action, ...] = ()


class AlterFunction(Action, frozen=True, kw_only=True):
    """ALTER FUNCTION; ``volatility`` is None unless it says so."""

    function: Name
    volatility: Literal["immutable", "stable", "volatile"] | None = None


class CreateTrigger(Action, frozen=True, kw_only=True):
    """A trigger.

    Attributes:
        function: That it calls; its condition calls ``functions``.
        row: FOR EACH ROW: partitions get it too.
        timing: ``before``, ``after`` or ``instead of``.
        events: ``insert``, ``update``, ``delete``, ``truncate``.
        columns: Of UPDATE OF.
        references: The other table of a constraint trigger: ``FROM``.
        enabled: False in the catalog after DISABLE TRIGGER.
    """

    relation: Name
    name: str
    function: Name
    functions: tuple[Name, ...] = ()
    replace: bool = False
    constraint: bool = False
    row: bool = False
    timing: Literal["before", "after", "instead of"] = "after"
    events: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    references: Name | None = None
    enabled: bool = True


class DropTrigger(Action, frozen=True, kw_only=True):
    relation: Name
    name: str
    if_exists: bool = False


class CreateRule(Action, frozen=True, kw_only=True):
    """A rule: ``actions`` are done when ``event`` is to be done to the relation: too, or ``instead``.

    ``filtered`` says whether it has a condition, of which ``reads`` are the relations; ``functions`` and
    ``reads_columns`` are those of the whole rule.
    """

    relation: Name
    name: str
    event: str
    instead: bool = False
    filtered: bool = False
    actions: tuple[Action, ...] = ()
    reads: tuple[Name, ...] = ()
    functions: tuple[Name, ...] = ()
    reads_columns: tuple[str, ...] | None = None


class CreatePolicy(Action, frozen=True, kw_only=True):
    """CREATE POLICY; ``reads``, ``functions`` and ``reads_columns`` (columns) are those of its expressions."""

    relation: Name
    name: str
    reads: tuple[Name, ...] = ()
    functions: tuple[Name, ...] = ()
    reads_columns: tuple[str, ...] | None = None


class AlterPolicy(Action, frozen=True, kw_only=True):
    relation: Name
    name: str
    reads: tuple[Name, ...] = ()
    functions: tuple[Name, ...] = ()
    reads_columns: tuple[str, ...] | None = None


class CreateSchema(Action, frozen=True, kw_only=True):
    schema: str
    if_not_exists: bool = False


class CreateCollation(Action, frozen=True, kw_only=True):
    collation: Name
    deterministic: bool = True


class CreateExtension(Action, frozen=True, kw_only=True):
    extension: str
    if_not_exists: bool = False


class DropObject(Action, frozen=True, kw_only=True):
    """DROP of anything that has no type of its own; ``kind`` in PostgreSQL's words (``type``, ``schema``)."""

    kind: str
    name: Name
    relation: Name | None = None
    if_exists: bool = False
    cascade: bool = False


class RenameObject(Action, frozen=True, kw_only=True):
    """RENAME of anything that has no type of its own (``type``, ``sequence``, ``trigger``, ``schema``, ``enum`` …)."""

    kind: str
    name: Name
    new_name: str
    relation: Name | None = None


class Comment(Action, frozen=True, kw_only=True):
    """COMMENT ON; ``relation`` is the table, for a column too."""

    kind: str
    relation: Name | None = None
    column: str | None = None


class CreateStatistics(Action, frozen=True, kw_only=True):
    """``name`` is None when PostgreSQL is to choose it."""

    relation: Name
    name: Name | None = None


class Other(Action, frozen=True, kw_only=True):
    """Understood, but without a type of its own; ``command`` is PostgreSQL's command tag (``ALTER EXTENSION``).

    ``relation`` is the table it is about, if any; ``only`` without its descendants.
    """

    command: str
    relation: Name | None = None
    only: bool = False


# Data


class Insert(Action, frozen=True, kw_only=True):
    """INSERT; ``conflict`` and the rest are about ON CONFLICT.

    Attributes:
        arbiter: The constraint that it names.
        inferred: Whether it names columns instead.
        updates: Columns that DO UPDATE sets.
    """

    relation: Name
    reads: tuple[Name, ...] = ()
    functions: tuple[Name, ...] = ()
    conflict: Literal["nothing", "update"] | None = None
    arbiter: str | None = None
    inferred: bool = False
    updates: tuple[str, ...] = ()


class Update(Action, frozen=True, kw_only=True):
    """``filtered`` says whether there is a WHERE, ``nulls`` which columns are NULL in all rows that it lets through.

    ``only`` says whether descendants are left out, ``uses`` which columns the new values name, of whichever table; None
    for all.
    """

    relation: Name
    columns: tuple[str, ...] = ()
    filtered: bool = False
    nulls: tuple[str, ...] = ()
    uses: tuple[str, ...] | None = ()
    only: bool = False
    reads: tuple[Name, ...] = ()
    functions: tuple[Name, ...] = ()


class Delete(Action, frozen=True, kw_only=True):
    relation: Name
    filtered: bool = False
    only: bool = False
    reads: tuple[Name, ...] = ()
    functions: tuple[Name, ...] = ()


class Merge(Action, frozen=True, kw_only=True):
    """MERGE; ``columns`` are those that its UPDATEs set, ``commands`` of ``insert``, ``update``, ``delete``."""

    relation: Name
    commands: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    only: bool = False
    reads: tuple[Name, ...] = ()
    functions: tuple[Name, ...] = ()


class Select(Action, frozen=True, kw_only=True):
    """A query.

    Attributes:
        reads: Its relations; of them ``only`` without their descendants.
        for_update: The row locking clause (``update``, ``no key update``, ``share``, ``key share``), if any.
        locked: Relations whose rows the clause locks.
    """

    reads: tuple[Name, ...] = ()
    only: tuple[Name, ...] = ()
    functions: tuple[Name, ...] = ()
    for_update: str | None = None
    locked: tuple[Name, ...] = ()


class Plan(Action, frozen=True, kw_only=True):
    """A statement that is made ready, but not carried out: EXPLAIN, DECLARE CURSOR, or PREPARE as ``name``."""

    command: Literal["explain", "declare cursor", "prepare"]
    actions: tuple[Action, ...]
    name: str | None = None


class Execute(Action, frozen=True, kw_only=True):
    """EXECUTE of a prepared statement; ``planned`` if it stands behind EXPLAIN."""

    name: str
    planned: bool = False


class Deallocate(Action, frozen=True, kw_only=True):
    """DEALLOCATE; ``name`` None is ALL."""

    name: str | None = None


class Copy(Action, frozen=True, kw_only=True):
    relation: Name
    into: bool


# Session, transaction, maintenance


class SetVariable(Action, frozen=True, kw_only=True):
    """SET, SET LOCAL, RESET (``value`` None)."""

    name: str
    value: str | None
    local: bool = False


class SetConstraints(Action, frozen=True, kw_only=True):
    """SET CONSTRAINTS … IMMEDIATE or DEFERRED; no ``names`` means ALL."""

    names: tuple[Name, ...] = ()
    deferred: bool = False


class Transaction(Action, frozen=True, kw_only=True):
    """Control of transactions; ``name`` is that of the savepoint or prepared transaction, ``chain`` is AND CHAIN.

    ``command``: ``begin``, ``commit``, ``rollback``, ``savepoint``, ``release``, ``rollback to``,
    ``prepare transaction``, ``commit prepared``, ``rollback prepared``.
    """

    command: str
    name: str | None = None
    chain: bool = False


class LockTable(Action, frozen=True, kw_only=True):
    """LOCK TABLE; ``mode`` is the lock mode's PostgreSQL name; ``only`` leaves descendants out."""

    relation: Name
    mode: str
    only: bool = False


class Maintenance(Action, frozen=True, kw_only=True):
    """VACUUM, ANALYZE, CLUSTER; ``relation`` None is the whole database.

    Attributes:
        full: VACUUM FULL.
        analyze: VACUUM ANALYZE.
        only: Descendants are left out.
        index: Of CLUSTER … USING.
    """

    command: Literal["vacuum", "analyze", "cluster"]
    relation: Name | None = None
    full: bool = False
    analyze: bool = False
    only: bool = False
    index: str | None = None


class Unknown(Action, frozen=True, kw_only=True):
    """Not understood: a syntax error, a statement without an adapter, dynamic SQL. Never a guess."""

    reason: str


class Parsed(msgspec.Struct, frozen=True):
    """One statement of a text and what it does.

    Attributes:
        sql: Its text, without comments around it and without the semicolon.
        line: 1-based line of the text on which it starts.
        actions: In the order in which PostgreSQL carries them out; those inside a DO block count.
        dynamic: True when the actions stand inside a DO block, so that conditions may skip them.
        comments: What ``--`` comments say that stand in it, behind it on its last line, or else above it.
    """

    sql: str
    line: int
    actions: tuple[Action, ...]
    dynamic: bool = False
    comments: tuple[str, ...] = ()
