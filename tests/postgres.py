"""A PostgreSQL server for tests: the one that `BOTKIT_TEST_POSTGRES` names, else one started for the session.

Each test gets databases of its own, with the tables of a store in them.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from botkit.stores.postgres import PostgresStore

REMEDY = "install postgresql (sudo apt install postgresql), or name a server's URL in BOTKIT_TEST_POSTGRES"
MIGRATIONS = Path(__file__).parent.parent / "botkit/stores/migrations/postgres"
TEMPLATE = "botkit_template"
TABLES = [
    table
    for script in sorted(MIGRATIONS.glob("*.sql"))
    for table in re.findall(r"^create table (\w+)", script.read_text(), re.MULTILINE)
]
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}


@dataclass(frozen=True)
class Postgres:
    """A server on which databases may be made."""

    url: str
    programs: Path | None = None
    folder: Path | None = None
    """Where a server that we started ourselves keeps its data."""
    _numbers: Iterator[int] = field(default_factory=count)
    _empty: list[str] = field(default_factory=list)

    def lend(self) -> str:
        """The URL of a database with the empty tables of a store."""
        if self._empty:
            return self._empty.pop()
        name = f"botkit_{os.getpid()}_{next(self._numbers)}"
        self.run(f'create database "{name}" template "{TEMPLATE}"')
        return self.url_of(name)

    def take_back(self, url: str) -> None:
        """Empty a database for the next test, which is ten times as fast as making one."""
        self.run("; ".join(f"delete from {table}" for table in reversed(TABLES)), url)  # noqa: S608
        self._empty.append(url)

    def drop(self, url: str) -> None:
        """Delete a database, whoever uses it."""
        self.run(f'drop database if exists "{urlsplit(url).path[1:]}" with (force)')

    def url_of(self, name: str) -> str:
        """The URL of a database of this server."""
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def run(self, statement: str, url: str = "") -> None:
        """Run a statement as the administrator; in a thread, because tests have a loop that is running."""
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, _execute(url or self.url, statement)).result()

    def restart(self) -> None:
        """Stop as a power cut would, and start again."""
        self.control("--wait", "--mode=immediate", "restart")

    def control(self, *arguments: str) -> None:
        """Start or stop a server that is our own."""
        assert self.folder
        assert self.programs
        port = urlsplit(self.url).port
        options = " ".join(f"-c {name}='{value}'" for name, value in {**OPTIONS, "port": str(port)}.items())
        log = self.folder / "log"
        command = [self.programs / "pg_ctl", f"--pgdata={self.folder / 'data'}", f"--log={log}", "--silent"]
        _run_unprivileged([*map(str, command), f"--options={options}", *arguments])


@contextmanager
def server() -> Iterator[Postgres | None]:
    """A server with the template of a store's database; `None` where there is none to be had."""
    if url := os.environ.get("BOTKIT_TEST_POSTGRES", ""):
        yield from _with_template(Postgres(url))
    elif programs := _programs():
        with _started(programs) as postgres:
            yield from _with_template(postgres)
    else:
        yield None


def _with_template(postgres: Postgres) -> Iterator[Postgres]:
    postgres.drop(postgres.url_of(TEMPLATE))
    postgres.run(f'create database "{TEMPLATE}"')
    asyncio.run(_prepare(postgres.url_of(TEMPLATE)))
    yield postgres
    for url in (*postgres._empty, postgres.url_of(TEMPLATE)):
        postgres.drop(url)


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _prepare(url: str) -> None:
    store = PostgresStore(url)
    await store.open()
    await store.close()


@contextmanager
def _started(programs: Path) -> Iterator[Postgres]:
    folder = Path(tempfile.mkdtemp(prefix="botkit-postgres-"))
    user = _user()
    if user:
        shutil.chown(folder, user)
    initdb = [programs / "initdb", f"--pgdata={folder / 'data'}", "--username=botkit", "--auth=trust", "--no-sync"]
    try:
        _run_unprivileged([*map(str, initdb), "--encoding=UTF8", "--locale=C"])
        postgres = Postgres(f"postgresql://botkit@127.0.0.1:{_free_port()}/postgres", programs, folder)
        postgres.control("--wait", "start")
        try:
            yield postgres
        finally:
            postgres.control("--wait", "--mode=immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path | None:
    """The newest PostgreSQL of this machine."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    elsewhere = shutil.which("initdb")
    if packaged:
        return packaged[-1].parent
    return Path(elsewhere).parent if elsewhere else None


def _user() -> str:
    """Who runs the server: PostgreSQL refuses to be run by root."""
    if os.geteuid() != 0:
        return ""
    import pwd  # noqa: PLC0415 (Windows has none, and no root)

    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _run_unprivileged(command: list[str]) -> None:
    user = _user()
    prefix = ["setpriv", f"--reuid={user}", "--init-groups", "--regid=" + _group(user)] if user else []
    environment: Mapping[str, str] = {**os.environ, "TZ": "UTC", "LC_ALL": "C"}
    done = subprocess.run(
        [*prefix, *command], check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, cwd="/"
    )
    assert done.returncode == 0, done.stdout.decode(errors="replace")


def _group(user: str) -> str:
    return subprocess.run(["id", "-g", user], check=True, capture_output=True, text=True).stdout.strip()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
