"""Renders ``docker/kamailio`` for a proxy in front of several nodes: its file and its two lists."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from acd.errors import ConfigError, Fault

#: The readable original, beside the packages.
ORIGINAL = Path(__file__).resolve().parents[2] / "docker" / "kamailio" / "kamailio.cfg"
#: Where Debian's package keeps its modules.
MODULES = "/usr/lib/x86_64-linux-gnu/kamailio/modules"
#: Where the files lie on the proxy's machine.
FOLDER = "/etc/kamailio"
_PATH = re.compile(r"/[A-Za-z0-9_.+/-]*")


def dispatcher_list(nodes: Mapping[str, tuple[str, int]]) -> str:
    """The nodes (address and SIP port by id) as the dispatcher reads them; raises ConfigError."""
    lines = ["# set  address\n"]
    for name, (host, port) in nodes.items():
        lines.append(f"# the node {name}\n1 sip:{_address(name, host)}:{port}\n")
    return "".join(lines)


def address_list(networks: Iterable[str]) -> str:
    """Networks that calls may come from, as the permissions module reads them."""
    found = sorted({ipaddress.ip_network(each, strict=False) for each in networks}, key=str)
    rows = (f"1 {each.network_address} {each.prefixlen}\n" for each in found)
    return "# group  address  bits\n" + "".join(rows)


def render_proxy(
    into: Path,
    listen: tuple[str, int],
    nodes: Mapping[str, tuple[str, int]],
    networks: Iterable[str],
    *,
    modules: str = MODULES,
    folder: str = FOLDER,
    children: int = 4,
) -> None:
    """Write the three files into ``into``; they say that they lie in ``folder``. Raises ConfigError
    for what cannot stand in them."""
    for name, path in (("modules", modules), ("folder", folder)):
        if not _PATH.fullmatch(path):
            raise ConfigError([Fault(f"proxy.{name}", "must be an absolute path, plainly written")])
    marks = {
        "@LISTEN@": f"{_address('listen', listen[0])}:{listen[1]}",
        "@MODULES@": modules,
        "@FOLDER@": folder,
        "@CHILDREN@": str(children),
    }
    text = ORIGINAL.read_text(encoding="utf-8")
    for mark, value in marks.items():
        text = text.replace(mark, value)
    into.mkdir(parents=True, exist_ok=True)
    for name, content in (
        ("kamailio.cfg", text),
        ("dispatcher.list", dispatcher_list(nodes)),
        ("address.list", address_list(networks)),
    ):
        (into / name).write_text(content, encoding="utf-8")


def _address(name: str, host: str) -> str:
    try:
        address = ipaddress.IPv4Address(host)
    except ValueError:
        address = ipaddress.IPv4Address(0)
    if address.is_unspecified:
        told = "must be one IPv4 address, by which the proxy finds it"
        raise ConfigError([Fault(f"proxy.{name}", told)])
    return str(address)
