"""The documentation as a site, from the same pages that the forge shows: ``make docs``."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

import migsafe

project = "migsafe"
copyright = "The migsafe contributors"  # noqa: A001, it is Sphinx's name
release = migsafe.__version__
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "migsafe"
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["site.css"]

root_doc = "README"  # what the forge shows for the folder
nitpicky = True
suppress_warnings = ["misc.highlighting_failure"]  # in code that is shown, … is what was left out
smartquotes = False  # two dashes begin a flag
myst_heading_anchors = 4  # as the forge makes them
linkcheck_ignore = [r"https://github\.com/migsafe/"]  # what is in this repository, the build itself checks

DOCS = Path(__file__).parent
FORGE = "https://github.com/migsafe/django-migsafe/blob/main/"
LINK = re.compile(r"(?<!!)(\[[^\]\n]*\]\()([^)#:\s]+)(?=[)#])")


def prepare(app: Sphinx, page: str, source: list[str]) -> None:
    """Let links to what is no page lead to the forge, and the lists of a README be the order of its pages."""
    path = Path(app.env.doc2path(page))

    def lead(found: re.Match[str]) -> str:
        target = (path.parent / found[2]).resolve()
        if target.suffix == ".md" and target.is_relative_to(DOCS):
            return found[0]
        return found[1] + FORGE + target.relative_to(DOCS.parent).as_posix()

    source[0] = LINK.sub(lead, source[0])
    if path.name == "README.md":
        source[0] += "".join(contents(source[0]))


def contents(text: str) -> Iterator[str]:
    """A hidden toctree for each section: the pages with which lines of its list or table begin."""
    for title, section in re.findall(r"^## (.+)$((?:\n(?!## ).*)*)", text, re.MULTILINE):
        pages = re.findall(r"^([-|]) \[([^\]]+)\]\(([^):]+)\.md\)", section, re.MULTILINE)
        entries = "\n".join(f"{name} <{page}>" if mark == "-" else page for mark, name, page in pages)
        yield f"\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n{entries}\n```\n"


def index(app: Sphinx, error: Exception | None) -> None:
    """Servers of pages ask for index.html."""
    if error is None and app.builder.name == "html":
        for page in [app.outdir / "README.html", *app.outdir.glob("*/README.html")]:
            shutil.copyfile(page, page.with_name("index.html"))


def setup(app: Sphinx) -> None:
    app.add_lexer("mermaid", TextLexer)  # the forge draws it
    app.connect("source-read", prepare)
    app.connect("build-finished", index)
