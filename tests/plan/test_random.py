"""Random changes of random projects: either the plan does what it promises on a real server, or it says why not."""

import os

import django
import pytest

from migsafe.sandbox.server import Server
from migsafe.testing import Migration, Scenario
from tests.plan.random_changes import CODE_IMPORTS, project

EXAMPLES = int(os.environ.get("MIGSAFE_PLANS", "0"))
FIRST = int(os.environ.get("MIGSAFE_PLANS_FROM", "0"))

VARIED = (8, 47, 57, 77, 86)
"""Seeds whose plans are solved, quick to prove and about most kinds of operations together."""


@pytest.mark.parametrize("seed", range(FIRST, FIRST + EXAMPLES) if EXAMPLES else VARIED)
def test_plan_holds_or_says_why_there_is_none(seed: int, postgres: Server) -> None:
    before, change, code = project(seed, django.VERSION[:2])
    scenario = Scenario(Migration(*before, code=CODE_IMPORTS))
    report = scenario.plan(
        Migration(*change, code=code), verify=True, rows=20, server=postgres, postgres=postgres.version
    )
    unsolved = [f"{one.description}: {one.why}" for one in report.plan.unsolved]
    assert not any("the plan would not be right" in one for one in unsolved), (before, change, unsolved)
    assert all(one.why and one.instead for one in report.plan.unsolved)
    assert report.proof is not None
    if not unsolved:
        assert report.proof.holds, (before, change, report.proof)
