"""A transaction or a query has been running for long, and a pending migration would wait for it.

## What it catches
A session that has been in a transaction or at a query for some seconds (``migsafe gate --longest``) and works: where it
holds a lock that conflicts with one that a pending migration needs, on a table, one of its partitions or an index. And
where a pending migration does something CONCURRENTLY: that waits for those who use the table, and, if it builds an
index, for every session of the database that has an older snapshot.

Of sessions of other roles the server shows their locks, but not since when they have them, unless the role is in
``pg_read_all_stats``. They are looked at twice: those that are in the same transaction after that time are told.

## Why it hurts
The migration waits for it, and everybody who comes after waits behind the migration: a table that nobody uses for
long stands still because of one slow report. What is done CONCURRENTLY keeps nobody waiting, but with a
``lock_timeout`` it gives up half done, and leaves an invalid index.

## Do this instead
Wait until it is over (``migsafe gate --wait 10m``), or end it. Let ``migrate`` give up soon (``lock_timeout``) and
try again.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import GateContext, Rule
from migsafe.rules._sessions import IDLE, and_others, badness, ending, seen, since, waiting, who

rule = Rule(
    __name__,
    code="MS901",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="{app}.{migration} would wait for {who}, in {since}{others}",
    why="{waiting}",
    passes=True,
)


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    for waits in context.waits_for_sessions():
        working = [(wait, session) for wait, session in waits if not (session.state or "").startswith(IDLE)]
        if working:
            (wait, session), *more = working
            others = [one for _, one in more]
            yield rule.at_gate(
                context,
                wait.migration,
                relation=wait.target.relation,
                severity=badness(wait, context.status),
                who=who(session),
                since=since(session),
                others=and_others(len(others)),
                waiting=waiting(wait, context.status),
                evidence=seen(session, others),
                fix=ending(session, *others),
            )
