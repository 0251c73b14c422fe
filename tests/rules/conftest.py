from pathlib import Path

import pytest

from tests.rules.harness import Migrations


@pytest.fixture
def shop(tmp_path: Path) -> Migrations:
    """Tables in use; ``check`` a migration against them."""
    return Migrations(tmp_path)
