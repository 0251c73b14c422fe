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
    Update,
)
from migsafe.model import Finding
from migsafe.plan.parts import constraints, indexes
from migsafe.plan.parts.backfill import none_empty
from migsafe.plan.parts.batches import SIZE, Batches, in_batches, key_column
from migsafe.plan.parts.foreign_keys import foreign_key
from migsafe.plan.parts.names import words
from migsafe.plan.parts.not_null import PROVEN_BY_CHECK, TOO_OLD, set_not_null
from migsafe.plan.recipe import NoWay, Piece, Planned, Several, Stage, Way, Work
from migsafe.postgres.values import sql_name
from migsafe.project.operations import SqlStatement
from migsafe.sql.catalog import Catalog
from migsafe.sql.forms.family import volatile_function
from migsafe.sql.parse import parse
from migsafe.sql.parse.rows import by_keys
from migsafe.written.call import Written, parse_call
from migsafe.written.definitions import constraint_definition, shown
from migsafe.written.operations import GIVE_UP, quoted, run_sql, separate


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
