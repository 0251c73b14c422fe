"""Draw docs/images/comment.png: what `migsafe comment` says of the shop's orders.0042, as GitHub shows it.

Needs Chromium, a font with emoji, and a server for `migsafe verify`, so it is drawn by hand when the comment has
changed:

    python docs/comment_picture.py
"""

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from markdown_it import MarkdownIt
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from migsafe.report import comment, reading

ROOT = Path(__file__).resolve().parent.parent
SHOP = ROOT / "scenarios" / "shop"
PICTURE = ROOT / "docs" / "images" / "comment.png"
RUNS = ("lint orders.0042", "verify orders.0042", "plan orders.0042")
WIDTH, HEIGHT = 960, 1286
CHROMIUM = (
    *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--hide-scrollbars"),
)

STYLE = """
body { margin: 0; padding: 20px; background: #fff; color: #1f2328;
  font: 14px/1.5 -apple-system, "Segoe UI", "Noto Sans", "Liberation Sans", sans-serif, "Noto Color Emoji" }
.comment { border: 1px solid #d1d9e0; border-radius: 6px }
.by { padding: 8px 16px; background: #f6f8fa; border-bottom: 1px solid #d1d9e0; border-radius: 6px 6px 0 0;
  color: #59636e }
.by b { color: #1f2328 }
.by i { float: right; border: 1px solid #d1d9e0; border-radius: 2em; padding: 0 7px; font: 12px/18px sans-serif }
.body { padding: 16px }
.body > :first-child { margin-top: 0 } .body > :last-child { margin-bottom: 0 }
h2 { font-size: 1.5em; margin: 24px 0 16px; padding-bottom: .3em; border-bottom: 1px solid #d1d9e0b3; font-weight: 600 }
h3 { font-size: 1.25em; margin: 24px 0 16px; font-weight: 600 }
p, ul, table, pre { margin: 0 0 16px }
ul { padding-left: 2em }
li.box { list-style: none; margin-left: -1.4em }
li.box input { margin: 0 .4em .25em 0; vertical-align: middle }
table { border-collapse: collapse; display: block; overflow: auto; width: max-content; max-width: 100% }
th, td { border: 1px solid #d1d9e0; padding: 6px 13px; text-align: left } th { font-weight: 600 }
tr:nth-child(2n) td { background: #f6f8fa }
code { background: #818b981f; border-radius: 6px; padding: .2em .4em; font: 85% "DejaVu Sans Mono", monospace }
pre { background: #f6f8fa; border-radius: 6px; padding: 16px; overflow: hidden; line-height: 1.3 }
pre code { background: none; padding: 0; line-height: inherit }
details { margin-bottom: 16px } summary { margin-bottom: 0 } details[open] summary { margin-bottom: 16px }
a { color: #0969da; text-decoration: none }
"""


def main() -> None:
    with TemporaryDirectory() as folder:
        text = written(Path(folder))
        page = Path(folder) / "page.html"
        page.write_text(html(text), encoding="utf-8")
        profile = f"--user-data-dir={folder}/profile"
        size = f"--window-size={WIDTH},{HEIGHT}"
        command = [*CHROMIUM, profile, size, f"--screenshot={PICTURE}", page.as_uri()]
        subprocess.run(command, check=True, capture_output=True)


def written(folder: Path) -> str:
    """The comment."""
    files = []
    for run in RUNS:
        files.append(folder / f"{run.partition(' ')[0]}.json")
        command = [sys.executable, "-m", "migsafe", *run.split(), "--output", f"json={files[-1]}"]
        if subprocess.run(command, cwd=SHOP, capture_output=True, check=False).returncode == 2:
            raise SystemExit(f"{' '.join(command)} failed")
    run = "https://github.com/acme/shop/actions/runs/1"
    return comment.render(list(map(reading.read, files)), project="shop", run=run, flavour="github")


def html(text: str) -> str:
    """A page as GitHub lays it out."""
    body = MarkdownIt("gfm-like", {"highlight": highlighted}).render(text)
    body = re.sub(r"<li>\[ \] ", '<li class="box"><input type="checkbox">', body)
    by = '<div class="by"><b>github-actions</b> commented now <i>bot</i></div>'
    head = f'<!doctype html><meta charset="utf-8"><style>{STYLE}</style>'
    return f'{head}<div class="comment">{by}<div class="body">{body}</div></div>'


def highlighted(code: str, language: str, _: str) -> str:
    return highlight(code, get_lexer_by_name(language or "text"), HtmlFormatter(nowrap=True, noclasses=True))


if __name__ == "__main__":
    main()
