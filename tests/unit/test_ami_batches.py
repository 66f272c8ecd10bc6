"""Several actions at once, and a switch that refuses: what is tried again, and what is not."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from acd.adapters.asterisk import batches
from acd.adapters.asterisk.batches import send_all
from acd.adapters.asterisk.codec import Action
from acd.adapters.asterisk.session import Session
from acd.errors import ActionFailed
from tests.fakes.ami_server import AmiServer

TOLD = Action("Setvar", (("Channel", "mdg-o1"), ("Variable", "X"), ("Value", "1")))
MOVED = Action("Redirect", (("Channel", "mdg-o1"), ("Context", "reunite")))
ON_ITS_WAY = "Response: Error\r\nMessage: Redirect failed, channel not up."
NOT_YET_EITHER = "Response: Error\r\nMessage: Redirect failed, extra channel not up."
GONE = "Response: Error\r\nMessage: Channel does not exist: mdg-o1"


@pytest.fixture
async def server() -> AsyncIterator[AmiServer]:
    made = AmiServer()
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def session(server: AmiServer) -> AsyncIterator[Session]:
    def ignore(_: object) -> None:
        """Nobody listens."""

    made = await Session.open(server.address, server.address.actions, on_event=ignore, events=False)
    yield made
    made.close()


def says(server: AmiServer, *answers: str) -> None:
    """What the switch says to one Redirect after another; the last for good."""
    left = list(answers)
    server.answers["Redirect"] = lambda _: left.pop(0) if len(left) > 1 else left[0]


async def test_who_was_just_sent_somewhere_is_sent_on_as_soon_as_that_can_be(
    server: AmiServer, session: Session
) -> None:
    says(server, ON_ITS_WAY, NOT_YET_EITHER, "Response: Success")
    assert await send_all(session, (TOLD, MOVED), 5.0, gone_is_failure=True)
    assert len(server.actions("Redirect")) == 3
    assert len(server.actions("Setvar")) == 1, "what was done is not done again"


async def test_who_is_gone_meanwhile_is_not_waited_for(server: AmiServer, session: Session) -> None:
    says(server, ON_ITS_WAY, GONE)
    with pytest.raises(ActionFailed) as refused:
        await send_all(session, (MOVED,), 5.0, gone_is_failure=True)
    assert refused.value.code == "no_such_channel"
    says(server, ON_ITS_WAY, GONE)
    assert not await send_all(session, (MOVED,), 5.0, gone_is_failure=False)


async def test_who_never_gets_anywhere_is_a_failure(
    server: AmiServer, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "AGAIN_FOR_S", 0.2)
    says(server, ON_ITS_WAY)
    with pytest.raises(ActionFailed) as refused:
        await send_all(session, (MOVED,), 5.0, gone_is_failure=False)
    assert refused.value.code == "channel_not_up"


@pytest.mark.parametrize("why", ["Redirect failed", "Permission denied"])
async def test_any_other_refusal_counts_at_once(
    server: AmiServer, session: Session, why: str
) -> None:
    says(server, f"Response: Error\r\nMessage: {why}", "Response: Success")
    with pytest.raises(ActionFailed):
        await send_all(session, (MOVED,), 5.0, gone_is_failure=True)
    assert len(server.actions("Redirect")) == 1
