"""A standby is behind, and a pending migration writes much WAL.

## What it catches
A standby in ``pg_stat_replication`` that is ten seconds or 64 MB of WAL behind, where a pending migration writes a
table anew or builds an index of one, if that is not known to be small. Subscribers of logical replication, to which
neither goes, are left out.

## Why it hurts
All that a rewrite or an index writes goes to the standbys too. One that is behind already falls further behind: reads
from it are old, and where commits wait for it (``synchronous_standby_names``), every one does.

## Do this instead
Wait until it has caught up (``migsafe gate --wait 10m``).
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.throughput import amount
from migsafe.predeploy import MUCH, Standby
from migsafe.rules import GateContext, Rule
from migsafe.rules._fixes import steps
from migsafe.rules._sessions import lasting

rule = Rule(
    __name__,
    code="MS906",
    severity=Severity.WARNING,
    axis=Axis.LOCKS,
    message="Standby {name} is {behind} behind, and {app}.{migration} writes {relation} anew or indexes it",
    why="{what} while it has to replay that too.",
    passes=True,
)

SECONDS = 10.0


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    late = [one for one in context.status.standbys if not one.logical and _is_late(one)]
    for standby in late:
        for migration, target in context.writing_much():
            yield rule.at_gate(
                context,
                migration,
                relation=target.relation,
                about=standby.name,
                severity=Severity.ERROR if standby.synchronous else None,
                name=standby.name,
                behind=_behind(standby),
                what="Commits wait for it" if standby.synchronous else "Reads from it are older still",
                fix=steps(
                    "Wait until it has caught up: `migsafe gate --wait 10m`. How far it is:",
                    "```sql\nSELECT application_name, state, replay_lag FROM pg_stat_replication;\n```",
                ),
            )
            break


def _is_late(standby: Standby) -> bool:
    return (standby.lag or 0) >= SECONDS or (standby.behind or 0) >= MUCH


def _behind(standby: Standby) -> str:
    return " and ".join(
        [
            *([lasting(standby.lag)] if standby.lag else []),
            *([amount(standby.behind, "bytes")] if standby.behind else []),
        ]
    )
