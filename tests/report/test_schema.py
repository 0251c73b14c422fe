"""Our JSON only grows: what reads version 1 goes on reading it, and what version 1 wrote can still be read."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from migsafe.report import render
from tests.report.test_formats import REPORT

ROOT = Path(__file__).parents[2]
RELEASED = Path(__file__).parent / "v1"
Schema = dict[str, Any]


def schema(path: Path) -> Schema:
    loaded: Schema = json.loads(path.read_text())
    return loaded


def broken(before: Schema, now: Schema) -> list[str]:
    """Which promises of an earlier schema one does not keep."""
    return list(_broken(before, now, before, now, ""))


def _broken(before: Schema, now: Schema, earlier: Schema, later: Schema, where: str) -> Iterator[str]:
    before, now = _resolved(before, earlier), _resolved(now, later)
    kinds, kinds_now = _kinds(before, earlier), _kinds(now, later)
    if kinds.keys() != kinds_now.keys():
        yield f"{where}: {', '.join(kinds)} became {', '.join(kinds_now)}"
        return
    for kind, each in kinds.items():
        each_now = kinds_now[kind]
        if gone := set(each.get("enum", ())) - set(each_now.get("enum", ())):
            yield f"{where}: {', '.join(map(str, gone))} is gone"
        for inner in ("items", "additionalProperties"):
            if isinstance(each.get(inner), dict):
                yield from _broken(each[inner], each_now[inner], earlier, later, f"{where}[]")
        for number, (one, other) in enumerate(
            zip(each.get("prefixItems", ()), each_now.get("prefixItems", ()), strict=True)
        ):
            yield from _broken(one, other, earlier, later, f"{where}[{number}]")
        if kind == "object":
            required, required_now = set(each.get("required", ())), set(each_now.get("required", ()))
            for name, value in each.get("properties", {}).items():
                if name not in each_now["properties"]:
                    yield f"{where}.{name}: is gone"
                    continue
                yield from _broken(value, each_now["properties"][name], earlier, later, f"{where}.{name}")
                if name in required - required_now:
                    yield f"{where}.{name}: may be missing"
            for name in sorted(required_now - required):
                yield f"{where}.{name}: earlier reports lack it"


def _resolved(part: Schema, whole: Schema) -> Schema:
    while "$ref" in part:
        part = whole["$defs"][part["$ref"].rpartition("/")[2]]
    return part


def _kinds(part: Schema, whole: Schema) -> dict[str, Schema]:
    alternatives = [_resolved(each, whole) for each in part.get("anyOf", [part])]
    return {str(each.get("type", "enum")): each for each in alternatives}


@pytest.mark.parametrize("name", sorted(path.stem for path in RELEASED.glob("*.json")))
def test_only_additions(name: str) -> None:
    assert broken(schema(RELEASED / f"{name}.json"), schema(ROOT / "docs" / "schema" / f"{name}.json")) == []


def _drop_property(lint: Schema) -> None:
    del lint["$defs"]["Finding"]["properties"]["line"]


def _narrow_type(lint: Schema) -> None:
    lint["$defs"]["Finding"]["properties"]["line"] = {"type": "integer"}


def _widen_type(lint: Schema) -> None:
    lint["$defs"]["Finding"]["properties"]["message"] = {"anyOf": [{"type": "string"}, {"type": "null"}]}


def _demand_more(lint: Schema) -> None:
    lint["$defs"]["Finding"]["properties"]["new"] = {"type": "string"}
    lint["$defs"]["Finding"]["required"].append("new")


def _leave_out(lint: Schema) -> None:
    lint["$defs"]["Finding"]["required"].remove("message")


def _drop_value(lint: Schema) -> None:
    lint["$defs"]["LockMode"]["enum"].remove("SHARE")


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (_drop_property, ".findings[].line: is gone"),
        (_narrow_type, ".findings[].line: integer, null became integer"),
        (_widen_type, ".findings[].message: string became string, null"),
        (_demand_more, ".findings[].new: earlier reports lack it"),
        (_leave_out, ".findings[].message: may be missing"),
        (_drop_value, ".findings[].effects[].lock: SHARE is gone"),
    ],
)
def test_what_is_no_addition_is_found(change: Any, found: str) -> None:
    before = schema(RELEASED / "lint.json")
    now = copy.deepcopy(before)
    change(now)
    assert found in broken(before, now)


def test_a_report_fits_the_schema() -> None:
    jsonschema.Draft202012Validator(schema(ROOT / "docs/schema/lint.json")).validate(json.loads(render(REPORT, "json")))
