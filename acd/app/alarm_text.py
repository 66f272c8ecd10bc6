"""What an alarm says to a person, in Japanese and English: what it is, and how bad it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

from acd.app.alarm_rules import Active, Change
from acd.app.day_targets import Against
from acd.app.target_text import met, missed
from acd.config.alarm_settings import AlarmKind, Severity
from acd.ports_watch import AlarmNotice

_K = AlarmKind
#: Sentences with ``{name}`` (of the queue or trunk), ``{value}``, ``{limit}``, ``{minutes}``.
_SAID = {
    _K.SERVICE_LEVEL: (
        "{name}のサービスレベルが、直近{minutes}分で{value}に下がっています(警告は{limit}以下)。",
        "The service level of {name} is {value} over the last {minutes} minutes (limit {limit}).",
    ),
    _K.LONGEST_WAIT: (
        "{name}で最も長い待ちが{value}になりました(警告は{limit})。",
        "Somebody has been waiting for {value} in {name} (limit {limit}).",
    ),
    _K.TRUNK_FULL: (
        "回線{name}の使用が上限の{value}に達しています。",
        "{value} of the channels of line {name} are in use.",
    ),
    _K.TRUNK_DOWN: (
        "回線{name}が応答しません。発信はほかの回線に回します。通信事業者に連絡してください。",
        "Line {name} does not answer. Calls out go over other lines: tell the carrier.",
    ),
    _K.LINE_QUALITY: (
        "回線{name}の音質が下がっています(推定MOS {value}、警告は{limit}以下)。",
        "The sound of line {name} is poor (estimated MOS {value}, limit {limit}).",
    ),
    _K.NOBODY_LOGGED_IN: (
        "受付時間中ですが、ログインしているオペレーターがいません。",
        "The centre is open and no operator is logged in.",
    ),
    _K.SWITCH_GONE: (
        "電話交換機につながりません。新しい電話は予備の窓口へ流れます。",
        "The switch cannot be reached: new calls go to the static queue.",
    ),
    _K.AMI_LAG: (
        "電話交換機からの知らせが{value}遅れています。",
        "News from the switch comes {value} late.",
    ),
    _K.SPOOL_FILLING: (
        "データベースに書けない記録がたまり、保管場所の{value}を使っています。",
        "{value} of the spool is full of records that the database has not taken.",
    ),
    _K.DISK_FULL: (
        "ディスクの{value}が使われています。",
        "{value} of the disk is used.",
    ),
    _K.CLOCK_DRIFT: (
        "時計が{value}ずれています。コントローラーの再起動が必要です。",
        "The machine's clock is {value} off: the controller must be restarted.",
    ),
    _K.JOURNAL_LAG: (
        "データベースへの書き込みが{value}件遅れています。",
        "The database is {value} steps behind.",
    ),
    _K.JOURNAL_FAILING: (
        "記録をディスクに書けません。",
        "The journal cannot be written to disk.",
    ),
    _K.DATABASE_GONE: (
        "データベースが使えません。通話と記録は続いています。",
        "The database cannot be used. Calls and the journal go on.",
    ),
    _K.CONTROLLER_REBUILT: (
        "コントローラーが不具合から立て直されました({value}回、直近{minutes}分)。",
        "The engine was made anew after a defect ({value} in the last {minutes} minutes).",
    ),
    _K.EVENT_LOOP_LAG: (
        "コントローラーの処理が{value}遅れています。",
        "The controller is {value} late.",
    ),
}
_SHARES = frozenset({_K.SERVICE_LEVEL, _K.TRUNK_FULL, _K.SPOOL_FILLING, _K.DISK_FULL})
_SECONDS = frozenset({_K.LONGEST_WAIT, _K.AMI_LAG, _K.CLOCK_DRIFT, _K.EVENT_LOOP_LAG})
_CENTRE = ("センター全体", "the whole centre")
_TEST = (
    "これは警報のテストです。対応は不要です。",
    "This is a test of the alarms. There is nothing to do.",
)


def said(alarm: Active, names: Mapping[str, tuple[str, str]], zone: tzinfo) -> tuple[str, str]:
    """The sentences (Japanese, English) of an alarm; ``names`` are those of queues, times of day
    those of ``zone``."""
    rule, name = alarm.rule, _named(alarm.subject, names)
    if isinstance(alarm.reading, Against):
        since = datetime.fromtimestamp(alarm.bad_since_s, zone)
        return missed(alarm, name, f"{since.hour}:{since:%M}")
    texts = []
    for text, named, japanese in zip(_SAID[rule.kind], name, (True, False), strict=True):
        texts.append(
            text.format(
                name=named,
                value=_figure(rule.kind, alarm.value, japanese),
                limit=_figure(rule.kind, rule.raise_at, japanese),
                minutes=round(rule.window_s / 60),
            )
        )
    return texts[0], texts[1]


def _over(change: Change, names: Mapping[str, tuple[str, str]], zone: tzinfo) -> tuple[str, str]:
    """The sentences at an alarm's end: what was wrong, or of a target how the figure is now."""
    if isinstance(change.reading, Against):
        ja, en = met(change.alarm, change.reading, _named(change.alarm.subject, names))
    else:
        ja, en = said(change.alarm, names, zone)
    return f"【解消】{ja}", f"Over: {en}"


def _named(subject: str, names: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    ja, en = names.get(subject, ("", ""))
    return ja or subject or _CENTRE[0], en or subject or _CENTRE[1]


def _figure(kind: AlarmKind, value: float, japanese: bool) -> str:
    if kind in _SHARES:
        return f"{value:.0%}"
    if kind in _SECONDS:
        shown = f"{value:.0f}" if abs(value) >= 10 else f"{value:.1f}"
        return f"{shown}秒" if japanese else f"{shown} s"
    return f"{value:.1f}" if kind is AlarmKind.LINE_QUALITY else f"{value:.0f}"


def notice(change: Change, names: Mapping[str, tuple[str, str]], zone: tzinfo = UTC) -> AlarmNotice:
    """The message about a change; ``names`` are those of queues."""
    alarm, rule = change.alarm, change.alarm.rule
    text = said(alarm, names, zone) if change.raised else _over(change, names, zone)
    event = "raised" if change.raised else "cleared"
    body: dict[str, object] = {
        "alarm": rule.id,
        "kind": rule.kind.value,
        "subject": alarm.subject,
        "value": round(change.value, 4),
        "limit": rule.raise_at,
        "since": _moment(alarm.since_s),
    }
    now = change.reading or alarm.reading
    if isinstance(now, Against):
        # Programs are told the target where people are: the rule's own limit is a distance to it.
        body |= {"limit": now.target, "measure": now.key, "part": now.part, "whole": now.whole}
        body |= {"against": rule.against.value, "bad_since": _moment(alarm.bad_since_s)}
    return _made(event, rule.severity, change.at_s, text, body)


def test_notice(at_s: float) -> AlarmNotice:
    """A message that says that nothing is wrong."""
    return _made("test", Severity.NOTICE, at_s, _TEST, {"alarm": "test", "kind": "test"})


def _made(
    event: str, severity: Severity, at_s: float, text: tuple[str, str], more: dict[str, object]
) -> AlarmNotice:
    ja, en = text
    body: dict[str, object] = {
        "version": 1,
        "event": event,
        "severity": severity.value,
        "at": _moment(at_s),
        **more,
        "text": {"ja": ja, "en": en},
    }
    return AlarmNotice(
        severity.value,
        f"[madoguchi] {ja}",
        f"[madoguchi] {en}",
        ja,
        en,
        json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(),
    )


def _moment(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="seconds")
