"""The pages about rules: what their docstrings say, and an index of them."""

from collections.abc import Iterator
from pathlib import Path

from migsafe.report.rules import ABOUT
from migsafe.rules import GROUPS, Rule, all_rules

FOLDER = Path(__file__).parent / "rules"
MADE = "<!-- Written by docs/make.py from the docstring of {}. -->"

MUTING = """\
## How to mute it
On the operation, or on the line above it, with the reason why it does no harm there:

```python
# migsafe: ignore[{code}]: the table has forty rows
```

In SQL it is a comment, too: `-- migsafe: ignore[{code}]: …`. For whole migrations, or with another severity, it stands
in the [configuration](../configuration.md).
"""

SWITCHING_OFF = """\
## How to switch it off
No comment and no baseline can accept it. The [configuration](../configuration.md) can switch it off:

```toml
[tool.migsafe]
ignore = ["{code}"]
```
"""


def pages() -> Iterator[tuple[Path, str | None]]:
    """Every page with its text; None for a page of a rule that is gone."""
    made = {FOLDER / f"{rule.code}.md": page(rule) for rule in all_rules()}
    made[FOLDER / "README.md"] = index()
    yield from made.items()
    yield from ((path, None) for path in FOLDER.glob("*") if path not in made)


def page(rule: Rule) -> str:
    head = f"# {rule.code} {rule.name}\n\n{rule.summary}.\n\n"
    facts = f"**{rule.severity.capitalize()}**, about **{rule.axis}**: {ABOUT[rule.axis]}.\n"
    sections = [f"## {title}\n{text}\n" for title, text in rule.sections.items()]
    muting = MUTING if rule.suppressable else SWITCHING_OFF
    source = MADE.format(f"migsafe/rules/{rule.name}.py")
    return "\n".join([source + "\n" + head + facts, *sections, muting.format(code=rule.code)])


def index() -> str:
    lines = [
        MADE.format("each rule"),
        "# Rules",
        "",
        "`migsafe explain CODE` shows a page in the terminal, `migsafe rules` this list.",
    ]
    for prefix, group in GROUPS.items():
        if rules := [rule for rule in all_rules() if rule.code.startswith(prefix)]:
            lines += ["", f"## {group[0].upper()}{group[1:]}", "", "| code | name | catches | severity | about |"]
            lines += ["|---|---|---|---|---|"]
            lines += [
                f"| [{rule.code}]({rule.code}.md) | {rule.name} | {rule.summary} | {rule.severity} | {rule.axis} |"
                for rule in rules
            ]
    return "\n".join(lines) + "\n"
