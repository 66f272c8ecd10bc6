"""The OpenAPI document says what the server does."""

from __future__ import annotations

from tests.web.client import Api
from web.openapi import document
from web.routes import DOORS, ROUTES, SPECIAL


async def test_the_document_is_served_and_names_every_route(api: Api) -> None:
    status, body = await api.get("/api/openapi.json", "monitor")
    assert status == 200
    assert body == document()
    assert body["openapi"] == "3.1.0"
    named = {(method.upper(), path) for path, each in body["paths"].items() for method in each}
    every = (*ROUTES, *DOORS, *SPECIAL)
    assert {(route.method, route.path.split("{")[0]) for route in every} == {
        (method, path.split("{")[0]) for method, path in named
    }
    assert len(named) == len(every)


async def test_an_operator_s_requests_answer_as_the_document_says(api: Api) -> None:
    told = document()["components"]["schemas"]["Operator"]
    acts = ("login", "ready", "not-ready", "logout")
    paths = {path.partition("{agent}/")[2]: each for path, each in document()["paths"].items()}
    for act in acts:
        wanted = {"reason": "lunch"} if act == "not-ready" else None
        status, body = await api.post(f"/api/agents/op09/{act}", "op09", wanted)
        assert status == 200
        assert set(told["required"]) <= set(body) == set(told["properties"])
        answer = paths[act]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert answer == {"$ref": "#/components/schemas/Operator"}
    named = {act for act, each in paths.items() if "Operator" in str(each.get("post"))}
    assert named >= {*acts, "wrap-up/extend", "hang-up", "transfer", "consult/complete", "digits"}


def test_what_the_live_channel_sends_is_told() -> None:
    told = document()["paths"]["/api/live"]["get"]["description"]
    for frame in ("snapshot", "delta", "pop", "seat", "recording", "ping", "4401", "4409"):
        assert frame in told


def test_every_reference_leads_somewhere() -> None:
    body = document()

    def references(node: object) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if "$ref" in node else []
            return own + [ref for each in node.values() for ref in references(each)]
        if isinstance(node, list):
            return [ref for each in node for ref in references(each)]
        return []

    found = references(body)
    assert found
    for reference in found:
        target: object = body
        for part in reference.removeprefix("#/").split("/"):
            assert isinstance(target, dict)
            target = target[part]


def test_bodies_are_closed_and_operations_are_unique() -> None:
    body = document()
    operations = [
        operation["operationId"] for path in body["paths"].values() for operation in path.values()
    ]
    assert len(operations) == len(set(operations))
    for name in ("LogIn", "NotReady", "Transfer", "Disposition", "Extend", "Nothing"):
        assert body["components"]["schemas"][name]["additionalProperties"] is False
