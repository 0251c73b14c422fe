"""Lines of operations, read from the syntax tree."""

from pathlib import Path
from textwrap import dedent

import django
import pytest

from migsafe.project.source import OperationLine, operation_lines
from tests.projects import run_python


def lines_of(folder: Path, text: str) -> tuple[OperationLine, ...] | None:
    path = folder / "0001_initial.py"
    path.write_text(dedent(text))
    return operation_lines(path)


def test_each_operation_has_the_line_on_which_it_starts(tmp_path: Path) -> None:
    text = """\
        class Migration(migrations.Migration):
            dependencies = []
            operations = [
                migrations.RunSQL(
                    "SELECT 1",
                ),
                helper(), migrations.RunSQL("SELECT 2"),
            ]
        """
    assert lines_of(tmp_path, text) == (OperationLine(4, 6), OperationLine(7, 7), OperationLine(7, 7))


@pytest.mark.parametrize(
    "operations",
    [
        "operations: list = [\n        A(),\n    ] + [\n        B(),\n    ]",
        "first = [\n        A(),\n    ]\n    operations = first + [B()]",
        "operations = (\n        A(),\n\n\n        B(),\n    )",
    ],
)
def test_lists_that_are_put_together_literally(tmp_path: Path, operations: str) -> None:
    found = lines_of(tmp_path, f"class Migration(migrations.Migration):\n    {operations}\n")
    assert found is not None
    assert [line.line for line in found] in ([3, 5], [3, 6], [3, 5])


def test_a_list_made_at_the_module_level(tmp_path: Path) -> None:
    assert lines_of(tmp_path, "OPERATIONS = [\n    A(),\n]\nclass Migration(M):\n    operations = OPERATIONS\n") == (
        OperationLine(2, 2),
    )


@pytest.mark.parametrize(
    "operations",
    [
        "operations = helper()",
        "operations = [A(), *more]",
        "operations = [make(name) for name in names]",
        "operations = [A()]\n    operations += [B()]",
        "operations = [A()]\n    operations = [B()]",
        "operations = operations",
        "dependencies = []",
    ],
)
def test_what_is_not_written_out_has_no_lines(tmp_path: Path, operations: str) -> None:
    assert lines_of(tmp_path, f"class Migration(migrations.Migration):\n    {operations}\n") is None


def test_no_class(tmp_path: Path) -> None:
    assert lines_of(tmp_path, "from other import Migration\n") is None


def test_operations_inside_separate_database_and_state(tmp_path: Path) -> None:
    text = """\
        class Migration(migrations.Migration):
            operations = [
                migrations.SeparateDatabaseAndState(
                    database_operations=[
                        migrations.RunSQL("SELECT 1"),
                    ],
                    state_operations=[
                        migrations.AddField(),
                        migrations.AddField(),
                    ],
                ),
                SeparateDatabaseAndState([
                    migrations.RunSQL("SELECT 2"),
                ]),
                SeparateDatabaseAndState(state_operations=helper()),
            ]
        """
    assert lines_of(tmp_path, text) == (
        OperationLine(3, 11, database=(OperationLine(5, 5),), state=(OperationLine(8, 8), OperationLine(9, 9))),
        OperationLine(12, 14, database=(OperationLine(13, 13),)),
        OperationLine(15, 15),
    )


@pytest.mark.skipif(django.VERSION < (5, 2), reason="the shop needs Django 5.2")
def test_lines_are_as_many_as_operations_in_the_shop() -> None:
    script = """
        from pathlib import Path
        from migsafe.project.graph import History
        from migsafe.project.load import load
        from migsafe.project.source import operation_lines

        history = History(load(Path.cwd()))
        for key in history.order:
            lines = operation_lines(history.path(key))
            assert lines is not None, key
            assert len(lines) == len(history.migration(key).operations), key
        """
    ran = run_python(Path(__file__).parents[2] / "scenarios" / "shop", script)
    assert ran.code == 0, ran.stderr
