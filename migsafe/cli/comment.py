"""``migsafe comment``."""

import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import click
from msgspec.structs import replace

from migsafe import forge
from migsafe.cli import options, outputs
from migsafe.errors import ConfigError, ForgeError
from migsafe.forge import Annotation, Check, Level, environment
from migsafe.forge.environment import Forge, Place
from migsafe.model import Finding, Report, Severity

LEVELS: dict[Severity, Level] = {Severity.ERROR: "failure", Severity.WARNING: "warning", Severity.INFO: "notice"}


@click.command("comment")
@click.argument("reports", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="REPORT...")
@click.option("--project", default="", metavar="NAME", help="Of several projects in a repository: each has a comment.")
@click.option("--github", "host", flag_value="github", help="Post to GitHub, whatever CI this is.")
@click.option("--gitlab", "host", flag_value="gitlab", help="Post to GitLab, whatever CI this is.")
@click.option("--repository", metavar="NAME", help="owner/name on GitHub; path or number of the project on GitLab.")
@click.option("--number", type=click.IntRange(min=1), metavar="N", help="Of the pull or merge request.")
@click.option("--delete-when-clean", is_flag=True, help="No comment where there is nothing to say.")
@click.option("--no-annotations", is_flag=True, help="Show nothing beside the lines of migrations.")
@click.option("-o", "--output", metavar="FILE", help="Write the text to a file, too.")
@click.option("--dry-run", is_flag=True, help="Post nothing, show the text.")
@click.option("--required", is_flag=True, help="Exit with 2 if it cannot be posted.")
@options.color
def command(
    reports: tuple[Path, ...],
    *,
    project: str,
    host: Forge | None,
    repository: str | None,
    number: int | None,
    delete_when_clean: bool,
    no_annotations: bool,
    output: str | None,
    dry_run: bool,
    required: bool,
) -> int:
    """Keep one comment on a pull or merge request, from reports in JSON.

    Takes what migsafe lint, verify and plan have written with --output json=FILE, and needs neither the project nor
    Django's settings. GitHub Actions and GitLab CI say which request it is; the token is in GITHUB_TOKEN or
    GITLAB_TOKEN, and nowhere else.

    A comment that cannot be posted is said, and no reason to fail: the text goes to the summary of the step.

    Exit code: 0 posted, or not; 2 could not run, or not posted and --required.
    """
    from migsafe.report import comment, reading

    read = [reading.read(path) for path in reports]
    place = environment.find(os.environ, forge=host, repository=repository, number=number)
    if place is None and not dry_run:
        raise ConfigError("this is neither GitHub Actions nor GitLab CI", "Say --github or --gitlab.")
    flavour = place.forge if place else "github"
    text = comment.render(read, project=project, run=place.run if place else None, flavour=flavour)
    if output:
        outputs.write({output: text})
    if place is None or dry_run:
        outputs.write({outputs.STDOUT: text})
        return 0
    unwanted = delete_when_clean and comment.is_clean(read)
    try:
        with closing(forge.connect(place)) as conversation:
            _post(conversation, project, None if unwanted else text)
            if place.forge == "github" and not no_annotations:
                _annotate(place, conversation, _check(read, project, text), read)
    except ForgeError as error:
        _say(place, error, text, required=required)
        if place.has_annotations and not no_annotations:
            _command(read)
        return 2 if required else 0
    return 0


def _post(conversation: forge.Conversation, project: str, text: str | None) -> None:
    from migsafe.forge.patience import keep_trying
    from migsafe.forge.upsert import remove, upsert
    from migsafe.report.comment import is_about, with_ticks

    def is_ours(body: str) -> bool:
        return is_about(body, project)

    if text is None:
        outcome = keep_trying(lambda: remove(conversation, is_ours), _tell)
    else:
        outcome = keep_trying(lambda: upsert(conversation, is_ours, text, with_ticks), _tell)
    _tell(f"comment {outcome.what}{f': {outcome.url}' if outcome.url else ''}")


def _say(place: Place, error: ForgeError, text: str, *, required: bool) -> None:
    """Why there is no comment, and where its text is instead."""
    label = click.style("error:", fg="red", bold=True) if required else click.style("warning:", fg="yellow", bold=True)
    _tell(f"no comment: {error.message}", label)
    if error.hint:
        _tell(error.hint, click.style("hint:", fg="cyan", bold=True))
    if place.summary is None:
        return
    try:
        with place.summary.open("a", encoding="utf-8") as summary:
            summary.write(f"{text}\n")
        _tell("its text is in the summary of this step")
    except OSError as failure:
        _tell(f"nor can the summary of this step be written: {failure.strerror}")


def _tell(words: str, label: str = "") -> None:
    """A line of the log, in which hosts' words give no commands."""
    from migsafe.report.inert import one_line, without_commands

    click.echo(f"{label} {without_commands(one_line(words))}".lstrip(), err=True)


def _annotate(place: Place, conversation: forge.Conversation, check: Check, reports: Sequence[Report]) -> None:
    """As a check run, or where the token may not make one, by commands in the log."""
    from migsafe.forge.patience import keep_trying

    try:
        keep_trying(lambda: conversation.annotate(check), _tell)
    except ForgeError as error:
        if place.has_annotations:
            _command(reports)
        else:
            _tell(f"no annotations: {error.message}")


def _command(reports: Sequence[Report]) -> None:
    from migsafe.report import github

    for report, findings in _distinct(reports):
        if findings:
            click.echo(github.render(replace(report, findings=findings)), nl=False)


def _check(reports: Sequence[Report], project: str, text: str) -> Check:
    from migsafe.report import github
    from migsafe.report.sentences import summary

    annotations = [
        Annotation(
            path=report.from_root(finding.path),
            line=finding.line,
            level=LEVELS[finding.severity],
            title=github.title(finding),
            message=github.message(finding),
        )
        for report, findings in _distinct(reports)
        for finding in findings
        if finding.path is not None
    ]
    order = list(LEVELS.values())
    return Check(
        name=f"migsafe ({project})" if project else "migsafe",
        title="".join(words for words, _ in summary(reports[0])),
        text=text,
        annotations=sorted(annotations, key=lambda one: order.index(one.level)),
    )


def _distinct(reports: Sequence[Report]) -> Iterator[tuple[Report, tuple[Finding, ...]]]:
    """Findings that no report before has: plan says those of lint again."""
    seen: set[str] = set()
    for report in reports:
        findings = tuple(one for one in report.findings if one.fingerprint not in seen)
        seen |= {one.fingerprint for one in findings}
        yield report, findings
