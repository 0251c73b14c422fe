"""How an edit is shown."""

from migsafe.applied import Done, Fingerprint, Meaning, Version
from migsafe.history.compare import edit
from migsafe.python.layout import laid_out

LONG = (
    "migrations.CreateModel(name='Order', "
    "fields=[('id', models.BigAutoField(primary_key=True, serialize=False)), ('note', models.TextField({}))])"
)


def meaning(*operations: str) -> Meaning:
    fingerprint = Fingerprint(operations=" ".join(operations), graph="", text="")
    return Meaning(fingerprint=fingerprint, operations=operations, python=(), dependencies=(), files=("x.py",))


def version(*descriptions: str) -> Version:
    done = (Done(description=one, sql=(f"DO {one}",)) for one in descriptions)
    return Version(operations=tuple(done), sql=" ".join(descriptions))


def test_each_operation_stands_under_djangos_words_for_it() -> None:
    before, after = meaning("one()", LONG.format(""), "gone()"), meaning("one()", LONG.format("null=True"), "new()")
    old, new = version("One", "Create model Order", "Take it away"), version("One", "Create model Order", "Add it")
    found = edit("git", ("shop", "0001"), before.fingerprint, after, before=before, old=old, new=new)
    assert found is not None
    assert found.kind == "real"
    assert found.operations == (
        " # Create model Order",
        "         ('id', models.BigAutoField(primary_key=True, serialize=False)),",
        "-        ('note', models.TextField()),",
        "+        ('note', models.TextField(null=True)),",
        "     ],",
        "-# Take it away",
        "-gone()",
        "+# Add it",
        "+new()",
    )
    assert found.sql == (" DO Create model Order;", "-DO Take it away;", "+DO Add it;")


def test_nobody_has_kept_what_it_was() -> None:
    after = meaning("now()")
    found = edit("ledger", ("shop", "0001"), meaning("then()").fingerprint, after, new=version("Now"))
    assert found is not None
    assert (found.kind, found.operations, found.sql, found.unknown) == ("real", (), (), "nobody has kept what it was")


def test_what_is_too_long_for_a_line_has_one_element_a_line() -> None:
    assert laid_out("short(1, [2])") == ["short(1, [2])"]
    long = "x" * 60
    assert laid_out(f"call('{long}', key={{'a': ('{long}', *rest), **more}})") == [
        "call(",
        f"    '{long}',",
        f"    key={{'a': ('{long}', *rest), **more}},",
        ")",
    ]
    assert laid_out(f"call(SQL)\nSQL = read('{long}', '{long}')\ndef read(a):\n    pass") == [
        "call(SQL)",
        "SQL = read(",
        f"    '{long}',",
        f"    '{long}',",
        ")",
        "def read(a):",
        "    pass",
    ]
    assert laid_out(f"'{long}{long}'") == [f"'{long}{long}'"]
