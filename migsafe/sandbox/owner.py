"""Whose a leftover is: a stamp of the process that made it, and whether that process is gone."""

import os
import socket
from pathlib import Path


def stamp() -> str:
    """Say which process this is: where it runs, its id, and when it began."""
    return f"{_here()} {os.getpid()} {_began(os.getpid())}"


def sign(directory: Path) -> None:
    """Say in a directory that it is this process's."""
    (directory / "owner").write_text(stamp())


def left(directory: Path) -> bool:
    """Whether a directory was signed by a process that has ended.

    Raises:
        OSError: It was not, or is closed to us.
    """
    return is_gone((directory / "owner").read_text())


def is_gone(stamp: str) -> bool:
    """Whether the process that made this stamp has certainly ended: of other machines and containers nobody knows."""
    match stamp.split():
        case [here, pid, began] if here == _here() and pid.isdecimal():
            return _began(int(pid)) != began
    return False


def _here() -> str:
    """Within what process ids mean the same, also after a reboot."""
    machine, namespace = Path("/etc/machine-id"), Path("/proc/self/ns/pid")
    identity = machine.read_text().strip() if machine.exists() else ""
    return f"{identity}/{socket.gethostname()}/{namespace.readlink() if namespace.exists() else ''}".replace(" ", "_")


def _began(pid: int) -> str:
    """When a process began, or that it runs where that cannot be told; empty if it does not run."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass  # somebody else's
    try:
        # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the 22nd, the name in parentheses is the second
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "running"
    return "" if fields[0] == "Z" else fields[19]
