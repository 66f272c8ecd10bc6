"""Rendering ``asterisk-conf/``: every mark filled in, secrets private, nothing injected."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from acd.adapters.asterisk.conf_trunks import RegistrationSpec, TrunkSpec
from acd.adapters.asterisk.conffiles import (
    TEMPLATES,
    ConfSpec,
    PhoneSpec,
    check,
    render,
)
from acd.adapters.asterisk.places import AsteriskPaths
from acd.adapters.asterisk.translate import REQUIRED_EVENTS, REQUIRED_READ, REQUIRED_WRITE
from acd.errors import ConfigError

CARRIER = TrunkSpec(
    "second",
    contact="sip:sip.carrier.example:5070",
    registration=RegistrationSpec(
        "sip:sip.carrier.example", "sip:0466001111@sip.carrier.example", "0466001111", "p;a#s[s]"
    ),
    transport="tcp",
    codecs=("ulaw", "alaw"),
)
SPEC = ConfSpec(
    etc_dir="/madoguchi/etc",
    run_dir="/madoguchi/run",
    sounds_dir="/madoguchi/sounds",
    ami_events_secret="events-secret-0123456789",
    ami_actions_secret="actions-secret-012345678",
    agi_key="agi-key-0123456789abcdef",
    trunks=(TrunkSpec("carrier", ("192.0.2.0/24", "127.0.0.1")), CARRIER),
    phones=(
        PhoneSpec("op01", "phone-secret-0123456789"),
        PhoneSpec("op02", "phone-secret-9876543210", contact="sip:op02@127.0.0.1:5062"),
    ),
    fallback_members=("op01", "op02"),
)


def changed(**fields: Any) -> ConfSpec:
    return msgspec.structs.replace(SPEC, **fields)


def sections(text: str) -> list[tuple[str, dict[str, list[str]]]]:
    """The sections of a configuration file as Asterisk reads it, each with its values by key."""
    found: list[tuple[str, dict[str, list[str]]]] = []
    for raw in text.splitlines():
        line = re.sub(r"(?<!\\);.*", "", raw).replace("\\;", ";").strip()
        if line.startswith("["):
            found.append((line, {}))
        elif "=" in line and found:
            key, _, value = line.partition("=")
            found[-1][1].setdefault(key.strip(), []).append(value.lstrip(">").strip())
    return found


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    render(SPEC, tmp_path / "etc")
    return tmp_path / "etc"


def test_every_original_is_rendered_and_no_mark_is_left(etc: Path) -> None:
    originals = {path.name for path in TEMPLATES.glob("*.conf")}
    written = {path.name for path in etc.iterdir()}
    generated = {
        "pjsip_nodes.conf",
        "pjsip_trunks.conf",
        "pjsip_phones.conf",
        "queue_members.conf",
        "manager_extra.conf",
    }
    assert written == originals | generated
    for path in etc.iterdir():
        assert not re.search(r"@[A-Z][A-Z0-9_]*@", path.read_text(encoding="utf-8")), path.name


def test_every_original_says_what_it_is_for() -> None:
    for path in TEMPLATES.glob("*.conf"):
        assert path.read_text(encoding="utf-8").startswith(";"), path.name


def test_files_are_readable_by_their_owner_alone(etc: Path) -> None:
    assert {path.stat().st_mode & 0o777 for path in etc.iterdir()} == {0o600}
    assert etc.stat().st_mode & 0o777 == 0o700


def test_rendering_again_replaces_and_leaves_nothing_behind(etc: Path) -> None:
    before = {path.name for path in etc.iterdir()}
    render(changed(ami_port=6000), etc)
    assert "port = 6000" in (etc / "manager.conf").read_text(encoding="utf-8")
    assert {path.name for path in etc.iterdir()} == before


def test_directories_are_those_of_the_run(etc: Path, tmp_path: Path) -> None:
    paths = AsteriskPaths(etc=etc, run=tmp_path, root=tmp_path)
    (_, named), *_ = sections((etc / "asterisk.conf").read_text(encoding="utf-8"))
    assert {key: value[0] for key, value in named.items()} == paths.directories()


def test_the_accounts_hear_and_may_do_what_the_controller_needs(etc: Path) -> None:
    text = (etc / "manager.conf").read_text(encoding="utf-8")
    filters = re.findall(r"^eventfilter\(action\(include\),name\((\w+)\)\) =$", text, re.MULTILINE)
    assert sorted(filters) == sorted(REQUIRED_EVENTS)
    assert text.count("eventfilter(") == len(filters)
    accounts = {name: values for name, values in sections(text) if name != "[general]"}
    events, actions = accounts["[madoguchi-events]"], accounts["[madoguchi-actions]"]
    assert set(events["read"][0].split(",")) == set(REQUIRED_READ)
    assert events["write"] == [""]
    assert actions["read"] == [""]
    assert set(actions["write"][0].split(",")) == set(REQUIRED_WRITE)
    for account in (events, actions):
        assert account["writetimeout"] == ["5000"]
        assert account["permit"] == ["127.0.0.1/32"]
        assert account["deny"] == ["0.0.0.0/0.0.0.0", "::/0"]
    assert set(accounts) == {"[madoguchi-events]", "[madoguchi-actions]"}


def test_channelvars_are_never_set() -> None:
    for path in TEMPLATES.glob("*.conf"):
        assert not re.search(r"^\s*channelvars", path.read_text(encoding="utf-8"), re.MULTILINE)


def test_a_witness_hears_and_acts_only_when_asked_for(tmp_path: Path) -> None:
    render(changed(witness_secret="witness-secret-0123456"), tmp_path)
    accounts = dict(sections((tmp_path / "manager_extra.conf").read_text(encoding="utf-8")))
    assert "originate" not in accounts["[witness]"]["write"][0]


def test_a_trunk_by_registration_is_complete(etc: Path) -> None:
    found = sections((etc / "pjsip_trunks.conf").read_text(encoding="utf-8"))
    mine = [values for name, values in found if name.startswith("[second]")]
    endpoint = mine[0]
    kinds = {values["type"][0]: values for values in mine if "type" in values}
    assert endpoint["allow"] == ["ulaw,alaw"]
    assert endpoint["identify_by"] == ["ip"]
    assert endpoint["trust_id_inbound"] == ["no"]
    assert kinds["auth"]["password"] == ["p;a#s[s]"], "a carrier's secret arrives as it was given"
    assert kinds["registration"]["transport"] == ["transport-tcp"]
    assert kinds["registration"]["line"] == ["yes"]
    assert "identify" not in kinds


def test_a_trunk_by_address_lets_in_these_addresses(etc: Path) -> None:
    found = sections((etc / "pjsip_trunks.conf").read_text(encoding="utf-8"))
    identify = next(values for _, values in found if values.get("type") == ["identify"])
    assert identify["match"] == ["192.0.2.0/24", "127.0.0.1"]
    assert identify["endpoint"] == ["carrier"]


def test_phones_have_their_own_secrets(etc: Path) -> None:
    found = sections((etc / "pjsip_phones.conf").read_text(encoding="utf-8"))
    passwords = [values["password"][0] for _, values in found if "password" in values]
    assert passwords == [phone.secret for phone in SPEC.phones]
    contacts = [values["contact"] for _, values in found if "contact" in values]
    assert contacts == [["sip:op02@127.0.0.1:5062"]]


def test_no_field_of_the_event_record_holds_a_callers_number(etc: Path) -> None:
    text = (etc / "cel_custom.conf").read_text(encoding="utf-8")
    (_, values), *_ = sections(text)
    fields = set(values["fields"][0].split(","))
    personal = {"name", "num", "ani", "rdnis", "dnid", "peer", "userfield", "exten", "appdata"}
    assert fields & personal == set()


#: Where text goes into a file, as a function that puts it there.
PLACES: dict[str, Any] = {
    "etc_dir": lambda text: changed(etc_dir=text),
    "run_dir": lambda text: changed(run_dir=text),
    "sounds_dir": lambda text: changed(sounds_dir=text),
    "moh_dir": lambda text: changed(moh_dir=text),
    "sip_host": lambda text: changed(sip_host=text),
    "ami_host": lambda text: changed(ami_host=text),
    "agi_host": lambda text: changed(agi_host=text),
    "agi_others": lambda text: changed(agi_others=(f"{text}:4573",)),
    "ami_permit": lambda text: changed(ami_permit=text),
    "ami_events_user": lambda text: changed(ami_events_user=text),
    "ami_events_secret": lambda text: changed(ami_events_secret=text),
    "ami_actions_secret": lambda text: changed(ami_actions_secret=text),
    "agi_key": lambda text: changed(agi_key=text),
    "witness_secret": lambda text: changed(witness_secret=text),
    "system_name": lambda text: changed(system_name=text),
    "operator_language": lambda text: changed(operator_language=text),
    "phone name": lambda text: changed(phones=(PhoneSpec(text, "s" * 20),), fallback_members=()),
    "phone secret": lambda text: changed(phones=(PhoneSpec("op01", text),), fallback_members=()),
    "phone contact": lambda text: changed(
        phones=(PhoneSpec("op01", "s" * 20, contact=text),), fallback_members=()
    ),
    "member": lambda text: changed(fallback_members=(text,)),
    "trunk name": lambda text: changed(trunks=(TrunkSpec(text, ("127.0.0.1",)),)),
    "trunk address": lambda text: changed(trunks=(TrunkSpec("t", (text,)),)),
    "trunk contact": lambda text: changed(trunks=(TrunkSpec("t", ("127.0.0.1",), contact=text),)),
    "trunk codec": lambda text: changed(trunks=(TrunkSpec("t", ("127.0.0.1",), codecs=(text,)),)),
    "trunk dtmf": lambda text: changed(trunks=(TrunkSpec("t", ("127.0.0.1",), dtmf=text),)),
    "trunk timers": lambda text: changed(trunks=(TrunkSpec("t", ("127.0.0.1",), timers=text),)),
    "trunk transport": lambda text: changed(
        trunks=(TrunkSpec("t", ("127.0.0.1",), transport=text),)
    ),
    "registrar": lambda text: changed(trunks=(_registered(server_uri=text),)),
    "client": lambda text: changed(trunks=(_registered(client_uri=text),)),
    "account": lambda text: changed(trunks=(_registered(user=text),)),
    "account's secret": lambda text: changed(trunks=(_registered(secret=text),)),
    "module": lambda text: changed(extra_modules=(text,)),
}


def _registered(**fields: Any) -> TrunkSpec:
    registration = CARRIER.registration
    assert registration is not None
    return TrunkSpec("t", registration=msgspec.structs.replace(registration, **fields))


@pytest.mark.requirement("M25")
@pytest.mark.parametrize("place", sorted(PLACES))
@pytest.mark.parametrize(
    "text",
    [
        "x\n[evil]\nsecret = 1",
        "x\r\nwrite = all",
        "\n#exec /bin/id",
        "x\x00y",
        "x\u2028y",
        "a" * 600,
        "x\n",
        "\\",
        "ends in a backslash\\",
    ],
)
def test_a_value_that_could_be_more_than_a_value_is_refused(
    place: str, text: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError):
        render(PLACES[place](text), tmp_path / "etc")
    assert not (tmp_path / "etc").exists(), "nothing is written of a specification that is refused"


def test_all_faults_are_told_at_once_and_none_tells_a_secret() -> None:
    wrong = changed(ami_port=80, ami_events_secret="short;", beat_max_s=1, rtp_last=1024)
    with pytest.raises(ConfigError) as told:
        check(wrong)
    places = {fault.path for fault in told.value.faults}
    assert places == {
        "asterisk.ami_port",
        "asterisk.ami_events_secret",
        "asterisk.beat_max_s",
        "asterisk.rtp_last",
    }
    assert "short" not in str(told.value)


@pytest.mark.parametrize(
    "wrong",
    [
        changed(sip_host="0.0.0.0"),
        changed(trunks=(TrunkSpec("op01", ("127.0.0.1",)),)),
        changed(trunks=(TrunkSpec("0466112233", ("127.0.0.1",)),)),
        changed(trunks=(TrunkSpec("phone", ("127.0.0.1",)),)),
        changed(trunks=(TrunkSpec("nobody-can-use-it"),)),
        changed(ami_actions_user="madoguchi-events"),
        changed(fallback_members=("op99",)),
    ],
)
def test_names_that_could_be_confused_are_refused(wrong: ConfSpec) -> None:
    with pytest.raises(ConfigError):
        check(wrong)


def test_the_dialplan_gives_bridge_a_full_name_and_trunks_no_way_out() -> None:
    text = (TEMPLATES / "extensions.conf").read_text(encoding="utf-8")
    contexts = dict(re.findall(r"^\[([a-z-]+)\]\n(.*?)(?=^\[|\Z)", text, re.MULTILINE | re.DOTALL))
    code = {
        name: "\n".join(line for line in body.splitlines() if not line.startswith(";"))
        for name, body in contexts.items()
    }
    dialling = {name for name, body in code.items() if re.search(r"\b(Dial|Originate)\(", body)}
    assert dialling == {"lines"}
    assert {name for name, body in code.items() if "Gosub(lines," in body} == {
        "outward",
        "outgoing",
    }
    # Reached by the controller alone, as everything is that belongs to a talk under way.
    for alone in ("outward", "outgoing", "desk", "party", "join", "taken"):
        leads = {name for name, body in code.items() if f"{alone},s," in body}
        assert leads <= {"asking", "confirm", "party", "handed"}, alone
    peers = re.findall(r"Bridge(?:Add)?\(([^,)]+)", "\n".join(code.values()))
    assert set(peers) == {"${MDG_CALLER}", "${MDG_PEER}"}
    assert re.findall(r"Bridge\((\S+?),", code["operator"]) == ["${MDG_CALLER}"]
    banned = r"\b(System|TrySystem|SHELL|Macro|EVAL|CURL|FILE)\("
    assert not re.search(banned, "\n".join(code.values()))
    # A third argument of it would be a program to run.
    recorders = re.findall(r"MixMonitor\((.*?)\)", "\n".join(code.values()))
    assert set(recorders) == {"${MDG_RECORDING}.raw,D"}
