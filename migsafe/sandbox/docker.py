"""The provider ``docker``: the official image, or the one that has the extensions of production."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from migsafe.errors import SandboxError
from migsafe.sandbox import owner
from migsafe.sandbox.local import ROOM, SETTINGS
from migsafe.sandbox.server import Server, Unavailable, Wanted, reached

if TYPE_CHECKING:
    import docker
    from testcontainers.community.postgres import PostgresContainer

LABEL = "migsafe.owner"
MEMORY = "/migsafe"
"""Where memory is mounted in the container."""

ANSWER_SECONDS = 5
"""How long an engine may take to answer."""

START_SECONDS = 60
"""How long an image may take to start."""


@contextmanager
def server(wanted: Wanted) -> Iterator[Server]:
    """Run an image, and remove the container with its volumes.

    Raises:
        Unavailable: There is no engine that answers, or testcontainers is not installed.
        SandboxError: The image cannot be had, does not start, or is of another version than the one that is wanted.
    """
    with _engine() as engine:
        _sweep(engine)
        image = wanted.image or f"postgres:{wanted.major or wanted.otherwise}"
        _fetch(engine, image)
        container = _container(image, in_memory=engine.info().get("MemTotal", 0) > 4 * ROOM)
    try:
        yield _started(container, wanted)
    finally:
        container.stop()


@contextmanager
def _engine() -> Iterator[docker.DockerClient]:
    try:
        from docker.errors import DockerException
        from testcontainers.core.docker_client import DockerClient
    except ImportError as error:
        raise Unavailable(f"{error}: pip install 'django-migsafe[docker]'") from error
    try:
        engine = DockerClient(timeout=ANSWER_SECONDS).client
        engine.ping()
    except DockerException as error:
        raise Unavailable(f"no engine answers: {error}") from error
    try:
        yield engine
    finally:
        engine.close()


def _sweep(engine: docker.DockerClient) -> None:
    """Remove what runs that were killed have left behind."""
    for container in engine.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True):
        if owner.is_gone(container.labels[LABEL]):
            container.remove(force=True, v=True)


def _fetch(engine: docker.DockerClient, image: str) -> None:
    from docker.errors import DockerException, ImageNotFound

    try:
        engine.images.get(image)
    except ImageNotFound:
        try:
            engine.images.pull(image)
        except DockerException as error:
            raise SandboxError(
                f"Docker has no image {image}, and cannot fetch it: {error}",
                hint="Name another with --image, or go without Docker: --sandbox local or wheel.",
            ) from error


def _container(image: str, *, in_memory: bool) -> PostgresContainer:
    from testcontainers.community.postgres import PostgresContainer

    container = PostgresContainer(
        image, username="postgres", password=secrets.token_hex(), dbname="postgres", labels={LABEL: owner.stamp()}
    )
    if in_memory:
        container.with_tmpfs_mount(MEMORY).with_env("PGDATA", f"{MEMORY}/data")
    return container.with_command(["postgres", *(f"-c{name}={value}" for name, value in SETTINGS.items())])


def _started(container: PostgresContainer, wanted: Wanted) -> Server:
    from testcontainers.core.config import testcontainers_config

    ryuk = testcontainers_config.ryuk_disabled
    testcontainers_config.ryuk_disabled = True  # it is one more image to be had; we sweep ourselves
    try:
        container.start()
    finally:
        testcontainers_config.ryuk_disabled = ryuk
    server = Server(
        0,
        host=container.get_container_host_ip(),
        port=container.get_exposed_port(container.port),
        user=container.username,
        password=container.password,
        provider="docker",
    )
    return reached(server, wanted.major, f"The image {container.image}")
