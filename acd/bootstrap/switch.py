"""The centre's Asterisk: its configuration rendered from plan and settings, and its process."""

from __future__ import annotations

from pathlib import Path

import structlog

from acd.adapters.asterisk.conf_web import BrowserPhones
from acd.adapters.asterisk.conffiles import (
    ConfSpec,
    PhoneSpec,
    render,
)
from acd.adapters.asterisk.listen import Listen
from acd.adapters.asterisk.places import AsteriskPaths, private_root
from acd.adapters.asterisk.process import AsteriskProcess, AsteriskSpec, check_version
from acd.adapters.asterisk.session import AmiAccount, AmiAddress
from acd.adapters.secrets import Secrets
from acd.bootstrap.fencing import fence_account
from acd.bootstrap.line_tls import believed, line_tls
from acd.bootstrap.menus import menus_of
from acd.bootstrap.nodes import AGI_KEY, node_specs, own_secret
from acd.bootstrap.trunks import trunk_specs
from acd.config import Centre
from acd.config.settings import Settings, SwitchKind
from acd.core.ids import AgentId, SwitchId, browser_device, floor_seat, node_endpoint
from acd.core.plan import Plan

_log = structlog.get_logger("madoguchi.switch")

#: The checkout: private Asterisk and prompts are found from here.
PROJECT = Path(__file__).resolve().parents[2]
SOUNDS = PROJECT / "ivr" / "sounds"

EVENTS, ACTIONS = "ami.events", "ami.actions"
#: The account that sets the secrets of operators' browsers.
PHONES = "ami.phones"
#: The telephone of `madoguchi doctor`'s own test calls: nobody's, and in no queue.
TEST_PHONE = "line-check"


def paths_of(settings: Settings) -> AsteriskPaths:
    """Where this centre's Asterisk finds its things; of a remote one, on its own machine."""
    if settings.switch.kind is SwitchKind.REMOTE:
        there = Path(settings.switch.remote_dir)
        return AsteriskPaths(there / "etc", there / "run", there / "sounds")
    switch = settings.switch
    home = settings.state_dir / (f"asterisk-{switch.id}" if switch.further else "asterisk")
    provided = settings.switch.kind is SwitchKind.PROVIDED
    return AsteriskPaths(
        etc=home / "etc",
        run=home / "run",
        sounds=SOUNDS,
        root=private_root(PROJECT) if provided else None,
        binary="/usr/sbin/asterisk" if provided else settings.switch.program,
    )


def controller_side(settings: Settings) -> str:
    """The address on which the switch listens for the controller alone (AMI, SIP of browsers)."""
    switch = settings.switch
    return switch.host if switch.kind is SwitchKind.REMOTE else "127.0.0.1"


def conf_spec(
    centre: Centre,
    secrets: Secrets,
    paths: AsteriskPaths,
    *,
    phone_contacts: dict[str, str] | None = None,
    witness_secret: str = "",
) -> ConfSpec:
    """What the configuration files need to know. ``phone_contacts`` gives phones that do not
    register a fixed SIP address (tests and benches)."""
    settings, switch = centre.settings, centre.settings.switch
    fence = fence_account(settings, secrets)
    devices = list(dict.fromkeys(agent.device for agent in centre.plan.agents))
    # Departments have phones as operators have, but are no members of the fallback queue.
    phones = list(dict.fromkeys([*devices, *directory_phones(centre.plan), TEST_PHONE]))
    own = {name: own_secret(name, switch) for name in (EVENTS, ACTIONS, PHONES, AGI_KEY)}
    made = secrets.get_all([*own.values(), *(f"phone.{phone}" for phone in phones)])
    contacts = phone_contacts or {}
    remote = switch.kind is SwitchKind.REMOTE
    by_id = {str(agent.id): agent.device for agent in centre.plan.agents}
    members = tuple(by_id[member] for member in settings.fallback.members) or tuple(devices)
    homes = {agent.device: str(agent.switch) for agent in centre.plan.agents}
    menus = menus_of(settings)
    nodes = node_specs(settings, secrets, members, homes)
    elsewhere = {device for node in nodes for device in node.devices}
    return ConfSpec(
        etc_dir=paths.inside_etc,
        run_dir=paths.inside_run,
        sounds_dir=paths.inside_sounds,
        sip_host=switch.sip_bind,
        sip_port=switch.sip_port,
        ami_port=switch.ami_port,
        ami_host=controller_side(settings),
        ami_permit=_controllers(settings) if remote else "127.0.0.1/32",
        ami_events_user=f"{switch.ami_user}-events",
        ami_actions_user=f"{switch.ami_user}-actions",
        ami_events_secret=made[own[EVENTS]],
        ami_actions_secret=made[own[ACTIONS]],
        ami_fence_user=fence.user,
        ami_fence_secret=fence.secret,
        witness_secret=witness_secret,
        agi_host=menus.host,
        agi_port=menus.port,
        agi_key=made[own[AGI_KEY]],
        agi_others=menus.others,
        rtp_first=switch.rtp_from_port,
        rtp_last=switch.rtp_to_port,
        trunks=trunk_specs(settings, secrets),
        phones=tuple(
            PhoneSpec(phone, made[f"phone.{phone}"], contacts.get(phone, "")) for phone in phones
        ),
        browsers=_browsers(centre, made[own[PHONES]]),
        nodes=nodes,
        tls=line_tls(settings, secrets),
        fallback_members=tuple(each for each in members if each not in elsewhere),
        fallback_ring_s=settings.fallback.ring_timeout_s,
        beat_max_s=switch.beat_max_s,
        max_calls=centre.plan.max_calls,
        # Calls are known by the switch's own ids, which must differ from every other's.
        system_name=node_endpoint(SwitchId(switch.id)) if switch.further else "",
    )


def _controllers(settings: Settings) -> str:
    """Whom a remote switch admits: each controller of the centre, on the link."""
    return ",".join((f"{settings.agi.advertise}/32", *settings.agi.admit))


def _browsers(centre: Centre, secret: str) -> BrowserPhones | None:
    softphone = centre.settings.softphone
    if not softphone.ws_port:
        return None
    agents = [agent.id for agent in centre.plan.agents]
    return BrowserPhones(
        names=tuple(browser_device(each) for each in (*agents, *floor_seats(centre.settings))),
        ws_host=controller_side(centre.settings),
        ws_port=softphone.ws_port,
        ami_user=phones_account(centre.settings),
        ami_secret=secret,
        networks=softphone.networks,
        codecs=tuple(codec.value for codec in softphone.codecs),
    )


def floor_seats(settings: Settings) -> tuple[AgentId, ...]:
    """The telephones that supervisors' browsers may be."""
    return tuple(floor_seat(number + 1) for number in range(settings.softphone.supervisors))


def phones_account(settings: Settings) -> str:
    """The manager account that sets the secrets of operators' browsers."""
    return f"{settings.switch.ami_user}-phones"


def directory_phones(plan: Plan) -> list[str]:
    """Phones of our own that the directory names; other entries go out through a trunk."""
    dialled = [entry.dial.removeprefix("PJSIP/") for entry in plan.directory]
    return [phone for phone in dialled if "@" not in phone]


def ami_address(settings: Settings, secrets: Secrets) -> AmiAddress:
    """Where the controller finds the manager interface, and as whom."""
    switch = settings.switch
    return AmiAddress(
        switch.host,
        switch.manager_port,
        AmiAccount(f"{switch.ami_user}-events", secrets.get(own_secret(EVENTS, switch))),
        AmiAccount(f"{switch.ami_user}-actions", secrets.get(own_secret(ACTIONS, switch))),
        believed(secrets) if switch.link_tls else "",
    )


async def start_asterisk(
    settings: Settings, spec: ConfSpec, paths: AsteriskPaths
) -> AsteriskProcess:
    """Render the configuration and start Asterisk; raises AsteriskStartFailed or ConfigError."""
    render(spec, paths.etc)
    switch, ws_port = settings.switch, settings.softphone.ws_port
    process = AsteriskProcess(
        AsteriskSpec(
            paths=paths,
            user=settings.switch.user,
            listens=(
                Listen("udp", switch.sip_bind, switch.sip_port),
                Listen("tcp", switch.sip_bind, switch.sip_port),
                *([Listen("tcp", switch.sip_bind, spec.tls.sip_port)] if spec.tls else []),
                Listen("tcp", "127.0.0.1", switch.ami_port),
                *([Listen("tcp", "127.0.0.1", ws_port)] if ws_port else []),
            ),
        )
    )
    advice = check_version(await process.version())
    if advice is not None:
        _log.warning("asterisk_not_proven", advice=advice)
    await process.start()
    return process
