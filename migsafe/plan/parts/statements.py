"""SQL that authors have written, taken apart into what can be carried out safely by itself."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from msgspec import structs

from migsafe.actions import (
    Action,
    AddConstraint,
    AlterColumnType,
    ConstraintKind,
    CreateIndex,
    Delete,
    DropConstraint,
    DropDefault,
    DropIndex,
    DropNotNull,
    Name,
    Parsed,
    RefreshMaterializedView,
    SetDefault,
    SetNotNull,
    SetVariable,
    TableCommand,
    Truncate,
    Update,
)
from migsafe.model import Finding
from migsafe.plan.parts import constraints, indexes
from migsafe.plan.parts.backfill import none_empty
from migsafe.plan.parts.batches import in_batches
from migsafe.plan.parts.foreign_keys import foreign_key
from migsafe.plan.parts.names import words
from migsafe.plan.parts.not_null import PROVEN_BY_CHECK, TOO_OLD, set_not_null
from migsafe.plan.recipe import NoWay, Piece, Planned, Several, Stage, Way, Work
from migsafe.postgres.values import sql_name
from migsafe.project.operations import SqlStatement
from migsafe.sql.catalog import Catalog
from migsafe.sql.parse import parse
from migsafe.written.batches import SIZE, divided
from migsafe.written.call import Written, parse_call
from migsafe.written.definitions import constraint_definition, index_of, shown
from migsafe.written.operations import GIVE_UP, quoted, run_sql, separate
from migsafe.written.partitions import is_partitioned


@dataclass(frozen=True, kw_only=True)
class Command:
    """A statement, or one of the commands of an ALTER TABLE.

    Attributes:
        actions: One, but for statements that do several things at once.
        before: The schema that it meets.
        undo: What unapplies it; empty for nothing, None if that is not known.
        findings: What is dangerous about its statement.
        state: Operations of Django's state that say the same.
    """

    sql: str
    actions: tuple[Action, ...]
    before: Catalog
    statement: SqlStatement
    undo: tuple[str, ...] | None
    findings: tuple[Finding, ...]
    state: tuple[str, ...] = ()

    @property
    def action(self) -> Action | None:
        return self.actions[0] if len(self.actions) == 1 and not self.statement.parsed.dynamic else None


class Statements:
    """What an operation sends, and how each part of it is carried out."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.name = words(work.migration.name.partition("_")[2] or work.migration.name)

    def planned(self) -> Planned:
        state = self._state()
        if state is None:
            return NoWay(why="its state operations are not written out as a list")
        commands = list(self._commands())
        if not commands:
            first = self.work.findings[0]
            return NoWay(why=f"{first.code}: {first.message}", instead=first.fix)
        told = [one for one in self.work.findings if one.statement is None and one.code not in IN_COMPANY]
        if told:
            return NoWay(why=f"{told[0].code}: {told[0].message}", instead=told[0].fix)
        if len(commands) == 1 and self._stays(commands[0]):
            return Way(stages=(self.work.apart(),))
        groups, rest = self._with_state(commands, state)
        parts = [self._part(group) for group in groups]
        if rest and not (found := _told(parts, rest)):
            return NoWay(why="it is not known with which of its statements Django's state changes")
        parts = found if rest else parts
        if len(parts) == 1 and isinstance(parts[0][1], NoWay):
            return parts[0][1]
        return Several(parts=tuple(parts))

    # Taking it apart

    def _state(self) -> list[str] | None:
        """Source of each of its state operations; None if they are not written out."""
        written = self.work.written
        if written is None:
            return None
        source = written.argument("state_operations", 2 if self.work.kind == "RunSQL" else 1)
        if source is None:
            return []
        node = ast.parse(source, mode="eval").body
        if not isinstance(node, ast.List) or any(not isinstance(one, ast.Call) for one in node.elts):
            return None
        return [segment for one in node.elts if (segment := _dedented(source, one))]

    def _commands(self) -> Iterator[Command]:
        backward = [
            command
            for statement in self.work.operation.backward
            for command in _split(statement.parsed, statement.before)
        ]
        taken: set[int] = set()
        for index, statement in enumerate(self.work.operation.forward):
            findings = tuple(one for one in self.work.findings if one.statement == index and one.code not in IN_COMPANY)
            if all(isinstance(one, SetVariable) and one.local for one in statement.parsed.actions):
                continue
            before = statement.before
            whole = [(statement.parsed.sql, statement.parsed.actions)]
            for sql, actions in _split(statement.parsed, before) if findings else whole:
                yield Command(
                    sql=sql,
                    actions=actions,
                    before=before,
                    statement=statement,
                    undo=self._undo(actions, before, backward, taken),
                    findings=() if all(isinstance(one, HARMLESS) for one in actions) else findings,
                )
                before = reduce(lambda catalog, action: catalog.after(action), actions, before)

    def _undo(
        self,
        actions: Sequence[Action],
        before: Catalog,
        backward: Sequence[tuple[str, tuple[Action, ...]]],
        taken: set[int],
    ) -> tuple[str, ...] | None:
        """What the author has for going back, as far as it is about the same; else what is known to undo it."""
        about = {key for action in actions for key in _about(action)}
        found = [
            index
            for index, (_, others) in enumerate(backward)
            if index not in taken and about & {key for other in others for key in _about(other)}
        ]
        if found:
            taken.update(found)
            return tuple(backward[index][0] for index in found)
        if self.work.operation.reversible:
            return ()
        inverse = [_inverse(action, before) for action in actions]
        return None if None in inverse else tuple(one for one in reversed(inverse) if one)

    def _stays(self, command: Command) -> bool:
        """Whether nothing is to be done but to keep it apart from others."""
        return self.work.operation.reversible and not command.findings and self._safe(command, self.work) is None

    def _with_state(self, commands: Sequence[Command], state: Sequence[str]) -> tuple[list[list[Command]], list[str]]:
        """Commands with the operations of the state that say the same, and those that no command is known for."""
        groups, rest = [[command] for command in commands], []
        for source in state:
            group = next((one for one in groups if any(self._says(source, command) for command in one)), None)
            if group is None:
                rest.append(source)
            else:
                group[0] = replace(group[0], state=(*group[0].state, source))
        return groups, rest

    def _says(self, source: str, command: Command) -> bool:
        """Whether an operation of the state is about what a command changes."""
        call = parse_call(source)
        if call is None:
            return False
        kind, about = call.function.rpartition(".")[2], {key for one in command.actions for key in _about(one)}
        name = (call.argument("name", 1) or "").strip("\"'")
        label = self._label(call)
        model = label and (self.work.before.get(label) or self.work.after.get(label))
        if kind in ("AddField", "AlterField", "RemoveField") and model:
            both = [self.work.after.get(model.key), self.work.before.get(model.key)]
            fields = [one.fields[name] for one in both if one and name in one.fields]
            return any((model.relation.name, field.column) in about for field in fields)
        if kind in ("AddIndex", "AddConstraint"):
            inner = call.call("index" if kind == "AddIndex" else "constraint", 1)
            name = ((inner.argument("name") if inner else None) or "").strip("\"'")
        return bool(name) and any(key[1] == name for key in about)

    def _label(self, call: Written) -> str:
        name = (call.argument("model_name", 0) or "").strip("\"'").lower()
        return f"{self.work.migration.app}.{name}"

    # The parts

    def _part(self, group: Sequence[Command]) -> tuple[Work, Way | NoWay]:
        (command,) = group
        work = self._work(command)
        if len(command.state) == 1 and command.findings and (found := self._as_operation(command)):
            return found if isinstance(found[1], Way) else (work, found[1])
        made = self._safe(command, work)
        if isinstance(made, NoWay):
            return work, made
        stages = made or self._as_it_is(command)
        if isinstance(stages, NoWay):
            return work, stages
        return work, Way(stages=_with_codes(_with_state(stages, command.state), work.codes))

    def _work(self, command: Command) -> Work:
        """The command as an operation of its own."""
        source = run_sql(command.sql, command.undo or None)
        if command.state:
            source = separate(database=[source], state=list(command.state))
        operation = structs.replace(
            self.work.operation,
            description=" ".join(command.sql.split())[:80],
            line=None,
            models=(),
            serialized=(source, ()),
            forward=(
                structs.replace(
                    command.statement,
                    parsed=structs.replace(command.statement.parsed, sql=command.sql, actions=command.actions),
                    before=command.before,
                ),
            ),
            backward=(),
        )
        return replace(self.work, operation=operation, findings=command.findings)

    def _as_operation(self, command: Command) -> tuple[Work, Way | NoWay] | None:
        """As the recipe for Django's own operation does it."""
        from migsafe.plan.recipes import all_recipes

        call = parse_call(command.state[0])
        assert call is not None
        kind = call.function.rpartition(".")[2]
        work = self._work(command)
        operation = structs.replace(
            work.operation,
            kind=kind,
            bases=(f"django.db.migrations.operations.{kind}",),
            models=(self._label(call),),
            serialized=(command.state[0], ()),
        )
        work = replace(work, operation=operation)
        for recipe in all_recipes():
            if kind in recipe.kinds and (planned := recipe.make(work)) and not isinstance(planned, Several):
                return work, planned
        return None

    def _safe(self, command: Command, work: Work) -> tuple[Stage, ...] | NoWay | None:
        """The safe form of a command; None if it is safe as it is."""
        action, catalog = command.action, command.before
        match action:
            case Update() | Delete() if catalog.table(action.relation):
                return self._in_batches(action, command)
            case Truncate(cascade=False) if len(action.together) == 1 and "RESTART" not in command.sql.upper():
                table = quoted(shown(catalog.locate(action.relation), catalog))
                delete = Delete(relation=action.relation, only=action.only)
                return self._in_batches(delete, replace(command, sql=f"DELETE FROM {'ONLY ' * action.only}{table}"))
            case _ if not command.findings and not self._is_in_use(action):
                return None
            case CreateIndex(concurrently=False):
                if not is_partitioned(action.relation, catalog):
                    return _one(indexes.built([(action, command.sql)], name=words(action.name or self.name)))
                both = indexes.built_on_partitions(action, command.sql, catalog, name=words(action.name or self.name))
                return both if isinstance(both, NoWay) else _one(*both)
            case DropIndex(concurrently=False, several=False, cascade=False) if index := catalog.index(action.index):
                return _one(indexes.dropped([index], catalog, name=words("drop", index.name.name)))
            case AddConstraint(constraint=constraint, relation=relation) if constraint.using_index is None:
                return self._constraint(relation, action, catalog)
            case SetNotNull(relation=relation, column=column):
                if self.work.postgres < PROVEN_BY_CHECK:
                    return TOO_OLD
                name = words(relation.name, column, "not_null")
                piece = set_not_null(work, shown(catalog.locate(relation), catalog), column, name=name, state=())
                return (
                    Stage(kind="expand", then=(none_empty(shown(catalog.locate(relation), catalog), column),)),
                    Stage(kind="contract", pieces=(piece,)),
                )
            case RefreshMaterializedView(relation=relation, with_data=True):
                return self._refreshed(relation, catalog)
        if not command.findings:
            return None
        found = command.findings[0]
        return NoWay(why=f"{found.code}: {found.message}", instead=found.fix)

    def _is_in_use(self, action: Action | None) -> bool:
        """Whether it is about a table that the migration has not made; lint may not tell of it if that is locked."""
        index = self.work.catalog.index(action.index) if isinstance(action, DropIndex) else None
        relation = index.relation if index else getattr(action, "relation", None)
        return isinstance(relation, Name) and self.work.migration.before.table(relation) is not None

    def _constraint(self, relation: Name, action: AddConstraint, catalog: Catalog) -> tuple[Stage, ...] | NoWay:
        before, after = catalog.table(relation), catalog.after(action).table(relation)
        if before is None or after is None or len(new := after.constraints.keys() - before.constraints) != 1:
            return NoWay(why="the server refuses the constraint, or its name is not known")
        constraint, table = structs.replace(after.constraints[new.pop()], valid=True), shown(before.name, catalog)
        name = words(constraint.name or self.name)
        match constraint.kind:
            case ConstraintKind.FOREIGN_KEY if constraint.references:
                made = foreign_key(table, constraint, catalog, postgres=self.work.postgres, name=name)
                return made if isinstance(made, NoWay) else _one(*made)
            case ConstraintKind.CHECK if constraint.expression:
                check = constraints.no_violations(table, constraint.expression, catalog)
                pieces = constraints.check(table, constraint, name=name)
            case ConstraintKind.UNIQUE:
                check = constraints.no_duplicates(index_of(table, constraint), catalog)
                pieces = constraints.unique(table, constraint, catalog, name=name)
            case _:
                return NoWay(why=f"there is no way to add a constraint of kind {constraint.kind} without a long lock")
        return Stage(kind="expand", then=(check,)), Stage(kind="contract", pieces=pieces)

    def _refreshed(self, relation: Name, catalog: Catalog) -> tuple[Stage, ...] | NoWay:
        usable = any(one.unique and one.where is None and None not in one.columns for one in catalog.indexes(relation))
        view = quoted(relation)
        if not usable:
            return NoWay(
                why=f"{relation.name} has no unique index on columns, so it cannot be refreshed concurrently",
                instead=f"Give it one (`CREATE UNIQUE INDEX CONCURRENTLY … ON {view} (…)`), and plan again.",
            )
        return _one(
            Piece(
                operations=(run_sql(f"REFRESH MATERIALIZED VIEW CONCURRENTLY {view}", None),),
                name=words("refresh", relation.name),
                why="The old content can be read until the new one is there.",
            )
        )

    def _in_batches(self, action: Update | Delete, command: Command) -> tuple[Stage, ...] | NoWay | None:
        """An UPDATE or DELETE for some primary keys at a time."""
        relation, batches = action.relation, divided(command.sql, action, command.before)
        if isinstance(batches, str):
            return NoWay(why=f"it cannot be put into batches: {batches}") if command.findings else None
        if command.undo:
            back = run_sql(list(command.undo), None)
            return NoWay(why=f"its reverse_sql ({back}) is not in batches") if command.findings else None
        what = "update" if isinstance(action, Update) else "delete_from"
        piece = in_batches(
            batches,
            name=words(what, relation.name, *(action.columns if isinstance(action, Update) else ())),
            function=words(what, relation.name),
            why=f"Batches of {SIZE:,} rows, each in a transaction of its own: it can be stopped, and run again.",
        )
        return (Stage(kind="backfill", pieces=(piece,)),)

    def _as_it_is(self, command: Command) -> tuple[Stage, ...] | NoWay:
        """The author's statement in a migration of its own."""
        if command.undo is None:
            return NoWay(
                why="it cannot be unapplied, and only its author knows what would undo it",
                instead="Give it a `reverse_sql`, or `migrations.RunSQL.noop` if nothing has to be undone; plan again.",
            )
        in_transaction = command.statement.transaction
        waits = any(isinstance(one, TableCommand) for one in command.actions) and in_transaction
        give_up = [GIVE_UP] * waits
        undo = [*give_up, *command.undo] if command.undo else None
        return _one(
            Piece(
                operations=(run_sql([*give_up, command.sql], undo),),
                name=self.name,
                why="",
                atomic=in_transaction,
                alone=not in_transaction,
            )
        )


IN_COMPANY = {"MS501", "MS505", "MS506", "MS601", "MS602", "MS604"}
"""Codes of findings that taking an operation apart answers: it has no way back, or several things hold one lock."""


HARMLESS = (SetDefault, DropDefault, DropNotNull)
"""Commands that take a moment; what is found in their statement is about others in it, or lint tells of the plan."""


def _one(*pieces: Piece) -> tuple[Stage, ...]:
    return (Stage(kind="expand", pieces=pieces),)


def _with_state(stages: tuple[Stage, ...], state: Sequence[str]) -> tuple[Stage, ...]:
    """The same stages; the last migration that changes the schema tells Django of it."""
    if not state:
        return stages
    place = max(index for index, stage in enumerate(stages) if stage.pieces)
    *others, last = stages[place].pieces
    told = replace(last, operations=(separate(database=list(last.operations), state=list(state)),))
    return (*stages[:place], replace(stages[place], pieces=(*others, told)), *stages[place + 1 :])


def _with_codes(stages: Sequence[Stage], codes: tuple[str, ...]) -> tuple[Stage, ...]:
    """The same stages; each migration says what it is there for."""
    return tuple(
        replace(stage, pieces=tuple(replace(piece, codes=piece.codes or codes) for piece in stage.pieces))
        for stage in stages
    )


def _told(parts: Sequence[tuple[Work, Way | NoWay]], state: Sequence[str]) -> list[tuple[Work, Way | NoWay]]:
    """The parts, of which the last one that changes the schema tells Django of the rest; none if there is none."""
    for place in reversed(range(len(parts))):
        work, way = parts[place]
        rows = any(isinstance(action, Update | Delete) for _, action in work.actions())
        if isinstance(way, Way) and not rows:
            told = replace(way, stages=_with_state(way.stages, state))
            return [*parts[:place], (work, told), *parts[place + 1 :]]
    return []


def _split(parsed: Parsed, before: Catalog) -> list[tuple[str, tuple[Action, ...]]]:
    """The commands of an ALTER TABLE, each as a statement; else the statement itself."""
    whole = [(parsed.sql, parsed.actions)]
    if parsed.dynamic or len(parsed.actions) < 2:
        return whole
    found = []
    for action in parsed.actions:
        sql = _command(action, before)
        if sql is None or len(again := parse(sql)) != 1:
            return whole
        found.append((sql, again[0].actions))
    return found


def _command(action: Action, before: Catalog) -> str | None:
    """The statement for a command of ALTER TABLE; None if it is not known how it is written."""
    if not isinstance(action, TableCommand) or action.only or action.table_if_exists:
        return None
    table = f"ALTER TABLE {quoted(action.relation)}\n"
    match action:
        case AlterColumnType(column=column, type=type_, using=using, collation=None):
            converted = f" USING {using.sql}" if using else ""
            return f"{table}ALTER COLUMN {quoted(column)} TYPE {sql_name(type_)}{converted}"
        case SetDefault(column=column, default=default):
            return f"{table}ALTER COLUMN {quoted(column)} SET DEFAULT {default.sql}"
        case DropDefault(column=column):
            return f"{table}ALTER COLUMN {quoted(column)} DROP DEFAULT"
        case SetNotNull(column=column):
            return f"{table}ALTER COLUMN {quoted(column)} SET NOT NULL"
        case DropNotNull(column=column):
            return f"{table}ALTER COLUMN {quoted(column)} DROP NOT NULL"
        case AddConstraint(constraint=constraint) if constraint.using_index is None:
            definition = constraint_definition(constraint, valid=constraint.valid)
            return f"{table}ADD {definition}" if definition else None
        case DropConstraint(name=name, cascade=False, if_exists=False):
            return f"{table}DROP CONSTRAINT {quoted(name)}"
    return None


def _inverse(action: Action, before: Catalog) -> str | None:
    """What undoes an action; empty for nothing, None if that is not known."""
    if isinstance(action, Update | Delete | Truncate | RefreshMaterializedView):
        return ""
    if isinstance(action, CreateIndex) and action.name:
        schema = before.locate(action.relation).schema
        return f"DROP INDEX {quoted(shown(Name(action.name, schema), before))}"
    if isinstance(action, AddConstraint) and action.constraint.name:
        return f"ALTER TABLE {quoted(action.relation)}\nDROP CONSTRAINT {quoted(action.constraint.name)}"
    if isinstance(action, SetDefault | DropDefault | SetNotNull | DropNotNull):
        table = before.table(action.relation)
        column = table.columns.get(action.column) if table else None
        alter = f"ALTER TABLE {quoted(action.relation)}\nALTER COLUMN {quoted(action.column)}"
        if column is None:
            return None
        if isinstance(action, SetNotNull | DropNotNull):
            return f"{alter} {'SET' if column.not_null else 'DROP'} NOT NULL"
        return f"{alter} SET DEFAULT {column.default.sql}" if column.default else f"{alter} DROP DEFAULT"
    if isinstance(action, DropIndex):
        return ""
    return None


def _about(action: Action) -> Iterator[tuple[str, str]]:
    """Table and column, constraint or index that an action is about."""
    relation = getattr(action, "relation", None)
    table = relation.name if isinstance(relation, Name) else ""
    match action:
        case CreateIndex(name=name) if name:
            yield "", name
        case DropIndex(index=index):
            yield "", index.name
        case AddConstraint(constraint=constraint):
            yield table, constraint.name or ""
        case DropConstraint(name=name):
            yield table, name
        case Update(columns=columns):
            yield from ((f"rows of {table}", column) for column in columns)
        case TableCommand():
            column = getattr(action, "column", None)
            yield table, column if isinstance(column, str) else getattr(column, "name", "")


def _dedented(source: str, node: ast.expr) -> str | None:
    text = ast.get_source_segment(source, node)
    if text is None:
        return None
    first, *others = text.split("\n")
    base = " " * node.col_offset
    return "\n".join([first, *(line.removeprefix(base) for line in others)])
