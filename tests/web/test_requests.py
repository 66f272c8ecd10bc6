"""What an operator and a supervisor can do over HTTP, from the log-in to the classification."""

from __future__ import annotations

import pytest

from acd.core.commands import HangUpLeg, PlayAnnouncement
from acd.core.commands_talk import RingParty
from acd.core.ids import AgentId, QueueId
from acd.core.inputs import AgentLoggedIn, CallerHungUp, LegEnded
from acd.core.inputs_floor import CallMoveRequested
from metrics.realtime import now_of
from tests.fakes.centre import NUMBER, Centre
from tests.web.client import Api

OP = "/api/agents/op09"


async def at_work(api: Api, agent: str = "op09") -> None:
    assert (await api.post(f"/api/agents/{agent}/login", agent))[0] == 200
    status, body = await api.post(f"/api/agents/{agent}/ready", agent)
    assert (status, body["state"]) == (200, "ready")


@pytest.mark.requirement("M4")
async def test_a_day_of_an_operator(api: Api, centre: Centre) -> None:
    status, body = await api.post(f"{OP}/login", "op09")
    assert (status, body["state"], body["reason"]) == (200, "not_ready", "logged_in")
    assert (await api.post(f"{OP}/ready", "op09"))[1]["state"] == "ready"

    call = centre.call(1)
    centre.connect(call)
    _, body = await api.post(f"{OP}/not-ready", "op09", {"reason": "lunch"})
    assert (body["state"], body["next_state"], body["next_reason"]) == (
        "talking",
        "not_ready",
        "lunch",
    )
    _, body = await api.post(f"{OP}/disposition", "op09", {"code": "waste", "resolved": True})
    assert body["call"] == call

    assert (await api.post(f"{OP}/hang-up", "op09"))[0] == 200
    hang_up = centre.commands[-1]
    assert isinstance(hang_up, HangUpLeg)
    centre.do(LegEnded(hang_up.offer))
    centre.do(CallerHungUp(call))

    status, body = await api.post(f"{OP}/wrap-up/extend", "op09", {"extra_s": 60})
    assert status == 200
    assert body["wrap_up_until_s"] == pytest.approx(centre.now + 70, abs=1)
    _, body = await api.post(f"{OP}/wrap-up/end", "op09")
    assert (body["state"], body["reason"]) == ("not_ready", "lunch")
    assert (await api.post(f"{OP}/logout", "op09"))[1]["state"] == "logged_out"


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/hang-up", None, "not_in_a_call"),
        ("/transfer", {"kind": "queue", "target": "tax"}, "not_in_a_call"),
        ("/wrap-up/end", None, "not_in_wrap_up"),
        ("/wrap-up/extend", {"extra_s": 5}, "not_in_wrap_up"),
        ("/disposition", {"code": "waste"}, "not_in_a_call"),
        ("/login", None, "already_logged_in"),
        ("/reserve", {"state": "logged_out"}, "not_in_a_call"),
    ],
)
async def test_what_is_not_possible_now_is_refused_with_its_reason(
    api: Api, path: str, body: object, code: str
) -> None:
    await at_work(api)
    status, answer = await api.post(OP + path, "op09", body)
    assert (status, answer["error"]["code"]) == (409, code)
    assert answer["error"]["message"]["ja"] != answer["error"]["message"]["en"]


async def test_the_state_after_a_call_is_reserved_and_can_be_changed(
    api: Api, centre: Centre
) -> None:
    await at_work(api)
    centre.connect(centre.call(1))
    for state, reason in (("not_ready", "break"), ("logged_out", None), ("ready", None)):
        body = {"state": state} | ({"reason": reason} if reason else {})
        _, answer = await api.post(f"{OP}/reserve", "op09", body)
        assert answer["state"] == "talking"
    status, answer = await api.post(f"{OP}/reserve", "op09", {"state": "not_ready"})
    assert (status, answer["error"]["code"]) == (400, "bad_body")


async def test_who_is_logged_out_can_only_log_in(api: Api) -> None:
    status, answer = await api.post(f"{OP}/ready", "op09")
    assert (status, answer["error"]["code"]) == (409, "not_logged_in")


@pytest.mark.requirement("M9")
async def test_transfer_to_a_department_dials_what_the_directory_says(
    api: Api, centre: Centre
) -> None:
    await at_work(api)
    call = centre.call(1)
    centre.connect(call)
    status, _ = await api.post(f"{OP}/transfer", "op09", {"kind": "number", "target": "tax-office"})
    assert status == 200
    dial = centre.commands[-1]
    assert isinstance(dial, RingParty)
    assert (dial.call, dial.dial) == (call, "PJSIP/dept-tax")


@pytest.mark.parametrize("target", ["0900000000", "nowhere", "tax"])
async def test_transfer_reaches_nothing_outside_of_the_directory(
    api: Api, centre: Centre, target: str
) -> None:
    await at_work(api)
    centre.connect(centre.call(1))
    status, answer = await api.post(f"{OP}/transfer", "op09", {"kind": "number", "target": target})
    assert (status, answer["error"]["code"]) == (404, "unknown_target")


async def test_an_operator_cannot_classify_the_call_of_another(api: Api, centre: Centre) -> None:
    await at_work(api)
    call = centre.call(1)
    centre.connect(call)
    await at_work(api, "op10")
    body = {"code": "waste", "call": call}
    status, answer = await api.post("/api/agents/op10/disposition", "op10", body)
    assert (status, answer["error"]["code"]) == (404, "unknown_call")
    assert (await api.post(f"{OP}/disposition", "op09", body))[0] == 200


async def test_a_supervisor_logs_out_and_sets_not_ready(api: Api) -> None:
    await at_work(api)
    _, body = await api.post(f"{OP}/not-ready", "supervisor", {"reason": "meeting"})
    assert (body["state"], body["reason"]) == ("not_ready", "meeting")
    assert (await api.post(f"{OP}/logout", "supervisor"))[1]["state"] == "logged_out"


async def test_an_operator_can_sit_at_another_phone_of_the_plan_only(api: Api) -> None:
    status, answer = await api.post(f"{OP}/login", "op09", {"device": "carrier"})
    assert (status, answer["error"]["code"]) == (404, "unknown_device")
    assert (await api.post(f"{OP}/login", "op09", {"device": "op12"}))[1]["device"] == "op12"


@pytest.mark.requirement("M7")
async def test_the_number_is_shown_to_the_operator_in_the_call_and_to_nobody_else(
    api: Api, centre: Centre
) -> None:
    await at_work(api)
    call = centre.call(1)
    centre.connect(call)
    other = centre.call(2)
    _, mine = await api.get("/api/state", "op09")
    assert mine["calls"] == {call: mine["calls"][call]}
    assert mine["calls"][call]["caller"] == {"kind": "number", "number": NUMBER}
    for who in ("op10", "supervisor", "admin"):
        async with api.session.get(api.base + "/api/state", headers=api.headers(who)) as answer:
            assert NUMBER not in await answer.text()
    assert set((await api.get("/api/state", "supervisor"))[1]["calls"]) == {call, other}
    assert (await api.get("/api/state", "op10"))[1]["calls"] == {}


async def test_the_state_counts_who_waits_and_since_when(api: Api, centre: Centre) -> None:
    first = centre.call(1)
    begin = centre.engine.calls[first].visit_from_s
    centre.call(2)
    _, body = await api.get("/api/state", "supervisor")
    assert body["queues"]["general"]["waiting"] == 2
    assert body["queues"]["general"]["longest_wait_from_s"] == begin
    assert body["queues"]["tax"]["waiting"] == 0
    assert body["agents_by_state"]["logged_out"] == 12


async def test_the_longest_wait_is_the_same_on_every_screen_and_for_prometheus(
    api: Api, centre: Centre
) -> None:
    call = centre.call(1, "tax")
    centre.now += 300.0
    centre.do(CallMoveRequested(call, QueueId("general"), "supervisor:mori"))
    centre.now += 60.0
    # Five minutes elsewhere are that queue's; a wait counts from entering the queue it is in.
    waited_ms = now_of(centre.engine.state, centre.now).queues["general"].longest_ms
    assert round(waited_ms / 1000) == 60
    _, body = await api.get("/api/state", "supervisor")
    since_s = body["queues"]["general"]["longest_wait_from_s"]
    assert round(centre.now - since_s) == 60
    async with api.session.get(api.base + "/metrics", headers=api.headers("monitor")) as answer:
        scraped = await answer.text()
    longest = 'madoguchi_longest_wait_seconds{queue="general"}'
    (line,) = [each for each in scraped.splitlines() if each.startswith(longest)]
    assert round(float(line.split()[1])) == 60


async def test_me_says_what_there_is_to_choose_from(api: Api) -> None:
    _, body = await api.get("/api/me", "op09")
    assert (body["roles"], body["agent"], body["state"]["state"]) == (
        ["operator"],
        "op09",
        "logged_out",
    )
    assert set(body["targets"]["queues"]) == {"tax", "residents", "general", "switchboard"}
    assert "tax-office" in body["targets"]["directory"]


async def test_explain_answers_or_says_that_there_is_no_such_offer(api: Api) -> None:
    _, body = await api.get("/api/explain/o000000000001", "supervisor")
    assert body["reasons"]["offer"] == "o000000000001"
    assert body["en"] == ["The longest idle."]
    status, body = await api.get("/api/explain/o000000000002", "supervisor")
    assert (status, body["error"]["code"]) == (404, "unknown_offer")


async def test_a_reload_applies_to_those_who_wait(api: Api, centre: Centre) -> None:
    files = api.centre_dir
    centre.call(1)
    centre.do(AgentLoggedIn(AgentId("op10")))
    text = (files / "plan.toml").read_text()
    (files / "plan.toml").write_text(text.replace("総合案内・ごみ", "ごみ"))
    status, body = await api.post("/api/reload", "admin")
    assert (status, body["changed"], body["restart_needed"]) == (200, True, False)
    _, state = await api.get("/api/state", "supervisor")
    assert state["queues"]["general"]["name"]["ja"] == "ごみ"
    assert state["queues"]["general"]["waiting"] == 1


async def test_a_shorter_line_counts_for_those_who_wait(api: Api, centre: Centre) -> None:
    files = api.centre_dir
    centre.do(AgentLoggedIn(AgentId("op10")))
    call = centre.call(1)
    text = (files / "plan.toml").read_text()
    assert 'when = "length", at = 100' in text
    (files / "plan.toml").write_text(text.replace('"length", at = 100', '"length", at = 0'))
    assert (await api.post("/api/reload", "admin"))[0] == 200
    told = centre.commands[-1]
    assert isinstance(told, PlayAnnouncement)
    assert (told.call, told.announcement) == (call, "congestion")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("plan.toml", 'device = "op01"', 'device = "op21"'),
        ("plan.toml", 'phone = "dept-tax"', 'phone = "dept-taxes"'),
        ("settings.toml", "rtp_timeout_s = 30", "rtp_timeout_s = 31"),
    ],
)
async def test_a_reload_says_what_only_a_restart_brings(
    api: Api, name: str, old: str, new: str
) -> None:
    path = api.centre_dir / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    _, body = await api.post("/api/reload", "admin")
    assert body["restart_needed"] is True


async def test_alarms_mail_and_reports_wait_for_no_restart(api: Api) -> None:
    path = api.centre_dir / "settings.toml"
    path.write_text(
        path.read_text()
        + "\n[alarms.rules.longest_wait]\nraise_at = 120\nclear_at = 60\n"
        + '[mail]\nhost = "smtp.example.jp"\nsender = "centre@example.jp"\n'
    )
    _, body = await api.post("/api/reload", "admin")
    assert body["restart_needed"] is False


async def test_a_wrong_plan_is_refused_whole_with_every_fault(api: Api, centre: Centre) -> None:
    files = api.centre_dir
    text = (files / "plan.toml").read_text()
    wrong = text.replace("needs = { tax = 3 }", "needs = { tacks = 3 }").replace(
        '"fewest_calls"', '"fewest"'
    )
    (files / "plan.toml").write_text(wrong)
    before = centre.engine.plan
    status, body = await api.post("/api/reload", "admin")
    assert (status, body["error"]["code"]) == (422, "config_invalid")
    assert [each["path"] for each in body["error"]["faults"]][:1] == [
        "plan.toml:queues.switchboard.strategy"
    ]
    assert any("tacks" in each["message"] for each in body["error"]["faults"])
    assert centre.engine.plan is before


async def test_metrics_have_levels_and_no_personal_data(api: Api, centre: Centre) -> None:
    centre.call(1)
    async with api.session.get(api.base + "/metrics", headers=api.headers("monitor")) as answer:
        text = await answer.text()
    assert 'madoguchi_calls_waiting{queue="general"} 1.0' in text
    assert 'madoguchi_agents{state="logged_out"} 12.0' in text
    assert "madoguchi_ami_lag_seconds 0.25" in text
    assert "madoguchi_journal_lag_steps 7.0" in text
    assert "madoguchi_spool_used_bytes 1000.0" in text
    assert "madoguchi_clock_drift_seconds -1.5" in text
    assert "madoguchi_engine_rebuilt_total 4.0" in text
    assert "madoguchi_journal_failures_total 5.0" in text
    assert "madoguchi_events_forged_total 6.0" in text
    assert 'madoguchi_calls_refused_total{trunk="carrier"} 7.0' in text
    assert NUMBER not in text
    assert "小林" not in text
