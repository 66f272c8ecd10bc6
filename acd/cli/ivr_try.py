"""``madoguchi ivr``: try a menu without a telephone, check flows and audio, look at the hours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer

from acd.cli.labels import call_type_label, outcome_label
from acd.cli.options import DEFAULT_CENTRE, CentreOption
from acd.cli.words import say
from acd.core.hours import DAY_OFF, OUTSIDE_HOURS, Calendar
from acd.core.plan import NumberPlan, Plan
from acd.errors import ConfigError, NotFound, Refused
from ivr.flow import KEYS, Flow
from ivr.prompts import LANGUAGES
from ivr.session import EnterQueue, Finish, SendTo, Surroundings
from ivr.tryout import NOTHING, Line, Sound, Tryout, try_out

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help=say("音声ガイダンスの流れを試し、検査します。", "Try and check menus."),
)

WEEKDAYS_JA = "月火水木金土日"
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MAX_KEYS = 50
MAX_DAYS = 400


@app.command(
    "try",
    help=say(
        "電話をかけた人に聞こえる内容と時刻、行き先を表示します。",
        "Print what a caller would hear, when, and where the call would end.",
    ),
)
def try_flow(
    flow: Annotated[str, typer.Argument(help=say("フローの名前。", "The flow's name."))],
    keys: Annotated[
        str,
        typer.Option(
            help=say(
                f"押すキー (例: 1,2)。{NOTHING} は押さずに待つ。",
                f"Keys pressed, such as 1,2; {NOTHING} = waits without pressing.",
            )
        ),
    ] = "",
    at: Annotated[
        str,
        typer.Option(
            help=say(
                "かけた時刻 (例: 2026-12-29T10:00)。なければ今。",
                "When the call comes, such as 2026-12-29T10:00; now if left out.",
            )
        ),
    ] = "",
    language: Annotated[
        str, typer.Option(help=say("最初の言語 (ja, en)。", "Language at the start (ja, en)."))
    ] = "",
    number: Annotated[str, typer.Option(help=say("かけた番号。", "The number dialled."))] = "",
    waiting: Annotated[
        int,
        typer.Option(
            min=0, help=say("各窓口で待っている人数。", "Callers who wait in every queue.")
        ),
    ] = 0,
    at_once: Annotated[
        bool,
        typer.Option(
            "--at-once",
            help=say("案内の途中でキーを押す。", "Press keys as soon as that is possible."),
        ),
    ] = False,
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Print what a caller would hear, when, and where the call would end."""
    from acd.adapters.sounds import lengths_s
    from acd.config import load_centre

    found = load_centre(centre)
    tried = found.flows.get(flow)
    if tried is None:
        raise NotFound(_no_such("flow", flow, list(found.flows)))
    tried = _in_language(tried, language)
    zone = ZoneInfo(found.plan.timezone)
    moment = _moment(at, zone)
    dialled = _dialled(found.plan, flow, number)
    listed = _listed(found.plan, dialled)
    around = Surroundings(
        dialled=dialled,
        recorded=listed is None or listed.recorded,
        calendars={plan.id: Calendar(plan, zone) for plan in found.plan.calendars},
        waiting=lambda queue: waiting,
    )
    run = try_out(tried, around, _keys(keys), moment.timestamp(), lengths_s(), at_once=at_once)
    typer.echo(_report(tried, run, moment, dialled, found.plan))


@app.command(
    help=say(
        "フローと、すべての案内文の音声を検査します。",
        "Check the flows, and that every sentence has its audio.",
    )
)
def check(centre: CentreOption = DEFAULT_CENTRE) -> None:
    """Check the centre with its flows, and that every sentence has its audio."""
    from acd.adapters.sounds import audio_faults
    from acd.config import load_centre

    found = load_centre(centre)
    faults = audio_faults(found.flows)
    if faults:
        raise ConfigError(faults)
    for note in found.notes:
        typer.echo(say(f"注意: {note!r}", f"note: {note!r}"))
    names = ", ".join(found.flows)
    typer.echo(
        say(
            f"問題ありません。フロー: {names}",
            f"ok: flows {names}, and the audio of every sentence",
        )
    )


@app.command(
    help=say(
        "カレンダーの受付時間を日ごとに、休みの理由とともに表示します。",
        "Show when a calendar is open on each day, and why not.",
    )
)
def hours(
    calendar: Annotated[
        str, typer.Argument(help=say("カレンダーの名前。", "The calendar's name."))
    ],
    start: Annotated[
        str,
        typer.Option("--from", help=say("最初の日 (例: 2026-12-28)。", "First day to show.")),
    ] = "",
    days: Annotated[
        int, typer.Option(min=1, max=MAX_DAYS, help=say("日数。", "How many days."))
    ] = 14,
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Show on which days and from when to when a calendar is open, and why not."""
    from acd.config import load_centre

    plan = load_centre(centre).plan
    plans = {each.id: each for each in plan.calendars}
    if calendar not in plans:
        raise NotFound(_no_such("calendar", calendar, list(plans)))
    zone = ZoneInfo(plan.timezone)
    first = _moment(start, zone).date()
    opened = Calendar(plans[calendar], zone)
    for offset in range(days):
        typer.echo(_day(opened, first + dt.timedelta(days=offset), zone))


def _report(flow: Flow, run: Tryout, moment: dt.datetime, dialled: str, plan: Plan) -> str:
    """The dry run as text."""
    name = say(flow.name_ja, flow.name_en) or flow.name
    head = f"{flow.name} ({name})  {_date(moment.date())} {moment:%H:%M:%S}  {dialled or '-'}"
    lines = [head, *(_line(line) for line in run.lines)]
    lines.append(f"{_clock(run.seconds)}  = {_end(run, plan)}")
    if isinstance(run.end, EnterQueue):
        lines.append(
            say(
                f"       応答から窓口まで {run.seconds:.1f} 秒",
                f"       {run.seconds:.1f} s from the answer to the queue",
            )
        )
    return "\n".join(lines)


def _line(line: Line) -> str:
    match line.sound:
        case Sound.PRESSED:
            return f"{_clock(line.at_s)}  > {line.text}"
        case Sound.SILENCE:
            return f"{_clock(line.at_s)}  > " + say("(何も押さない)", "(presses nothing)")
        case Sound.CUT_SHORT:
            return f"{_clock(line.at_s)}    {line.text} " + say("(途中まで)", "(cut short)")
        case Sound.UNHEARD:
            return f"{_clock(line.at_s)}    " + say("(流れない: ", "(not heard: ") + line.text + ")"
        case _:
            return f"{_clock(line.at_s)}    {line.text}"


def _end(run: Tryout, plan: Plan) -> str:
    """Where the caller ends, in a few words."""
    end = run.end
    if isinstance(end, EnterQueue):
        names = {queue.id: say(queue.name_ja, queue.name_en) for queue in plan.queues}
        extra = "".join(f", {need.skill} >= {need.level}" for need in end.needs)
        extra += "".join(
            say(
                f"、優先 {like.skill} {like.level} 以上",
                f", best with {like.skill} >= {like.level}",
            )
            for like in end.prefers
        )
        comma = say("、", ", ")
        kind = f"{comma}{call_type_label(end.call_type.value)}" if end.call_type else ""
        return say(
            f"窓口 {end.queue} ({names.get(end.queue, '')}){kind}{extra}、言語 {end.language}",
            f"queue {end.queue} ({names.get(end.queue, '')}){kind}{extra}, in {end.language}",
        )
    if isinstance(end, SendTo):
        return say(f"取り次ぎ先 {end.entry} へ転送", f"sent on to {end.entry}")
    assert isinstance(end, Finish)
    detail = f" ({end.detail})" if end.detail else ""
    ending = outcome_label(end.ending.value)
    return say(f"終話: {ending}{detail}", f"hangs up: {ending}{detail}")


def _day(calendar: Calendar, day: dt.date, zone: dt.tzinfo) -> str:
    """One day of a calendar as text."""
    midnight = dt.datetime.combine(day, dt.time(), zone)
    last_s = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone).timestamp()
    at_s = midnight.timestamp()
    spans: list[str] = []
    reason = ""
    while at_s < last_s:
        opening = calendar.status(at_s)
        until_s = min(last_s, opening.until_s if opening.until_s is not None else last_s)
        if opening.open:
            end = "24:00" if until_s == last_s else _wall(until_s, zone)
            spans.append(f"{_wall(at_s, zone)}-{end}")
        else:
            reason = opening.reason
        at_s = until_s
    words = {OUTSIDE_HOURS: say("時間外", "no hours"), DAY_OFF: say("休み", "day off")}
    return f"{_date(day)}  " + (", ".join(spans) or f"- {words.get(reason, reason)}")


def _wall(at_s: float, zone: dt.tzinfo) -> str:
    return f"{dt.datetime.fromtimestamp(at_s, zone):%H:%M}"


def _date(day: dt.date) -> str:
    weekday = say(WEEKDAYS_JA[day.weekday()], WEEKDAYS_EN[day.weekday()])
    return f"{day.isoformat()} ({weekday})"


def _clock(at_s: float) -> str:
    return f"{int(at_s) // 60:3d}:{int(at_s) % 60:02d}"


def _keys(text: str) -> Sequence[str]:
    """``1,2`` as a list of keys; raises :class:`Refused` for what no telephone has."""
    keys = [key.strip() for key in text.split(",")] if text else []
    if len(keys) > MAX_KEYS or any(key not in {*KEYS, NOTHING} for key in keys):
        raise Refused(
            say(
                f"キーは {KEYS} か {NOTHING} を、コンマで区切って{MAX_KEYS}個までです。",
                f"keys are {KEYS} or {NOTHING}, separated by commas, at most {MAX_KEYS}",
            )
        )
    return keys


def _moment(text: str, zone: dt.tzinfo) -> dt.datetime:
    """A moment in the centre's time zone; now for an empty text."""
    if not text:
        return dt.datetime.now(zone)
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise Refused(
            say(
                f"日時は 2026-12-29T10:00 のように書いてください: {text[:40]!r}",
                f"a time looks like 2026-12-29T10:00, not {text[:40]!r}",
            )
        ) from None
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)


def _in_language(flow: Flow, language: str) -> Flow:
    if not language:
        return flow
    if language not in LANGUAGES:
        raise NotFound(_no_such("language", language, list(LANGUAGES)))
    return msgspec.structs.replace(flow, language=language)


def _dialled(plan: Plan, flow: str, number: str) -> str:
    """The number dialled: as given, or the first that leads to the flow."""
    if number:
        return number.replace("-", "")
    return next((each.number for each in plan.numbers if each.flow == flow), "")


def _listed(plan: Plan, dialled: str) -> NumberPlan | None:
    return next((each for each in plan.numbers if each.number == dialled), None)


def _no_such(kind: str, name: str, known: list[str]) -> str:
    listed = ", ".join(known)
    return say(
        f"{name[:40]!r} はありません。あるのは: {listed}",
        f"there is no {kind} {name[:40]!r}; there are: {listed}",
    )
