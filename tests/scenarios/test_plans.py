"""What migsafe plans for the scenarios, property by property."""

from collections.abc import Callable
from functools import cache

import pytest
from msgspec.structs import replace

from migsafe.api import lint_project
from migsafe.model import Severity
from migsafe.plan.recipes import all_recipes
from migsafe.project.changes import model_changes
from migsafe.project.graph import History
from migsafe.report.plan import held, refused
from migsafe.rules import choose_rules
from migsafe.sandbox.server import Server
from tests.conftest import ONE, SUPPORTED
from tests.scenarios.plans import NAMES, Scenario

DEVELOPED = (5, 2)
"""Django of the environment that all tests run in."""

pytestmark = pytest.mark.filterwarnings("ignore:'index_together' is deprecated")

scenario = cache(Scenario)
each = pytest.mark.parametrize(
    "one", [pytest.param(scenario(name), id=name) for name in NAMES if scenario(name).runs_here]
)


@pytest.mark.parametrize("recipe", [recipe.name for recipe in all_recipes()])
def test_every_recipe_has_a_plain_scenario_and_a_mean_one(recipe: str) -> None:
    mean = {name.endswith("_mean") for name in NAMES if recipe in scenario(name).described.recipes}
    assert mean == {False, True}


@each
def test_what_is_planned(one: Scenario) -> None:
    assert one.described.recipes == one.recipes
    kept, written = one.kept(), one.written()
    assert sorted(kept) == sorted(written), f"python tests/scenarios/write.py {one.name}"
    for path, text in written.items():
        assert kept[path] == text, f"{path}: python tests/scenarios/write.py {one.name}"


@each
def test_nothing_dangerous_is_left(one: Scenario) -> None:
    with one.project(len(one.deploys)) as (project, config, root):
        deploys = {step.key: deploy.number for deploy in one.plan.deploys for step in deploy.migrations}
        rules = choose_rules(config)
        report = lint_project(project, config, rules=rules, changed=deploys, deploys=deploys, together=True, below=root)
    unsolved = {code for each in one.plan.unsolved for code in each.codes}
    dangerous = [(finding.code, finding.message) for finding in report.findings if finding.severity != Severity.INFO]
    assert [message for code, message in dangerous if code not in unsolved] == []


@each
def test_models_of_each_release_have_their_migrations(one: Scenario) -> None:
    for number in range(len(one.deploys) + 1):
        with one.project(number) as (project, _, _):
            assert model_changes(History(project)) == ((), None), f"after {number} deploys"


# The ends of the matrix prove what is about them; the rest has been proven once.
@pytest.mark.parametrize(
    "one",
    [
        pytest.param(scenario(name), id=name, marks=[pytest.mark.slow] * scenario(name).runs_on(DEVELOPED))
        for name in NAMES
        if scenario(name).runs_here
    ],
)
def test_the_proof_holds(one: Scenario, server: Callable[[int], Server]) -> None:
    wanted = one.described.postgres
    proof = one.proof(server(wanted if wanted in SUPPORTED else ONE))
    phases = tuple(replace(phase, stalls=()) for phase in proof.phases)  # how long is for the benchmark: this is busy
    assert [said for said, well in held(replace(proof, phases=phases)) if not well] == [], list(refused(proof.phases))
    assert proof.rows_compared > 0
    assert proof.unproven == ()
