"""How ``migsafe lint`` scales, beside a plain ``collect_sql`` walk and django-migration-linter, measured in one run.

    make benchmark                         the whole of it, some twenty minutes
    python -m benchmarks.lint --sizes 100 200 --only one

Whole commands are timed, from start to exit. The two others need a database: they get a throwaway PostgreSQL, empty, as
in a CI job. A figure is the best of ``--repeat`` runs, except theirs, which run once.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks import histories
from migsafe.sandbox.local import local_server

PLAIN_WALK = """
import django
django.setup()
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
loader = MigrationLoader(None)
state, done = ProjectState(), set()
for leaf in sorted(loader.graph.leaf_nodes()):
    for key in loader.graph.forwards_plan(leaf):
        if key in done:
            continue
        done.add(key)
        migration = loader.graph.nodes[key]
        with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
            state = migration.apply(state, editor, collect_sql=True)
"""


class Run(NamedTuple):
    seconds: float
    megabytes: float


def run(command: list[str], root: Path) -> Run:
    """Run a command to its end in a project; exit codes 0 and 1 (findings) are both an end."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": str(root)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # else all three mostly compile Django, again and again
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    errors = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    process.returncode = code
    if code not in (0, 1) or "Traceback" in errors:
        sys.exit(f"{' '.join(command[:5])} … failed with {code}:\n{errors[-2000:]}")
    return Run(seconds, usage.ru_maxrss / 1024)


def migsafe(root: Path, repeat: int, *options: str) -> Run:
    command = [sys.executable, "-m", "migsafe", "lint", "--initial", "--format", "json", *options]
    runs = [run(command, root) for _ in range(repeat)]
    return Run(min(seconds for seconds, _ in runs), max(megabytes for _, megabytes in runs))


def with_ledger(root: Path, repeat: int) -> Run:
    """Run lint when a ledger says that all is applied, and nothing was edited."""
    ledger = ("--ledger", "applied.lock")
    run([sys.executable, "-m", "migsafe", "record", *ledger], root)
    return migsafe(root, repeat, *ledger)


def start_up(repeat: int) -> float:
    """Milliseconds that ``migsafe --help`` takes more than Python that does nothing."""

    def best(*arguments: str) -> float:
        return min(run([sys.executable, *arguments], Path.cwd()).seconds for _ in range(repeat * 3))

    return 1000 * (best("-m", "migsafe", "--help") - best("-c", ""))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 200, 400, 800], help="migrations in a history")
    parser.add_argument("--only", choices=histories.SHAPES, nargs="+", default=histories.SHAPES)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--postgres", type=int, default=16, help="version of the throwaway server")
    options = parser.parse_args()
    sizes: list[int] = sorted(options.sizes)

    print(f"migsafe --help: {start_up(options.repeat):.0f} ms over bare Python\n")
    with local_server(options.postgres) as server, tempfile.TemporaryDirectory() as folder:
        for shape in options.only:
            times: dict[int, float] = {}
            print(f"{shape:8}{'migrations':>12}{'seconds':>10}{'ms each':>10}{'peak MB':>10}")
            for size in sizes:
                root = Path(folder) / f"{shape}{size}"
                root.mkdir()
                database = server.create_database()
                dsn = {"HOST": server.host, "PORT": str(server.port), "USER": server.user, "NAME": database}
                histories.write(root, shape, size, dsn)
                seconds, megabytes = migsafe(root, options.repeat)
                times[size] = seconds
                print(f"{'':8}{size:12}{seconds:10.2f}{1000 * seconds / size:10.2f}{megabytes:10.0f}", flush=True)
            largest = sizes[-1]
            if largest // 2 in times:
                print(f"{'':8}t({largest})/t({largest // 2}) = {times[largest] / times[largest // 2]:.2f}")
            seconds = with_ledger(Path(folder) / f"{shape}{largest}", options.repeat).seconds
            print(f"{'':8}with a ledger: {seconds:.2f} s, {seconds / times[largest]:.2f} times as long", flush=True)
            others = {
                "plain collect_sql walk": [sys.executable, "-c", PLAIN_WALK],
                "django-migration-linter": [sys.executable, "manage.py", "lintmigrations", "--no-cache"],
            }
            if shape == "dense":
                del others["django-migration-linter"]  # it walks so once for each migration: that takes days
            for name, command in others.items():
                seconds = run(command, Path(folder) / f"{shape}{largest}").seconds
                ratio = seconds / times[largest]
                print(f"{'':8}{name}: {seconds:.1f} s, migsafe is {ratio:.1f} times as fast", flush=True)
            print()


if __name__ == "__main__":
    main()
