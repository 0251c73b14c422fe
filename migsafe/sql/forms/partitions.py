"""Forms of ATTACH and DETACH PARTITION."""

from collections.abc import Iterator

from migsafe import actions as a
from migsafe.actions import Name
from migsafe.postgres.facts import Role
from migsafe.sql.catalog import Catalog
from migsafe.sql.forms.family import (
    default_partition,
    indexes_given,
    keys_of_partitions,
    triggers_from,
    with_descendants,
)
from migsafe.sql.forms.proofs import is_within, search
from migsafe.sql.forms.registry import Form, Roles, Server, handles


@handles(a.AttachPartition)
def _attach_partition(action: a.AttachPartition, catalog: Catalog, server: Server) -> Iterator[Form]:
    partitions = with_descendants(catalog, action.partition)
    scanned = tuple(name for name in partitions if not _is_within(name, action, catalog))
    proven = tuple(name for name in partitions if name not in scanned)
    for form, names in (("attach partition", scanned), ("attach partition: proven", proven)):
        if names:
            yield form, {Role.PARENT: (action.relation,), Role.PARTITION: names}
    built, _ = indexes_given(action, partitions, catalog)
    if built:
        yield "attach partition: index", {Role.PARTITION: built}
    yield "partition constraint", {Role.PARENT: catalog.ancestors(action.relation)}
    yield from triggers_from(action.relation, catalog)
    yield from search("attach partition: with a default partition", action.relation, action.bound, catalog)
    roles = {Role.PARTITION: partitions}
    yield from keys_of_partitions(
        "attach partition: ", action.relation, roles, catalog, catalog.table(action.partition)
    )


def _is_within(name: Name, action: a.AttachPartition, catalog: Catalog) -> bool:
    table, parent = catalog.table(name), catalog.table(action.relation)
    if table is None or parent is None:
        return False
    if action.default and parent.partition_of is None and not any(catalog.partitions(parent.name)):
        return True
    return is_within(table, parent, action.bound, catalog)


@handles(a.DetachPartition)
def _detach_partition(action: a.DetachPartition, catalog: Catalog, server: Server) -> Iterator[Form]:
    default = default_partition(action.relation, catalog)
    roles: Roles = {
        Role.PARENT: (action.relation,),
        Role.PARTITION: (action.partition,),
        Role.DEFAULT_PARTITION: default,
    }
    indexes = [index.name for index in catalog.indexes(action.partition) if index.parent is not None]
    if action.finalize:
        yield "detach partition: finalize", roles
        if indexes:
            yield "detach partition: concurrently, index", {**roles, Role.INDEX: indexes}
        yield from keys_of_partitions("detach partition: concurrently, ", action.relation, roles, catalog)
    elif action.concurrently and default:
        yield "detach partition: concurrently, with a default partition", roles
    elif action.concurrently:
        yield "detach partition: concurrently", {**roles, Role.PARTITION: with_descendants(catalog, action.partition)}
        if indexes:
            yield "detach partition: concurrently, index", {**roles, Role.INDEX: indexes}
        yield from keys_of_partitions("detach partition: concurrently, ", action.relation, roles, catalog)
    else:
        yield "detach partition", roles
        if default:
            yield "detach partition: with a default partition", roles
        if indexes:
            yield "detach partition: index", {**roles, Role.INDEX: indexes}
        parent = catalog.table(action.relation)
        if parent is not None and any(trigger.row for trigger in parent.triggers.values()):
            yield "detach partition: trigger", roles
        if below := with_descendants(catalog, action.partition)[1:]:
            yield "detach partition: partitioned", {Role.PARTITION: below}
        yield from keys_of_partitions("detach partition: ", action.relation, roles, catalog)
