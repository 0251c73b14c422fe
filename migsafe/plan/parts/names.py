"""What migrations of a plan are called."""

import re


def words(*parts: str) -> str:
    """The name of a migration, without number: ``order_email_unique``, whatever characters the parts have.

    As long as Django lets its own suggestions be (``Migration.suggest_name``).
    """
    return re.sub(r"[\W_]+", "_", "_".join(part for part in parts if part)).strip("_").lower()[:52].rstrip("_")
