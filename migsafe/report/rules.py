"""Rules for people: one in full, or all of them as a table; and as JSON."""

from migsafe.model import Axis

ABOUT = {
    Axis.LOCKS: "what it does to traffic",
    Axis.COMPATIBILITY: "what it does to code that is still running",
    Axis.REVERSIBILITY: "whether there is a way back",
    Axis.DATA: "what it does to rows",
    Axis.HISTORY: "whether the migration is still what was applied",
}
"""What the axes mean."""
