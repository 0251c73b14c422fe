"""What executing SQL comes to, as a hash."""

from collections.abc import Iterable

from migsafe.history.modules import digest
from migsafe.sql.parse.canonical import canonical

__all__ = ["canonical", "sql_fingerprint"]


def sql_fingerprint(statements: Iterable[tuple[str, bool]]) -> str:
    """Hash what a migration executes: 16 hexadecimal digits.

    Args:
        statements: Text of each, in order, and whether it runs in the migration's transaction.
    """
    return digest("".join(f"{int(atomic)}{len(text)}:{text}" for text, atomic in _canonical(statements)))


def _canonical(statements: Iterable[tuple[str, bool]]) -> Iterable[tuple[str, bool]]:
    return ((canonical(sql), atomic) for sql, atomic in statements)
