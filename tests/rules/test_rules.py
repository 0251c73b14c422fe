"""What holds for every rule."""

from pathlib import Path

import pytest

from migsafe.config import Config, load_config
from migsafe.errors import ConfigError
from migsafe.model import Summary
from migsafe.rules import GROUPS, SECTIONS, Rule, all_rules, choose_rules
from migsafe.testing import Scenario

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
    assert rule.is_used or rule.code.startswith("MS0")


def test_a_rule_is_called_like_its_module() -> None:
    assert {rule.name for rule in RULES} >= {"add_required_column", "index_not_concurrent", "irreversible"}
    assert all(rule.module == f"migsafe.rules.{rule.name}" for rule in RULES)


def test_rules_are_chosen_by_the_beginnings_of_their_codes() -> None:
    assert choose_rules() == RULES
    assert {rule.code[:3] for rule in choose_rules(Config(select=("MS2", "MS3")))} == {"MS2", "MS3"}
    chosen = {rule.code for rule in choose_rules(Config(select=("MS2",), ignore=("MS201", "MS203")))}
    assert chosen == {rule.code for rule in RULES if rule.code.startswith("MS2")} - {"MS201", "MS203"}
    assert "MS501" not in {rule.code for rule in choose_rules(Config(ignore=("MS501",)))}


def test_all_unknown_codes_are_one_error(tmp_path: Path) -> None:
    file = tmp_path / "migsafe.toml"
    file.write_text(
        'ignore = ["house-style", "MS2"]\nseverity = {MS201 = "info", team-rule = "info", indx_not_concurrent = "info"}\n'
    )
    config = load_config(tmp_path, {"select": ("MS2O1",)}, environ={})
    with pytest.raises(ConfigError) as caught:
        choose_rules(config)
    assert caught.value.message.splitlines() == [
        "--select: there is no rule 'MS2O1' (did you mean MS201?)",
        f"{file}: ignore: there is no rule 'house-style'",
        f"{file}: severity: there is no rule 'team-rule'",
        f"{file}: severity: there is no rule 'indx_not_concurrent' (did you mean index_not_concurrent?)",
    ]
    assert caught.value.hint == "migsafe rules lists them all."


def test_severities_of_the_configuration_are_the_last_word() -> None:
    fields = '[("id", models.BigAutoField(primary_key=True)), ("note", models.TextField())]'
    table = f'migrations.CreateModel("Order", {fields})'
    index = 'migrations.AddIndex("order", models.Index(fields=["note"], name="i"))'
    configured = {"migsafe.toml": 'severity = {MS201 = "warning"}\ntables = {shop_order = "small"}\n'}
    assert [one.severity for one in Scenario(table).check(index)] == ["error"]
    report = Scenario(table, files=configured).report(index)
    assert [one.severity for one in report.findings] == ["warning"]
    assert (report.summary, report.exit_code) == (Summary(warning=1), 0)
    assert [(one.severity, one.default_severity) for one in report.rules] == [("warning", "error")]
    assert Scenario(table, files=configured).report(index, fail_on="warning").exit_code == 1
