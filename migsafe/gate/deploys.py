"""Kept plans: which of their deploys are pending, and whether those before are live."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime

from migsafe.actions import Select
from migsafe.planning import Check, Deploy, Key, Plan
from migsafe.predeploy import Answer, KeptDeploy
from migsafe.sql.parse import parse

Ask = Callable[[str], str]
"""Asks the server one query; gives its one value as text, raises `ValueError` with the reason if there is none."""


AGAIN = 30.0
"""Seconds after which a question is asked again: it may be one that reads a whole table."""


class Remembered:
    """Asks what has not been asked lately."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._given: dict[str, tuple[float, str]] = {}

    def __call__(self, sql: str) -> str:
        at, given = self._given.get(sql, (-AGAIN, ""))
        if time.monotonic() - at >= AGAIN:
            given = self._ask(sql)
            self._given[sql] = (time.monotonic(), given)
        return given


def kept_deploys(
    plans: Sequence[Plan], pending: Collection[Key], applied: Mapping[Key, datetime], ask: Ask
) -> Iterator[KeptDeploy]:
    """Deploys of kept plans that have pending migrations.

    Args:
        applied: Since when migrations are applied.
        ask: Only asked what the checks of a deploy say whose migrations are all applied.
    """
    for plan in plans:
        for number, deploy in enumerate(plan.deploys):
            migrations = tuple(one.key for one in deploy.migrations if one.key in pending)
            if migrations:
                yield _kept(plan, plan.deploys[:number], deploy, migrations, pending, applied, ask)


def _kept(
    plan: Plan,
    earlier: Sequence[Deploy],
    deploy: Deploy,
    migrations: tuple[Key, ...],
    pending: Collection[Key],
    applied: Mapping[Key, datetime],
    ask: Ask,
) -> KeptDeploy:
    together = tuple(one.key for before in earlier for one in before.migrations if one.key in pending)
    checks = earlier[-1].checks if earlier and not together else ()
    dates = [applied[one.key] for before in earlier for one in before.migrations if one.key in applied]
    return KeptDeploy(
        plan=plan.name,
        number=deploy.number,
        migrations=migrations,
        together=together,
        since=None if together else max(dates, default=None),
        answers=tuple(_answer(one, one.sql, ask) for one in checks if one.sql),
        untold=tuple(dict.fromkeys(one.what for one in checks if not one.sql)),
    )


def _answer(check: Check, sql: str, ask: Ask) -> Answer:
    expected = check.expected or ""
    if not _is_query(sql):
        return Answer(what=check.what, sql=sql, expected=expected, error="it is not one SELECT")
    try:
        return Answer(what=check.what, sql=sql, expected=expected, given=ask(sql))
    except ValueError as error:
        return Answer(what=check.what, sql=sql, expected=expected, error=str(error))


def _is_query(sql: str) -> bool:
    """Whether it is one SELECT: a plan is a file that anybody can edit."""
    actions = [action for statement in parse(sql) for action in (statement.actions or (None,))]
    return len(actions) == 1 and isinstance(actions[0], Select) and actions[0].for_update is None
