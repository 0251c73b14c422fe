"""Write what the documentation takes from the program: its output, its picture, its rules.

``python docs/make.py`` writes it; with ``--check`` it exits with 1 if something is not what it would write.
"""

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import django
import msgspec
from rich.console import Console
from rich.terminal_theme import MONOKAI

from migsafe.model import Report
from migsafe.report.text import print_report
from migsafe.rules import all_rules

ROOT = Path(__file__).resolve().parent.parent
SHOP = ROOT / "scenarios" / "shop"
TARGET = "orders.0042"


def migsafe(*arguments: str) -> str:
    """Output of migsafe in the shop, of whatever Django; that there are findings is no failure."""
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    process = subprocess.run(
        [sys.executable, "-m", "migsafe", *arguments],
        cwd=SHOP,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if process.returncode not in (0, 1):
        raise SystemExit(f"migsafe {' '.join(arguments)} failed with {process.returncode}")
    return process.stdout.replace(django.get_version(), "5.2")


def rules() -> str:
    lines = ["| code | catches | about |", "|---|---|---|"]
    for rule in all_rules():
        summary = rule.documentation.partition("\n\n")[0].replace("\n", " ").rstrip(".")
        lines.append(f"| [{rule.code}](migsafe/rules/{rule.name}.py) | {summary} | {rule.axis.value} |")
    return "\n".join(lines)


def picture() -> str:
    """The text report as rich draws it in a terminal of 100 columns."""
    report = msgspec.json.decode(migsafe("lint", TARGET, "--format", "json"), type=Report)
    console = Console(file=io.StringIO(), record=True, width=100, force_terminal=True, _environ={})
    print_report(report, console)
    return console.export_svg(title=f"migsafe lint {TARGET}", theme=MONOKAI, unique_id="migsafe")


def fill(text: str, name: str, block: str) -> str:
    """Put a block between the comments ``<!-- name -->`` and ``<!-- end of name -->``."""
    pattern = re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(<!-- end of {re.escape(name)} -->)", re.DOTALL)
    filled, count = pattern.subn(lambda found: f"{found[1]}{block}\n{found[2]}", text)
    if count != 1:
        raise SystemExit(f"there are {count} places for {name!r}")
    return filled


def pages() -> Iterator[tuple[Path, str]]:
    readme = ROOT / "README.md"
    text = fill(readme.read_text(), "rules", rules())
    output = migsafe("lint", TARGET).rstrip()
    yield readme, fill(text, "lint", f"```console\n$ migsafe lint {TARGET}\n{output}\n```")
    yield ROOT / "docs" / "images" / "lint.svg", picture()


def main() -> None:
    stale = [(path, text) for path, text in pages() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv:
        if stale:
            raise SystemExit(f"{', '.join(str(path.relative_to(ROOT)) for path, _ in stale)}: run python docs/make.py")
        return
    for path, text in stale:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    main()
