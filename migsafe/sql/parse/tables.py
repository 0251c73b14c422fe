"""CREATE TABLE, ALTER TABLE and CREATE INDEX."""

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

import msgspec
from postgast import pg_query_pb2 as pb

from migsafe import actions
from migsafe.actions import (
    Action,
    Bound,
    ColumnDefinition,
    ColumnOptions,
    Constraint,
    ConstraintKind,
    Expression,
    IndexKey,
    Name,
    TableCommand,
)
from migsafe.sql.parse.data import functions, grouped, locked, of_query, read_only, reads, reads_columns
from migsafe.sql.parse.expressions import constant, expression, label, statement_sql, type_
from migsafe.sql.parse.registry import adapter, dotted, relation, strings

_CONSTRAINT_KINDS = {
    pb.CONSTR_CHECK: ConstraintKind.CHECK,
    pb.CONSTR_UNIQUE: ConstraintKind.UNIQUE,
    pb.CONSTR_PRIMARY: ConstraintKind.PRIMARY_KEY,
    pb.CONSTR_FOREIGN: ConstraintKind.FOREIGN_KEY,
    pb.CONSTR_EXCLUSION: ConstraintKind.EXCLUDE,
    pb.CONSTR_NOTNULL: ConstraintKind.NOT_NULL,
}
_FOREIGN_KEY_ACTIONS = {
    "": "no action",
    "a": "no action",
    "r": "restrict",
    "c": "cascade",
    "n": "set null",
    "d": "set default",
}
_IDENTITY: dict[str, Literal["always", "by default"]] = {"a": "always", "d": "by default"}
_ATTRIBUTES = {
    pb.CONSTR_ATTR_DEFERRABLE: ("deferrable", True),
    pb.CONSTR_ATTR_NOT_DEFERRABLE: ("deferrable", False),
    pb.CONSTR_ATTR_DEFERRED: ("initially_deferred", True),
    pb.CONSTR_ATTR_IMMEDIATE: ("initially_deferred", False),
    pb.CONSTR_ATTR_ENFORCED: ("enforced", True),
    pb.CONSTR_ATTR_NOT_ENFORCED: ("enforced", False),
}
"""Inline constraints have these as nodes of their own, after the constraint that they are about."""
_LIKE_OPTIONS = (
    "comments",
    "compression",
    "constraints",
    "defaults",
    "generated",
    "identity",
    "indexes",
    "statistics",
    "storage",
)
"""By bit, lowest first (PostgreSQL's ``TableLikeOption``)."""


def constraint(node: pb.Constraint, column: str | None = None) -> Constraint:
    """A table constraint, or one that is written inline on a column."""
    kind = _CONSTRAINT_KINDS[node.contype]
    own = (column,) if column is not None else ()
    name = node.conname or None
    # Deferrability is asked for, NOT ENFORCED implies NOT VALID.
    deferrable = node.deferrable or node.initdeferred
    if kind is ConstraintKind.FOREIGN_KEY:
        return Constraint(
            kind=kind,
            name=name,
            columns=strings(node.fk_attrs) or own,
            references=relation(node.pktable),
            referenced_columns=strings(node.pk_attrs),
            on_delete=_FOREIGN_KEY_ACTIONS[node.fk_del_action],
            on_update=_FOREIGN_KEY_ACTIONS[node.fk_upd_action],
            deferrable=deferrable,
            initially_deferred=node.initdeferred,
            valid=not node.skip_validation and node.is_enforced,
            enforced=node.is_enforced,
        )
    if kind is ConstraintKind.CHECK:
        check = expression(node.raw_expr)
        return Constraint(
            kind=kind,
            name=name,
            columns=check.columns,
            expression=check,
            valid=not node.skip_validation and node.is_enforced,
            enforced=node.is_enforced,
            no_inherit=node.is_no_inherit,
        )
    if kind is ConstraintKind.NOT_NULL:
        return Constraint(
            kind=kind,
            name=name,
            columns=strings(node.keys) or own,
            valid=not node.skip_validation,
            no_inherit=node.is_no_inherit,
        )
    exclusions = tuple(index_key(item.list.items[0].index_elem) for item in node.exclusions)
    return Constraint(
        kind=kind,
        name=name,
        columns=strings(node.keys) or tuple(key.column for key in exclusions if key.column) or own,
        include=strings(node.including),
        deferrable=deferrable,
        initially_deferred=node.initdeferred,
        nulls_not_distinct=node.nulls_not_distinct,
        without_overlaps=node.without_overlaps,
        using_index=node.indexname or None,
        method=(node.access_method or "gist") if exclusions else None,
        keys=exclusions,
        where=_optional(node.where_clause) if exclusions else None,
    )


def column_definition(node: pb.ColumnDef) -> ColumnDefinition:
    options = column_options(node)
    return ColumnDefinition(type=type_(node.type_name), **msgspec.structs.asdict(options))


def column_options(node: pb.ColumnDef) -> ColumnOptions:
    not_null = False
    default: Expression | None = None
    generated: Literal["stored", "virtual"] | None = None
    generation: Expression | None = None
    identity: Literal["always", "by default"] | None = None
    sequence: Name | None = None
    constraints: list[Constraint] = []
    for item in node.constraints:
        option = item.constraint
        kind = option.contype
        if kind == pb.CONSTR_NOTNULL:
            not_null = True
            if option.conname:
                constraints.append(constraint(option, node.colname))
        elif kind == pb.CONSTR_DEFAULT:
            default = expression(option.raw_expr)
        elif kind == pb.CONSTR_IDENTITY:
            identity = _IDENTITY[option.generated_when]
            sequence = _sequence_name(option)
            not_null = True
        elif kind == pb.CONSTR_GENERATED:
            generation = expression(option.raw_expr)
            generated = "virtual" if option.generated_kind == "v" else "stored"
        elif kind in _CONSTRAINT_KINDS:
            not_null = not_null or kind == pb.CONSTR_PRIMARY
            constraints.append(constraint(option, node.colname))
        elif kind in _ATTRIBUTES and constraints:
            constraints[-1] = _with_attribute(constraints[-1], *_ATTRIBUTES[kind])
    return ColumnOptions(
        name=node.colname,
        not_null=not_null,
        default=default,
        identity=identity,
        sequence=sequence,
        generated=generated,
        expression=generation,
        collation=_collation(node.coll_clause) if node.HasField("coll_clause") else None,
        constraints=tuple(constraints),
    )


def _sequence_name(identity: pb.Constraint) -> Name | None:
    options = (item.def_elem for item in identity.options)
    return next((dotted(option.arg.list.items) for option in options if option.defname == "sequence_name"), None)


def _with_attribute(written: Constraint, attribute: str, value: bool) -> Constraint:
    changes = {attribute: value}
    if attribute == "initially_deferred" and value:
        changes["deferrable"] = True
    if attribute == "enforced":
        changes["valid"] = value
    return msgspec.structs.replace(written, **changes)


def index_key(node: pb.IndexElem) -> IndexKey:
    order = " ".join(
        word
        for word in (
            "desc" if node.ordering == pb.SORTBY_DESC else "",
            {pb.SORTBY_NULLS_FIRST: "nulls first", pb.SORTBY_NULLS_LAST: "nulls last"}.get(node.nulls_ordering, ""),
        )
        if word
    )
    column = node.name or None
    collation = node.collation
    keyed = node.expr
    # A column in parentheses, with a collation or not, is no expression to PostgreSQL (ComputeIndexAttrs).
    if keyed.HasField("collate_clause"):
        collation = keyed.collate_clause.collname
        keyed = keyed.collate_clause.arg
    if keyed.HasField("column_ref"):
        column = keyed.column_ref.fields[-1].string.sval
    return IndexKey(
        column=column,
        expression=None if column else expression(node.expr),
        opclass=dotted(node.opclass) if node.opclass else None,
        collation=dotted(collation) if collation else None,
        order=order,
        label=None if column else label(node.expr),
    )


def _optional(node: pb.Node) -> Expression | None:
    return expression(node) if node.WhichOneof("node") else None


def _collation(node: pb.CollateClause) -> Name | None:
    """The collation; None for ``default``, which every column has that has no other."""
    collation = dotted(node.collname)
    return None if collation == Name("default") else collation


@adapter("create_stmt")
def create_table(node: pb.CreateStmt) -> Iterator[Action]:
    columns: list[ColumnDefinition] = []
    options: list[ColumnOptions] = []
    constraints: list[Constraint] = []
    like: list[Name] = []
    including = 0
    for element in node.table_elts:
        kind = element.WhichOneof("node")
        if kind == "column_def" and element.column_def.HasField("type_name"):
            columns.append(column_definition(element.column_def))
        elif kind == "column_def":
            options.append(column_options(element.column_def))
        elif kind == "constraint":
            constraints.append(constraint(element.constraint))
        elif kind == "table_like_clause":
            like.append(relation(element.table_like_clause.relation))
            including |= element.table_like_clause.options
    parents = tuple(relation(parent.range_var) for parent in node.inh_relations)
    partition = node.HasField("partbound")
    yield actions.CreateTable(
        relation=relation(node.relation),
        columns=tuple(columns),
        options=tuple(options),
        constraints=tuple(constraints),
        if_not_exists=node.if_not_exists,
        temporary=node.relation.relpersistence == "t",
        unlogged=node.relation.relpersistence == "u",
        of_type=dotted(node.of_typename.names) if node.HasField("of_typename") else None,
        tablespace=node.tablespacename or None,
        access_method=node.access_method or None,
        oids=any(option.def_elem.defname == "oids" and _is_on(option.def_elem) for option in node.options),
        inherits=() if partition else parents,
        like=tuple(like),
        like_including=tuple(option for bit, option in enumerate(_LIKE_OPTIONS) if including & 1 << bit),
        partition_by=_strategy(node.partspec) if node.HasField("partspec") else None,
        partition_of=parents[0] if partition else None,
        partition_key=_key(node.partspec),
        default_partition=partition and node.partbound.is_default,
        bound=_bound(node.partbound) if partition else None,
    )


def _key(node: pb.PartitionSpec) -> tuple[str, ...]:
    elements = [item.partition_elem for item in node.part_params]
    plain = all(each.name and not each.collation and not each.opclass for each in elements)
    return tuple([each.name for each in elements]) if plain else ()


def _bound(node: pb.PartitionBoundSpec) -> Bound | None:
    if node.is_default or node.strategy == "h":
        return None
    parts = {"lower": node.lowerdatums, "upper": node.upperdatums, "values": node.listdatums}
    ends = {name: tuple(map(constant, datums)) for name, datums in parts.items()}
    known = all(
        value is not None or _is_no_value(datum)
        for name, datums in parts.items()
        for value, datum in zip(ends[name], datums, strict=True)
    )
    return Bound(**ends, known=known)


def _is_no_value(node: pb.Node) -> bool:
    """MINVALUE, MAXVALUE or NULL."""
    if node.HasField("column_ref"):
        return node.column_ref.fields[-1].string.sval in ("minvalue", "maxvalue")
    return bool(node.a_const.isnull)


def _is_on(option: pb.DefElem) -> bool:
    return not option.HasField("arg") or option.arg.string.sval in ("true", "on", "1")


def _strategy(node: pb.PartitionSpec) -> str:
    return str(pb.PartitionStrategy.Name(node.strategy)).removeprefix("PARTITION_STRATEGY_").lower()


@adapter("create_foreign_table_stmt")
def create_foreign_table(node: pb.CreateForeignTableStmt) -> Iterator[Action]:
    for action in create_table(node.base_stmt):
        yield msgspec.structs.replace(action, foreign=True) if isinstance(action, actions.CreateTable) else action


@adapter("create_table_as_stmt")
def create_table_as(node: pb.CreateTableAsStmt) -> Iterator[Action]:
    into = node.into
    if node.query.HasField("execute_stmt"):
        yield from of_query(node.query)
        yield actions.CreateTable(relation=relation(into.rel), temporary=into.rel.relpersistence == "t")
    elif node.objtype == pb.OBJECT_MATVIEW:
        yield actions.CreateView(
            relation=relation(into.rel),
            materialized=True,
            if_not_exists=node.if_not_exists,
            with_data=not into.skip_data,
            columns=strings(into.col_names),
            reads=reads(node.query),
            only=read_only(node.query),
            locked=locked(node.query),
            functions=functions(node.query),
            reads_columns=reads_columns(node.query),
            grouped=grouped(node.query),
            query=statement_sql(node.query),
        )
    else:
        yield actions.CreateTable(
            relation=relation(into.rel),
            if_not_exists=node.if_not_exists,
            temporary=into.rel.relpersistence == "t",
            unlogged=into.rel.relpersistence == "u",
            tablespace=into.table_space_name or None,
            access_method=into.access_method or None,
            reads=reads(node.query),
            locked=locked(node.query),
            reads_columns=reads_columns(node.query),
            with_data=not into.skip_data,
        )


@adapter("index_stmt")
def create_index(node: pb.IndexStmt) -> Iterator[Action]:
    yield actions.CreateIndex(
        name=node.idxname or None,
        relation=relation(node.relation),
        keys=tuple([index_key(key.index_elem) for key in node.index_params]),
        include=tuple([key.index_elem.name for key in node.index_including_params]),
        unique=node.unique,
        concurrently=node.concurrent,
        if_not_exists=node.if_not_exists,
        only=not node.relation.inh,
        method=node.access_method or "btree",
        tablespace=node.table_space or None,
        where=expression(node.where_clause) if node.HasField("where_clause") else None,
        nulls_not_distinct=node.nulls_not_distinct,
    )


# ALTER TABLE

_MOVED: dict[int, Literal["table", "index", "materialized view"]] = {
    pb.OBJECT_TABLE: "table",
    pb.OBJECT_INDEX: "index",
    pb.OBJECT_MATVIEW: "materialized view",
}


@adapter("alter_table_move_all_stmt")
def move_all(node: pb.AlterTableMoveAllStmt) -> Iterator[Action]:
    yield actions.MoveAll(kind=_MOVED[node.objtype], tablespace=node.orig_tablespacename, to=node.new_tablespacename)


Command = Callable[[Name, pb.AlterTableCmd], Iterable[TableCommand]]
_COMMANDS: dict[int, Command] = {}


def _command(*subtypes: pb.AlterTableType) -> Callable[[Command], Command]:
    def register(function: Command) -> Command:
        for subtype in subtypes:
            _COMMANDS[subtype] = function
        return function

    return register


@adapter("alter_table_stmt")
def alter_table(node: pb.AlterTableStmt) -> Iterator[Action]:
    target = relation(node.relation)
    kind = node.objtype
    commands = [item.alter_table_cmd for item in node.cmds]
    for command in sorted(commands, key=_pass) if len(commands) > 1 else commands:
        if kind == pb.OBJECT_INDEX:
            yield _alter_index(target, command, node.missing_ok)
        elif kind in _OTHER_ALTERS:
            yield actions.Other(command=_OTHER_ALTERS[kind], relation=target)
        else:
            for action in _COMMANDS.get(command.subtype, _other_command)(target, command):
                if kind == pb.OBJECT_TYPE:
                    yield actions.AlterComposite(type=target, command=action, cascade=_cascade(command))
                    continue
                if isinstance(action, actions.AddColumn) and any(
                    _gives_values(c) for c in commands if c is not command
                ):
                    action = msgspec.structs.replace(action, beside_values=True)
                if len(commands) > 1:
                    action = msgspec.structs.replace(action, together=True)
                yield of_alter_table(action, node.relation, node.missing_ok)


def of_alter_table(action: TableCommand, named: pb.RangeVar, missing_ok: bool) -> TableCommand:
    """With what ALTER TABLE says before its commands."""
    if named.inh and not missing_ok:
        return action
    return msgspec.structs.replace(action, only=not named.inh, table_if_exists=missing_ok)


def _pass(command: pb.AlterTableCmd) -> int:
    if command.subtype == pb.AT_ColumnDefault and not command.HasField("def"):
        return 0
    return _PASSES.get(command.subtype, 7)


_PASSES = {
    pb.AT_DropColumn: 0,
    pb.AT_DropConstraint: 0,
    pb.AT_DropNotNull: 0,
    pb.AT_DropIdentity: 0,
    pb.AT_DropExpression: 0,
    pb.AT_AlterColumnType: 1,
    pb.AT_AddColumn: 2,
    pb.AT_SetExpression: 3,
    pb.AT_AddConstraint: 4,
    pb.AT_SetNotNull: 5,
    pb.AT_SetIdentity: 5,
    pb.AT_AddIdentity: 6,
    pb.AT_ColumnDefault: 6,
}
"""When PostgreSQL carries a command of ALTER TABLE out (``AlterTablePass`` in ``tablecmds.c``); the rest comes last."""

_OTHER_ALTERS = {
    pb.OBJECT_SEQUENCE: "ALTER SEQUENCE",
    pb.OBJECT_VIEW: "ALTER VIEW",
}


def _alter_index(index: Name, command: pb.AlterTableCmd, if_exists: bool) -> Action:
    definition = _definition(command)
    return actions.AlterIndex(
        index=index,
        command=_command_name(command),
        child=relation(definition.partition_cmd.name) if command.subtype == pb.AT_AttachPartition else None,
        options=_option_names(definition),
        tablespace=command.name if command.subtype == pb.AT_SetTableSpace else None,
        if_exists=if_exists,
    )


def _option_names(definition: pb.Node) -> tuple[str, ...]:
    """Storage parameters; those of the TOAST table as ``toast.…``."""
    options = [option.def_elem for option in definition.list.items]
    return tuple(".".join(filter(None, (option.defnamespace, option.defname))) for option in options)


def _command_name(command: pb.AlterTableCmd) -> str:
    return str(pb.AlterTableType.Name(command.subtype)).removeprefix("AT_")


def _definition(command: pb.AlterTableCmd) -> pb.Node:
    """The command's ``def`` field, a keyword in Python."""
    return getattr(command, "def")


def _cascade(command: pb.AlterTableCmd) -> bool:
    return bool(command.behavior == pb.DROP_CASCADE)


def _other_command(target: Name, command: pb.AlterTableCmd) -> Iterator[TableCommand]:
    definition = _definition(command)
    on_column = command.subtype in _COLUMN_COMMANDS
    yield actions.AlterTable(
        relation=target,
        command=_command_name(command),
        column=command.name or None if on_column else None,
        options=_option_names(definition),
        target=_target(command, definition),
        trigger=command.name or None if "Trig" in _command_name(command) else None,
        to=_to(command),
    )


def _to(command: pb.AlterTableCmd) -> str | None:
    if command.subtype in (pb.AT_SetTableSpace, pb.AT_SetAccessMethod):
        return command.name or None
    return command.newowner.rolename or None


def _target(command: pb.AlterTableCmd, definition: pb.Node) -> Name | None:
    if command.subtype == pb.AT_ClusterOn:
        return Name(command.name)
    index = definition.replica_identity_stmt.name
    if index:
        return Name(index)
    if definition.HasField("type_name"):
        return dotted(definition.type_name.names)
    return relation(definition.range_var) if definition.HasField("range_var") else None


_COLUMN_COMMANDS = frozenset(
    {
        pb.AT_SetStatistics,
        pb.AT_SetOptions,
        pb.AT_ResetOptions,
        pb.AT_SetStorage,
        pb.AT_SetCompression,
        pb.AT_AlterColumnGenericOptions,
    }
)


def _gives_values(command: pb.AlterTableCmd) -> bool:
    """Whether it makes PostgreSQL check what the statement's other commands reference (``parse_utilcmd.c``)."""
    definition = _definition(command)
    if command.subtype == pb.AT_AddConstraint:
        return bool(definition.constraint.contype == pb.CONSTR_FOREIGN)
    return command.subtype == pb.AT_AddColumn and any(
        item.constraint.contype == pb.CONSTR_DEFAULT for item in definition.column_def.constraints
    )


@_command(pb.AT_AddColumn)
def _add_column(target: Name, command: pb.AlterTableCmd) -> Iterator[TableCommand]:
    yield actions.AddColumn(
        relation=target,
        column=column_definition(_definition(command).column_def),
        if_not_exists=command.missing_ok,
    )


@_command(pb.AT_DropColumn)
def _drop_column(target: Name, command: pb.AlterTableCmd) -> Iterator[TableCommand]:
    yield actions.DropColumn(
        relation=target, column=command.name, if_exists=command.missing_ok, cascade=_cascade(command)
    )


@_command(pb.AT_AlterColumnType)
def _alter_type(target: Name, command: pb.AlterTableCmd) -> Iterator[TableCommand]:
    column = _definition(command).column_def
    yield actions.AlterColumnType(
        relation=target,
        column=command.name,
        type=type_(column.type_name),
        using=expression(column.raw_default) if column.HasField("raw_default") else None,
        collation=_collation(column.coll_clause) if column.HasField("coll_clause") else None,
    )


@_command(pb.AT_ColumnDefault)
def _column_default(target: Name, command: pb.AlterTableCmd) -> Iterator[TableCommand]:
    if command.HasField("def"):
        yield actions.SetDefault(relation=target, column=command.name, default=expression(_definition(command)))
    else:
        yield actions.DropDefault(relation=target, column=command.name)


@_command(pb.AT_SetNotNull)
def _set_not_null(target: Name, command: pb.AlterTableCmd) -> Iterator[TableCommand]:
    yield actions.SetNotNull(relation=target, column=command.name)


@_command(pb.AT_DropNotNull)
def _drop_not_null(target: Name, command: pb.AlterTableCmd) -> Iterator[TableCommand]:
    yield actions.DropNotNull(relation=target, column=command.name)


@_command(pb.AT_AddIdentity, pb.AT_SetIdentity, pb.AT_DropIdentity)
def _identity(target: Name, command: pb.AlterTableCmd) -> Iterator[TableCommand]:
    changes: dict[int, Literal["add", "set", "drop"]] = {pb.AT_AddIdentity: "add", pb.AT_SetIdentity: "set"}
    definition = _definition(command)
    when = definition.constraint.generated_when
    for option in definition.list.items:
        if option.def_elem.defname == "generated":
            when = chr(option.def_elem.arg.integer.ival)
    yield actions.AlterIdentity(
        relation=target,
        column=command.name,
        change=changes.get(command.subtype, "drop"),
        identity=_IDENTITY.get(when),
        sequence=_sequence_name(definition.constraint),
        if_exists=command.missing_ok,
    )


@_command(pb.AT_SetExpression, pb.AT_DropExpression)
def _generated(target: Name, command: pb.AlterTableCmd) -> Iterator[TableCommand]:
    yield actions.AlterGenerated(relation=target, column=command.name, expression=_optional(_definition(command)))


@_command(pb.AT_AddConstraint)
def _add_constraint(target: Name, command: pb.AlterTableCmd) -> Iterator[TableCommand]:
    yield actions.AddConstraint(relation=target, constraint=constraint(_definition(command).constraint))


@_command(pb.AT_ValidateConstraint)
def _validate_constraint(target: Name, command: pb.AlterTableCmd) -> Iterator[TableCommand]:
    yield actions.ValidateConstraint(relation=target, name=command.name)


@_command(pb.AT_DropConstraint)
def _drop_constraint(target: Name, command: pb.AlterTableCmd) -> Iterator[TableCommand]:
    yield actions.DropConstraint(
        relation=target, name=command.name, if_exists=command.missing_ok, cascade=_cascade(command)
    )


@_command(pb.AT_AlterConstraint)
def _alter_constraint(target: Name, command: pb.AlterTableCmd) -> Iterator[TableCommand]:
    change = _definition(command).atalter_constraint
    yield actions.AlterConstraint(
        relation=target,
        name=change.conname,
        deferrable=change.deferrable or change.initdeferred if change.alter_deferrability else None,
        initially_deferred=change.initdeferred if change.alter_deferrability else None,
        enforced=change.is_enforced if change.alter_enforceability else None,
        no_inherit=change.noinherit if change.alter_inheritability else None,
    )


@_command(pb.AT_AttachPartition)
def _attach(target: Name, command: pb.AlterTableCmd) -> Iterator[TableCommand]:
    part = _definition(command).partition_cmd
    yield actions.AttachPartition(
        relation=target, partition=relation(part.name), default=part.bound.is_default, bound=_bound(part.bound)
    )


@_command(pb.AT_DetachPartition, pb.AT_DetachPartitionFinalize)
def _detach(target: Name, command: pb.AlterTableCmd) -> Iterator[TableCommand]:
    part = _definition(command).partition_cmd
    yield actions.DetachPartition(
        relation=target,
        partition=relation(part.name),
        concurrently=part.concurrent,
        finalize=command.subtype == pb.AT_DetachPartitionFinalize,
    )
