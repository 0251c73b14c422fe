"""What is written in Markdown with.

In it, no text of users is markup to CommonMark, to GitHub's extensions of it (tables, bare links, mentions, references,
emoji, mathematics) or to HTML.
"""

import re

from migsafe.report.inert import clean, one_line
from migsafe.report.page import fix_parts

_ACTS = re.compile(
    r"(?P<character>[&<>\\`*\[\]|~$]|(?<![^\W_])_|_(?![^\W_]))"
    r"|@|#(?=\d)|(?<=GH-)(?=\d)|:(?=//|[\w+-]+:)|(?<=www)(?=\.)",
    re.IGNORECASE,
)
_BEGINS = re.compile(r"^(?:([-+=#])|(\d{1,9})([.)]))")


def escaped(text: str) -> str:
    """Text that is no markup within a line: in a paragraph, in a cell of a table, in HTML."""
    return _ACTS.sub(
        lambda found: f"&#{ord(found[0])};" if found["character"] else f"{found[0]}&#8203;", one_line(text)
    )


def code_block(text: str, language: str) -> str:
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}{language if language.isalpha() else ''}\n{clean(text)}\n{fence}"


def prose(text: str) -> str:
    """Paragraphs with `code` in them."""
    return "\n\n".join(_paragraph(" ".join(part.split())) for part in re.split(r"\n\s*\n", text) if part.strip())


def fix(text: str) -> str:
    """A fix as it is, as far as it is markup of ours."""
    parts = fix_parts(text)
    return "\n\n".join(prose(part) if language is None else code_block(part, language) for part, language in parts)


def folded(title: str, text: str) -> str:
    return f"<details>\n<summary>{title}</summary>\n\n{text}\n\n</details>\n"


def _paragraph(text: str) -> str:
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a backtick without another
        parts[-2:] = ["`".join(parts[-2:])]
    written = "".join(
        f"`{one_line(part)}`" if number % 2 and part.strip() else escaped(part) for number, part in enumerate(parts)
    )
    return _BEGINS.sub(lambda found: f"&#{ord(found[1])};" if found[1] else f"{found[2]}&#{ord(found[3])};", written)
