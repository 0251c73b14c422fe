"""Rules of this house, one per module."""
