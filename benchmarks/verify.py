"""What it costs to watch migrations, and to prove a whole history, on real projects.

    make benchmark                         with the other benchmarks
    python -m benchmarks.verify            this one alone: some minutes, the first time more

``migrate`` is Django's own, from an empty database to the end of the history. ``watched`` is what ``migsafe verify``
does forwards: every statement is observed, and compared with what was predicted. Both use one server. Whole commands
are timed from start to exit; a figure is the best of ``--repeat`` runs. Then comes ``migsafe verify --all``, once, with
a server of its own: with rows, the way back, and old and new code.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from migsafe.config import load_config
from migsafe.sandbox.local import local_server
from tests.equality.environments import REPOSITORY, environment

EQUALITY = REPOSITORY / "tests" / "equality" / "projects"
PROJECTS = {"shop": REPOSITORY / "scenarios" / "shop", "wagtail": EQUALITY / "wagtail", "oscar": EQUALITY / "oscar"}

REQUIREMENTS = "core-5.2"

SETTINGS = """
from os import environ
from {original} import *
DATABASES["default"] |= {{"HOST": environ["PGHOST"], "PORT": environ["PGPORT"], "USER": environ["PGUSER"],
                          "NAME": environ["PGDATABASE"]}}
"""


class Time(NamedTuple):
    """From start to exit; on a busy machine, what counts is the time on processors, the server's included."""

    seconds: float
    processor: float

    def __str__(self) -> str:
        return f"{self.seconds:7.2f} s, {self.processor:6.2f} s on processors"


def run(command: list[str | Path], folder: Path, variables: Mapping[str, str], *, findings: bool = False) -> Time:
    """Time a command in a project; with findings, exit code 1 is no failure."""
    unwanted = ("DJANGO_", "MIGSAFE_", "PG", "PYTHONDONTWRITEBYTECODE")  # the last: else it mostly compiles
    environ = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env={**environ, **variables}, stdout=subprocess.DEVNULL, stderr=errors
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, int(findings)):
            errors.seek(0)
            sys.exit(f"{command[1:]} failed with {process.returncode}:\n{errors.read().decode()[-2000:]}")
    return Time(seconds, usage.ru_utime + usage.ru_stime)


def used(pid: int) -> float:
    """Seconds that a process and its children, also those that are gone, were on a processor; 0 where /proc is none."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    ticks = sum(map(int, stat.read_text().rpartition(")")[2].split()[11:15]))
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return ticks / os.sysconf("SC_CLK_TCK") + sum(used(int(child)) for child in children)


def watched() -> None:
    """Migrate the database of libpq's variables from zero, in the project of the working directory, and watch."""
    from migsafe.project.databases import Address
    from migsafe.project.execute import Executor
    from migsafe.project.graph import History
    from migsafe.project.load import load
    from migsafe.sandbox.watch import Watcher

    host, port, user, name = (os.environ[f"PG{variable}"] for variable in ("HOST", "PORT", "USER", "DATABASE"))
    project = load(Path.cwd())
    history = History(project)
    watcher = Watcher(f"host={host} port={port} user={user} dbname={name}")
    with Executor(project, history, postgres=int(os.environ["MAJOR"])) as executor:
        executor.use(Address(host, int(port), user, None, name))
        reached = executor.empty()
        for key in history.order:
            reached, result = executor.forward(key, reached, watcher=watcher)
            if result.failure:
                print(f"{'.'.join(key)}: {result.failure.error}", file=sys.stderr)
                sys.exit(3)
        executor.deployed(reached)


def compare(name: str, repeat: int, postgres: int) -> None:
    """Print what the three commands take in a project."""
    folder = PROJECTS[name]
    python = environment(REQUIREMENTS)
    config = load_config(folder, environ={})
    migrate: list[str | Path] = [python, "-m", "django", "migrate", "--verbosity", "0"]
    with local_server(postgres) as server, tempfile.TemporaryDirectory() as settings:
        (Path(settings) / "benchmark_settings.py").write_text(SETTINGS.format(original=config.settings))
        variables = config.env | {
            "DJANGO_SETTINGS_MODULE": "benchmark_settings",
            "PYTHONPATH": f"{settings}:{folder}:{REPOSITORY}",
            "MAJOR": str(postgres),
            "PGHOST": server.host,
            "PGPORT": str(server.port),
            "PGUSER": server.user,
        }

        postmaster = int((Path(server.host) / "data" / "postmaster.pid").read_text().split()[0])

        def once(command: list[str | Path]) -> Time:
            database = server.create_database()
            before = used(postmaster)
            took = run(command, folder, {**variables, "PGDATABASE": database})
            took = took._replace(processor=took.processor + used(postmaster) - before)
            server.drop_database(database)
            return took

        watch: list[str | Path] = [python, "-m", "benchmarks.verify", "--watched"]
        times = [(once(migrate), once(watch)) for _ in range(repeat + 1)][1:]  # the first compiles Python
    plain, ours = (Time(*map(min, zip(*column, strict=True))) for column in zip(*times, strict=True))
    print(f"{name:8}{'migrate':22}{plain}")
    longer, dearer = ours.seconds / plain.seconds, ours.processor / plain.processor
    print(f"{'':8}{'watched':22}{ours}: {longer:.2f} times as long, {dearer:.2f} times the work", flush=True)
    verify: list[str | Path] = [python, "-m", "migsafe", "verify", "--all", "--sandbox", "wheel"]
    environ = {**config.env, "PYTHONPATH": f"{folder}:{REPOSITORY}"}
    proven = run([*verify, "--postgres", str(postgres), "--format", "json"], folder, environ, findings=True)
    print(f"{'':8}{'migsafe verify --all':22}{proven.seconds:7.2f} s\n", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=PROJECTS, nargs="+", default=list(PROJECTS))
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--postgres", type=int, default=16)
    parser.add_argument("--watched", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.watched:
        watched()
        return
    print(f"PostgreSQL {options.postgres}")
    for name in options.only:
        compare(name, options.repeat, options.postgres)


if __name__ == "__main__":
    main()
