"""A PostGIS server of the tests' own: started as another user than root, on a loopback port."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

PROGRAMS = ("initdb", "postgres")
_LONGEST_S = 120
PASSWORD = "Bí-mật/2018"  # noqa: S105 - of a server that lives for a minute
"""Of every role; in a URL it is percent-encoded."""

ENCODED = "B%C3%AD-m%E1%BA%ADt%2F2018"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "32MB",
    "max_connections": "30",
    # The tests kill processes, not machines: what was written stays in the system's cache.
    "fsync": "off",
    "autovacuum": "off",
    "logging_collector": "off",
    "log_statement": "all",
    "lc_messages": "C",
}


def programs() -> dict[str, str] | None:
    """Find the programs of a server that has PostGIS; Debian keeps them off the PATH."""
    controls = Path("/usr/share/postgresql").glob("*/extension/postgis.control")
    versions = sorted((one.parents[1].name for one in controls), key=float, reverse=True)
    folders = [f"/usr/lib/postgresql/{version}/bin" for version in versions]
    path = os.pathsep.join([*folders, os.environ.get("PATH", "")])
    found = {name: shutil.which(name, path=path) for name in PROGRAMS}
    return {name: str(place) for name, place in found.items()} if all(found.values()) else None


class Server:
    """A server and its one database; `url` gives addresses in it."""

    def __init__(self, found: dict[str, str]) -> None:
        self.programs = found
        self.folder = Path(tempfile.mkdtemp(prefix="kcngeo-postgres-"))
        self.data = self.folder / "data"
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None
        self.user: list[str] = []
        if os.geteuid() == 0:
            name = next(one for one in ("postgres", "nobody") if _is_user(one))
            shutil.chown(self.folder, name)
            self.user = ["setpriv", f"--reuid={name}", "--clear-groups", "--"]
        word = self.folder / "word"
        word.write_text(PASSWORD + "\n", encoding="utf-8")
        word.chmod(0o644)
        subprocess.run(
            [
                *self.user,
                found["initdb"],
                f"--pgdata={self.data}",
                "--username=owner",
                "--auth=scram-sha-256",
                f"--pwfile={word}",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ],
            check=True,
            capture_output=True,
            cwd=self.folder,
        )
        # Another server may have taken the port since it was found free.
        while not self._starts_on(_free_port()):
            assert "Address already in use" in self.log(), self.log()

    def start(self) -> None:
        """Start the server again, on its port, and wait until it answers."""
        assert self._starts_on(self.port), self.log()

    def _starts_on(self, port: int) -> bool:
        """Start the server on a port and wait until it answers; tell whether it did."""
        self.port = port
        settings = [f"-c{name}={value}" for name, value in _SETTINGS.items()]
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(
            [*self.user, self.programs["postgres"], "-D", self.data, f"-p{self.port}", *settings],
            stdout=log,
            stderr=log,
            cwd=self.folder,
        )
        log.close()
        import psycopg

        until = time.monotonic() + _LONGEST_S
        while time.monotonic() < until:
            try:
                psycopg.connect(self.url(schema=None), connect_timeout=2).close()
            except psycopg.OperationalError:
                if self.process.poll() is not None:
                    return False
                time.sleep(0.05)
            else:
                return True
        raise AssertionError(self.log())

    def kill(self) -> None:
        """Kill the server and everything it started, as a crash would."""
        assert self.process is not None
        # Stopped first: it starts nobody whom this would miss.
        self.process.send_signal(signal.SIGSTOP)
        children = _children(self.process.pid)
        for one in (self.process.pid, *children):
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        self.process.wait()
        # Whoever is not gone yet still holds the memory the next server asks for.
        until = time.monotonic() + _LONGEST_S
        while any(_is_alive(one) for one in children):
            assert time.monotonic() < until, children
            time.sleep(0.005)

    def stop(self) -> None:
        """Stop the server and remove its files."""
        if self.process is not None and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self) -> str:
        """Give what the server has logged, statements and all."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def url(self, schema: str | None = "kcn", *, user: str = "owner", more: str = "") -> str:
        """Give the address of a schema, password and all."""
        place = f"postgresql://{user}:{ENCODED}@127.0.0.1:{self.port}/postgres"
        options = [*([f"schema={schema}"] if schema else []), *([more] if more else [])]
        return place + ("?" + "&".join(options) if options else "")

    def run(self, statement: str) -> list[tuple[object, ...]]:
        """Run a statement as the owner."""
        import psycopg

        with psycopg.connect(self.url(schema=None), autocommit=True) as connection:
            done = connection.execute(statement.encode())
            return done.fetchall() if done.description else []


def _is_alive(process: int) -> bool:
    """Tell whether a process runs; one that is dead and not yet buried does not."""
    try:
        text = Path(f"/proc/{process}/stat").read_text("utf-8", errors="replace")
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] not in ("Z", "X")


def _children(parent: int) -> list[int]:
    """List the processes a process has started, where the system tells."""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = file.read_text("utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(file.parent.name))
    return found


def _is_user(name: str) -> bool:
    import pwd

    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _free_port() -> int:
    """Find a port below those the system lends to clients: a server killed gets it back."""
    while True:
        port = random.randrange(15_000, 30_000)
        with socket.socket() as asked, contextlib.suppress(OSError):
            asked.bind(("127.0.0.1", port))
            return port
