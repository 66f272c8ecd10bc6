"""``madoguchi floor ...`` about calls, skills and the centre's mode."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import quote

import typer

from acd.cli.agent import AgentArgument, Reason, ask
from acd.cli.client import Client
from acd.cli.options import DEFAULT_CENTRE, CentreOption
from acd.cli.words import japanese, say
from acd.core.plan import Mode
from acd.errors import Refused

CallArgument = Annotated[str, typer.Argument(help=say("通話のID。", "The call's id."))]
DeviceOption = Annotated[
    str, typer.Option("--device", help=say("自分の電話機。", "One's own telephone."))
]


class Forced(StrEnum):
    """What an operator can be made."""

    READY = "ready"
    NOT_READY = "not-ready"
    LOGGED_OUT = "logged-out"


def register(app: typer.Typer) -> None:
    """Add the verbs to ``madoguchi floor``."""
    app.command("why", help=say("なぜまだ待っているかを示します。", "Say why a call still waits."))(
        why
    )
    app.command("priority", help=say("優先度(0~9)を変えます。", "Change a priority (0-9)."))(
        priority
    )
    app.command("move", help=say("別の窓口の列に移します。", "Let a call wait elsewhere."))(move)
    for name, ja, en in _AT_A_PHONE:
        app.command(name, help=say(ja, en))(_at_a_phone(name))
    app.command(
        "force", help=say("オペレーターの状態を変えます。", "Put an operator into a state.")
    )(force)
    app.command("skill", help=say("本日だけ技能を変えます。", "Change a skill for today."))(skill)
    app.command("mode", help=say("災害モードの確認と切替。", "See or turn the disaster switch."))(
        mode
    )


_AT_A_PHONE = (
    ("take-over", "通話を引き取ります。", "Take a call over."),
    ("listen", "通話を聞きます(モニタリング)。", "Hear a talk, unheard."),
    ("whisper", "オペレーターにだけ話します(ささやき)。", "Speak to the operator alone."),
    ("barge", "通話に加わります(割り込み)。", "Join a talk, heard by both."),
    ("stop-listening", "聞くのをやめます。", "Hear a talk no longer."),
)


def _post(centre: Any, call: str, verb: str, body: dict[str, Any]) -> None:
    Client.of(centre).post(f"/api/calls/{quote(call, safe='')}/{verb}", body)
    typer.echo(say("実行しました。", "done"))


def why(call: CallArgument, centre: CentreOption = DEFAULT_CENTRE) -> None:
    """Why a call still waits, in sentences."""
    found = Client.of(centre).get(f"/api/calls/{quote(call, safe='')}/why")
    typer.echo("\n".join(found["ja" if japanese() else "en"]))


def priority(
    call: CallArgument,
    value: Annotated[int, typer.Argument(min=0, max=9)],
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Change a waiting call's priority."""
    _post(centre, call, "priority", {"priority": value})


def move(
    call: CallArgument,
    queue: Annotated[str, typer.Argument(help=say("窓口のID。", "The queue's id."))],
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Let a waiting call wait in another queue; it keeps its age."""
    _post(centre, call, "move", {"queue": queue})


def _at_a_phone(verb: str) -> Callable[..., None]:
    def at_a_phone(
        call: CallArgument, device: DeviceOption = "", centre: CentreOption = DEFAULT_CENTRE
    ) -> None:
        _post(centre, call, verb, {"device": device})

    return at_a_phone


def force(
    agent: AgentArgument,
    state: Annotated[Forced, typer.Argument()],
    reason: Annotated[
        Reason | None,
        typer.Option(help=say("離席の理由。", "Why, for not-ready.")),
    ] = None,
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Put an operator into a state: now, or after the present talk."""
    body = {"state": state.value.replace("-", "_")}
    if reason is not None:
        body["reason"] = reason.value.replace("-", "_")
    ask(centre, agent, "force", body)


def skill(
    agent: AgentArgument,
    name: Annotated[str, typer.Argument(help=say("技能のID。", "The skill's id."))],
    level: Annotated[
        str,
        typer.Argument(
            help=say("1~9、0は外す、planは元に戻す。", "1-9, 0 = not at all, plan = as planned.")
        ),
    ],
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Give an operator another level of a skill until midnight."""
    if level != "plan" and not (len(level) == 1 and level.isascii() and level.isdigit()):
        raise Refused(say("レベルは 0~9 か plan です。", "a level is 0 to 9, or plan"))
    wanted = None if level == "plan" else int(level)
    ask(centre, agent, "skills", {"skill": name, "level": wanted})


def mode(
    wanted: Annotated[Mode | None, typer.Argument()] = None,
    drill: Annotated[
        bool,
        typer.Option("--drill", help=say("訓練(統計に含めません)。", "A drill: in no figure.")),
    ] = False,
    reason: Annotated[str, typer.Option(help=say("理由(記録されます)。", "Why; it is kept."))] = "",
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Without a mode: which one the centre is in."""
    client = Client.of(centre)
    if wanted is None:
        now = client.get("/api/mode")
    elif not reason:
        raise Refused(say("--reason で理由を示してください。", "say why with --reason"))
    else:
        body = {"mode": wanted.value, "drill": drill, "reason": reason}
        now = client.post("/api/mode", body)
    typer.echo("\n".join(_mode_lines(now)))


def _mode_lines(now: dict[str, Any]) -> list[str]:
    if now["mode"] == Mode.NORMAL.value:
        lines = [say("通常モードです。", "normal mode")]
        if not now["prepared"]:
            lines.append(
                say(
                    "災害時の設定(disaster.toml)がありません。",
                    "nothing is prepared for a disaster: there is no disaster.toml",
                )
            )
        return lines
    text = now["banner"]["text"]["ja" if japanese() else "en"]
    since = say(f"{now['by']} が切替: {now['reason']}", f"turned by {now['by']}: {now['reason']}")
    return [text, since]
