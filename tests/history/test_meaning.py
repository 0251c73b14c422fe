"""What of a migration's source counts, and as what."""

import inspect
import os
import sys
from textwrap import dedent

import pytest
from django.contrib.postgres import fields
from django.db import migrations, models

from migsafe.applied import Fingerprint
from migsafe.history.meaning import Unreadable
from migsafe.history.names import PARAMETERS, as_exported
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
    with pytest.raises(Unreadable, match="null bytes"):
        read("a = '\0'")
    with pytest.raises(Unreadable, match="nested too deeply"):
        read(CLASS.format("migrations.RunSQL(" + " * ".join(["1"] * 2000) + ")"))
    with pytest.raises(Unreadable, match="no such file"):
        read({})


def test_parameters_are_those_of_django() -> None:
    for name, parameters in PARAMETERS.items():
        operation = getattr(migrations, name)
        assert tuple(inspect.signature(operation).parameters)[: len(parameters)] == parameters


HEAD = "from django.db import migrations, models\n"
CLASS = HEAD + "class Migration(migrations.Migration):\n    operations = [{}]\n"
RUN = CLASS.format("migrations.RunPython(run)")


def run(body: str, *, above: str = "") -> str:
    """A migration that runs a function."""
    return f"{above}\n{RUN}".replace("class Migration", f"def run(apps, editor):\n    {body}\nclass Migration", 1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # which of two equal objects it is
        (run("A.add(1)\n    print(A)", above="A = set()\nB = set()"), run("A.add(1)\n    print(B)", above="A = set()\nB = set()")),
        # which of two variables it is
        (run("a = b = 1\n    print(a, b)"), run("a = b = 1\n    print(b, b)")),
        (run("a, b = apps\n    print(a - b)"), run("a, b = apps\n    print(b - a)")),
        (run("for a in apps: print([a for b in a])"), run("for a in apps: print([b for b in a])")),
        (run("a = 1\n    def inner():\n        nonlocal a\n        a = 2\n    inner()\n    print(a)"),
         run("a = 1\n    def inner():\n        a = 2\n    inner()\n    print(a)")),
        # what a name is decides what it does
        (run("list(apps)"), run("list(apps)", above="def list(x): raise ValueError")),
        (run("print(N)", above="N = 1"), run("print(N)", above="N = True")),
        (run("print(N)", above="N = 1"), run("print(N)", above="N = '1'")),
        (run("global N\n    N = 2\n    other()", above="N = 1\ndef other(): print(N)"),
         run("N = 2\n    other()", above="N = 1\ndef other(): print(N)")),
        # parameters
        (run("f(1)", above="def f(a, b=1): print(a, b)"), run("f(1)", above="def f(b, a=1): print(a, b)")),
        (run("f(a=1)", above="def f(a, b=1): print(a, b)"), run("f(a=1)", above="def f(x, b=1): print(x, b)")),
        (run("f(1)", above="def f(a, *, b=1): print(a, b)"), run("f(1)", above="def f(a, *, c=1): print(a, c)")),
        (run("f(1)", above="def f(a, *b): print(a, b)"), run("f(1)", above="def f(a, **b): print(a, b)")),
        (run("f(1)", above="def f(a=1, *, b): print(b)"), run("f(1)", above="def f(a, *, b=1): print(b)")),
        (run("print(locals())"), run("print(locals())").replace("editor", "other")),
        # names in strings
        (run("eval('a(1)')", above="def a(x): print(1)"), run("eval('a(1)')", above="def a(x): print(2)")),
        (run("globals()['a']()", above="def a(): print(1)"), run("globals()['a']()", above="def a(): print(2)")),
        # recursion
        (run("f(1)", above="def f(x): g(x)\ndef g(x): f(x + 1)"), run("f(1)", above="def f(x): g(x)\ndef g(x): f(x + 2)")),
        # what handlers catch
        (run("try: f()\n    except ValueError: pass"), run("try: f()\n    except: ValueError")),
        (run("try: f()\n    except ValueError as e: print(e)"), run("try: f()\n    except ValueError as e: print(apps)")),
        (run("match apps:\n        case [a, *b]: print(a)"), run("match apps:\n        case [a, *b]: print(b)")),
        (run("match apps:\n        case {'a': a, **b}: print(a)"), run("match apps:\n        case {'a': a, **b}: print(b)")),
        # other modules
        (run("a()", above="from os import a"), run("a()", above="from os import b as a")),
        (run("import os\n    os.a()"), run("import sys as os\n    os.a()")),
        (run("a()", above="from os import *"), run("a()", above="from sys import *")),
        (run("a()", above="try: from os import a\nexcept ImportError: from sys import a"),
         run("a()", above="try: from sys import a\nexcept ImportError: from os import a")),
        # decorators, defaults, formats
        (run("f()", above="@cache\ndef f(): pass"), run("f()", above="def f(): pass")),
        (run("f()", above="@cache\ndef f(): pass"), run("f()", above="@lru_cache\ndef f(): pass")),
        (run("print(f'{apps}')"), run("print(f'{apps!r}')")),
        (run("print(f'{apps:>3}')"), run("print(f'{apps:>4}')")),
        (run("print(f'a{apps}')"), run("print(f'{apps}a')")),
        (run("print(b'a')"), run("print('a')")),
        (run("yield 1"), run("yield from 1")),
        (run("f(**{'a': 1})", above="def f(a): print(a)"), run("f(**{'a': 1})", above="def f(b): print(b)")),
        # changed after they are made
        (run("f()", above="def f(): pass\nf.size = 1"), run("f()", above="def f(): pass\nf.size = 2")),
        (run("f()", above="if 1:\n    def f(): print(1)"), run("f()", above="if 1:\n    def f(): print(2)")),
        # classes
        (run("F().a()", above="class F:\n    def a(self): print(1)"), run("F().a()", above="class F:\n    def a(self): print(2)")),
        (run("F().a()", above="class F:\n    a = 1\n    b = 2"), run("F().a()", above="class F:\n    a = 2\n    b = 1")),
        (RUN.replace("    operations", "    def apply(self, state, editor): print(1)\n    operations"),
         RUN.replace("    operations", "    def apply(self, state, editor): print(2)\n    operations")),
        (RUN.replace("    operations", "    def run(apps, editor): print(1)\n    operations"),
         RUN.replace("    operations", "    def run(apps, editor): print(2)\n    operations")),
        (RUN.replace("    operations", "    N = 1\n    operations").replace("(run)", "(partial(f, N))"),
         RUN.replace("    operations", "    N = 2\n    operations").replace("(run)", "(partial(f, N))")),
        (CLASS.format("migrations.RunPython(lambda apps, editor: apps(1))"), CLASS.format("migrations.RunPython(lambda apps, editor: apps(2))")),
        (CLASS.format("Other('a')"), CLASS.format("Other('b')")),
        # at import time
        (RUN + "for name in ('a', 'b'):\n    Migration.operations.append(make(name))",
         RUN + "for name in ('a', 'c'):\n    Migration.operations.append(make(name))"),
        ("from a import Migration", "from b import Migration"),
        ("if 1:\n    from a import Migration", "if 1:\n    from b import Migration"),
        (f"{HEAD}from other import make\nMigration = make(1)", f"{HEAD}from other import make\nMigration = make(2)"),
        (f"{HEAD}def make(n): return type('Migration', (migrations.Migration,), {{'operations': [migrations.RunPython(n)]}})\nMigration = make(f)",
         f"{HEAD}def make(n): return type('Migration', (migrations.Migration,), {{'operations': [migrations.RunPython(n)]}})\nMigration = make(g)"),
        (RUN.replace("    operations = [", "    operations = [f(n) for n in (1, 2)] + ["), RUN.replace("    operations = [", "    operations = [f(n) for n in (1, 3)] + [")),
        (CLASS.format("") + "    operations += [migrations.RunPython(f)]", CLASS.format("") + "    operations += [migrations.RunPython(g)]"),
    ],
)  # fmt: skip
def test_other_code(before: str, after: str) -> None:
    assert "python" in differing({MIGRATION: before}, {MIGRATION: after})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (run("a = 1\n    print(a)"), run("b = 1\n    print(b)")),
        (run("print([a for a in apps])"), run("print([b for b in apps])")),
        (run("f(1)", above="def f(a): print(a)"), run("g(1)", above="def g(b): print(b)")),
        (run("apps.filter(name=1)\n    f(2)", above="def f(name): print(name)"),
         run("apps.filter(name=1)\n    f(2)", above="def f(other): print(other)")),
        (run("import os\n    os.a()"), run("a()", above="from os import a")),
        (run("from os import a\n    a()"), run("os.a()", above="import os")),
        (run("try: f()\n    except ValueError as e: print(e)"), run("try: f()\n    except ValueError as error: print(error)")),
        (run("print(S)", above="S = 'ab'"), run("print('a' 'b')")),
        (run("print('ab')"), run("print('a' + f'b')")),
        (run("a: int = 1"), run("a = 1")),
        (run("print(1)"), run("'''Prints.'''\n    print(1)\n    pass")),
        (run("f(1)", above="def f(x): g(x)\ndef g(x): f(x + 1)"), run("f(1)", above="def g(x): f(x + 1)\ndef f(x): g(x)")),
        (run("f()", above="A = {}\ndef f(): print(A)"), run("f()", above="B = {}\nA = 1\ndef f(): print(B)")),
        (run("print(1)", above="import os, sys"), run("print(1)", above="import sys")),
        (run("print(1)", above="from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import os"), run("print(1)")),
        (run("print(A)", above="A, B = 1, 2"), run("print(A)", above="B = 2\nA = 1")),
        (CLASS.format("migrations.RunSQL('SELECT 1')"), CLASS.format("migrations.RunSQL(sql='''\n  select 1 -- one\n''')")),
        (CLASS.format("migrations.RunSQL('SELECT 1')"), CLASS.format("migrations.RunSQL(dedent('''\n  select 1'''))").replace(HEAD, f"{HEAD}from textwrap import dedent\n")),
        (CLASS.format("migrations.RunSQL(['SELECT 1', ('SELECT %s', [1])])"), CLASS.format("migrations.RunSQL(['select 1', ('select  %s', [1])])")),
        (CLASS.format("migrations.DeleteModel('A')"), CLASS.format("DeleteModel(name='A')").replace(HEAD, f"{HEAD}from django.db.migrations.operations.models import DeleteModel\n")),
        (CLASS.format("migrations.DeleteModel('A')"), CLASS.format("*OPS").replace(HEAD, f"{HEAD}OPS = (migrations.DeleteModel('A'),)\n")),
        (CLASS.format("migrations.DeleteModel('A')"), CLASS.format("migrations.DeleteModel('A')") + "    atomic = True\n"),
    ],
)  # fmt: skip
def test_other_words(before: str, after: str) -> None:
    assert differing({MIGRATION: before}, {MIGRATION: after}) == {"text"}


ADD = CLASS.format("migrations.AddField('a', 'b', {})")
SQL = "SELECT 1"


@pytest.mark.parametrize(
    ("migration", "file", "before", "after", "changes"),
    [
        # what it runs, in its app
        (run("f()", above="from shop.utils import f"), "utils.py", "def f(): return 1", "def f(): return 2", "python"),
        (run("f()", above="from shop.utils import f"), "utils.py", "def f(): return N\nN = 1", "def f(): return N\nN = 2", "python"),
        (run("f()", above="from shop.utils import f"), "utils.py", "def f(): pass\ndef g(): return 1", "def f(): pass\ndef g(): return 2", ""),
        (run("f()", above="from ..utils import f"), "utils/__init__.py", "from .inner import g as f\ndef g(): pass", "from .inner import h as f", "python"),
        (run("u.f()", above="from shop import utils as u"), "utils.py", "def f(): return 1", "def f(): return 2", "python"),
        (run("shop.utils.f()", above="import shop.utils"), "utils.py", "def f(): return 1", "def f(): return 2", "python"),
        (run("from shop.utils import f\n    f()"), "utils.py", "def f(): return 1", "def f(): return 2", "python"),
        (run("f()", above="from shop.utils import *"), "utils.py", "def f(): return 1", "def f(): return 2", "python"),
        (run("import_module('shop.utils').f()", above="from importlib import import_module"), "utils.py", "def f(): return 1", "def f(): return 2", "python"),
        (run("import_module('.utils', 'shop').f()", above="from importlib import import_module"), "utils.py", "def f(): return 1", "def f(): return 2", "python"),
        (run("import_module('..utils', __package__).f()", above="from importlib import import_module"), "utils.py", "def f(): return 1", "def f(): return 2", "python"),
        (run("__import__('shop.utils').f()"), "utils.py", "def f(): return 1", "def f(): return 2", "python"),
        (run("f(u)", above="from shop import utils as u"), "utils.py", "def f(): return 1", "def f(): return 2", "python"),
        (run("f()", above="from shop.utils import f"), "utils.py", "if 1:\n    def f(): return 1", "if 1:\n    def f(): return 2", "python"),
        (run("f()", above="from shop.utils import f"), "utils.py", "def f(a): print(a)", "def f(b): print(b)", ""),
        (run("f(a=1)", above="from shop.utils import f"), "utils.py", "def f(a): print(a)", "def f(b): print(b)", "python"),
        (RUN.replace("(migrations.M", "(Base, migrations.M").replace(HEAD, f"{HEAD}from shop.utils import Base\n"),
         "utils.py", "class Base: atomic = True", "class Base: atomic = False", "python"),
        (CLASS.format("Op(1)").replace(HEAD, f"{HEAD}from shop.utils import Op\n"), "utils.py", "class Op: a = 1", "class Op: a = 2", "python"),
        (CLASS.format("*ops()").replace(HEAD, f"{HEAD}from shop.utils import ops\n"), "utils.py", "def ops(): return [1]", "def ops(): return [2]", "operations"),
        (CLASS.format("migrations.RunSQL(S)").replace(HEAD, f"{HEAD}from shop.utils import S\n"), "utils.py", "S = 'SELECT 1'", "S = 'SELECT 2'", "operations"),
        (CLASS.format("migrations.RunSQL(S)").replace(HEAD, f"{HEAD}from shop.utils import S\n"), "utils.py", "S = 'SELECT 1'", "S = 'select  1'", ""),
        (CLASS.format("migrations.RunSQL(s())").replace(HEAD, f"{HEAD}from shop.utils import s\n"), "utils.py", "def s(): return '1'", "def s(): return '2'", "operations"),
        # models are no part of it, but what of their constants it uses
        (run("Order.x()", above="from shop.models import Order"), "models.py", "class Order(Model): x = f(1)", "class Order(Model): x = f(2)", ""),
        (run("print(Order.Kind.A)", above="from shop.models import Order"), "models.py",
         "class Order(Model):\n    class Kind:\n        A = 1", "class Order(Model):\n    class Kind:\n        A = 2", "python"),
        (run("f()", above="from shop.models import f"), "models.py", "def f(): return 1", "def f(): return 2", "python"),
        (run("f()", above="from shop.models import f"), "models.py",
         "def f(): Order.objects.all()\nclass Order(Model): x = 1", "def f(): Order.objects.all()\nclass Order(Model): x = 2", ""),
        # what a field names
        (ADD.format("F(default=f)").replace(HEAD, f"{HEAD}from shop.utils import f\n"), "utils.py", "def f(): return 1", "def f(): return 2", ""),
        (ADD.format("F()").replace(HEAD, f"{HEAD}from shop.utils import F\n"), "utils.py", "class F: a = 1", "class F: a = 2", ""),
        (ADD.format("models.F(N)").replace(HEAD, f"{HEAD}from shop.utils import N\n"), "utils.py", "N = 1", "N = 2", "operations"),
        (ADD.format("models.F(N)").replace(HEAD, f"{HEAD}from shop.models import N\n"), "models.py", "N = 1", "N = 2", "operations"),
        (ADD.format("models.F(N)").replace(HEAD, f"{HEAD}from shop.models import N\n"), "models.py", "N = f(1)", "N = f(2)", ""),
        (ADD.format("models.F(default=K.A)").replace(HEAD, f"{HEAD}from shop.models import K\n"), "models.py", "class K: A = 1", "class K: A = 2", "operations"),
        (ADD.format("models.F(default=f)").replace(HEAD, f"{HEAD}from ._own import f\n"), "migrations/_own.py", "def f(): return 1", "def f(): return 2", "operations"),
        (CLASS.format("migrations.RunSQL(S, state_operations=[migrations.AddField('a', 'b', models.F(default=f))])").replace(HEAD, f"{HEAD}from shop.utils import f\n"),
         "utils.py", "def f(): return 1", "def f(): return 2", ""),
        # files
        (CLASS.format("migrations.RunSQL(read('sql/a.sql'))"), "sql/a.sql", SQL, "SELECT 2", "operations"),
        (CLASS.format("migrations.RunSQL(read('sql/a.sql'))"), "sql/a.sql", SQL, "-- one\nselect 1;\n", ""),
        (CLASS.format("migrations.RunSQL(read('sql/a.sql'))"), "sql/b.sql", SQL, "SELECT 2", ""),
        (CLASS.format("migrations.RunSQL(read('sql', 'a.sql'))"), "migrations/sql/a.sql", SQL, "SELECT 2", "operations"),
        (CLASS.format("migrations.RunSQL(BASE_DIR / 'sql' / 'a.sql')"), "../sql/a.sql", SQL, "SELECT 2", "operations"),
        (CLASS.format("migrations.RunSQL(read('sql'))"), "../sql/a.sql", SQL, "SELECT 2", ""),
        (CLASS.format("migrations.RunSQL(Path(__file__).with_suffix('.sql'))"), "migrations/0002_fill.sql", SQL, "SELECT 2", "operations"),
        (CLASS.format("migrations.RunSQL(Path(__file__).with_suffix('.sql'))"), "migrations/0003_other.sql", SQL, "SELECT 2", "operations"),
        (CLASS.format("*map(migrations.RunSQL, read_all('sql'))"), "sql/a.sql", SQL, "SELECT 2", "operations"),
        (CLASS.format("*map(migrations.RunSQL, Path('sql').glob('*.sql'))"), "sql/a.sql", SQL, "SELECT 2", "operations"),
        (run("for name in apps: read(f'sql/{name}.sql')"), "sql/a.sql", SQL, "SELECT 2", "python"),
        (run("for name in apps: read('sql/%s.sql' % name)"), "sql/a.sql", SQL, "SELECT 2", "python"),
        (CLASS.format("migrations.RunSQL(files('shop.sql').joinpath('a.sql').read_text())"), "sql/a.sql", SQL, "SELECT 2", "operations"),
        (run("call_command('loaddata', 'a.json')"), "fixtures/a.json", "[]", "[1]", "python"),
        (run("call_command('loaddata', 'all')"), "fixtures/all.json", "[]", "[1]", "python"),
        (run("call_command('loaddata', 'all')"), "fixtures/all2.json", "[]", "[1]", ""),
        (run("f()", above="from shop.utils import f"), "utils.py", "def f(): read('a.csv')", "def f(): read('b.csv')", "python"),
        (RUN + "\ndef back(a, b): read('a.csv')", "migrations/a.csv", "1", "2", ""),
        (ADD.format("models.F(upload_to='a.txt')"), "a.txt", "1", "2", ""),
        # its class, elsewhere
        ("from ._own import Migration", "migrations/_own.py", RUN + "    initial = True", RUN, "graph"),
        ("from ._own import Migration", "migrations/_own.py", CLASS.format("") + "add(Migration, 1)", CLASS.format("") + "add(Migration, 2)", "operations"),
    ],
)  # fmt: skip
def test_other_files(migration: str, file: str, before: str, after: str, changes: str) -> None:
    file = os.path.normpath(f"shop/{file}")
    differs = differing({MIGRATION: migration, file: before}, {MIGRATION: migration, file: after})
    assert differs == set(changes.split())
    assert changes == "" or f"/project/{file}" in read({MIGRATION: migration, file: before}).files


def test_files_that_come_and_go() -> None:
    files = {MIGRATION: CLASS.format("*map(migrations.RunSQL, Path('sql').glob('*.sql'))"), "shop/sql/a.sql": SQL}
    assert differing(files, {**files, "shop/sql/b.sql": SQL}) == {"operations"}
    named = {MIGRATION: CLASS.format("migrations.RunSQL(read('sql/a.sql'))"), "shop/sql/a.sql": SQL}
    assert differing(named, {MIGRATION: named[MIGRATION]}) == {"operations"}


@pytest.mark.parametrize(
    "text",
    [
        CLASS.format("") + "    operations += [1]",
        CLASS.format("") + "    if 1:\n        operations = []",
        CLASS.format("make()"),
        CLASS.format("*make()"),
        f"{CLASS.format('')}Migration.operations.append(1)",
        f"{HEAD}Migration = make()",
        "from a import Migration",
        "",
    ],
)
def test_operations_that_are_worked_out(text: str) -> None:
    text = text.replace(HEAD, f"{HEAD}def make(): return []\n")
    assert read(text).operations is None


def test_what_is_known_of_a_class_that_is_worked_out() -> None:
    """What has nothing to do with the list does not hide it."""
    text = CLASS.format("migrations.RunPython(forwards, backwards)") + "    forwards, backwards = make()"
    assert read(text).operations == ("migrations.RunPython(forwards, backwards)",)


def test_graph() -> None:
    text = """
        from django.conf import settings
        from django.db import migrations
        from django.db.migrations import swappable_dependency as swappable

        BEFORE = [("b", "0001"), ("a", "0001")]
        USER = settings.AUTH_USER_MODEL

        class Migration(migrations.Migration):
            replaces = [("shop", "0001"), ("shop", "0002")]
            run_before = [("c", "0001")]
            dependencies = BEFORE + [swappable(USER), make()]
    """
    meaning = read(text)
    assert meaning.dependencies == (("b", "0001"), ("a", "0001"), ("settings.AUTH_USER_MODEL", "__first__"))
    assert meaning.run_before == (("c", "0001"),)
    assert meaning.replaces == (("shop", "0001"), ("shop", "0002"))
    files = {MIGRATION: text}
    assert differing(files, {MIGRATION: text.replace("make()", "make(1)")}) == {"graph", "text"}
    assert differing(
        files, {MIGRATION: text.replace('[("b", "0001"), ("a", "0001")]', '[("a", "0001"), ("b", "0001")]')}
    ) == {"text"}
    more = f"{text.rstrip()}\n            dependencies += more()\n"
    assert "graph" in differing({MIGRATION: more}, {MIGRATION: more.replace("more()", "more(1)")})
    order = text.replace('"0001"), ("shop", "0002")', '"0002"), ("shop", "0001")')
    assert differing(files, {MIGRATION: order}) == {"graph", "text"}  # in which they are recorded


def test_dependencies_beside_what_is_worked_out_are_of_the_graph_alone() -> None:
    text = CLASS.replace("    operations", "    dependencies = [('shop', '0001')]\n    if models:\n        operations")
    other = text.replace("0001", "0002")
    assert differing({MIGRATION: text}, {MIGRATION: other}) == {"graph", "text"}
    use = "        operations = make(dependencies)\n"
    assert "operations" in differing({MIGRATION: text + use}, {MIGRATION: other + use})


def test_what_a_field_is_given_counts_by_its_name_in_an_attribute_too() -> None:
    text = CLASS.format("migrations.AddField('a', 'b', models.FileField(**KEPT))")
    text = f"from shop.models import storage\n{text}    KEPT = {{'storage': storage}}\n"
    method = "    def apply(self, state, editor): self.KEPT['storage']()\n"
    then, now = ({"shop/models.py": f"def storage(): return {number}\n"} for number in (1, 2))
    assert differing({MIGRATION: text, **then}, {MIGRATION: text, **now}) == set()
    assert differing({MIGRATION: text + method, **then}, {MIGRATION: text + method, **now}) == {"operations"}
    assert differing({MIGRATION: text, **then}, {MIGRATION: text.replace("'storage'", "'other'"), **then}) == {
        "operations",
        "text",
    }


def test_sources_tell_what_has_changed() -> None:
    """Also what is only named, or in a file."""
    text = run("f(N, 'a.csv')", above="from other import f\nN = 1")
    python = read({MIGRATION: text, "shop/migrations/a.csv": "1"}).python
    assert python[:-1] == ("N = 1", "def run(apps, editor):\n    f(N, 'a.csv')", "# other.f")
    assert python[-1].startswith("# a.csv ")


def test_long_operations_have_a_line_for_each_part() -> None:
    fields = [f"('name_{number}', models.CharField(max_length={number}, null=True))" for number in range(3)]
    text = CLASS.format(f"migrations.CreateModel('Order', [{', '.join(fields)}], options={{'ordering': ['id']}})")
    assert read(text).operations == (
        "\n".join(
            [
                "migrations.CreateModel(",
                "    'Order',",
                "    [",
                *(f"        {field}," for field in fields),
                "    ],",
                "    options={'ordering': ['id']},",
                ")",
            ]
        ),
    )


def test_names_are_compared_as_django_exports_them() -> None:
    for package, folder in (
        (models, "django.db.models"),
        (migrations, "django.db.migrations"),
        (fields, "django.contrib.postgres.fields"),
    ):
        exported = {
            name: one
            for name, one in vars(package).items()
            if isinstance(one, type) and one.__module__.startswith(folder)
        }
        for name, one in exported.items():
            assert as_exported(f"{one.__module__}.{name}") == f"{folder}.{name}"
        assert len(exported) > 10
    # Nothing else gets one of their names.
    found: dict[str, set[type]] = {}
    for module in [module for name, module in sys.modules.items() if name.startswith("django.")]:
        for one in vars(module).values():
            if issubclass(type(one), type) and one.__module__.startswith("django."):
                found.setdefault(as_exported(f"{one.__module__}.{one.__qualname__}"), set()).add(one)
    assert len(found) > 500
    assert not {name for name, ones in found.items() if len(ones) > 1}


def test_line_ends_are_no_edit() -> None:
    text = FILES[MIGRATION]
    assert isinstance(text, str)
    assert (
        read({**FILES, MIGRATION: dedent(text).encode().replace(b"\n", b"\r\n")}).fingerprint == read(FILES).fingerprint
    )


EVERYTHING = run(
    r"""
    total, *others = (yield from apps(1.5, -2, 10**30, 1j, b'\xff', None, ..., True))
    async def inner(a, /, b, *c, d=1, **e): await a
    for x, y in {k: v for k, v in others if k is not None}.items():
        if not (x := y[1:2, ...]) < 3 <= total and x not in others or (lambda z=1: z)(): del x; continue
        else: x.a += 1
    while True: break
    try: assert others, 'é\u2028\U0001f600'
    except (A, B) as error: raise C from error
    else: print(f'{total!r:>{x}}' f'{{}}' 'a', *others, **inner)
    finally: return
    """,
    above="@other\nclass Other(object, key=1):\n    a: int = 1\n    def f(self): return [super() for _ in {*self}]\n",
)


def test_fingerprint_is_stable() -> None:
    """Whatever the version of Python: a ledger lives longer than one. What changes these has to raise its FORMAT."""
    assert read(FILES).fingerprint == Fingerprint(
        operations="4b40b5cb2a14763c", python="131110c49f9749ce", graph="3c997f29d4e05c86", text="dd3528e1524541e7"
    )
    assert read(EVERYTHING).fingerprint.python == "246456cb55bed370"
