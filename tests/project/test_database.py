"""What Django's settings tell of the database: MS605 and MS606 depend on it."""

import pytest

from migsafe.rules import all_rules
from migsafe.testing import Scenario

ORDER = 'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])'
ADD = 'migrations.AddField("order", "note", models.TextField(null=True))'
SET = "migrations.RunSQL(\"SET work_mem = '1GB'\", migrations.RunSQL.noop)"
NO_TIMEOUT, SETTING = ([rule] for rule in all_rules() if rule.code in ("MS605", "MS606"))


def shop(**settings: object) -> Scenario:
    database = {"ENGINE": "django.db.backends.postgresql", "NAME": "shop", **settings}
    return Scenario(ORDER, settings={"DATABASES": {"default": database}})


@pytest.mark.parametrize(
    "options", ["-c lock_timeout=5s", "-c statement_timeout=0 -clock_timeout=1", "--lock-timeout=9"]
)
def test_a_lock_timeout_in_the_settings(options: str) -> None:
    assert shop(OPTIONS={"options": options}).check(ADD, rules=NO_TIMEOUT) == ()


@pytest.mark.parametrize(
    "options", ["", "-c lock_timeout=0", "-c statement_timeout=5s", "-c application_name=lock_timeout"]
)
def test_no_lock_timeout_in_the_settings(options: str) -> None:
    (finding,) = shop(USER="clerk", OPTIONS={"options": options}).check(ADD, rules=NO_TIMEOUT)
    assert finding.message == (
        "Without a lock_timeout this migration waits for ACCESS EXCLUSIVE on shop_order as long as it takes"
    )
    assert "ALTER ROLE \"clerk\" SET lock_timeout = '5s'" in finding.fix


def test_a_lock_timeout_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c lock_timeout=5s")
    assert shop().check(ADD, rules=NO_TIMEOUT) == ()


@pytest.mark.parametrize(
    ("settings", "severity"),
    [({}, "info"), ({"DISABLE_SERVER_SIDE_CURSORS": True}, "warning"), ({"PORT": "6432"}, "warning")],
)
def test_settings_that_look_like_those_for_a_pooler(settings: dict[str, object], severity: str) -> None:
    (finding,) = shop(**settings).check(SET, rules=SETTING)
    assert finding.severity == severity
