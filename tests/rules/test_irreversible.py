import pytest

from migsafe.model import Axis, Severity
from tests.rules.harness import Migrations, Op


@pytest.mark.parametrize(
    ("operation", "fix"),
    [
        (
            Op("RunPython", reversible=False, code="migrations.RunPython(fill)"),
            "RunPython(fill, migrations.RunPython.noop)",
        ),
        (Op("RunSQL", "ANALYZE", reversible=False), "reverse_sql="),
        (Op("Custom", reversible=False), "a way back"),
    ],
)
def test_operation_that_cannot_be_unapplied(shop: Migrations, operation: Op, fix: str) -> None:
    (finding,) = shop.check(operation)
    assert (finding.code, finding.severity, finding.axis) == ("MS501", Severity.WARNING, Axis.REVERSIBILITY)
    assert finding.message == f"{operation.kind} cannot be unapplied: the migration has no way back"
    assert fix in finding.fix


def test_two_of_them_are_two_findings(shop: Migrations) -> None:
    findings = shop.check(Op("RunPython", reversible=False), Op("RunPython", reversible=False))
    assert len({finding.fingerprint for finding in findings}) == 2


def test_quiet_when_there_is_a_way_back(shop: Migrations) -> None:
    assert shop.check(Op("RunPython"), Op("RunSQL", "ANALYZE")) == ()
