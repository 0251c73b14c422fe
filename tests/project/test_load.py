"""Loading a project: where settings come from, and one clear error for all that can be wrong."""

import sys
from pathlib import Path

import pytest

from tests.projects import app, migration, run, run_python, settings, write, write_project

ORDERS = app("orders", {"0001_initial": migration()})


def errors(folder: Path, *arguments: str, env: dict[str, str | None] | None = None) -> str:
    """Run a command that has to fail with exit code 2, nothing on stdout and no traceback; return its stderr."""
    ran = run(folder, "graph", *arguments, env=env)
    assert (ran.code, ran.stdout) == (2, ""), ran.stderr
    assert "Traceback" not in ran.stderr
    return ran.stderr


# Where settings come from


def test_settings_are_read_out_of_manage_py_without_running_it(tmp_path: Path) -> None:
    write_project(tmp_path, ORDERS)
    with (tmp_path / "manage.py").open("a") as manage:
        manage.write("\nraise SystemExit('manage.py was run')\n")
    assert run(tmp_path, "graph").code == 0


@pytest.mark.parametrize(
    "line",
    [
        'environ["DJANGO_SETTINGS_MODULE"] = "config.settings"',
        'x.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")',
    ],
)
def test_manage_py_may_set_them_in_other_words(tmp_path: Path, line: str) -> None:
    write_project(tmp_path, ORDERS, **{"manage.py": line})
    assert run(tmp_path, "graph").code == 0


def test_precedence_is_flag_then_environment_then_config_then_manage_py(tmp_path: Path) -> None:
    write_project(tmp_path, ORDERS)
    for name in ("by_flag", "by_migsafe", "by_django", "by_config"):
        write(tmp_path, {f"{name}.py": f"import sys\nprint('{name}', file=sys.stderr)\n{settings('orders')}"})
    write(tmp_path, {"pyproject.toml": '[tool.migsafe]\nsettings = "by_config"\n'})
    flag, env = ("--settings", "by_flag"), {"MIGSAFE_SETTINGS": "by_migsafe", "DJANGO_SETTINGS_MODULE": "by_django"}
    assert run(tmp_path, "graph", *flag, env=env).stderr == "by_flag\n"
    assert run(tmp_path, "graph", env=env).stderr == "by_migsafe\n"
    assert run(tmp_path, "graph", env=env | {"MIGSAFE_SETTINGS": None}).stderr == "by_django\n"
    assert run(tmp_path, "graph").stderr == "by_config\n"


def test_the_project_is_found_from_a_folder_below_it(tmp_path: Path) -> None:
    write_project(tmp_path, ORDERS)
    assert run(tmp_path / "orders" / "migrations", "graph").code == 0


def test_the_search_stops_at_the_root_of_the_repository(tmp_path: Path) -> None:
    write_project(tmp_path, ORDERS)
    (tmp_path / "other" / ".git").mkdir(parents=True)
    assert "no Django project here" in errors(tmp_path / "other")


def test_src_layouts(tmp_path: Path) -> None:
    write_project(tmp_path / "src", ORDERS)
    write(tmp_path, {"pyproject.toml": ""})
    assert run(tmp_path, "graph").code == 0


def test_src_layout_without_manage_py(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": '[tool.migsafe]\nsettings = "shop_settings"\n'})
    write(tmp_path / "src", {"shop_settings.py": settings("orders"), **ORDERS})
    assert run(tmp_path, "graph").code == 0


# Environment variables


def test_config_gives_environment_variables_that_are_not_set(tmp_path: Path) -> None:
    write_project(tmp_path, ORDERS, extra="import os, sys\nprint(os.environ['STAGE'], file=sys.stderr)")
    write(tmp_path, {"pyproject.toml": '[tool.migsafe.env]\nSTAGE = "from the file"\n'})
    assert run(tmp_path, "graph").stderr == "from the file\n"
    assert run(tmp_path, "graph", env={"STAGE": "from the shell"}).stderr == "from the shell\n"


# stdout is for the report alone


def test_what_settings_apps_and_migrations_print_goes_to_stderr(tmp_path: Path) -> None:
    noisy = """
        import logging, os, subprocess, sys
        print("printed")
        sys.__stdout__.write("past sys.stdout\\n")
        os.write(1, b"descriptor\\n")
        subprocess.run(["echo", "subprocess"])
        LOGGING = {
            "version": 1,
            "handlers": {"out": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout"}},
            "root": {"handlers": ["out"], "level": "INFO"},
        }
        """
    loud = app("orders", {"0001_initial": migration(imports="import logging\nlogging.error('logged')\nprint('late')")})
    write_project(tmp_path, loud, extra=noisy)
    ran = run(tmp_path, "graph", "--format", "json")
    assert ran.code == 0
    assert ran.stdout.startswith("{")
    assert ran.stdout.endswith("}\n")
    assert sorted(ran.stderr.splitlines()) == [
        "descriptor",
        "late",
        "logged",
        "past sys.stdout",
        "printed",
        "subprocess",
    ]


# Errors


def test_no_project_here(tmp_path: Path) -> None:
    assert errors(tmp_path) == (
        f"error: no Django project here: no manage.py in {tmp_path} or above it, and no settings module given\n"
        "hint: Run migsafe in a project's folder, or name the settings: --settings, DJANGO_SETTINGS_MODULE, or\n"
        '[tool.migsafe]\nsettings = "…"\nin pyproject.toml.\n'
    )


def test_a_project_one_folder_further_down(tmp_path: Path) -> None:
    write_project(tmp_path / "backend", ORDERS)
    assert errors(tmp_path).splitlines()[1] == "hint: Run migsafe in backend/."


@pytest.mark.parametrize(
    ("manage", "message"),
    [
        ("", "error: manage.py does not set DJANGO_SETTINGS_MODULE\n"),
        (
            'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "a" + os.environ["STAGE"])',
            "error: manage.py:2 works DJANGO_SETTINGS_MODULE out at run time, and migsafe does not run it\n",
        ),
        (
            'import os\nif 1:\n    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "a")\n'
            'else:\n    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "b")',
            "error: manage.py names several settings modules: a, b\n",
        ),
        ("import os\nprint(", "error: manage.py:2 is not valid Python: '(' was never closed\n"),
    ],
)
def test_a_manage_py_that_does_not_say(tmp_path: Path, manage: str, message: str) -> None:
    write(tmp_path, {"manage.py": manage})
    stderr = errors(tmp_path)
    assert stderr.startswith(message)
    assert "with --settings.\n" in stderr


def test_settings_that_do_not_exist(tmp_path: Path) -> None:
    write_project(tmp_path, ORDERS)
    assert errors(tmp_path, "--settings", "config.setings") == (
        f"error: settings module config.setings does not exist: there is no 'config.setings' in {tmp_path} or on "
        "Python's path\n"
        "hint: Check the name; if its folder lies elsewhere, add that to PYTHONPATH.\n"
    )


def test_settings_that_need_a_package_that_is_not_installed(tmp_path: Path) -> None:
    write_project(tmp_path, ORDERS, extra="import environ_plus")
    assert errors(tmp_path) == (
        "error: settings module config.settings fails to import: config/settings.py:6 needs the package environ_plus, "
        "which is not installed\n"
        f"hint: Install it where migsafe runs ({sys.executable}), or, if it is optional, name settings that do without "
        "it with --settings.\n"
    )


def test_settings_that_need_a_module_that_is_not_there(tmp_path: Path) -> None:
    write_project(tmp_path, ORDERS, extra="from config.local import *")
    assert errors(tmp_path).startswith(
        "error: settings module config.settings fails to import: config/settings.py:6 needs the module config.local, "
        "and config has no such module\n"
    )


def test_an_installed_app_that_is_not_installed(tmp_path: Path) -> None:
    write_project(tmp_path, ORDERS, extra='INSTALLED_APPS.append("debug_toolbar_plus")')
    assert errors(tmp_path).startswith(
        "error: the apps of config.settings fail to load: INSTALLED_APPS needs the package debug_toolbar_plus, "
        "which is not installed\n"
    )


VARIABLE = """\
error: settings module config.settings fails to import: config/settings.py:{line} needs the environment variable \
SHOP_KEY, which is not set
hint: Set it, or give it a value for migsafe in pyproject.toml:
[tool.migsafe.env]
SHOP_KEY = "…"
"""


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ('import os\nos.environ["SHOP_KEY"]', 7),
        (
            "from django.core.exceptions import ImproperlyConfigured\n"
            'raise ImproperlyConfigured("Set the SHOP_KEY environment variable")',  # as django-environ says it
            7,
        ),
        ('raise Exception("SHOP_KEY not found. Declare it as envvar or define a default value.")', 6),  # as decouple
        ("raise ValueError('Environment variable \"SHOP_KEY\" not set')", 6),  # as environs
    ],
)
def test_settings_that_need_an_environment_variable(tmp_path: Path, code: str, line: int) -> None:
    write_project(tmp_path, ORDERS, extra=code)
    assert errors(tmp_path) == VARIABLE.format(line=line)


def test_a_variable_that_the_settings_read_through_a_helper(tmp_path: Path) -> None:
    write_project(tmp_path, ORDERS, extra="import config.env")
    write(tmp_path, {"config/env.py": "import os\n\nKEY = os.environ['SHOP_KEY']\n"})
    assert "config/env.py:3 needs the environment variable SHOP_KEY" in errors(tmp_path)


def test_any_other_keyerror_is_not_about_the_environment(tmp_path: Path) -> None:
    write_project(tmp_path, ORDERS, extra="{}['SHOP_KEY']")
    assert errors(tmp_path) == (
        "error: settings module config.settings fails to import: KeyError: 'SHOP_KEY' (config/settings.py:6)\n"
        "hint: Make `python -m django check --settings config.settings` work first.\n"
    )


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("x =", "SyntaxError: invalid syntax (config/settings.py:6)"),
        ("raise SystemExit('no licence')", "config/settings.py:6 exits with 'no licence'"),
        ("raise ValueError('first line\\nsecond')", "ValueError: first line (config/settings.py:6)"),
    ],
)
def test_settings_that_fail_in_other_ways(tmp_path: Path, code: str, message: str) -> None:
    write_project(tmp_path, ORDERS, extra=code)
    assert errors(tmp_path).startswith(f"error: settings module config.settings fails to import: {message}\n")


def test_models_that_fail_to_import(tmp_path: Path) -> None:
    write_project(tmp_path, app("orders", {"0001_initial": migration()}, models="1 / 0"))
    assert errors(tmp_path) == (
        "error: the apps of config.settings fail to load: ZeroDivisionError: division by zero (orders/models.py:1)\n"
        "hint: Make `python -m django check --settings config.settings` work first.\n"
    )


def test_settings_that_ask_a_network_that_does_not_answer(tmp_path: Path) -> None:
    """They do not hang: Python sockets without a timeout of their own get one."""
    write_project(
        tmp_path,
        ORDERS,
        extra="""
        import socket
        listening = socket.create_server(("127.0.0.1", 0))
        client = socket.create_connection(listening.getsockname())
        assert client.gettimeout() == 10
        client.settimeout(0.01)
        client.recv(1)
        """,
    )
    assert errors(tmp_path) == (
        "error: settings module config.settings fails to import: TimeoutError: timed out (config/settings.py:12)\n"
        "hint: Settings and apps must not need a network to be imported: name others with --settings.\n"
    )


# Databases


def test_a_database_that_is_not_postgresql(tmp_path: Path) -> None:
    write_project(tmp_path, ORDERS, extra='DATABASES["default"]["ENGINE"] = "django.db.backends.sqlite3"')
    assert errors(tmp_path) == (
        "error: database 'default' of config.settings is not PostgreSQL: its ENGINE is django.db.backends.sqlite3 "
        "(sqlite)\n"
        "hint: Name settings that have a PostgreSQL database, with --settings. migsafe never connects to it.\n"
    )


def test_another_alias_that_is_postgresql_is_named(tmp_path: Path) -> None:
    write_project(
        tmp_path,
        ORDERS,
        extra="""
        DATABASES["main"] = DATABASES["default"]
        DATABASES["default"] = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
        """,
    )
    assert errors(tmp_path).splitlines()[1] == "hint: Choose another with --database: main."
    assert run(tmp_path, "graph", "--database", "main").code == 0


def test_no_databases_at_all(tmp_path: Path) -> None:
    write_project(tmp_path, ORDERS, extra="del DATABASES")
    assert errors(tmp_path).startswith("error: settings module config.settings gives database 'default' no ENGINE\n")


def test_an_unknown_alias(tmp_path: Path) -> None:
    write_project(tmp_path, ORDERS, extra='DATABASES["replica"] = DATABASES["default"]')
    assert errors(tmp_path, "--database", "replika") == (
        "error: settings module config.settings has no database 'replika' in DATABASES; it has: default, replica\n"
        "hint: Did you mean replica?\n"
    )


def test_an_engine_of_ones_own_counts_by_what_it_is(tmp_path: Path) -> None:
    write_project(tmp_path, ORDERS, extra='DATABASES["default"]["ENGINE"] = "metered"')
    write(
        tmp_path,
        {
            "metered/__init__.py": "",
            "metered/base.py": """
                from django.db.backends.postgresql.base import DatabaseWrapper as Postgres

                class DatabaseWrapper(Postgres):
                    pass
                """,
        },
    )
    assert run(tmp_path, "graph").code == 0


def test_no_driver_for_postgresql(tmp_path: Path) -> None:
    write_project(tmp_path, ORDERS)
    blocked = "import sys\nfor name in ('psycopg', 'psycopg2'):\n    sys.modules[name] = None\n"
    script = f"""
{blocked}
from pathlib import Path
from migsafe.errors import SettingsError
from migsafe.project.load import load
try:
    load(Path.cwd())
except SettingsError as error:
    print(error.message)
"""
    assert run_python(tmp_path, script).stdout == (
        "the backend of database 'default' in config.settings fails to load: neither psycopg nor psycopg2 is "
        "installed\n"
    )


def test_nothing_connects(tmp_path: Path) -> None:
    """Not even an app that queries while it is loaded, with a database that would answer."""
    write_project(tmp_path, ORDERS)
    config = """
        from django.apps import AppConfig

        class Orders(AppConfig):
            name = "orders"

            def ready(self):
                from django.db import connection
                connection.cursor().execute("SELECT 1")
        """
    write(tmp_path, {"orders/apps.py": config})
    assert errors(tmp_path) == (
        "error: the apps of config.settings fail to load: OperationalError: migsafe works without a database: "
        "nothing may connect to one (orders/apps.py:8)\n"
        "hint: Apps must not query a database while they are loaded (Django's own docs say so of AppConfig.ready).\n"
    )


def test_apps_that_cope_with_a_missing_database_load(tmp_path: Path) -> None:
    write_project(tmp_path, ORDERS)
    config = """
        from django.apps import AppConfig
        from django.db import OperationalError, connection

        class Orders(AppConfig):
            name = "orders"

            def ready(self):
                try:
                    connection.cursor()
                except OperationalError:
                    pass
        """
    write(tmp_path, {"orders/apps.py": config})
    assert run(tmp_path, "graph").code == 0


# Whose an app is


def test_apps_of_installed_packages_are_not_first_party(tmp_path: Path) -> None:
    write_project(
        tmp_path,
        ORDERS,
        extra="""
        INSTALLED_APPS += ["django.contrib.contenttypes", "django.contrib.auth"]
        MIGRATION_MODULES = {"auth": "own.auth"}
        """,
    )
    write(tmp_path, {"own/__init__.py": "", "own/auth/__init__.py": "", "own/auth/0001_initial.py": migration()})
    script = """
        from pathlib import Path
        from migsafe.project.load import load
        project = load(Path.cwd())
        print({app: project.is_first_party(app) for app in project.apps})
        """
    assert run_python(tmp_path, script).stdout == "{'orders': True, 'contenttypes': False, 'auth': True}\n"
