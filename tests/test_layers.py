"""What import-linter cannot see: when things are imported. The layers themselves are contracts in pyproject.toml."""

import json
import subprocess
import sys

HELP = """
import json, sys
from migsafe.cli import cli
cli.main(["--help"], standalone_mode=False)
json.dump(sorted({name.partition(".")[0] for name in sys.modules}), sys.stderr)
"""


def test_help_imports_nothing_that_costs() -> None:
    process = subprocess.run([sys.executable, "-c", HELP], check=True, capture_output=True, text=True)
    assert "Usage: " in process.stdout
    expensive = {"django", "msgspec", "networkx", "postgast", "psycopg", "rich", "rpds", "sqlparse"}
    assert expensive.isdisjoint(json.loads(process.stderr))
