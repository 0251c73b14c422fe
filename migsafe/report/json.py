"""A report as JSON: the struct as it is (docs/json.md)."""

import json
import re
from typing import Any

import msgspec

from migsafe.report.inert import without_commands


def render(report: msgspec.Struct) -> str:
    """Encode a report; two spaces of indentation, a final newline, and the same text for the same report."""
    return encode(report)


def encode(value: Any) -> str:
    """Encode as JSON that every reader takes: halves of surrogate pairs, which are no text, become their escapes."""
    try:
        text = msgspec.json.encode(value).decode()
    except UnicodeEncodeError:
        text = json.dumps(msgspec.to_builtins(value), ensure_ascii=False)
        text = re.sub("[\\ud800-\\udfff]", lambda half: rf"\\u{ord(half[0]):04x}", text)
    return without_commands(msgspec.json.format(text, indent=2), colon=None, number_sign=r"\u0023") + "\n"
