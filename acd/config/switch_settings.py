"""Settings of the Asterisks of a centre: ``[switch]``, and ``[switches.<id>]`` for more of them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, PrivateAttr, model_validator

from acd.config.faults import Faults
from acd.config.kinds import id_fault
from acd.config.settings_kinds import Host, Ident, Port, Seconds, Section, Word


class SwitchKind(StrEnum):
    """Whose Asterisk it is."""

    PROVIDED = "provided"
    LOCAL = "local"
    REMOTE = "remote"


class SwitchSettings(Section):
    """The Asterisk and the two ways to it.

    ``provided``: made and started by madoguchi in a private root. ``local``: ``program`` on this
    machine, started with our configuration, as ``user`` when root starts it. ``remote``: already
    running at ``host`` with our configuration installed there. A caller's wait goes over to the
    static queue when the controller, which says each second that it lives, was silent for
    ``beat_max_s``. While more than ``music_callers`` wait, those who come hear a word every half
    minute to a minute instead of music, which is dear. ``whisper_proven_on``: the release of
    Asterisk, beside the proven one, on which somebody ran the whisper test (docs/operations.md), so
    that supervisors may hear talks there.

    ``private_link``: nobody but a remote switch and its controllers is on the network between them
    (a cable, a VLAN, a tunnel). It has to be said where ``tls`` is not. ``tls``: the manager
    interface of a remote switch is spoken at ``ami_tls_port`` and the SIP of browsers at
    ``ws_tls_port``, over TLS alone, and switches call one another at ``sip_tls_port`` over TLS with
    encrypted sound; certificates are of our own authority. Of the menu's protocol (AGI) Asterisk
    knows no TLS: a stunnel on its machine takes it at ``tunnel_port`` of its loopback (at the ports
    after that for further controllers) and carries it to ``[agi] tls_port``.

    ``cel_file``: where this controller sees Asterisk's own record (``run/log/cel.csv``), when that
    is another machine's or another controller's; empty: beside its own Asterisk.

    Of several switches: ``ws_port`` is where this one serves browsers (0: as ``[softphone]`` says),
    ``incoming_dir`` where its recordings arrive (empty: as for one switch), and its calls are given
    up for lost when it was silent for ``lost_after_s``.
    """

    id: Ident = "a"
    kind: SwitchKind = SwitchKind.PROVIDED
    host: Host = "127.0.0.1"
    program: str = "/usr/sbin/asterisk"
    user: Word = "asterisk"
    remote_dir: Annotated[str, Field(pattern=r"^/[A-Za-z0-9_./-]{1,100}$")] = "/var/lib/madoguchi"
    sip_bind: Host = "127.0.0.1"
    sip_port: Port = 5060
    rtp_from_port: Port = 10_000
    rtp_to_port: Port = 14_999
    ami_port: Port = 5038
    private_link: bool = False
    tls: bool = False
    ami_tls_port: Port = 5039
    ws_tls_port: Port = 8089
    sip_tls_port: Port = 5061
    tunnel_port: Port = 4575
    ami_user: Word = "madoguchi"
    whisper_proven_on: Annotated[str, Field(pattern=r"^([0-9]{1,3}(\.[0-9]{1,3}){1,2})?$")] = ""
    lag_alarm_s: Seconds = 2.0
    beat_max_s: int = Field(default=10, ge=2, le=60)
    music_callers: int = Field(default=30, ge=0, le=10_000)
    ws_port: int = Field(default=0, ge=0, le=65_535)
    incoming_dir: str = ""
    cel_file: Annotated[str, Field(pattern=r"^(/[A-Za-z0-9_./-]{1,200})?$")] = ""
    lost_after_s: Seconds = 15.0
    _further: bool = PrivateAttr(default=False)

    @property
    def further(self) -> bool:
        """Whether it is not the first: its folder and its secrets then bear its id."""
        return self._further

    @property
    def link_tls(self) -> bool:
        """Whether the controller speaks TLS with it; on one machine it needs none."""
        return self.tls and self.kind is SwitchKind.REMOTE

    @property
    def manager_port(self) -> int:
        """Where the controller finds its manager interface."""
        return self.ami_tls_port if self.link_tls else self.ami_port

    def as_further(self, id_: str) -> SwitchSettings:
        """The same switch, known as one more of several."""
        known = self.model_copy(update={"id": id_})
        known._further = True
        return known

    @model_validator(mode="after")
    def _whole(self) -> SwitchSettings:
        if self.rtp_to_port - self.rtp_from_port < 3:
            raise ValueError("rtp_to_port must be at least 3 above rtp_from_port")
        return self


def further_switches(
    first: str, tables: dict[str, SwitchSettings], name: str, faults: Faults
) -> dict[str, SwitchSettings]:
    """The switches beside the first one, each under the id that its table's name is."""
    known: dict[str, SwitchSettings] = {}
    for key, switch in tables.items():
        place = f"{name}:switches.{key}"
        wrong = id_fault(key)
        if wrong:
            faults.add(place, wrong)
        if "id" in switch.model_fields_set and switch.id != key:
            faults.add(f"{place}.id", f"is {key!r} already, by the name of the table: leave it out")
        if key == first:
            faults.add(place, "is the id of [switch] already: each switch has its own")
        known[key] = switch.as_further(key)
    return known
