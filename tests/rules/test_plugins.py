"""Rules of other packages: the example in the documentation, and all that can be wrong with one."""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import Any

import pytest

from migsafe.actions import AddColumn
from migsafe.applied import Graph, Past
from migsafe.config import Config
from migsafe.errors import PluginError
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import HistoryContext, Rule, all_rules, choose_rules, in_history
from migsafe.rules._plugins import HINT
from migsafe.testing import Scenario
from tests.projects import app, migration, run, write, write_project

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "plugins"

RULE = '''
"""Any new column.

## What it catches
All.

## Why it hurts
It does not.

## Do this instead
Nothing.
"""
from migsafe.actions import AddColumn
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Rule

rule = Rule(
    __name__, code="{code}", severity=Severity.INFO, axis=Axis.DATA, message="New {{column}}", why="So.",
)

@rule.on(AddColumn)
def check(action, context):
{body}
'''
FINDS = '    yield rule.finding(context, relation=action.relation, column=action.column.name, fix="Fine.")'


def rule(code: str = "ACME101", body: str = FINDS) -> str:
    return RULE.format(code=code, body=body)


def install(folder: Path, entry_points: dict[str, str], files: dict[str, str]) -> None:
    """Put a distribution there as an installer would."""
    lines = [f"{name} = {value}" for name, value in entry_points.items()]
    write(
        folder,
        {
            "acme-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n",
            "acme-1.0.dist-info/entry_points.txt": "\n".join(["[migsafe.rules]", *lines]) + "\n",
            **files,
        },
    )


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on Python's path; what is imported from it is forgotten afterwards."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.partition(".")[0] == "acme":
            del sys.modules[name]


def error_of(*plugins: str) -> PluginError:
    with pytest.raises(PluginError) as caught:
        all_rules(plugins)
    return caught.value


# What works


def test_a_package_is_a_plug_in_whose_modules_are_rules(site: Path) -> None:
    install(
        site,
        {"house": "acme"},
        {"acme/__init__.py": "", "acme/new_column.py": rule(), "acme/_words.py": "", "acme/other.py": rule("ACME2001")},
    )
    assert "ACME2001" in error_of("house").message
    (site / "acme" / "other.py").write_text(rule("ACME201"))
    del sys.modules["acme.other"]
    own = all_rules()
    assert [(one.code, one.name) for one in all_rules(("house", "house")) if one not in own] == [
        ("ACME101", "new_column"),
        ("ACME201", "other"),
    ]
    assert all_rules() == own
    chosen = choose_rules(Config(plugins=("house",), select=("ACME",), ignore=("ACME201",)))
    assert [one.described({}).docs for one in chosen] == [None]


def test_a_module_will_do(site: Path) -> None:
    install(site, {"house": "acme"}, {"acme.py": rule()})
    assert "acme" in [one.name for one in all_rules(("house",))]


def test_it_is_not_imported_unless_the_configuration_names_it(site: Path) -> None:
    install(site, {"house": "acme"}, {"acme.py": "raise SystemExit"})
    assert choose_rules() == all_rules()


# What can be wrong


def test_not_installed(site: Path) -> None:
    install(site, {"house": "acme"}, {"acme.py": rule()})
    near, far = error_of("huose"), error_of("x")
    assert (near.message, near.hint) == ("plug-in 'huose' is not installed", "Did you mean house?")
    assert (far.message, far.hint) == ("plug-in 'x' is not installed", f"Installed in {sys.prefix}: house.")


def test_two_of_one_name(site: Path) -> None:
    install(site, {"house": "acme"}, {"acme.py": rule()})
    write(site, {"b-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: b\nVersion: 1\n"})
    write(site, {"b-1.dist-info/entry_points.txt": "[migsafe.rules]\nhouse = b\n"})
    error = error_of("house")
    assert (error.message, error.hint) == (
        "there are several plug-ins 'house': acme and b",
        "Uninstall all but one of them.",
    )


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("import nothing_like_that", "ModuleNotFoundError: No module named 'nothing_like_that' ({file}:1)"),
        ("x = 0\n\n1 / x", "ZeroDivisionError: division by zero ({file}:3)"),
        ("def", "SyntaxError: invalid syntax ({file}:1)"),
        ("import sys; sys.exit(3)", "SystemExit: 3 ({file}:1)"),
    ],
)
def test_it_fails_to_import(site: Path, code: str, what: str) -> None:
    install(site, {"house": "acme"}, {"acme/__init__.py": "", "acme/broken.py": code})
    error = error_of("house")
    where = what.format(file=site / "acme" / "broken.py")
    assert error.message == f"plug-in 'house': acme.broken fails to import: {where}"
    assert error.hint == "Correct it, or take 'house' out of plugins in the configuration."


def test_the_module_of_the_entry_point_does_not_exist(site: Path) -> None:
    install(site, {"house": "acme"}, {})
    assert error_of("house").message == (
        "plug-in 'house': acme fails to import: ModuleNotFoundError: No module named 'acme'"
    )


def test_an_entry_point_that_names_an_object(site: Path) -> None:
    install(site, {"house": "acme:rule"}, {"acme.py": rule()})
    error = error_of("house")
    assert error.message == "plug-in 'house': its entry point has to name a module, not 'acme:rule'"
    assert error.hint == HINT == "docs/plugins.md says what a plug-in has to be."


def test_all_that_is_wrong_with_its_rules_is_one_error(site: Path) -> None:
    bare = (
        'from migsafe.rules import Rule\nrule = Rule("x", code="MS1", severity=None, axis=None, message="", why="")\n'
    )
    install(
        site,
        {"house": "acme", "empty": "acme.empty"},
        {
            "acme/__init__.py": "",
            "acme/a.py": "",
            "acme/b.py": "rule = 5",
            "acme/c.py": bare,
            "acme/d.py": rule("ACME101").replace("## Why it hurts", "## Why"),
            "acme/e.py": f"{rule('ACME102')}\nrule.on_verification(check)",
            "acme/empty/__init__.py": "",
        },
    )
    error = error_of("house")
    assert error.message.splitlines() == [
        "plug-in 'house': acme.a has no rule (rule = Rule(__name__, …))",
        "plug-in 'house': acme.b has a rule that is no Rule but 5",
        "plug-in 'house': acme.c has a rule of the name 'x': its first argument has to be __name__",
        "plug-in 'house': acme.c has the code 'MS1': it has to be capital letters and three digits",
        "plug-in 'house': acme.c has the code 'MS1': codes with MS are migsafe's own",
        "plug-in 'house': acme.c has no docstring that begins with what the rule catches",
        "plug-in 'house': acme.c has no section '## What it catches' in its docstring",
        "plug-in 'house': acme.c has no section '## Why it hurts' in its docstring",
        "plug-in 'house': acme.c has no section '## Do this instead' in its docstring",
        "plug-in 'house': acme.c has a rule with no check"
        " (@rule.on(…), @rule.on_operation, @rule.on_migration, @rule.on_verification, @rule.on_history)",
        "plug-in 'house': acme.d has no section '## Why it hurts' in its docstring",
        "plug-in 'house': acme.e has a rule for lint and for verify: make two of it",
        "plug-in 'house': acme.empty has no rule (rule = Rule(__name__, …))",
    ]
    assert error.hint == HINT
    assert error_of("empty").message == "plug-in 'empty' has no rules"


def test_codes_and_names_that_other_rules_have(site: Path) -> None:
    install(
        site,
        {"house": "acme"},
        {"acme/__init__.py": "", "acme/a.py": rule(), "acme/b.py": rule(), "acme/drop_table.py": rule("ACME401")},
    )
    error = error_of("house")
    assert error.message.splitlines() == [
        "ACME101 is the code of two rules: acme.a and acme.b",
        "drop_table is the name of two rules: migsafe.rules.drop_table and acme.drop_table",
    ]
    assert error.hint == "Only the plug-in can change that: codes and names have to be its own."


# Rules that fail in the middle of a run

SHOP = Scenario('migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])')
ADD = 'migrations.AddField("order", "note", models.TextField(null=True))'


def failing(**checks: Any) -> Rule:
    made = Rule("acme.failing", code="ACME1", severity=Severity.INFO, axis=Axis.DATA, message="{x}", why="")
    for kind, check in checks.items():
        (made.on(AddColumn) if kind == "on" else getattr(made, kind))(check)
    return made


def no_generator(*_: object) -> None:
    """A check that yields nothing, and forgets to be a generator."""


def wrong_name(_: object, context: Any) -> Iterator[Any]:
    yield made.finding(context, fix="")


made = failing()


@pytest.mark.parametrize(
    ("kind", "check", "error"),
    [
        ("on", no_generator, "TypeError: 'NoneType' object is not iterable"),
        ("on", lambda *_: ["text"], "TypeError: 'text' is no Finding"),
        ("on", wrong_name, f"KeyError: 'x' ({__file__}:{wrong_name.__code__.co_firstlineno + 1})"),
        ("on_operation", lambda *_: 1 // 0, None),
        ("on_migration", lambda _: 1 // 0, None),
    ],
)
def test_a_rule_that_fails_is_a_finding_where_it_does(kind: str, check: Any, error: str | None) -> None:
    error = (
        error or f"ZeroDivisionError: integer division or modulo by zero ({__file__}:{check.__code__.co_firstlineno})"
    )
    report = SHOP.report(ADD, rules=[failing(**{kind: check})])
    (finding,) = report.findings
    assert [one.code for one in report.rules] == ["MS005"]
    assert SHOP.check(ADD, rules=[failing(**{kind: check})], ignore=("MS005",)) == ()
    assert (finding.code, finding.name, finding.severity) == ("MS005", "plugin_failed", "error")
    assert finding.message == f"The plug-in's rule ACME1 fails here: {error}"
    assert finding.why == "Whatever ACME1 looks for may be here all the same."
    assert finding.fix == 'Until it is corrected:\n\n```toml\n[tool.migsafe]\nignore = ["ACME1"]\n```'
    assert (finding.operation, finding.path) == (
        None if kind == "on_migration" else 0,
        "shop/migrations/0002_change.py",
    )


def test_what_it_found_before_it_failed_stays() -> None:
    def check(_: object, context: Any) -> Iterator[Any]:
        yield made.finding(context, fix="", x="Found")
        raise RuntimeError

    findings = SHOP.check(ADD, rules=[failing(on=check)])
    assert [finding.message.partition(" (")[0] for finding in findings] == [
        "Found",
        "The plug-in's rule ACME1 fails here: RuntimeError",
    ]


def test_a_rule_that_fails_at_the_end_is_an_error() -> None:
    from migsafe.rules import Pending

    def check(_: object, context: Any) -> Iterator[Any]:
        yield Pending(made.finding(context, fix="", x="Found"))

    def end(*_: object) -> Iterator[Any]:
        raise LookupError("gone")
        yield

    with pytest.raises(PluginError) as caught:
        SHOP.check(ADD, rules=[failing(on=check, on_end=end)])
    assert caught.value.message == (
        "the plug-in's rule ACME1 fails at the end of the run: LookupError: gone"
        f" ({__file__}:{end.__code__.co_firstlineno + 1})"
    )
    assert caught.value.hint == 'Until it is corrected:\n[tool.migsafe]\nignore = ["ACME1"]'


def test_migsafes_own_rules_may_crash() -> None:
    own = failing(on=lambda *_: 1 // 0)
    own.module = "migsafe.rules.failing"
    with pytest.raises(ZeroDivisionError):
        SHOP.check(ADD, rules=[own])


# The example


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The example, installed as its pyproject.toml says, and a project that uses it."""
    site = tmp_path_factory.mktemp("site")
    metadata = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    (points,) = metadata["entry-points"].values()
    assert list(metadata["entry-points"]) == ["migsafe.rules"]
    install(site, points, {})
    environment = {"PYTHONPATH": os.pathsep.join(map(str, (ROOT, site, EXAMPLE)))}
    project = write_project(
        tmp_path_factory.mktemp("project"),
        app(
            "orders",
            {
                "0001_initial": migration(
                    'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])',
                    attributes="initial = True",
                ),
                "0002_price": migration(
                    'migrations.AddField("order", "price", models.FloatField(null=True))',
                    dependencies=(("orders", "0001_initial"),),
                ),
            },
        ),
        **{"pyproject.toml": f"[tool.migsafe]\nplugins = {list(points)}\n"},
    )
    return SimpleNamespace(project=project, environment=environment)


def test_the_example_in_a_project(installed: SimpleNamespace) -> None:
    ran = run(installed.project, "lint", "--format", "json", env=installed.environment)
    (finding,) = json.loads(ran.stdout)["findings"]
    assert (ran.code, finding["code"], finding["docs"]) == (
        1,
        "HOUSE101",
        "https://wiki.example.org/house-rules/HOUSE101",
    )
    assert finding["message"] == (
        "Column price of orders_order holds money in double precision, which cannot hold most amounts exactly"
    )
    assert run(installed.project, "lint", "--ignore", "HOUSE", "--ignore", "MS709", env=installed.environment).code == 0
    shown = run(installed.project, "explain", "HOUSE101", env=installed.environment)
    assert shown.stdout.startswith("── HOUSE101 money_as_float ──")


def test_a_plug_in_that_is_not_there_is_one_clear_error(installed: SimpleNamespace) -> None:
    ran = run(installed.project, "lint")
    assert (ran.code, ran.stdout) == (2, "")
    assert ran.stderr == f"error: plug-in 'house' is not installed\nhint: Installed in {sys.prefix}: none.\n"


def test_the_examples_own_tests(installed: SimpleNamespace) -> None:
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, str(EXAMPLE / "tests")],
        env=os.environ | installed.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert tests.returncode == 0, tests.stdout


def test_the_test_that_the_page_shows(installed: SimpleNamespace, tmp_path: Path) -> None:
    *_, code = (ROOT / "docs" / "plugins.md").read_text().split("```python\n")
    write(tmp_path, {"shown.py": dedent(code.partition("```")[0]) + "\n\ntest_a_new_field()\n"})
    subprocess.run([sys.executable, "shown.py"], cwd=tmp_path, env=os.environ | installed.environment, check=True)


def test_a_rule_about_history_that_fails() -> None:
    rule = Rule("house.rules.broken", code="HOUSE999", severity=Severity.INFO, axis=Axis.HISTORY, message="m", why="w")

    @rule.on_history
    def check(context: HistoryContext) -> Iterator[Finding]:
        yield context  # type: ignore[misc]

    context = HistoryContext(graph=Graph(nodes={}), past=Past(), looked_at=frozenset(), apps=frozenset(), replayed={})
    (finding,) = in_history(context, [rule])
    assert (finding.code, finding.app, finding.path) == ("MS005", None, None)
    assert finding.message.startswith("The plug-in's rule HOUSE999 fails here: TypeError: HistoryContext(")
