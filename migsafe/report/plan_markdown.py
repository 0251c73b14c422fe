"""A plan as Markdown for a pull request: a checklist per deploy, with files and SQL folded."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from textwrap import indent

from migsafe.planning import ChangeCode, Check, Deploy, Phase, Plan, PlanReport, Proof, Run, Step, WriteMigration
from migsafe.report import plan as words
from migsafe.report.fitting import Form, Part, Rank, fit, left_out
from migsafe.report.inert import without_commands
from migsafe.report.markup import code_block, escaped, fix, folded, prose
from migsafe.report.sentences import place, summary
from migsafe.sql.layout import layout

LIMIT = 65_000
"""Characters; GitHub's comments and descriptions of pull requests take 65,536."""

WIDTH = 100
"""Columns for SQL."""


NOTE = 200
"""Characters for what is said to be left out."""


def render(report: PlanReport) -> str:
    """Render a plan, as much of it as there is room for."""
    end = f"{escaped(''.join(said for said, _ in summary(report)))}\n"
    if not report.plan.targets:
        return "## migsafe\n\nNo migrations to plan.\n"
    if words.is_done(report):
        return without_commands(f"## migsafe\n\n✅ {escaped(words.safe(report.plan))}.\n\n{end}")
    shown = list(parts(report))
    fit(shown, LIMIT - len(end) - NOTE)
    missing = ", ".join(left_out(shown))
    rest = [f"Left out for want of room: {missing}. JSON has them all.\n"] if missing else []
    return "\n".join([*(one.text for one in shown if one.shown), *rest, without_commands(end)])


def parts(report: PlanReport, *, most: int | None = None) -> Iterator[Part]:
    """A plan as checklists, in parts.

    Args:
        most: Characters of a diff or a query; None for all.
    """
    of = report.plan
    yield Part([Form(Rank.PLANS, "plans", lambda: _heading(report))])
    for one in of.deploys:
        without, full = (partial(_deploy, one, of, most=characters) for characters in (0, most))
        yield Part([Form(Rank.PLANS, "checklists", without), Form(Rank.CODE_OF_PLANS, "code in checklists", full)])
    told = (
        (Rank.PLANS, "what is not solved", chain(_unsolved(of), _found(report))),
        (Rank.BESIDE_PLANS, "what else is said of plans", _beside(report)),
        (Rank.FILES_OF_PLANS, "files", chain.from_iterable(map(_files, of.deploys))),
    )
    for rank, what, texts in told:
        yield from (Part.of(rank, what, text) for text in texts)


def _heading(report: PlanReport) -> str:
    plan = report.plan
    title = f"## {escaped(words.title(plan))}\n\n**{escaped(words.verdict(report))}**\n"
    if len(plan.deploys) < 2:
        return title
    return f"{title}\nIn each deploy: migrate first, then replace the code, then check. Only then comes the next.\n"


def _deploy(one: Deploy, plan: Plan, *, most: int | None) -> str:
    """A checklist; ``most`` is 0 for none of its diffs and queries."""
    lines = [f"### Deploy {one.number}: {escaped(', '.join(one.kinds))}\n"]
    for step in one.steps:
        lines += _step(step, plan, most)
    lines.append(f"\nGoing back: {_item(one.undo)}\n" if one.undo else "")
    return "\n".join(lines)


def _beside(report: PlanReport) -> Iterator[str]:
    """What else is to be known of a plan."""
    yield from _strategies(report.plan)
    if report.plan.notes:
        yield "### Notes\n\n" + "".join(f"- {_item(note)}\n" for note in report.plan.notes)
    if report.proof:
        yield "\n".join(_proof(report.proof, report.plan))


def _step(step: Step, plan: Plan, most: int | None) -> Iterator[str]:
    """A box to tick, with what belongs to it."""
    match step:
        case WriteMigration():
            why = f" {_item(step.why)}" if step.why else ""
            what = escaped(f"{'.'.join(step.key)}: {words.effect(step, plan.sizes)}.")
            yield f"- [ ] **Migrate** {what}{why}{_codes(step.codes)}"
        case ChangeCode():
            yield from _code(step, most)
        case Check():
            yield from _check(step, most)
        case Run():
            yield f"- [ ] **Run:** {_item(step.why)}"
            yield from _block(step.command, "sh", most)
        case _:
            yield f"- [ ] **Wait:** {_item(step.what)}" + (f" ({_item(step.why)})" if step.why else "")


def _code(step: ChangeCode, most: int | None) -> Iterator[str]:
    where = f" in {escaped(path)}" if (path := place(step.path, step.line)) else ""
    yield f"- [ ] **Code** {escaped(step.name)}{where}".rstrip()
    for said, text in (("must", step.must), ("must not", step.must_not)):
        if text:
            yield f"  - {said} {_item(text)}"
    if step.diff:
        yield from _block(step.diff.rstrip("\n"), "diff", most)
    if step.by_hand:
        yield f"  - {_item(words.by_hand(step))}"


def _check(step: Check, most: int | None) -> Iterator[str]:
    answer = f" ({escaped(words.expected(step))})" if step.expected is not None else ""
    yield f"- [ ] **Check** {_item(step.what)}{answer}"
    if step.sql:
        yield from _block(step.sql, "sql", most)
    if step.command:
        yield from _block(step.command, "sh", most)


def _files(one: Deploy) -> Iterator[str]:
    """Its migrations and their SQL, folded."""
    for step in one.migrations:
        yield folded(f"Deploy {one.number}: {escaped(step.path)}", code_block(step.source.rstrip("\n"), "python"))
        if step.statements:
            sql = ";\n".join(layout(statement.sql, WIDTH) for statement in step.statements)
            yield folded(f"Deploy {one.number}: SQL of {escaped('.'.join(step.key))}", code_block(f"{sql};", "sql"))


def _unsolved(plan: Plan) -> Iterator[str]:
    """What has no safe way, and what is least bad."""
    if plan.unsolved:
        yield "### No safe way\n"
    for one in plan.unsolved:
        yield (
            f"❌ **{escaped(one.description)}** in {escaped(one.migration)}{_codes(one.codes)}\n\n"
            f"**Why:** {prose(one.why)}\n\n**Least bad:** {fix(one.instead)}\n"
        )


def _found(report: PlanReport) -> Iterator[str]:
    """What is still dangerous."""
    if told := words.found(report):
        rows = (f"- {one.code} {escaped(f'{one.app}.{one.migration}: {one.message}')}\n" for one in told)
        yield f"### Still found in the planned migrations\n\n{''.join(rows)}"


def _strategies(plan: Plan) -> Iterator[str]:
    if plan.strategies:
        rows = (
            f"| {'✅' if one.chosen else ''} | {escaped(one.name)} | {_item(one.trade_off).replace('|', '&#124;')} |\n"
            for one in dict.fromkeys(plan.strategies)
        )
        yield f"### Strategies\n\n|  | --strategy | trade-off |\n|---|---|---|\n{''.join(rows)}"


def _proof(proof: Proof, plan: Plan) -> Iterator[str]:
    server = escaped(f"PostgreSQL {proof.server}, {proof.rows:,} rows, the releases before and after at once")
    yield f"### Proof\n\n**{escaped(words.outcome(proof))}** ({server})\n"
    yield "| deploy | step | locks | longest read | longest write | errors |\n|---|---|---|---|---|---|"
    for phase in (*proof.phases, *proof.original):
        yield _row(phase, plan)
    yield ""
    for said, well in words.held(proof):
        yield f"- {'✅' if well else '❌'} {escaped(said)}"
    for line in words.refused(proof.phases):
        yield f"- ❌ {escaped(line)}"
    for one in words.unproven(proof):
        yield f"- not proven: {escaped(one)}"
    if compared := "; ".join(words.contrast(proof)):
        yield f"\n**{escaped(compared)}**"
    yield ""


def _row(phase: Phase, plan: Plan) -> str:
    lock = words.observed(phase)
    cells = (
        words.where(phase),
        words.name(phase, plan),
        lock.value if lock else "–",
        words.waited(phase.longest_read),
        words.waited(phase.longest_write),
        words.errors(phase),
    )
    return f"| {' | '.join(map(escaped, cells))} |"


def _codes(codes: Sequence[str]) -> str:
    return f" ({escaped(', '.join(codes))})" if codes else ""


def _item(text: str) -> str:
    """Prose that has to stay in its line."""
    return prose(" ".join(text.split()))


def _block(text: str, language: str, most: int | None) -> Iterator[str]:
    """Code that belongs to an item."""
    if most != 0:
        yield indent(code_block(text, language, most), "  ", lambda _: True)
