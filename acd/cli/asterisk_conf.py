"""``madoguchi asterisk-conf``: all that an Asterisk on another machine needs of us."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from acd.adapters.asterisk.conf_tunnel import TUNNEL_FILE, TUNNEL_PID
from acd.adapters.asterisk.conffiles import ConfSpec, render, render_certificates
from acd.adapters.asterisk.places import make_run_folder
from acd.adapters.secrets import Secrets
from acd.bootstrap.switch import SOUNDS, conf_spec, paths_of
from acd.cli.options import DEFAULT_CENTRE, CentreOption
from acd.cli.words import say
from acd.config import Centre, load_centre
from acd.config.faults import nearest
from acd.config.settings import SwitchKind, SwitchSettings
from acd.errors import ConfigError, Fault, StoreUnavailable


def asterisk_conf(
    into: Annotated[
        Path, typer.Argument(help=say("書き出すフォルダー(空のもの)。", "An empty folder."))
    ],
    centre: CentreOption = DEFAULT_CENTRE,
    switch: Annotated[
        str,
        typer.Option(
            help=say(
                "どのAsteriskか (settings.toml の [switches.ID])。", "Which Asterisk, of several."
            )
        ),
    ] = "",
    certificates: Annotated[
        bool,
        typer.Option(
            "--certificates",
            help=say(
                "証明書だけを作り直します。Asteriskの再起動は要りません。",
                "Only its certificates, anew: Asterisk need not be started again.",
            ),
        ),
    ] = False,
) -> None:
    """Write it, secrets included, and say how it is brought there."""
    loaded = _seen_from(load_centre(centre), switch)
    settings = loaded.settings
    place = f"switches.{settings.switch.id}" if settings.switch.further else "switch"
    if settings.switch.kind is not SwitchKind.REMOTE:
        fault = 'must be "remote": other kinds are configured when they are started'
        ja = '"remote" のAsteriskだけに要ります。ほかの種類は起動時に設定されます。'
        raise ConfigError([Fault(f"settings.toml:{place}.kind", fault, ja)])
    if certificates and not settings.switch.tls:
        fault = "must be true: a switch that speaks in the clear has no certificates"
        ja = "true のときだけ証明書があります。"
        raise ConfigError([Fault(f"settings.toml:{place}.tls", fault, ja)])
    if into.exists() and any(into.iterdir()):
        raise StoreUnavailable(f"{into} is not empty: name a new folder", code="not_empty")
    spec = conf_spec(loaded, Secrets(settings.secrets_dir), paths_of(settings))
    # Others on either machine have no business in it: secrets, later talks in clear.
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    if certificates:
        render_certificates(spec, into)
        commands = _renewal(into, settings.switch)
    else:
        render(spec, into / "etc")
        shutil.copytree(SOUNDS, into / "sounds")
        make_run_folder(into / "run")
        commands = _installation(into, settings.switch, spec)
    listed = "\n".join(f"  {each}" for each in commands)
    typer.echo(
        say(
            f"書き出しました(パスワードを含みます)。1行目はここで、ほかは {settings.switch.host} で"
            f"実行します。\n{listed}",
            "Written; it holds secrets. The first of these is for here, the others are for "
            f"{settings.switch.host}:\n{listed}",
        )
    )


def _seen_from(loaded: Centre, switch: str) -> Centre:
    """The centre as seen from one of its switches; raises ConfigError when there is none such."""
    nodes = loaded.settings.nodes
    if switch and switch not in nodes:
        raise ConfigError(
            [Fault("--switch", f"there is no switch {switch!r}{nearest(switch, nodes)}")]
        )
    return replace(loaded, settings=loaded.settings.at(switch or loaded.settings.switch.id))


def _installation(into: Path, switch: SwitchSettings, spec: ConfSpec) -> list[str]:
    """Everything there anew. The tunnel is stunnel, of Debian's package stunnel4."""
    there, user = switch.remote_dir, switch.user
    commands = [
        f"rsync -a {into}/ root@{switch.host}:{there}/",
        f"chown -R {user}: {there}",
    ]
    if spec.tls is not None and spec.tls.menus:
        commands += [
            "apt-get install stunnel4",
            f"runuser -u {user} -- stunnel {there}/etc/{TUNNEL_FILE} &",
        ]
    return [*commands, f"asterisk -U {user} -C {there}/etc/asterisk.conf"]


def _renewal(into: Path, switch: SwitchSettings) -> list[str]:
    """What a switch at work takes without a call being cut. Its manager interface looks at its
    certificate only when its own file has changed as well."""
    there = switch.remote_dir
    asterisk = f"asterisk -C {there}/etc/asterisk.conf -rx"
    return [
        f"rsync -a {into}/ root@{switch.host}:{there}/etc/",
        f"chown -R {switch.user}: {there}/etc",
        f"touch {there}/etc/manager.conf",
        f"{asterisk} 'manager reload'",
        f"{asterisk} 'module reload http'",
        f"{asterisk} 'module reload res_pjsip.so'",
        f'kill -HUP "$(cat {there}/run/{TUNNEL_PID})"',
    ]
