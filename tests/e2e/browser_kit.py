"""Debian's chromium for tests, driven by playwright: a tone as microphone, ears in every page.

Where a machine has nothing but its loopback interface, WebRTC finds no address to use: it gets a
second one (10.99.0.1), and chromium is told that it may use loopback.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import math
import shutil
import struct
import subprocess
import tempfile
import time
import wave
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

from acd.adapters.certificates import make_certificate
from acd.config import Centre, load_centre
from sim.load.ports import free_ports
from sim.load.sound import tone
from tests.e2e.centre_kit import NUMBER, CentreKit, write_centre
from tests.fakes.sip_agent import Dialog
from tests.fakes.voice import Voice, level

#: Where sound goes in tests: an address that is neither 127.0.0.1 nor anybody else's.
ADDRESS = "10.99.0.1"
#: The operator's voice, and the caller's.
OPERATOR_HZ, CALLER_HZ, LEVEL = 1000, 450, 0.4
#: What counts as heard, and as silence.
HEARD, SILENCE = 0.3, 0.01
FILES = Path(__file__).parent / "browser"
PASSWORD = "a sentence nobody guesses 7"

_FLAGS = (
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
    "--disable-dev-shm-usage",
    # A page that a test writes itself comes from nowhere, and would count as one of the internet.
    "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets",
)


def chromium() -> str:
    """The program; it is part of the set-up, so that its absence is a failure and no skip."""
    found = shutil.which("chromium")
    assert found is not None, "chromium is missing: run `make setup`"
    return found


@contextlib.contextmanager
def loopback_address(address: str = ADDRESS) -> Iterator[None]:
    """Another address of the loopback interface, for as long as anybody on this machine uses it."""
    with Path(tempfile.gettempdir(), f"madoguchi-{address}.lock").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        change_address("add", address)
        try:
            yield
        finally:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                change_address("delete", address)


def change_address(what: str, address: str = ADDRESS) -> None:
    """Add or delete an address of the loopback interface; one that is (not) there is fine."""
    subprocess.run(
        ["ip", "address", what, f"{address}/32", "dev", "lo"], check=False, capture_output=True
    )


def write_tone(path: Path, hz: int = OPERATOR_HZ, level: float = LEVEL) -> Path:
    """Ten seconds of a tone, which chromium plays without end as the microphone."""
    rate = 48_000
    samples = (
        round(32767 * level * math.sin(2 * math.pi * hz * n / rate)) for n in range(10 * rate)
    )
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"".join(struct.pack("<h", each) for each in samples))
    return path


def contents(folder: Path) -> dict[Path, bytes]:
    """Every file below a folder. One that goes meanwhile (a database's journal) is left out."""
    found: dict[Path, bytes] = {}
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            if path.is_file():
                found[path] = path.read_bytes()
    return found


@contextlib.asynccontextmanager
async def running_browser(
    folder: Path, *flags: str, hz: int = OPERATOR_HZ
) -> AsyncIterator[Browser]:
    """Chromium with a tone as microphone. Each ``new_context()`` is another person's browser."""
    microphone = write_tone(folder / f"microphone-{hz}.wav", hz)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(),
            args=[*_FLAGS, f"--use-file-for-fake-audio-capture={microphone}", *flags],
        )
        try:
            yield browser
        finally:
            await browser.close()


def with_browsers(
    folder: Path,
    agents: dict[str, str],
    *,
    codecs: str = '"ulaw", "opus"',
    tls: bool = False,
    **rules: Any,
) -> Centre:
    """A centre's directory whose operators may telephone in a browser."""
    if tls:
        make_certificate(folder, ["127.0.0.1"])
        files = '[tls]\ncertificate = "certificate.pem"\nkey = "key.pem"\n'
        rules["more_settings"] = rules.get("more_settings", "") + files
    write_centre(folder, agents, **rules)
    settings = folder / "settings.toml"
    (port,) = free_ports(1)
    settings.write_text(
        settings.read_text().replace(
            "ws_port = 0", f'ws_port = {port}\nnetworks = ["10.99.0.0/24"]\ncodecs = [{codecs}]'
        )
    )
    return load_centre(folder)


@contextlib.asynccontextmanager
async def running_office(
    folder: Path, agents: dict[str, str], **rules: Any
) -> AsyncIterator[Office]:
    """A centre at work and a browser; all is gone afterwards."""
    with loopback_address():
        kit = CentreKit(folder, with_browsers(folder, agents, **rules))
        try:
            await kit.start_switch()
            await kit.start_controller()
            async with running_browser(folder) as browser:
                yield Office(kit, browser)
        finally:
            await kit.stop()


class Office:
    """A centre, a browser, and people who sign in there."""

    def __init__(self, kit: CentreKit, browser: Browser) -> None:
        self.kit = kit
        self.browser = browser
        self.base = kit.url
        self._people: set[str] = set()

    def at(self, browser: Browser) -> Office:
        """The same centre, seen from another machine."""
        there = Office(self.kit, browser)
        there._people = self._people
        return there

    async def person(self, agent: str, base: str = "") -> Page:
        """A new page, in a browser of its own, of an operator who has signed in (a supervisor,
        if the plan has no such operator). ``base`` is where the page finds the server, if not at
        its own port."""
        base = base or self.base
        page = await self.stranger(agent, base)
        answer = await page.request.post(
            "/api/session", data={"user": agent, "password": PASSWORD}, headers={"Origin": base}
        )
        assert answer.ok, await answer.text()
        return page

    async def stranger(self, agent: str, base: str = "") -> Page:
        """The same, of somebody who has an account and has not signed in."""
        if agent not in self._people:
            operator = any(each.id == agent for each in self.kit.centre.plan.agents)
            who = {"roles": ["operator"], "agent": agent} if operator else {"roles": ["supervisor"]}
            body = {"user": agent, "name": agent, "password": PASSWORD, **who}
            await self.kit.request("POST", "/api/people", body)
            self._people.add(agent)
        context = await self.browser.new_context(
            base_url=base or self.base, locale="ja-JP", ignore_https_errors=True
        )
        await context.add_init_script(path=FILES / "hearing.js")
        return await context.new_page()

    async def telephone(self, agent: str, base: str = "") -> Telephone:
        """An operator's bare telephone in a page, at work and ready."""
        page = await self.person(agent, base)
        phone = Telephone(page)
        await phone.open()
        await phone.work()
        return phone

    async def caller(self, number: str = NUMBER, name: str = "0466123456") -> Caller:
        """Somebody calls and talks; returns at once."""
        agent = await self.kit.caller(name)
        voice = await ToneWatch.open(agent.host)
        agent.rtp_port = voice.port
        dialog = await agent.call(number)
        await asyncio.wait_for(dialog.established.wait(), 20.0)
        voice.speak(tone(CALLER_HZ, LEVEL), dialog.sdp)
        return Caller(dialog, voice)


class ToneWatch(Voice):
    """A caller's ear that knows when the operator's tone came (seconds since the epoch)."""

    def __init__(self) -> None:
        super().__init__()
        self.packets: list[tuple[float, bytes]] = []

    def began(self, hz: int, least: float) -> float:
        """When a tone first came for two packets in a row; 0.0: not yet."""
        before = False
        for at_s, sound in self.packets:
            there = level(sound, hz) >= least
            if there and before:
                return at_s
            before = there
        return 0.0

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Keep the time of each packet as well."""
        super().datagram_received(data, addr)
        if len(data) > 12:
            self.packets.append((time.time(), data[12:]))


class Caller:
    """Somebody who calls and says one tone for ever."""

    def __init__(self, dialog: Dialog, voice: ToneWatch) -> None:
        self.dialog = dialog
        self.voice = voice

    def hears(self, hz: int) -> float:
        """How loud a tone is in the last half second heard."""
        return level(bytes(self.voice.heard[-4000:]), hz)

    async def hang_up(self) -> None:
        """Put down."""
        await self.dialog.hang_up()
        self.voice.close()


class Telephone:
    """The bare telephone of tests/e2e/browser/phone.html."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def open(self) -> None:
        """Load the page."""
        html = (FILES / "phone.html").read_text(encoding="utf-8")
        await self.page.route(
            "**/telephone", lambda route: route.fulfill(body=html, content_type="text/html")
        )
        await self.page.goto("/telephone")
        await self.page.wait_for_function("window.tool")

    async def work(self) -> None:
        """Get the secret, register, log in, be ready."""
        await self.page.evaluate("tool.work()")

    async def run(self, code: str) -> Any:
        """Run a method of the telephone: ``phone.mute(true)``."""
        return await self.page.evaluate(f"(async () => {{ await tool.{code} }})()")

    async def state(self) -> dict[str, Any]:
        """All signals."""
        found: dict[str, Any] = await self.page.evaluate("tool.state()")
        return found

    async def seen(self) -> list[str]:
        """Every state and line state there was."""
        found: list[str] = await self.page.evaluate("tool.seen")
        return found

    async def until(self, within_s: float = 20.0, **signals: Any) -> None:
        """Wait until the signals have these values."""
        await until(lambda: self._has(signals), within_s, self.state)

    async def _has(self, signals: dict[str, Any]) -> bool:
        now = await self.state()
        return all(now[name] == value for name, value in signals.items())

    async def answer(self) -> None:
        """Click on the button when it rings."""
        await self.until(state="ringing")
        await self.page.click("#answer")
        await self.until(state="talking")

    async def hears(self, hz: int = CALLER_HZ) -> float:
        """How loud a tone is in what the page hears now."""
        found: float = await self.page.evaluate(f"hearing.level({hz})")
        return found

    async def media(self) -> dict[str, str]:
        """How the newest call's sound travels: codec, DTLS state, SRTP cipher."""
        found: dict[str, str] = await self.page.evaluate(
            """async () => {
                const report = [...(await hearing.peers.at(-1).getStats()).values()];
                const inbound = report.find((each) => each.type === "inbound-rtp");
                const codec = report.find((each) => each.id === inbound.codecId);
                const way = report.find((each) => each.type === "transport");
                return { codec: codec.mimeType, dtls: way.dtlsState, srtp: way.srtpCipher };
            }"""
        )
        return found

    async def close(self) -> None:
        """Close this person's browser."""
        await self.page.context.close()


async def until(
    true: Callable[[], Any], within_s: float = 20.0, story: Callable[[], Any] | None = None
) -> None:
    """Wait until something is true; AssertionError with the story if it is not."""
    end = time.monotonic() + within_s
    while True:
        found = true()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return
        if time.monotonic() > end:
            told = story() if story is not None else ""
            raise AssertionError(await told if asyncio.iscoroutine(told) else told)
        await asyncio.sleep(0.05)
