"""Columns that change places: the second is made and filled, takes the place of the first, and the first goes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from graphlib import TopologicalSorter
from itertools import groupby

from migsafe.actions import Name
from migsafe.plan.parts.batches import in_batches
from migsafe.plan.parts.names import own_name, words
from migsafe.plan.parts.not_null import PROVEN_BY_CHECK, TOO_OLD
from migsafe.plan.parts.shadow import Group, NotCopied, Part, Shadow, Undoable
from migsafe.plan.parts.sync import Sync
from migsafe.plan.recipe import Duty, Piece, Stage, Work
from migsafe.planning import Check
from migsafe.postgres.values import sql_name
from migsafe.sql.catalog import Column
from migsafe.sql.names import LENGTH, clip
from migsafe.written.batches import filled, key_column
from migsafe.written.definitions import shown
from migsafe.written.operations import GIVE_UP, literals, quoted, run_sql, separate, soon


class Exchange:
    """The migrations of an exchange; what is left of each when it is unapplied is what there was before it.

    Args:
        group: The columns.
        name: What names of migrations begin with.

    Raises:
        NotCopied: A table has no key by which its rows can be filled in batches, or the server is too old.
    """

    def __init__(self, group: Group, work: Work, name: str) -> None:
        if work.postgres < PROVEN_BY_CHECK and any(one.new.not_null for one in group.shadows):
            raise NotCopied(TOO_OLD.why)
        self.group = group
        self.work = work
        self.name = name
        self.shadows = group.shadows
        # Whoever refers to a column goes first: the foreign key of the new one leads to the new one already.
        referring = {
            index: {group.shadows.index(one) for one, _ in self._keys(shadow)} - {index}
            for index, shadow in enumerate(group.shadows)
        }
        self.shadows = [group.shadows[index] for index in TopologicalSorter(referring).static_order()]

    def beside(self, state: Piece, duty: Duty | None = None) -> tuple[Stage, ...]:
        """The second column has another name: code of both releases finds its own until nobody asks for the first."""
        return (
            Stage(kind="expand", pieces=tuple(self.prepared()), then=tuple(self.equal())),
            Stage(kind="expand", pieces=(*self.proven(), state), duties=(duty,) if duty else ()),
            Stage(kind="contract", pieces=(*self.exchanged([]), *self.retired())),
        )

    # Deploy 1

    def prepared(self) -> Iterator[Piece]:
        """Make the second columns, equal to the first and with all that these have."""
        for one in self.shadows:
            yield self._piece(
                [run_sql(*_added(one.sync, one.name, one.new, one, one.comments[1]))],
                words("add", one.table.name.name, one.name),
                f"Column {one.name} is to take the place of {one.column}. From here on a trigger gives it the same"
                " value in every row that is written, whichever release writes it.",
            )
        for one in self.shadows:
            yield self._filled(one, one.name, one.column, one.forth, lenient=one.lossy)
        if parts := [part for one in self.shadows for part in self.group.new(one) if not part.foreign]:
            yield self._piece(
                [run_sql(part.make, part.drop) for part in parts],
                words(self.name, "indexes"),
                "Indexes and constraints as the column has them, made while everybody reads and writes; if that fails,"
                " try again.",
                atomic=False,
            )
        yield from self._foreign_keys()

    def _foreign_keys(self) -> Iterator[Piece]:
        keys = [part for one in self.shadows for part in self.group.new(one) if part.foreign]
        gone = [each for one in self.shadows for each in self.group.foreign_keys(one)]
        if keys:
            operations = [run_sql(part.make, part.drop) for part in keys]
            # On the way back the old ones are there again by then, but not validated.
            again = [sql for one in gone for sql in one.validate]
            operations[0] = run_sql(keys[0].make, [*again, *keys[0].drop])
            yield self._piece(
                operations,
                words(self.name, "foreign_keys"),
                "Foreign keys are checked while everybody reads and writes; if that fails, try again.",
                atomic=False,
            )
        for each in gone:
            yield self._piece(
                [run_sql(each.drop, each.add)],
                words("drop_foreign_key_of", each.table),
                "The column that goes needs no foreign key any more: the trigger gives it the value of the other, which"
                " has one. It is dropped alone, since both tables are locked for a moment: this gives up soon if they"
                " are not to be had; then try again.",
            )

    def equal(self) -> Iterator[Check]:
        """What has to be so before they change places."""
        for one in self.shadows:
            table = shown(one.table.name, one.before)
            first, second = quoted(one.column), quoted(one.name)
            same, differs = "is equal to", f"{second} IS DISTINCT FROM {one.forth.format(first)}"
            if one.lossy:  # what does not fit may be an error
                same, differs = "has a value exactly where there is one in", f"({second} IS NULL) <> ({first} IS NULL)"
            yield Check(
                what=f"{one.name} {same} {one.column} in every row of {table.name}",
                sql=f"SELECT count(*) FROM {quoted(table)} WHERE {differs}",
                expected="0",
            )

    # Deploy 2

    def proven(self) -> Iterator[Piece]:
        """Let the second columns be NOT NULL where they are going to be."""
        operations = []
        for one in self.shadows:
            alter, name = f"{one.alter}\nALTER COLUMN", quoted(one.name)
            forward = _not_null(one, one.name) if one.new.not_null else []
            if one.lossy and not one.new.not_null:
                forward = _nothing_lost(one)
            backward = [f"{alter} {name} DROP NOT NULL"] if one.new.not_null else []
            if one.old.not_null and not self._is_key(one):
                backward += _not_null(one, one.column)
            if index := self.group.old_key(one):
                forward += index
                backward.append(index[0])
            backward += [sql for _, part in self._keys(one) for sql in part.drop]  # where it is run again
            backward += [sql for part in self.group.new(one) if part.key for sql in part.make]
            backward += [sql for _, part in self._keys(one) for sql in part.make]
            if forward:
                operations.append(run_sql(forward, backward or None))
            elif backward:
                operations.append(f"migrations.RunSQL(migrations.RunSQL.noop, {literals(backward)})")
        if operations:
            strict = any(one.new.not_null for one in self.shadows)
            yield self._piece(
                operations,
                words(self.name, "not_null" if strict else "complete"),
                "A CHECK that is validated while everybody reads and writes proves that no row is without a value"
                + ("; SET NOT NULL then reads no row." if strict else " that had one.")
                + " Each statement commits by itself; if one fails, try again.",
                atomic=False,
            )

    def exchanged(self, state: Sequence[str]) -> Iterator[Piece]:
        """Let them change places, a table at a time."""
        by_table = [(name, list(ones)) for name, ones in groupby(self.shadows, key=lambda one: one.table.name)]
        for number, (name, ones) in enumerate(by_table, 1):
            forward, backward = [GIVE_UP], [GIVE_UP]
            for one in ones:
                forward += self._exchange(one)
            for one in reversed(ones):
                backward += self._exchange_back(one)
            operation = run_sql(forward, backward)
            last = number == len(by_table)
            what = " and ".join(
                f"column {one.name} becomes {one.end}"
                if one.end == one.column
                else f"column {one.end} stands alone, since no running code asks for {one.column}"
                for one in ones
            )
            yield self._piece(
                [separate(database=[operation], state=list(state))] if last and state else [operation],
                words("switch", name.name, ones[0].end),
                f"{what[0].upper()}{what[1:]}: only names change, which takes a moment.",
            )

        back = [_not_null(one, one.aside) for one in self.shadows if self._is_key(one)]
        for one, part in (each for shadow in self.shadows for each in self._keys(shadow)):
            back.append([f"{one.alter}\nDROP CONSTRAINT IF EXISTS {quoted(part.name)}"])
        if back:
            yield self._piece(
                [f"migrations.RunSQL(migrations.RunSQL.noop, {literals(statements)})" for statements in back],
                words(self.name, "way_back"),
                "Does nothing but on the way back: the first column can be the primary key again without a look at each"
                " row under a lock once it is NOT NULL, and once no foreign key needs the second.",
                atomic=False,
            )

    # Deploy 3

    def retired(self) -> Iterator[Piece]:
        """Drop the first columns; going back makes them again, in the order of `prepared`."""
        parts = [part for one in self.shadows for part in self.group.old(one) if not part.foreign]
        if parts:
            yield self._piece(
                [run_sql(part.drop, part.make) for part in reversed(parts)],
                words(self.name, "drop_old_indexes"),
                "What was there for the columns that go. Indexes are dropped concurrently, so that nobody waits;"
                " constraints in a moment; if that fails, try again.",
                atomic=False,
            )
        for one in reversed(self.shadows):
            filled = self._filled(one, one.aside, one.end, one.back, lenient=True)
            (call,) = filled.operations
            function = call.partition("(")[2].partition(",")[0]
            yield replace(
                filled,
                operations=(f"migrations.RunPython(migrations.RunPython.noop, {function})",),
                why=f"Does nothing but on the way back, where it fills {one.aside} again.",
                effect="nothing; on the way back batches, no lock beyond rows",
            )
        for one in reversed(self.shadows):
            make, drop = _added(one.sync_back, one.aside, one.old, one, one.comments[0])
            yield self._piece(
                [run_sql(drop, make)],
                words("drop", one.table.name.name, one.aside),
                f"No running code knows {one.aside} any more.",
            )

    # Parts of them

    def _piece(self, operations: Sequence[str], name: str, why: str, *, atomic: bool = True) -> Piece:
        return Piece(operations=tuple(operations), name=name, why=why, atomic=atomic, codes=self.work.codes)

    def _filled(self, shadow: Shadow, name: str, source: str, value: str, *, lenient: bool) -> Piece:
        table, own, column = shown(shadow.table.name, shadow.before), quoted(name), quoted(source)
        key = key_column(shadow.table.name, shadow.before)
        if key is None:
            raise NotCopied(f"{table.name} has no single column as its primary key")
        # What becomes of a value that does not fit is for the trigger to say.
        value = own if lenient else value.format(column)
        empty = f"{own} IS NULL AND {column} IS NOT NULL"
        return in_batches(
            filled(table, key, name, value, empty),
            name=words("fill", table.name, name),
            function=f"fill_{name}" if name.isidentifier() else "fill",
            why="Each batch commits by itself and leaves out what is filled: it can be stopped, and run again.",
            codes=self.work.codes,
        )

    def _exchange(self, shadow: Shadow) -> list[str]:
        alter = shadow.alter
        new, old = self.group.new(shadow), self.group.old(shadow)
        statements = shadow.sync.drop()
        statements += [f"{alter}\nDROP CONSTRAINT {quoted(part.name)}" for part in old if part.key]
        statements += [_renamed(shadow, part, part.name, part.beside) for part in old if not (part.key or part.foreign)]
        if shadow.aside != shadow.column:
            statements.append(f"{alter}\nRENAME COLUMN {quoted(shadow.column)} TO {quoted(shadow.aside)}")
            statements.append(f"{alter}\nRENAME COLUMN {quoted(shadow.name)} TO {quoted(shadow.end)}")
        statements += [_renamed(shadow, part, part.beside, part.name) for part in new if not part.key]
        statements += [_as_key(shadow, part) for part in new if part.key]
        statements += self._numbered(shadow, shadow.aside, shadow.end, sql_name(shadow.new.type))
        if shadow.old.not_null:
            statements.append(f"{alter}\nALTER COLUMN {quoted(shadow.aside)} DROP NOT NULL")
        return statements + shadow.sync_back.create()

    def _exchange_back(self, shadow: Shadow) -> list[str]:
        """The same the other way round; foreign keys to a primary key are gone by then: `proven` brings them back."""
        alter = shadow.alter
        new, old = self.group.new(shadow), self.group.old(shadow)
        statements = shadow.sync_back.drop()
        statements += [f"{alter}\nDROP CONSTRAINT {quoted(part.name)}" for part in new if part.key]
        kept = [part for part in new if not part.key and not self._refers(part)]
        statements += [_renamed(shadow, part, part.name, part.beside) for part in kept]
        if shadow.aside != shadow.column:
            statements.append(f"{alter}\nRENAME COLUMN {quoted(shadow.end)} TO {quoted(shadow.name)}")
            statements.append(f"{alter}\nRENAME COLUMN {quoted(shadow.aside)} TO {quoted(shadow.column)}")
        statements += [_renamed(shadow, part, part.beside, part.name) for part in old if not (part.key or part.foreign)]
        statements += [_as_key(shadow, part) for part in old if part.key]
        statements += self._numbered(shadow, shadow.name, shadow.column, sql_name(shadow.old.type), back=True)
        return statements + shadow.sync.create()

    def _numbered(self, shadow: Shadow, old: str, new: str, type_: str, *, back: bool = False) -> list[str]:
        """Let a column take over from another what gives it values: sequence or default."""
        of = f"{shadow.alter}\nALTER COLUMN"
        own = [
            one
            for one in shadow.before.sequences_of(shadow.table.name)
            if one.owned_by == (shadow.table.name, shadow.column)
        ]
        if not own:
            default = shadow.new.default
            if default is None:
                return []
            return [f"{of} {quoted(old)} DROP DEFAULT" if back else f"{of} {quoted(new)} SET DEFAULT {default.sql}"]
        sequence = shown(own[0].name, shadow.before)
        name = quoted(sequence)
        if shadow.old.identity is None:
            table = quoted(shown(shadow.table.name, shadow.before))
            return [
                f"{of} {quoted(old)} DROP DEFAULT",
                f"ALTER SEQUENCE {name} AS {type_} OWNED BY {table}.{quoted(new)}",
                f"{of} {quoted(new)} SET DEFAULT nextval('{name}'::regclass)",
            ]
        former = replace_name(sequence, clip(f"{sequence.name}_was", LENGTH))
        return [
            f"ALTER SEQUENCE {name} RENAME TO {quoted(former.name)}",
            f"{of} {quoted(new)} ADD GENERATED {shadow.old.identity.upper()} AS IDENTITY (SEQUENCE NAME {name})",
            f"SELECT setval('{name}', last_value, is_called) FROM {quoted(former)}",
            f"{of} {quoted(old)} DROP IDENTITY",
        ]

    def _is_key(self, shadow: Shadow) -> bool:
        return any(part.key for part in self.group.new(shadow))

    def _keys(self, shadow: Shadow) -> list[tuple[Shadow, Part]]:
        """Foreign keys of the group that refer to a column which is its table's primary key."""
        if not self._is_key(shadow):
            return []
        return [
            (one, part)
            for one in self.shadows
            for part in self.group.new(one)
            if part.foreign and part.references == shadow.table.name
        ]

    def _refers(self, part: Part) -> bool:
        return any(other is part for shadow in self.shadows for _, other in self._keys(shadow))


def _added(sync: Sync, name: str, like: Column, shadow: Shadow, comment: str | None) -> Undoable:
    """A column that is kept equal to another."""
    collation = f" COLLATE {quoted(like.collation)}" if like.collation else ""
    add = f"{shadow.alter}\nADD COLUMN {quoted(name)} {sql_name(like.type)}{collation}"
    drop = f"{shadow.alter}\nDROP COLUMN {quoted(name)}"
    column = f"{quoted(shown(shadow.table.name, shadow.before))}.{quoted(name)}"
    said = [f"COMMENT ON COLUMN {column} IS {comment}"] if comment else []
    return [GIVE_UP, add, *said, *sync.create()], [GIVE_UP, *sync.drop(), drop]


def _renamed(shadow: Shadow, part: Part, old: str, new: str) -> str:
    if part.constraint:
        return f"{shadow.alter}\nRENAME CONSTRAINT {quoted(old)} TO {quoted(new)}"
    index = replace_name(shown(shadow.table.name, shadow.before), old)
    return f"ALTER INDEX {quoted(index)} RENAME TO {quoted(new)}"


def _as_key(shadow: Shadow, part: Part) -> str:
    return f"{shadow.alter}\nADD CONSTRAINT {quoted(part.name)} PRIMARY KEY USING INDEX {quoted(part.beside)}"


def _not_null(shadow: Shadow, column: str) -> list[str]:
    proof = quoted(own_name(column, "filled", shadow.table.name.name))
    return [
        *_proof(shadow, proof, f"{quoted(column)} IS NOT NULL"),
        soon(f"{shadow.alter}\nALTER COLUMN {quoted(column)} SET NOT NULL"),
        soon(f"{shadow.alter}\nDROP CONSTRAINT {proof}"),
    ]


def _nothing_lost(shadow: Shadow) -> list[str]:
    proof = quoted(own_name(shadow.name, "fits", shadow.table.name.name))
    same = f"({quoted(shadow.name)} IS NULL) = ({quoted(shadow.column)} IS NULL)"
    return [*_proof(shadow, proof, same), soon(f"{shadow.alter}\nDROP CONSTRAINT {proof}")]


def _proof(shadow: Shadow, name: str, check: str) -> list[str]:
    return [
        soon(f"{shadow.alter}\nDROP CONSTRAINT IF EXISTS {name}"),
        soon(f"{shadow.alter}\nADD CONSTRAINT {name} CHECK ({check}) NOT VALID"),
        f"{shadow.alter}\nVALIDATE CONSTRAINT {name}",
    ]


def replace_name(of: Name, name: str) -> Name:
    """Another name in the same schema."""
    return Name(name, of.schema)
