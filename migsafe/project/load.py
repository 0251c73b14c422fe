"""Find and load the user's Django project.

Settings come from the caller, else ``DJANGO_SETTINGS_MODULE``, else what ``manage.py`` says. All of the project's code
runs inside `user_code`: it cannot disturb stdout, cannot connect to a database, and does not wait for a network that
is not there. What fails is one `ProjectError` that names the file and what to do.
"""

import ast
import importlib.util
import os
import socket
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING, NoReturn

import django
from django.apps import apps
from django.conf import settings as django_settings
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections

from migsafe.config import find_root
from migsafe.errors import MigsafeError, NotPostgresError, SettingsError
from migsafe.project.operations import Database

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

PGBOUNCER_PORT = "6432"

SETTINGS = "DJANGO_SETTINGS_MODULE"

NO_POSTGRES = "Name settings that have a PostgreSQL database, with --settings. migsafe never connects to it."

NETWORK_TIMEOUT = 10.0
"""Seconds after which Python sockets that the project opens without a timeout of their own give up."""


@dataclass(frozen=True)
class Project:
    """A Django project whose apps are loaded.

    Attributes:
        root: The folder of ``manage.py``, else of ``pyproject.toml`` or ``migsafe.toml``, else the one started from.
        settings: The settings module.
        database: Alias of the database whose migrations are looked at; a PostgreSQL one.
        django: Django's version.
        dsn: A connection string that leads elsewhere than the settings; it may have a password.
    """

    root: Path
    settings: str
    database: str
    django: str
    dsn: str | None = field(default=None, repr=False)

    @property
    def apps(self) -> tuple[str, ...]:
        """Labels of all installed apps, in the order of INSTALLED_APPS."""
        return tuple(config.label for config in apps.get_app_configs())

    @property
    def connection(self) -> "BaseDatabaseWrapper":
        """The project's own, unconnected, connection object: what Django resolved for the alias."""
        return connections[self.database]

    @property
    def database_names(self) -> frozenset[str]:
        """What its settings call databases, whatever server they are on."""
        return frozenset(str(connections.settings[alias]["NAME"]) for alias in connections)

    @property
    def has_routers(self) -> bool:
        """Whether its settings say where models and their tables are."""
        return bool(django_settings.DATABASE_ROUTERS)

    @cached_property
    def described(self) -> Database:
        """What its settings tell of the database.

        ``DISABLE_SERVER_SIDE_CURSORS`` is what Django asks for with PgBouncer in transaction mode, 6432 its port.
        """
        settings = self.connection.settings_dict
        return Database(
            alias=self.database,
            user=settings.get("USER") or None,
            lock_timeout=any(
                map(_sets_lock_timeout, (settings["OPTIONS"].get("options"), os.environ.get("PGOPTIONS")))
            ),
            pooled=bool(settings.get("DISABLE_SERVER_SIDE_CURSORS")) or str(settings.get("PORT")) == PGBOUNCER_PORT,
        )

    def is_first_party(self, app: str) -> bool:
        """Whether an app's migrations are the team's own: outside site-packages, the virtual environment and Python.

        What counts is where the migrations lie: a third-party app's, moved into the project by MIGRATION_MODULES, are
        the team's.
        """
        module = django_settings.MIGRATION_MODULES.get(app)
        if module and (spec := importlib.util.find_spec(module)) and spec.submodule_search_locations:
            return is_own(Path(next(iter(spec.submodule_search_locations))), self.root)
        return is_own(Path(apps.get_app_config(app).path), self.root)


def _sets_lock_timeout(options: object) -> bool:
    """Whether command-line options for the server (libpq's ``options``) set a lock_timeout that is not 0."""
    if not isinstance(options, str):
        return False
    words = options.replace("-c ", "-c").split()
    settings = (word.removeprefix("-c").removeprefix("--").partition("=") for word in words)
    return any(name.replace("-", "_") == "lock_timeout" and value.strip("0") != "" for name, _, value in settings)


def is_own(path: Path, root: Path) -> bool:
    """Whether a file belongs to the team that owns the project at ``root``, not to an installed package or Python."""
    path = path.resolve()
    if {"site-packages", "dist-packages"}.intersection(path.parts):
        return False
    foreign = [Path(sysconfig.get_path("stdlib")), Path(importlib.util.__file__).parent.parent]
    environment = Path(sys.prefix).resolve()
    # `pip install --editable git+…` puts checkouts below the virtual environment; some people put the project there.
    if sys.prefix != sys.base_prefix and not root.is_relative_to(environment):
        foreign.append(environment)
    return not any(path.is_relative_to(folder.resolve()) for folder in foreign)


def load(
    start: Path,
    *,
    settings: str | None = None,
    env: Mapping[str, str] | None = None,
    database: str | None = None,
    dsn: str | None = None,
) -> Project:
    """Load the Django project that ``start`` is in.

    Args:
        start: A file or folder inside the project.
        settings: Settings module; None for ``DJANGO_SETTINGS_MODULE``, else the one that ``manage.py`` names.
        env: Environment variables for settings that demand them. Those that are set already win.
        database: Alias in DATABASES; None is ``default``.
        dsn: `Project.dsn`.

    Raises:
        SettingsError: No project or no settings here, settings or apps fail to import, or Django has others already.
        NotPostgresError: The alias does not exist or is not PostgreSQL.
    """
    for name, value in (env or {}).items():
        os.environ.setdefault(name, value)
    root, manage = find_root(start)
    module = settings or os.environ.get(SETTINGS) or _settings_in(manage, root)
    _check_only_settings(module)
    os.environ[SETTINGS] = module
    for folder in (root / "src", root):
        if folder.is_dir() and str(folder) not in sys.path:
            sys.path.insert(0, str(folder))

    with user_code():
        try:
            list(django_settings.INSTALLED_APPS)  # imports the module
        except (Exception, SystemExit) as error:
            raise _settings_error(error, f"settings module {module} fails to import", module, root) from error
        alias = _postgres_alias(database, module, root)
    # Again, since the databases are known now: apps must not connect either.
    with user_code():
        try:
            django.setup()
        except (Exception, SystemExit) as error:
            raise _settings_error(error, f"the apps of {module} fail to load", module, root) from error
    return Project(root=root, settings=module, database=alias, django=django.get_version(), dsn=dsn)


@contextmanager
def user_code() -> Iterator[None]:
    """Run the project's code: settings, apps, migrations.

    As `connecting_code`, and Django's connections refuse to connect with OperationalError.
    """
    with connecting_code(), _databases_refuse():
        yield


@contextmanager
def connecting_code() -> Iterator[None]:
    """Run the project's code, which may connect to databases.

    What it prints, logs or writes to file descriptor 1, subprocesses included, goes to stderr. Sockets give up after
    `NETWORK_TIMEOUT`.
    """
    with _stdout_to_stderr(), _network_timeout():
        yield


@contextmanager
def _stdout_to_stderr() -> Iterator[None]:
    stdout = sys.stdout
    stdout.flush()
    descriptor = os.dup(1)
    os.dup2(2, 1)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        # What was written to the original object through another reference is still in its buffer.
        stdout.flush()
        os.dup2(descriptor, 1)
        os.close(descriptor)


@contextmanager
def _network_timeout() -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(NETWORK_TIMEOUT if before is None else before)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


@contextmanager
def _databases_refuse() -> Iterator[None]:
    guarded = []
    for alias in connections if django_settings.configured else ():
        with suppress(Exception):  # a backend that cannot be loaded cannot connect either
            attributes = vars(connections[alias])
            if "connect" not in attributes:
                attributes["connect"] = _refuse
                guarded.append(attributes)
    try:
        yield
    finally:
        for attributes in guarded:
            attributes.pop("connect", None)


def _refuse() -> NoReturn:
    raise OperationalError("migsafe works without a database: nothing may connect to one")


def _settings_in(manage: Path | None, root: Path) -> str:
    """Read the settings module out of ``manage.py`` without running it.

    Raises:
        SettingsError: There is no ``manage.py``, or it does not name exactly one module literally.
    """
    if manage is None:
        nearby = sorted(path.parent.relative_to(root) for path in root.glob("*/manage.py"))
        raise SettingsError(
            f"no Django project here: no manage.py in {root} or above it, and no settings module given",
            f"Run migsafe in {' or '.join(f'{folder}/' for folder in nearby)}."
            if nearby
            else "Run migsafe in a project's folder, or name the settings: --settings, DJANGO_SETTINGS_MODULE, or\n"
            '[tool.migsafe]\nsettings = "…"\nin pyproject.toml.',
        )
    try:
        tree = ast.parse(manage.read_bytes(), filename=str(manage))
    except SyntaxError as error:
        raise SettingsError(
            f"{show(manage)}:{error.lineno} is not valid Python: {error.msg}", "Name the settings with --settings."
        ) from error
    values = [value for node in ast.walk(tree) if (value := _assigned_settings(node)) is not None]
    found = sorted(
        {value.value for value in values if isinstance(value, ast.Constant) and isinstance(value.value, str)}
    )
    if len(found) == 1:
        return found[0]
    if found:
        raise SettingsError(
            f"{show(manage)} names several settings modules: {', '.join(found)}", "Choose one with --settings."
        )
    if values:
        raise SettingsError(
            f"{show(manage)}:{values[0].lineno} works {SETTINGS} out at run time, and migsafe does not run it",
            "Name the settings with --settings.",
        )
    raise SettingsError(f"{show(manage)} does not set {SETTINGS}", "Name the settings with --settings.")


def _check_only_settings(module: str) -> None:
    """Refuse other settings than those that Django has, where ``manage.py`` has set it up before migsafe starts."""
    present = django_settings.SETTINGS_MODULE if django_settings.configured else module
    if present != module:
        raise SettingsError(
            f"Django is set up with settings module {present}, and migsafe is to use {module}",
            f"Say the same to Django: set {SETTINGS}={module}, or run `migsafe` without manage.py.",
        )


def _assigned_settings(node: ast.AST) -> ast.expr | None:
    """Return the value of ``os.environ.setdefault("DJANGO_SETTINGS_MODULE", …)`` or of the like assignment."""
    match node:
        case ast.Call(
            func=ast.Attribute(attr="setdefault"), args=[ast.Constant(value="DJANGO_SETTINGS_MODULE"), value]
        ):
            return value
        case ast.Assign(targets=[ast.Subscript(slice=ast.Constant(value="DJANGO_SETTINGS_MODULE"))], value=value):
            return value
        case _:
            return None


def _postgres_alias(database: str | None, module: str, root: Path) -> str:
    """Check the alias by what Django makes of it, not by its ENGINE's name: PostGIS, wrappers and subclasses count.

    Raises:
        NotPostgresError: Not in DATABASES, not PostgreSQL.
        SettingsError: Its backend fails to import.
    """
    alias = database or DEFAULT_DB_ALIAS
    try:
        aliases = sorted(connections)
        if alias not in aliases:
            raise NotPostgresError(
                f"settings module {module} has no database {alias!r} in DATABASES; it has: {', '.join(aliases)}",
                _did_you_mean(alias, aliases) or "Choose one with --database.",
            )
        vendor = connections[alias].vendor
    except MigsafeError:
        raise
    except (Exception, SystemExit) as error:
        raise _settings_error(
            error, f"the backend of database {alias!r} in {module} fails to load", module, root
        ) from error
    if vendor == "postgresql":
        return alias
    engine = connections.databases[alias]["ENGINE"]
    if engine == "django.db.backends.dummy":  # what Django makes of a missing one
        raise NotPostgresError(f"settings module {module} gives database {alias!r} no ENGINE", NO_POSTGRES)
    others = [other for other in aliases if other != alias and _is_postgres(other)]
    raise NotPostgresError(
        f"database {alias!r} of {module} is not PostgreSQL: its ENGINE is {engine} ({vendor})",
        f"Choose another with --database: {', '.join(others)}." if others else NO_POSTGRES,
    )


def _is_postgres(alias: str) -> bool:
    with suppress(Exception):  # a backend that cannot be loaded is none
        return connections[alias].vendor == "postgresql"
    return False


def _settings_error(error: BaseException, what: str, module: str, root: Path) -> SettingsError:
    """Say which module or variable was missing, or what else went wrong, and where in the project's own code."""
    where = place(error, root)
    at = f"{where} " if where else ""
    if _is_driver_missing(error):
        return SettingsError(
            f"{what}: neither psycopg nor psycopg2 is installed",
            f'Install one where migsafe runs ({sys.executable}): pip install "psycopg[binary]". '
            "Django's PostgreSQL backend needs it, though migsafe never connects.",
        )
    if isinstance(error, ModuleNotFoundError) and error.name:
        return _module_missing(error.name, what, where or "INSTALLED_APPS", module, root)
    if variable := _missing_variable(error):
        return SettingsError(
            f"{what}: {at or 'it '}needs the environment variable {variable}, which is not set",
            f'Set it, or give it a value for migsafe in pyproject.toml:\n[tool.migsafe.env]\n{variable} = "…"',
            variable=variable,
        )
    if isinstance(error, SystemExit):
        return SettingsError(f"{what}: {at}exits with {error.code!r}", "Name other settings with --settings.")
    hint = f"Make `python -m django check --settings {module}` work first."
    if isinstance(error, TimeoutError | ConnectionError | socket.gaierror):
        hint = "Settings and apps must not need a network to be imported: name others with --settings."
    elif "migsafe works without a database" in str(error):
        hint = "Apps must not query a database while they are loaded (Django's own docs say so of AppConfig.ready)."
    return SettingsError(f"{what}: {describe(error)}{f' ({where})' if where else ''}", hint)


def _is_driver_missing(error: BaseException | None) -> bool:
    if any(importlib.util.find_spec(driver) for driver in ("psycopg", "psycopg2")):
        return False
    while error is not None:
        if isinstance(error, ModuleNotFoundError) and error.name in ("psycopg", "psycopg2"):
            return True
        error = error.__cause__ or error.__context__
    return False


def _module_missing(missing: str, what: str, where: str, module: str, root: Path) -> SettingsError:
    if module == missing or module.startswith(f"{missing}."):
        return SettingsError(
            f"settings module {module} does not exist: there is no {missing!r} in {root} or on Python's path",
            "Check the name; if its folder lies elsewhere, add that to PYTHONPATH.",
        )
    top = missing.partition(".")[0]
    if importlib.util.find_spec(top) is not None:
        return SettingsError(
            f"{what}: {where} needs the module {missing}, and {top} has no such module",
            f"Check the name and the installed version of {top}, or name other settings with --settings.",
        )
    return SettingsError(
        f"{what}: {where} needs the package {missing}, which is not installed",
        f"Install it where migsafe runs ({sys.executable}), or, if it is optional, name settings that do without it "
        "with --settings.",
    )


def _missing_variable(error: BaseException) -> str | None:
    """The environment variable that the code asked for in vain, of os.environ, django-environ, decouple or environs."""
    if isinstance(error, KeyError):
        # os.environ raises it from its own __getitem__, in the module os: any other KeyError is not about it.
        *_, last = walk_tb(error.__traceback__)
        if last[0].f_globals.get("__name__") == "os" and isinstance(error.args[0], str):
            return error.args[0]
        return None
    text = str(error)
    if not any(word in text.lower() for word in ("environment variable", "envvar", "env var")):
        return None
    words = (word.strip("\"'`:.,()[]") for word in text.split())
    return next((word for word in words if word.isupper() and word.replace("_", "").isalnum() and len(word) > 2), None)


def _did_you_mean(word: str, candidates: list[str]) -> str | None:
    matches = get_close_matches(word, candidates)
    return f"Did you mean {' or '.join(matches)}?" if matches else None


def place(error: BaseException, root: Path) -> str | None:
    """``path:line`` of the deepest line of the team's own code in an error's traceback, or of the syntax error."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return f"{show(Path(error.filename))}:{error.lineno}"
    ours = Path(__file__).parents[1]
    for frame, line in reversed(list(walk_tb(error.__traceback__))):
        path = Path(frame.f_code.co_filename)
        if path.is_file() and not path.resolve().is_relative_to(ours) and is_own(path, root):
            return f"{show(path)}:{line}"
    return None


def describe(error: BaseException) -> str:
    """The last line of an error's traceback; of a message of several lines the first."""
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg}"
    first = next(iter(str(error).strip().splitlines()), "")
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


def show(path: Path) -> str:
    """A path as messages show it: relative to the working directory if it lies below it."""
    path = path.resolve()
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
