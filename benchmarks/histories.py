"""Generated Django projects with long migration histories, for the benchmarks.

Three shapes: ``one`` app, ``twenty`` apps that refer to each other, and ``dense``: 150 models, all of which refer to
one hub and to a neighbour, many-to-many to another, and every third through a generic relation, so that rendering one
model with everything related to it means rendering all of them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

Shape = Literal["one", "twenty", "dense"]
SHAPES: tuple[Shape, ...] = ("one", "twenty", "dense")

DENSE_MODELS = 150
DENSE_MODELS_PER_MIGRATION = 10


class Migration(NamedTuple):
    """App, name and source lines of the operations; dependencies beyond the app's previous migration."""

    app: str
    name: str
    operations: list[str]
    dependencies: list[tuple[str, str]]


def write(root: Path, shape: Shape, size: int, dsn: dict[str, str]) -> None:
    """Write a project with ``size`` migrations into the empty folder ``root``.

    Args:
        dsn: ``HOST``, ``PORT``, ``USER`` and ``NAME`` for DATABASES; migsafe never uses them, the others do.
    """
    migrations = list(_dense(size) if shape == "dense" else _plain(1 if shape == "one" else 20, size))
    apps = sorted({migration.app for migration in migrations})
    previous: dict[str, str] = {}
    for app in apps:
        package = root / app / "migrations"
        package.mkdir(parents=True)
        (root / app / "__init__.py").touch()
        (package / "__init__.py").touch()
    for migration in migrations:
        before = [(migration.app, previous[migration.app])] if migration.app in previous else []
        previous[migration.app] = migration.name
        operations = "\n".join(f"        {line}" for line in migration.operations)
        (root / migration.app / "migrations" / f"{migration.name}.py").write_text(
            "import django.db.models.deletion\n"
            "from django.db import migrations, models\n\n\n"
            "class Migration(migrations.Migration):\n"
            f"    initial = {not before}\n"
            f"    dependencies = {before + migration.dependencies}\n"
            f"    operations = [\n{operations}\n    ]\n"
        )
    (root / "settings.py").write_text(
        "SECRET_KEY = 'benchmark'\n"
        "USE_TZ = True\n"
        "DEFAULT_AUTO_FIELD = 'django.db.models.BigAutoField'\n"
        f"DATABASES = {{'default': {{'ENGINE': 'django.db.backends.postgresql'}} | {dsn!r}}}\n"
        f"INSTALLED_APPS = {['django.contrib.contenttypes', 'django_migration_linter', *apps]}\n"
    )
    (root / "manage.py").write_text(
        "import os, sys\n"
        "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\n"
        "from django.core.management import execute_from_command_line\n"
        "execute_from_command_line(sys.argv)\n"
    )


def _plain(apps: int, size: int) -> Iterator[Migration]:
    """Every model goes through the same life of eight migrations, and refers to the model made before it."""
    count = [0] * apps
    last: tuple[str, str, str] | None = None
    for number in range(size):
        app_number = number % apps
        app = f"app{app_number:02}"
        age = count[app_number] % 8
        model = f"Model{count[app_number] // 8:03}"
        count[app_number] += 1
        name = f"{count[app_number]:04}_step"
        dependencies: list[tuple[str, str]] = []
        low = model.lower()
        match age:
            case 0:
                operations = [
                    f"migrations.CreateModel('{model}', fields=[('id', models.BigAutoField(primary_key=True)),"
                    " ('name', models.CharField(max_length=50)), ('amount', models.IntegerField(default=0))]),"
                ]
            case 1:
                operations = [f"migrations.AddField('{low}', 'note', models.TextField(null=True)),"]
            case 2:
                operations = [f"migrations.AlterField('{low}', 'name', models.CharField(max_length=100)),"]
            case 3:
                operations = [f"migrations.AddIndex('{low}', models.Index(fields=['name'], name='{app}_{low}_idx')),"]
            case 4:
                target_app, target_model, target_migration = last or (app, model, "0001_step")
                if target_app != app:
                    dependencies = [(target_app, target_migration)]
                operations = [
                    f"migrations.AddField('{low}', 'parent', models.ForeignKey('{target_app}.{target_model}',"
                    " null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+')),"
                ]
                last = (app, model, name)
            case 5:
                operations = [f"migrations.RenameField('{low}', 'note', 'comment'),"]
            case 6:
                operations = [f"migrations.AlterField('{low}', 'amount', models.BigIntegerField(default=0)),"]
            case _:
                operations = [f"migrations.AddField('{low}', 'code', models.CharField(max_length=20, default='x')),"]
        yield Migration(app, name, operations, dependencies)


def _dense(size: int) -> Iterator[Migration]:
    """First all models, ten a migration, then one change a migration, round and round."""
    app = "dense"
    number = 0
    for number in range(min(size, DENSE_MODELS // DENSE_MODELS_PER_MIGRATION)):
        operations = []
        for model in range(number * DENSE_MODELS_PER_MIGRATION, (number + 1) * DENSE_MODELS_PER_MIGRATION):
            fields = ["('id', models.BigAutoField(primary_key=True))", "('name', models.CharField(max_length=50))"]
            if model:
                fields += [
                    "('hub', models.ForeignKey('dense.Model000', on_delete=django.db.models.deletion.CASCADE,"
                    f" related_name='spokes{model}'))",
                    f"('neighbour', models.ForeignKey('dense.Model{model - 1:03}', null=True,"
                    f" on_delete=django.db.models.deletion.CASCADE, related_name='next{model}'))",
                    f"('friends', models.ManyToManyField('dense.Model{model // 2:03}', related_name='friends{model}'))",
                ]
            if model % 3 == 0:
                # All that a generic relation leaves in a migration: makemigrations writes no private fields.
                fields += [
                    "('content_type', models.ForeignKey('contenttypes.ContentType', null=True,"
                    f" on_delete=django.db.models.deletion.CASCADE, related_name='tagged{model}'))",
                    "('object_id', models.PositiveIntegerField(null=True))",
                ]
            operations.append(f"migrations.CreateModel('Model{model:03}', fields=[{', '.join(fields)}]),")
        yield Migration(app, f"{number + 1:04}_step", operations, [("contenttypes", "0002_remove_content_type_name")])
    for change in range(size - number - 1):
        model = change % DENSE_MODELS
        turn = change // DENSE_MODELS
        low = f"model{model:03}"
        operation = (
            f"migrations.AddField('{low}', 'note', models.TextField(null=True)),",
            f"migrations.AlterField('{low}', 'name', models.CharField(max_length=100)),",
            f"migrations.AddField('{low}', 'other', models.ForeignKey('dense.Model{(model * 7 + 3) % DENSE_MODELS:03}',"
            f" null=True, on_delete=django.db.models.deletion.CASCADE, related_name='other{model}')),",
            f"migrations.RenameField('{low}', 'note', 'comment'),",
            f"migrations.AddIndex('{low}', models.Index(fields=['name'], name='dense_{low}_idx')),",
            f"migrations.AddField('{low}', 'code', models.CharField(max_length=20, default='x')),",
        )[turn % 6]
        yield Migration(app, f"{number + change + 2:04}_step", [operation], [])
