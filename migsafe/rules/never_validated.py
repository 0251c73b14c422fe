"""A NOT VALID constraint that no migration validates.

## What it catches
A constraint that is added NOT VALID and still is at the end of the history.

## Why it hurts
New rows are checked, but rows from before may break it, and nobody finds out. PostgreSQL does not rely on it either:
such a CHECK does not spare SET NOT NULL its scan. A dump of the database does not restore if old rows break it.

## Do this instead
Validate it in a later migration, once the old rows are in order. Everybody can work meanwhile.
"""

from collections.abc import Callable, Iterator, Sequence

from migsafe.actions import AddConstraint
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Pending, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.sql.catalog import Catalog
from migsafe.written.operations import quoted, run_sql

rule = Rule(
    __name__,
    code="MS305",
    severity=Severity.INFO,
    axis=Axis.DATA,
    message="Constraint {name} of {relation} is NOT VALID, and no migration validates it",
    why=(
        "It holds for rows that are written from now on. Those that are there already may break it, and neither"
        " PostgreSQL nor code can rely on it."
    ),
)


@rule.on(AddConstraint)
def check(action: AddConstraint, context: Context) -> Iterator[Pending]:
    constraint, table = action.constraint, context.catalog.table(action.relation)
    if constraint.valid or not constraint.enforced or table is None or context.fails:
        return
    added = context.catalog.after(action).tables[table.name].constraints
    for name in added.keys() - table.constraints.keys():
        model = context.model
        validate = run_sql(f"ALTER TABLE {quoted(action.relation)}\nVALIDATE CONSTRAINT {quoted(name)}", None)
        imports = ""
        if context.operation.is_a("AddConstraintNotValid"):
            validate = f'ValidateConstraint(model_name="{model}", name="{name}")'
            imports = "from django.contrib.postgres.operations import ValidateConstraint"
        finding = rule.finding(
            context,
            relation=action.relation,
            about=name,
            name=name,
            fix=steps("Validate it in a later migration:", migration(validate, imports=imports)),
        )
        yield Pending(finding, (table.oid, name))


@rule.on_end
def at_end(pending: Sequence[Pending], end: Callable[[], Catalog]) -> Iterator[Finding]:
    not_valid = {
        (table.oid, name)
        for table in end().tables.values()
        for name, constraint in table.constraints.items()
        if not constraint.valid
    }
    yield from (one.finding for one in pending if one.about in not_valid)
