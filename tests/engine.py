"""Run the tests of the provider ``docker`` with an engine and an image that are there for nothing else.

python tests/engine.py [ARGUMENTS OF PYTEST]

Where this runs as root on Debian, it needs neither an installed engine nor a registry: Debian's packages are unpacked
into a folder, dockerd runs from there with a socket and a data folder of its own, and the image is made of the binaries
that the sandbox fetches, the libraries that they load, and busybox. All of it is gone afterwards. Where that cannot be had
it says so, loudly, and exits with 0; a test that fails makes it fail.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from migsafe.errors import SandboxError
from migsafe.sandbox.binaries import Binaries, embedded

MAJOR = 16
PACKAGES = ("docker.io", "busybox-static")
BRIDGE = Path("/sys/class/net/docker0")
TRACES = [Path(path) for path in ("/etc/docker", "/opt/containerd", "/run/docker", "/run/containerd")]
"""What dockerd makes wherever its own folders are."""

SECONDS = 30
"""How long one step may take: CI is not to wait for what it does not get."""

# What the official image's does, as far as the provider can tell: a first server on a socket alone, then the real one.
ENTRYPOINT = """\
#!/bin/sh
set -e
if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA"
    chown postgres "$PGDATA"
    exec su postgres -s /bin/sh -c 'exec "$0" "$@"' -- "$0" "$@"
fi
if [ "$1" = postgres ]; then
    echo "$POSTGRES_PASSWORD" >/tmp/password
    initdb --username="$POSTGRES_USER" --pwfile=/tmp/password --auth-host=md5 --auth-local=trust --no-locale --encoding=UTF8 --no-sync
    echo "host all all all md5" >>"$PGDATA/pg_hba.conf"
    pg_ctl start -w -o "-c listen_addresses=''"
    pg_ctl stop -w
    set -- "$@" -c "listen_addresses=*"
fi
exec "$@"
"""


class Missing(Exception):
    """Why there is no engine here."""


def main(arguments: Sequence[str]) -> int:
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        with tempfile.TemporaryDirectory(prefix="engine-") as folder:
            Path(folder).chmod(0o755)
            with engine(Path(folder)) as host:
                environment = {**os.environ, "DOCKER_HOST": host, "MIGSAFE_TEST_DOCKER": f"postgres:{MAJOR}"}
                tests = [sys.executable, "-m", "pytest", *arguments, "tests/sandbox/test_docker.py"]
                return subprocess.run(tests, check=False, env=environment).returncode
    except Missing as reason:
        line = "!" * 100
        print(f"{line}\nTHE PROVIDER docker WAS NOT TESTED FOR REAL: {reason}\n{line}", flush=True)
        return 0


@contextmanager
def engine(folder: Path) -> Iterator[str]:
    """An engine that has the image ``postgres:MAJOR``; yields its address."""
    root = unpacked(folder / "packages")
    path = [str(root / directory) for directory in ("usr/sbin", "usr/bin", "sbin", "bin")]
    libraries = [str(directory) for directory in (root / "usr/lib").glob("*-linux-gnu")]
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([*path, os.environ["PATH"], "/usr/sbin", "/sbin"]),
        "LD_LIBRARY_PATH": os.pathsep.join(libraries),
    }
    address = f"unix://{folder}/docker.sock"
    new = [trace for trace in (BRIDGE, *TRACES) if not trace.exists()]
    # However this process ends, the daemon ends.
    command: list[str | Path] = ["setpriv", "--pdeathsig", "TERM", "dockerd", "--host", address]
    command += ["--iptables=false", "--ip6tables=false", "--ip-forward=false", "--pidfile", folder / "pid"]
    command += ["--data-root", folder / "data", "--exec-root", folder / "exec", "--config-file", folder / "none.json"]
    (folder / "none.json").write_text("{}")
    with (folder / "log").open("w") as log:
        try:
            daemon = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
        except OSError as error:
            raise Missing(f"dockerd cannot be run: {error}") from error
        try:
            wait(daemon, address, folder / "log")
            make_image(address, folder / "image", root)
            yield address
        finally:
            daemon.terminate()
            with suppress(subprocess.TimeoutExpired):
                daemon.wait(SECONDS)
            daemon.kill()
            if BRIDGE in new and (ip := shutil.which("ip")):
                subprocess.run([ip, "link", "delete", BRIDGE.name], check=False, stderr=subprocess.DEVNULL)
            for trace in (trace for trace in TRACES if trace in new):
                shutil.rmtree(trace, ignore_errors=True)


def unpacked(folder: Path) -> Path:
    """Debian's packages in a folder: nothing is installed, no service starts.

    Raises:
        Missing: They cannot be had.
    """
    if os.geteuid() != 0:
        raise Missing("only root can run dockerd")
    if not shutil.which("apt-get"):
        raise Missing("this is no Debian, which its packages are for")
    folder.mkdir()
    simulated = ["apt-get", "install", "--simulate", "--no-install-recommends", *PACKAGES]
    try:
        planned = run(simulated)
    except Missing:
        run(["apt-get", "update"])
        planned = run(simulated)
    # What is installed already is used as it is.
    wanted = re.findall(r"^Inst (\S+)", planned, re.MULTILINE)
    if wanted:
        run(["apt-get", "download", "-o", "APT::Sandbox::User=root", *wanted], folder)
    for package in folder.glob("*.deb"):
        run(["dpkg-deb", "--extract", package, folder / "root"])
    return folder / "root"


def wait(daemon: subprocess.Popen[bytes], address: str, log: Path) -> None:
    """Wait until an engine answers."""
    from docker import DockerClient
    from docker.errors import DockerException

    end = time.monotonic() + SECONDS
    while daemon.poll() is None and time.monotonic() < end:
        with suppress(DockerException):
            DockerClient(address, timeout=SECONDS).close()
            return
        time.sleep(0.1)
    raise Missing("dockerd does not start here:\n" + "\n".join(log.read_text().splitlines()[-5:]))


def make_image(address: str, folder: Path, packages: Path) -> None:
    """Import an image of the binaries that the sandbox fetches, tagged like the official one, and see that it runs."""
    from docker import DockerClient
    from docker.errors import DockerException

    busybox = next((path for path in (packages / "bin/busybox", Path("/bin/busybox")) if path.exists()), None)
    if busybox is None:
        raise Missing("there is no busybox")
    try:
        fill(folder, embedded(MAJOR), busybox)
    except SandboxError as error:
        raise Missing(error.message) from error
    archive = folder.with_suffix(".tar")
    with tarfile.open(archive, "w") as tar:
        tar.add(folder, ".")
    client = DockerClient(address, timeout=SECONDS)
    changes = ['ENTRYPOINT ["/entrypoint"]', 'CMD ["postgres"]', "EXPOSE 5432", "VOLUME /var/lib/postgresql/data"]
    changes += ["ENV PATH=/postgres/bin:/bin LD_LIBRARY_PATH=/postgres/lib:/lib PGDATA=/var/lib/postgresql/data"]
    try:
        client.api.import_image(str(archive), repository="postgres", tag=str(MAJOR), changes=changes)
        client.containers.run(f"postgres:{MAJOR}", ["id"], remove=True)
    except (DockerException, OSError) as error:
        raise Missing(f"the engine runs no container: {error}") from error
    finally:
        client.close()


def fill(folder: Path, binaries: Binaries, busybox: Path) -> None:
    """Make a root file system."""
    for directory in ("bin", "lib", "etc", "tmp", "var/lib/postgresql/data"):
        (folder / directory).mkdir(parents=True)
    (folder / "tmp").chmod(0o1777)
    (folder / "etc/passwd").write_text("root:x:0:0::/:/bin/sh\npostgres:x:70:70::/:/bin/sh\n")
    (folder / "etc/group").write_text("root:x:0:\npostgres:x:70:\n")
    (folder / "entrypoint").write_text(ENTRYPOINT)
    (folder / "entrypoint").chmod(0o755)
    shutil.copy(busybox, folder / "bin/busybox")
    for applet in ("sh", "su", "id", "mkdir", "chown"):
        (folder / "bin" / applet).symlink_to("busybox")
    if (zone := Path("/usr/share/zoneinfo/UTC")).exists():  # some binaries have none of their own
        (folder / "usr/share/zoneinfo").mkdir(parents=True)
        shutil.copy(zone, folder / "usr/share/zoneinfo/UTC")
    unneeded = shutil.ignore_patterns("include", "doc", "man", "*.a")
    shutil.copytree(binaries.directory.parent, folder / "postgres", symlinks=True, ignore=unneeded)
    own = binaries.directory.parent / "lib"
    programs = [binaries.directory / name for name in ("postgres", "initdb", "pg_ctl")]
    for library in {line for program in programs for line in libraries(program, own)}:
        path = Path(library)
        target = folder / (path.relative_to("/") if "ld-linux" in path.name else Path("lib") / path.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)


def libraries(program: Path, own: Path) -> list[str]:
    """What a program loads of this machine."""
    environment = {**os.environ, "LD_LIBRARY_PATH": str(own)}
    listed = subprocess.run(["ldd", program], check=False, env=environment, capture_output=True, text=True).stdout
    return [path for path in re.findall(r"(/\S+) \(0x", listed) if not Path(path).is_relative_to(own)]


def run(command: Sequence[str | Path], folder: Path | None = None) -> str:
    try:
        return subprocess.run(
            command, check=True, cwd=folder, capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        output = getattr(error, "stderr", "") or ""
        raise Missing(f"{error}\n{output}".rstrip()) from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
