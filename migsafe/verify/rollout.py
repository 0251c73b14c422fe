"""Which order of deploy works, from what code of each release did on the schema of the other."""

from collections.abc import Sequence

from migsafe.verification import Order, Probe, Rollout


def rollout(old: Sequence[Probe], new: Sequence[Probe]) -> Rollout:
    """Decide on the order of deploy.

    Where one side fails, the order is the one that is left, even if something of the other could not be tried: nothing
    speaks against it, and what fails does so for certain. That nothing fails is said only if everything was tried.

    Args:
        old: What code from before the migration did on the schema after it.
        new: What code from after it did on the schema before it.
    """
    return Rollout(order=_order(old, new), old_code=tuple(old), new_code=tuple(new))


def _order(old: Sequence[Probe], new: Sequence[Probe]) -> Order:
    match _fails(old), _fails(new):
        case True, True:
            return "neither"
        case True, False:
            return "code first"
        case False, True:
            return "migrate first"
    return "not verified" if any(probe.reason is not None for probe in (*old, *new)) else "any"


def _fails(probes: Sequence[Probe]) -> bool:
    return any(probe.error is not None for probe in probes)
