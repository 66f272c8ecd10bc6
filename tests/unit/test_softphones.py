"""Who holds which browser telephone: one winner, nothing left behind, whatever breaks."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from acd.adapters.asterisk.session import AmiAccount
from acd.adapters.asterisk.softphones import AsteriskPhoneSecrets
from acd.adapters.lease_book import FILE, LeaseFile
from acd.app import softphones as module
from acd.app.softphones import Line, LineEnd, Softphones
from acd.core.events import AgentChanged
from acd.core.ids import AgentId, floor_seat
from acd.errors import ActionFailed, Refused, SwitchUnavailable
from agents.state import AgentState
from tests.fakes.ami_server import AmiServer
from tests.fakes.phone_secrets import FakeLeaseBook, FakePhoneSecrets

ME, OTHER = AgentId("op09"), AgentId("op10")


@pytest.fixture
def switch() -> FakePhoneSecrets:
    return FakePhoneSecrets()


@pytest.fixture
def book() -> FakeLeaseBook:
    return FakeLeaseBook()


@pytest.fixture
def phones(switch: FakePhoneSecrets, book: FakeLeaseBook) -> Softphones:
    return Softphones(switch, book)


def line(phones: Softphones, agent: AgentId, lease: str) -> Line:
    found = phones.connect(agent, lease)
    assert isinstance(found, Line)
    return found


def logged_out(phones: Softphones, agent: AgentId) -> None:
    phones.publish(1, 0.0, [AgentChanged(agent, AgentState.LOGGED_OUT)])


async def until_forgotten(switch: FakePhoneSecrets, phone: str) -> None:
    for _ in range(300):
        if phone not in switch.known:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"the switch still knows {phone}")


@pytest.mark.requirement("M23")
async def test_each_login_has_a_secret_of_its_own(
    phones: Softphones, switch: FakePhoneSecrets
) -> None:
    first, second = await phones.begin(ME), await phones.begin(ME)
    assert first.password != second.password
    assert len(second.password) >= 32
    assert switch.known == {"web-op09": second.password}
    assert second.password not in repr(second)


async def test_the_newest_page_wins_and_the_other_is_told(phones: Softphones) -> None:
    first = await phones.begin(ME)
    theirs = line(phones, ME, first.id)
    second = await phones.begin(ME)
    assert theirs.over.result() is LineEnd.DISPLACED
    assert phones.connect(ME, first.id) is LineEnd.DISPLACED
    assert not line(phones, ME, second.id).over.done()


async def test_a_page_that_comes_back_replaces_its_own_line(phones: Softphones) -> None:
    lease = await phones.begin(ME)
    before = line(phones, ME, lease.id)
    after = line(phones, ME, lease.id)
    assert before.over.result() is LineEnd.REPLACED
    phones.disconnect(before)
    await phones.end(ME)
    assert after.over.result() is LineEnd.LOGGED_OUT


async def test_who_logs_out_is_no_telephone_and_others_are_not_disturbed(
    phones: Softphones, switch: FakePhoneSecrets, book: FakeLeaseBook
) -> None:
    mine, theirs = await phones.begin(ME), await phones.begin(OTHER)
    open_lines = line(phones, ME, mine.id), line(phones, OTHER, theirs.id)
    phones.publish(1, 0.0, [AgentChanged(ME, AgentState.READY)])
    logged_out(phones, ME)
    await until_forgotten(switch, "web-op09")
    assert open_lines[0].over.result() is LineEnd.LOGGED_OUT
    assert not open_lines[1].over.done()
    assert switch.known == {"web-op10": theirs.password}
    assert phones.connect(ME, mine.id) is LineEnd.UNKNOWN
    assert book.kept == {OTHER: theirs.id}


async def test_a_new_login_is_not_ended_by_the_logout_before_it(
    phones: Softphones, switch: FakePhoneSecrets
) -> None:
    await phones.begin(ME)
    logged_out(phones, ME)
    lease = await phones.begin(ME)
    await asyncio.sleep(0.05)
    assert switch.known == {"web-op09": lease.password}
    assert isinstance(phones.connect(ME, lease.id), Line)


async def test_a_switch_that_is_away_is_told_to_forget_when_it_is_back(
    phones: Softphones,
    switch: FakePhoneSecrets,
    book: FakeLeaseBook,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "AGAIN_S", 0.02)
    lease = await phones.begin(ME)
    switch.away = True
    logged_out(phones, ME)
    await asyncio.sleep(0.05)
    assert phones.connect(ME, lease.id) is LineEnd.UNKNOWN
    assert book.kept == {ME: ""}, "that a secret is left is remembered beyond a crash"
    phones.close()
    switch.away = False
    await Softphones(switch, book).tidy()
    assert switch.known == {}
    assert book.kept == {}


async def test_a_login_that_fails_leaves_nobody_in(
    phones: Softphones, switch: FakePhoneSecrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AGAIN_S", 0.02)
    lease = await phones.begin(ME)
    theirs = line(phones, ME, lease.id)
    switch.away = True
    with pytest.raises(SwitchUnavailable):
        await phones.begin(ME)
    assert theirs.over.result() is LineEnd.UNKNOWN
    switch.away = False
    await until_forgotten(switch, "web-op09")


async def test_leases_outlive_the_process(
    phones: Softphones, switch: FakePhoneSecrets, book: FakeLeaseBook
) -> None:
    lease = await phones.begin(ME)
    assert isinstance(Softphones(switch, book).connect(ME, lease.id), Line)


@pytest.mark.parametrize("lease", ["", "x", "0" * 16])
async def test_nobody_gets_in_with_a_lease_that_was_never_given(
    phones: Softphones, lease: str
) -> None:
    assert phones.connect(ME, lease) is LineEnd.UNKNOWN
    await phones.begin(ME)
    assert phones.connect(ME, lease) is LineEnd.DISPLACED
    await phones.end(ME)
    assert phones.connect(ME, "") is LineEnd.UNKNOWN


async def test_supervisors_share_a_few_telephones(
    switch: FakePhoneSecrets, book: FakeLeaseBook
) -> None:
    seats = (floor_seat(1), floor_seat(2))
    phones = Softphones(switch, book, seats)
    mine = phones.take_seat("yamada")
    lease = await phones.begin(mine)
    assert phones.take_seat("yamada") == mine == phones.seat_of("yamada")
    assert switch.known == {"web--1": lease.password}
    line(phones, mine, lease.id)
    theirs = phones.take_seat("suzuki")
    assert theirs != mine
    open_line = line(phones, theirs, (await phones.begin(theirs)).id)
    with pytest.raises(Refused) as refused:
        phones.take_seat("tanaka")
    assert refused.value.code == "no_seat"
    # A page that is gone leaves its telephone to others; one that signs out gives it back.
    phones.disconnect(open_line)
    assert phones.take_seat("tanaka") == theirs
    assert phones.seat_of("suzuki") is None
    await phones.end(mine)
    assert phones.seat_of("yamada") is None
    assert "web--1" not in switch.known
    # After a restart nobody knows who sat there: those telephones are forgotten.
    again = Softphones(switch, book, seats)
    assert again.connect(theirs, book.kept[theirs]) is LineEnd.UNKNOWN
    await again.tidy()
    assert switch.known == {}


def test_the_file_of_leases_is_private_and_a_broken_one_is_empty(tmp_path: Path) -> None:
    file = LeaseFile(tmp_path)
    assert file.load() == {}
    file.save({"op09": "abc"})
    assert LeaseFile(tmp_path).load() == {"op09": "abc"}
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    (tmp_path / FILE).write_text('{"op09": 1}')
    assert file.load() == {}


async def test_the_switch_gets_a_digest_and_never_the_password() -> None:
    server = AmiServer()
    await server.open()
    secrets = AsteriskPhoneSecrets(server.address, AmiAccount("phones", "s3"))
    await secrets.put("web-op09", "correct horse")
    (written,) = server.actions("DBPut")
    assert (written["Family"], written["Key"]) == ("ps_auth/auth", "web-op09")
    assert json.loads(written["Val"]) == {
        "auth_type": "md5",
        "username": "web-op09",
        # printf 'web-op09:asterisk:correct horse' | md5sum
        "md5_cred": "190095c141d797615c4814d4ebd81982",
    }
    assert "correct horse" not in str(server.got)
    server.answers["DBDel"] = "Response: Error\r\nMessage: Database entry not found"
    await secrets.remove("web-op09")
    server.answers["DBDel"] = "Response: Error\r\nMessage: Permission denied"
    with pytest.raises(ActionFailed):
        await secrets.remove("web-op09")
    await server.close()
