"""A real Prometheus on loopback for a test, with the product's rules, fast enough to wait for."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp

from sim.load.ports import free_ports

PROJECT = Path(__file__).parents[2]
FOLDER = PROJECT / "docker" / "prometheus"


def program(name: str) -> str:
    """Where a program of Prometheus is: the machine's, or the one that the set-up unpacked."""
    return shutil.which(name) or str(PROJECT / ".cache/prometheus/root/usr/bin" / name)


async def promtool(*arguments: str, given: bytes = b"") -> tuple[int, str]:
    """Run promtool in the folder of the rules; its exit code and all that it said."""
    process = await asyncio.create_subprocess_exec(
        program("promtool"),
        *arguments,
        cwd=FOLDER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(given), 60.0)
    return process.returncode or 0, said.decode()


class Prometheus:
    """One that runs; ``ask`` is its query."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def ask(self, query: str) -> list[Any]:
        """The samples of an instant query; AssertionError when it is refused, ClientConnectionError
        when nobody is there, or is still reading what it kept."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(self._url + "/api/v1/query", params={"query": query}) as answer,
        ):
            if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
                raise aiohttp.ClientConnectionError("it is not ready yet")
            found = await answer.json()
            assert found["status"] == "success", (query, found)
            result: list[Any] = found["data"]["result"]
            return result

    async def has(self, query: str) -> bool:
        """Whether it answers, and has something to say."""
        try:
            return bool(await self.ask(query))
        except aiohttp.ClientConnectionError:
            return False


@contextlib.asynccontextmanager
async def running_prometheus(folder: Path, target: str, token: str) -> AsyncIterator[Prometheus]:
    """The shipped configuration against one controller, scraping each second."""
    config = (FOLDER / "prometheus.yml").read_text().replace(": 15s", ": 1s")
    config = config.replace("127.0.0.1:8080", target)
    (folder / "prometheus.yml").write_text(config)
    (folder / "token").write_text(token)
    shutil.copy(FOLDER / "rules.yml", folder)
    port = free_ports(1)[0]
    log = (folder / "prometheus.log").open("wb")
    process = await asyncio.create_subprocess_exec(
        program("prometheus"),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
        stdout=log,
        stderr=log,
    )
    log.close()
    try:
        yield Prometheus(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        await process.wait()
