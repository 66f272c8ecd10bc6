"""``madoguchi`` as a person runs it, against a running server: sentences and exit codes."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from acd.cli import EXIT_CONFIG, EXIT_ERROR, EXIT_RETRY, VERBS
from acd.cli.lazy import Verb
from tests.fakes.centre import CENTRE, Centre
from tests.web.client import Api
from web.auth import TokenStore
from web.roles import Role


async def madoguchi(*args: str, **env: str) -> tuple[int, str, str]:
    """Run the command; returns exit code, standard output, standard error."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("MADOGUCHI_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from acd.cli import main; main()",
        *args,
        env={**clean, "LANG": "C.UTF-8", "COLUMNS": "200", **env},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=CENTRE.parent,
    )
    out, err = await asyncio.wait_for(process.communicate(), 30.0)
    return process.returncode or 0, out.decode(), err.decode()


def at(api: Api, who: str) -> dict[str, str]:
    return {"MADOGUCHI_URL": api.base, "MADOGUCHI_TOKEN": api.tokens[who]}


async def test_an_operator_works_without_a_screen(api: Api, centre: Centre) -> None:
    code, out, err = await madoguchi("agent", "login", "op09", **at(api, "op09"))
    assert (code, out, err) == (0, "op09 小林: not ready (just logged in)\n", "")
    code, out, _ = await madoguchi("agent", "ready", "op09", **at(api, "op09"))
    assert (code, out) == (0, "op09 小林: ready\n")
    centre.connect(centre.call(1))
    code, out, _ = await madoguchi("agent", "reserve", "op09", "lunch", **at(api, "op09"))
    assert (code, out) == (0, "op09 小林: talking, then not ready (lunch)\n")
    japanese = {**at(api, "op09"), "LANG": "ja_JP.UTF-8"}
    code, out, _ = await madoguchi("agent", "reserve", "op09", "other-work", **japanese)
    assert (code, out) == (0, "op09 小林: 通話中 → 次は 離席 (他業務)\n")
    code, out, _ = await madoguchi(
        "agent", "disposition", "op09", "waste", "--resolved", **at(api, "op09")
    )
    assert (code, out) == (0, "17000000.000001 is classified\n")


async def test_a_refusal_is_one_sentence_and_an_exit_code(api: Api) -> None:
    code, out, err = await madoguchi("agent", "ready", "op09", **at(api, "op09"))
    assert (code, out) == (EXIT_ERROR, "")
    assert err == "madoguchi: The operator is not logged in.\n"
    code, _, err = await madoguchi("agent", "ready", "op09", **at(api, "op10"))
    assert (code, err) == (EXIT_ERROR, "madoguchi: You may not do that.\n")


async def test_a_supervisor_sees_the_floor(api: Api, centre: Centre) -> None:
    centre.call(1)
    code, out, _ = await madoguchi("floor", "status", **at(api, "supervisor"))
    assert code == 0
    assert "General enquiries and waste" in out
    assert "logged out" in out


async def test_explain_is_told_in_the_language_of_the_terminal(api: Api) -> None:
    asked = ("explain", "o000000000001")
    assert (await madoguchi(*asked, **at(api, "supervisor")))[1] == "The longest idle.\n"
    japanese = {**at(api, "supervisor"), "LANG": "ja_JP.UTF-8"}
    assert (await madoguchi(*asked, **japanese))[1] == "最も長く空いていました。\n"


async def test_reload_says_every_fault_and_changes_nothing(api: Api) -> None:
    plan = api.centre_dir / "plan.toml"
    plan.write_text(plan.read_text().replace('"fewest_calls"', '"fewest"').replace("= 60 ", "= 0 "))
    code, _, err = await madoguchi("reload", **at(api, "admin"))
    assert code == EXIT_CONFIG
    assert "plan.toml:queues.switchboard.strategy: must be one of" in err
    assert "plan.toml:priority_step_s: must be greater than 0" in err


async def test_nobody_there_is_said_with_what_to_do() -> None:
    code, _, err = await madoguchi(
        "floor", "status", MADOGUCHI_URL="http://127.0.0.1:15399", MADOGUCHI_TOKEN="x"
    )
    assert code == EXIT_RETRY
    assert "make up" in err
    assert "Traceback" not in err


async def test_check_says_ok_with_a_summary() -> None:
    code, out, _ = await madoguchi("check", str(CENTRE))
    assert code == 0
    assert "12 operators" in out


async def test_check_of_something_else_is_one_sentence(tmp_path: Path) -> None:
    code, out, err = await madoguchi("check", str(tmp_path))
    assert (code, out) == (EXIT_CONFIG, "")
    assert "there is no plan.toml in it" in err


async def test_tokens_are_made_listed_and_revoked(tmp_path: Path) -> None:
    env = {"MADOGUCHI_STATE_DIR": str(tmp_path)}
    code, out, err = await madoguchi("tokens", "add", "operator", "--agent", "op01", **env)
    assert code == 0
    store = TokenStore(tmp_path)
    who = store.identify(out.strip())
    assert who is not None
    assert who.roles == {Role.OPERATOR}
    assert who.agent == "op01"
    _, listed, _ = await madoguchi("tokens", "list", **env)
    assert who.token_id in listed
    assert out.strip() not in listed
    assert (await madoguchi("tokens", "revoke", who.token_id, **env))[0] == 0
    assert store.identify(out.strip()) is None
    code, _, err = await madoguchi("tokens", "add", "operator", "--agent", "nobody", **env)
    assert (code, err) == (EXIT_ERROR, "madoguchi: there is no operator nobody\n")


async def test_the_list_of_verbs_loads_nothing_heavy() -> None:
    script = (
        "import sys\nfrom acd.cli import app\n"
        "try:\n app(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'aiohttp', 'pydantic', 'sqlalchemy', 'prometheus_client'} & set(sys.modules)\n"
        "print('heavy:', sorted(heavy))"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE, cwd=CENTRE.parent
    )
    out, _ = await process.communicate()
    assert out.decode().rstrip().endswith("heavy: []")


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_verb_of_the_table_is_there_with_help_in_both_languages(verb: Verb) -> None:
    command = verb.load()
    assert command.name == verb.name
    assert verb.ja.endswith("。")
    assert verb.en.endswith(".")


@pytest.mark.parametrize("args", [("nonsense",), ("agent", "ready"), ("agent", "fly", "op01")])
async def test_wrong_usage_is_explained(args: tuple[str, ...]) -> None:
    code, _, err = await madoguchi(*args)
    assert code == 2
    assert "Usage" in err
