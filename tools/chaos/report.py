"""What came of a chaos run, for a person: sentences first, then what broke, then what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from acd.cli.labels import outcome_label
from acd.cli.words import say
from tools.chaos.memory import growth_mib_per_min, most_mib
from tools.chaos.run import Broke, Result

#: A controller that uses more, or whose use grows faster, is not flat. The pages of a young
#: process come and go by a few hundred kilobytes a minute.
MAX_MIB = 250.0
MAX_GROWTH_MIB_PER_MIN = 1.0
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that must be so after a run: whether it is, and the sentence that says it."""

    good: bool
    answer: str


def questions(result: Result) -> list[Question]:
    """All that must be so."""
    verdict, checked, replay = result.verdict, result.ledger, result.replay
    failed = [broke for broke in result.troubles if broke.failed]
    asked = result.calls
    return [
        Question(
            result.placed == asked,
            say(f"{asked} 人中 {result.placed} 人が電話をかけました。",
                f"{result.placed} of {asked} callers called."),
        ),
        Question(
            verdict.agrees,
            say(f"発信者側の事実と通話記録の違いは {len(verdict.misses)} 件です。",
                f"Callers' truth and the ledger differ in {len(verdict.misses)} calls."),
        ),
        Question(
            not result.channels_left,
            say(f"残ったチャネルは {len(result.channels_left)} 本です。",
                f"{len(result.channels_left)} channels are left behind."),
        ),
        Question(
            not result.stuck,
            say("全員が次の電話を受けられます。", "Every operator is ready for the next call.")
            if not result.stuck
            else say(f"元に戻りません: {result.stuck}", f"Somebody is stuck: {result.stuck}"),
        ),
        Question(
            not failed,
            say(f"復旧に失敗した障害は {len(failed)} 件です。",
                f"{len(failed)} troubles could not be made whole again."),
        ),
        Question(
            bool(checked.get("balances")),
            say("通話記録の収支は一致しています。", "The ledger balances.")
            if checked.get("balances")
            else say(f"通話記録の収支が一致しません: {_unbalanced(checked)}",
                     f"The ledger does not balance: {_unbalanced(checked)}"),
        ),
        Question(
            replay.get("exit") == 0,
            say(f"ジャーナル {replay.get('steps', 0)} ステップの再現の違いは "
                f"{replay.get('differing', '?')} 件です。",
                f"The journal's {replay.get('steps', 0)} steps replay with "
                f"{replay.get('differing', '?')} differences."),
        ),
        Question(
            not any(result.exits.values()),
            say("コントローラーは正常に終わりました。", "Every controller ended in order.")
            if not any(result.exits.values())
            else say(f"正常に終わらないコントローラー: {result.exits}",
                     f"Controllers did not end in order: {result.exits}"),
        ),
        _memory(result),
    ]  # fmt: skip


def _memory(result: Result) -> Question:
    most, growth = most_mib(result.memory), growth_mib_per_min(result.memory)
    if growth is None:
        return Question(
            most <= MAX_MIB,
            say(f"メモリーは最大 {most:.0f} MiB(増え方を測るには短すぎます)。",
                f"A controller uses {most:.0f} MiB at most (too short a run to see growth)."),
        )  # fmt: skip
    return Question(
        most <= MAX_MIB and growth <= MAX_GROWTH_MIB_PER_MIN,
        say(f"メモリーは最大 {most:.0f} MiB、増え方は毎分 {growth:+.2f} MiB です。",
            f"A controller uses {most:.0f} MiB at most, growing by {growth:+.2f} MiB a minute."),
    )  # fmt: skip


def _unbalanced(checked: dict[str, object]) -> str:
    """What does not balance, by its name and how often."""
    if "said" in checked:
        return str(checked["said"])
    found = []
    for part in ("calls", "visits", "switch"):
        of = checked.get(part)
        if isinstance(of, dict):
            names = ("lost", "different", "only_switch", "answered_unseen", "only_ledger",
                     "talk_not_in_ledger", "talk_not_in_switch")  # fmt: skip
            found += [f"{part}.{name} {of[name][:5]}" for name in names if of.get(name)]
    return "; ".join(found)


def show(result: Result, console: Console) -> bool:
    """Print what came of it; whether all is as it must be."""
    asked = questions(result)
    good = all(question.good for question in asked)
    verdict = result.verdict
    console.print(_headline(result, good), style="bold", highlight=False)
    console.print(
        say(
            f"{verdict.talked} 人が応対を受け、{verdict.left} 人が自分から切り、"
            f"{verdict.refused} 人が断られました。"
            f"{verdict.unmet} 人には誰も出ず、{len(verdict.died)} 人の交換機は通話中に止まりました"
            f"(通話記録では: {_outcomes(verdict.died.values())})。"
            f"{verdict.away} 件は交換機の記録から引き継ぎました。"
            f"{verdict.unclear} 人は、鳴った電話機の話が途切れています。",
            f"{verdict.talked} callers talked with an operator, {verdict.left} hung up by "
            f"themselves, {verdict.refused} were refused, {verdict.unmet} were never met. "
            f"{len(verdict.died)} were on a switch while it died (the ledger says: "
            f"{_outcomes(verdict.died.values())}). {verdict.away} calls were taken over from the "
            "switch's own record. "
            f"{verdict.unclear} were rung for by a telephone that lost its story.",
        ),
        highlight=False,
    )
    for question in asked:
        mark = "[green]✓[/green]" if question.good else "[red]✗[/red]"
        console.print(mark, question.answer, highlight=False)
    console.print(_troubles(result.troubles))
    for miss in verdict.misses[:_SHOWN]:
        console.print(f"{miss.number} {miss.wrong}", style="red", highlight=False, markup=False)
        for who, what in (
            (say("発信者", "caller"), miss.caller_says),
            (say("記録", "ledger"), miss.ledger_says),
        ):
            console.print(f"    {who}: {what}", highlight=False, markup=False)
    if not good:
        console.print(
            say("同じ障害をもう一度: ", "The same troubles again: ") + again(result),
            highlight=False,
        )
    return good


def again(result: Result) -> str:
    """The command that plays the same troubles again."""
    return (
        f"make chaos CHAOS_S={result.length_s:g} CHAOS_SEED={result.seed} "
        f"CHAOS_RATE={result.rate:g} CHAOS_EVERY_S={result.every_s:g} CHAOS_CENTRE={result.centre}"
    )


def _headline(result: Result, good: bool) -> str:
    length, many = f"{result.length_s / 60:.1f}", len(result.troubles)
    verdict = say("合格", "passed") if good else say("不合格", "FAILED")
    return say(
        f"障害試験 {verdict}: {length} 分間に {result.placed} 人が電話をかけ、{many} 回壊しました"
        f"(乱数の種 {result.seed})。",
        f"chaos {verdict}: {result.placed} callers in {length} minutes, while {many} things broke "
        f"(seed {result.seed}).",
    )


def _outcomes(values: Iterable[str]) -> str:
    names = Counter(values)
    known = {"no row": say("記録なし", "nothing")}
    return ", ".join(f"{_label(name, known)} {count}" for name, count in sorted(names.items()))


def _label(name: str, known: dict[str, str]) -> str:
    return known.get(name) or ", ".join(outcome_label(one) for one in name.split(", "))


def _troubles(troubles: Sequence[Broke]) -> Table:
    table = Table(title=say("壊したもの", "What broke"), title_justify="left")
    for head in (say("時刻 s", "at s"), say("障害", "trouble"), say("対象", "what"),
                 say("長さ s", "for s"), say("備考", "note")):  # fmt: skip
        table.add_column(head)
    for broke in troubles:
        trouble = broke.trouble
        step = f"{trouble.step_s:+.0f} s " if trouble.step_s else ""
        table.add_row(
            f"{trouble.at_s:.1f}",
            kind_label(trouble.kind.value),
            trouble.target,
            f"{broke.to_s - broke.from_s:.1f}",
            step + broke.failed,
        )
    return table


def kind_label(kind: str) -> str:
    """How something broke, in words."""
    return {
        "kill": say("強制終了", "killed"),
        "freeze": say("停止と再開", "stood still"),
        "cut_silent": say("無言の切断", "cut in silence"),
        "cut_loud": say("拒否の切断", "cut with a refusal"),
        "delay": say("遅延 300 ms", "slower by 300 ms"),
        "disk_full": say("ディスク満杯", "disk full"),
        "clock_step": say("時計のずれ", "clock stepped"),
    }[kind]
