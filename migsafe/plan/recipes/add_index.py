"""Build an index while everybody reads and writes."""

from migsafe.plan.parts import keys
from migsafe.plan.parts.indexes import BUILT
from migsafe.plan.parts.names import words
from migsafe.plan.recipe import Piece, Planned, Recipe, Stage, Way, Work
from migsafe.written.operations import quoted, run_sql
from migsafe.written.partitions import is_partitioned

recipe = Recipe(__name__, kinds=("AddIndex", "AddIndexConcurrently"))

IMPORT = "from django.contrib.postgres.operations import AddIndexConcurrently"


@recipe.way
def plan(work: Work) -> Planned:
    if work.written is None:
        return None
    if work.migration.refuses(work.operation):
        return keys.refused(work)
    found = keys.change(work)
    if not isinstance(found, keys.Change):
        return found
    name = found.builds[0][0].name or ""
    # Django looks for an index in the schemas of the search path only, when it is to drop it.
    if not work.is_djangos or found.relation.schema or is_partitioned(found.relation, found.before):
        return keys.way(work, words(name))
    return _concurrently(work, name)


def _concurrently(work: Work, name: str) -> Way:
    assert work.written is not None
    drop = run_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {quoted(name)}", None)
    piece = Piece(
        operations=(drop, work.written.calling("AddIndexConcurrently").code),
        name=words(name),
        why=BUILT,
        atomic=False,
        imports=(*work.imports, IMPORT),
        codes=work.codes,
    )
    return Way(stages=(Stage(kind="expand", pieces=(piece,)),))
