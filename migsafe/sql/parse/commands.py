"""Everything that is neither data nor the definition of a table or an index."""

from collections.abc import Callable, Iterator
from typing import Literal, TypeAlias

from postgast import PgQueryError
from postgast import parse as parse_tree
from postgast import pg_query_pb2 as pb

from migsafe import actions
from migsafe.actions import Action, Expression, Name
from migsafe.sql.parse.blocks import body
from migsafe.sql.parse.data import functions, grouped, locked, of_query, read_only, reads, reads_columns
from migsafe.sql.parse.expressions import descendants, expression, literal, statement_sql, type_
from migsafe.sql.parse.registry import ADAPTERS, adapter, dotted, object_name, relation, strings
from migsafe.sql.parse.tables import column_definition, constraint, of_alter_table

_TABLE_LIKE = frozenset({pb.OBJECT_TABLE, pb.OBJECT_FOREIGN_TABLE, pb.OBJECT_VIEW, pb.OBJECT_MATVIEW})
_KIND_WORDS = {
    pb.OBJECT_MATVIEW: "materialized view",
    pb.OBJECT_TABCONSTRAINT: "constraint",
    pb.OBJECT_DOMCONSTRAINT: "domain constraint",
    pb.OBJECT_FDW: "foreign data wrapper",
    pb.OBJECT_FOREIGN_SERVER: "server",
    pb.OBJECT_OPCLASS: "operator class",
    pb.OBJECT_OPFAMILY: "operator family",
    pb.OBJECT_STATISTIC_EXT: "statistics",
    pb.OBJECT_TSCONFIGURATION: "text search configuration",
    pb.OBJECT_TSDICTIONARY: "text search dictionary",
    pb.OBJECT_TSPARSER: "text search parser",
    pb.OBJECT_TSTEMPLATE: "text search template",
}


def _kind(object_type: pb.ObjectType) -> str:
    """The object's kind in PostgreSQL's words (``materialized view``)."""
    words = _KIND_WORDS.get(object_type)
    return words or pb.ObjectType.Name(object_type).removeprefix("OBJECT_").replace("_", " ").lower()


# DROP, RENAME, SET SCHEMA, COMMENT

Drop = Callable[[Name, pb.DropStmt], Action]
_DROPS: dict[int, Drop] = {
    pb.OBJECT_TABLE: lambda name, node: actions.DropTable(
        relation=name, if_exists=node.missing_ok, cascade=_cascade(node)
    ),
    pb.OBJECT_FOREIGN_TABLE: lambda name, node: actions.DropTable(
        relation=name, if_exists=node.missing_ok, cascade=_cascade(node)
    ),
    pb.OBJECT_INDEX: lambda name, node: actions.DropIndex(
        index=name,
        several=len(node.objects) > 1,
        concurrently=node.concurrent,
        if_exists=node.missing_ok,
        cascade=_cascade(node),
    ),
    pb.OBJECT_SEQUENCE: lambda name, node: actions.DropSequence(
        sequence=name, if_exists=node.missing_ok, cascade=_cascade(node)
    ),
    pb.OBJECT_VIEW: lambda name, node: actions.DropView(
        relation=name, if_exists=node.missing_ok, cascade=_cascade(node)
    ),
    pb.OBJECT_MATVIEW: lambda name, node: actions.DropView(
        relation=name, materialized=True, if_exists=node.missing_ok, cascade=_cascade(node)
    ),
}


def _cascade(node: pb.DropStmt) -> bool:
    return bool(node.behavior == pb.DROP_CASCADE)


@adapter("drop_stmt")
def drop(node: pb.DropStmt) -> Iterator[Action]:
    kind = node.remove_type
    for item in node.objects:
        if kind in _DROPS:
            yield _DROPS[kind](object_name(item), node)
        elif kind in (pb.OBJECT_TRIGGER, pb.OBJECT_POLICY, pb.OBJECT_RULE):
            *table, name = item.list.items
            if kind == pb.OBJECT_TRIGGER:
                yield actions.DropTrigger(relation=dotted(table), name=name.string.sval, if_exists=node.missing_ok)
            else:
                yield _drop_object(node, Name(name.string.sval), dotted(table))
        elif kind in (pb.OBJECT_CAST, pb.OBJECT_TRANSFORM, pb.OBJECT_OPCLASS, pb.OBJECT_OPFAMILY):
            yield actions.Other(command=f"DROP {_kind(kind).upper()}")
        else:
            yield _drop_object(node, object_name(item))


def _drop_object(node: pb.DropStmt, name: Name, table: Name | None = None) -> Action:
    return actions.DropObject(
        kind=_kind(node.remove_type), name=name, relation=table, if_exists=node.missing_ok, cascade=_cascade(node)
    )


@adapter("rename_stmt")
def rename(node: pb.RenameStmt) -> Iterator[Action]:
    kind = node.rename_type
    new = node.newname
    target = relation(node.relation)
    if kind in _TABLE_LIKE:
        yield actions.RenameTable(relation=target, new_name=new, if_exists=node.missing_ok)
    elif kind == pb.OBJECT_INDEX:
        yield actions.RenameIndex(index=target, new_name=new, if_exists=node.missing_ok)
    elif kind == pb.OBJECT_COLUMN:
        renamed = actions.RenameColumn(relation=target, column=node.subname, new_name=new)
        yield of_alter_table(renamed, node.relation, node.missing_ok)
    elif kind == pb.OBJECT_TABCONSTRAINT:
        constraint_renamed = actions.RenameConstraint(relation=target, name=node.subname, new_name=new)
        yield of_alter_table(constraint_renamed, node.relation, node.missing_ok)
    elif kind == pb.OBJECT_SEQUENCE:
        yield actions.RenameObject(kind="sequence", name=target, new_name=new)
    elif kind == pb.OBJECT_ATTRIBUTE:
        command = actions.RenameColumn(relation=target, column=node.subname, new_name=new)
        yield actions.AlterComposite(type=target, command=command, cascade=node.behavior == pb.DROP_CASCADE)
    elif kind == pb.OBJECT_DOMCONSTRAINT:
        yield actions.AlterDomain(domain=object_name(node.object), change="other")
    elif node.HasField("relation"):
        yield actions.RenameObject(kind=_kind(kind), name=Name(node.subname), new_name=new, relation=target)
    else:
        name = object_name(node.object) if node.HasField("object") else Name(node.subname)
        yield actions.RenameObject(kind=_kind(kind), name=name, new_name=new)


@adapter("alter_object_schema_stmt")
def set_schema(node: pb.AlterObjectSchemaStmt) -> Iterator[Action]:
    if node.HasField("relation"):
        yield actions.SetSchema(relation=relation(node.relation), schema=node.newschema, if_exists=node.missing_ok)
    else:
        yield actions.Other(command=f"ALTER {_kind(node.object_type).upper()}")


@adapter("alter_object_depends_stmt")
def depends_on_extension(node: pb.AlterObjectDependsStmt) -> Iterator[Action]:
    if node.object_type == pb.OBJECT_INDEX:
        yield actions.AlterIndex(index=relation(node.relation), command="DependsOnExtension")
    elif node.object_type == pb.OBJECT_MATVIEW:
        yield actions.AlterTable(relation=relation(node.relation), command="DependsOnExtension")
    else:
        yield actions.Other(
            command=f"ALTER {_kind(node.object_type).upper()} DEPENDS ON EXTENSION",
            relation=relation(node.relation) if node.HasField("relation") else None,
        )


@adapter("comment_stmt")
def comment(node: pb.CommentStmt) -> Iterator[Action]:
    kind = node.objtype
    names = node.object.list.items
    if kind in _TABLE_LIKE or kind == pb.OBJECT_INDEX:
        yield actions.Comment(kind=_kind(kind), relation=dotted(names))
    elif kind == pb.OBJECT_COLUMN:
        yield actions.Comment(kind="column", relation=dotted(names[:-1]), column=names[-1].string.sval)
    elif kind in (pb.OBJECT_TABCONSTRAINT, pb.OBJECT_TRIGGER, pb.OBJECT_POLICY, pb.OBJECT_RULE):
        yield actions.Comment(kind=_kind(kind), relation=dotted(names[:-1]))
    else:
        yield actions.Comment(kind=_kind(kind))


# Sequences


@adapter("create_seq_stmt")
def create_sequence(node: pb.CreateSeqStmt) -> Iterator[Action]:
    yield actions.CreateSequence(
        sequence=relation(node.sequence), if_not_exists=node.if_not_exists, owned_by=_owner(node.options)[0]
    )


@adapter("alter_seq_stmt")
def alter_sequence(node: pb.AlterSeqStmt) -> Iterator[Action]:
    owner, disowned = _owner(node.options)
    yield actions.AlterSequence(
        sequence=relation(node.sequence), if_exists=node.missing_ok, owned_by=owner, disowned=disowned
    )


def _owner(options: "pb._containers.RepeatedCompositeFieldContainer[pb.Node]") -> tuple[tuple[Name, str] | None, bool]:
    """What OWNED BY names, and whether it is NONE."""
    for option in options:
        if option.def_elem.defname == "owned_by":
            names = option.def_elem.arg.list.items
            if len(names) == 1:
                return None, True
            return (dotted(names[:-1]), names[-1].string.sval), False
    return None, False


# Views


@adapter("view_stmt")
def create_view(node: pb.ViewStmt) -> Iterator[Action]:
    yield actions.CreateView(
        relation=relation(node.view),
        replace=node.replace,
        columns=strings(node.aliases),
        reads=tuple(name for name in reads(node.query) if name != relation(node.view)),
        only=read_only(node.query),
        locked=locked(node.query),
        functions=functions(node.query),
        reads_columns=reads_columns(node.query),
        grouped=grouped(node.query),
        base=_updatable(node.query.select_stmt),
        query=statement_sql(node.query),
    )


def _updatable(query: pb.SelectStmt) -> Name | None:
    """The relation that changes of a view go to: its only one, if the query does not group, limit or combine."""
    grouped = query.group_clause or query.distinct_clause or query.HasField("having_clause")
    limited = query.HasField("limit_count") or query.HasField("limit_offset")
    if grouped or limited or query.HasField("with_clause") or query.op != pb.SETOP_NONE:
        return None
    sources = query.from_clause
    return relation(sources[0].range_var) if len(sources) == 1 and sources[0].HasField("range_var") else None


@adapter("refresh_mat_view_stmt")
def refresh(node: pb.RefreshMatViewStmt) -> Iterator[Action]:
    yield actions.RefreshMaterializedView(
        relation=relation(node.relation), concurrently=node.concurrent, with_data=not node.skip_data
    )


# Types


@adapter("create_enum_stmt")
def create_enum(node: pb.CreateEnumStmt) -> Iterator[Action]:
    yield actions.CreateType(type=dotted(node.type_name), kind="enum", labels=strings(node.vals))


@adapter("composite_type_stmt")
def create_composite(node: pb.CompositeTypeStmt) -> Iterator[Action]:
    columns = tuple([column_definition(item.column_def) for item in node.coldeflist])
    yield actions.CreateType(type=relation(node.typevar), kind="composite", columns=columns)


@adapter("create_range_stmt")
def create_range(node: pb.CreateRangeStmt) -> Iterator[Action]:
    yield actions.CreateType(type=dotted(node.type_name), kind="range")


@adapter("define_stmt")
def define(node: pb.DefineStmt) -> Iterator[Action]:
    if node.kind == pb.OBJECT_TYPE:
        yield actions.CreateType(type=dotted(node.defnames), kind="base")
    elif node.kind == pb.OBJECT_COLLATION:
        options = {item.def_elem.defname: item.def_elem.arg.string.sval.lower() for item in node.definition}
        yield actions.CreateCollation(
            collation=dotted(node.defnames), deterministic=options.get("deterministic") not in ("false", "off")
        )
    elif node.kind == pb.OBJECT_AGGREGATE:
        parts = {item.def_elem.defname: item.def_elem.arg for item in node.definition}
        steps = tuple(dotted(part.type_name.names) for name, part in parts.items() if name in _AGGREGATE_FUNCTIONS)
        yield actions.CreateFunction(
            function=dotted(node.defnames),
            volatility="immutable",
            replace=node.replace,
            language="internal",
            body=(actions.Select(functions=steps),),
        )
    else:
        yield actions.Other(command=f"CREATE {_kind(node.kind).upper()}")


_AGGREGATE_FUNCTIONS = frozenset({"sfunc", "finalfunc", "combinefunc", "msfunc", "minvfunc", "mfinalfunc"})


@adapter("alter_enum_stmt")
def alter_enum(node: pb.AlterEnumStmt) -> Iterator[Action]:
    yield actions.AlterEnum(
        type=dotted(node.type_name),
        label=node.new_val,
        old=node.old_val or None,
        if_not_exists=node.skip_if_new_val_exists,
    )


@adapter("create_domain_stmt")
def create_domain(node: pb.CreateDomainStmt) -> Iterator[Action]:
    options = [item.constraint for item in node.constraints]
    defaults = [option.raw_expr for option in options if option.contype == pb.CONSTR_DEFAULT]
    yield actions.CreateDomain(
        domain=dotted(node.domainname),
        type=type_(node.type_name),
        not_null=any(option.contype == pb.CONSTR_NOTNULL for option in options),
        default=expression(defaults[0]) if defaults else None,
        constraints=tuple(constraint(option) for option in options if option.contype == pb.CONSTR_CHECK),
    )


_DOMAIN_CHANGES: dict[
    str, Literal["add constraint", "validate", "drop constraint", "set not null", "drop not null", "default"]
] = {
    "T": "default",
    "N": "drop not null",
    "O": "set not null",
    "C": "add constraint",
    "X": "drop constraint",
    "V": "validate",
}


@adapter("alter_domain_stmt")
def alter_domain(node: pb.AlterDomainStmt) -> Iterator[Action]:
    change = _DOMAIN_CHANGES[node.subtype]
    definition = getattr(node, "def")
    yield actions.AlterDomain(
        domain=dotted(node.type_name),
        change=change,
        constraint=constraint(definition.constraint) if change == "add constraint" else None,
        default=expression(definition) if change == "default" and definition.WhichOneof("node") else None,
        name=node.name or None,
    )


# Functions, triggers, schemas, extensions


Volatility: TypeAlias = Literal["immutable", "stable", "volatile"]
_VOLATILITIES: dict[str, Volatility] = {"immutable": "immutable", "stable": "stable", "volatile": "volatile"}


@adapter("alter_function_stmt")
def alter_function(node: pb.AlterFunctionStmt) -> Iterator[Action]:
    options = {item.def_elem.defname: item.def_elem.arg.string.sval for item in node.actions}
    yield actions.AlterFunction(
        function=dotted(node.func.objname), volatility=_VOLATILITIES.get(options.get("volatility", ""))
    )


@adapter("create_function_stmt")
def create_function(node: pb.CreateFunctionStmt) -> Iterator[Action]:
    options = {item.def_elem.defname: item.def_elem.arg.string.sval for item in node.options}
    language = options.get("language", "").lower() or ("sql" if node.HasField("sql_body") else None)
    yield actions.CreateFunction(
        function=dotted(node.funcname),
        volatility=_VOLATILITIES.get(options.get("volatility", ""), "volatile"),
        replace=node.replace,
        language=language,
        inlined=_inlined(node),
        body=body(node, language),
    )


def _inlined(node: pb.CreateFunctionStmt) -> Expression | None:
    """What PostgreSQL puts in place of a call (``inline_function`` in ``clauses.c``): a SELECT of one expression."""
    options = {item.def_elem.defname: item.def_elem.arg for item in node.options}
    sql = "language" not in options or options["language"].string.sval.lower() == "sql"
    if not sql or node.return_type.setof or not options.keys().isdisjoint({"strict", "security", "set"}):
        return None
    body = node.sql_body
    if body.HasField("return_stmt"):
        return expression(body.return_stmt.returnval)
    if body.HasField("list"):
        statements = [item for part in body.list.items for item in part.list.items]
    else:
        try:
            statements = [raw.stmt for raw in parse_tree(options["as"].list.items[0].string.sval).stmts]
        except (LookupError, PgQueryError):
            return None
    if len(statements) != 1 or len(statements[0].select_stmt.target_list) != 1:
        return None
    query = statements[0].select_stmt
    value = query.target_list[0].res_target.val
    plain = pb.SelectStmt(target_list=query.target_list, limit_option=query.limit_option, op=query.op)
    inner = any(isinstance(message, pb.SubLink) for message in descendants(value))
    return None if query != plain or inner else expression(value)


_TRIGGER_TIMING: dict[int, Literal["before", "after", "instead of"]] = {0: "after", 2: "before", 64: "instead of"}
_TRIGGER_EVENTS = {4: "insert", 8: "delete", 16: "update", 32: "truncate"}
"""Bits of PostgreSQL's ``catalog/pg_trigger.h``."""


@adapter("create_trig_stmt")
def create_trigger(node: pb.CreateTrigStmt) -> Iterator[Action]:
    yield actions.CreateTrigger(
        relation=relation(node.relation),
        name=node.trigname,
        function=dotted(node.funcname),
        functions=functions(node.when_clause),
        replace=node.replace,
        constraint=node.isconstraint,
        row=node.row,
        timing=_TRIGGER_TIMING[node.timing],
        events=tuple(event for bit, event in _TRIGGER_EVENTS.items() if node.events & bit),
        columns=strings(node.columns),
        references=relation(node.constrrel) if node.HasField("constrrel") else None,
    )


@adapter("create_schema_stmt")
def create_schema(node: pb.CreateSchemaStmt) -> Iterator[Action]:
    schema = node.schemaname or node.authrole.rolename
    yield actions.CreateSchema(schema=schema, if_not_exists=node.if_not_exists)
    made = {name for element in node.schema_elts for name in _made(element)}
    for element in sorted(node.schema_elts, key=lambda element: _SCHEMA_ELEMENTS[element.WhichOneof("node")]):
        for message in descendants(element):
            if isinstance(message, pb.RangeVar) and not message.schemaname and message.relname in made:
                message.schemaname = schema
        yield from of_query(element)


_SCHEMA_ELEMENTS = {
    "create_seq_stmt": 0,
    "create_stmt": 1,
    "view_stmt": 2,
    "index_stmt": 3,
    "create_trig_stmt": 4,
    "grant_stmt": 5,
}
"""What CREATE SCHEMA may contain, in the order in which it is carried out (``transformCreateSchemaStmtElements``)."""


def _made(element: pb.Node) -> Iterator[str]:
    if element.HasField("create_seq_stmt"):
        yield element.create_seq_stmt.sequence.relname
    elif element.HasField("create_stmt"):
        yield element.create_stmt.relation.relname
    elif element.HasField("view_stmt"):
        yield element.view_stmt.view.relname


@adapter("create_extension_stmt")
def create_extension(node: pb.CreateExtensionStmt) -> Iterator[Action]:
    yield actions.CreateExtension(extension=node.extname, if_not_exists=node.if_not_exists)


# Session, transaction, maintenance

_TRANSACTION_COMMANDS = {
    pb.TRANS_STMT_BEGIN: "begin",
    pb.TRANS_STMT_START: "begin",
    pb.TRANS_STMT_COMMIT: "commit",
    pb.TRANS_STMT_ROLLBACK: "rollback",
    pb.TRANS_STMT_SAVEPOINT: "savepoint",
    pb.TRANS_STMT_RELEASE: "release",
    pb.TRANS_STMT_ROLLBACK_TO: "rollback to",
    pb.TRANS_STMT_PREPARE: "prepare transaction",
    pb.TRANS_STMT_COMMIT_PREPARED: "commit prepared",
    pb.TRANS_STMT_ROLLBACK_PREPARED: "rollback prepared",
}
_LOCK_MODES = {
    1: "ACCESS SHARE",
    2: "ROW SHARE",
    3: "ROW EXCLUSIVE",
    4: "SHARE UPDATE EXCLUSIVE",
    5: "SHARE",
    6: "SHARE ROW EXCLUSIVE",
    7: "EXCLUSIVE",
    8: "ACCESS EXCLUSIVE",
}
"""By number in PostgreSQL's ``lockdefs.h``."""


@adapter("transaction_stmt")
def transaction(node: pb.TransactionStmt) -> Iterator[Action]:
    name = node.savepoint_name or node.gid or None
    yield actions.Transaction(command=_TRANSACTION_COMMANDS[node.kind], name=name, chain=node.chain)


@adapter("variable_set_stmt")
def set_variable(node: pb.VariableSetStmt) -> Iterator[Action]:
    if node.kind == pb.VAR_SET_MULTI:
        yield actions.Other(command=f"SET {node.name}")
    elif node.kind == pb.VAR_RESET_ALL:
        yield actions.Other(command="RESET ALL")
    elif node.kind == pb.VAR_SET_VALUE:
        value = ", ".join(
            literal(argument.type_cast.arg.a_const if argument.HasField("type_cast") else argument.a_const)
            for argument in node.args
        )
        yield actions.SetVariable(name=node.name.lower(), value=value, local=node.is_local)
    else:
        yield actions.SetVariable(name=node.name.lower(), value=None, local=node.is_local)


@adapter("constraints_set_stmt")
def set_constraints(node: pb.ConstraintsSetStmt) -> Iterator[Action]:
    names = tuple(relation(item.range_var) for item in node.constraints)
    yield actions.SetConstraints(names=names, deferred=node.deferred)


@adapter("lock_stmt")
def lock(node: pb.LockStmt) -> Iterator[Action]:
    for item in node.relations:
        table = item.range_var
        yield actions.LockTable(relation=relation(table), mode=_LOCK_MODES[node.mode], only=not table.inh)


@adapter("vacuum_stmt")
def vacuum(node: pb.VacuumStmt) -> Iterator[Action]:
    options = {item.def_elem.defname: item.def_elem.arg.string.sval for item in node.options}
    full, analyze = (options.get(option, "off") in ("", "on", "true", "1") for option in ("full", "analyze"))
    command: Literal["vacuum", "analyze"] = "vacuum" if node.is_vacuumcmd else "analyze"
    if not node.rels:
        yield actions.Maintenance(command=command, full=full, analyze=analyze)
    for item in node.rels:
        table = item.vacuum_relation.relation
        yield actions.Maintenance(
            command=command, relation=relation(table), full=full, analyze=analyze, only=not table.inh
        )


@adapter("cluster_stmt")
def cluster(node: pb.ClusterStmt) -> Iterator[Action]:
    target = relation(node.relation) if node.HasField("relation") else None
    yield actions.Maintenance(command="cluster", relation=target, index=node.indexname or None)


_REINDEX_KINDS: dict[int, Literal["index", "table", "schema", "database"]] = {
    pb.REINDEX_OBJECT_INDEX: "index",
    pb.REINDEX_OBJECT_TABLE: "table",
    pb.REINDEX_OBJECT_SCHEMA: "schema",
    pb.REINDEX_OBJECT_DATABASE: "database",
}


@adapter("reindex_stmt")
def reindex(node: pb.ReindexStmt) -> Iterator[Action]:
    target = relation(node.relation) if node.HasField("relation") else Name(node.name) if node.name else None
    options = {item.def_elem.defname: item.def_elem.arg.string.sval for item in node.params}
    if node.kind == pb.REINDEX_OBJECT_SYSTEM:
        yield actions.Unknown(reason="REINDEX SYSTEM locks the system catalogs, which no report shows")
        return
    yield actions.Reindex(
        kind=_REINDEX_KINDS[node.kind],
        target=target,
        concurrently=options.get("concurrently", "off") in ("", "on", "true", "1"),
        tablespace=options.get("tablespace"),
    )


# Understood, but without a type of its own

_TAGS = {
    "alter_collation_stmt": "ALTER COLLATION",
    "alter_database_refresh_coll_stmt": "ALTER DATABASE",
    "alter_database_set_stmt": "ALTER DATABASE",
    "alter_database_stmt": "ALTER DATABASE",
    "alter_default_privileges_stmt": "ALTER DEFAULT PRIVILEGES",
    "alter_event_trig_stmt": "ALTER EVENT TRIGGER",
    "alter_extension_stmt": "ALTER EXTENSION",
    "alter_fdw_stmt": "ALTER FOREIGN DATA WRAPPER",
    "alter_foreign_server_stmt": "ALTER SERVER",
    "alter_op_family_stmt": "ALTER OPERATOR FAMILY",
    "alter_operator_stmt": "ALTER OPERATOR",
    "alter_role_set_stmt": "ALTER ROLE",
    "alter_role_stmt": "ALTER ROLE",
    "alter_stats_stmt": "ALTER STATISTICS",
    "alter_subscription_stmt": "ALTER SUBSCRIPTION",
    "alter_system_stmt": "ALTER SYSTEM",
    "alter_table_space_options_stmt": "ALTER TABLESPACE",
    "alter_tsconfiguration_stmt": "ALTER TEXT SEARCH CONFIGURATION",
    "alter_tsdictionary_stmt": "ALTER TEXT SEARCH DICTIONARY",
    "alter_type_stmt": "ALTER TYPE",
    "alter_user_mapping_stmt": "ALTER USER MAPPING",
    "check_point_stmt": "CHECKPOINT",
    "close_portal_stmt": "CLOSE CURSOR",
    "create_am_stmt": "CREATE ACCESS METHOD",
    "create_cast_stmt": "CREATE CAST",
    "create_conversion_stmt": "CREATE CONVERSION",
    "create_event_trig_stmt": "CREATE EVENT TRIGGER",
    "create_fdw_stmt": "CREATE FOREIGN DATA WRAPPER",
    "create_foreign_server_stmt": "CREATE SERVER",
    "create_op_class_stmt": "CREATE OPERATOR CLASS",
    "create_op_family_stmt": "CREATE OPERATOR FAMILY",
    "create_plang_stmt": "CREATE LANGUAGE",
    "create_role_stmt": "CREATE ROLE",
    "create_subscription_stmt": "CREATE SUBSCRIPTION",
    "create_table_space_stmt": "CREATE TABLESPACE",
    "create_transform_stmt": "CREATE TRANSFORM",
    "create_user_mapping_stmt": "CREATE USER MAPPING",
    "createdb_stmt": "CREATE DATABASE",
    "discard_stmt": "DISCARD",
    "drop_role_stmt": "DROP ROLE",
    "drop_subscription_stmt": "DROP SUBSCRIPTION",
    "drop_table_space_stmt": "DROP TABLESPACE",
    "drop_user_mapping_stmt": "DROP USER MAPPING",
    "dropdb_stmt": "DROP DATABASE",
    "drop_owned_stmt": "DROP OWNED",
    "fetch_stmt": "FETCH",
    "grant_role_stmt": "GRANT ROLE",
    "import_foreign_schema_stmt": "IMPORT FOREIGN SCHEMA",
    "listen_stmt": "LISTEN",
    "load_stmt": "LOAD",
    "notify_stmt": "NOTIFY",
    "reassign_owned_stmt": "REASSIGN OWNED",
    "unlisten_stmt": "UNLISTEN",
    "variable_show_stmt": "SHOW",
}
"""Node kind → PostgreSQL's command tag."""


def _tagged(tag: str) -> Callable[[object], Iterator[Action]]:
    def other(_: object) -> Iterator[Action]:
        yield actions.Other(command=tag)

    return other


ADAPTERS.update({kind: _tagged(tag) for kind, tag in _TAGS.items()})


@adapter("grant_stmt")
def grant(node: pb.GrantStmt) -> Iterator[Action]:
    command = "GRANT" if node.is_grant else "REVOKE"
    on_tables = node.objtype == pb.OBJECT_TABLE
    tables = [relation(item.range_var) for item in node.objects if item.HasField("range_var")]
    for table in tables or (None,):
        yield actions.Other(command=command, relation=table if on_tables else None)


@adapter("alter_owner_stmt")
def alter_owner(node: pb.AlterOwnerStmt) -> Iterator[Action]:
    yield actions.Other(
        command=f"ALTER {_kind(node.object_type).upper()}",
        relation=relation(node.relation) if node.HasField("relation") else None,
    )


@adapter("create_policy_stmt")
def create_policy(node: pb.CreatePolicyStmt) -> Iterator[Action]:
    parts = (node.qual, node.with_check)
    yield actions.CreatePolicy(
        relation=relation(node.table),
        name=node.policy_name,
        reads=reads(*parts),
        functions=functions(*parts),
        reads_columns=reads_columns(*parts),
    )


@adapter("alter_policy_stmt")
def alter_policy(node: pb.AlterPolicyStmt) -> Iterator[Action]:
    parts = (node.qual, node.with_check)
    yield actions.AlterPolicy(
        relation=relation(node.table),
        name=node.policy_name,
        reads=reads(*parts),
        functions=functions(*parts),
        reads_columns=reads_columns(*parts),
    )


_RULE_EVENTS = {pb.CMD_SELECT: "select", pb.CMD_INSERT: "insert", pb.CMD_UPDATE: "update", pb.CMD_DELETE: "delete"}


@adapter("rule_stmt")
def create_rule(node: pb.RuleStmt) -> Iterator[Action]:
    yield actions.CreateRule(
        relation=relation(node.relation),
        name=node.rulename,
        event=_RULE_EVENTS[node.event],
        instead=node.instead,
        filtered=node.HasField("where_clause"),
        actions=tuple(action for item in node.actions for action in of_query(item)),
        reads=reads(node.where_clause),
        functions=functions(node.where_clause, *node.actions),
        reads_columns=reads_columns(node.where_clause, *node.actions),
    )


@adapter("create_stats_stmt")
def create_statistics(node: pb.CreateStatsStmt) -> Iterator[Action]:
    for item in node.relations:
        yield actions.CreateStatistics(
            relation=relation(item.range_var), name=dotted(node.defnames) if node.defnames else None
        )


@adapter("create_publication_stmt", "alter_publication_stmt")
def publication(node: pb.CreatePublicationStmt | pb.AlterPublicationStmt) -> Iterator[Action]:
    command = "CREATE PUBLICATION" if isinstance(node, pb.CreatePublicationStmt) else "ALTER PUBLICATION"
    if isinstance(node, pb.AlterPublicationStmt) and node.action == pb.AP_SetObjects and node.pubobjects:
        command = "ALTER PUBLICATION SET"
    objects = [item.publication_obj_spec for item in node.pubobjects]
    tables = [item.pubtable.relation for item in objects if item.HasField("pubtable")]
    for table in tables:
        yield actions.Other(command=command, relation=relation(table), only=not table.inh)
    if not tables:
        yield actions.Other(command=command)


@adapter("sec_label_stmt")
def security_label(node: pb.SecLabelStmt) -> Iterator[Action]:
    names = node.object.list.items
    if node.objtype == pb.OBJECT_COLUMN:
        names = names[:-1]
    of_table = node.objtype == pb.OBJECT_COLUMN or node.objtype in _TABLE_LIKE
    yield actions.Other(command="SECURITY LABEL", relation=dotted(names) if of_table else None)


@adapter("alter_extension_contents_stmt")
def alter_extension_contents(node: pb.AlterExtensionContentsStmt) -> Iterator[Action]:
    of_table = node.objtype in _TABLE_LIKE
    yield actions.Other(command="ALTER EXTENSION ADD", relation=dotted(node.object.list.items) if of_table else None)
