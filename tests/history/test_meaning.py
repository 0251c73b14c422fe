"""What of a migration's source counts, and as what."""

import pytest

from migsafe.history.meaning import Unreadable
from tests.history.meanings import MIGRATION, differing, read

FILES: dict[str, str | bytes] = {
    MIGRATION: '''
        """Fills codes."""

        from pathlib import Path

        from django.conf import settings
        from django.db import migrations, models

        from shop.models import Kind
        from shop.utils import clean, path_of

        BATCH = 500
        FILL = "UPDATE shop_order SET code = 'x' WHERE code IS NULL"


        class Clear(migrations.RunSQL):
            elidable = True


        def helper(value):
            # what is done to each
            return clean(value) or "none"


        def fill(apps, schema_editor):
            """All of them."""
            Order = apps.get_model("shop", "Order")
            for order in Order.objects.filter(kind=Kind.NEW)[:BATCH]:
                order.code = helper(order.code)
                order.save(update_fields=["code"])


        def empty(apps, schema_editor):
            apps.get_model("shop", "Order").objects.update(code=None)


        class Migration(migrations.Migration):
            atomic = False
            dependencies = [("shop", "0001_initial"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

            operations = [
                migrations.AddField("order", "code", models.CharField(max_length=20, null=True, upload_to=path_of)),
                migrations.RunPython(fill, empty),
                migrations.RunSQL(FILL, reverse_sql="DELETE FROM old"),
                migrations.RunSQL(Path(__file__).with_name("fill.sql").read_text()),
                Clear("DELETE FROM shop_old"),
            ]
    ''',
    "shop/migrations/fill.sql": "UPDATE shop_order SET a = 1;\n",
    "shop/utils.py": '''
        """Helpers."""


        def clean(value):
            return value.strip()


        def path_of(instance, name):
            return name


        def unused():
            return 1
    ''',
    "shop/models.py": """
        from django.db import models


        class Kind(models.TextChoices):
            NEW = "new"
            OLD = "old"
    """,
}

EDITS = [
    # cosmetic
    (MIGRATION, '"""Fills codes."""', '"""Fills all codes."""', ""),
    (MIGRATION, '"""All of them."""', "", ""),
    (MIGRATION, "# what is done to each", "# what is done", ""),
    (MIGRATION, "BATCH", "SIZE", ""),
    (MIGRATION, "[:BATCH]", "[:500]", ""),
    (MIGRATION, "def fill(apps, schema_editor)", "def fill(apps, editor)", ""),
    (MIGRATION, "order in Order", "order in (Order)", ""),
    (MIGRATION, "value", "given", ""),
    (MIGRATION, "helper", "normal", ""),
    (MIGRATION, "from django.db import migrations, models", "from django.db import models, migrations", ""),
    (MIGRATION, "models.CharField", "models.fields.CharField", ""),
    (
        MIGRATION,
        "from shop.utils import clean, path_of",
        "from ..utils import path_of\n        from ..utils import clean",
        "",
    ),
    (MIGRATION, "\"UPDATE shop_order SET code = 'x' WHERE", "\"update shop_order\\n  SET code='x' -- why\\nWHERE", ""),
    ("shop/migrations/fill.sql", "UPDATE shop_order SET", "-- all\nUPDATE shop_order\n  SET", ""),
    ("shop/utils.py", "return name", "return name + '.txt'", ""),
    ("shop/utils.py", "return 1", "return 2", ""),
    ("shop/models.py", '"old"', '"very old"', ""),
    # forward code
    (MIGRATION, "BATCH = 500", "BATCH = 50", "python"),
    (MIGRATION, 'or "none"', 'or "None"', "python"),
    (MIGRATION, "Kind.NEW", "Kind.OLD", "python"),
    (MIGRATION, "DELETE FROM shop_old", "DELETE FROM shop_odd", "python"),
    (MIGRATION, "elidable = True", "elidable = False", "python"),
    ("shop/utils.py", "value.strip()", "value.lstrip()", "python"),
    # the rest of the class
    (MIGRATION, "code=None", "code=''", "operations"),
    (MIGRATION, "fill, empty", "fill", "operations"),
    (MIGRATION, "code = 'x'", "code = 'X'", "operations"),
    (MIGRATION, "DELETE FROM old", "DELETE FROM odd", "operations"),
    (MIGRATION, "max_length=20", "max_length=21", "operations"),
    (MIGRATION, '"order", "code"', '"code", "order"', "operations"),
    (MIGRATION, "upload_to=path_of", "upload_to=clean", "operations"),
    (MIGRATION, "atomic = False", "atomic = True", "operations"),
    ("shop/migrations/fill.sql", "a = 1", "a = 2", "operations"),
    # the graph
    (MIGRATION, "0001_initial", "0001_first", "graph"),
    (MIGRATION, "AUTH_USER_MODEL", "SHOP_MODEL", "graph"),
    (MIGRATION, "dependencies =", "initial = True\n            dependencies =", "graph"),
]


@pytest.mark.parametrize(("file", "old", "new", "changes"), EDITS)
def test_what_an_edit_changes(file: str, old: str, new: str, changes: str) -> None:
    text = str(FILES[file])
    assert old in text
    after = {**FILES, file: text.replace(old, new)}
    assert differing(FILES, after) - {"text"} == set(changes.split())


def test_what_it_says() -> None:
    meaning = read(FILES)
    assert meaning.dependencies == (("shop", "0001_initial"), ("settings.AUTH_USER_MODEL", "__first__"))
    assert meaning.operations is not None
    assert len(meaning.operations) == 5
    assert meaning.operations[1].splitlines() == [
        "migrations.RunPython(fill, empty)",
        "def empty(apps, schema_editor):",
        "    apps.get_model('shop', 'Order').objects.update(code=None)",
    ]
    assert meaning.python[:2] == ("Clear('DELETE FROM shop_old')", "BATCH = 500")
    assert "return clean(value) or 'none'" in "\n".join(meaning.python)
    assert meaning.files[0].endswith(MIGRATION)
    assert {"/project/shop/utils.py", "/project/shop/migrations/fill.sql"} <= set(meaning.files)


def test_what_cannot_be_read() -> None:
    with pytest.raises(Unreadable, match=r"^line 1: "):
        read("class Migration(:")
    with pytest.raises(Unreadable, match="no such file"):
        read({})
