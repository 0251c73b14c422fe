"""Where comments about findings stand, and what they say."""

from pathlib import Path
from textwrap import dedent

import pytest

from migsafe.model import Axis, Finding, Severity
from migsafe.project.source import operation_lines
from migsafe.project.suppressions import Suppression, suppression_in_sql, suppressions


def read(folder: Path, text: str) -> list[Suppression]:
    path = folder / "0002_change.py"
    path.write_text(dedent(text).removeprefix("\n"))
    return list(suppressions(path, operation_lines(path) or ()))


def finding(
    code: str = "MS201",
    operation: int | None = 0,
    statement: int | None = 0,
    line: int | None = 1,
    path: str = "0002_change.py",
) -> Finding:
    return Finding(
        code=code,
        name="index_not_concurrent",
        severity=Severity.ERROR,
        axis=Axis.LOCKS,
        message="",
        why="",
        fix="",
        app="shop",
        migration="0002_change",
        operation=operation,
        statement=statement,
        path=path,
        line=line,
        relation=None,
        effects=(),
        fingerprint="",
    )


def test_on_a_line_of_an_operation_or_directly_above_it(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
        class Migration(migrations.Migration):
            operations = [
                # migsafe: ignore[MS201]: directly above
                # what it is about
                # migsafe:ignore[MS202] : above, too
                migrations.AddIndex(  # migsafe: ignore[MS203]: on its first line
                    "order",  # migsafe: ignore[MS204]: on another line
                    # migsafe: ignore[MS205, MS206]: between its lines
                ),  # migsafe: ignore[MS207]: on its last line

                A(), B(),  # migsafe: ignore[MS208]: two on a line
                # migsafe: ignore[MS209]: not directly above

                migrations.AddIndex("order", "# migsafe: ignore[MS299]: text, not a comment"),
                # migsafe: ignore[MS210]: below the last one
            ]
        """,
    )
    assert [(one.line, *one.codes, one.reason, one.operations) for one in found] == [
        (3, "MS201", "directly above", (0,)),
        (5, "MS202", "above, too", (0,)),
        (6, "MS203", "on its first line", (0,)),
        (7, "MS204", "on another line", (0,)),
        (8, "MS205", "MS206", "between its lines", (0,)),
        (9, "MS207", "on its last line", (0,)),
        (11, "MS208", "two on a line", (1, 2)),
        (12, "MS209", "not directly above", ()),
        (15, "MS210", "below the last one", ()),
    ]
    assert all(one.lines == (0, -1) for one in found)


def test_what_stands_at_no_operation_covers_nothing_of_them(tmp_path: Path) -> None:
    for one in read(
        tmp_path,
        """
        # migsafe: ignore[MS201]: the whole file

        class Migration(migrations.Migration):
            # migsafe: ignore[MS201]: all operations
            operations = [  # migsafe: ignore[MS201]: all operations
                migrations.AddIndex(),
            ]
        """,
    ):
        assert not any(one.covers(finding(line=line)) for line in range(10))
        assert not one.covers(finding(operation=None, line=None))


def test_in_a_function_it_covers_the_statement_that_it_is_on_or_above(tmp_path: Path) -> None:
    loop, save, call = read(
        tmp_path,
        """
        def fill(apps, schema_editor):
            # migsafe: ignore[MS502]: above the loop
            for order in orders:
                order.save()  # migsafe: ignore[MS502]: on the line
            orders.update(
                # migsafe: ignore[MS503]: within the call
                total=1,
            )
        """,
    )
    assert [line for line in range(10) if loop.covers(finding("MS502", line=line))] == [3]
    assert [line for line in range(10) if save.covers(finding("MS502", line=line))] == [4]
    assert [line for line in range(10) if call.covers(finding("MS503", line=line))] == [5, 6, 7, 8]
    assert not loop.covers(finding("MS503", line=3))


def test_lines_count_in_its_own_file_only(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (one,) = read(tmp_path / "shop", "order.save()  # migsafe: ignore[MS502]: few rows")
    there = [
        tmp_path / "shop/0002_change.py",
        "shop/0002_change.py",
        "0002_change.py",
        "crm/0002_change.py",
        "shop/x.py",
    ]
    found = [finding("MS502", line=1, path=str(path)) for path in there]
    assert [one.covers(each) for each in found] == [True, True, True, False, False]


def test_at_the_class_it_covers_what_is_about_the_migration(tmp_path: Path) -> None:
    (above,) = read(
        tmp_path,
        """
        # migsafe: ignore[MS602]: only at night
        class Migration(migrations.Migration):
            operations = [
                migrations.AddIndex(),
            ]
        """,
    )
    assert above.covers(finding("MS602", operation=None, statement=None, line=None))
    assert not above.covers(finding("MS602", operation=0))


@pytest.mark.parametrize(
    ("comment", "codes", "reason"),
    [
        ("migsafe: ignore[MS201]: few rows: 200", ("MS201",), "few rows: 200"),
        ("migsafe:  ignore [ MS201 ,MS202 ]  :  few rows ", ("MS201", "MS202"), "few rows"),
        ("migsafe: ignore[MS201]", ("MS201",), ""),
        ("migsafe: ignore[MS201]:", ("MS201",), ""),
        ("migsafe: ignore[]: all", (), "all"),
        ("migsafe: ignore: all", (), ""),
        ("migsafe: ignore", (), ""),
        ("migsafe: ignore[MS201] few rows", (), ""),
        ("migsafe: off", (), ""),
    ],
)
def test_what_a_comment_says(comment: str, codes: tuple[str, ...], reason: str) -> None:
    found = suppression_in_sql(comment, 0, 0, None)
    assert found is not None
    assert (found.codes, found.reason) == (codes, reason)


@pytest.mark.parametrize("comment", ["noqa", "see migsafe: ignore[MS201]: x", "migsafe is a linter", ""])
def test_other_comments(comment: str) -> None:
    assert suppression_in_sql(comment, 0, 0, None) is None


def test_without_a_code_or_a_reason_nothing_is_covered() -> None:
    for comment in (
        "migsafe: ignore[MS201]",
        "migsafe: ignore[]: all",
        "migsafe: ignore[MS2]: all",
        "migsafe: ignore[all]: x",
    ):
        found = suppression_in_sql(comment, 0, 0, None)
        assert found is not None
        assert not found.covers(finding())


def test_in_sql_it_covers_its_statement_and_what_is_about_the_whole_operation() -> None:
    found = suppression_in_sql("migsafe: ignore[MS201]: small", 1, 2, None)
    assert found is not None
    places = [(1, 2), (1, None), (1, 1), (0, 2), (None, None)]
    assert [found.covers(finding(operation=operation, statement=number)) for operation, number in places] == [
        True, True, False, False, False,
    ]  # fmt: skip
