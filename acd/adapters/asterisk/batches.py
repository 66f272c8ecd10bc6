"""Several actions sent at once, in order, and waited for together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from acd.adapters.asterisk.codec import Action, Message
from acd.adapters.asterisk.session import Session
from acd.errors import ActionFailed, SwitchError

#: A channel that was just sent somewhere can be sent nowhere else until it has got there: some
#: milliseconds, more on a busy machine. It is asked again so often, for so long.
AGAIN_S, AGAIN_FOR_S = 0.05, 3.0


async def send_all(
    session: Session, wanted: Sequence[Action], timeout_s: float, *, gone_is_failure: bool
) -> bool:
    """Send all at once; the first failure is raised when all are answered.

    Where a channel that is gone is no failure, the result says whether all were there.
    """
    sent = [(action, session.submit(action)) for action in wanted]
    complete = True
    failure: SwitchError | None = None
    for action, future in sent:
        try:
            await _carried_out(session, action, future, timeout_s)
        except ActionFailed as error:
            if error.code == "no_such_channel" and not gone_is_failure:
                complete = False
            else:
                failure = failure or error
        except SwitchError as error:
            failure = failure or error
    if failure is not None:
        raise failure
    return complete


async def _carried_out(
    session: Session, action: Action, future: asyncio.Future[Message], timeout_s: float
) -> None:
    """Wait for the answer to one, and send it again when it is refused because the channel is still
    on its way from what was asked before: then nothing has been done."""
    loop = asyncio.get_running_loop()
    until_s = loop.time() + AGAIN_FOR_S
    while True:
        try:
            await session.finish(future, timeout_s)
        except ActionFailed as error:
            if error.code != "channel_not_up" or loop.time() > until_s:
                raise
        else:
            return
        await asyncio.sleep(AGAIN_S)
        future = session.submit(action)
