"""An app that was called something else where it is applied."""

import json
from pathlib import Path

import pytest

from migsafe.history.labels import app_labels
from migsafe.history.modules import Disk
from tests.history.repositories import repository
from tests.projects import app, migration, run, write, write_project

CONFIG = "from django.apps import AppConfig\nclass Config(AppConfig):\n    name = {!r}\n    label = {!r}\n"


@pytest.mark.parametrize(
    ("apps", "labels"),
    [
        (None, {"shop"}),
        ("class Config(AppConfig):\n    name = 'shop'", {"shop"}),
        ("class Config(AppConfig):\n    label = 'store'", {"store"}),
        ("class A(AppConfig):\n    label = 'a'\nclass B(AppConfig):\n    label = 'b'", {"a", "b"}),
        ("class Config(AppConfig:", set()),
    ],
)
def test_labels(tmp_path: Path, apps: str | None, labels: set[str]) -> None:
    write(tmp_path, {"shop/__init__.py": ""} if apps is None else {"shop/apps.py": apps})
    assert app_labels(Disk(), tmp_path / "shop") == labels


def test_a_label_that_changes(tmp_path: Path) -> None:
    shop = app("shop", {"0001_initial": migration("migrations.RunSQL('SELECT 1', migrations.RunSQL.noop)")})
    git = repository(write_project(tmp_path, shop), {})
    settings = (tmp_path / "config" / "settings.py").read_text()

    def findings() -> list[tuple[str, str, str]]:
        ran = run(tmp_path, "history", "--applied-ref", "main", "--format", "json", "--exit-zero")
        assert ran.code == 0, ran.stderr
        return [(one["code"], one["app"], one["message"]) for one in json.loads(ran.stdout)["findings"]]

    git("mv", "shop", "store")
    write(tmp_path, {"config/settings.py": settings.replace("'shop'", "'store'")})
    again = "store.0001_initial is applied (main) as shop.0001_initial: under its new name it will run again"
    assert findings() == [("MS703", "store", again)]
    write(tmp_path, {"store/apps.py": CONFIG.format("store", "shop")})
    assert findings() == []
