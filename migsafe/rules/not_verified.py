"""A part of a migration that could not be tried.

## What it catches
The way back was not tried, or code of one release could not be asked for a statement: there was no row to update, the
model has a field that cannot be filled. That a migration fails is another finding (MS806), and what comes after it
cannot be tried then.

## Why it hurts
What was not tried is not known. No other finding about it is no good news.

## Do this instead
Look at it yourself, and say so in a suppression with a reason.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Evidence, Finding, Severity
from migsafe.rules import Rule, VerificationContext
from migsafe.rules._evidence import DOES, some
from migsafe.verification import Probe

rule = Rule(
    __name__,
    code="MS813",
    severity=Severity.WARNING,
    axis=Axis.ANALYSIS,
    message="Not tried: {what}",
    why="Whether that works is not known.",
)

FIX = "Look at it yourself. What is not tried here can be accepted above `class Migration`, with a reason."


@rule.on_verification
def check(context: VerificationContext) -> Iterator[Finding]:
    verification = context.verification
    if verification.forward is not None and verification.forward.failure is not None:
        return
    if verification.verdict == "not verified":
        evidence = [Evidence("because", verification.why)] if verification.why else []
        yield rule.observed(context, about="back", what="whether it can be undone", evidence=evidence, fix=FIX)
    rollout = verification.rollout
    untried = dict.fromkeys(_said(one) for one in (*rollout.old_code, *rollout.new_code) if one.reason is not None)
    if untried:
        yield rule.observed(
            context,
            about="code",
            what="some of what code does with its models",
            severity=Severity.INFO,
            evidence=[Evidence("because", "\n".join(some(list(untried))))],
            fix=FIX,
        )


def _said(probe: Probe) -> str:
    return f"{DOES[probe.action]} {probe.table}: {probe.reason}"
