"""Reports of ``migsafe verify`` for the tests of rules and renderers: one migration for each thing that can come out."""

from typing import Any

from migsafe.model import Effect, LockMode, Migration, Operation, Severity, Statement, Summary
from migsafe.postgres.locks import blocks
from migsafe.rules import all_rules, verified
from migsafe.verification import (
    Difference,
    Executed,
    Failure,
    Filled,
    Interrupted,
    Probe,
    Queries,
    Rollout,
    RowDifference,
    Run,
    SchemaDifference,
    Stall,
    Verification,
    VerifyReport,
)

RULES = tuple(rule for rule in all_rules() if rule.verifies)
ADD = """ALTER TABLE "shop_order" ADD COLUMN "note" varchar(64) DEFAULT '' NOT NULL"""
DROP_DEFAULT = 'ALTER TABLE "shop_order" ALTER COLUMN "note" DROP DEFAULT'
INSERT = """INSERT INTO "shop_order" ("status") VALUES ('new') RETURNING "shop_order"."id\""""
NOT_NULL = 'null value in column "note" of relation "shop_order" violates not-null constraint'
LEFT_INDEX = SchemaDifference(
    kind="index", name="shop_order_note_idx", before=None, after="CREATE INDEX shop_order_note_idx ON shop_order (note)"
)
REORDERED = SchemaDifference(
    kind="table", name="shop_order", before="id, note, status", after="id, status, note", harmless=True
)


def effect(relation: str = "shop_order", lock: LockMode = LockMode.ACCESS_EXCLUSIVE) -> Effect:
    return Effect(relation, lock, rewrites=False, scans=False, blocks=blocks(lock))


def executed(sql: str = ADD, **changes: Any) -> Executed:
    values: dict[str, Any] = {
        "sql": sql,
        "operation": 0,
        "transaction": True,
        "seconds": 0.003,
        "predicted": (effect(),),
        "observed": (effect(),),
    }
    return Executed(**(values | changes))


def run(direction: Any = "forward", **changes: Any) -> Run:
    values: dict[str, Any] = {
        "direction": direction,
        "seconds": 0.02,
        "statements": (executed(), executed(DROP_DEFAULT, seconds=0.001)),
    }
    return Run(**(values | changes))


def probe(action: Any = "insert", error: str | None = None, **changes: Any) -> Probe:
    values: dict[str, Any] = {
        "model": "shop.Order",
        "table": "shop_order",
        "action": action,
        "sql": INSERT,
        "error": error,
    }
    return Probe(**(values | changes))


def verification(name: str = "0042_note", **changes: Any) -> Verification:
    """A migration with which all is well."""
    values: dict[str, Any] = {
        "app": "shop",
        "migration": name,
        "path": f"shop/migrations/{name}.py",
        "verdict": "reversible",
        "filled": (Filled(table="shop_order", rows=1000),),
        "forward": run(),
        "rollout": Rollout(order="any", old_code=(probe(),), new_code=(probe(),)),
        "backward": run("backward"),
        "again": run("forward again"),
    }
    return Verification(**(values | changes))


def migration(proof: Verification, *, atomic: bool = True) -> Migration:
    statement = Statement(sql=ADD, line=None, analysed=True, reason=None, fails=None, effects=(effect(),))
    operations = tuple(
        Operation(
            index=index,
            kind=kind,
            description=kind,
            line=12 + index,
            reversible=True,
            opaque=None,
            statements=(statement,) if kind == "AddField" else (),
        )
        for index, kind in enumerate(("AddField", "RunPython"))
    )
    return Migration(app=proof.app, name=proof.migration, path=proof.path, atomic=atomic, operations=operations)


OLD_BREAKS = (probe(error=NOT_NULL), probe("select"), probe("update", "no such column"), probe("delete"))
DIFFERS = Difference(statement=0, relation="shop_order", predicted="SHARE", observed="ACCESS EXCLUSIVE", exceeds=True)
FAILED = Failure(
    error='IntegrityError: column "note" of relation "shop_order" contains null values', sql=ADD, operation=0
)

CASES: dict[str, Verification] = {
    "quiet": verification("0030_quiet"),
    "reordered": verification("0031_reordered", schema=(REORDERED,)),
    "MS801": verification(
        "0032_drop_note",
        verdict="loses data",
        why="shop_order.note is not what it was in 1,000 rows",
        rows=(
            RowDifference(table="shop_order", column="note", rows=1000),
            RowDifference(table="shop_order", column=None, rows=3),
        ),
    ),
    "MS802": verification(
        "0033_no_reverse",
        verdict="irreversible",
        why="Operation <RunPython fill> in shop.0033_no_reverse is not reversible",
        backward=run(
            "backward",
            statements=(),
            failure=Failure(
                error="IrreversibleError: Operation <RunPython fill> in shop.0033_no_reverse is not reversible",
                operation=1,
            ),
        ),
        again=None,
    ),
    "MS803": verification(
        "0034_not_null",
        verdict="irreversible",
        why="unapplying it raises IntegrityError",
        backward=run("backward", failure=FAILED),
        again=None,
    ),
    "MS804": verification(
        "0035_left_index", verdict="not clean", why="index shop_order_note_idx is left behind", schema=(LEFT_INDEX,)
    ),
    "MS805": verification("0036_again", again=run("forward again", failure=FAILED)),
    "MS806": verification("0037_fails", refused=FAILED),
    "MS807": verification(
        "0038_old_code", rollout=Rollout(order="code first", old_code=OLD_BREAKS, new_code=(probe(),))
    ),
    "MS808": verification(
        "0039_rename",
        rollout=Rollout(
            order="neither",
            old_code=OLD_BREAKS,
            new_code=(
                probe(
                    "select",
                    "column shop_order.note does not exist",
                    sql='SELECT "shop_order"."note" FROM "shop_order"',
                ),
            ),
        ),
    ),
    "MS809": verification(
        "0040_half_way",
        forward=run(statements=(executed("CREATE TABLE a ()", predicted=None), executed(), executed(DROP_DEFAULT))),
        interrupted=(
            Interrupted(statement=0, sql="CREATE TABLE a ()"),
            Interrupted(statement=1, sql=ADD, left=(LEFT_INDEX,), failure=FAILED),
            Interrupted(statement=2, sql=ADD, failure=FAILED),
        ),
    ),
    "MS810": verification("0041_more", forward=run(differences=(DIFFERS,))),
    "MS811": verification(
        "0043_stall",
        traffic=(
            Stall(table="shop_order", kind="reads", queries=412, seconds=2.51, lock=LockMode.ACCESS_EXCLUSIVE, sql=ADD),
            Stall(table="shop_order", kind="writes", queries=95, seconds=0.002),
            Stall(table="shop_customer", kind="writes", queries=95, seconds=0.002),
        ),
    ),
    "MS816": verification("0048_in_use", disturbed=FAILED),
    "MS812": verification(
        "0044_not_filled",
        filled=(Filled(table="shop_order", rows=3, reason='CHECK "weird" (f(note)) could not be satisfied'),),
    ),
    "MS813": verification(
        "0045_untried",
        rollout=Rollout(
            order="any", old_code=(probe("update", reason="the table has no row", sql=None),), new_code=(probe(),)
        ),
    ),
    "MS814": verification(
        "0046_loop",
        forward=run(
            queries=(
                Queries(
                    operation=1,
                    count=1001,
                    seconds=1.2,
                    rows=1000,
                    repeated="UPDATE shop_order SET note = '' WHERE id = 1",
                    times=1000,
                    whole_tables=("shop_order",),
                ),
            )
        ),
    ),
    "MS815": verification(
        "0047_at_once",
        forward=run(queries=(Queries(operation=1, count=1, seconds=0.1, rows=1000, whole_tables=("shop_order",)),)),
    ),
}
"""By the code of the only rule that has something to say; ``quiet`` and ``reordered`` have none."""


def report(*proofs: Verification, atomic: bool = True, **changes: Any) -> VerifyReport:
    migrations = tuple(migration(proof, atomic=atomic) for proof in proofs)
    findings = tuple(
        finding for proof, one in zip(proofs, migrations, strict=True) for finding in verified(proof, one, RULES)
    )
    severities = [one.severity for one in findings]
    codes = {one.code for one in findings}
    values: dict[str, Any] = {
        "migsafe": "0.1.0",
        "django": "5.2.19",
        "postgres": 16,
        "migrations": migrations,
        "findings": findings,
        "summary": Summary(*(severities.count(severity) for severity in Severity)),
        "rules": tuple(rule.described({}) for rule in RULES if rule.code in codes),
        "provider": "wheel",
        "server": "16.14",
        "rows": 1000,
        "verifications": proofs,
    }
    return VerifyReport(**(values | changes))


ALL = report(*CASES.values(), unreached=("shop.0048_next",))
