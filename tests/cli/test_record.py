"""``migsafe record`` and ``migsafe accept`` as a user runs them."""

from pathlib import Path

import pytest

from migsafe.history.ledger import read
from tests.projects import app, migration, run, write, write_project

CREATE = migration('migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])')
ADD = 'migrations.AddField("order", "note", models.CharField(max_length=10, null=True))'
NEXT = migration(ADD, dependencies=(("orders", "0001_initial"),))
FILE = "orders/migrations/0002_note.py"


@pytest.mark.slow
def test_from_the_first_line_to_an_accepted_edit(tmp_path: Path) -> None:
    folder = write_project(tmp_path, app("orders", {"0001_initial": CREATE, "0002_note": NEXT}))
    write(folder, {"migsafe.toml": 'ledger = "deploy/applied.lock"\n'})
    (folder / "deploy").mkdir()
    file = folder / "deploy/applied.lock"
    ran = run(folder, "record")
    assert (ran.code, ran.stdout, ran.stderr.splitlines()) == (
        0,
        "",
        [
            f"{file} has 2 migrations: 2 new",
            "note: commit it, with applied.lock merge=union in .gitattributes, so that branches that both add lines "
            "merge by themselves",
        ],
    )
    write(folder, {FILE: NEXT.replace("10", "11")})
    ran = run(folder, "record")
    assert (ran.code, ran.stderr.splitlines()) == (
        1,
        [
            f"{file} has 2 migrations: as before",
            "edited since recorded, so the ledger keeps what was recorded: orders.0002_note",
            "hint: undo the edit and make a new migration; or, if it does no harm: "
            'migsafe accept orders 0002_note --reason "…"',
        ],
    )
    ran = run(folder, "accept", "orders", "0002", "--reason", "only tests had applied it")
    assert (ran.code, ran.stdout, ran.stderr) == (
        0,
        "",
        f"{file} accepts what orders.0002_note is now: commit both together\n",
    )
    known = file.read_text()
    assert '"reason":"only tests had applied it"' in known
    ran = run(folder, "record", "--database", "default")
    assert (ran.code, file.read_text()) == (2, known)
    assert ran.stderr.startswith("error: database 'default' of config.settings cannot be asked: ")


def test_chance_makes_no_other_fingerprint(tmp_path: Path) -> None:
    """Django goes through sets, in an order that is another one in each process."""
    fields = ", ".join(f'("{name}", models.IntegerField())' for name in "abcdef")
    some, others = (
        '{("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")}',
        '{("a", "c"), ("a", "d"), ("a", "e"), ("a", "f")}',
    )
    model = f'migrations.CreateModel("Thing", [("id", models.BigAutoField(primary_key=True)), {fields}], options={{}})'
    write_project(
        tmp_path,
        app(
            "things",
            {
                "0001_initial": migration(model.replace("{}", f'{{"unique_together": {some}}}')),
                "0002_others": migration(
                    f'migrations.AlterUniqueTogether("thing", {others})', dependencies=(("things", "0001_initial"),)
                ),
            },
        ),
    )

    def fingerprints(seed: str) -> list[dict[int, str]]:
        (tmp_path / "migsafe.lock").unlink(missing_ok=True)
        done = run(tmp_path, "record", env={"PYTHONHASHSEED": seed})
        assert done.code == 0, done.stderr
        return [entry.fingerprint.sql for entry in read(tmp_path / "migsafe.lock").entries.values()]

    once, again = fingerprints("1"), fingerprints("2")
    assert once == again
    assert all(once)
