"""Every text 40 % longer, and what breaks by it: controls that are cut, stick out or overlap."""

from __future__ import annotations

import json
import re

from playwright.async_api import BrowserContext, Page, Route

from web.assets import texts

GROWTH = 0.4
_NAME = re.compile(r"(\{\w+\})")

#: Controls and headings whose words are cut or stick out, and controls that lie on one another.
#: What scrolls in a part of its own may be wider than that; names of people are cut on purpose.
_LOOK = """() => {
  const wrong = [];
  const called = (e) => `${e.tagName.toLowerCase()}.${e.className.baseVal ?? e.className}`
    + ` "${e.textContent.trim().replace(/\\s+/g, " ").slice(0, 60)}"`;
  const dialog = [...document.querySelectorAll("dialog[open]")].at(-1);
  const root = dialog ?? document.body;
  const shown = (e) => e.checkVisibility({ visibilityProperty: true })
    && !e.closest(".hidden, .toasts") && e.getBoundingClientRect().width > 1;
  const scrolls = (e) => {
    for (let at = e.parentElement; at && at !== root; at = at.parentElement) {
      const { overflowX } = getComputedStyle(at);
      if (/auto|scroll/.test(overflowX) && at.scrollWidth > at.clientWidth) return true;
    }
    return false;
  };
  const boxes = "button, a, label, summary, legend, h1, h2, h3, th, dt, p, .tag, .state, .notice";
  for (const e of root.querySelectorAll(boxes)) {
    if (!shown(e) || getComputedStyle(e).display === "inline" || e.matches(".one-line")) continue;
    if (e.scrollWidth > e.clientWidth + 2) wrong.push(`too narrow: ${called(e)}`);
    const { fontSize, lineHeight, paddingLeft, paddingRight } = getComputedStyle(e);
    const room = e.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
    const lines = e.clientHeight / (parseFloat(lineHeight) || parseFloat(fontSize) * 1.5);
    if (lines > 3 && room < 3 * parseFloat(fontSize)) wrong.push(`letter by letter: ${called(e)}`);
  }
  const width = document.documentElement.clientWidth;
  const kinds = "button, a, select, textarea, input:not([type=radio], [type=checkbox])";
  const controls = [...root.querySelectorAll(kinds)].filter((e) => shown(e) && !scrolls(e));
  for (const e of controls) {
    const { left, right } = e.getBoundingClientRect();
    const frame = e.parentElement.closest(".card, dialog") ?? document.body;
    const end = Math.min(width, frame.getBoundingClientRect().right);
    if (left < -1 || right > end + 1) wrong.push(`sticks out: ${called(e)}`);
  }
  const fixed = (e) => e.closest("header, nav, aside, footer");
  for (const [at, a] of controls.entries()) for (const b of controls.slice(at + 1)) {
    if (a.contains(b) || b.contains(a) || fixed(a) !== fixed(b)) continue;
    const [p, q] = [a.getBoundingClientRect(), b.getBoundingClientRect()];
    const across = Math.min(p.right, q.right) - Math.max(p.left, q.left);
    const down = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
    if (across > 2 && down > 2) wrong.push(`overlap: ${called(a)} and ${called(b)}`);
  }
  if (document.documentElement.scrollWidth > width) wrong.push("wider than the window");
  return wrong;
}"""


def grown(text: str) -> str:
    """A text 40 % longer, word by word as in German; ``{names}`` stay as they are."""
    return "".join(
        part if _NAME.fullmatch(part) else re.sub(r"\S+", _longer, part)
        for part in _NAME.split(text)
    )


def _longer(word: re.Match[str]) -> str:
    letters = word[0]
    more = -(-len(letters) * 4 // 10)
    return "".join(each * (2 if at < more else 1) for at, each in enumerate(letters))


async def lengthen(context: BrowserContext) -> None:
    """Have the pages of a browser speak English with every text grown."""
    body = json.dumps({key: grown(text) for key, text in texts("en").items()})

    async def answer(route: Route) -> None:
        await route.fulfill(body=body, content_type="application/json")

    await context.route("**/locale/en.json", answer)


async def broken(page: Page) -> list[str]:
    """What does not fit now."""
    found: list[str] = await page.evaluate(_LOOK)
    return found
