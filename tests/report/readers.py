"""Strict readers of the formats: each takes what its consumer takes, and asserts that all the rest is as it should be."""

import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Annotated, Any, Literal
from xml.etree import ElementTree as ET

import jsonschema
import msgspec
import xmlschema
from markdown_it import MarkdownIt
from markdown_it.token import Token

SCHEMAS = Path(__file__).parent / "schemas"
LINE = re.compile(
    r"(?P<path>.+?):(?P<line>[1-9]\d*): (?P<code>MS\d{3}) (?P<severity>error|warning|info) (?P<message>.+)"
)
UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def assert_inert(output: str) -> None:
    """No terminal or log obeys any of it, and it is text."""
    assert not UNPRINTABLE.search(output.replace("\n", ""))
    assert not re.search(r"##\w*\[", output)


# GitHub Actions: the runner's own way to find commands (actions/runner, ActionCommand.cs)

COMMANDS = {
    "error",
    "warning",
    "notice",
    "debug",
    "group",
    "endgroup",
    "add-mask",
    "stop-commands",
    "echo",
    "add-matcher",
}


class Command(msgspec.Struct):
    name: str
    properties: dict[str, str]
    data: str


def command(line: str) -> Command | None:
    """Read a line of a log as the runner does."""
    line = line.lstrip()
    if line.startswith("::") and (end := line.find("::", 2)) >= 0:
        name, _, properties = line[2:end].partition(" ")
        if name in COMMANDS:
            pairs = (pair.partition("=") for pair in properties.strip().split(",") if pair)
            return Command(
                name,
                {key: _unescaped(value, "\r\n:,%") for key, _, value in pairs},
                _unescaped(line[end + 2 :], "\r\n%"),
            )
    assert not re.search(r"##\[[^]]*\]", line)
    return None


def _unescaped(text: str, characters: str) -> str:
    for character in characters:
        text = text.replace(f"%{ord(character):02X}", character)
    return text


def commands(output: str) -> tuple[list[Command], list[str]]:
    """The commands of a log, and its other lines."""
    found = [(command(line), line) for line in output.split("\n")]
    return [one for one, _ in found if one], [line for one, line in found if not one]


# GitLab: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format


class Lines(msgspec.Struct, forbid_unknown_fields=True):
    begin: Annotated[int, msgspec.Meta(ge=1)]


class Location(msgspec.Struct, forbid_unknown_fields=True):
    path: Annotated[str, msgspec.Meta(pattern="^[^/]")]
    lines: Lines


class Content(msgspec.Struct, forbid_unknown_fields=True):
    body: str


class Issue(msgspec.Struct, forbid_unknown_fields=True):
    description: str
    check_name: str
    fingerprint: str
    severity: Literal["info", "minor", "major", "critical", "blocker"]
    location: Location
    content: Content


def gitlab(output: str) -> list[Issue]:
    issues = msgspec.json.decode(output, type=list[Issue])
    assert len({one.fingerprint for one in issues}) == len(issues)
    return issues


# SARIF 2.1.0


@cache
def _sarif_validator() -> jsonschema.Draft4Validator:
    return jsonschema.Draft4Validator(
        json.loads((SCHEMAS / "sarif-2.1.0.json").read_text()), format_checker=jsonschema.FormatChecker()
    )


def sarif(output: str) -> dict[str, Any]:
    """The only run: it fits the schema, and what the standard demands beyond the schema."""
    log = json.loads(output)
    _sarif_validator().validate(log)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({one["id"] for one in rules}) == len(rules)
    for result in run["results"]:
        assert "suppressions" in result  # all or none
        if "ruleIndex" in result:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        for text in result["message"].values():
            assert not re.search(r"[{}]", re.sub(r"\{\{|\}\}", "", text))  # a single one would be a placeholder
        assert not re.search(r"\[[^]]*\]\(", result["message"]["text"])  # nor a link
        assert_markdown(result["message"]["markdown"])
        for location in result["locations"]:
            artifact = location["physicalLocation"]["artifactLocation"]
            assert artifact["uri"].startswith("file:///") or artifact["uriBaseId"] in run["originalUriBaseIds"]
            assert re.fullmatch(r"[\w.~%/:-]+", artifact["uri"], re.ASCII)
    return run  # type: ignore[no-any-return]


# JUnit XML, as Jenkins's xUnit plug-in takes it


@cache
def _junit_schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd")


def junit(output: str) -> ET.Element:
    root = ET.fromstring(output)
    _junit_schema().validate(root)
    for suite in (root, *root):
        cases = list(suite.iter("testcase"))
        assert suite.attrib["tests"] == str(len(cases))
        assert suite.attrib["failures"] == str(sum(case.find("failure") is not None for case in cases))
        assert all(len(case.findall("failure")) <= 1 for case in cases)
    return root


# Markdown, as GitHub and GitLab read it

BLOCKS = {"heading", "paragraph", "inline", "fence", "html_block", "table", "thead", "tbody", "tr", "th", "td"}
BLOCKS |= {"bullet_list", "list_item"}
LANGUAGES = {"", "diff", "python", "sh", "sql"}
READ = {"text", "text_special"}
INLINE = {"text", "text_special", "softbreak", "strong", "link", "code_inline"}
ACTING = re.compile(
    r"@\w|#\d|[A-Z]-\d|://|www\.|:[\w+-]+:|\b[0-9a-fA-F]{7,64}\b"
    r"|[!$&]\d|[%~][^\s\u200b]|\*iteration:|\[\w+:|\[-|\{[+-]|\[\+"
)
"""What they make links and pictures of in text."""
COMMENT = re.compile(r"<!--[^<>!]*?-->\n")


def assert_markdown(text: str) -> tuple[list[Token], list[str]]:
    """Markup is only what a report has of it, whatever it is about.

    Returns:
        All tokens, and the tags in the order of the text.
    """
    reader = MarkdownIt("gfm-like")
    assert reader.linkify
    reader.linkify.set({"fuzzy_link": False})  # of GitHub's own are only those with www., a scheme or an @
    tokens = reader.parse(text)
    tags = _Tags()
    assert not re.search(r"^/\w", text, re.MULTILINE)  # GitLab's quick actions
    for token in tokens:
        assert token.type.removesuffix("_open").removesuffix("_close") in BLOCKS, token
        if token.type == "html_block":
            assert "<!--" not in token.content or COMMENT.fullmatch(token.content)
            tags.feed(token.content)
        if token.type == "fence":
            assert token.info in LANGUAGES
        read = "".join(child.content if child.type in READ else "\n" for child in token.children or ())
        assert not ACTING.search(read), read
        for child in token.children or ():
            assert child.type.removesuffix("_open").removesuffix("_close") in INLINE, child
            if child.type == "link_open":
                assert str(child.attrs["href"]).startswith("https://example.org/")
    assert not ACTING.search(tags.text)
    return tokens, tags.tags


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert attrs == []
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.text += data


def table(tokens: list[Token]) -> list[list[str]]:
    """What people read in the cells of a table's body, row by row."""
    rows: list[list[str]] = []
    in_body = False
    for place, token in enumerate(tokens):
        in_body = {"tbody_open": True, "tbody_close": False}.get(token.type, in_body)
        if in_body and token.type == "tr_open":
            rows.append([])
        if in_body and token.type == "td_open":
            children = tokens[place + 1].children or ()
            rows[-1].append("".join(child.content for child in children).replace("\u200b", ""))
    return rows
