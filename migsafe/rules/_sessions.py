"""What rules say of those who work on a live server."""

from collections.abc import Mapping

from migsafe.model import Evidence, LockMode
from migsafe.postgres.throughput import duration
from migsafe.predeploy import Session
from migsafe.rules._fixes import steps


def who(session: Session) -> str:
    """``shop_web (app gunicorn, pid 4242)``."""
    application = f"{session.application}, " if session.application else ""
    return f"{session.user or 'the server'} ({application}pid {session.pid})"


def lasting(seconds: float) -> str:
    """``12 s``, ``3 min``."""
    return duration(seconds).removeprefix("about ")


def seen(session: Session) -> tuple[Evidence, ...]:
    """What it holds and what it does."""
    found = holding(session.locks)
    if session.text:
        label = "last query" if (session.state or "").startswith("idle") else "query"
        found = (*found, Evidence(label, session.text, "sql"))
    return found


def holding(locks: Mapping[str, LockMode]) -> tuple[Evidence, ...]:
    """Which locks somebody holds."""
    held = "\n".join(f"{lock.value} on {relation}" for relation, lock in sorted(locks.items()))
    return (Evidence("holds", held),) if held else ()


def ending(session: Session) -> str:
    """What to do about a session that is in the way."""
    return steps(
        "Wait until it is over: `migsafe gate --wait 10m`. Or, if nobody needs what it does, end it:",
        f"```sql\nSELECT pg_terminate_backend({session.pid});\n```",
    )
