"""The one-time links that ``up`` and ``demo`` print, so that a newcomer can take a call at once."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from acd.bootstrap import RunningCentre
from acd.cli.words import say
from acd.config.settings import Settings
from acd.core.plan import Plan
from web.api.wallboard import link_path, links_of
from web.roles import Role

#: What the link of ``up`` and ``demo`` is called among the others.
_BOARD = "up and demo"


def address(settings: Settings) -> str:
    """Where a browser on this machine finds the interface."""
    scheme = "https" if settings.tls.certificate else "http"
    host = f"[{settings.api.bind}]" if ":" in settings.api.bind else settings.api.bind
    return f"{scheme}://{host}:{settings.api.port}"


def print_links(console: Console, running: RunningCentre) -> None:
    """The wallboard first, for any number of displays; then one link each for an operator and a
    supervisor, which signs in once, within the hour."""
    board = address(running.centre.settings) + link_path(_board_token(running))
    console.print(Text(say("ボード (壁の画面)", "Wallboard"), "bold"))
    console.out(f"  {board}", highlight=False)
    title = say("ブラウザーで開いてください (1回限り)", "Open in a browser (once each)")
    console.print(Text(title, "bold"))
    for name, link in _links(running):
        # Whole, on a line of its own and without breaks: it is to be clicked or copied.
        console.print(Text(name, "dim"))
        console.out(f"  {link}", highlight=False)


def _board_token(running: RunningCentre) -> str:
    """A new link for this run; the one of the run before holds no longer."""
    tokens = running.staff.entrance.tokens
    for entry in links_of(tokens.entries()):
        if entry.label == _BOARD:
            tokens.revoke(entry.id)
    return tokens.add(Role.WALLBOARD, label=_BOARD)


def _links(running: RunningCentre) -> list[tuple[str, str]]:
    base, plan = address(running.centre.settings), running.engine.plan
    links = []
    agent = _operator(plan)
    if agent is not None:
        path = running.staff.guest_link(Role.OPERATOR, agent[0], agent[1])
        links.append((say(f"オペレーター {agent[1]}", f"operator {agent[1]}"), base + path))
    supervisor = say("スーパーバイザー", "supervisor")
    path = running.staff.guest_link(Role.SUPERVISOR, name=supervisor)
    return [*links, (supervisor, base + path)]


def _operator(plan: Plan) -> tuple[str, str] | None:
    """The operator who answers the most kinds of calls."""
    most = max(plan.agents, key=lambda each: len(each.skills), default=None)
    return (most.id, most.name) if most is not None else None
