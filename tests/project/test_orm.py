"""What code of a release is taken to send is what Django's ORM sends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db.models.deletion import Collector

from migsafe.project.execute import Executor
from migsafe.project.graph import History
from migsafe.project.load import connecting_code
from migsafe.project.offline import installed
from migsafe.project.orm import KEY, Code, Lineage
from migsafe.project.probes import rendered_models
from migsafe.sandbox.fill import fill
from migsafe.sandbox.server import Server
from migsafe.testing import Scenario
from migsafe.verify.databases import Databases

SHOP = Scenario(
    'migrations.CreateModel("Customer", [("id", models.UUIDField(primary_key=True)),'
    ' ("email", models.EmailField(unique=True))])',
    'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True)),'
    ' ("customer", models.ForeignKey("shop.Customer", models.CASCADE, null=True)), ("data", models.JSONField()),'
    ' ("total", models.DecimalField(max_digits=8, decimal_places=2)), ("100%", models.TextField(db_column="per cent")),'
    ' ("made", models.DateTimeField())], options={"db_table": "My Orders"})',
    'migrations.CreateModel("Line", [("order", models.ForeignKey("shop.Order", models.CASCADE)),'
    ' ("note", models.TextField(default=""))])',
)


@contextmanager
def lineage(server: Server) -> Iterator[tuple[Lineage, Any, Any]]:
    """The models of the shop, its state, and a connection to a database with some rows."""
    with SHOP._project(SHOP.before, [], {}) as (project, _, keys, _):
        history = History(project)
        with Executor(project, history, postgres=server.version) as executor:
            databases = Databases(server, executor)
            database = databases.new()
            at, run = databases.forward(database, keys[0], executor.empty())
            assert run.failure is None
            fill(databases.dsn(database), ["My Orders", "shop_line"], 20)
            with executor.beside(databases.address(database)) as connection:
                tables = ["shop_customer", "My Orders", "shop_line"]
                yield Lineage((at.state, connection), (at.state, connection), tables), at.state, connection
            databases.drop(database)


def sent(connection: Any, act: Callable[[], object]) -> list[str]:
    """Statements that Django executes, with their values."""
    statements: list[str] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(connection.ops.compose_sql(sql, params) if params else sql)
        return execute(sql, params, many, context)

    with connecting_code(), installed(connection), connection.execute_wrapper(note):
        act()
    return statements


def test_it_sends_what_django_sends(postgres: Server) -> None:
    with lineage(postgres) as (models, state, connection):
        assert [line.name for line in models.lines] == ["shop.Customer", "shop.Order", "shop.Line"]
        for line in models.lines:
            keys = models.keys(line, 6)
            samples = models.samples(line, keys, known=True)
            code = models.code("before", state, line, samples, first=True)
            assert code is not None
            assert code.reason is None
            _agrees(code, connection, rendered_models(state, [_key(line.name)])[_key(line.name)], samples)


def _key(name: str) -> tuple[str, str]:
    app, _, model = name.lower().partition(".")
    return app, model


def _agrees(code: Code, connection: Any, model: Any, samples: Any) -> None:
    alias = connection.alias
    manager = model._base_manager.using(alias)
    assert sent(connection, lambda: list(manager.order_by("pk")[:21])) == [code.reads[0]]
    keys = []
    for number, sample in enumerate(samples):
        row = sample.before
        [read] = sent(connection, partial(list, manager.filter(pk=row.pk)[:21]))
        keys.append(read.rpartition(" = ")[2].partition(" LIMIT")[0])
        assert code.reads[1].replace(KEY, keys[-1]) == read
        updated = sent(connection, partial(row.save_base, force_update=True, using=alias, raw=True))
        assert str(code.updates[number]).replace(KEY, keys[-1]) == updated[-1].partition(" RETURNING")[0]
    row = samples[0].before
    again = model(**{field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields})
    deleted = sent(connection, lambda: _delete(alias, row))
    assert [sql.replace(KEY, keys[0]) for sql in code.deletes][-1] == deleted[-1]
    if model._meta.auto_field:
        again.pk = None
    [insert] = sent(connection, lambda: again.save_base(force_insert=True, using=alias, raw=True))
    assert code.inserts[0] == insert


def _delete(alias: str, row: Any) -> None:
    collector = Collector(using=alias, origin=row)
    collector.collect([row])
    collector.delete()


def test_rows_that_others_refer_to_are_not_taken(postgres: Server) -> None:
    with lineage(postgres) as (models, _, connection):
        orders = models.lines[1]
        keys = models.keys(orders, 20)
        taken = models.take(orders, keys)
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT quote_literal(order_id::text) FROM shop_line")
            referred = {key for (key,) in cursor.fetchall()}
        assert referred
        assert taken == set(keys) - referred


def test_rows_that_refer_to_others_that_are_gone_are_not_inserted(postgres: Server) -> None:
    with lineage(postgres) as (models, _, _):
        _, orders, lines = models.lines
        keys = models.keys(lines, 100)
        samples = models.samples(lines, keys, known=True)
        assert models.take(lines, keys) == set(keys)
        assert models.insertable(lines, samples) == samples
        gone = models.take(orders, models.keys(orders, 10))
        left = [one for one in samples if f"'{getattr(one.before, 'order_id', None)}'" not in gone]
        assert list(models.insertable(lines, samples)) == left
        assert len(left) < len(samples)


def test_new_fields_have_no_value_twice_where_it_is_unique(postgres: Server) -> None:
    """Those of samples whose rows are gone count as well: code inserts them again."""
    before = Scenario('migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])')
    owner = 'models.OneToOneField("shop.Order", models.CASCADE, null=True)'
    proof = before.plan(
        f'migrations.CreateModel("Note", [("id", models.BigAutoField(primary_key=True)), ("order", {owner})])',
        verify=True,
        rows=20,
        server=postgres,
    ).proof
    assert proof is not None
    assert proof.holds, proof
