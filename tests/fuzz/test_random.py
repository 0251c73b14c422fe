"""Random statements on random schemas: what is predicted has to be what servers do.

By default a fixed set of examples; with ``MIGSAFE_FUZZ_SECONDS`` others for that long on each server (``make fuzz``),
from ``--hypothesis-seed`` if given. A difference is shown as a case for ``tests/sql/test_observed.py``.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from migsafe.sandbox.observe import Observer
from migsafe.sandbox.server import Server
from tests.fuzz.run import Explorer, Found

MAJORS = [int(major) for major in os.environ.get("MIGSAFE_TEST_POSTGRES", "10,14,18").split(",")]
SECONDS = float(os.environ.get("MIGSAFE_FUZZ_SECONDS", "0"))
EXAMPLES = 40


class Over(Exception):
    """The time is."""


@pytest.mark.slow
@pytest.mark.parametrize("major", MAJORS)
def test_any_statement_does_what_is_predicted(major: int, server: Callable[[int], Server]) -> None:
    deadline = time.monotonic() + SECONDS
    found: list[Found] = []
    with Observer(server(major).dsn(server(major).create_database())) as observer:
        explorer = Explorer(observer)

        # An example is a seed: `Explorer` looks for the shortest way to a difference itself.
        @settings(
            max_examples=1_000_000 if SECONDS else EXAMPLES,
            deadline=None,
            derandomize=not SECONDS,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(random=st.randoms(use_true_random=True))
        def explore(random: Random) -> None:
            if SECONDS and time.monotonic() > deadline:
                raise Over
            found.extend(explorer.example(random))

        with suppress(Over):
            explore()
    print(f"PostgreSQL {major}: {explorer.counts}")
    assert not found, "\n".join(map(str, found))
