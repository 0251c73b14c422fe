"""System checks for ``manage.py check --deploy``: what a project should know of its migrations before it deploys.

Deployment checks: neither ``runserver`` nor ``migrate`` runs them. The one that connects has Django's tag ``database``,
so it runs only where ``--database`` names one. What costs is imported when they run.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django import get_version
from django.conf import settings
from django.core.checks import CheckMessage, Tags, register
from django.core.checks import Warning as Warned
from django.db import connections

if TYPE_CHECKING:
    from migsafe.config import Config

LOCK_TIMEOUT = (
    'Set "options": "-c lock_timeout=5s" in OPTIONS, or PGOPTIONS="-c lock_timeout=5s" where migrate runs. If its role '
    'has one: SILENCED_SYSTEM_CHECKS = ["migsafe.W002"].'
)


@register("migsafe", deploy=True)
def check_settings(**_: Any) -> list[CheckMessage]:
    """Check the configuration (W001), and whether connections have a lock_timeout (W002)."""
    from migsafe.config import load_config
    from migsafe.errors import ConfigError

    try:
        load_config(Path.cwd())
    except ConfigError as error:
        return [Warned(error.message, error.hint, id="migsafe.W001")]
    return [*_without_lock_timeout()]


def _without_lock_timeout() -> Iterator[CheckMessage]:
    from migsafe.project.load import Project

    for alias in filter(_is_postgres, connections):
        if not Project(Path.cwd(), settings.SETTINGS_MODULE, alias, get_version()).described.lock_timeout:
            yield Warned(
                "It sets no lock_timeout: a migration that waits for a lock makes everybody wait who comes later.",
                LOCK_TIMEOUT,
                obj=_named(alias),
                id="migsafe.W002",
            )


@register(Tags.database, deploy=True)
def check_pending(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Say what ``migsafe gate`` objects to (W003), or why that is not known (W004).

    Args:
        databases: Aliases to connect to.
    """
    from migsafe.config import load_config
    from migsafe.errors import ConfigError

    try:
        config = load_config(Path.cwd())
    except ConfigError:  # which is said above
        return []
    return [message for alias in filter(_is_postgres, databases or ()) for message in _objections(config, alias)]


def _objections(config: "Config", alias: str) -> Iterator[CheckMessage]:
    from msgspec.structs import replace

    from migsafe import api
    from migsafe.errors import MigsafeError

    try:
        report = api.gate(Path.cwd(), replace(config, database=alias))
    except MigsafeError as error:
        message = f"It is not known what migrate would do: {error.message}"
        yield Warned(message, error.hint, obj=_named(alias), id="migsafe.W004")
        return
    for finding in report.findings:
        if report.fails(finding):
            place = f"{finding.app}.{finding.migration}" if finding.migration else _named(alias)
            hint = f"`migsafe gate --database {alias}` says more."
            yield Warned(f"{finding.code} {finding.message}", hint, obj=place, id="migsafe.W003")


def _is_postgres(alias: str) -> bool:
    return connections[alias].vendor == "postgresql"


def _named(alias: str) -> str:
    return f"DATABASES[{alias!r}]"
