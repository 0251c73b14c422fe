import pytest
from migsafe.sandbox.server import Server
from migsafe.testing import Migration, Scenario
from tests.plan.proving import prove
from tests.plan.parts.test_keys import shop, ROWS, elsewhere

CH = {
    "a": ['migrations.AlterField("order", "code", models.CharField(max_length=100, unique=True))'],
    "b": ['migrations.AlterField("order", "slug", models.SlugField())'],
    "c": ['migrations.AlterField("order", "slug", models.CharField(max_length=50))'],
    "d": ['migrations.AlterField("order", "count", models.PositiveIntegerField(default=0, db_index=True))'],
    "e": ['migrations.AlterField("order", "email", models.CharField(max_length=200, db_index=True))'],
    "f": ['migrations.AlterField("order", "email", models.CharField(max_length=200, unique=True, null=True))'],
    "g": ['migrations.AlterUniqueTogether("order", set())'],
    "h": [
        'migrations.RemoveIndex("order", "total_idx")',
        'migrations.AddIndex("order", models.Index(fields=["-total"], name="total_idx"))',
    ],
    "i": [
        'migrations.AddIndex("order", models.Index(fields=["-total"], name="newtotal_idx"))',
        'migrations.RemoveIndex("order", "total_idx")',
    ],
    "j": [
        'migrations.AddConstraint("order", models.UniqueConstraint(fields=["email", "code"], name="ec", deferrable=models.Deferrable.DEFERRED))',
        'migrations.AlterUniqueTogether("order", set())',
    ],
    "k": [
        'migrations.RemoveConstraint("order", "note_of_one")',
        'migrations.AddConstraint("order", models.UniqueConstraint(fields=["note"], condition=Q(total=2), name="note_of_one"))',
    ],
    "l": [
        'migrations.AddField("order", "x", models.IntegerField(null=True))',
        'migrations.AddConstraint("order", models.UniqueConstraint(fields=["email", "x"], name="ex"))',
    ],
    "m": [
        'migrations.AddField("order", "x", models.IntegerField(null=True))',
        'migrations.AddIndex("order", models.Index(fields=["x"], name="ex"))',
    ],
    "n": [
        'migrations.AddConstraint("order", models.UniqueConstraint(fields=["id", "x"], name="ex"))'.replace(
            '"x"', '"total"'
        )
    ],
    "o": ['migrations.RenameIndex("order", old_fields=("email", "code"), new_name="ec")'],
    "p": ['migrations.AlterField("order", "slug", models.SlugField(db_index=False, unique=True, max_length=90))'],
    "q": [
        'migrations.AddConstraint("order", models.UniqueConstraint(fields=["total"], name="tt"))',
        'migrations.RemoveIndex("order", "total_idx")',
    ],
    "r": [
        'migrations.AlterUniqueTogether("order", {("email","code"), ("count", "slug")})',
        'migrations.AlterUniqueTogether("order", {("email", "total")})',
    ],
    "s": ['migrations.AddIndex("order", models.Index(fields=["email"], name="total_idx"))'],
}


@pytest.mark.parametrize("name", CH)
def test_mean(name: str, postgres: Server) -> None:
    p = prove(shop, *CH[name], server=postgres, rows=ROWS)
    print([(d.kinds, [m.name for m in d.migrations]) for d in p.plan.deploys])
