"""``migsafe sql`` as a user runs it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from migsafe.cli import cli
from migsafe.errors import InputError


def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["sql", *arguments], input=stdin, catch_exceptions=True)


def test_json_is_the_documented_contract() -> None:
    result = run("--postgres", "16", "--format", "json", stdin="\nALTER TABLE orders_order ADD CHECK (a > 0);")
    assert json.loads(result.stdout) == {
        "version": 1,
        "results": [
            {
                "postgres": 16,
                "statements": [
                    {
                        "sql": "ALTER TABLE orders_order ADD CHECK (a > 0)",
                        "line": 2,
                        "analysed": True,
                        "reason": None,
                        "fails": None,
                        "effects": [
                            {
                                "relation": "orders_order",
                                "lock": "ACCESS EXCLUSIVE",
                                "rewrites": False,
                                "scans": True,
                                "blocks": ["reads", "writes", "ddl"],
                            }
                        ],
                        "held": [],
                        "held_more": 0,
                    }
                ],
                "findings": [],
            }
        ],
    }


def test_versions_that_behave_alike_stand_together() -> None:
    result = run("--postgres", "10-18", stdin="ALTER TABLE t ADD x int DEFAULT 1")
    lines = [line for line in result.stdout.splitlines() if line.startswith("1")]
    assert lines[0].startswith("10 ")
    assert "rewrites" in lines[0]
    assert lines[1].startswith("11–18 ")
    assert "rewrites" not in lines[1]


def test_a_label_that_is_long_stands_apart() -> None:
    assert "\nline 1000 SELECT 1\n" in run(stdin="SELECT 1;" + "\n" * 999 + "SELECT 1").stdout
    domain = "CREATE DOMAIN d AS float DEFAULT random();"
    lines = run("--postgres", "10-18", stdin=f"{domain} ALTER TABLE t ADD x d").stdout.splitlines()
    assert lines[lines.index("10, 13–18") + 1].startswith(" " * 9 + "ACCESS EXCLUSIVE on t")


def test_relations_that_are_locked_alike_stand_in_one_line() -> None:
    some, many = (", ".join(f"t{number}" for number in range(count)) for count in (2, 9))
    assert "ACCESS EXCLUSIVE on t0 and t1; blocks" in run(stdin=f"DROP TABLE {some}").stdout
    assert "ACCESS EXCLUSIVE on t0, t1, t2, t3 and 5 more; blocks" in run(stdin=f"DROP TABLE {many}").stdout


def test_what_is_not_understood_is_counted() -> None:
    assert run("--postgres", "10-18", stdin="frob; SELECT 1; frob").stdout.endswith(
        "3 statements, 2 not analysed (PostgreSQL 10–18)\n"
    )


def test_one_transaction_unless_told_otherwise() -> None:
    concurrently = "CREATE INDEX CONCURRENTLY i ON t (a)"
    assert "fails: cannot run inside a transaction block" in run(stdin=concurrently).stdout
    assert "fails" not in run("--no-transaction", stdin=concurrently).stdout
    assert "fails: cannot" in run("--no-transaction", stdin=f"BEGIN; {concurrently}; COMMIT").stdout
    assert "fails" not in run(stdin=f"COMMIT; {concurrently}").stdout


def test_a_schema_tells_what_the_statement_does_not(tmp_path: Path) -> None:
    schema = tmp_path / "schema.sql"
    schema.write_text("CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p_id int REFERENCES p); frob;")
    result = run("--schema", str(schema), "--format", "json", stdin="DROP TABLE c")
    effects = json.loads(result.stdout)["results"][0]["statements"][0]["effects"]
    assert [effect["relation"] for effect in effects] == ["c", "p"]
    assert "1 statement of the schema is not understood" in result.stderr
    assert f"{schema}:1: syntax error" in result.stderr


def test_a_statement_that_the_server_refuses_changes_nothing_for_the_next(tmp_path: Path) -> None:
    schema = tmp_path / "schema.sql"
    schema.write_text("CREATE TABLE t (a int); CREATE INDEX t_a ON t (a);")
    refused = "BEGIN; DROP INDEX CONCURRENTLY t_a; ALTER TABLE t DROP COLUMN a; COMMIT; ALTER TABLE t DROP COLUMN a"
    result = run("--no-transaction", "--schema", str(schema), "--format", "json", stdin=refused)
    _, first, second, _, third = json.loads(result.stdout)["results"][0]["statements"]
    assert first["fails"] == "cannot run inside a transaction block"
    assert (second["fails"], second["effects"]) == ("current transaction is aborted", [])
    assert [effect["relation"] for effect in third["effects"]] == ["t", "t_a"]


def test_what_an_assumed_transaction_refuses_hides_nothing_after_it() -> None:
    result = run("--format", "json", stdin="CREATE INDEX CONCURRENTLY i ON t (a); ALTER TABLE t DROP COLUMN a")
    first, second = json.loads(result.stdout)["results"][0]["statements"]
    assert first["fails"] == "cannot run inside a transaction block"
    assert [effect["relation"] for effect in second["effects"]] == ["t"]
    assert "--no-transaction" in result.stderr


def test_what_the_transaction_holds_is_said_where_it_makes_things_worse() -> None:
    altered = "ALTER TABLE a ADD x int; ALTER TABLE b ADD x int; COMMENT ON TABLE a IS 'x'; CREATE INDEX ON c (x);"
    lines = [line.strip() for line in run(stdin=altered).stdout.splitlines() if "held" in line]
    assert lines == [
        "meanwhile still held: ACCESS EXCLUSIVE on a",
        "meanwhile still held: ACCESS EXCLUSIVE on a and b",
    ]
    assert "held" not in run("--no-transaction", stdin=altered).stdout


def test_of_many_locks_the_worst_are_named_and_the_rest_counted() -> None:
    shared = "".join(f"CREATE INDEX ON s{number} (x); ALTER TABLE a{number} ADD x int;" for number in range(5))
    result = run("--format", "json", stdin=f"{shared} DELETE FROM t WHERE id = 1")
    last = json.loads(result.stdout)["results"][0]["statements"][-1]
    assert [held["relation"] for held in last["held"]] == ["a0", "a1", "a2", "a3"]
    assert last["held_more"] == 6


@pytest.mark.parametrize("versions", ["9", "19", "18-10", "x", "10-", "16,17"])
def test_versions_that_do_not_exist_are_a_usage_error(versions: str) -> None:
    result = run("--postgres", versions, stdin="SELECT 1")
    assert result.exit_code == 2
    assert "--postgres" in result.stderr


def test_a_missing_file_and_wrong_encoding_are_said(tmp_path: Path) -> None:
    missing = run(str(tmp_path / "nope.sql")).exception
    assert isinstance(missing, InputError)
    assert "cannot be read: No such file" in missing.message
    wrong = run(stdin=b"SELECT '\xff'").exception
    assert isinstance(wrong, InputError)
    assert "standard input is not UTF-8: byte 8 is 0xff" in wrong.message


def test_markup_in_sql_is_only_text() -> None:
    assert "[bold]x[/red]" in run(stdin="SELECT '[bold]x[/red]'").stdout


def test_an_empty_text_has_no_statements() -> None:
    assert run(stdin="-- nothing\n").stdout == "0 statements (PostgreSQL 16)\n"


def test_the_report_goes_to_a_file(tmp_path: Path) -> None:
    output = tmp_path / "report.json"
    assert run("--format", "json", "-o", str(output), stdin="SELECT 1").stdout == ""
    assert json.loads(output.read_text())["version"] == 1
