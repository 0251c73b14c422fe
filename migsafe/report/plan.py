"""What ``migsafe plan`` shows, in the words that all formats share."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from migsafe.model import Effect, Finding, LockMode, Severity, Statement
from migsafe.planning import ChangeCode, Check, Phase, Plan, PlanReport, Proof, Size, WriteMigration
from migsafe.postgres.locks import stops_traffic
from migsafe.postgres.throughput import amount
from migsafe.report.page import count, listed, took

MOST_TABLES = 3
"""How many tables are named; of more, how many there are."""


def title(plan: Plan) -> str:
    """What it is a plan for."""
    names, more = plan.targets[:MOST_TABLES], len(plan.targets) - MOST_TABLES
    return f"Plan for {listed([*names, *[f'{more} more'] * (more > 0)])}"


def verdict(report: PlanReport) -> str:
    """What the plan comes to, in a few words."""
    deploys = count(len(report.plan.deploys), "deploy")
    if unsolved := len(report.plan.unsolved):
        return f"{deploys}, {count(unsolved, 'operation')} without a safe way"
    if dangerous := found(report):
        return f"{deploys}, still {count(len(dangerous), 'finding')}"
    return f"{deploys}, no downtime"


def found(report: PlanReport) -> list[Finding]:
    """What is dangerous in the planned migrations and not told as unsolved."""
    unsolved = {(one.migration, one.operation) for one in report.plan.unsolved}
    known = {
        (one.code, one.message)
        for one in report.findings
        if {(f"{one.app}.{one.migration}", one.operation), (f"{one.app}.{one.migration}", None)} & unsolved
    }
    dangerous = (one for one in report.remaining if one.severity is not Severity.INFO)
    return [one for one in dangerous if (one.code, one.message) not in known]


def is_done(report: PlanReport) -> bool:
    """Whether there is nothing to do, and nothing to tell."""
    return (report.plan.is_safe or not report.plan.targets) and report.proof is None


def safe(plan: Plan) -> str:
    """That there is nothing to do."""
    names = listed(list(plan.targets))
    return (
        f"{names} is safe as it is: one deploy"
        if len(plan.targets) == 1
        else f"{names} are safe as they are: one deploy"
    )


def effect(migration: WriteMigration, sizes: Mapping[str, Size]) -> str:
    """What a migration does to a server in use, the worst first, in a few words."""
    said = [migration.effect] if migration.effect else list(_unsaid(migration))
    statements = [on_others(one, migration.makes) for one in migration.statements]
    parts = [*_effects(statements, sizes), *said]
    if not parts:
        return _harmless(statements)
    return "; ".join(parts)


def on_others(statement: Statement, made: Sequence[str]) -> Statement:
    """A statement, without what it does to tables that were just made: they are empty, and nobody knows them."""
    if not any(one.relation in made for one in statement.effects):
        return statement
    others = (one for one in statement.effects if one.relation not in made and stops_traffic(one.lock))
    held = tuple(one for one in statement.held if one.relation not in made)
    return replace(statement, effects=tuple(replace(one, scans=False) for one in others), held=held)


def _harmless(statements: Sequence[Statement]) -> str:
    """What statements do that make nobody wait."""
    locks = [one.lock for statement in statements for one in statement.effects]
    if not locks:
        return "new tables alone" if statements else "state only: no SQL"
    return "no lock beyond rows" if max(locks) <= LockMode.ROW_EXCLUSIVE else "blocks neither reads nor writes"


def _unsaid(migration: WriteMigration) -> Iterator[str]:
    """What nothing is known of."""
    if migration.opaque:
        yield "Python code, which is not run here"
    if unknown := sum(not one.analysed for one in migration.statements):
        yield f"{count(unknown, 'statement')} not analysed"


def _effects(statements: Sequence[Statement], sizes: Mapping[str, Size]) -> Iterator[str]:
    """The same of statements: what takes long, and else what stops traffic for a moment."""
    effects = [one for statement in statements for one in statement.effects]
    long = [one for one in effects if one.rewrites or one.scans]
    for does in ("rewrites", "scans"):
        for stops in (True, False):
            chosen = [
                one
                for one in long
                if (does == "rewrites") is one.rewrites and bool({"reads", "writes"}.intersection(one.blocks)) is stops
            ]
            if chosen:
                yield f"{does} {_sized(chosen, sizes)} {_meanwhile(chosen, statements)}"
    brief = [one for one in effects if one not in long and stops_traffic(one.lock)]
    if brief:
        worst = max(one.lock for one in brief)
        tables = _tables([one for one in brief if one.lock is worst])
        yield f"{'' if long else 'metadata only, '}{worst.value} on {tables} for a moment"


def _meanwhile(long: Sequence[Effect], statements: Sequence[Statement]) -> str:
    """Who waits while something takes long; also for what was locked before in the same transaction."""
    held = [one for statement in statements if set(long).intersection(statement.effects) for one in statement.held]
    locks = [(one.relation, set(one.blocks)) for one in long] + [(one.relation, set(one.blocks)) for one in held]
    blocked = set().union(*(blocks for _, blocks in locks))
    relations = {relation for relation, blocks in locks if {"reads", "writes"} & blocks}
    if not relations:
        return "without blocking reads or writes"
    same = relations == {one.relation for one in long}
    names = ("it" if len(relations) == 1 else "them") if same else _named(sorted(relations))
    if "reads" in blocked:
        return f"while nobody can read or write {names}"
    return f"while nobody can write to {names}"


def _sized(effects: Sequence[Effect], sizes: Mapping[str, Size]) -> str:
    """Tables, with how large they are."""
    names = list(dict.fromkeys(one.relation for one in effects))
    return _named([f"{name} ({size})" if (size := _size(sizes.get(name))) else name for name in names])


def _size(size: Size | None) -> str:
    if size is None:
        return ""
    if size.rows is not None:
        return amount(size.rows, "rows")
    return amount(size.bytes, "bytes") if size.bytes is not None else ""


def _tables(effects: Sequence[Effect]) -> str:
    return _named(list(dict.fromkeys(one.relation for one in effects)))


def _named(names: Sequence[str]) -> str:
    return listed(list(names)) if len(names) <= MOST_TABLES else f"{len(names)} relations"


def by_hand(change: ChangeCode) -> str:
    """What of a change of code is left to people, and why."""
    why = f" ({change.undo})" if change.undo else ""
    return f"by hand: {change.after}{why}" if change.after else f"by hand{why}"


def expected(check: Check) -> str:
    """What a check has to give: ``= 0``, or nothing."""
    return f"= {check.expected}" if check.expected is not None else ""


# The proof


def observed(phase: Phase) -> LockMode | None:
    """The strongest lock that was seen."""
    return max((one.lock for run in phase.statements for one in run.observed or ()), default=None)


def waited(seconds: float | None) -> str:
    return "–" if seconds is None else took(seconds)


def errors(phase: Phase) -> str:
    """What went wrong in a step, counted."""
    if phase.failure:
        return "fails"
    number = sum(one.count for one in phase.errors)
    return str(number) if number else "none"


def name(phase: Phase, plan: Plan) -> str:
    """A step, with whether it was killed; without the app if there is only one."""
    apps = {step.app for deploy in plan.deploys for step in deploy.migrations}
    own = f"{apps.pop()}." if len(apps) == 1 else ""
    said = phase.name.replace(own, "", 1) if own else phase.name
    return f"{said} (killed, resumed)" if phase.interrupted else said


def where(phase: Phase) -> str:
    return f"deploy {phase.deploy}" if phase.deploy else "original"


def held(proof: Proof) -> Iterator[tuple[str, bool]]:
    """What the proof says as a whole, in sentences, each with whether it is well."""
    errors = sum(one.count for phase in proof.phases for one in phase.errors)
    number = f"{errors} {'query' if errors == 1 else 'queries'}" if errors else "no query"
    yield f"{number} of either release {'was' if errors < 2 else 'were'} refused", not errors
    for phase in proof.phases:
        if phase.failure:
            yield f"{phase.name} fails: {phase.failure}", False
    if not proof.finished:
        yield "it was not carried to its end" if proof.phases else "nothing could be carried out", False
    for stall in proof.stalled:
        lock = stall.lock.value if stall.lock else "a lock"
        who = f"{stall.kind} of {stall.table} by code of {stall.release}"
        yield f"{who} waited {took(stall.seconds)} for {lock}", False
    wrong = sum(one.count for one in proof.wrong_rows)
    if wrong or proof.rows_compared:
        compared = f"{proof.rows_compared:,} rows compared"
        yield (f"{wrong:,} wrong values, {compared}" if wrong else f"{compared}, none wrong"), not wrong
    for row in proof.wrong_rows:
        examples = f": {'; '.join(row.examples)}" if row.examples else ""
        yield f"{row.table}.{row.column} is wrong in {row.count:,} rows{examples}", False
    if proof.schema:
        yield from ((f"the schema differs: {one}", False) for one in proof.schema)
    elif proof.finished:
        yield "the schema is the original's", True
    if proof.not_reversible:
        yield from ((f"cannot be taken back: {one}", False) for one in proof.not_reversible)
    elif proof.finished:
        yield "every deploy can be taken back", True


def unproven(proof: Proof) -> Iterator[str]:
    """What could not be tried."""
    if not proof.rows_compared and not proof.wrong_rows:
        yield "no rows were compared"
    yield from proof.unproven


def outcome(proof: Proof) -> str:
    """What it comes to."""
    if not proof.holds:
        return "the proof does not hold"
    gaps = len(list(unproven(proof)))
    return f"nothing refuted, but {gaps} not proven" if gaps else "the proof holds"


def refused(phases: Sequence[Phase]) -> Iterator[str]:
    """What code was refused, a line each."""
    for phase in phases:
        for one in phase.errors:
            yield f"{phase.name}: code of {one.release} cannot {one.action} {one.model} ({one.count}×): {one.error}"


def contrast(proof: Proof) -> Iterator[str]:
    """What the plan came to beside the originals."""
    if not proof.original:
        return
    numbers = [sum(one.count for phase in each for one in phase.errors) for each in (proof.phases, proof.original)]
    with_plan, without = (str(number) if number else "none" for number in numbers)
    yield f"queries refused: {with_plan} with the plan, {without} with the original"
    plan, original = longest(proof.phases), longest(proof.original)
    if plan is not None and original is not None:
        yield f"longest stall: {took(plan)} with the plan, {took(original)} with the original"


def longest(phases: Sequence[Phase]) -> float | None:
    """Seconds that the longest query took."""
    times = (one for phase in phases for one in (phase.longest_read, phase.longest_write) if one is not None)
    return max(times, default=None)


def summary(report: PlanReport) -> Iterator[str]:
    """What came out, counted."""
    plan = report.plan
    if not plan.targets:
        yield "No migrations to plan"
        return
    migrations = sum(len(deploy.migrations) for deploy in plan.deploys)
    becomes = "" if plan.is_safe else f" becomes {migrations}," if len(plan.targets) == 1 else f" become {migrations},"
    yield f"{count(len(plan.targets), 'migration')}{becomes} in {count(len(plan.deploys), 'deploy')}"
    if plan.unsolved:
        yield f"{len(plan.unsolved)} unsolved"
    if report.proof:
        yield outcome(report.proof)
