"""What a database consists of, as text: two of them can be compared, and people can read what differs.

Read from ``pg_catalog`` with a few queries, however many tables there are. Nothing depends on oids, so that an object
that was dropped and made again is the same one. Left out: owners and privileges, security labels, settings of roles
and databases, user mappings, subscriptions, the current values of sequences, statistics that ANALYZE collects, and
what belongs to an extension, which stands for all of it.
"""

from collections.abc import Iterator

import msgspec

from migsafe.sandbox.reading import reading
from migsafe.sandbox.schema_queries import queries
from migsafe.verification import SchemaDifference


class Object(msgspec.Struct, frozen=True):
    """One object of a schema.

    Attributes:
        kind: As in `SchemaDifference.kind`.
        name: Qualified unless it is in ``public``; that of what belongs to a table begins with the table's.
        definition: What it is, in SQL as far as there is SQL for it.
        within: Name of the object without which it cannot be: the table of a column.
        nameless: The definition without the object's own name; None for kinds that are not compared by it.
        anonymous: Whether nothing refers to it by its name, which the server has chosen.
        detail: What may differ without harm.
    """

    kind: str
    name: str
    definition: str
    within: str | None = None
    nameless: str | None = None
    anonymous: bool = False
    detail: str = ""


class Schema(msgspec.Struct, frozen=True):
    """All objects of a database that are not the server's own, the columns of a table in their order."""

    objects: tuple[Object, ...]


def snapshot(dsn: str) -> Schema:
    """Read the schema of a database.

    Raises:
        psycopg.Error: The server cannot be reached.
    """
    with reading(dsn) as connection:
        major = connection.info.server_version // 10000
        with connection.pipeline():
            cursors = [connection.execute(query.encode()) for query in queries(major)]
        return Schema(tuple(Object(*row) for cursor in cursors for row in cursor))


def differences(before: Schema, after: Schema) -> tuple[SchemaDifference, ...]:
    """What is not the same in two schemas: what is gone or differs in the order of `before`, then what is new.

    What belongs to an object that is only on one side, such as the columns of a table, is part of it. Harmless are
    another order of columns, and another name of what the server names and nobody calls by its name: NOT NULL, a
    primary key, the sequence of a serial or identity column, the index of a partition that belongs to one of its table.
    """
    return tuple(_differences(before, after))


def _differences(before: Schema, after: Schema) -> Iterator[SchemaDifference]:
    old = {(each.kind, each.name): each for each in before.objects}
    new = {(each.kind, each.name): each for each in after.objects}
    one_sided = {name for _, name in old} ^ {name for _, name in new}
    for key in [*old, *(key for key in new if key not in old)]:
        was, now = old.get(key), new.get(key)
        if was is None or now is None:
            some = was or now
            assert some is not None
            if some.within not in one_sided:
                yield _difference(was, now)
        elif was.definition != now.definition:
            yield _difference(was, now)
        elif was.detail != now.detail:
            yield SchemaDifference(
                kind=was.kind,
                name=was.name,
                before=was.definition + was.detail,
                after=now.definition + now.detail,
                harmless=True,
            )


def _difference(before: Object | None, after: Object | None) -> SchemaDifference:
    some = before or after
    assert some is not None
    return SchemaDifference(
        kind=some.kind,
        name=some.name,
        before=before.definition if before else None,
        after=after.definition if after else None,
    )
