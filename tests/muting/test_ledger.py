"""What ``migsafe accept`` has accepted."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from migsafe.applied import Acceptance
from migsafe.muting import ledger
from tests.rules.applied import Made, past

OLD, NEW = ("shop", "0002_old"), ("shop", "0002_new")
ACCEPTANCE = Acceptance(reason="done by hand", date=datetime(2026, 11, 23, tzinfo=UTC), fingerprint=None)


@pytest.mark.parametrize(
    ("renamed", "code"), [({".".join(OLD): ".".join(NEW)}, "MS703"), ({}, "MS702")], ids=["renamed", "deleted"]
)
def test_what_is_gone_is_accepted_under_the_name_that_it_had(renamed: dict[str, str], code: str) -> None:
    known = past(git=["shop.0001_initial", "shop.0002_old"], renamed=renamed)
    made = Made().add("shop.0001_initial").add("shop.0002_new", "shop.0001_initial")
    findings = made.found(known, "MS702", "MS703", "MS705")
    assert [one.code for one in findings] == [code]
    assert ledger.without(findings, known).findings == tuple(findings)
    muted = ledger.without(findings, replace(known, accepted={OLD: ACCEPTANCE}))
    assert muted.findings == ()
    (suppressed,) = muted.suppressed
    assert (suppressed.reason, suppressed.by) == ("done by hand (accepted on 2026-11-23)", "ledger")
