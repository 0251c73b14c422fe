"""Add a stored generated column, which PostgreSQL cannot do without writing the whole table anew."""

from migsafe.plan.recipe import NoWay, Planned, Recipe, Work

recipe = Recipe(__name__, kinds=("AddField",))

VIRTUAL = 18
"""PostgreSQL from which on a generated column can be computed when it is read (Django 6.0)."""


@recipe.way
def plan(work: Work) -> Planned:
    name = ((work.written and work.written.argument("name", 1)) or "").strip("\"'")
    field = work.field_after(name)
    if field is None or not field.generated:
        return None
    virtual = "With `db_persist=False` PostgreSQL computes it when it is read, which costs nothing now. "
    ways = virtual if work.postgres >= VIRTUAL and work.django >= (6, 0) else ""
    return NoWay(
        why=(
            "PostgreSQL computes a stored generated column for all rows when it is added, and an ordinary column that"
            " was filled before cannot become one"
        ),
        instead=(
            f"{ways}Make it an ordinary field, with a trigger (`BEFORE INSERT OR UPDATE`) that computes it: such a"
            " column is filled in batches, and code reads it in the same way. Or choose a quiet time for it, with a"
            " `lock_timeout`: nobody can read or write the table until it is written anew, with all of its indexes."
        ),
    )
