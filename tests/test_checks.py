"""System checks, as ``manage.py check --deploy`` runs them."""

from pathlib import Path

from migsafe.sandbox.server import Server
from tests.cli.test_manage import INSTALLED, ORDERS, manage
from tests.projects import run_python, write_project


def test_settings_and_configuration_are_checked_before_a_deploy_and_not_else(tmp_path: Path) -> None:
    other = "DATABASES['other'] = DATABASES['default'] | {'OPTIONS': {}}"
    sqlite = "DATABASES['lite'] = {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}"
    write_project(tmp_path, ORDERS, extra=f"{INSTALLED}\n{other}\n{sqlite}")
    calls = """
        import os
        from pathlib import Path
        import django
        from django.core.checks import run_checks

        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        django.setup()
        def said(**options):
            return sorted((one.id, one.obj) for one in run_checks(**options) if one.id.startswith("migsafe"))
        deploy = {"include_deployment_checks": True}
        print(said(databases=["default"]))
        print(said(**deploy))
        print(said(**deploy, databases=["default"]))
        Path("migsafe.toml").write_text("fail-onn = 'error'")
        print(said(**deploy))
        """
    checked = run_python(tmp_path, calls)
    assert checked.stdout.splitlines() == [
        "[]",
        """[('migsafe.W002', "DATABASES['other']")]""",
        """[('migsafe.W002', "DATABASES['other']"), ('migsafe.W004', "DATABASES['default']")]""",
        "[('migsafe.W001', None)]",
    ], checked.stderr


def test_with_a_database_it_is_what_the_gate_says(tmp_path: Path, postgres: Server, database: str) -> None:
    server = {"HOST": postgres.host, "PORT": postgres.port, "USER": postgres.user, "NAME": database}
    write_project(tmp_path, ORDERS, extra=f"{INSTALLED}\nDATABASES['default'].update({server!r})")
    assert manage(tmp_path, "migrate", "orders", "0001", "--verbosity", "0").code == 0
    arguments = ("--deploy", "--tag", "database", "--database", "default", "--fail-level", "WARNING")
    checked = manage(tmp_path, "check", *arguments)
    assert checked.code == 1
    assert "orders.0002_drop: (migsafe.W003) MS401 " in checked.stderr
    assert "HINT: `migsafe gate --database default` says more." in checked.stderr
