"""Reports for the tests of renderers."""

from migsafe.model import (
    Axis,
    Described,
    Effect,
    Finding,
    LockMode,
    Migration,
    Operation,
    Report,
    Severity,
    Statement,
    Summary,
)

SHARE = Effect("orders_order", LockMode.SHARE, rewrites=False, scans=True, blocks=("writes", "ddl"))
FIX = """Build it in a migration of its own, outside a transaction, with `atomic = False`:

```python
operations = [
    AddIndexConcurrently(model_name="order", index=models.Index(fields=["status"], name="orders_status_idx_long_name")),
]
```"""


def operation(index: int = 0, sql: str = 'CREATE INDEX "idx" ON "orders_order" ("status")') -> Operation:
    statement = Statement(sql=sql, line=None, analysed=True, reason=None, fails=None, effects=(SHARE,))
    return Operation(
        index=index,
        kind="AddIndex",
        description="Create index idx",
        line=12 + index,
        reversible=True,
        opaque=None,
        statements=(statement,),
    )


def finding(operation: int = 0, **changes: object) -> Finding:
    values: dict[str, object] = {
        "code": "MS201",
        "name": "index_not_concurrent",
        "severity": Severity.ERROR,
        "axis": Axis.LOCKS,
        "message": "Building index idx holds SHARE on orders_order until it is done",
        "why": "PostgreSQL reads every row. Until that is done, every request that saves to orders_order waits.",
        "fix": FIX,
        "app": "orders",
        "migration": "0042_index",
        "operation": operation,
        "statement": 0,
        "path": "shop/orders/migrations/0042_index.py",
        "line": 12 + operation,
        "relation": "orders_order",
        "effects": (SHARE,),
        "fingerprint": "0" * 16,
    }
    return Finding(**(values | changes))  # type: ignore[arg-type]


def migration(*operations: Operation, name: str = "0042_index") -> Migration:
    path = f"shop/orders/migrations/{name}.py"
    return Migration(app="orders", name=name, path=path, atomic=True, operations=operations)


DESCRIBED = Described(
    code="MS201",
    name="index_not_concurrent",
    severity=Severity.ERROR,
    default_severity=Severity.ERROR,
    axis=Axis.LOCKS,
    summary="An index built without CONCURRENTLY",
    catches="`CREATE INDEX` on a table in use.",
    why="Nobody can write.",
    instead="Build it concurrently.",
    docs="https://example.org/MS201.md",
)


def report(*findings: Finding, **changes: object) -> Report:
    severities = [one.severity for one in findings]
    values: dict[str, object] = {
        "migsafe": "0.1.0",
        "django": "5.2.19",
        "postgres": 16,
        "migrations": (),
        "findings": findings,
        "summary": Summary(*(severities.count(severity) for severity in Severity)),
        "rules": (DESCRIBED,) if findings else (),
    }
    return Report(**(values | changes))  # type: ignore[arg-type]
