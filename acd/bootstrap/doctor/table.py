"""The table of checks, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec import Struct

from acd.bootstrap.doctor import (
    audio,
    backups,
    certificates,
    clear_lines,
    clock,
    codecs,
    controller,
    database,
    disk,
    files,
    lease,
    limits,
    lines,
    link,
    mail,
    menus,
    plan,
    ports,
    prompts,
    trunks,
    versions,
)
from acd.bootstrap.doctor.finding import Finding, Said
from acd.bootstrap.doctor.scene import Scene


class Check(Struct, frozen=True):
    """One check: its key for programs, what it looks at, and the function that looks."""

    key: str
    name: Said
    look: Callable[[Scene], Awaitable[Finding]]


CHECKS = (
    Check("plan", Said("センターの設定", "centre's files"), plan.look),
    Check("controller", Said("コントローラー", "controller"), controller.look),
    Check("lease", Said("交代の取り決め", "who leads"), lease.look),
    Check("versions", Said("版", "versions"), versions.look),
    Check("ports", Said("ポート", "ports"), ports.look),
    Check("link", Said("Asteriskとの接続", "link to Asterisk"), link.look),
    Check("lines", Said("Asterisk暗号化", "lines to Asterisk"), lines.look),
    Check("menus", Said("案内 (試験通話)", "menus (test call)"), menus.look),
    Check("audio", Said("音声 (試験通話)", "sound (test call)"), audio.look),
    Check("codecs", Said("コーデック", "codecs"), codecs.look),
    Check("trunks", Said("回線", "trunks"), trunks.look),
    Check("prompts", Said("案内の音声", "prompts"), prompts.look),
    Check("database", Said("データベース", "database"), database.look),
    Check("clear_lines", Said("記録先との暗号化", "lines to the stores"), clear_lines.look),
    Check("backups", Said("バックアップ", "backups"), backups.look),
    Check("disk", Said("ディスク", "disk"), disk.look),
    Check("clock", Said("時計", "clocks"), clock.look),
    Check("time_zone", Said("時間帯", "time zone"), limits.time_zone),
    Check("certificate", Said("証明書", "certificate"), certificates.look),
    Check("files", Said("秘密のファイル", "secret files"), files.look),
    Check("open_files", Said("開けるファイル", "open files"), limits.open_files),
    Check("mail", Said("メール", "mail"), mail.look),
)
