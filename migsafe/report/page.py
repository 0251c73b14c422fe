"""What both text reports are made with: a page of rows with labels, on one of rich's consoles."""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from rich.console import Console
from rich.style import Style
from rich.syntax import ANSISyntaxTheme, Syntax
from rich.text import Text

from migsafe.model import Severity
from migsafe.report.inert import clean, one_line, without_commands

PLAIN_WIDTH = 100
"""Columns where there is no terminal."""

WIDEST = 120
"""Longer lines are hard to read."""

GUTTER = 9
"""Columns for labels, at least."""

# The terminal's own colours, and of these only such as can be read on light and on dark ground.
_THEME = ANSISyntaxTheme(
    {
        ("Keyword",): Style(color="magenta"),
        ("Literal", "String"): Style(color="green"),
        ("Literal", "Number"): Style(color="cyan"),
        ("Comment",): Style(dim=True),
        ("Generic", "Inserted"): Style(color="green"),
        ("Generic", "Deleted"): Style(color="red"),
    }
)


def draw(print_on: Callable[[Console], None], *, width: int | None = None, color: bool = False) -> str:
    """Return what a function prints.

    Args:
        width: Columns of the terminal; None when there is none.
        color: Whether to use ANSI escape sequences.
    """
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=min(width or PLAIN_WIDTH, WIDEST),
        force_terminal=color,
        color_system="standard" if color else None,
        legacy_windows=False,
        _environ={},
    )
    print_on(console)
    return without_commands("".join(f"{line.rstrip()}\n" for line in stream.getvalue().removesuffix("\n").split("\n")))


class Page:
    """Rows with a label in the gutter. All text goes through `Text`, never through rich's markup.

    Args:
        longest: Length of a label that has to fit; longer ones stand on a line of their own.
    """

    def __init__(self, console: Console, *, longest: int = 0) -> None:
        self.console = console
        self.gutter = max(GUTTER, longest + 1)
        self.width = console.width - self.gutter

    def blank(self) -> None:
        self._line(Text())

    def heading(self, title: str) -> None:
        line = "─" * max(self.console.width - len(title) - 4, 2)
        self._line(Text.assemble(("── ", "dim"), (one_line(title), "bold"), (f" {line}", "dim")))

    def text(self, text: Text) -> None:
        for line in text.wrap(self.console, self.console.width):
            self._line(line)

    def prose(self, text: str) -> Text:
        """Text with `code` in it; where there are no colours the backticks stay."""
        result = Text()
        for number, part in enumerate(clean(text).split("`")):
            if number % 2:
                result.append(part if self.console.color_system else f"`{part}`", "cyan")
            else:
                result.append(part)
        return result

    def row(self, label: str, text: Text, style: str = "dim") -> None:
        """Prose, wrapped."""
        self._lines(label, text.wrap(self.console, self.width), style)

    def markdown(self, label: str, text: str) -> None:
        """Markdown as far as fixes and rules use it: paragraphs, lists, `code` and fenced code."""
        for number, (part, language) in enumerate(fix_parts(text)):
            if language is not None:
                self.code(label, part, language)
            else:
                if number:
                    self.blank()
                # Lines of a paragraph are joined, those that begin a paragraph or an item stay.
                self.row(label, self.prose(re.sub(r"(?<!\n)\n(?!\n|[-*] |\d+\. )", " ", part)))
            label = ""

    def place(self, label: str, text: str) -> None:
        """A place that editors and terminals can follow: it must not be wrapped."""
        self._lines(label, [Text(one_line(text))], "dim")

    def code(self, label: str, code: str, language: str) -> None:
        """Code, whose lines are never wrapped: it is there to be copied."""
        text = Syntax("", language, theme=_THEME).highlight(clean(code)) if self.console.color_system else plain(code)
        text.rstrip()
        self._lines(label, text.split("\n", allow_blank=True), "dim")

    def _lines(self, label: str, lines: Iterable[Text], style: str) -> None:
        if len(label) >= self.gutter:
            self._line(Text(label, style))
            label = ""
        for line in lines:
            line.rstrip()
            # soft_wrap: what is too long here has to stay in one piece.
            self._line(Text.assemble((f"{label:<{self.gutter}}", style), line))
            label = ""

    def _line(self, text: Text) -> None:
        if self.console.color_system:
            self.console.print(text, soft_wrap=True)
        else:  # rich takes as long to render plain text
            self.console.file.write(f"{text.plain.rstrip()}\n")


def fix_parts(fix: str) -> Iterator[tuple[str, str | None]]:
    """Read a fix as far as fixes use Markdown: paragraphs with `code`, and fenced code with its language."""
    for number, part in enumerate(fix.split("```")):
        if number % 2:
            language, _, code = part.partition("\n")
            yield code.rstrip("\n"), language
        elif part.strip():
            yield part.strip(), None


def plain(text: str, style: str = "") -> Text:
    return Text(clean(text), style)


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 or noun == Severity.INFO else f"{number} {noun}s"


def took(seconds: float) -> str:
    """``3 ms``, ``1.2 s``, ``5 min``."""
    if seconds < 0.001:
        return "<1 ms"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def ranges(versions: Iterable[int]) -> str:
    """``10, 12–14``."""
    runs = [
        [version for _, version in run] for _, run in groupby(enumerate(versions), key=lambda pair: pair[1] - pair[0])
    ]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
