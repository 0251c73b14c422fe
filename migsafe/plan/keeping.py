"""Plans that are kept in the project, so that later deploys and the gate can go on from them."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from migsafe.errors import InputError
from migsafe.planning import ChangeCode, Plan, Step, WriteMigration
from migsafe.project.load import show

FOLDER = "migsafe-plans"
"""Where they are, below the project's root."""

VERSION = 1


class _Versioned(msgspec.Struct):
    version: int = VERSION


def path(plan: Plan, root: Path) -> Path:
    """The file of a plan."""
    return root / FOLDER / f"{plan.name}.json"


def text(plan: Plan) -> str:
    """Content of its file."""
    return msgspec.json.format(msgspec.json.encode(plan), indent=2).decode() + "\n"


def moved(plan: Plan, old: Path, new: Path) -> Plan:
    """The plan with paths that are relative to another folder."""

    def path_of(name: str) -> str:
        path = (old / name).resolve()
        return path.relative_to(new).as_posix() if path.is_relative_to(new) else str(path)

    def step_of(step: Step) -> Step:
        if isinstance(step, WriteMigration | ChangeCode) and step.path:
            return replace(step, path=path_of(step.path))
        return step

    return replace(
        plan,
        originals={path_of(name): text for name, text in plan.originals.items()},
        deploys=tuple(replace(deploy, steps=tuple(map(step_of, deploy.steps))) for deploy in plan.deploys),
    )


def read(file: Path) -> Plan:
    """Read a plan.

    Raises:
        InputError: It is broken, or of a version that is not known here.
    """
    try:
        content = file.read_bytes()
        version = msgspec.json.decode(content, type=_Versioned).version
        if version != VERSION:
            raise InputError(
                f"{show(file)} has version {version} of the format of plans; this migsafe knows version {VERSION}",
                "Use the migsafe that has made it." if version < VERSION else "Update migsafe.",
            )
        return msgspec.json.decode(content, type=Plan)
    except OSError as error:
        raise InputError(f"{show(file)} cannot be read: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"{show(file)} is no plan: {error}", "Restore it: git checkout -- it, or plan again."
        ) from error


def all_plans(root: Path) -> tuple[Plan, ...]:
    """All kept plans of a project.

    Raises:
        InputError: One of them cannot be read.
    """
    return tuple(map(read, sorted((root / FOLDER).glob("*.json"))))


def find(root: Path, targets: Sequence[str]) -> Plan:
    """The kept plan that ``[APP] MIGRATION …`` names; the only one if none is named.

    Args:
        root: The project's folder.
        targets: ``orders 0042``, ``orders.0042``, ``0042``, or names in full; of any migration that it replaces.

    Raises:
        InputError: There is none, or more than one, or it cannot be read.
    """
    files = sorted((root / FOLDER).glob("*.json"))
    plans = {file: read(file) for file in files}
    words = [target.removesuffix(".py").replace("/", ".") for target in targets]
    if len(words) == 2 and not any("." in word or word[:1].isdigit() for word in words[:1]):
        words = [".".join(words)]
    found = [plan for file, plan in plans.items() if all(file.stem == word or _names(plan, word) for word in words)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(file.stem for file in files) or "none"
    wanted = " ".join(targets)
    if found:
        raise InputError(
            f"{show(root / FOLDER)} has several plans{f' for {wanted}' if wanted else ''}: {names}", "Name one."
        )
    raise InputError(
        f"{show(root / FOLDER)} has no plan for {wanted}" if wanted else f"there is no plan in {show(root / FOLDER)}",
        f"Plans that are kept: {names}. The first deploy makes one: migsafe plan {wanted or 'MIGRATION'} --write.",
    )


def _names(plan: Plan, word: str) -> bool:
    """Whether a word means one of the migrations that a plan replaces."""
    return any(target.startswith(word) or target.partition(".")[2].startswith(word) for target in plan.targets)
