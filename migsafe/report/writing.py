"""What ``migsafe plan --write`` has done to files, in words."""

from collections.abc import Iterator

from migsafe.planning import FileChange, Writing
from migsafe.report import plan as words
from migsafe.report.inert import clean, one_line, without_commands
from migsafe.report.sentences import place


def diff(writing: Writing) -> str:
    """All that becomes of files, the kept plan last."""
    return without_commands(clean(writing.diff))


def lines(writing: Writing, *, dry_run: bool) -> Iterator[str]:
    """What was written, what is left to people, and what comes next."""
    if not dry_run:
        yield from (without_commands(one_line(f"{_done(change)} {change.path}")) for change in writing.changes)
    for step in writing.left:
        where = place(step.path, step.line) or "somewhere"
        yield without_commands(one_line(f"left to you: {step.name} in {where}, {words.by_hand(step)}"))
    last = len(writing.plan.deploys)
    if not dry_run and writing.deploy < last:
        command = f"migsafe plan {one_line(writing.plan.targets[0])} --deploy {writing.deploy + 1}"
        yield f"next, when deploy {writing.deploy} is live and its checks pass: {command}"


def _done(change: FileChange) -> str:
    if change.before is None:
        return "wrote   "
    return "removed " if change.after is None else "changed "
