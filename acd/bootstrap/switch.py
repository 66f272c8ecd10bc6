"""The centre's Asterisk: its configuration rendered from plan and settings, and its process."""

from __future__ import annotations

from pathlib import Path

import structlog

from acd.adapters.asterisk.conf_web import BrowserPhones
from acd.adapters.asterisk.conffiles import (
    ConfSpec,
    PhoneSpec,
    RegistrationSpec,
    TrunkSpec,
    render,
)
from acd.adapters.asterisk.listen import Listen
from acd.adapters.asterisk.places import AsteriskPaths, private_root
from acd.adapters.asterisk.process import AsteriskProcess, AsteriskSpec, check_version
from acd.adapters.asterisk.session import AmiAccount, AmiAddress
from acd.adapters.secrets import Secrets
from acd.config import Centre
from acd.config.settings import Settings, SwitchKind, TrunkKind, TrunkSettings
from acd.core.ids import AgentId, browser_device, floor_seat
from acd.core.plan import Plan

_log = structlog.get_logger("madoguchi.switch")

#: The checkout: private Asterisk and prompts are found from here.
PROJECT = Path(__file__).resolve().parents[2]
SOUNDS = PROJECT / "ivr" / "sounds"

EVENTS, ACTIONS, AGI_KEY = "ami.events", "ami.actions", "agi.key"
#: The account that sets the secrets of operators' browsers.
PHONES = "ami.phones"


def paths_of(settings: Settings) -> AsteriskPaths:
    """Where this centre's Asterisk finds its things; of a remote one, on its own machine."""
    if settings.switch.kind is SwitchKind.REMOTE:
        there = Path(settings.switch.remote_dir)
        return AsteriskPaths(there / "etc", there / "run", there / "sounds")
    home = settings.state_dir / "asterisk"
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
    devices = list(dict.fromkeys(agent.device for agent in centre.plan.agents))
    # Departments have phones as operators have, but are no members of the fallback queue.
    phones = list(dict.fromkeys([*devices, *directory_phones(centre.plan)]))
    made = secrets.get_all(
        [EVENTS, ACTIONS, PHONES, AGI_KEY, *(f"phone.{phone}" for phone in phones)]
    )
    contacts = phone_contacts or {}
    members = settings.fallback.members
    remote = switch.kind is SwitchKind.REMOTE
    by_id = {str(agent.id): agent.device for agent in centre.plan.agents}
    return ConfSpec(
        etc_dir=paths.inside_etc,
        run_dir=paths.inside_run,
        sounds_dir=paths.inside_sounds,
        sip_host=switch.sip_bind,
        sip_port=switch.sip_port,
        ami_port=switch.ami_port,
        ami_host=controller_side(settings),
        ami_permit=f"{settings.agi.advertise}/32" if remote else "127.0.0.1/32",
        ami_events_user=f"{switch.ami_user}-events",
        ami_actions_user=f"{switch.ami_user}-actions",
        ami_events_secret=made[EVENTS],
        ami_actions_secret=made[ACTIONS],
        witness_secret=witness_secret,
        agi_host=settings.agi.advertise,
        agi_port=settings.agi.port,
        agi_key=made[AGI_KEY],
        rtp_first=switch.rtp_from_port,
        rtp_last=switch.rtp_to_port,
        trunks=tuple(
            _trunk(name, trunk, secrets) for name, trunk in sorted(settings.trunks.items())
        ),
        phones=tuple(
            PhoneSpec(phone, made[f"phone.{phone}"], contacts.get(phone, "")) for phone in phones
        ),
        browsers=_browsers(centre, made[PHONES]),
        fallback_members=tuple(by_id[member] for member in members) or tuple(devices),
        fallback_ring_s=settings.fallback.ring_timeout_s,
        beat_max_s=switch.beat_max_s,
        max_calls=centre.plan.max_calls,
    )


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


def _trunk(name: str, trunk: TrunkSettings, secrets: Secrets) -> TrunkSpec:
    uri = f"sip:{trunk.host}:{trunk.port}"
    registration = None
    if trunk.kind is TrunkKind.REGISTRATION:
        registration = RegistrationSpec(
            uri,
            f"sip:{trunk.username}@{trunk.host}:{trunk.port}",
            trunk.username,
            secrets.given(f"trunk.{name}"),
        )
    return TrunkSpec(
        name,
        addresses=trunk.match,
        contact=uri if trunk.host else "",
        registration=registration,
        trust_id=trunk.trust_id_inbound,
        codecs=trunk.codecs,
        dtmf=trunk.dtmf_mode.value,
        timers=trunk.session_timers.value,
        session_expires_s=trunk.session_expires_s,
        transport=trunk.transport.value,
        rtp_timeout_s=trunk.rtp_timeout_s,
        rtp_timeout_hold_s=trunk.rtp_timeout_hold_s,
        max_channels=trunk.max_channels,
    )


def ami_address(settings: Settings, secrets: Secrets) -> AmiAddress:
    """Where the controller finds the manager interface, and as whom."""
    switch = settings.switch
    return AmiAddress(
        switch.host,
        switch.ami_port,
        AmiAccount(f"{switch.ami_user}-events", secrets.get(EVENTS)),
        AmiAccount(f"{switch.ami_user}-actions", secrets.get(ACTIONS)),
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
