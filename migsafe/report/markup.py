"""What is written in Markdown with.

In it, no text of users is markup to CommonMark, to HTML, or to what GitHub and GitLab add: tables, bare links,
mentions, references, emoji, mathematics, quick actions. They look for references in what people read, so that no
escape helps there: a zero-width space parts the first character from the rest.

Sources: https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls,
https://docs.gitlab.com/user/markdown/#gitlab-specific-references, https://docs.gitlab.com/user/project/quick_actions/
"""

import re
from textwrap import wrap
from urllib.parse import quote

from migsafe.report.inert import clean, one_line
from migsafe.report.page import fix_parts

_REFERS = (
    r"@|#(?=\d)|(?<=[A-Z]-)(?=\d)|(?<=(?i:gh)-)(?=\d)|\b[0-9a-fA-F]{7,64}\b"  # people, issues, commits
    r"|[!$&](?=\d)|[%~](?!\s)|\*(?=iteration:)|\[(?=\w+:)|[\[{](?=[-+])"  # GitLab's merge requests and the like
    r"|:(?=//|[\w+-]+:)|(?<=[wW]{3})(?=\.)"  # addresses and emoji
)
_ACTS = re.compile(rf"(?P<refers>{_REFERS})|[&<>\\`*\[\]|~$]|(?<![^\W_])_|_(?![^\W_])")
_MARKUP = frozenset("&<>\\`*[]|~$_")
_BEGINS = re.compile(r"^(?:([-+=#/])|(\d{1,9})([.)]))")
_CODE = re.compile(r"`(?! `)([^`]+)`")
_QUICK_ACTION = re.compile(r"^(?=/\w)", re.MULTILINE)

LANGUAGES = frozenset({"diff", "ini", "json", "python", "sh", "sql", "text", "toml", "yaml"})
"""Of code blocks. Of some others GitHub and GitLab make pictures or buttons (``mermaid``, ``suggestion``)."""


def escaped(text: str) -> str:
    """Text that is no markup within a line: in a paragraph, in a cell of a table, in HTML."""
    return _ACTS.sub(_inert, one_line(text))


def _inert(found: re.Match[str]) -> str:
    text = f"&#{ord(found[0])};" if found[0] in _MARKUP else found[0]
    if found["refers"] is None:
        return text
    # Six digits are too few for a commit.
    return "&#8203;".join(wrap(text, 6)) if len(found[0]) > 1 else f"{text}&#8203;"


def link(text: str, url: str) -> str:
    """Text that leads somewhere, if that is on the web."""
    if not url.startswith(("https://", "http://")):
        return escaped(text)
    return f"[{escaped(text)}]({quote(url, safe=':/#?&=%', errors='backslashreplace')})"


def code_block(text: str, language: str, most: int | None = None) -> str:
    """A fence around text.

    Args:
        most: Characters of it that are shown; None for all.
    """
    # GitLab looks for quick actions in lines of the source, and knows no fences of more than three backticks.
    shown = _QUICK_ACTION.sub(" ", clean(shortened(text, most)))
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}{language if language in LANGUAGES else ''}\n{shown}\n{fence}"


def shortened(text: str, most: int | None) -> str:
    """The beginning of a text, up to the end of a line where there is one, and how much more there is."""
    if most is None or len(text) <= most:
        return text
    kept = text[:most]
    kept = kept[: end if (end := kept.rfind("\n")) > most // 2 else most]
    between = "\n" if "\n" in text else " "
    return f"{kept}{between}… {len(text) - len(kept):,} more characters"


def prose(text: str) -> str:
    """Paragraphs with `code` in them."""
    return "\n\n".join(_paragraph(" ".join(part.split())) for part in re.split(r"\n\s*\n", text) if part.strip())


def fix(text: str, most: int | None = None) -> str:
    """A fix as it is, as far as it is markup of ours; ``most`` as for `code_block`, and for paragraphs."""
    return "\n\n".join(
        prose(shortened(part, most)) if language is None else code_block(part, language, most)
        for part, language in fix_parts(text)
    )


def folded(title: str, text: str) -> str:
    return f"<details>\n<summary>{title}</summary>\n\n{text}\n\n</details>\n"


def _paragraph(text: str) -> str:
    # What is text has to be escaped in one: of two halves, each alone may be no reference.
    parts = _CODE.split(text)
    written = "".join(f"`{one_line(part)}`" if number % 2 else escaped(part) for number, part in enumerate(parts))
    return _BEGINS.sub(lambda found: f"&#{ord(found[1])};" if found[1] else f"{found[2]}&#{ord(found[3])};", written)
