"""What has become of applied migrations: each rule, firing and quiet."""

import pytest
from msgspec.structs import replace

from migsafe.applied import Acceptance, Dependency, Edit, EditKind, Source, Unread
from migsafe.model import Evidence, Severity
from migsafe.muting import ledger
from migsafe.rules._fixes import shell
from tests.rules.applied import SINCE, Made, key, keys, meaning, past

GIT = ("shop.0001_initial", "shop.0002_status")


def shop() -> Made:
    return Made().add("shop.0001_initial").add("shop.0002_status", "shop.0001_initial")


def edit(kind: EditKind = "real", source: Source = "git", name: str = "shop.0002_status", **more: object) -> Edit:
    values: dict[str, object] = {"before": meaning(text="then"), "after": meaning()} | more
    return Edit(app=key(name)[0], name=key(name)[1], source=source, kind=kind, **values)  # type: ignore[arg-type]


# MS701


def test_an_edit_is_as_bad_as_what_it_changes() -> None:
    for kind, severity in (("real", "error"), ("state", "warning"), ("cosmetic", "info")):
        (finding,) = shop().found(past(git=GIT, edits=[edit(kind)]), "MS701")  # type: ignore[arg-type]
        assert (finding.severity, finding.path, finding.line) == (severity, "shop/migrations/0002_status.py", 1)
        assert finding.message.startswith("shop.0002_status is applied (origin/main) and was edited: it ")
    assert shop().found(past(git=GIT), "MS701") == []
    assert shop().found(past(git=GIT, edits=[edit()]), "MS701", apps=["stock"]) == []


def test_only_a_ledger_has_to_hear_of_cosmetics() -> None:
    (finding,) = shop().found(past(git=GIT, edits=[edit("cosmetic")]), "MS701")
    assert finding.fix == "Nothing has to be done."
    (finding,) = shop().found(past(ledger=GIT, edits=[edit("cosmetic", source="ledger")]), "MS701")
    assert "migsafe record --refresh" in finding.fix


def test_an_edit_shows_what_it_was_and_what_it_is() -> None:
    diff = ("-Add field status to order", "+Add field state to order")
    sql = ('-ALTER TABLE "shop_order" ADD COLUMN "status" text', '+ALTER TABLE "shop_order" ADD COLUMN "state" text')
    (finding,) = shop().found(past(git=GIT, edits=[edit(operations=diff, sql=sql)]), "MS701")
    assert finding.evidence == (
        Evidence("applied", "origin/main since 2026-01-03"),
        Evidence("changed", "\n".join(diff), "diff"),
        Evidence("sql", "\n".join(sql), "diff"),
    )
    assert "git checkout origin/main -- shop/migrations/0002_status.py" in finding.fix
    assert 'migsafe accept shop 0002_status --reason "…"' in finding.fix


def test_what_several_sources_say_of_a_migration_is_one_finding() -> None:
    edits = [edit("cosmetic", "git"), edit("real", "ledger", before=None, unknown="Only its fingerprint is known.")]
    (finding,) = shop().found(past(git=GIT, ledger=GIT, database=GIT, edits=edits), "MS701")
    assert finding.severity is Severity.ERROR
    assert "is applied (migsafe.lock) and" in finding.message
    assert finding.evidence == (
        Evidence(
            "applied",
            "origin/main since 2026-01-03\nmigsafe.lock since 2026-01-03\ndatabase default since 2026-01-03",
        ),
        Evidence("unknown", "Only its fingerprint is known."),
        Evidence("but", "compared with origin/main, it does the same, only written otherwise"),
    )
    (finding,) = shop().found(past(git=GIT, ledger=GIT, edits=[edit(), edit(source="ledger")]), "MS701")
    assert "is applied (origin/main and migsafe.lock) and" in finding.message


def test_the_new_migration_is_made_by_the_command_that_can() -> None:
    field, sql, function = 'migrations.AddField("order", "a")', 'migrations.RunSQL("SELECT 1")', "def fill(): ..."
    cases = [
        (meaning(field), meaning(), "makemigrations shop\n"),
        (meaning(sql, field), meaning(field), "makemigrations shop --empty\n"),
        (meaning(python=[function]), meaning(python=["def fill(): pass"]), "makemigrations shop --empty\n"),
    ]
    for before, after, command in cases:
        (finding,) = shop().found(past(git=GIT, edits=[edit(before=before, after=after)]), "MS701")
        assert finding.fix.count("manage.py makemigrations") == 1
        assert f"python manage.py {command}" in finding.fix
    both = edit(before=meaning(field, sql), after=meaning())
    (finding,) = shop().found(past(git=GIT, edits=[both]), "MS701")
    assert finding.fix.count("manage.py makemigrations") == 2


def test_a_changed_graph_is_no_cosmetic_edit() -> None:
    assert shop().found(past(git=GIT, edits=[edit("cosmetic", graph=True)]), "MS701") == []
    assert len(shop().found(past(git=GIT, edits=[edit("state", graph=True)]), "MS701")) == 1


def test_what_git_has_at_another_place_is_looked_up_there() -> None:
    moved = edit(before=meaning(text="then", files=["/home/me/project/old/migrations/0002_status.py"]))
    (finding,) = shop().found(past(git=GIT, edits=[moved]), "MS701")
    assert "git checkout" not in finding.fix
    assert "git log --follow --patch -- shop/migrations/0002_status.py" in finding.fix


def test_of_what_a_migration_uses_that_is_named() -> None:
    own = "/home/me/project/shop/migrations/0002_status.py"
    uses = meaning(files=[own, "/home/me/project/shop/sql/fill it.sql"])
    for source, command in (("git", "git diff origin/main --"), ("ledger", "git log --patch --")):
        used = edit(source=source, before=uses, after=uses)  # type: ignore[arg-type]
        (finding,) = shop().found(past(git=GIT, ledger=GIT, edits=[used]), "MS701")
        assert f"{command} 'shop/sql/fill it.sql'" in finding.fix
        assert "git checkout" not in finding.fix
    (finding,) = shop().found(past(ledger=GIT, edits=[edit(source="ledger", before=meaning())]), "MS701")
    assert finding.fix.startswith("Its own file is what it was. What it executes depends on migrations before it, too")


def test_another_way_back_needs_no_new_migration() -> None:
    sql, other = "migrations.RunSQL('SELECT 1', 'SELECT 2')", "migrations.RunSQL('SELECT 1')"
    way_back = edit("state", before=meaning(sql, text="then"), after=meaning(other))
    (finding,) = shop().found(past(git=GIT, edits=[way_back]), "MS701")
    assert "makemigrations" not in finding.fix
    assert "git checkout origin/main" in finding.fix


# MS702


def test_deleted() -> None:
    gone = past(
        git=[*GIT, "shop.0003_gone"], database=["shop.0003_gone"], paths={"shop.0003_gone": "shop/migrations/a b.py"}
    )
    (finding,) = shop().found(gone, "MS702")
    assert finding.message == "shop.0003_gone is applied (origin/main and database default), and its file is gone"
    assert (finding.path, finding.severity) == ("shop/migrations/a b.py", Severity.ERROR)
    assert "git checkout origin/main -- 'shop/migrations/a b.py'" in finding.fix


def test_not_deleted() -> None:
    assert shop().found(past(git=GIT), "MS702") == []
    renamed = {"shop.0003_gone": "shop.0002_status"}
    assert shop().found(past(git=["shop.0003_gone"], renamed=renamed), "MS702") == []
    # only the database knows it: MS706
    assert shop().found(past(database=["shop.0003_gone"]), "MS702") == []
    assert shop().found(past(git=["stock.0001_gone"]), "MS702") == []


def squashed(*, replaces: bool = True) -> Made:
    replaced = ["shop.0001_initial", "shop.0002_status"] if replaces else []
    return Made().add("shop.0001_squash", replaces=replaced).add("shop.0003_next", "shop.0001_squash")


def test_what_a_squash_replaces_may_go_where_all_of_it_is_applied() -> None:
    assert squashed().found(past(git=[*GIT, "shop.0001_squash"]), "MS702") == []
    assert squashed().found(past(git=GIT, database=[*GIT, "shop.0003_next"]), "MS702", "MS705") == []
    # half of it is applied in the ledger: the rest cannot be any more
    found = squashed().found(past(git=GIT, ledger=GIT[:1]), "MS702")
    assert [one.message for one in found] == [
        "shop.0001_initial is applied (origin/main and migsafe.lock), and its file is gone"
    ]


def test_a_squash_that_is_applied_need_not_say_any_more_what_it_replaces() -> None:
    made = squashed(replaces=False)
    was = edit("cosmetic", name="shop.0001_squash", graph=True, before=meaning(replaces=GIT))
    assert made.found(past(git=[*GIT, "shop.0001_squash"], edits=[was]), "MS702", "MS705") == []
    assert [one.severity for one in made.found(past(git=[*GIT, "shop.0001_squash"], edits=[was]), "MS704")] == ["info"]
    # a database counts it as applied, and has not recorded it
    behind = past(git=[*GIT, "shop.0001_squash"], database=GIT, edits=[was])
    assert [one.severity for one in made.found(behind, "MS704")] == ["error"]
    # it has never been applied
    assert len(made.found(past(git=GIT), "MS702")) == 2


@pytest.mark.parametrize("name", ["0001_squashed_0002_status", "0001_initial_squashed_0002_status"])
def test_what_squashmigrations_calls_a_squash_tells_what_it_replaced(name: str) -> None:
    made = Made().add(f"shop.{name}")
    assert made.found(past(ledger=[*GIT, f"shop.{name}"]), "MS702") == []
    later = made.found(past(ledger=[*GIT, "shop.0003_later", f"shop.{name}"]), "MS702")
    assert [one.migration for one in later] == ["0003_later"]
    assert len(made.found(past(git=GIT, ledger=[*GIT, f"shop.{name}"]), "MS702")) == 2  # git does not have it


# MS703


def test_renamed() -> None:
    made = Made().add("shop.0001_initial").add("shop.0002_state", "shop.0001_initial")
    renamed = past(git=GIT, database=GIT, renamed={"shop.0002_status": "shop.0002_state"})
    (finding,) = made.found(renamed, "MS702", "MS703", "MS705")
    assert (finding.code, finding.severity) == ("MS703", Severity.ERROR)
    assert finding.message == (
        "shop.0002_state is applied (origin/main and database default) as shop.0002_status: "
        "under its new name it will run again"
    )
    assert "mv shop/migrations/0002_state.py shop/migrations/0002_status.py" in finding.fix
    assert 'replaces = [("shop", "0002_status")]' in finding.fix


def test_renamed_where_django_knows_it() -> None:
    renamed = {"shop.0002_status": "shop.0002_state"}
    replacing = Made().add("shop.0001_initial").add("shop.0002_state", replaces=["shop.0002_status"])
    assert replacing.found(past(git=GIT, renamed=renamed), "MS702", "MS703", "MS705") == []
    made = Made().add("shop.0001_initial").add("shop.0002_state", "shop.0001_initial")
    corrected = past(git=GIT, database=[*GIT, "shop.0002_state"], renamed=renamed)
    (finding,) = made.found(corrected, "MS703")
    assert "(origin/main)" in finding.message


# MS704


def placed(before: list[str], after: list[str], what: str = "dependencies") -> Edit:
    then, now = (replace(meaning(), **{what: keys(names)}) for names in (before, after))
    return edit("cosmetic", graph=True, before=then, after=now)


def test_dependencies_changed() -> None:
    made = shop().add("stock.0001_initial").add("stock.0002_new", "stock.0001_initial")
    stock = (*GIT, "stock.0001_initial")
    cases = [
        # added, and applied
        ([], ["stock.0001_initial"], "dependencies", Severity.INFO),
        # added, and not applied
        ([], ["stock.0002_new"], "dependencies", Severity.WARNING),
        # no longer named, and no longer before it
        (["stock.0001_initial"], [], "dependencies", Severity.WARNING),
        # no longer named, but still before it
        (["shop.0001_initial"], [], "dependencies", Severity.INFO),
        # of an app that is no longer installed
        (["blog.0001_initial"], [], "dependencies", Severity.INFO),
        ([], ["stock.0002_new"], "run_before", Severity.INFO),
        (["stock.0002_new"], [], "run_before", Severity.WARNING),
        # Django takes it as not applied
        ([], ["shop.0000_old"], "replaces", Severity.ERROR),
        ([], ["shop.0001_initial"], "replaces", Severity.INFO),
        (["shop.0001_initial"], [], "replaces", Severity.INFO),
        ([], ["settings.AUTH_USER_MODEL.__first__"], "dependencies", Severity.INFO),
    ]
    for before, after, what, severity in cases:
        apps = ["shop", "stock"]
        (finding,) = made.found(past(git=stock, edits=[placed(before, after, what)]), "MS704", apps=apps)
        assert (finding.severity, finding.message) == (
            severity,
            f"shop.0002_status is applied (origin/main), and its {what} changed",
        ), (before, after)


def test_a_dependency_on_an_app_that_nobody_asked_about_is_harmless() -> None:
    made = shop().add("auth.0001_initial", own=False)
    (finding,) = made.found(past(git=GIT, edits=[placed([], ["auth.0001_initial"])]), "MS704")
    assert finding.severity is Severity.INFO


def test_dependencies_that_changed_are_shown() -> None:
    changed = placed(["shop.0000_x"], ["shop.0001_initial"])
    (finding,) = shop().found(past(git=GIT, edits=[changed]), "MS704")
    diff = '-dependencies: ("shop", "0000_x")\n+dependencies: ("shop", "0001_initial")'
    assert finding.evidence[1] == Evidence("changed", diff, "diff")
    assert "git checkout origin/main -- shop/migrations/0002_status.py" in finding.fix
    initial = edit("cosmetic", graph=True)
    (finding,) = shop().found(past(git=GIT, edits=[initial]), "MS704")
    assert finding.message.endswith("and its initial changed")
    unknown = edit("cosmetic", source="ledger", graph=True, before=None, unknown="No commit has it.")
    (finding,) = shop().found(past(ledger=GIT, edits=[unknown]), "MS704")
    assert finding.message.endswith("and its place in the graph has changed; what it was is not known")
    assert (finding.severity, finding.evidence[1]) == (Severity.WARNING, Evidence("unknown", "No commit has it."))


def test_a_squash_in_place_of_what_it_replaces_is_no_other_dependency() -> None:
    made = squashed()
    changed = replace(placed([GIT[1]], ["shop.0001_squash"]), name="0003_next")
    (finding,) = made.found(past(git=[*GIT, "shop.0003_next"], edits=[changed]), "MS704")
    assert finding.severity is Severity.INFO


def test_a_squash_may_become_a_normal_migration_in_one_commit() -> None:
    was = edit("cosmetic", name="shop.0001_squash", graph=True, before=meaning(replaces=GIT))
    changed = replace(placed([GIT[1]], ["shop.0001_squash"]), name="0003_next")
    everything = [*GIT, "shop.0001_squash", "shop.0003_next"]
    found = squashed(replaces=False).found(past(git=everything, edits=[was, changed]), "MS704")
    assert [one.severity for one in found] == ["info", "info"]


# MS705


def test_inserted_by_run_before() -> None:
    made = shop().add("stock.0001_new", run_before=["shop.0002_status"]).add("shop.0003_later", "stock.0001_new")
    (finding,) = made.found(past(git=GIT, database=GIT), "MS705", apps=["shop", "stock"])
    assert finding.message == (
        "stock.0001_new has to come before shop.0002_status, which is applied "
        "(origin/main and database default) without it: its run_before says so"
    )
    assert (finding.app, finding.migration, finding.severity) == ("stock", "0001_new", Severity.ERROR)
    assert "Take shop.0002_status out of `run_before` of stock.0001_new" in finding.fix


def test_inserted_by_a_dependency() -> None:
    # only the one edge, not all that is new
    made = (
        Made()
        .add("shop.0001_initial")
        .add("shop.0001_a", "shop.0001_initial")
        .add("shop.0001_b", "shop.0001_a")
        .add("shop.0002_status", "shop.0001_b")
        .add("shop.0003_after", "shop.0002_status")
    )
    (finding,) = made.found(past(git=[*GIT, "shop.0003_after"]), "MS705")
    assert finding.migration == "0002_status"
    assert finding.message.endswith("which is applied (origin/main) without it: shop.0002_status depends on it")
    assert "git checkout origin/main -- shop/migrations/0002_status.py" in finding.fix


def test_what_nobody_was_asked_for_is_not_missing() -> None:
    made = shop().add("auth.0001_initial", own=False).add("shop.0003_user", "shop.0002_status", "auth.0001_initial")
    everything = [*GIT, "shop.0003_user"]
    assert made.found(past(git=everything, ledger=everything), "MS705") == []
    (finding,) = made.found(past(git=everything, database=everything), "MS705")
    assert finding.message.startswith("auth.0001_initial has to come before shop.0003_user")
    assert "(database default)" in finding.message
    # with --all-apps: no repository has it, unless it keeps copies of what it uses
    assert made.found(past(git=everything), "MS705", apps=["shop", "auth"]) == []
    copied = past(git=[*everything, "auth.0002_next"])
    assert len(made.found(copied, "MS705", apps=["shop", "auth"])) == 1


def test_a_ledger_need_not_have_all() -> None:
    made = shop().add("stock.0001_initial").add("shop.0003_stock", "shop.0002_status", "stock.0001_initial")
    everything = [*GIT, "shop.0003_stock", "stock.0001_initial"]
    apps = ["shop", "stock"]
    # written by migsafe record shop
    assert made.found(past(ledger=[*GIT, "shop.0003_stock"]), "MS705", apps=apps) == []
    # written by migsafe accept shop 0003
    assert made.found(past(git=everything, ledger=["shop.0003_stock"]), "MS705", apps=apps) == []
    (finding,) = shop().found(past(ledger=["shop.0002_status"]), "MS705", apps=apps)
    assert finding.migration == "0002_status"


def test_not_inserted() -> None:
    made = shop().add("shop.0003_new", "shop.0002_status")
    # what git has and the database does not yet is what a deploy is for
    assert made.found(past(git=GIT, database=GIT[:1]), "MS705") == []
    assert made.found(past(git=GIT, database=[]), "MS705") == []


def test_another_user_model_comes_before_what_is_applied() -> None:
    made = Made(swappable={"AUTH_USER_MODEL": "shop.user"}).add("shop.0001_initial")
    made.add("admin.0001_initial", Dependency("shop", "__first__", "AUTH_USER_MODEL"), own=False)
    (finding,) = made.found(past(database=["admin.0001_initial"]), "MS705")
    assert finding.message.endswith(
        "(database default) without it: admin.0001_initial depends on what AUTH_USER_MODEL names"
    )
    assert (finding.migration, "AUTH_USER_MODEL" in finding.fix) == ("0001_initial", True)


def test_a_database_that_has_skipped_one_is_told_how_to_record_it() -> None:
    (finding,) = shop().found(past(git=GIT, database=["shop.0002_status"]), "MS705")
    assert "VALUES\n    ('shop', '0001_initial', now());" in finding.fix
    assert finding.evidence == (Evidence("applied", "database default since 2026-01-03"),)


def test_a_dependency_on_whatever_is_first_has_to_say_which() -> None:
    made = Made().add("stock.0000_before").add("stock.0001_initial", "stock.0000_before")
    made.add("shop.0001_initial", "stock.__first__")
    (finding,) = made.found(past(git=["shop.0001_initial", "stock.0001_initial"]), "MS705", apps=["shop", "stock"])[:1]
    assert finding.message.endswith("shop.0001_initial depends on stock.__first__")
    assert "instead of whichever is `__first__` of stock" in finding.fix


def test_where_only_the_database_was_asked_both_ways_are_told() -> None:
    (finding,) = shop().found(past(database=["shop.0002_status"]), "MS705")
    assert "git log --follow --patch -- shop/migrations/0002_status.py" in finding.fix
    assert "got one of them with `--fake`" in finding.fix
    assert "INSERT INTO django_migrations" in finding.fix


# MS706


def test_recorded_but_missing() -> None:
    made = shop().add("stock.0001_initial")
    rows = [*GIT, "shop.0003_branch", "blog.0001_initial", "blog.0002_more"]
    missing, foreign = reversed(made.found(past(database=rows), "MS706", apps=["shop", "stock"]))
    assert missing.message == "database default has recorded shop.0003_branch, of which there is no file"
    assert (missing.severity, missing.migration) == (Severity.WARNING, "0003_branch")
    assert foreign.message == "database default has recorded 2 migrations of app blog, which is not installed"
    assert (foreign.severity, foreign.app, foreign.migration) == (Severity.INFO, "blog", None)
    # who asks about one app is not told of others
    assert [one.app for one in made.found(past(database=rows), "MS706")] == ["shop"]


def test_recorded_and_known() -> None:
    assert squashed().found(past(database=GIT), "MS706") == []
    assert shop().found(past(git=["shop.0003_gone"], database=["shop.0003_gone"]), "MS706") == []
    assert shop().found(past(database=["shop.0003_a"], renamed={"shop.0003_a": "shop.0002_status"}), "MS706") == []


def test_what_a_squash_left_behind_is_one_info() -> None:
    squash = "shop.0001_initial_squashed_0002_status"
    (finding,) = Made().add(squash).found(past(database=[*GIT, squash]), "MS706")
    assert (finding.severity, finding.migration) == (Severity.INFO, None)
    assert "migrate shop --prune" in finding.fix


# MS707


def test_applied_in_another_order() -> None:
    made = shop().add("shop.0003_next", "shop.0002_status")
    (finding,) = made.found(past(database=["shop.0001_initial", "shop.0003_next", "shop.0002_status"]), "MS707")
    assert finding.message == (
        "database default has recorded shop.0003_next before shop.0002_status, on which it depends"
    )
    assert finding.evidence == (
        Evidence("recorded", "shop.0003_next 2026-01-03 10:00:00\nshop.0002_status 2026-01-03 10:00:00"),
    )
    assert made.found(past(database=[*GIT, "shop.0003_next"]), "MS707") == []
    assert made.found(past(database=[*GIT, "shop.0003_next", "shop.0002_status"]), "MS707") == []  # twice
    assert made.found(past(git=[*GIT]), "MS707") == []


def test_of_a_chain_only_what_is_next_to_each_other_is_told() -> None:
    made = shop().add("shop.0003_next", "shop.0002_status").add("shop.0004_last", "shop.0003_next")
    rows = ["shop.0001_initial", "shop.0003_next", "shop.0004_last", "shop.0002_status"]
    assert [one.migration for one in made.found(past(database=rows), "MS707")] == ["0003_next"]


def test_a_squash_is_recorded_when_all_that_it_replaces_is() -> None:
    made = squashed()
    assert made.found(past(database=[*GIT, "shop.0003_next", "shop.0001_squash"]), "MS707") == []
    # what it replaces is still there
    both = shop().add("shop.0001_squash", replaces=GIT).add("shop.0003_next", "shop.0002_status")
    late = past(database=[GIT[0], "shop.0003_next", GIT[1], "shop.0001_squash"])
    (finding,) = both.found(late, "MS707")
    assert finding.message.endswith("recorded shop.0003_next before shop.0002_status, on which it depends")


def test_what_was_a_squash_is_recorded_late() -> None:
    named = "shop.0001_initial_squashed_0002_status"
    left = Made().add(named).add("shop.0003_next", named)
    assert left.found(past(database=["shop.0003_next", named]), "MS707") == []
    made = squashed(replaces=False)
    assert made.found(past(database=["shop.0003_next", "shop.0001_squash"]), "MS707") == []
    middle = shop().add("shop.0003_squash", "shop.0002_status").add("shop.0005_next", "shop.0003_squash")
    rows = [*GIT, "shop.0005_next", "shop.0003_squash"]
    was = edit("cosmetic", name="shop.0003_squash", graph=True, before=meaning(replaces=["shop.0003_a"]))
    assert len(middle.found(past(database=rows), "MS707")) == 1
    assert middle.found(past(database=rows, edits=[was]), "MS707") == []


# MS723


def test_what_cannot_be_compared() -> None:
    unread = Unread(app="shop", name="0002_status", source="git", reason="at origin/main, it is no Python")
    known = replace(past(git=GIT), unread=(unread,))
    (finding,) = shop().found(known, "MS723")
    assert finding.message == (
        "shop.0002_status is applied (origin/main), and cannot be compared with what it was: at origin/main, it is no"
        " Python"
    )
    assert "git diff origin/main -- shop/migrations/0002_status.py" in finding.fix
    assert "migsafe accept shop 0002_status" in finding.fix
    accepted = Acceptance(reason="was never deployed", date=SINCE, fingerprint=None)
    muted = ledger.without([finding], replace(known, accepted={unread.key: accepted}))
    assert (muted.findings, [one.finding for one in muted.suppressed]) == ((), [finding])


def test_a_source_that_is_gone_is_put_back() -> None:
    compiled = shop()
    compiled.nodes[key("shop.0002_status")] = replace(
        compiled.nodes[key("shop.0002_status")], path="shop/migrations/0002_status.pyc"
    )
    unread = Unread(app="shop", name="0002_status", source="git", reason="there is only 0002_status.pyc")
    (finding,) = compiled.found(replace(past(git=GIT), unread=(unread,)), "MS723")
    assert finding.fix == "Put the file back as it was:\n\n" + shell(
        "git checkout origin/main -- shop/migrations/0002_status.py"
    )
