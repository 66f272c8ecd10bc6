"""The doctor's checks on installations that are not as they should be."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import re
import socket
import sqlite3
import ssl
import stat
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from typer.testing import CliRunner

from acd.adapters.asterisk.conf_tls import LineTls
from acd.adapters.authority import LineAuthority, Pems
from acd.adapters.certificates import make_certificate
from acd.adapters.sql.database import upgrade
from acd.bootstrap.backup import LAST
from acd.bootstrap.cluster.parts import lease_store
from acd.bootstrap.doctor import Verdict, audio, certificates, clear_lines, examine, finding, lines
from acd.bootstrap.doctor.echo_call import LEVEL, Looped
from acd.bootstrap.doctor.nodes import together
from acd.bootstrap.doctor.run import all_well
from acd.bootstrap.doctor.scene import Controller, Scene, figures
from acd.bootstrap.doctor.table import CHECKS
from acd.bootstrap.line_tls import line_tls
from acd.cli import app
from acd.config import load_centre
from acd.ports_cluster import Lease
from sim.load.ports import free_ports
from tests.e2e.centre_kit import write_centre
from tests.fakes.redis_server import running_redis

_DAY_S = 86_400
_PG = "postgresql+psycopg://madoguchi"
_TWO = {"CLUSTER__NODE": "a", "CLUSTER__BIND": "192.0.2.1"}
_FURTHER = '{"b": {"sip_bind": "192.0.2.2", "ami_port": 5999, "ws_port": 5998}}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A centre's folder; nothing of it runs."""
    write_centre(tmp_path / "centre", {"op1": "tax = 5"})
    return tmp_path / "centre"


def scene(folder: Path) -> Scene:
    centre = load_centre(folder)
    return Scene(folder, centre.settings, centre)


async def found(folder: Path, key: str) -> tuple[Verdict, str]:
    """Verdict and English words of one check."""
    checks = [each for each in CHECKS if each.key == key]
    (each,) = await examine(folder, checks=checks)
    return each.finding.verdict, each.finding.found.en


async def test_nothing_runs_and_every_check_still_says_something_to_do(folder: Path) -> None:
    told: list[str] = []
    examined = await examine(folder, lambda each: told.append(each.key))
    assert told == [each.key for each in CHECKS]
    verdicts = {each.key: each.finding.verdict for each in examined}
    assert verdicts["controller"] is Verdict.NOTE
    assert verdicts["link"] is verdicts["audio"] is Verdict.FAULT
    assert verdicts["plan"] is verdicts["ports"] is verdicts["database"] is Verdict.WELL
    assert not all_well(examined)
    for each in examined:
        wrong = each.finding.verdict in (Verdict.FAULT, Verdict.NOTE)
        assert (each.finding.todo is not None) == wrong, each.key
        for said in (each.name, each.finding.found, each.finding.todo):
            assert said is None or (said.ja and said.en), each.key


async def test_a_port_of_another_program_is_named(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", load_centre(folder).settings.agi.port))
        other.listen()
        verdict, words = await found(folder, "ports")
    assert verdict is Verdict.FAULT
    assert "agi tcp 127.0.0.1" in words
    assert str(os.getpid()) in words


async def test_a_plan_with_a_fault_leaves_the_other_checks_at_work(folder: Path) -> None:
    (folder / "plan.toml").write_text('default_queue = "nowhere"\ndefault_flow = "tax"\n')
    assert (await found(folder, "plan"))[0] is Verdict.FAULT
    assert (await found(folder, "prompts"))[0] is Verdict.UNKNOWN
    assert (await found(folder, "disk"))[0] is Verdict.WELL


async def test_a_secret_that_others_can_read_is_a_fault(folder: Path) -> None:
    at = scene(folder)
    at.secrets.get("ami.events")
    state = at.settings.state_dir
    assert (await found(folder, "files"))[0] is Verdict.WELL
    state.chmod(0o755)
    (state / "secrets.json").chmod(0o644)
    verdict, words = await found(folder, "files")
    assert verdict is Verdict.FAULT
    assert "secrets.json" in words
    assert stat.S_IMODE((state / "secrets.json").stat().st_mode) == 0o644, "it only looks"


async def test_tables_of_a_newer_program_are_a_fault_and_of_an_older_one_a_note(
    folder: Path,
) -> None:
    url = scene(folder).settings.database_url
    file = Path(url.partition("///")[2])
    file.parent.mkdir(exist_ok=True)
    upgrade(url)
    assert (await found(folder, "database"))[0] is Verdict.WELL
    for version, verdict in (("0001", Verdict.NOTE), ("9999", Verdict.FAULT)):
        with sqlite3.connect(file) as database:
            database.execute("UPDATE alembic_version SET version_num = ?", (version,))
        assert (await found(folder, "database"))[0] is verdict


async def test_a_database_that_does_not_answer_names_no_password(folder: Path) -> None:
    settings = (folder / "settings.toml").read_text()
    port = free_ports(1)[0]
    url = f"postgresql+psycopg://me:topsecret@127.0.0.1:{port}/x"
    (folder / "settings.toml").write_text(
        settings.replace('database_url = ""', f'database_url = "{url}"')
    )
    examined = await examine(
        folder, checks=[c for c in CHECKS if c.key in ("database", "versions")]
    )
    assert examined[1].finding.verdict is Verdict.FAULT
    assert "topsecret" not in repr(examined)


def chain(names: list[str], *, days: int) -> list[x509.Certificate]:
    """Certificates, the first issued by the second and so on; the last by itself."""
    now = dt.datetime.now(dt.UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in names]
    made = []
    for n, name in enumerate(names):
        upper = min(n + 1, len(names) - 1)
        made.append(
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name(names[upper]))
            .public_key(keys[n].public_key())
            .serial_number(n + 1)
            .not_valid_before(now - dt.timedelta(days=100))
            .not_valid_after(now + dt.timedelta(days=days))
            .sign(keys[upper], hashes.SHA256())
        )
    return made


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def test_a_certificates_end_and_chain_are_told() -> None:
    now_s = dt.datetime.now(dt.UTC).timestamp()
    good = chain(["city", "authority"], days=90)
    assert certificates.judge(good, now_s).verdict is Verdict.WELL
    assert certificates.judge(good, now_s + 75 * _DAY_S).verdict is Verdict.NOTE
    assert certificates.judge(good, now_s + 91 * _DAY_S).verdict is Verdict.FAULT
    assert certificates.judge(good[:1], now_s).verdict is Verdict.NOTE
    strange = [good[0], chain(["another"], days=90)[0]]
    assert certificates.judge(strange, now_s).verdict is Verdict.FAULT


async def test_a_key_that_does_not_fit_its_certificate_is_a_fault(folder: Path) -> None:
    make_certificate(folder / "tls", ["127.0.0.1"])
    lines = f'[tls]\ncertificate = "{folder}/tls/certificate.pem"\nkey = "{folder}/tls/key.pem"\n'
    settings = folder / "settings.toml"
    settings.write_text(settings.read_text() + lines)
    assert (await found(folder, "certificate"))[0] is Verdict.WELL
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "tls" / "key.pem").write_bytes(other)
    assert (await found(folder, "certificate"))[0] is Verdict.FAULT


@pytest.mark.parametrize(
    ("looped", "verdict"),
    [
        (Looped(200, ("PCMU",), level=LEVEL, around_s=0.02, heard=70), Verdict.WELL),
        (Looped(200, ("PCMU",), level=LEVEL, around_s=0.5, heard=70), Verdict.NOTE),
        (Looped(200, ("PCMU",), level=LEVEL, around_s=0.02, heard=60, lost=10), Verdict.NOTE),
        (Looped(200, ("PCMU",), level=0.0, heard=70), Verdict.FAULT),
        (Looped(0), Verdict.FAULT),
        (Looped(401), Verdict.FAULT),
        (Looped(503), Verdict.FAULT),
    ],
)
def test_what_the_test_call_heard_is_judged(looped: Looped, verdict: Verdict) -> None:
    assert audio.judge(looped, "127.0.0.1:5060").verdict is verdict


def test_metrics_are_summed_over_their_labels() -> None:
    text = '# TYPE a gauge\na{x="1"} 2\na{x="2"} 3\nb 1.5e-3\nbroken\n'
    assert figures(text) == {"a": 5.0, "b": 0.0015}


def test_the_command_says_it_in_json_and_by_its_exit_code(folder: Path) -> None:
    done = CliRunner().invoke(app, ["doctor", "--json", "--centre", str(folder)])
    assert done.exit_code == 1
    lines = json.loads(done.stdout)
    assert [each["check"] for each in lines] == [each.key for each in CHECKS]
    assert all(each["found"]["ja"] and each["found"]["en"] for each in lines)


async def test_the_age_of_the_last_backup_is_told(folder: Path) -> None:
    assert (await found(folder, "backups"))[0] is Verdict.NOTE
    state = scene(folder).settings.state_dir
    state.mkdir(exist_ok=True)
    for age_s, verdict in ((60, Verdict.WELL), (3_600, Verdict.NOTE), (3 * _DAY_S, Verdict.FAULT)):
        (state / LAST).write_text(f"{time.time() - age_s:.0f} 20270331T210000\n")
        assert (await found(folder, "backups"))[0] is verdict


async def test_who_leads_is_read_from_a_real_redis(folder: Path) -> None:
    assert (await found(folder, "lease"))[0] is Verdict.NONE
    with running_redis("save ''") as server:
        settings = folder / "settings.toml"
        cluster = f'[cluster]\nnode = "a"\nredis = "{server.address}"\n'
        settings.write_text(settings.read_text() + cluster)
        assert (await found(folder, "lease"))[0] is Verdict.NOTE
        store = lease_store(scene(folder).settings)
        await store.acquire(None, Lease(node="b", term="t", token=7, beat=0))
        await store.close()
        verdict, words = await found(folder, "lease")
        assert (verdict, words) == (Verdict.WELL, "b leads (term 7)")
        assert "Redis +0.0" in (await found(folder, "clock"))[1].replace("-0.0", "+0.0")
        assert re.search(r"Redis [0-9]+\.", (await found(folder, "versions"))[1])
    assert (await found(folder, "lease"))[0] is Verdict.FAULT


def test_of_several_nodes_the_worst_counts_and_each_is_named() -> None:
    good = finding.well("よい", "good")
    bad = finding.fault(finding.Said("だめ", "bad"), finding.Said("直す", "mend it"))
    found = together({"a": good, "b": bad})
    assert found.verdict is Verdict.FAULT
    assert found.found.en == "a: good / b: bad"
    assert found.todo is not None


async def test_the_lines_certificates_are_those_that_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an Asterisk on another machine, here a server with what it would be brought."""
    write_centre(tmp_path / "centre", {"op1": "tax = 5"})
    (port,) = free_ports(1)
    for key, value in {"KIND": "remote", "HOST": "127.0.0.1", "TLS": "true"}.items():
        monkeypatch.setenv(f"MADOGUCHI_SWITCH__{key}", value)
    monkeypatch.setenv("MADOGUCHI_SWITCH__AMI_TLS_PORT", str(port))
    here = scene(tmp_path / "centre")
    made = line_tls(here.settings, here.secrets)
    assert made is not None
    assert (await lines.look(here)).verdict is Verdict.UNKNOWN
    assert await shown(here, made, port) == (Verdict.WELL, "encrypted; certificates are valid unti")
    # The tunnel of menus still shows an older one, which the controller saw.
    seen = Controller(True, True, (), {lines.TUNNEL_ENDS: time.time() + 20.5 * _DAY_S})

    async def controller() -> Controller:
        return seen

    with monkeypatch.context() as over:
        over.setattr(here, "controller", controller)
        assert await shown(here, made, port) == (Verdict.NOTE, "ends in 20 days (")
    here.now = lambda: time.time() + 800 * _DAY_S
    assert await shown(here, made, port) == (Verdict.NOTE, "ends in 24 days (")
    here.now = lambda: time.time() + 815 * _DAY_S
    assert await shown(here, made, port) == (Verdict.FAULT, "ends in 9 days (")
    strange = LineAuthority("s" * 32).certify(["127.0.0.1"], "k" * 32)
    verdict, words = await shown(here, strange, port)
    assert verdict is Verdict.FAULT
    assert words.startswith("AMI 127.0.0.1:")


async def shown(here: Scene, made: LineTls | Pems, port: int) -> tuple[Verdict, str]:
    """What the doctor says while a server shows this certificate: its beginning."""
    pem = here.folder / "server.pem"
    pem.write_text(made.certificate + made.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = await asyncio.start_server(lambda _, out: out.close(), "127.0.0.1", port, ssl=context)
    async with server:
        said = await lines.look(here)
    return said.verdict, said.found.en.rstrip("0123456789-)")[:38]


async def test_lines_in_the_clear_are_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await found(folder, "lines") == (Verdict.NONE, "they do not leave this machine")
    for key, value in {"SWITCH__SIP_BIND": "192.0.2.1", "SWITCHES": _FURTHER}.items():
        monkeypatch.setenv(f"MADOGUCHI_{key}", value)
    verdict, words = await found(folder, "lines")
    assert verdict is Verdict.NOTE
    assert "a: calls from one Asterisk to another cross the network in the clear" in words


@pytest.mark.parametrize(
    ("environment", "verdict", "words"),
    [
        ({}, Verdict.NONE, "they do not leave this machine"),
        ({"STORE__DATABASE_URL": f"{_PG}@/madoguchi?host=/run/pg"}, Verdict.NONE, "they do not"),
        ({"STORE__DATABASE_URL": f"{_PG}@db/madoguchi"}, Verdict.NOTE, "the database"),
        ({"STORE__DATABASE_URL": f"{_PG}@db/m?sslmode=require"}, Verdict.NOTE, "the database"),
        ({"STORE__DATABASE_URL": f"{_PG}@db/m?sslmode=verify-full"}, Verdict.WELL, "encrypted"),
        ({**_TWO, "CLUSTER__REDIS": "192.0.2.7:6379"}, Verdict.NOTE, "Redis, between controllers"),
        (
            {**_TWO, "CLUSTER__REDIS": "192.0.2.7:6379", "CLUSTER__REDIS_TLS": "true"},
            Verdict.NOTE,
            "answers: between controllers",
        ),
    ],
)
async def test_what_crosses_the_network_in_the_clear_is_told(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    verdict: Verdict,
    words: str,
) -> None:
    for key, value in environment.items():
        monkeypatch.setenv(f"MADOGUCHI_{key}", value)
    said = await clear_lines.look(scene(folder))
    assert said.verdict is verdict, said.found.en
    assert words in said.found.en
