"""``madoguchi proxy-conf``: what a Kamailio in front of several nodes needs of us."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from acd.adapters.kamailio import FOLDER, render_proxy
from acd.cli.options import DEFAULT_CENTRE, CentreOption
from acd.cli.words import say
from acd.config import load_settings
from acd.config.settings import is_loopback
from acd.errors import ConfigError, Fault

_SIP_PORT = 5060


def proxy_conf(
    into: Annotated[Path, typer.Argument(help=say("書き出すフォルダー。", "The folder."))],
    listen: Annotated[
        str,
        typer.Option(
            help=say(
                "通信事業者から見えるプロキシのアドレス(例 192.0.2.10:5060)。",
                "The proxy's address as carriers see it, such as 192.0.2.10:5060.",
            )
        ),
    ],
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Write its configuration and the lists of nodes and carriers, and say how it is used."""
    settings = load_settings(centre)
    host, _, port = listen.partition(":")
    if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise ConfigError([Fault("proxy.listen", "must be an address such as 192.0.2.10:5060")])
    nodes = {
        f"switches.{name}" if each.further else "switch": (each.sip_bind, each.sip_port)
        for name, each in settings.nodes.items()
    }
    unreached = [
        Fault(f"settings.toml:{name}.sip_bind", "is on loopback: a proxy elsewhere cannot reach it")
        for name, (there, _) in nodes.items()
        if is_loopback(there) and not is_loopback(host)
    ]
    if unreached:
        raise ConfigError(unreached)
    networks = [each for trunk in settings.trunks.values() for each in trunk.match]
    render_proxy(into, (host, int(port or _SIP_PORT)), nodes, networks)
    typer.echo(
        say(
            f"書き出しました({len(nodes)}台に振り分けます)。プロキシのマシンで実行します。\n"
            f"  rsync -a {into}/ root@{host}:{FOLDER}/\n"
            f"  kamailio -c -f {FOLDER}/kamailio.cfg   # 設定の検査\n"
            "  systemctl restart kamailio\n"
            f"各ノードの回線は、プロキシ({host})からの着信だけを受けるようにします(match)。",
            f"Written, for {len(nodes)} nodes. On the proxy's machine:\n"
            f"  rsync -a {into}/ root@{host}:{FOLDER}/\n"
            f"  kamailio -c -f {FOLDER}/kamailio.cfg   # is it right?\n"
            "  systemctl restart kamailio\n"
            f"The nodes' trunk then takes calls from the proxy ({host}): name it in match.",
        )
    )
