"""Build an index while everybody reads and writes."""

from migsafe.plan.recipe import Piece, Planned, Recipe, Stage, Way, Work

recipe = Recipe(__name__, kinds=("AddIndex",))


@recipe.way
def plan(work: Work) -> Planned:
    if work.written is None:
        return None
    name = work.written.call("index", 1)
    index = name.argument("name") if name else None
    label = (index or "index").strip("\"'")
    drop = f"migrations.RunSQL(sql='DROP INDEX CONCURRENTLY IF EXISTS \"{label}\"', reverse_sql=migrations.RunSQL.noop)"
    piece = Piece(
        operations=(drop, work.written.calling("AddIndexConcurrently").code),
        name=label,
        why="Built concurrently, so that nobody waits; what is left of a build that failed is dropped first.",
        atomic=False,
        imports=("from django.contrib.postgres.operations import AddIndexConcurrently",),
        codes=work.codes,
    )
    return Way(stages=(Stage(kind="expand", pieces=(piece,)),))
