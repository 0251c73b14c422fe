"""What can be done to indexes CONCURRENTLY or not, in words."""

from migsafe.actions import CreateIndex, DetachPartition, DropIndex, Name, Reindex
from migsafe.rules._context import Context

Online = CreateIndex | DropIndex | Reindex | DetachPartition


def online(action: Online, context: Context) -> tuple[str, Name | None]:
    """What an action does (``Building index total_idx``), and the table it is about, if it is about one."""
    match action:
        case CreateIndex():
            return f"Building index {action.name or 'on ' + keys(action)}", action.relation
        case DropIndex():
            index = context.catalog.index(action.index)
            return f"Dropping index {action.index.name}", index.relation if index else None
        case Reindex():
            return f"Rebuilding {action.kind} {action.target or ''}".rstrip(), rebuilt(action, context)
        case DetachPartition():
            return f"Detaching partition {action.partition}", action.relation


def keys(action: CreateIndex) -> str:
    """The keys of an index, for people."""
    return ",".join(key.column or "(expression)" for key in action.keys)


def rebuilt(action: Reindex, context: Context) -> Name | None:
    """The table whose indexes are rebuilt; None for those of many tables."""
    if action.target is None or action.kind in ("schema", "database"):
        return None
    if action.kind == "table":
        return action.target
    index = context.catalog.index(action.target)
    return index.relation if index else None


_REQUIRED = ("a constraint requires", "a foreign key requires", "the index of the partitioned table requires")


def is_required(context: Context) -> bool:
    """Whether the server refuses a drop because something needs what is dropped."""
    return context.fails is not None and context.fails.startswith(_REQUIRED)
