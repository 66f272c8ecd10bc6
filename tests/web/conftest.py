"""A real server on loopback over a real engine; only the switch is missing."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser

from acd.app.desk import Desk
from acd.app.floor import Floor, Reloader
from acd.app.mode_switch import ModeSwitch
from acd.app.overseeing import Overseeing
from acd.app.reports import Reports
from acd.app.talk import Talk
from acd.config import load_centre
from acd.config.people_settings import OidcSettings, PeopleSettings
from acd.config.settings import ApiSettings
from acd.core.explain_text import Told
from acd.core.ids import OfferId
from acd.core.plan import Plan
from acd.errors import NotFound
from acd.ports_studies import Studies
from tests.fakes.centre import CENTRE, Centre
from tests.fakes.people import KnownOperations, KnownPeople
from tests.web.client import Api, why
from tests.web.documented import served
from tests.web.screen_kit import LiveCentre, chromium
from tests.web.tapes import Tapes
from web.auth import TokenStore
from web.entrance import Entrance
from web.oidc import Oidc
from web.operations import Operations
from web.people import People
from web.server import Server
from web.sign_in import SignIn
from web.wallboard_screens import WallScreens
from web.wallboard_wiring import Wallboard
from web.wiring import Gauges, Wiring


@pytest.fixture(scope="session")
def plan() -> Plan:
    return load_centre(CENTRE).plan


@pytest.fixture
async def centre(plan: Plan, request: pytest.FixtureRequest) -> AsyncIterator[Centre]:
    """A centre; who looks at it in a browser sees one whose clock runs."""
    if "browser" not in request.fixturenames:
        yield Centre(plan)
        return
    made = LiveCentre(plan)
    living = asyncio.create_task(made.live())
    yield made
    living.cancel()


@pytest.fixture
def limits(request: pytest.FixtureRequest) -> ApiSettings:
    """What the server bears: as shipped for who comes with a browser, else soon reached."""
    if "browser" in request.fixturenames:
        return ApiSettings()
    return ApiSettings(max_sockets_per_token=3, max_frames_waiting=10)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


async def follow_nothing(_: object) -> None:
    """There is no menu here that would follow a reload."""


async def explain(offer: OfferId) -> Told:
    if not offer.endswith("1"):
        raise NotFound("there is no record of such an offer", code="unknown_offer")
    return why(offer)


@pytest.fixture
def people_settings() -> PeopleSettings:
    return PeopleSettings()


@pytest.fixture
def oidc_settings() -> OidcSettings:
    return OidcSettings()


@pytest.fixture
def store() -> KnownPeople:
    return KnownPeople()


@pytest.fixture
def log() -> KnownOperations:
    return KnownOperations()


@pytest.fixture
def tapes() -> Tapes | None:
    """What is recorded; nothing, unless a test says otherwise."""
    return None


@pytest.fixture
def wallboard(tmp_path: Path) -> Wallboard:
    """A board whose layouts are kept; nothing is counted, unless a test says otherwise."""
    (tmp_path / "state").mkdir()
    return Wallboard(WallScreens(tmp_path / "state"))


@pytest.fixture
def reports() -> Reports | None:
    """Reports; none, unless a test says otherwise."""
    return None


@pytest.fixture
def studies() -> Studies | None:
    """The planner's studies; none, unless a test says otherwise."""
    return None


@pytest.fixture
async def api(
    centre: Centre,
    wallboard: Wallboard,
    tapes: Tapes | None,
    reports: Reports | None,
    studies: Studies | None,
    limits: ApiSettings,
    people_settings: PeopleSettings,
    oidc_settings: OidcSettings,
    store: KnownPeople,
    log: KnownOperations,
    tmp_path: Path,
) -> AsyncIterator[Api]:
    tokens = TokenStore(tmp_path / "state")
    desk = Desk(centre.submit, lambda: centre.engine)
    shutil.copytree(CENTRE, tmp_path / "centre")
    reloader = Reloader(load_centre(tmp_path / "centre"), centre.submit, follow_nothing)

    people = People(store, people_settings, lambda: centre.engine, lambda: centre.wall_s)
    operations = Operations(log)
    entrance = Entrance(
        tokens,
        people,
        operations,
        SignIn(people, operations),
        Oidc(oidc_settings, "", lambda: centre.wall_s),
        allowed_origins=limits.allowed_origins,
    )
    await people.exchange()
    wiring = Wiring(
        settings=limits,
        engine=lambda: centre.engine,
        now=lambda: centre.now,
        desk=desk,
        floor=Floor(centre.submit, lambda: centre.engine),
        talk=Talk(centre.submit, lambda: centre.engine),
        overseeing=Overseeing(centre.submit, lambda: centre.engine, lambda: centre.whisper_proven),
        mode=ModeSwitch(centre.submit, lambda: centre.engine, centre.follow_mode),
        tokens=tokens,
        entrance=entrance,
        reload=reloader.reload,
        explain=explain,
        health=lambda: centre.health,
        gauges=lambda: Gauges(0.25, 7, 1_000, 2_000, 3, -1.5, 4, 5, 6, {"carrier": 7}),
        recorder=tapes.recorder if tapes else None,
        recordings=tapes.kept if tapes else None,
        reports=reports,
        studies=studies,
        wallboard=wallboard,
    )
    server = Server(wiring)
    centre.sinks += [desk, server.live, server.shown]
    async with served(server) as running, aiohttp.ClientSession() as session:
        client = Api(str(running.make_url("")).rstrip("/"), session, tokens, server)
        client.centre_dir = tmp_path / "centre"
        yield client
