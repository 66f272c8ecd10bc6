"""The OpenAPI document says what the server does."""

from __future__ import annotations

from tests.web.client import Api
from web.openapi import document
from web.routes import DOORS, ROUTES


async def test_the_document_is_served_and_names_every_route(api: Api) -> None:
    status, body = await api.get("/api/openapi.json", "monitor")
    assert status == 200
    assert body == document()
    assert body["openapi"] == "3.1.0"
    named = {(method.upper(), path) for path, each in body["paths"].items() for method in each}
    assert {(route.method, route.path.split("{")[0]) for route in ROUTES} <= {
        (method, path.split("{")[0]) for method, path in named
    }
    assert len(named) == len(ROUTES) + len(DOORS) + 5


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
