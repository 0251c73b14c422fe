"""A plan as Markdown for a pull request: a checklist per deploy, with files and SQL folded."""

from collections.abc import Iterator, Sequence
from textwrap import indent

from migsafe.model import Statement
from migsafe.planning import ChangeCode, Check, Deploy, Phase, Plan, PlanReport, Proof, Run, Step, WriteMigration
from migsafe.report import plan as words
from migsafe.report.inert import without_commands
from migsafe.report.markup import code_block, escaped, fix, folded, prose
from migsafe.report.sentences import place, summary
from migsafe.sql.layout import layout

LIMIT = 65_000
"""Characters; GitHub's comments and descriptions of pull requests take 65,536."""

WIDTH = 100
"""Columns for SQL."""


def render(report: PlanReport) -> str:
    """Render a plan; what is too long for a pull request is left out from the end of what is folded."""
    plan = report.plan
    if not plan.targets:
        return "## migsafe\n\nNo migrations to plan.\n"
    end = f"{escaped(''.join(said for said, _ in summary(report)))}\n"
    if plan.is_safe and report.proof is None:
        return without_commands(f"## migsafe\n\n✅ {escaped(words.safe(plan))}.\n\n{end}")
    parts = [f"## {escaped(words.title(plan))}\n\n**{escaped(words.verdict(report))}**\n"]
    if len(plan.deploys) > 1:
        parts.append("In each deploy: migrate first, then replace the code, then check. Only then comes the next.\n")
    details: list[str] = []
    for deploy in plan.deploys:
        parts.append("\n".join(_deploy(deploy, plan)))
        details += _details(deploy)
    parts += _unsolved(plan)
    parts += _found(report)
    parts += _strategies(plan)
    if plan.notes:
        parts.append("### Notes\n\n" + "".join(f"- {_item(note)}\n" for note in plan.notes))
    if report.proof:
        parts.append("\n".join(_proof(report.proof, plan)))
    room = LIMIT - sum(map(len, parts)) - len(end)
    told = []
    for detail in details:
        room -= len(detail) + 1
        if room > 0:
            told.append(detail)
    if len(told) < len(details):
        told.append(f"Left out for want of room: {len(details) - len(told)} files. JSON has them all.\n")
    return without_commands("\n".join([*parts, *told, end]))


def _deploy(deploy: Deploy, plan: Plan) -> Iterator[str]:
    yield f"### Deploy {deploy.number}: {escaped(', '.join(deploy.kinds))}\n"
    for step in deploy.steps:
        yield from _step(step, plan)
    if deploy.undo:
        yield f"\nGoing back: {_item(deploy.undo)}\n"
    else:
        yield ""


def _step(step: Step, plan: Plan) -> Iterator[str]:
    """A box to tick, with what belongs to it."""
    match step:
        case WriteMigration():
            why = f" {_item(step.why)}" if step.why else ""
            what = escaped(f"{'.'.join(step.key)}: {words.effect(step, plan.sizes)}.")
            yield f"- [ ] **Migrate** {what}{why}{_codes(step.codes)}"
        case ChangeCode():
            yield from _code(step)
        case Check():
            yield from _check(step)
        case Run():
            yield f"- [ ] **Run:** {_item(step.why)}"
            yield _indented(code_block(step.command, "sh"))
        case _:
            yield f"- [ ] **Wait:** {_item(step.what)}" + (f" ({_item(step.why)})" if step.why else "")


def _code(step: ChangeCode) -> Iterator[str]:
    where = f" in {escaped(path)}" if (path := place(step.path, step.line)) else ""
    yield f"- [ ] **Code** {escaped(step.name)}{where}".rstrip()
    for said, text in (("must", step.must), ("must not", step.must_not)):
        if text:
            yield f"  - {said} {_item(text)}"
    if step.diff:
        yield _indented(code_block(step.diff.rstrip("\n"), "diff"))
    if step.by_hand:
        yield f"  - {_item(words.by_hand(step))}"


def _check(step: Check) -> Iterator[str]:
    answer = f" ({escaped(words.expected(step))})" if step.expected is not None else ""
    yield f"- [ ] **Check** {_item(step.what)}{answer}"
    if step.sql:
        yield _indented(code_block(step.sql, "sql"))
    if step.command:
        yield _indented(code_block(step.command, "sh"))


def _details(deploy: Deploy) -> Iterator[str]:
    for step in deploy.migrations:
        yield folded(f"Deploy {deploy.number}: {escaped(step.path)}", code_block(step.source.rstrip("\n"), "python"))
        if step.statements:
            sql = ";\n".join(_laid_out(one) for one in step.statements)
            yield folded(f"Deploy {deploy.number}: SQL of {escaped('.'.join(step.key))}", code_block(f"{sql};", "sql"))


def _laid_out(statement: Statement) -> str:
    return layout(statement.sql, WIDTH)


def _unsolved(plan: Plan) -> Iterator[str]:
    if plan.unsolved:
        yield "### No safe way\n"
    for one in plan.unsolved:
        yield (
            f"❌ **{escaped(one.description)}** in {escaped(one.migration)}{_codes(one.codes)}\n\n"
            f"**Why:** {prose(one.why)}\n\n**Least bad:** {fix(one.instead)}\n"
        )


def _found(report: PlanReport) -> Iterator[str]:
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


def _indented(block: str) -> str:
    return indent(block, "  ", lambda _: True)
