"""The provider ``docker``: the official image, or the one that has the extensions of production."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from migsafe.errors import SandboxError
from migsafe.sandbox import owner
from migsafe.sandbox.local import ROOM, SETTINGS
from migsafe.sandbox.server import Server, Unavailable, Wanted, import_psycopg, reached

try:
    from docker.errors import APIError, DockerException, ImageNotFound, NotFound
    from testcontainers.community.postgres import PostgresContainer
    from testcontainers.core.config import testcontainers_config
    from testcontainers.core.docker_client import DockerClient
except ImportError as error:
    raise Unavailable(f"{error}: pip install 'django-migsafe[docker]'") from error

if TYPE_CHECKING:
    import docker

# A project that logs what all say from INFO on does not mean our container.
logging.getLogger("testcontainers").setLevel(logging.WARNING)

LABEL = "migsafe.owner"
MEMORY = "/migsafe"
"""Where memory is mounted in the container."""

ANSWER_SECONDS = 5
"""How long an engine may take to answer."""

WORK_SECONDS = 60
"""How long it may take over one thing, but for fetching an image."""

START_SECONDS = 60
"""How long an image may take to start."""


@contextmanager
def server(wanted: Wanted) -> Iterator[Server]:
    """Run an image, and remove the container with its volumes.

    Raises:
        Unavailable: No engine answers.
        SandboxError: The image cannot be had, does not start, or is of another version than the one that is wanted.
    """
    image = wanted.image or f"postgres:{wanted.major or wanted.otherwise}"
    with _engine() as engine, _named(image):
        sweep(engine)
        _fetch(engine, testcontainers_config.hub_image_name_prefix + image)
        container = _container(image, in_memory=engine.info().get("MemTotal", 0) > 4 * ROOM)
    try:
        with _named(image):
            _start(container)
            server = reached(container.server(), wanted.major, f"The image {image}")
        yield server
    finally:
        with _named(image), suppress(NotFound):
            container.stop()


@contextmanager
def _named(image: str) -> Iterator[None]:
    """Make an error of Docker one of ours."""
    try:
        yield
    except (DockerException, OSError) as error:  # OSError if the engine does not answer anymore
        raise SandboxError(f"Docker cannot run the image {image}: {error}") from error


@contextmanager
def _engine() -> Iterator[docker.DockerClient]:
    try:
        engine = DockerClient(timeout=ANSWER_SECONDS).client
    except DockerException as error:
        raise Unavailable(f"no engine answers: {error}") from error
    engine.api.timeout = WORK_SECONDS
    try:
        yield engine
    finally:
        engine.close()


def sweep(engine: docker.DockerClient) -> None:
    """Remove what runs that were killed have left behind."""
    for container in engine.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True):
        if owner.is_gone(container.labels[LABEL]):
            with suppress(APIError):  # another run does the same
                container.remove(force=True, v=True)


def _fetch(engine: docker.DockerClient, image: str) -> None:
    try:
        engine.images.get(image)
    except ImageNotFound:
        try:
            engine.images.pull(image)
        except (DockerException, OSError) as error:
            raise SandboxError(
                f"Docker has no image {image}, and cannot fetch it: {error}",
                hint="Name another with --image, or go without Docker: --sandbox local or wheel.",
            ) from error


def _container(image: str, *, in_memory: bool) -> _Container:
    container = _Container(
        image, username="postgres", password=secrets.token_hex(), dbname="postgres", labels={LABEL: owner.stamp()}
    )
    if in_memory:
        container.with_tmpfs_mount(MEMORY).with_env("PGDATA", f"{MEMORY}/data")
    container.with_env("POSTGRES_INITDB_ARGS", "--no-sync")
    return container.with_command(["postgres", *(f"-c{name}={value}" for name, value in SETTINGS.items())])


def _start(container: _Container) -> None:
    swept_by_ryuk = testcontainers_config.ryuk_disabled
    testcontainers_config.ryuk_disabled = True  # it is one more image to be had, and we sweep ourselves
    try:
        container.start()
    finally:
        testcontainers_config.ryuk_disabled = swept_by_ryuk


class _Container(PostgresContainer):
    def server(self) -> Server:
        return Server(
            0,
            host=self.get_container_host_ip(),
            port=self.get_exposed_port(self.port),
            user=self.username,
            password=self.password,
            provider="docker",
        )

    def _connect(self) -> None:
        """Wait until the server can be reached: at once, and no longer than the container lives.

        Its own way needs psql in the image, asks once a second, and goes on for two minutes when the server has failed.
        """
        psycopg = import_psycopg()
        end = time.monotonic() + START_SECONDS
        container = self.get_wrapped_container()
        while True:
            container.reload()
            if container.status != "running" or time.monotonic() > end:
                said = container.logs().decode(errors="replace").splitlines()[-5:]
                raise SandboxError(f"The image {self.image} does not start a PostgreSQL:\n" + "\n".join(said))
            try:
                self.server().connect(connect_timeout="2").close()
            except (psycopg.OperationalError, OSError):  # OSError if the container has no port, or none anymore
                time.sleep(0.05)
            else:
                return
