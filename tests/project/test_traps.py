"""What stops or misleads other tools: replayed offline, it must be what Django's `migrate` executes on a real server."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import django
import pytest

from migsafe.sandbox.server import Server
from migsafe.sql.parse import parse
from tests.projects import app, migration, run_python, write_project

REPOSITORY = Path(__file__).parents[2]

REPLAY = """
import json
from pathlib import Path
from textwrap import dedent
from migsafe.project.graph import History
from migsafe.project.load import load
from migsafe.project.replay import Replay

project = load(Path.cwd(), settings="config.settings")

def told(operation, statement):
    return [None if statement.deferred else operation.index, statement.transaction, statement.parsed.sql]

print(json.dumps({f"{one.app}.{one.name}": {
    "forward": [told(*each) for each in one.executed()],
    "backward": [told(*each) for each in one.executed_backward()],
    "operations": [
        {name: getattr(operation, name) for name in set(operation.__struct_fields__) - {"forward", "backward", "python"}}
        | {"sql": [statement.parsed.sql for statement in operation.forward]}
        for operation in one.operations
    ],
} for one in Replay(project, History(project), 16, backward=True)}))
"""

Replayed = Mapping[str, Mapping[str, Any]]


def replayed(folder: Path) -> Replayed:
    ran = run_python(folder, REPLAY)
    assert ran.code == 0, ran.stderr
    result: Replayed = json.loads(ran.stdout)
    return result


def recorded(folder: Path, server: Server) -> Replayed:
    """What `migrate` executes, in the form of `replayed`."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.equality.record", server.dsn(server.create_database())],
        cwd=folder,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": f"{folder}:{REPOSITORY}"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {
        f"{one['app']}.{one['name']}": {
            direction: [
                [each["operation"], each["transaction"], statement.sql]
                for each in one[direction] or ()
                if "pg_type" not in each["sql"]  # asked by each new connection
                for statement in parse(each["sql"])
            ]
            for direction in ("forward", "backward")
        }
        for one in json.loads(done.stdout)
    }


MADE = """
from django.db import migrations, models
from django.db.migrations import *
from django.db.models import *

def model(name, /, bases=(models.Model,), id=models.AutoField(primary_key=True), **fields):
    options = fields.pop("options", {})
    fields = ({"id": id} if id else {}) | fields
    return migrations.CreateModel(name, [(key, field) for key, field in fields.items()], options, bases)

def fk(to, **options):
    return models.ForeignKey(to, models.CASCADE, **options)

def one_to_one(to, **options):
    return models.OneToOneField(to, models.CASCADE, **options)
"""


def trap(
    label: str, *migrations: str, imports: str = "", attributes: Mapping[int, str] | None = None
) -> dict[str, str]:
    """An app with migrations 0001, 0002, …, given as their operations."""
    extra = defaultdict(str, attributes or {})
    return app(
        label,
        {
            f"{number:04}": migration(
                dedent(operations).strip().rstrip(","),
                dependencies=((label, f"{number - 1:04}"),) if number > 1 and "replaces" not in extra[number] else (),
                imports=f"from made import *\n{imports}",
                attributes=extra[number],
            )
            for number, operations in enumerate(migrations, start=1)
        },
    )


TRAPS = [
    trap(
        "rename_model",
        """
        model("Author", name=TextField(), mentor=fk("Author", null=True)),
        model("Book", author=fk("Author"), hidden=fk("Author", related_name="+")),
        model("Biography", author=one_to_one("Author", primary_key=True), id=None),
        """,
        'RenameModel("Author", "Writer")',
        """
        AddField("Book", "editor", fk("rename_model.Writer", null=True, related_name="edited")),
        RenameModel("Writer", "Poet"),
        """,
        'RenameModel("Book", "Poem")',
    ),
    trap(
        "rename_m2m",
        """
        model("Tag", parents=ManyToManyField("Tag")),
        model("Post", tags=ManyToManyField("Tag")),
        model("Seen", tag=fk("Tag"), post=fk("Post")),
        AddField("Post", "seen", ManyToManyField("Tag", through="Seen", related_name="seen_by")),
        """,
        'RenameModel("Post", "Article")',
        'RenameModel("Tag", "Label")',
        'AlterModelTable("Article", "articles")',
        'RenameField("Article", "tags", "labels")',
        'AlterField("Article", "labels", ManyToManyField("Label", blank=True)),',
        'RemoveField("Article", "labels")',
        'RemoveField("Article", "seen"), DeleteModel("Seen"), DeleteModel("Article")',
    ),
    trap(
        "grow_id",
        """
        model("Parent", code=CharField(max_length=10, unique=True), friends=ManyToManyField("Parent")),
        model("Child", bases=("grow_id.parent",), id=None, parent_ptr=one_to_one("Parent", parent_link=True, primary_key=True)),
        model("Proxy", bases=("grow_id.child",), id=None, options={"proxy": True}),
        model("Toy", child=fk("Child"), owner=fk("Proxy", related_name="owned"), by_code=fk("Parent", to_field="code", related_name="coded")),
        """,
        'AlterField("Parent", "id", BigAutoField(primary_key=True))',
        'AlterField("Parent", "code", CharField(max_length=20, unique=True))',
        'AlterField("Parent", "code", TextField(unique=True))',
        'AlterField("Parent", "id", BigIntegerField(primary_key=True))',
        'RenameField("Parent", "code", "sku"), AlterField("Parent", "sku", CharField(max_length=5, unique=True))',
        'AlterField("Toy", "id", CharField(max_length=9, primary_key=True))',
    ),
    trap(
        "together",
        'model("Seat", row=IntegerField(), number=IntegerField(), hall=TextField(), options={"unique_together": {("row", "number")}})',
        'RenameField("Seat", "row", "line")',
        'AlterUniqueTogether("Seat", {("line", "number", "hall")})',
        'AlterUniqueTogether("Seat", set())',
        'AlterUniqueTogether("Seat", {("hall", "number")}), AlterUniqueTogether("Seat", set())',
    ),
    trap(
        "raw_names",
        """
        model("Owner"),
        model("Account", email=TextField(db_index=True), number=IntegerField(unique=True), owner=fk("Owner")),
        """,
        """
        RunSQL("ALTER TABLE raw_names_account ADD CONSTRAINT positive CHECK (number > 0)",
               "ALTER TABLE raw_names_account DROP CONSTRAINT positive",
               state_operations=[AddConstraint("Account", positive)]),
        RunSQL([
            "SELECT 1",
            ("ALTER TABLE raw_names_account RENAME CONSTRAINT raw_names_account_number_key TO one_number", None),
            ("COMMENT ON TABLE raw_names_account IS %s", ["it's 100%"]),
        ], RunSQL.noop),
        """,
        'RemoveConstraint("Account", "positive")',
        'AlterField("Account", "number", IntegerField())',
        """
        RunSQL("DO $$ BEGIN ALTER TABLE raw_names_account ADD CONSTRAINT also FOREIGN KEY (owner_id) REFERENCES raw_names_owner; END $$;"
               "-- two statements; one comment\\nCREATE INDEX by_number ON raw_names_account (number);", RunSQL.noop),
        """,
        'AlterField("Account", "owner", fk("Owner", null=True, db_constraint=False))',
        'AlterField("Account", "email", TextField())',
        imports='positive = CheckConstraint(**{"condition" if __import__("django").VERSION >= (5, 1) else "check": Q(number__gt=0)}, name="positive")',
    ),
    trap(
        "indexed",
        """
        model("Page", title=CharField(max_length=20, db_index=True), slug=SlugField(), body=TextField(unique=True),
              options={"indexes": [Index(fields=["title", "-slug"], name="by_title"),
                                   Index(Upper("title"), name="by_upper"),
                                   Index(fields=["slug"], include=["body"], condition=Q(title="a%b"), name="partial")],
                       "constraints": [UniqueConstraint(fields=["title"], condition=Q(slug__isnull=False), name="one_title")]}),
        """,
        'RemoveConstraint("Page", "one_title")',
        'RenameField("Page", "title", "name")',
        'RenameIndex("Page", "named_upper", old_name="by_upper")',
        'AlterField("Page", "name", TextField(db_index=True))',
        'AlterField("Page", "slug", CharField(max_length=9, unique=True))',
        'AlterField("Page", "body", TextField())',
        imports="from django.db.models.functions import Upper",
    ),
    trap(
        "comments",
        """
        model("Note", text=TextField(db_comment="it's"), options={"db_table_comment": "it's"}),
        """,
        """AlterField("Note", "text", TextField(db_comment="so 'it' is"))""",
        """AlterField("Note", "text", TextField())""",
        """AlterModelTableComment("Note", "notes")""",
    ),
    trap(
        "rename_fk",
        """
        model("Hotel"),
        model("Room", hotel=fk("Hotel"), number=IntegerField(), options={"unique_together": {("hotel", "number")}}),
        """,
        'RenameField("Room", "hotel", "house")',
        'AlterField("Room", "house", fk("Hotel", db_column="hotel_id"))',
        'AlterField("Room", "house", one_to_one("Hotel"))',
        'AlterUniqueTogether("Room", set()), RemoveField("Room", "house")',
    ),
    trap(
        "chained",
        """
        model("Cart", code=TextField()),
        model("Line", code=TextField(db_index=True), cart=fk("Cart"), options={"unique_together": {("code", "cart")}}),
        RenameField("Line", "cart", "basket"),
        RenameModel("Line", "Item"),
        """,
        """
        AddField("Item", "other", fk("Cart", null=True, related_name="others")),
        RenameField("Item", "other", "another"),
        AddField("Item", "gone", fk("Cart", null=True, related_name="gone")),
        RemoveField("Item", "gone"),
        AddField("Item", "size", IntegerField(default=1)),
        AlterField("Item", "size", IntegerField(default=1, unique=True)),
        """,
        """
        model("Passing", cart=fk("Cart"), name=SlugField()),
        AddIndex("Passing", Index(fields=["name"], name="passing_name")),
        DeleteModel("Passing"),
        AlterField("Item", "code", TextField()),
        """,
    ),
    trap(
        "values",
        """
        model("Thing"),
        AddField("Thing", "a", TextField(default="it's 100% \\\\ ü")),
        AddField("Thing", "b", JSONField(default=dict)),
        AddField("Thing", "c", BinaryField(default=b"\\\\x00'")),
        AddField("Thing", "d", DecimalField(max_digits=5, decimal_places=2, default="1.50")),
        AddField("Thing", "e", DurationField(default=datetime.timedelta(days=1, seconds=2))),
        AddField("Thing", "f", GenericIPAddressField(default="::1")),
        AddField("Thing", "g", UUIDField(default=uuid.UUID(int=7))),
        AddField("Thing", "h", ArrayField(TextField(), default=list)),
        AddField("Thing", "i", ArrayField(IntegerField(), default=[1, 2])),
        AddField("Thing", "j", DateTimeField(default=datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc))),
        AddField("Thing", "k", DateField(default=datetime.date(2020, 1, 1))),
        AddField("Thing", "l", BooleanField(default=True)),
        AddField("Thing", "m", FloatField(default=1.5)),
        AddField("Thing", "n", IntegerRangeField(default=(1, 5))),
        AddField("Thing", "o", TextField(null=True)),
        AddField("Thing", "p", ArrayField(TextField(), default=["it's", "ü"])),
        AddField("Thing", "q", DateTimeRangeField(null=True)),
        """,
        """AlterField("Thing", "o", TextField(default="x'y"))""",
        imports="import datetime, uuid\nfrom django.contrib.postgres.fields import *",
    ),
    trap(
        "extensions",
        "HStoreExtension(), BtreeGistExtension(), CITextExtension(), TrigramExtension(), TrigramExtension()",
        """
        model("Booking", room=IntegerField(), during=DateTimeRangeField(), extra=HStoreField(default=dict),
              options={"constraints": [ExclusionConstraint(name="no_overlap", expressions=[("during", "&&"), ("room", "=")])]}),
        AddField("Booking", "more", HStoreField(default={"a": "it's"})),
        AddField("Booking", "tags", ArrayField(IntegerField(), default=list)),
        AddIndex("Booking", GinIndex(fields=["tags"], name="by_tags")),
        """,
        "AddIndexConcurrently('Booking', Index(fields=['room'], name='by_room')), RemoveIndexConcurrently('Booking', 'by_tags')",
        'RemoveConstraint("Booking", "no_overlap")',
        imports="from django.contrib.postgres.operations import *\n"
        "from django.contrib.postgres.fields import *\nfrom django.contrib.postgres.indexes import *\n"
        "from django.contrib.postgres.constraints import *",
        attributes={3: "atomic = False"},
    ),
    trap(
        "collations",
        'CreateCollation("strict", "C")',
        """
        model("Word", text=CharField(max_length=9, db_collation="strict", unique=True), sound=TextField(db_index=True)),
        AlterField("Word", "sound", TextField(db_collation="C", db_index=True)),
        """,
        imports="from django.contrib.postgres.operations import CreateCollation",
    ),
    trap(
        "routed",
        'model("Here"), model("There")',
        """
        AddField("There", "name", TextField(default="")),
        RunSQL("SELECT 1", "SELECT 1", hints={"model_name": "there"}),
        RunSQL("SELECT 2", "SELECT 2", hints={"model_name": "here"}),
        """,
        'AddField("Here", "there", fk("There", null=True, db_constraint=False))',
    ),
    trap("earlier", 'model("Thing")'),
    # The dependency is forgotten; it works because Django takes apps by their labels.
    trap(
        "later",
        'model("Other", thing=fk("earlier.Thing"))',
        'AddField("Other", "more", fk("earlier.Thing", null=True))',
    ),
    trap(
        "squashed",
        'model("Box")',
        'AddField("Box", "size", IntegerField(default=1))',
        'model("Box", size=IntegerField(default=1))',
        'RenameField("Box", "size", "volume")',
        attributes={3: "replaces = [('squashed', '0001'), ('squashed', '0002')]\ninitial = True"},
    ),
    trap(
        "order",
        'model("List"), model("Entry", list=fk("List"), options={"order_with_respect_to": "list"})',
        'AlterOrderWithRespectTo("Entry", None)',
        'AlterOrderWithRespectTo("Entry", "list")',
        """model("Legacy", options={"managed": False}), AddField("Legacy", "x", TextField(default=1))""",
        """SeparateDatabaseAndState([RunSQL("ALTER TABLE order_list ADD x text", "ALTER TABLE order_list DROP x")],
                                    [AddField("List", "x", TextField(null=True))]),
           SeparateDatabaseAndState([AddField("List", "y", fk("Entry", null=True)), RenameField("List", "y", "z")],
                                    [AddField("List", "z", fk("Entry", null=True))])""",
        'RemoveField("List", "z")',
        'RunSQL([]), RunSQL(RunSQL.noop, RunSQL.noop), RunSQL("-- nothing", "")',
    ),
]
if django.VERSION >= (5, 0):
    TRAPS.append(
        trap(
            "db_defaults",
            """
            model("Setting", value=JSONField(db_default={}), made=DateTimeField(db_default=Now())),
            AddField("Setting", "more", JSONField(db_default={"a": [1, "b'"]})),
            AddField("Setting", "name", CharField(max_length=9, db_default="it's")),
            """,
            'AlterField("Setting", "name", CharField(max_length=9, db_default=Lower(Value("X"))))',
            'AlterField("Setting", "name", CharField(max_length=9))',
            """AddField("Setting", "twice", GeneratedField(expression=F("id") * 2, output_field=IntegerField(), db_persist=True))""",
            imports="from django.db.models.functions import Lower, Now",
        )
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    extra = """
        INSTALLED_APPS += ['django.contrib.postgres']

        class Router:
            def allow_migrate(self, db, app_label, model_name=None, **hints):
                return model_name != "there"

        DATABASE_ROUTERS = [Router()]
        """
    return write_project(tmp_path_factory.mktemp("traps"), *TRAPS, extra=extra, **{"made.py": MADE})


@pytest.fixture(scope="module")
def offline(project: Path) -> Replayed:
    return replayed(project)


@pytest.fixture(scope="module")
def online(project: Path, server: Callable[[int], Server]) -> Replayed:
    return recorded(project, server(16))


LABELS = [next(iter(files)).partition("/")[0] for files in TRAPS]


@pytest.mark.slow
@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize("label", LABELS)
def test_sql_is_what_a_server_gets(offline: Replayed, online: Replayed, label: str, direction: str) -> None:
    # Django alters the fields that refer to a renamed model in the order of a set of strings: another one in each process.
    def ordered(statements: list[Any]) -> list[Any]:
        return sorted(statements, key=str) if label.startswith("rename_m") else statements

    for key in online:
        if key.startswith(f"{label}."):
            assert ordered(offline[key][direction]) == ordered(online[key][direction]), key


def test_nothing_is_unanalysed(offline: Replayed) -> None:
    operations = [(key, operation) for key, one in offline.items() for operation in one["operations"]]
    assert [
        (key, operation["kind"], operation["unanalysed"] or operation["backward_unanalysed"])
        for key, operation in operations
        if operation["unanalysed"] or operation["backward_unanalysed"]
    ] == []


CUSTOM = """
from django.db import DatabaseError, connections, models, transaction
from django.db.migrations.operations.base import Operation

class Custom(Operation):
    reduces_to_sql = True

    def __init__(self, run):
        self.run = run

    def state_forwards(self, app_label, state):
        pass

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        self.run(schema_editor, to_state)

    database_backwards = database_forwards

def counts(editor, state):
    return state.apps.get_model("asks", "Plain").objects.count()

def swallows(editor, state):
    try:
        counts(editor, state)
    except Exception:
        editor.execute("CREATE TABLE guessed ()")

def connects(editor, state):
    editor.connection.connect()

def own_cursor(editor, state):
    with transaction.atomic(editor.connection.alias), connections["default"].cursor() as cursor:
        cursor.execute("ALTER TABLE asks_plain ADD COLUMN note text DEFAULT %s", ["it's"])

def all_models(editor, state):
    for model in state.apps.get_models():
        editor.execute(f"COMMENT ON TABLE {model._meta.db_table} IS NULL")

def leaves(editor, state):
    raise SystemExit("no")

class Shy(Custom):
    def describe(self):
        raise ValueError("nothing to say")

def default():
    from django.apps import apps
    return apps.get_model("asks", "Plain").objects.count()

def cautious():
    try:
        return default()
    except DatabaseError:
        return 0
"""


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    """Operations that a server could answer, but migsafe cannot."""
    asks = trap(
        "asks",
        'model("Plain", name=TextField())',
        """
        AddField("Plain", "counted", IntegerField(default=default)),
        AddField("Plain", "guessed", IntegerField(default=cautious)),
        AddField("Plain", "sure", IntegerField(default=1)),
        """,
        "Custom(counts), Custom(swallows), Custom(connects), Custom(own_cursor), Custom(all_models), Custom(leaves), Shy(counts)",
        """
        RunPython(work, RunPython.noop),
        RunPython(RunPython.noop),
        SeparateDatabaseAndState([RunPython(work), RunSQL("SELECT 1", RunSQL.noop)], []),
        RunPython(functools.partial(work), lambda apps, editor: None, atomic=True),
        """,
        'AlterField("Plain", "counted", BigIntegerField(db_index=True))',
        imports="import functools\nfrom custom import *\n\ndef work(apps, editor):\n    raise AssertionError\n",
        attributes={4: "atomic = False"},
    )
    lost = trap(
        "lost",
        'model("Lost", bases=("lost.Missing",))',
        'AddField("Lost", "name", TextField())',
        'model("Found"), AddField("Found", "nowhere", fk("lost.Nowhere"))',
        'AddField("Found", "name", TextField(null=True)), RemoveField("Nothing", "name")',
        'AddField("Found", "still", TextField(null=True))',
    )
    # Not compared with a server: not every server has ICU, and libc's collations are all deterministic.
    loose = trap(
        "loose",
        """
        CreateCollation("loose", "und-u-ks-level2", provider="icu", deterministic=False),
        model("Word", text=CharField(max_length=9, db_collation="loose", unique=True), sound=TextField(db_index=True)),
        """,
        imports="from django.contrib.postgres.operations import CreateCollation",
    )
    models = "from django.db import models\n\nclass Plain(models.Model):\n    name = models.TextField()\n"
    asks["asks/models.py"] = models
    overriding = trap(
        "overriding",
        'model("Skipped")',
        'model("Made"), RunSQL("SELECT 1", "SELECT 2")',
        'AddField("Made", "name", TextField(null=True))',
        attributes={
            1: """
            def apply(self, project_state, schema_editor, collect_sql=False):
                return project_state

            unapply = apply
            """,
            2: """
            def apply(self, project_state, schema_editor, collect_sql=False):
                super().apply(project_state, schema_editor, collect_sql)
                raise ValueError("never")
            """,
        },
    )
    folder = tmp_path_factory.mktemp("asking")
    return replayed(write_project(folder, asks, loose, lost, overriding, **{"made.py": MADE, "custom.py": CUSTOM}))


def unanalysed(replayed: Replayed, key: str) -> list[str | None]:
    return [operation["unanalysed"] for operation in replayed[key]["operations"]]


def test_defaults_that_query_the_database_are_unanalysed_not_guessed(asking: Replayed) -> None:
    counted, guessed, sure = asking["asks.0002"]["operations"]
    for name, operation in ("counted", counted), ("guessed", guessed):
        beginning = (
            f"the default of {name} is Python code that needs a live connection: it reads the result of SELECT COUNT"
        )
        assert operation["unanalysed"].startswith(beginning)
    assert counted["sql"] == guessed["sql"] == []
    assert sure["unanalysed"] is None
    assert len(sure["sql"]) == 2


def test_custom_operations_run_up_to_what_needs_a_server(asking: Replayed) -> None:
    counts, swallows, connects, own_cursor, all_models, leaves, shy = asking["asks.0003"]["operations"]
    assert "SELECT COUNT(*)" in counts["unanalysed"]
    assert swallows["sql"] == []
    assert "SELECT COUNT(*)" in swallows["unanalysed"]
    assert connects["unanalysed"] == "needs a live connection: it connects to the database"
    assert leaves["unanalysed"] == "SystemExit: no"
    assert own_cursor["sql"][1] == "ALTER TABLE asks_plain ADD COLUMN note text DEFAULT 'it''s'"
    assert all_models["sql"] == ["COMMENT ON TABLE asks_plain IS NULL"]
    assert shy["description"] == "Shy"


def test_python_code_is_opaque_and_never_run(asking: Replayed) -> None:
    plain, noop, nested, partial = asking["asks.0004"]["operations"]
    assert plain["opaque"] == "runs Python code: work"
    assert plain["source"] == "def work(apps, editor):\n    raise AssertionError\n"
    assert (plain["reversible"], noop["reversible"], nested["reversible"]) == (True, False, False)
    assert (noop["opaque"], noop["source"]) == (None, None)
    assert nested["opaque"] == "runs Python code: work"
    assert nested["sql"] == ["SELECT 1"]
    assert partial["opaque"] == "runs Python code: work"
    assert partial["source"] == plain["source"]


def test_columns_whose_default_is_unknown_are_there_for_later_operations(asking: Replayed) -> None:
    assert unanalysed(asking, "asks.0005") == [None]
    assert len(asking["asks.0005"]["operations"][0]["sql"]) == 2
    # Django 6.1 no longer says CASCADE.
    assert [sql.removesuffix(" CASCADE") for *_, sql in asking["asks.0002"]["backward"]] == [
        f'ALTER TABLE "asks_plain" DROP COLUMN "{name}"' for name in ("sure", "guessed", "counted")
    ]


def test_no_index_for_like_on_a_nondeterministic_collation(asking: Replayed) -> None:
    _, created = asking["loose.0001"]["operations"]
    (like,) = [sql for sql in created["sql"] if "text_pattern_ops" in sql or "varchar_pattern_ops" in sql]
    assert '("sound" text_pattern_ops)' in like


def test_a_migration_that_overrides_apply_does_what_it_says(asking: Replayed) -> None:
    skipped, failing = asking["overriding.0001"], asking["overriding.0002"]
    assert (skipped["forward"], skipped["backward"]) == ([], [])
    assert unanalysed(asking, "overriding.0001") == [None]
    assert unanalysed(asking, "overriding.0002") == ["ValueError: never", "ValueError: never"]
    assert failing["forward"] == []
    assert len(asking["overriding.0003"]["forward"]) == 1


def test_models_without_bases_or_targets_cost_only_what_needs_them(asking: Replayed) -> None:
    assert unanalysed(asking, "lost.0001") == [
        "InvalidBasesError: the base lost.missing does not exist at this point of the history"
    ]
    assert unanalysed(asking, "lost.0002") == unanalysed(asking, "lost.0001")
    created, related = unanalysed(asking, "lost.0003")
    assert created is None
    assert related == "ValueError: Related model 'lost.nowhere' cannot be resolved"
    known, impossible = unanalysed(asking, "lost.0004")
    assert known is None
    assert impossible == "its state_forwards fails: KeyError: ('lost', 'nothing')"
    assert unanalysed(asking, "lost.0005") == [None]
