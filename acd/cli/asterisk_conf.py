"""``madoguchi asterisk-conf``: the configuration for an Asterisk on another machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from acd.adapters.asterisk.conffiles import render
from acd.adapters.secrets import Secrets
from acd.bootstrap.switch import SOUNDS, conf_spec, paths_of
from acd.cli.options import DEFAULT_CENTRE, CentreOption
from acd.cli.words import say
from acd.config import load_centre
from acd.config.settings import SwitchKind
from acd.errors import ConfigError, Fault, StoreUnavailable


def asterisk_conf(
    into: Annotated[
        Path, typer.Argument(help=say("書き出すフォルダー(空のもの)。", "An empty folder."))
    ],
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Write it, secrets included, and say where it belongs."""
    loaded = load_centre(centre)
    settings = loaded.settings
    if settings.switch.kind is not SwitchKind.REMOTE:
        fault = 'must be "remote": other kinds are configured when they are started'
        raise ConfigError([Fault("settings.toml:switch.kind", fault)])
    if into.exists() and any(into.iterdir()):
        raise StoreUnavailable(f"{into} is not empty: name a new folder", code="not_empty")
    paths = paths_of(settings)
    render(conf_spec(loaded, Secrets(settings.state_dir), paths), into)
    typer.echo(
        say(
            f"書き出しました(パスワードを含みます)。{settings.switch.host} に置いてください。\n"
            f"  {into} → {paths.etc}\n  {SOUNDS} → {paths.sounds}\n"
            f"  {paths.run} をAsteriskが書き込めるようにし、"
            f"asterisk -C {paths.etc}/asterisk.conf で起動します。",
            f"Written; it holds secrets. On {settings.switch.host} put\n"
            f"  {into} at {paths.etc}\n  {SOUNDS} at {paths.sounds}\n"
            f"  make {paths.run} writable for Asterisk, and start it with "
            f"asterisk -C {paths.etc}/asterisk.conf",
        )
    )
