"""What rules say of those who work on a live server."""

from collections.abc import Mapping, Sequence

from migsafe.model import Evidence, LockMode, Severity
from migsafe.postgres.throughput import duration
from migsafe.predeploy import ServerStatus, Session
from migsafe.rules._context import Wait
from migsafe.rules._evidence import some
from migsafe.rules._fixes import steps

IDLE = "idle in transaction"
"""How the state of those begins who have a transaction and do nothing."""


def who(session: Session) -> str:
    """``shop_web (gunicorn, pid 4242)``."""
    application = f"{session.application}, " if session.application else ""
    return f"{session.user or 'the server'} ({application}pid {session.pid})"


def lasting(seconds: float) -> str:
    """``12 s``, ``3 min``."""
    return duration(seconds).removeprefix("about ")


def since(session: Session) -> str:
    """``a query for 3 min``, ``a transaction for at least 5 s``."""
    if session.hidden and (session.busy or 0) >= 1:
        return f"a transaction for at least {lasting(session.busy or 0)}"
    query = session.state == "active" and (session.query or 0) >= (session.transaction or 0)
    return f"a {'query' if query else 'transaction'} for {lasting(session.busy or 0)}"


def waiting(wait: Wait, status: ServerStatus) -> str:
    """Why a migration waits, and what comes of it."""
    target = wait.target
    if not wait.queues:
        limit = status.lock_timeout
        gives_up = f" It gives up after {lasting(limit)} (lock_timeout), half done." if limit else ""
        return f"CONCURRENTLY waits on {target.relation} until that is over.{gives_up}"
    behind = f", and {target.behind} of it wait behind the migration" if target.behind else ""
    return f"It needs {target.lock.value} on {target.relation}{behind}."


def badness(wait: Wait, status: ServerStatus) -> Severity:
    """An error where others wait behind the migration, or where it gives up; else it merely takes longer."""
    stops = wait.queues and wait.target.behind
    return Severity.ERROR if stops or status.lock_timeout else Severity.WARNING


def seen(session: Session, others: Sequence[Session] = ()) -> tuple[Evidence, ...]:
    """What it holds and what it does, and who else is in the way."""
    found = holding(session.locks)
    if session.text:
        label = "last query" if (session.state or "").startswith("idle") else "query"
        found = (*found, Evidence(label, session.text, "sql"))
    if others:
        more = [f"{who(one)}, in {since(one)}" for one in others]
        found = (*found, Evidence("also in the way", "\n".join(some(more))))
    return found


def holding(locks: Mapping[str, LockMode]) -> tuple[Evidence, ...]:
    """Which locks somebody holds."""
    held = [f"{lock.value} on {relation}" for relation, lock in sorted(locks.items())]
    return (Evidence("holds", "\n".join(some(held))),) if held else ()


def and_others(number: int) -> str:
    """``, and 2 others``."""
    return f", and {number} other{'s' * (number > 1)}" if number else ""


def ending(*sessions: Session) -> str:
    """What to do about sessions that are in the way."""
    calls = ",\n       ".join(f"pg_terminate_backend({one.pid})" for one in sessions[:MOST_ENDED])
    return steps(
        "Wait until it is over: `migsafe gate --wait 10m`. Or, if nobody needs what it does, end it:",
        f"```sql\nSELECT {calls};\n```",
    )


MOST_ENDED = 3
"""Sessions that a fix names; who ends more than that should look first."""
