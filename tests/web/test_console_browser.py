"""Pages in a real Chromium: what a person sees and reaches. Skipped where there is none; in CI that is a failure."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from test_pages import PARTS, PATHS, furnish, furnished

from shounuo.web import app as web_app
from shounuo.web.serve import Server

ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
# Text that stands out too little (under 4.5 to 1), and controls smaller than 24 px that do not stand in a sentence.
AUDIT = """() => {
  const channel = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const numbers = text => { const m = text.match(/[\\d.]+/g).map(Number); return m.length > 3 ? m : [...m, 1]; };
  const light = c => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
  const ground = e => { for (; e; e = e.parentElement) { const c = numbers(getComputedStyle(e).backgroundColor); if (c[3] > 0.99) return c; } return [255, 255, 255]; };
  const found = [];
  for (const e of document.querySelectorAll("body *")) {
    if (!e.getClientRects().length || e.closest(".unseen, .skip, svg")) continue;
    const name = `${e.tagName}.${e.className} in ${e.parentElement.className}`;
    if ([...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) {
      const [a, b] = [light(numbers(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
      if ((a + 0.05) / (b + 0.05) < 4.5) found.push(`contrast ${name}`);
    }
    if (e.matches("a, button, input")) {
      const box = e.getBoundingClientRect();
      if (box.width < 24 || box.height < 24) found.push(`target ${name} ${box.width}x${box.height}`);
    }
  }
  return [...new Set(found)];
}"""

in_ci = os.environ.get("CI", "").lower() not in ("", "0", "false")


def missing(what: str) -> Any:
    """Skip, or in CI fail, because something is not installed."""
    reason = f"{what} is not installed: these pages are not looked at"
    return pytest.fail(reason) if in_ci else pytest.skip(reason)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The real application on a free port, with made-up proofs and requests."""
    with pytest.MonkeyPatch.context() as patch:
        furnish(patch.setattr, furnished())
        with Server(web_app.build(PARTS), 0) as server:  # type: ignore[arg-type]
            yield server.address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A Chromium with a profile of its own."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright")
    if chromium is None:
        missing("chromium")
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def opened(browser: Any, address: str) -> Iterator[Any]:
    """Opens a page, and at the end holds that nothing was refused or reported on the way."""
    complaints: list[str] = []
    contexts = []

    def open_(path: str, width: int = 1440, **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, base_url=address, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on(
            "console", lambda message: complaints.append(message.text)
        )  # a breach of the CSP is told here
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda call: complaints.append(f"failed: {call.url}"))
        page.on(
            "request",
            lambda call: (
                None if call.url.startswith(address) else complaints.append(f"elsewhere: {call.url}")
            ),
        )
        page.on(
            "response",
            lambda answer: None if answer.ok else complaints.append(f"{answer.status}: {answer.url}"),
        )
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        assert context.cookies() == []
        context.close()
    assert complaints == []


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_pages_are_readable(opened: Any, path: str, mode: str) -> None:
    """Every page is styled, has contrast of 4.5 to 1 and targets of 24 px, in both modes, without a complaint."""
    for width in (360, 1440):
        page = opened(path, width, color_scheme=mode)
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == {"light": "rgb(246, 244, 239)", "dark": "rgb(20, 23, 26)"}[mode]
        assert page.evaluate(AUDIT) == []


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("width", [360, 820, 1440])
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_nothing_scrolls_sideways(opened: Any, path: str, width: int, lang: str) -> None:
    """From a small phone up, a page is never wider than the screen."""
    page = opened(f"{path}?lang={lang}", width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.lang") == lang


def test_keyboard_skips_to_the_content(opened: Any) -> None:
    """The first tab stop skips what is above the content."""
    page = opened("/console/huiju")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_keyboard_reaches_tiles(opened: Any) -> None:
    """By Tab alone one comes to the tiles, sees where one is and what the clause says, and opens it with Enter."""
    page = opened("/console/huiju?status=broken")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('tile-in')"):
            break
    tile = page.locator(".tile-in:focus")
    assert tile.count() == 1
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert tile.locator(".tile-other").is_visible()
    clause = tile.locator(".tile-id").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/clauses/{clause}")
    assert page.locator("h1").inner_text() == clause


def test_hover_reveals_more(opened: Any) -> None:
    """Pointing at a tile shows the whole sentence in both languages, inside the window."""
    page = opened("/console/huiju", 820)
    tile = page.locator('[data-clause="huiju-2.4-1"] .tile-in')
    assert not tile.locator(".tile-other").is_visible()
    tile.hover()
    assert tile.locator(".tile-other").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 820


def test_filters_lead_to_their_clauses(opened: Any) -> None:
    """A filter shows its clauses only, is marked as chosen, and the language stays."""
    page = opened("/console/huiju?lang=en")
    expected = int(page.locator('[data-filter="people"] b').inner_text())
    page.locator('[data-filter="people"]').click()
    page.wait_for_url("**status=people**")
    assert page.locator(".tile").count() == page.locator(".tile.is-people").count() == expected
    assert page.locator('[data-filter="people"]').get_attribute("aria-current") == "true"
    assert page.evaluate("document.documentElement.lang") == "en"


def test_search_helps_along(opened: Any) -> None:
    """What is typed sifts the tiles at once and is told; Escape brings all of them back."""
    page = opened("/console/huiju?lang=en")
    everything = page.locator(".tile").count()
    page.locator("#q").fill("wechat sdk")
    assert 0 < page.locator(".tile:visible").count() < everything
    assert page.locator('[data-clause="huiju-2.8-sdk-4"]').is_visible()
    assert page.locator(".found").inner_text() == f"Showing {page.locator('.tile:visible').count()}"
    page.locator("#q").fill("no such words")
    assert page.locator(".nothing").is_visible()
    page.keyboard.press("Escape")
    assert page.locator(".tile:visible").count() == everything


def test_wall_needs_no_script(opened: Any) -> None:
    """Without script filter and search do the same, by an address."""
    page = opened("/console/huiju?lang=en&status=kept", java_script_enabled=False)
    page.locator("#q").fill("SDK")
    page.locator(".search button").click()
    page.wait_for_url("**q=SDK**")
    assert "status=kept" in page.url
    assert "lang=en" in page.url
    shown = page.locator(".tile").count()
    assert 0 < shown == page.locator(".tile.is-kept").count()


def test_clause_leads_to_what_keeps_it(opened: Any) -> None:
    """From a clause one comes to the entry that keeps it, in sight in the register."""
    page = opened("/console/huiju/clauses/huiju-2.8-sdk-4")
    page.locator('.keepers a[href$="#recipients.wechat-sdk"]').click()
    page.wait_for_url("**/policy/huiju/register#recipients.wechat-sdk")
    assert page.locator(":target").get_attribute("data-entry") == "recipients.wechat-sdk"
    box = page.locator(":target").bounding_box()
    assert 0 < box["y"] < 900


def test_policy_tables_fold_on_a_phone(opened: Any) -> None:
    """On a phone a row of many columns is a card with its labels; a reader's software still hears a table."""
    page = opened("/policy/huiju?lang=zh-CN", 360)
    row = page.locator('[data-entry="recipients.unionpay-api"]')
    assert row.get_attribute("role") == "row"
    labels = row.locator("td").evaluate_all(
        "cells => cells.map(c => getComputedStyle(c, '::before').content)"
    )
    assert labels == ['"提供方"', '"使用场景与目的"', '"个人信息种类"', '"提供方式"', '"对方隐私政策"']
    tops = row.locator("td").evaluate_all("cells => cells.map(c => c.getBoundingClientRect().top)")
    assert tops == sorted(set(tops))
