"""The evidence of a cut-over: one page that needs nothing else, and the same as JSON.

Who did what, when, under which version and files, what each test call came to, and the hash that
stands for the whole record. No caller's number is in it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import html
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from acd.adapters.cutover_log import Entry
from acd.adapters.report_pdf import Printer
from acd.bootstrap.cutover.moving import write
from acd.bootstrap.cutover.words import BY, DEEDS, KINDS, STAGES, WRONG
from acd.bootstrap.cutover.work import Cutover
from acd.bootstrap.doctor.finding import Said
from acd.cli.labels import outcome_in
from acd.config import load_timezone
from acd.errors import ConfigError

PAGE, TABLE, PRINTED = "evidence.html", "evidence.json", "evidence.pdf"
_STYLE = """
body{font-family:"Noto Sans CJK JP","Hiragino Sans",Meiryo,sans-serif;color:#1a1a1a;
max-width:60rem;margin:2rem auto;padding:0 1rem;line-height:1.6}
h1{font-size:1.5rem;border-bottom:3px solid #234e70}
h2{font-size:1.1rem;margin-top:2rem;color:#234e70}
table{border-collapse:collapse;width:100%;margin:.5rem 0;font-size:.85rem}
th,td{border:1px solid #bbb;
padding:.25rem .5rem;text-align:left;vertical-align:top}th{background:#eef3f7}
.good{color:#1b6e2a}.bad{color:#b3261e}.good,.bad{font-weight:bold;white-space:nowrap}
code{font-size:.8rem;word-break:break-all}.sign td{height:3.5rem;width:33%}
@media print{h2{break-after:avoid}tr{break-inside:avoid}body{margin:0;max-width:none}}
"""


def write_evidence(work: Cutover, lang: str) -> Path:
    """Write both files anew from the record; returns the page."""
    entries = work.log.entries()
    facts = {
        "cutover": work.plan.model_dump(mode="json"),
        "stage": work.stage.value,
        "version": work.version,
        "written_s": round(work.now(), 3),
        "files": work.files(),
        "record_sha256": work.log.head(),
        "entries": msgspec.to_builtins(entries),
    }
    write(work.folder / TABLE, json.dumps(facts, ensure_ascii=False, indent=1).encode())
    page = work.folder / PAGE
    write(page, _Page(work, entries, lang).text().encode())
    return page


async def print_evidence(page: Path) -> Path:
    """The page as PDF beside it, by the machine's chromium as reports are; raises NotPrinted."""
    text = await asyncio.to_thread(page.read_text, encoding="utf-8")
    printed = page.with_name(PRINTED)
    write(printed, await Printer().pdf(text))
    return printed


class _Page:
    """The page in one language."""

    def __init__(self, work: Cutover, entries: Sequence[Entry], lang: str) -> None:
        self._work, self._entries, self._lang = work, entries, lang
        try:
            self._zone = ZoneInfo(load_timezone(work.centre))
        except ConfigError:
            self._zone = ZoneInfo("UTC")

    def text(self) -> str:
        plan = self._work.plan
        title = self._say("切替の証跡", "Evidence of the cut-over")
        parts = [
            f"<h1>{title}: {html.escape(plan.title)}</h1>",
            self._summary(),
            self._plan(),
            self._steps(),
            *(self._entry(number, each) for number, each in enumerate(self._entries, start=1)),
            self._hashes(),
            self._signatures(),
        ]
        return (
            f'<!doctype html><html lang="{self._lang}"><head><meta charset="utf-8">'
            f"<title>{title}: {html.escape(plan.title)}</title><style>{_STYLE}</style></head><body>"
            + "\n".join(parts)
            + "</body></html>\n"
        )

    def _summary(self) -> str:
        work = self._work
        last = {each.deed: each for each in self._entries}
        rows = [
            (self._say("段階", "stage"), STAGES[work.stage.value].of(self._lang)),
            (self._say("決定者", "decides"), "、".join(work.plan.decides.names)),
            (self._say("版", "version"), f"madoguchi {work.version}"),
            (self._say("作成", "written"), self._when(work.now())),
        ]
        if "rolled_back" in last:
            back = last["rolled_back"].facts
            limit = work.plan.times.back_min
            words = self._say(
                f"{back['took_s']:.1f} 秒 (目標 {limit:g} 分以内)",
                f"{back['took_s']:.1f} s (aim: within {limit:g} min)",
            )
            rows.append((self._say("切り戻しの所要時間", "going back took"), words))
        return self._table([], rows)

    def _plan(self) -> str:
        plan = self._work.plan
        numbers = [
            (each.number, each.temporary, plan.carriers[each.carrier].name) for each in plan.numbers
        ]
        heads = (
            self._say("番号", "number"),
            self._say("仮番号", "temporary"),
            self._say("事業者", "carrier"),
        )
        carriers = [
            (each.name, each.contact, each.switch_step, each.back_step)
            for each in plan.carriers.values()
        ]
        to_do = (
            self._say("事業者", "carrier"),
            self._say("連絡先", "contact"),
            self._say("切替の作業", "for the switch"),
            self._say("切り戻しの作業", "for going back"),
        )
        times = plan.times
        window = (
            f"{self._when(times.switch_from.timestamp())} – "
            f"{self._when(times.switch_until.timestamp())}"
        )
        until = self._when(times.back_until.timestamp())
        said = self._say(
            f"切替の時間帯 {window}、切り戻しの期限 {until}",
            f"window of the switch {window}, going back until {until}",
        )
        head = self._say("計画", "Plan")
        return (
            f"<h2>{head}</h2><p>{html.escape(said)}</p>"
            + self._table(heads, numbers)
            + self._table(to_do, carriers)
        )

    def _steps(self) -> str:
        rows = [
            (number, self._when(each.at_s), DEEDS[each.deed].of(self._lang), self._who(each))
            for number, each in enumerate(self._entries, start=1)
        ]
        heads = ("", self._say("日時", "when"), self._say("何を", "what"), self._say("誰が", "who"))
        return f"<h2>{self._say('経過', 'What was done')}</h2>" + self._table(heads, rows)

    def _who(self, entry: Entry) -> str:
        return entry.by if entry.by == entry.account else f"{entry.by} ({entry.account})"

    def _entry(self, number: int, entry: Entry) -> str:
        facts, parts = entry.facts, []
        if facts.get("why"):
            parts.append(f"<p>{self._say('理由', 'why')}: {html.escape(str(facts['why']))}</p>")
        if facts.get("reason"):
            parts.append(f'<p class="bad">{html.escape(str(facts["reason"]))}</p>')
        if "gate" in facts:
            parts.append(self._gate(facts["gate"]))
        if "points" in facts:
            parts.append(self._points(facts["points"]))
        if "calls" in facts:
            parts.append(self._calls(facts["calls"]))
        if not parts:
            return ""
        title = f"{number}. {DEEDS[entry.deed].of(self._lang)} — {self._when(entry.at_s)}"
        return f"<h2>{html.escape(title)}</h2>" + "".join(parts)

    def _gate(self, criteria: Iterable[dict[str, Any]]) -> str:
        rows = [(self._mark(each["met"]), each[self._lang], each["found"]) for each in criteria]
        heads = ("", self._say("条件", "criterion"), self._say("確認した値", "found"))
        return self._table(heads, rows)

    def _points(self, points: Iterable[dict[str, Any]]) -> str:
        rows = [
            (self._mark(each["good"]), each["asked"][self._lang], each["found"][self._lang])
            for each in points
        ]
        heads = ("", self._say("点検", "looked at"), self._say("結果", "found"))
        return self._table(heads, rows)

    def _calls(self, calls: Iterable[dict[str, Any]]) -> str:
        rows = []
        for each in calls:
            wrong = "; ".join(
                f"{WRONG[one['what']].of(self._lang)}: {one['expected']} ≠ {one['met']}"
                for one in each["wrong"]
            )
            heard = "" if each["sound_ms"] is None else f"{each['sound_ms']} ms"
            rows.append(
                (
                    self._mark(each["passed"]),
                    each["id"],
                    KINDS[each["kind"]].of(self._lang),
                    BY[each["by"]].of(self._lang),
                    each["dialled"],
                    self._when(each["at_ms"] / 1000),
                    outcome_in(self._lang, each["outcome"]) if each["outcome"] else "–",
                    each["queue"] or "–",
                    heard,
                    each["call"] or "–",
                    wrong,
                )
            )
        heads = [
            "",
            self._say("試験", "test"),
            self._say("種類", "kind"),
            self._say("発信", "by"),
            self._say("かけた番号", "dialled"),
            self._say("日時", "when"),
            self._say("結果", "outcome"),
            self._say("窓口", "queue"),
            self._say("音声まで", "sound after"),
            self._say("通話ID", "call"),
            self._say("期待との違い", "not as expected"),
        ]
        return self._table(heads, rows)

    def _hashes(self) -> str:
        rows = [(name, f"<code>{value}</code>") for name, value in self._work.files().items()]
        said = self._say(
            "経過の記録は1行ごとに前の行のSHA-256を含みます。最後の行のSHA-256:",
            "Each line of the record holds the SHA-256 of the line before. SHA-256 of the last:",
        )
        heads = (self._say("ファイル", "file"), "SHA-256")
        title = self._say("ハッシュ値", "Hashes")
        body = self._table(heads, rows, raw=True)
        return f"<h2>{title}</h2><p>{said}<br><code>{self._work.log.head()}</code></p>{body}"

    def _signatures(self) -> str:
        heads = (
            self._say("決定者", "decided"),
            self._say("受託者", "contractor"),
            self._say("立会い", "witness"),
        )
        title = self._say("確認", "Signed")
        cells = "".join("<td></td>" for _ in heads)
        head = "".join(f"<th>{each}</th>" for each in heads)
        return f'<h2>{title}</h2><table class="sign"><tr>{head}</tr><tr>{cells}</tr></table>'

    def _table(
        self, heads: Sequence[str], rows: Iterable[Sequence[object]], *, raw: bool = False
    ) -> str:
        def cell(value: object) -> str:
            return str(value) if raw or isinstance(value, _Mark) else html.escape(str(value))

        head = "".join(f"<th>{html.escape(each)}</th>" for each in heads)
        body = "".join(
            "<tr>" + "".join(f"<td>{cell(value)}</td>" for value in row) + "</tr>" for row in rows
        )
        return f"<table>{f'<tr>{head}</tr>' if head else ''}{body}</table>"

    def _mark(self, good: bool) -> str:
        words = Said("合格", "good") if good else Said("不合格", "not good")
        kind = "good" if good else "bad"
        return _Mark(f'<span class="{kind}">{words.of(self._lang)}</span>')

    def _when(self, at_s: float) -> str:
        return f"{dt.datetime.fromtimestamp(at_s, self._zone):%Y-%m-%d %H:%M:%S}"

    def _say(self, ja: str, en: str) -> str:
        return ja if self._lang == "ja" else en


class _Mark(str):
    """Markup of our own making, which is not escaped again."""

    __slots__ = ()
