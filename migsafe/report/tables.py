"""Sizes of tables, as ``tables-file`` takes them: JSON with a table on a line."""

from collections.abc import Mapping

import msgspec

from migsafe.config import Table
from migsafe.report.inert import without_commands


def render(tables: Mapping[str, Table]) -> str:
    lines = ",\n".join(f"  {_json(name)}: {_json(tables[name])}" for name in sorted(tables))
    return f"{{\n{lines}\n}}\n" if lines else "{}\n"


def _json(value: object) -> str:
    return without_commands(msgspec.json.format(msgspec.json.encode(value).decode(), indent=0), number_sign=r"\u0023")
