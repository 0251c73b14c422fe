"""Migrations on a real server: applied, used by old and new code, unapplied, and applied again."""

from migsafe.sandbox.server import import_psycopg

import_psycopg()  # first, so that whoever has not installed it is told what to do

from migsafe.verify.trial import Options  # noqa: E402
from migsafe.verify.walk import Walk  # noqa: E402

__all__ = ["Options", "Walk"]
