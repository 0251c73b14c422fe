"""Text of users, made inert: no terminal, log or page must obey what stands in somebody's names or SQL."""

import re
import unicodedata

_COMMAND = re.compile(r"#(?=#\w*\[)")
_COMMAND_LINE = re.compile(r"^([^\S\n]*):(?=:)", re.MULTILINE)


def clean(text: str) -> str:
    r"""Show what cannot be seen and may act as escape sequences (``\x1b``, ``\u202e``), but for spaces and newlines."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in "\n\t" or _is_space(char) else _shown(char) for char in text)


def one_line(text: str) -> str:
    """`clean` text with escape sequences for newlines, too."""
    return "".join(_shown(char) if char in "\n\t" else char for char in clean(text))


def without_commands(output: str, *, colon: str | None = "\\x3a", number_sign: str = "\\x23") -> str:
    """A whole output in which continuous integration finds no commands, however its lines came about.

    GitHub's runner obeys lines that begin with ``::``, leading whitespace aside, and ``##[`` anywhere; Azure Pipelines
    obeys ``##vso[``, TeamCity ``##teamcity[``.

    Args:
        colon: How the format writes a colon that is not one to the runner; None if no line of it can begin with one.
        number_sign: The same for a number sign.
    """
    output = _COMMAND.sub(lambda _: number_sign, output)
    return output if colon is None else _COMMAND_LINE.sub(lambda found: f"{found[1]}{colon}", output)


def _is_space(char: str) -> bool:
    return unicodedata.category(char) == "Zs"


def _shown(char: str) -> str:
    return char.encode("unicode_escape").decode()
