"""What holds for every rule."""

import pytest

from migsafe.errors import ConfigError
from migsafe.rules import GROUPS, SECTIONS, Rule, all_rules, choose_rules

RULES = all_rules()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_documentation_says_what_why_and_what_instead(rule: Rule) -> None:
    assert rule.documentation.partition("\n\n")[0].endswith(".")
    assert tuple(rule.sections) == SECTIONS
    assert all(rule.sections.values())


def test_codes_are_unique_and_well_formed() -> None:
    codes = [rule.code for rule in RULES]
    assert len(set(codes)) == len(codes)
    assert all(code[:3] in GROUPS and len(code) == 5 and code[2:].isdigit() for code in codes)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_looks_at_something(rule: Rule) -> None:
    assert rule.checks or rule.operation_checks or rule.migration_checks


def test_a_rule_is_called_like_its_module() -> None:
    assert {rule.name for rule in RULES} >= {"add_required_column", "index_not_concurrent", "irreversible"}
    assert all(rule.module == f"migsafe.rules.{rule.name}" for rule in RULES)


def test_rules_are_chosen_by_the_beginnings_of_their_codes() -> None:
    assert choose_rules() == RULES
    assert {rule.code[:3] for rule in choose_rules(select=["MS2", "MS3"])} == {"MS2", "MS3"}
    assert [rule.code for rule in choose_rules(select=["MS2"], ignore=["MS202"])][:2] == ["MS201", "MS203"]
    assert "MS501" not in {rule.code for rule in choose_rules(ignore=["MS501"])}


@pytest.mark.parametrize("option", ["select", "ignore"])
def test_an_unknown_code_is_an_error_with_near_matches(option: str) -> None:
    with pytest.raises(ConfigError, match="no rule 'MS2O1'") as caught:
        choose_rules(**{option: ["MS2O1"]})
    assert "MS201" in (caught.value.hint or "")
