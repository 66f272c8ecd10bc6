"""Pages and their files: who may open them, what they may do, how they are kept and compressed."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser

import pytest

from tests.web.client import Api
from web.assets import LANGUAGES, LOCALE, STATIC, assets, texts
from web.pages import CHOICE, PAGES, Page, start_page
from web.roles import Role

OWN_MODULES = [
    path for path in STATIC.rglob("*.js") if "vendor" not in path.parts and path.is_file()
]
#: Keys that are put together at run time are looked up by what they begin with.
USED = re.compile(r"""\bt\(\s*(?:[\w.]+\s*\?\s*)?["'`]([a-z_]+\.[a-z_.]+)(["'`$])""")
OTHERWISE = re.compile(r"""\bt\([^)"'`]*\?\s*"([a-z_.]+)"\s*:\s*"([a-z_.]+)"\)""")


class Seen(HTMLParser):
    """What a page's shell holds."""

    def __init__(self) -> None:
        super().__init__()
        self.files: list[str] = []
        self.inline: list[str] = []
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open = tag
        given = dict(attrs)
        self.files += [given[key] or "" for key in ("src", "href") if key in given]
        self.inline += [key for key in given if key.startswith("on") or key == "style"]

    def handle_data(self, data: str) -> None:
        if self._open in ("script", "style") and data.strip():
            self.inline.append(data)


async def shell(api: Api, path: str, who: str | None = None) -> tuple[int, str, Mapping[str, str]]:
    async with api.session.get(
        api.base + path, headers=api.headers(who), allow_redirects=False
    ) as answer:
        return answer.status, await answer.text(), answer.headers


async def test_a_stranger_is_led_to_the_sign_in_page_and_back(api: Api) -> None:
    status, _, headers = await shell(api, "/")
    assert (status, headers["Location"]) == (303, "/sign-in")
    for page in PAGES:
        status, text, headers = await shell(api, page.path)
        if page.roles is None or page.linked:
            assert (status, page.title in text) == (200, True)
        else:
            assert (status, headers["Location"]) == (303, f"/sign-in?to={page.path}")


async def test_everybody_starts_on_a_page_of_their_own(api: Api) -> None:
    status, _, headers = await shell(api, "/", "op09")
    assert (status, headers["Location"]) == (303, "/panel")
    assert start_page(None) == "/sign-in"


async def test_a_page_of_another_role_is_refused(api: Api) -> None:
    assert (await shell(api, "/panel", "monitor"))[0] == 403


@pytest.mark.requirement("M23")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.folder)
async def test_a_page_brings_nothing_inline_and_nothing_from_elsewhere(
    api: Api, page: Page
) -> None:
    for role in page.roles or ():
        agent = "op09" if role is Role.OPERATOR else ""
        api.tokens[page.folder] = api.store.add(role, agent)
    status, text, headers = await shell(api, page.path, page.folder if page.roles else None)
    assert status == 200
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    seen = Seen()
    seen.feed(text)
    assert seen.inline == []
    assert seen.files
    for file in seen.files:
        assert file.startswith(f"/static/{assets().version}/")
        assert (await shell(api, file))[0] == 200


async def test_files_are_kept_for_ever_under_their_version_and_asked_for_elsewhere(
    api: Api,
) -> None:
    _, _, hashed = await shell(api, f"/static/{assets().version}/base/tokens.css")
    assert "immutable" in hashed["Cache-Control"]
    for folder in ("", "v-000000000000/"):
        status, _, headers = await shell(api, f"/static/{folder}base/tokens.css")
        assert (status, headers["Cache-Control"]) == (200, "no-cache")
    again = {"If-None-Match": f'"x", W/{hashed["ETag"]}'}
    url = f"{api.base}/static/base/tokens.css"
    async with api.session.get(url, headers=again) as answer:
        assert (answer.status, await answer.read()) == (304, b"")
    async with api.session.get(url, headers={"If-None-Match": '"x"'}) as answer:
        assert answer.status == 200


async def test_files_are_compressed_for_those_who_take_it(api: Api) -> None:
    url = f"{api.base}/static/base/base.css"
    async with api.session.get(url, headers={"Accept-Encoding": "identity"}) as answer:
        plain, tag = await answer.read(), answer.headers["ETag"]
        assert "Content-Encoding" not in answer.headers
    asset = assets().get("base/base.css")
    assert asset is not None
    async with api.session.get(url, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["ETag"] != tag
        assert await answer.read() == plain
    assert gzip.decompress(asset.compressed or b"") == plain


@pytest.mark.parametrize(
    "name",
    [
        "x",
        "../server.py",
        "..%2fserver.py",
        "%2e%2e/pages.py",
        "vendor/preact/LICENSE",
        "v-1/",
        "%00",
    ],
)
async def test_nothing_else_is_served(api: Api, name: str) -> None:
    status, text, _ = await shell(api, f"/static/{name}")
    assert status == 404
    assert "import" not in text


def test_modules_import_only_what_is_there() -> None:
    known = {path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*.js")}
    for path in OWN_MODULES:
        asset = assets().get(path.relative_to(STATIC).as_posix())
        assert asset is not None
        assert set(asset.imports) <= known, path.name
        assert not re.search(r'from "[^."]', path.read_text()), path.name


def test_each_page_names_its_whole_graph() -> None:
    graph = assets().graph("sign-in/sign-in.js")
    assert {"base/ui.js", "vendor/preact/preact.js", "vendor/signals/signals-core.js"} <= set(graph)


@pytest.mark.requirement("M30")
def test_every_text_is_there_in_both_languages() -> None:
    ja, en = (texts(lang) for lang in LANGUAGES)
    assert set(ja) == set(en)
    for key, text in ja.items():
        names = re.findall(r"\{\w+\}", text)
        assert sorted(names) == sorted(re.findall(r"\{\w+\}", en[key])), key
        assert text.strip(), key
        assert en[key].strip(), key


def test_every_page_has_a_name_in_the_way_between_them() -> None:
    known = texts("ja")
    for page in PAGES:
        if page.roles is not None and page.path != CHOICE:
            assert {f"nav.{page.path[1:]}", f"start.{page.path[1:]}"} <= set(known), page.path


def test_no_key_is_said_by_two_parts() -> None:
    for lang in LANGUAGES:
        keys = [
            key for path in LOCALE.glob(f"*.{lang}.json") for key in json.loads(path.read_text())
        ]
        assert len(keys) == len(set(keys))


def test_every_text_that_a_screen_asks_for_exists() -> None:
    known = texts("ja")
    for path in OWN_MODULES:
        source = path.read_text()
        used = [*USED.findall(source)]
        for key, end in used:
            there = any(each.startswith(key) for each in known) if end == "$" else key in known
            assert there, f"{path.name}: {key}"
        for pair in OTHERWISE.findall(source):
            assert set(pair) <= set(known), f"{path.name}: {pair}"


def test_no_file_of_a_screen_is_too_long() -> None:
    lengths = {path.name: len(path.read_text().splitlines()) for path in OWN_MODULES}
    assert {name: lines for name, lines in lengths.items() if lines > 400} == {}


def test_colours_and_sizes_are_said_in_one_file_only() -> None:
    for path in STATIC.rglob("*.css"):
        if path.name != "tokens.css" and "vendor" not in path.parts:
            assert not re.search(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(", path.read_text()), path.name
