"""What migrations of a plan are called."""

import re
from hashlib import md5

from migsafe.sql.names import LENGTH, clip


def words(*parts: str) -> str:
    """The name of a migration, without number: ``order_email_unique``, whatever characters the parts have.

    As long as Django lets its own suggestions be (``Migration.suggest_name``).
    """
    return re.sub(r"[\W_]+", "_", "_".join(part for part in parts if part)).strip("_").lower()[:52].rstrip("_")


def own_name(*parts: str) -> str:
    """An identifier for something that a plan makes in the database; what is too long ends with a hash of all."""
    name = "_".join(parts)
    if len(name.encode()) <= LENGTH:
        return name
    return f"{clip(name, LENGTH - 9)}_{md5(name.encode(), usedforsecurity=False).hexdigest()[:8]}"
