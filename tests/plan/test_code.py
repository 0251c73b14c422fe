"""Edits of models' definitions: what changes, and that nothing else does."""

from textwrap import dedent

import pytest

from migsafe.plan.code import CannotEdit, diff, edited, patched
from migsafe.plan.imports import importing, imports_of
from migsafe.project.definitions import Edit, SetArgument, SetClass, SetElement, SetField, SetName, SetOption

MODELS = dedent(
    '''\
    """Orders."""
    import uuid
    from django.db import models  # the usual


    class Order(models.Model):
        number: models.CharField = models.CharField("Number", max_length = 20)   # as printed
        customer = models.ForeignKey('customers.Customer', models.PROTECT)
        status = models.CharField(
            max_length=10,
            default="new",  # see the states below
        )

        class Meta:
            ordering = ["-id"]
            indexes = [
                models.Index(fields=["status"], name="order_status_idx"),
                models.Index(fields=["number"], name="order_number_idx"),
            ]

        def __str__(self):
            return self.number


    class Line(models.Model):
        order = models.ForeignKey(Order, models.CASCADE)
    '''
)


def changed(*edits: Edit, name: str = "Order", text: str = MODELS) -> list[str]:
    """The lines of the diff."""
    lines = diff(text, edited(text, name, edits), "models.py").splitlines()[2:]
    return [line for line in lines if line[:1] in "+-"]


def test_argument_is_added_as_people_have_laid_out_the_others() -> None:
    assert changed(SetArgument(field="status", argument="null", value="True")) == ["+        null=True,"]
    assert changed(SetArgument(field="number", argument="null", value="True")) == [
        '-    number: models.CharField = models.CharField("Number", max_length = 20)   # as printed',
        '+    number: models.CharField = models.CharField("Number", max_length = 20, null=True)   # as printed',
    ]


@pytest.mark.parametrize("field", ["number", "customer", "status"])
def test_what_is_added_and_taken_away_again_leaves_the_file_as_it_was(field: str) -> None:
    added = edited(MODELS, "Order", [SetArgument(field=field, argument="null", value="True")])
    assert edited(added, "Order", [SetArgument(field=field, argument="null", value=None)]) == MODELS


def test_arguments_are_replaced_also_without_their_names() -> None:
    assert changed(SetArgument(field="customer", argument="to", position=0, value='"users.User"')) == [
        "-    customer = models.ForeignKey('customers.Customer', models.PROTECT)",
        '+    customer = models.ForeignKey("users.User", models.PROTECT)',
    ]
    assert changed(SetArgument(field="number", argument="max_length", value="30"))[1].endswith(
        'models.CharField("Number", max_length = 30)   # as printed'
    )
    assert changed(SetClass(field="number", value="models.TextField"))[1].startswith(
        "+    number: models.CharField = models.TextField("
    )


def test_fields_options_and_elements() -> None:
    assert changed(SetField(field="customer", value=None)) == [
        "-    customer = models.ForeignKey('customers.Customer', models.PROTECT)"
    ]
    assert changed(SetField(field="phone", value="models.TextField()")) == ["+    phone = models.TextField()"]
    assert changed(SetOption(option="db_table", value='"orders"')) == ['+        db_table = "orders"']
    assert changed(SetOption(option="ordering", value=None)) == ['-        ordering = ["-id"]']
    assert changed(SetElement(option="indexes", name="order_number_idx", value=None)) == [
        '-            models.Index(fields=["number"], name="order_number_idx"),'
    ]
    added = SetElement(option="indexes", name="x", value='models.Index(fields=["id"], name="x")')
    assert changed(added) == ['+            models.Index(fields=["id"], name="x"),']
    assert (
        "".join(changed(SetOption(option="db_table", value='"lines"'), name="Line"))
        == '++    class Meta:+        db_table = "lines"'
    )


def test_field_is_called_otherwise() -> None:
    assert changed(SetName(field="number", value="code"))[1].startswith(
        "+    code: models.CharField = models.CharField("
    )
    assert changed(SetName(field="status", value="state")) == [
        "-    status = models.CharField(",
        "+    state = models.CharField(",
    ]


def test_strings_are_quoted_as_most_of_the_file_are() -> None:
    edit = SetArgument(field="number", argument="db_default", value="'it'")
    assert changed(edit)[1].endswith('max_length = 20, db_default="it")   # as printed')
    single = MODELS.replace('"', "'")
    assert changed(edit, text=single)[1].endswith("max_length = 20, db_default='it')   # as printed")


def test_imports_are_added_where_a_value_needs_them() -> None:
    edit = SetArgument(field="status", argument="default", value="time.time", imports=("import time",))
    assert changed(edit)[0] == "+import time"
    lists = MODELS.replace("models  # the usual", "models, transaction  # the usual").replace("uuid", "uuid, time")
    assert [line for line in changed(edit, text=lists) if "import" in line] == []


@pytest.mark.parametrize(
    ("before", "line", "after"),
    [
        ("import os\n", "import time", "import os\nimport time\n"),
        ("import os\n\nfrom a import b\n", "import re", "import os\nimport re\n\nfrom a import b\n"),
        ("from a import b\n", "import re", "import re\n\nfrom a import b\n"),
        ("import re\n", "from a import b", "import re\n\nfrom a import b\n"),
        ("import re\n\nfrom c import d\n", "from a import b", "import re\n\nfrom a import b\nfrom c import d\n"),
        ("from a import c  # why\nX = 1\n", "from a import b", "from a import b, c  # why\nX = 1\n"),
        (
            "from a import (\n    c,  # why\n)\n",
            "from a import b",
            "from a import b\nfrom a import (\n    c,  # why\n)\n",
        ),
        ("from a import c; X = 1\n", "from a import b", "from a import b\nfrom a import c; X = 1\n"),
        ('"""Doc."""\nX = 1\n', "import re", '"""Doc."""\n\nimport re\nX = 1\n'),
        ("X = 1\n", "import re", "import re\n\nX = 1\n"),
        ("from a import b\n", "from a import b", "from a import b\n"),
    ],
)
def test_imports_go_where_they_belong(before: str, line: str, after: str) -> None:
    assert importing(before, *imports_of(line)) == after


@pytest.mark.parametrize(
    ("name", "edit"),
    [
        ("Invoice", SetField(field="x", value=None)),
        ("Order", SetField(field="x", value=None)),
        ("Order", SetArgument(field="status", argument="null", value=None)),
        ("Line", SetOption(option="ordering", value=None)),
        ("Order", SetElement(option="indexes", name="x", value=None)),
        ("Line", SetField(field="order", value=None)),
    ],
)
def test_what_is_not_there_cannot_be_edited(name: str, edit: Edit) -> None:
    with pytest.raises(CannotEdit):
        edited(MODELS, name, [edit])


def test_diff_is_applied_wherever_its_lines_are() -> None:
    edit = SetArgument(field="status", argument="null", value="True")
    patch = diff(MODELS, edited(MODELS, "Order", [edit]), "models.py")
    moved = MODELS.replace('"""Orders."""', '"""Orders.\n\nAnd more."""').replace("\n", "\r\n")
    assert patched(moved, patch) == edited(moved.replace("\r\n", "\n"), "Order", [edit]).replace("\n", "\r\n")
    with pytest.raises(CannotEdit, match="not there any more"):
        patched(MODELS.replace("states below", "wiki"), patch)
    with pytest.raises(CannotEdit, match="twice"):
        patched(MODELS + MODELS, patch)
