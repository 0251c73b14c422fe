"""Locks in words that need no knowledge of PostgreSQL."""

from migsafe.model import Effect


def waiting(effect: Effect) -> str:
    """Who cannot do what while a lock is held: ``nobody can write to orders_order``."""
    table = effect.relation
    if "reads" in effect.blocks:
        return f"nobody can read or write {table}"
    if "writes" in effect.blocks:
        return f"nobody can write to {table}"
    if "ddl" in effect.blocks:
        return f"{table} can be read and written, only other schema changes wait"
    return f"{table} can be read and written"


def requests(effect: Effect) -> str:
    """What waits for a lock, seen from the application: ``every request that saves to orders_order``."""
    does = "touches" if "reads" in effect.blocks else "saves to"
    return f"every request that {does} {effect.relation}"


def lasting(effect: Effect, *, long: bool = False) -> str:
    """For how long; ``long`` says that something else in the statement takes long."""
    if effect.rewrites:
        return "until every row has been written anew"
    if effect.scans:
        return "until every row has been read"
    return "all that time" if long else "for a moment"
