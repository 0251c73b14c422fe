"""Drop an index while everybody reads and writes."""

from migsafe.plan.parts import keys
from migsafe.plan.parts.indexes import DROPPED
from migsafe.plan.parts.names import words
from migsafe.plan.recipe import Piece, Planned, Recipe, Stage, Way, Work
from migsafe.written.definitions import shown
from migsafe.written.operations import quoted, run_sql
from migsafe.written.partitions import is_partitioned

recipe = Recipe(__name__, kinds=("RemoveIndex", "RemoveIndexConcurrently"))

IMPORT = "from django.contrib.postgres.operations import RemoveIndexConcurrently"


@recipe.way
def plan(work: Work) -> Planned:
    if work.written is None:
        return None
    if work.migration.refuses(work.operation):
        return keys.refused(work)
    name = words("remove", (work.written.argument("name", 1) or "").strip("\"'"))
    found = keys.change(work)
    if not isinstance(found, keys.Change):
        return found
    if not work.is_djangos or is_partitioned(found.relation, found.before):
        return keys.way(work, name)
    names = (quoted(shown(one.name, found.before)) for one in found.drops)
    leftover = [run_sql(None, f"DROP INDEX CONCURRENTLY IF EXISTS {one}") for one in names]
    piece = Piece(
        operations=(work.written.calling("RemoveIndexConcurrently").code, *leftover),
        name=name,
        why=f"{DROPPED} Going back first drops what is left of a build that failed.",
        atomic=False,
        imports=(*work.imports, IMPORT),
        codes=work.codes,
    )
    return Way(stages=(Stage(kind="contract", pieces=(piece,)),))
