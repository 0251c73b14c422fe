"""Operations as their authors wrote them: found in the file, changed in one place."""

from pathlib import Path

import pytest

from migsafe.written.call import Written, parse_call, written

FILE = """from django.db import migrations, models


class Migration(migrations.Migration):
    operations = [
        migrations.AddField(
            model_name="order",
            name="naïve",
            field=models.CharField(
                max_length=64,
            ),
        ),
        migrations.RemoveField("order", "note"), migrations.RunPython(print),
    ]
"""


def call(code: str) -> Written:
    found = parse_call(code)
    assert found is not None
    return found


def test_it_is_found_by_its_line_without_the_indentation_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "0001_initial.py"
    path.write_text(FILE, encoding="utf-8")
    found = written(str(path), 6)
    assert found is not None
    assert found.code.splitlines()[:2] == ["migrations.AddField(", '    model_name="order",']
    assert found.argument("field", 2) == "models.CharField(\n    max_length=64,\n)"
    assert written(str(path), 1) is None


@pytest.mark.parametrize("text", [None, "def broken(", b"\xff"])
def test_a_file_that_cannot_be_read_has_none(tmp_path: Path, text: str | bytes | None) -> None:
    path = tmp_path / "0001_initial.py"
    if isinstance(text, str):
        path.write_text(text)
    elif text is not None:
        path.write_bytes(text)
    assert written(str(path), 1) is None


def test_arguments_by_name_and_by_position() -> None:
    assert call('f("order", name="note")').argument("model_name", 0) == '"order"'
    assert call('f("order", name="note")').argument("name", 1) == '"note"'
    assert call('f("order")').argument("name", 1) is None
    assert call("f(1, 2)").argument("name") is None


def test_one_thing_is_changed_and_the_rest_stays_as_written() -> None:
    add = call("migrations.AddIndex('order', index=models.Index(fields=['é']))")
    assert add.calling("AddIndexConcurrently").code == "AddIndexConcurrently('order', index=models.Index(fields=['é']))"
    assert add.replacing("index", 1, "x").code == "migrations.AddIndex('order', index=x)"
    assert call("f()").adding("null", "True").code == "f(null=True)"
    assert call("f(1, a=2)").adding("null", "True").code == "f(1, a=2, null=True)"
    assert call("f(\n    a=1,\n)").adding("null", "True").code == "f(\n    a=1,\n    null=True,\n)"
    assert call("f(null=False)").adding("null", "True").code == "f(null=True)"
    assert call("f(a=1, preserve_default=False)").without("preserve_default").code == "f(a=1)"
    assert call("f(a=1)").without("preserve_default").code == "f(a=1)"


def test_long_calls_are_folded() -> None:
    field = "models.ForeignKey(to='customers.customer', null=True, **options)"
    long = call(f"migrations.AlterField('order', name='x', field={field})")
    assert str(long).splitlines() == [
        "migrations.AlterField(",
        "    'order',",
        "    name='x',",
        "    field=models.ForeignKey(",
        "        to='customers.customer',",
        "        null=True,",
        "        **options,",
        "    ),",
        ")",
    ]
    assert str(call("f(a=1)")) == "f(a=1)"


def test_what_is_no_call_is_none() -> None:
    assert parse_call("models.Index") is None


def test_long_lines_are_laid_out() -> None:
    code = """migrations.SeparateDatabaseAndState(
    state_operations=[
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.UniqueConstraint(fields=("email",), name="customer_email_unique"),
        ),
        migrations.RunPython(forward),
    ],
)"""
    call = parse_call(code)
    assert call
    assert call.laid_out(100) == code
    assert call.laid_out(80) == code.replace(
        """(fields=("email",), name="customer_email_unique")""",
        """(
                fields=("email",),
                name="customer_email_unique",
            )""",
    )
    short = parse_call("f(x for x in y)")
    assert short
    assert short.laid_out(5) == "f(x for x in y)"
