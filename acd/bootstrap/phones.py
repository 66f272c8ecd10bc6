"""New telephones of a plan, brought to the Asterisk that runs, without a restart."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from acd.adapters.asterisk.conffiles import check, phone_files
from acd.adapters.asterisk.reloading import reload_phones, replace_files
from acd.adapters.asterisk.session import AmiAccount
from acd.adapters.secrets import Secrets
from acd.bootstrap.nodes import own_secret
from acd.bootstrap.switch import PHONES, ami_address, conf_spec, paths_of, phones_account
from acd.config import Centre, Settings, SwitchKind
from acd.errors import MadoguchiError

_log = structlog.get_logger("madoguchi.phones")


def phones_bringer(settings: Settings, secrets: Secrets) -> Callable[[Centre], Awaitable[bool]]:
    """How a reload brings telephones to the switch of a centre that runs under ``settings``.

    The function returns whether Asterisk (of several, each) knows them now: not if it runs on
    another machine, if its files are not ours to write, or if operators' browsers, whose account is
    used, are turned off.
    """
    bringers = [_bringer(settings.at(node), secrets) for node in settings.nodes]

    async def bring(centre: Centre) -> bool:
        return all([await each(centre) for each in bringers])

    return bring


def _bringer(settings: Settings, secrets: Secrets) -> Callable[[Centre], Awaitable[bool]]:
    async def bring(centre: Centre) -> bool:
        if settings.switch.kind is SwitchKind.REMOTE or not settings.softphone.ws_port:
            return False
        paths = paths_of(settings)
        spec = conf_spec(replace(centre, settings=settings), secrets, paths)
        try:
            check(spec)
            replace_files(paths.etc, phone_files(spec))
            secret = secrets.get(own_secret(PHONES, settings.switch))
            account = AmiAccount(phones_account(settings), secret)
            await reload_phones(ami_address(settings, secrets), account)
        except (MadoguchiError, OSError) as error:
            _log.warning("telephones_not_brought", error=type(error).__name__)
            return False
        return True

    return bring
