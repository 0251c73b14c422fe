"""A rule of a plug-in that fails.

## What it catches
A rule of a plug-in that raises an error instead of saying what it finds, or finds something that is no finding.

## Why it hurts
A rule that fails finds nothing: what it looks for may be there all the same.

## Do this instead
Correct the rule, or tell those who made it, with the error and the place that the message names. Until then, ignore
the rule in the configuration.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import ParamSpec

from migsafe.errors import PluginError
from migsafe.model import Axis, Finding, Severity
from migsafe.rules._context import HistoryContext, MigrationContext, VerificationContext
from migsafe.rules._plugins import describe
from migsafe.rules._rule import EndCheck, Found, Pending, Rule
from migsafe.sql.catalog import Catalog

rule = Rule(
    __name__,
    code="MS005",
    severity=Severity.ERROR,
    axis=Axis.ANALYSIS,
    suppressable=False,
    message="The plug-in's rule {failed} fails here: {error}",
    why="Whatever {failed} looks for may be here all the same.",
)

P = ParamSpec("P")

IGNORE = '[tool.migsafe]\nignore = ["{failed}"]'


def guarded(failed: Rule, check: Callable[P, Found]) -> Callable[P, Found]:
    """Let a plug-in's check, whose last argument is the context, find that it fails; migsafe's own may crash."""
    if failed.is_own:
        return check

    def found(*arguments: P.args, **named: P.kwargs) -> Found:
        try:
            for one in check(*arguments, **named):
                if not isinstance(one, Finding | Pending):
                    raise TypeError(f"{one!r} is no Finding")
                yield one
        except Exception as error:  # noqa: BLE001, it is not our code
            context = arguments[-1]
            find: Callable[..., Finding]
            if isinstance(context, HistoryContext):
                find = partial(rule.finding_at, path=None)
            elif isinstance(context, VerificationContext):
                find = partial(rule.observed, context)
            else:
                assert isinstance(context, MigrationContext)
                find = partial(rule.finding, context)
            yield find(
                about=failed.code,
                failed=failed.code,
                error=describe(error),
                fix=f"Until it is corrected:\n\n```toml\n{IGNORE.format(failed=failed.code)}\n```",
            )

    return found


def guarded_end(failed: Rule, check: EndCheck) -> EndCheck:
    """The same at the end of a run, where no place is left to find something at.

    Raises:
        PluginError: A plug-in's check fails.
    """
    if failed.is_own:
        return check

    def found(pending: Sequence[Pending], end: Callable[[], Catalog]) -> Iterator[Finding]:
        try:
            yield from check(pending, end)
        except Exception as error:
            raise PluginError(
                f"the plug-in's rule {failed.code} fails at the end of the run: {describe(error)}",
                f"Until it is corrected:\n{IGNORE.format(failed=failed.code)}",
            ) from error

    return found
