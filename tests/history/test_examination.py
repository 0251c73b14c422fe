"""When rules about history look at a project."""

import pytest

from migsafe import api
from migsafe.config import Config
from migsafe.errors import GitError
from migsafe.rules import index_not_concurrent, number_gap
from migsafe.testing import Migration, Scenario


def test_who_knows_what_is_applied_is_asked_only_if_a_rule_needs_it() -> None:
    nowhere = Config(applied_ref="nowhere")  # and no repository either
    with Scenario()._project((), (Migration(name="0001_initial"),), {}) as (project, *_):
        other = [index_not_concurrent.rule]
        assert api.lint_project(project, nowhere, rules=other, past=True).findings == ()
        with pytest.raises(GitError):
            api.lint_project(project, nowhere, rules=[*other, number_gap.rule], past=True)
