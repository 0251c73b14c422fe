"""NOT NULL on a table that somebody uses."""

import psycopg
import pytest

from migsafe.sandbox.server import Server
from migsafe.testing import Scenario
from tests.conftest import ends

shop = Scenario(
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("size", models.IntegerField(null=True)),
    ])"""
)


@ends
def test_gives_up_on_locks(postgres: Server, database: str) -> None:
    report = shop.plan('migrations.AlterField("order", "size", models.IntegerField())', postgres=postgres.version)
    (migration,) = report.plan.deploys[1].migrations
    texts = [text for text in migration.source.split('"""') if "ALTER TABLE" in text]
    assert len(texts) == {True: 3, False: 5}[postgres.version >= 18]
    with psycopg.connect(postgres.dsn(database), autocommit=True) as used:
        used.execute("CREATE TABLE shop_order (id bigint PRIMARY KEY, size int)")
        for text in texts:
            with psycopg.connect(postgres.dsn(database)) as reader:
                reader.execute("SELECT FROM shop_order")
                if "VALIDATE" in text:
                    used.execute(text.encode())  # needs no lock that a reader is in the way of
                    continue
                with pytest.raises(psycopg.errors.LockNotAvailable):
                    used.execute(text.replace("'2s'", "'50ms'").encode())
            used.execute(text.encode())
