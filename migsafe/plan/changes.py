"""How code changes from release to release, as steps of a plan."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from migsafe.plan.code import CannotEdit, all_edited, diff
from migsafe.plan.recipe import Duty
from migsafe.planning import ChangeCode
from migsafe.project.definitions import Definition, Edit, SetElement, SetOption, described, sharing

Target = tuple[str, str]
"""Lower-case label of a model, and a field of it or, for its Meta, nothing."""

Changes = Mapping[Target, tuple[Edit, ...]]
"""What is not as the project's files have it."""


def by_target(edits: Iterable[tuple[str, Iterable[Edit]]]) -> dict[Target, tuple[Edit, ...]]:
    """Sort edits of models by what they are about.

    Args:
        edits: With the label of the model.
    """
    found: dict[Target, tuple[Edit, ...]] = {}
    for label, several in edits:
        for edit in several:
            target = (label, "" if isinstance(edit, SetOption | SetElement) else edit.field)
            found[target] = (*found.get(target, ()), edit)
    return found


def apart(releases: Sequence[Changes], definitions: Mapping[Target, Definition | None]) -> dict[Target, str]:
    """Fields of abstract classes that are not the same in all models that have them from there: with the reason.

    Args:
        releases: What each has otherwise than the project's files.
    """
    found = {}
    for target in {target for one in releases for target in one}:
        label, field = target
        definition = definitions.get(target)
        if definition is None or not field:
            continue
        for other in sorted(sharing(field, definition) - {label}):
            if any(one.get(target, ()) != one.get((other, field), ()) for one in releases):
                found[target] = f"{other} has it from {definition.name} as well: give {label} a definition of its own"
    return found


class CodeChanges:
    """Goes from release to release.

    The project's files have the models that the originals end in. What each release needs is seen from there, so that
    what goes back to that is again what people have written.

    Args:
        definitions: Where models and fields are defined.
        shown: Paths as reports show them.
        apart: Why fields cannot change where they are defined (`apart`).
    """

    def __init__(
        self,
        definitions: Mapping[Target, Definition | None],
        shown: Mapping[str, str],
        apart: Mapping[Target, str] | None = None,
    ) -> None:
        self._definitions = definitions
        self._shown = shown
        self._apart = apart or {}
        self._release: Changes = {}
        self._now: dict[Target, tuple[Edit, ...]] = {}
        self._texts: dict[str, str] = {}

    def next(self, wanted: Changes, duties: Iterable[tuple[Duty, tuple[str, ...]]]) -> Iterator[ChangeCode]:
        """What the code of the next release has, does and leaves.

        Args:
            wanted: What is not as the project's files have it.
            duties: With the codes of the findings that they are for.
        """
        said = {(duty.model, duty.field or ""): (duty, codes) for duty, codes in duties}
        before, self._release = self._release, wanted
        for target in sorted({*before, *wanted}):
            if before.get(target, ()) != wanted.get(target, ()):
                step = self._changed(target, wanted.get(target, ()), said.pop(target, None))
                if step.diff or step.by_hand or step.must or step.must_not:  # a base of several changes once
                    yield step
        for target, (duty, codes) in said.items():
            definition = self._definitions.get(target)
            yield ChangeCode(
                path=self._shown.get(definition.path) if definition else None,
                line=definition.line if definition else None,
                name=self._name(target),
                must=duty.must,
                must_not=duty.must_not,
                codes=codes,
            )

    def _changed(
        self, target: Target, edits: tuple[Edit, ...], said: tuple[Duty, tuple[str, ...]] | None
    ) -> ChangeCode:
        definition = self._definitions.get(target)
        words = "; ".join(map(described, edits)) or "as it is in the project's files now"
        duty, codes = said or (Duty(model=target[0]), ())
        step = ChangeCode(name=self._name(target), must=duty.must, must_not=duty.must_not, codes=codes)
        try:
            if definition is None:
                raise CannotEdit("no file of the project defines it")
            if target in self._apart:
                raise CannotEdit(self._apart[target])
            before = self._text(definition.path)
            self._now[target] = edits
            after = self._text(definition.path)
        except CannotEdit as error:
            self._now.pop(target, None)
            path = self._shown.get(definition.path) if definition else None
            return replace(step, path=path, after=words, by_hand=True, undo=str(error) if edits else "")
        path = self._shown.get(definition.path, definition.path)
        patch = diff(before, after, path)
        return replace(
            step,
            path=path,
            line=definition.line,
            before=_lines(patch, "-"),
            after=_lines(patch, "+"),
            diff=patch,
        )

    def _text(self, path: str) -> str:
        """The file as the release has it that we are at."""
        if path not in self._texts:
            self._texts[path] = Path(path).read_text(encoding="utf-8")
        here = (
            (definition.name, edits)
            for target, edits in sorted(self._now.items())
            if (definition := self._definitions.get(target)) and definition.path == path
        )
        return all_edited(self._texts[path], here)

    def _name(self, target: Target) -> str:
        label, field = target
        if target in self._apart:
            return f"{label}.{field}"
        definition = self._definitions.get(target) or self._definitions.get((label, ""))
        if definition is None and not field:
            return label  # the model is gone
        return f"{definition.name if definition else label}.{field or 'Meta'}"


def _lines(patch: str, sign: str) -> str:
    return "\n".join(line[1:] for line in patch.splitlines()[2:] if line.startswith(sign))
