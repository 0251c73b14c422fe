"""What an action sets off: rules, triggers, functions and prepared statements."""

from collections.abc import Iterator

from msgspec.structs import replace

from migsafe import actions as a
from migsafe.actions import Action, Name, Unknown
from migsafe.postgres.functions import is_built_in
from migsafe.sql.catalog import Catalog, Table

_CALLING = (a.Insert, a.Update, a.Delete, a.Merge, a.Select, a.Copy, a.Truncate, a.Execute)


def carried_out(action: Action, catalog: Catalog) -> tuple[Action, ...]:
    """The action, and what PostgreSQL does because of it; `Unknown` for what no text tells."""
    if not isinstance(action, _CALLING):
        return (action,)
    done: list[Action] = [action]
    called: set[Name] = set()
    for each in done:
        if isinstance(each, a.Execute):
            done += _prepared(each, catalog)
            continue
        functions = list(getattr(each, "functions", ()))
        for event, relation, columns in _events(each):
            for table in reached(relation, catalog):
                for rule in table.rules.values():
                    if rule.event == event:
                        done += (item for item in rule.actions if item not in done)
                        functions += rule.functions
                for trigger in _fired(table, event, columns, catalog):
                    functions += (trigger.function, *trigger.functions)
        for function in functions:
            if function not in called:
                called.add(function)
                done += _body(function, catalog)
    return tuple(done)


def rewritten(action: Action, catalog: Catalog) -> tuple[Action, ...]:
    """The action, and those that rules add to it: all that is planned before anything is carried out."""
    done: list[Action] = [action]
    for each in done:
        for event, relation, _ in _events(each):
            for table in reached(relation, catalog):
                for rule in table.rules.values():
                    if rule.event == event:
                        done += (item for item in rule.actions if item not in done)
    return tuple(done)


def _prepared(action: a.Execute, catalog: Catalog) -> tuple[Action, ...]:
    prepared = catalog.prepared.get(action.name)
    if prepared is None:
        return (Unknown(reason=f"what the prepared statement {action.name} does is not known"),)
    return (a.Plan(command="explain", actions=prepared),) if action.planned else prepared


def _body(name: Name, catalog: Catalog) -> Iterator[Action]:
    function = catalog.function(name)
    if function is not None:
        for action in function.body:
            if isinstance(action, Unknown):
                yield replace(action, reason=f"{name.name}(): {action.reason}")
            else:
                yield action
    elif not is_built_in(name) and not catalog.extensions:
        yield Unknown(reason=f"what the function {name} does is not known")


def _events(action: Action) -> Iterator[tuple[str, Name, tuple[str, ...] | None]]:
    """What rules and triggers are for, the relation, and columns if only some are changed."""
    if isinstance(action, a.Insert):
        yield "insert", action.relation, None
        if action.conflict == "update":
            yield "update", action.relation, action.updates
    elif isinstance(action, a.Update):
        yield "update", action.relation, action.columns
    elif isinstance(action, a.Delete):
        yield "delete", action.relation, None
    elif isinstance(action, a.Merge):
        for command in action.commands:
            yield command, action.relation, action.columns if command == "update" else None
    elif isinstance(action, a.Copy) and action.into:
        yield "insert", action.relation, None
    elif isinstance(action, a.Truncate):
        yield "truncate", action.relation, None


def reached(relation: Name, catalog: Catalog) -> Iterator[Table]:
    """What a change of a relation goes through: views, down to the table."""
    table = catalog.table(relation)
    while table is not None:
        yield table
        table = catalog.table(table.base) if table.base is not None else None


def replaced(relation: Name, event: str, catalog: Catalog) -> tuple[list[Table], bool] | None:
    """When a rule or a trigger does something INSTEAD: the relations reached until then, and whether it does it."""
    passed: list[Table] = []
    for table in reached(relation, catalog):
        passed.append(table)
        for rule in table.rules.values():
            if rule.instead and rule.event == event and not rule.filtered:
                return passed, bool(rule.actions)
        if any(t.timing == "instead of" and event in t.events for t in table.triggers.values()):
            return passed, True
    return None


def _fired(table: Table, event: str, columns: tuple[str, ...] | None, catalog: Catalog) -> Iterator[a.CreateTrigger]:
    """Triggers of the table, and those for rows of its descendants and of the tables that it is a partition of."""
    own = tuple(table.triggers.values())
    for_rows = (
        trigger
        for name in (*catalog.family(table.name)[1:], *catalog.ancestors(table.name))
        for trigger in catalog.tables[name].triggers.values()
        if trigger.row
    )
    for trigger in (*own, *for_rows):
        touched = event != "update" or not trigger.columns or not set(trigger.columns).isdisjoint(columns or ())
        if trigger.enabled and event in trigger.events and touched:
            yield trigger


def rule_targets(rule: a.CreateRule) -> Iterator[Name]:
    """Relations that the condition and the actions of a rule name."""
    yield from rule.reads
    for action in rule.actions:
        if isinstance(action, (a.Insert, a.Update, a.Delete)):
            yield action.relation
        if isinstance(action, (a.Insert, a.Update, a.Delete, a.Select)):
            yield from action.reads
