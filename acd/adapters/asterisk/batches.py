"""Several actions sent at once, in order, and waited for together."""

from __future__ import annotations

from collections.abc import Sequence

from acd.adapters.asterisk.codec import Action
from acd.adapters.asterisk.session import Session
from acd.errors import ActionFailed, SwitchError


async def send_all(
    session: Session, wanted: Sequence[Action], timeout_s: float, *, gone_is_failure: bool
) -> bool:
    """Send all at once; the first failure is raised when all are answered.

    Where a channel that is gone is no failure, the result says whether all were there.
    """
    sent = [session.submit(action) for action in wanted]
    complete = True
    failure: SwitchError | None = None
    for future in sent:
        try:
            await session.finish(future, timeout_s)
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
