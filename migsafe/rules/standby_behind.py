"""A standby is behind, and a pending migration writes much WAL.

## What it catches
A standby in ``pg_stat_replication`` that has replayed what the server wrote only ten seconds or 64 MB ago, where a
pending migration writes a table anew, builds an index or reads it whole to change it.

## Why it hurts
All that a rewrite or an index writes goes to the standbys too. One that is behind already falls further behind: reads
from it are old, and with synchronous replication every commit waits for it.

## Do this instead
Wait until it has caught up (``migsafe gate --wait 10m``).
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.throughput import amount
from migsafe.predeploy import Standby
from migsafe.rules import GateContext, Rule
from migsafe.rules._fixes import steps
from migsafe.rules._sessions import lasting

rule = Rule(
    __name__,
    code="MS906",
    severity=Severity.WARNING,
    axis=Axis.LOCKS,
    message="Standby {name} is {behind} behind, and {migration} writes {relation} anew or indexes it",
    why="{what} while it has to replay that too.",
    passes=True,
)

SECONDS = 10.0
BYTES = 64 * 1024 * 1024
"""What a server writes in less than a second of a rewrite (`migsafe.postgres.throughput`)."""


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    late = [one for one in context.status.standbys if (one.lag or 0) >= SECONDS or (one.behind or 0) >= BYTES]
    for standby in late:
        for migration in context.pending:
            target = next((one for one in migration.targets if one.writes_much), None)
            if target:
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
                        "```sql\nSELECT application_name, replay_lag FROM pg_stat_replication;\n```",
                    ),
                )


def _behind(standby: Standby) -> str:
    return " and ".join(
        [
            *([lasting(standby.lag)] if standby.lag else []),
            *([amount(standby.behind, "bytes")] if standby.behind else []),
        ]
    )
