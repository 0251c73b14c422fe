"""Migrations on a real server: applied, used by old and new code, unapplied, and applied again."""

from migsafe.verify.trial import Options
from migsafe.verify.walk import Walk

__all__ = ["Options", "Walk"]
