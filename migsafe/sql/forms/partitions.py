"""Forms of ATTACH and DETACH PARTITION."""

from collections.abc import Iterator

from migsafe import actions as a
from migsafe.postgres.facts import Role
from migsafe.sql.catalog import Catalog
from migsafe.sql.forms.family import (
    ancestors,
    default_partition,
    keys_of_partitions,
    searched_partitions,
    with_descendants,
)
from migsafe.sql.forms.registry import Form, Roles, Server, handles


@handles(a.AttachPartition)
def _attach_partition(action: a.AttachPartition, catalog: Catalog, server: Server) -> Iterator[Form]:
    default = searched_partitions(action.relation, catalog)
    yield (
        "attach partition",
        {Role.PARENT: (action.relation,), Role.PARTITION: with_descendants(catalog, action.partition)},
    )
    yield "partition constraint", {Role.PARENT: ancestors(action.relation, catalog)}
    if default:
        yield "attach partition: with a default partition", {Role.DEFAULT_PARTITION: default}
    yield from keys_of_partitions("attach partition: ", action.relation, {}, catalog, catalog.table(action.partition))


@handles(a.DetachPartition)
def _detach_partition(action: a.DetachPartition, catalog: Catalog, server: Server) -> Iterator[Form]:
    default = default_partition(action.relation, catalog)
    roles: Roles = {
        Role.PARENT: (action.relation,),
        Role.PARTITION: (action.partition,),
        Role.DEFAULT_PARTITION: default,
    }
    indexes = [index.name for index in catalog.indexes(action.partition) if index.parent is not None]
    if action.concurrently and default:
        yield "detach partition: concurrently, with a default partition", roles
    elif action.concurrently:
        yield "detach partition: concurrently", {**roles, Role.PARTITION: with_descendants(catalog, action.partition)}
        if indexes:
            yield "detach partition: concurrently, index", {**roles, Role.INDEX: indexes}
    else:
        yield "detach partition", roles
        if default:
            yield "detach partition: with a default partition", roles
        if indexes:
            yield "detach partition: index", {**roles, Role.INDEX: indexes}
        if below := with_descendants(catalog, action.partition)[1:]:
            yield "detach partition: partitioned", {Role.PARTITION: below}
        yield from keys_of_partitions("detach partition: ", action.relation, roles, catalog)
