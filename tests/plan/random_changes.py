"""Random projects and random changes of them: operations of every kind, as people write them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

KINDS: dict[str, Callable[[Random], str]] = {
    "char": lambda r: f"models.CharField(max_length={r.choice((5, 20, 64))}",
    "text": lambda r: "models.TextField(",
    "int": lambda r: "models.IntegerField(",
    "small": lambda r: "models.PositiveSmallIntegerField(",
    "big": lambda r: "models.BigIntegerField(",
    "bool": lambda r: "models.BooleanField(",
    "decimal": lambda r: f"models.DecimalField(max_digits={r.choice((8, 12))}, decimal_places=2",
    "when": lambda r: "models.DateTimeField(",
    "uuid": lambda r: "models.UUIDField(",
    "json": lambda r: "models.JSONField(",
}
DEFAULTS = {
    "char": "'x'",
    "text": "''",
    "int": "0",
    "small": "1",
    "big": "7",
    "bool": "False",
    "decimal": "0",
    "when": "timezone.now",
    "uuid": "uuid.uuid4",
    "json": "dict",
}
CODE = """
import uuid
from django.utils import timezone


def fill(apps, schema_editor):
    for one in apps.get_model("shop", "MODEL").objects.all():
        one.save()


def touch(apps, schema_editor):
    apps.get_model("shop", "MODEL").objects.update(FIELD=VALUE)
"""


CHANGES = {
    "create_model": 1,
    "add_field": 3,
    "add_many_to_many": 1,
    "remove_field": 1,
    "rename_field": 1,
    "alter_field": 3,
    "alter_key": 1,
    "add_index": 1,
    "remove_index": 1,
    "add_constraint": 1,
    "remove_constraint": 1,
    "alter_together": 1,
    "rename_model": 1,
    "alter_table": 1,
    "delete_model": 1,
    "run_python": 1,
    "run_sql": 1,
}
"""Methods of `Project`, and how often each is called, beside the others."""


@dataclass
class Field:
    """A field as it is at one point: what it is of, and its arguments by name."""

    kind: str
    call: str
    arguments: dict[str, str] = field(default_factory=dict)
    target: str | None = None

    @property
    def code(self) -> str:
        separator = "" if self.call.endswith("(") else ", "
        words = ", ".join(f"{name}={value}" for name, value in self.arguments.items())
        return f"{self.call}{separator if words else ''}{words})"

    def changed(self, call: str | None = None, **arguments: str | None) -> "Field":
        merged = {**self.arguments, **arguments}
        kept = {name: value for name, value in merged.items() if value is not None}
        return Field(self.kind, call or self.call, kept, self.target)


class Project:
    """Models as the operations so far have left them.

    Attributes:
        operations: Source of what was done.
        code: Above the class Migration.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        self.models: dict[str, dict[str, Field]] = {}
        self.indexes: dict[str, tuple[str, tuple[str, ...]]] = {}
        self.constraints: dict[str, tuple[str, tuple[str, ...]]] = {}
        self.together: dict[str, tuple[str, ...]] = {}
        self.operations: list[str] = []
        self.code = ""
        self.made = 0

    def name(self, what: str) -> str:
        self.made += 1
        return f"{what}{self.made}"

    def field(self, *, null: bool | None = None) -> Field:
        random = self.random
        others = list(self.models)
        if others and random.random() < 0.2:
            target = random.choice(others)
            call = (
                f"models.{random.choice(('ForeignKey', 'ForeignKey', 'OneToOneField'))}('shop.{target}', models.CASCADE"
            )
            return Field("relation", call, {"null": "True", "related_name": "'+'"}, target)
        kind = random.choice(list(KINDS))
        made = Field(kind, KINDS[kind](random))
        if null if null is not None else random.random() < 0.5:
            made = made.changed(null="True")
        if random.random() < 0.6:
            made = made.changed(default=DEFAULTS[kind])
        if kind not in ("json", "bool") and random.random() < 0.15:
            made = made.changed(db_index="True")
        if kind in ("char", "int", "uuid") and random.random() < 0.1:
            made = made.changed(unique="True")
        return made

    def create_model(self) -> None:
        name = self.name("Model")
        key = self.random.choice(("AutoField", "BigAutoField"))
        fields = {f"f{number}": self.field(null=None) for number in range(self.random.randint(1, 3))}
        body = "".join(f'("{each}", {one.code}), ' for each, one in fields.items())
        self.operations.append(f'migrations.CreateModel("{name}", [("id", models.{key}(primary_key=True)), {body}])')
        self.models[name] = {"id": Field("key", f"models.{key}(", {"primary_key": "True"}), **fields}

    def _model(self) -> str:
        return self.random.choice(list(self.models))

    def _plain(self, model: str) -> list[str]:
        return [name for name, one in self.models[model].items() if one.kind not in ("key", "relation", "many")]

    def add_field(self) -> None:
        model, name, made = self._model(), self.name("field"), self.field()
        preserve = ""
        if "null" not in made.arguments and "default" not in made.arguments:
            made = made.changed(default=DEFAULTS[made.kind])
            preserve = ", preserve_default=False"
        self.operations.append(f'migrations.AddField("{model}", "{name}", {made.code}{preserve})')
        self.models[model][name] = made.changed(default=None) if preserve else made

    def add_many_to_many(self) -> None:
        model, target, name = self._model(), self._model(), self.name("many")
        code = f"models.ManyToManyField('shop.{target}', related_name='+')"
        self.operations.append(f'migrations.AddField("{model}", "{name}", {code})')
        self.models[model][name] = Field("many", code[:-1], {}, target)

    def remove_field(self) -> None:
        model = self._model()
        free = [name for name in self.models[model] if name != "id" and not self._used(model, name)]
        if free:
            name = self.random.choice(free)
            self.operations.append(f'migrations.RemoveField("{model}", "{name}")')
            del self.models[model][name]

    def _used(self, model: str, name: str) -> bool:
        several = [*self.indexes.values(), *self.constraints.values(), *self.together.items()]
        return any(owner == model and name in fields for owner, fields in several)

    def rename_field(self) -> None:
        model = self._model()
        free = [name for name in self._plain(model) if not self._used(model, name)]
        if free:
            old, new = self.random.choice(free), self.name("renamed")
            self.operations.append(f'migrations.RenameField("{model}", "{old}", "{new}")')
            self.models[model] = {new if name == old else name: one for name, one in self.models[model].items()}

    def alter_field(self) -> None:
        model = self._model()
        names = self._plain(model)
        if not names:
            return
        name = self.random.choice(names)
        old = self.models[model][name]
        choices: list[Field] = [
            old.changed(db_index=None if "db_index" in old.arguments else "True"),
            old.changed(default=None if "default" in old.arguments else DEFAULTS[old.kind]),
        ]
        if "null" in old.arguments:
            choices.append(old.changed(null=None, default=old.arguments.get("default") or DEFAULTS[old.kind]))
        else:
            choices.append(old.changed(null="True"))
        if old.kind in ("int", "small"):
            choices.append(Field("big", "models.BigIntegerField(", old.arguments))
        if old.kind == "char":
            choices += [Field("char", f"models.CharField(max_length={size}", old.arguments) for size in (5, 20, 100)]
            choices.append(Field("text", "models.TextField(", old.arguments))
        if old.kind == "decimal":
            choices.append(Field("decimal", "models.DecimalField(max_digits=14, decimal_places=4", old.arguments))
        if old.kind in ("char", "int"):
            choices.append(old.changed(unique=None if "unique" in old.arguments else "True"))
        new = self.random.choice(choices)
        self.operations.append(f'migrations.AlterField("{model}", "{name}", {new.code})')
        self.models[model][name] = new

    def alter_key(self) -> None:
        model = self._model()
        if "AutoField" in self.models[model]["id"].call:
            new = Field("key", "models.BigAutoField(", {"primary_key": "True"})
            self.operations.append(f'migrations.AlterField("{model}", "id", {new.code})')
            self.models[model]["id"] = new

    def add_index(self) -> None:
        model = self._model()
        names = [name for name in self._plain(model) if self.models[model][name].kind != "json"]
        if names:
            fields = tuple(self.random.sample(names, min(len(names), self.random.randint(1, 2))))
            name = self.name("idx")
            extra = f", condition=models.Q({fields[0]}__isnull=False)" if self.random.random() < 0.3 else ""
            index = f'models.Index(fields={list(fields)}, name="{name}"{extra})'
            self.operations.append(f'migrations.AddIndex("{model}", {index})')
            self.indexes[name] = model, fields

    def remove_index(self) -> None:
        if self.indexes:
            name = self.random.choice(list(self.indexes))
            model, _ = self.indexes.pop(name)
            self.operations.append(f'migrations.RemoveIndex("{model}", "{name}")')

    def add_constraint(self) -> None:
        model = self._model()
        names = [name for name in self._plain(model) if self.models[model][name].kind != "json"]
        if not names:
            return
        name, fields = self.name("con"), (self.random.choice(names),)
        if self.random.random() < 0.5:
            constraint = f'models.UniqueConstraint(fields={list(fields)}, name="{name}")'
        else:
            constraint = (
                f'models.CheckConstraint(CONDITION=models.Q({fields[0]}__isnull=True) | ~models.Q(pk=0), name="{name}")'
            )
        self.operations.append(f'migrations.AddConstraint("{model}", {constraint})')
        self.constraints[name] = model, fields

    def remove_constraint(self) -> None:
        if self.constraints:
            name = self.random.choice(list(self.constraints))
            model, _ = self.constraints.pop(name)
            self.operations.append(f'migrations.RemoveConstraint("{model}", "{name}")')

    def alter_together(self) -> None:
        model = self._model()
        names = [name for name in self._plain(model) if self.models[model][name].kind != "json"]
        if model in self.together:
            del self.together[model]
            self.operations.append(f'migrations.AlterUniqueTogether("{model}", set())')
        elif len(names) > 1:
            fields = tuple(self.random.sample(names, 2))
            self.together[model] = fields
            self.operations.append(f'migrations.AlterUniqueTogether("{model}", {{{fields!r}}})')

    def rename_model(self) -> None:
        old, new = self._model(), self.name("Renamed")
        self.operations.append(f'migrations.RenameModel("{old}", "{new}")')
        self.models = {new if name == old else name: fields for name, fields in self.models.items()}
        for fields in self.models.values():
            for name, one in fields.items():
                if one.target == old:
                    fields[name] = Field(one.kind, one.call.replace(f"shop.{old}'", f"shop.{new}'"), one.arguments, new)
        for several in (self.indexes, self.constraints):
            for name, (model, names) in list(several.items()):
                several[name] = (new if model == old else model, names)
        if old in self.together:
            self.together[new] = self.together.pop(old)

    def alter_table(self) -> None:
        self.operations.append(f'migrations.AlterModelTable("{self._model()}", "{self.name("table")}")')

    def delete_model(self) -> None:
        referred = {one.target for fields in self.models.values() for one in fields.values()}
        free = [model for model in self.models if model not in referred]
        if free and len(self.models) > 1:
            model = self.random.choice(free)
            self.operations.append(f'migrations.DeleteModel("{model}")')
            del self.models[model]
            self.together.pop(model, None)
            for several in (self.indexes, self.constraints):
                for name in [name for name, (owner, _) in several.items() if owner == model]:
                    del several[name]

    def run_python(self) -> None:
        model = self._model()
        names = [
            name for name in self._plain(model) if self.models[model][name].kind in ("char", "text", "int", "bool")
        ]
        if not names or "def fill" in self.code:
            return
        name = self.random.choice(names)
        value = DEFAULTS[self.models[model][name].kind]
        self.code += CODE.replace("MODEL", model).replace("FIELD", name).replace("VALUE", value)
        called = self.random.choice(("fill", "touch"))
        self.operations.append(f"migrations.RunPython({called}, migrations.RunPython.noop)")

    def run_sql(self) -> None:
        model = self._model()
        names = self._plain(model)
        if names and not any("AlterModelTable" in one or "RenameModel" in one for one in self.operations):
            name = self.random.choice(names)
            sql = f'UPDATE "shop_{model.lower()}" SET "{name}" = "{name}"'
            self.operations.append(f"migrations.RunSQL('{sql}', migrations.RunSQL.noop)")

    def change(self, count: int) -> None:
        """Make about so many operations."""
        for _ in range(count):
            (name,) = self.random.choices(list(CHANGES), list(CHANGES.values()))
            getattr(self, name)()


def project(seed: int, django: tuple[int, int]) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """The operations that have made a project, those of a change, and the code of the change."""
    random = Random(seed)
    made = Project(random)
    for _ in range(random.randint(1, 3)):
        made.create_model()
    for _ in range(random.randint(0, 4)):
        getattr(
            made, random.choice(("add_field", "add_index", "add_constraint", "alter_together", "add_many_to_many"))
        )()
    before, made.operations = made.operations, []
    while not made.operations:
        made.change(random.randint(1, 3))
    keyword = "condition" if django >= (5, 1) else "check"
    texts = [[one.replace("CONDITION", keyword) for one in several] for several in (before, made.operations)]
    return tuple(texts[0]), tuple(texts[1]), CODE_IMPORTS + made.code


CODE_IMPORTS = "import uuid\nfrom django.utils import timezone\n"
