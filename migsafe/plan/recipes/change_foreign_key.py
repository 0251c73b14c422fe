"""Let a field refer to another model, or its foreign key be in the database or not, without long locks."""

from dataclasses import replace

from msgspec.structs import replace as changed

from migsafe.actions import AddConstraint, Constraint, ConstraintKind, DropConstraint, DropNotNull, Name, SetConstraints
from migsafe.plan.parts.foreign_keys import foreign_key
from migsafe.plan.parts.names import own_name, words
from migsafe.plan.recipe import Duty, NoWay, Piece, Planned, Recipe, Stage, Way, Work
from migsafe.planning import Check
from migsafe.sql.catalog import Catalog
from migsafe.written.definitions import constraint_definition, shown
from migsafe.written.operations import BEFORE_DEADLOCK, GIVE_UP, quoted, run_sql, separate

recipe = Recipe(__name__, kinds=("AlterField",))

IN_DATABASE = ("cascade", "set null", "set default")
"""What PostgreSQL does by itself to rows whose parent is deleted: ``DB_CASCADE`` and the like, from Django 6.1 on."""

TRY_AGAIN = "Both tables are locked for a moment: this gives up soon if they are not to be had; then try again."

UNCARED_FOR = NoWay(
    why=(
        "code leaves it to the foreign key what becomes of rows whose parent is deleted, and for a while there would be"
        " none"
    ),
    instead=(
        "Make three changes of it, each with a plan of its own: an `on_delete` that Django carries out (`CASCADE`,"
        " `SET_NULL`), then this one, then the `on_delete` that you want."
    ),
)

ONE_BY_ONE = "Make two changes of it: `null=True` alone, then what it refers to."


@recipe.way
def plan(work: Work) -> Planned:
    every = [action for _, action in work.actions() if not isinstance(action, SetConstraints)]
    nullable = next((action for action in every if isinstance(action, DropNotNull)), None)
    actions = [action for action in every if action is not nullable]
    drops = [action for action in actions if isinstance(action, DropConstraint)]
    adds = [action for action in actions if isinstance(action, AddConstraint)]
    if work.written is None or not actions or len(drops) + len(adds) != len(actions) or max(len(drops), len(adds)) > 1:
        return None
    old = _foreign_key(drops[0], work.catalog) if drops else None
    new = adds[0].constraint if adds and adds[0].constraint.references else None
    if (drops and old is None) or (adds and new is None) or work.model_after is None:
        return None
    relation = shown(work.catalog.locate((drops or adds)[0].relation), work.catalog)
    name = words(work.model_after.name, (work.written.argument("name", 1) or "").strip("\"'"))
    if old and new and _same(old, new, work.catalog):
        # Django takes it off and on again, whatever changes of the field; at best nothing has to be done to it.
        state = replace(_state(work, name), why="Nothing of it changes in the database.")
        if nullable:
            state = _nullable(work, relation, nullable.column, name)
        kept = {f"{relation}.{old.name}": f"{relation}.{new.name}"} if old.name != new.name else {}
        return Way(stages=(Stage(kind="expand", pieces=(state,)),), keeps=kept)
    if nullable:
        return NoWay(why="what it refers to changes, and it may be NULL as well", instead=ONE_BY_ONE)
    if old and new and _same_parent(old, new, work.catalog):
        return _exchanged(work, relation, old, new, name)
    if any(one and one.on_delete in IN_DATABASE for one in (old, new)):
        return UNCARED_FOR
    first = _dropped(work, relation, old, name) if old else _state(work, name)
    if new is None:
        return Way(stages=(Stage(kind="expand", pieces=(first,)),))
    pieces = foreign_key(relation, new, work.catalog, postgres=work.postgres, name=words(name, "foreign_key"))
    if isinstance(pieces, NoWay):
        return pieces
    field = words((work.written.argument("name", 1) or "").strip("\"'"))
    parent = new.references.name if new.references else ""
    duty = Duty(model=work.label, field=field, must=f"write only values that are there in {parent}")
    return Way(
        stages=(
            Stage(kind="expand", pieces=(first,), duties=(duty,), then=(_no_orphans(relation, new, work.catalog),)),
            Stage(kind="contract", pieces=tuple(replace(piece, codes=work.codes) for piece in pieces)),
        ),
        notes=(
            f"Values of {relation.name}.{new.columns[0]} that {parent} does not have must be gone, or changed, before"
            " the foreign key is there.",
        ),
    )


def _foreign_key(action: DropConstraint, catalog: Catalog) -> Constraint | None:
    table = catalog.table(action.relation)
    found = table.constraints.get(action.name) if table else None
    return found if found and found.kind is ConstraintKind.FOREIGN_KEY else None


def _same(one: Constraint, other: Constraint, catalog: Catalog) -> bool:
    def plain(constraint: Constraint) -> Constraint:
        references = catalog.locate(constraint.references) if constraint.references else None
        return changed(constraint, name=None, references=references)

    return plain(one) == plain(other)


def _same_parent(one: Constraint, other: Constraint, catalog: Catalog) -> bool:
    return _same(changed(one, on_delete=other.on_delete), other, catalog)


def _exchanged(work: Work, relation: Name, old: Constraint, new: Constraint, name: str) -> Planned:
    """The way where only what happens on DELETE changes: there is always a foreign key, for a while there are two.

    What the server does to rows whose parent is gone, code may do before it as well; what it does no more, code has to
    do by then. So all that runs meanwhile deletes these rows first, and then the parent: it locks the tables in the
    order in which DROP CONSTRAINT does.
    """
    assert work.written is not None
    known = work.catalog.table(relation)
    beside = own_name(new.name or "", "new")
    if known is None or beside in known.constraints:
        return NoWay(why=f"there is a constraint {beside} already, which the new foreign key would be called meanwhile")
    pieces = foreign_key(
        relation, changed(new, name=beside), work.catalog, postgres=work.postgres, name=words(name, "foreign_key")
    )
    if isinstance(pieces, NoWay):
        return pieces
    add, validate = pieces
    table, last, first = f"ALTER TABLE {quoted(relation)}", quoted(new.name or ""), quoted(old.name or "")
    own = changed(old, references=old.references and shown(old.references, work.catalog))
    both = run_sql(f"{table}\nVALIDATE CONSTRAINT {quoted(beside)}", f"{table}\nVALIDATE CONSTRAINT {first}")
    exchange = run_sql(
        [
            BEFORE_DEADLOCK,
            f"{table}\nDROP CONSTRAINT {first}",
            f"{table}\nRENAME CONSTRAINT {quoted(beside)} TO {last}",
        ],
        [
            BEFORE_DEADLOCK,
            f"{table}\nRENAME CONSTRAINT {last} TO {quoted(beside)}",
            f"{table}\nADD {constraint_definition(own, valid=False)}",
        ],
    )
    code_first = old.on_delete in IN_DATABASE and new.on_delete not in IN_DATABASE
    swap = Piece(
        operations=(exchange if code_first else separate(database=[exchange], state=[work.written.code]),),
        name=words("exchange", name, "foreign_key"),
        why=f"The new foreign key takes the place of the old one. {TRY_AGAIN}",
        imports=() if code_first else work.imports,
    )
    made = tuple(replace(one, codes=work.codes) for one in (add, replace(validate, operations=(both,)), swap))
    if not code_first:
        return Way(stages=(Stage(kind="expand", pieces=made),))
    state = replace(_state(work, name), why="Code does itself what the foreign key has done so far.")
    return Way(stages=(Stage(kind="expand", pieces=(state,)), Stage(kind="contract", pieces=made)))


def _state(work: Work, name: str) -> Piece:
    assert work.written is not None
    return Piece(
        operations=(separate(database=[], state=[work.written.code]),),
        name=name,
        why="Code of both releases may write what it knows: there is no foreign key yet.",
        imports=work.imports,
        codes=work.codes,
        alone=False,
    )


def _nullable(work: Work, relation: Name, column: str, name: str) -> Piece:
    alter = f"ALTER TABLE {quoted(relation)}\nALTER COLUMN {quoted(column)}"
    sql = run_sql([GIVE_UP, f"{alter} DROP NOT NULL"], [GIVE_UP, f"{alter} SET NOT NULL"])
    assert work.written is not None
    return Piece(
        operations=(separate(database=[sql], state=[work.written.code]),),
        name=words(name, "nullable"),
        why="The foreign key stays as it is: it need not be taken off, and all rows be read when it is put on again.",
        imports=work.imports,
        codes=work.codes,
    )


def _dropped(work: Work, relation: Name, old: Constraint, name: str) -> Piece:
    assert work.written is not None
    own = changed(old, references=old.references and shown(old.references, work.catalog))
    table = f"ALTER TABLE {quoted(relation)}"
    drop = run_sql(
        [BEFORE_DEADLOCK, f"{table}\nDROP CONSTRAINT {quoted(old.name or '')}"],
        [BEFORE_DEADLOCK, f"{table}\nADD {constraint_definition(own)}"],
    )
    return Piece(
        operations=(separate(database=[drop], state=[work.written.code]),),
        name=words(name, "without_foreign_key"),
        why=TRY_AGAIN,
        imports=work.imports,
        codes=work.codes,
    )


def _no_orphans(relation: Name, key: Constraint, catalog: Catalog) -> Check:
    assert key.references is not None
    parent = shown(catalog.locate(key.references), catalog)
    column = quoted(key.columns[0])
    target = quoted(key.referenced_columns[0]) if key.referenced_columns else '"id"'
    return Check(
        what=f"every {key.columns[0]} of {relation.name} is there in {parent.name}",
        sql=(
            f"SELECT count(*) FROM {quoted(relation)} AS own WHERE own.{column} IS NOT NULL AND NOT EXISTS"
            f" (SELECT FROM {quoted(parent)} AS parent WHERE parent.{target} = own.{column})"
        ),
        expected="0",
    )
