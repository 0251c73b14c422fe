"""Several leaf nodes in an app.

## What it catches
Two or more migrations of an app on which no other of the app depends: two branches have each added one. It says what
both sides have to do with: nothing in common; the same table; the same column, index or constraint, or something that
one of them drops or renames and the other needs, so that it matters which one comes first.

## Why it hurts
``migrate`` refuses to do anything, in any app, so the deploy stops. With a merge migration Django goes on, but that
says nothing of the order: a database that has one side gets the other one after it, and in a new one names decide. If
the order matters, databases differ from then on.

## Do this instead
``makemigrations --merge`` if the sides are independent. Otherwise put the side that no database has behind the other.
With django-linear-migrations, ``rebase_migration`` does that.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations

from migsafe.applied import Dependency, Graph, Key
from migsafe.model import Axis, Evidence, Finding, Severity
from migsafe.rules import HistoryContext, Rule
from migsafe.rules._evidence import few, listed, some
from migsafe.rules._fixes import pair, python, shell, steps, swappable
from migsafe.rules._numbers import number
from migsafe.rules._sides import sides

rule = Rule(
    __name__,
    code="MS708",
    severity=Severity.ERROR,
    axis=Axis.HISTORY,
    message="App {app} has several leaf nodes, {names}, which {common}",
    why="migrate refuses to do anything, in whichever app, until there is one.",
)

LONGEST = 47
"""Characters of the leaf nodes' names, of which Django makes the name of a merge migration."""


@rule.on_history
def check(context: HistoryContext) -> Iterator[Finding]:
    for app, keys in context.graph.conflict_sides().items():
        if app not in context.apps:
            continue
        found = sides(keys, context.replayed)
        pairs = tuple(combinations(found.values(), 2))
        clashes = sorted({clash for one, other in pairs for clash in one.clashes(other)})
        tables = sorted({table for one, other in pairs for table in one.tables & other.tables})
        unknown = [reason for side in found.values() for reason in side.unknown]
        if clashes:
            common = f"cannot be merged in any order: both have to do with {few(clashes)}"
        elif unknown:
            common = "may have to do with each other"
        elif tables:
            common = f"change different things of {few(tables)}"
        else:
            common = "are independent of each other"
        later = _later(context, keys)
        merge = (
            _merge(context.graph, app, keys, surely=not (tables or unknown))
            if not clashes
            else _in_order(context, app, keys, later)
        )
        yield rule.in_history(
            context,
            app,
            path=context.graph.nodes[later].path,
            about=" ".join(name for _, name in keys),
            names=listed([name for _, name in keys]),
            common=common,
            evidence=[Evidence("not known", "\n".join(some(unknown)))] if unknown else (),
            fix=merge,
        )


def _merge(graph: Graph, app: str, keys: Mapping[Key, tuple[Key, ...]], *, surely: bool) -> str:
    """The command, and what it makes, if Django would not put the time into its name."""
    if app in graph.max_migrations:
        return steps(
            "Put one behind the other, while git's conflict is still in max_migration.txt (django-linear-migrations):",
            shell(f"python manage.py rebase_migration {app}"),
        )
    names = [name for _, name in keys]
    joined = "_".join(sorted(names))
    last = max((found for name in names if (found := number(name)) is not None), default=1)
    made = f"Django calls it `{last + 1:04}_merge_{joined}`." if len(joined) <= LONGEST else ""
    first = "Either order gives the same:" if surely else "If either order gives the same, which is yours to say:"
    return steps(first, shell(f"python manage.py makemigrations --merge {app}"), *[made] * bool(made))


def _later(context: HistoryContext, keys: Mapping[Key, tuple[Key, ...]]) -> Key:
    """The leaf node whose side can come after the others: the last one of which nothing is applied, if there is one."""
    own = [leaf for leaf, side in keys.items() if all(context.is_new(key) for key in side)]
    return max(own or keys, key=list(context.graph.nodes).index)


def _in_order(context: HistoryContext, app: str, keys: Mapping[Key, tuple[Key, ...]], later: Key) -> str:
    """How to put one side behind the others."""
    graph = context.graph
    before = [leaf for leaf in keys if leaf != later]
    shared = {key for leaf in before for key in keys[leaf]}
    first = graph.nodes[next(key for key in keys[later] if key not in shared)]
    last = max((found for _, name in before if (found := number(name)) is not None), default=None)
    renamed = ""
    if last is not None and number(first.name) is not None:
        renamed = f" Give it the number {last + 1:04} too."
    applied = [".".join(key) for key in keys[later] if not context.is_new(key)] if context.past.sources else []
    if applied:
        return steps(
            f"Both sides are applied somewhere ({few(applied)} among them), so databases may differ already. "
            "Compare them, make them the same in a new migration, and only then merge:",
            shell(f"python manage.py makemigrations --merge {app}"),
        )
    if app in graph.max_migrations:
        return steps(
            "Put one behind the other, while git's conflict is still in max_migration.txt (django-linear-migrations), "
            "and check that its operations still fit:",
            shell(f"python manage.py rebase_migration {app}"),
        )
    others = [one for one in first.dependencies if one.app != app]
    dependencies = [*(Dependency(*leaf) for leaf in before), *others]
    return steps(
        f"Put the side that no database has behind the other; if that is {later[1]}, in {first.path}:",
        python("dependencies = [", *(f"    {_written(one)}," for one in dependencies), "]"),
        f"Check that its operations still fit.{renamed}",
    )


def _written(dependency: Dependency) -> str:
    return swappable(dependency.setting) if dependency.setting else pair((dependency.app, dependency.name))
