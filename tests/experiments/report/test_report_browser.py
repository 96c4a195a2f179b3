"""The report in a real browser: nothing fetched, no error, printable, readable on a phone, accessible (axe-core).

Skipped where there is no Chromium or axe-core, but never where OMSTILLING_BROWSER is set, as it is in continuous
integration.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from omstilling.experiments.batch.results import Results
from omstilling.experiments.report.build import build_report
from omstilling.experiments.report.page import page
from reports import small_store

AXE = Path(__file__).parents[2] / "browser" / "node_modules" / "axe-core" / "axe.min.js"
PHONE, DESK = (360, 800), (1200, 900)


def _missing() -> str:
    """What is needed and not there."""
    browser = shutil.which("chromium") and shutil.which("chromedriver")
    return "" if browser and AXE.is_file() else "needs chromium, chromedriver, and npm install in tests/browser"


pytestmark = pytest.mark.skipif(bool(_missing()) and "OMSTILLING_BROWSER" not in os.environ, reason=_missing())


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return small_store(tmp_path_factory.mktemp("browser"))


@pytest.fixture(scope="module", params=["en", "nb"])
def report_file(request: pytest.FixtureRequest, results: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(page(build_report(results, request.param)), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    assert not _missing()
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--force-device-scale-factor=1"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(shutil.which("chromedriver"))))
    yield driver
    driver.quit()


def open_at(browser: Any, file: Path, size: tuple[int, int]) -> None:
    """Open a page in a window of a size, with nothing in the logs from before."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size == PHONE},
    )
    browser.get_log("browser")
    browser.get_log("performance")
    browser.get(file.as_uri())


def requests_of(browser: Any) -> list[str]:
    """Addresses that the page has asked for."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]


def violations(browser: Any) -> list[str]:
    """What axe-core finds wrong."""
    browser.execute_script(AXE.read_text(encoding="utf-8"))
    found = browser.execute_async_script("axe.run().then(arguments[arguments.length - 1])")
    return [f"{item['id']}: {item['nodes'][0]['html'][:200]}" for item in found["violations"]]


def test_opens_without_an_error_or_a_request(browser: Any, report_file: Path) -> None:
    open_at(browser, report_file, DESK)
    assert browser.get_log("browser") == []
    asked = requests_of(browser)
    assert [url for url in asked if not url.startswith("data:")] == [report_file.as_uri()]


def test_an_error_and_a_request_would_be_seen(browser: Any, report_file: Path, tmp_path: Path) -> None:
    text = report_file.read_text(encoding="utf-8")
    worse = tmp_path / "worse.html"
    script = '<script src="http://127.0.0.1:9/none.js"></script><script>throw new Error("seen")</script>'
    worse.write_text(text.replace("</body>", f"{script}</body>"), encoding="utf-8")
    open_at(browser, worse, DESK)
    assert any("seen" in entry["message"] for entry in browser.get_log("browser"))
    assert "http://127.0.0.1:9/none.js" in requests_of(browser)


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_is_no_wider_than_the_window(browser: Any, report_file: Path, size: tuple[int, int]) -> None:
    open_at(browser, report_file, size)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= size[0]
    widths = browser.execute_script(
        "return [...document.querySelectorAll('main p, main li, h1, h2')].map(e => e.getBoundingClientRect().right)"
    )
    assert max(widths) <= size[0]
    letters = browser.execute_script(
        "return [...document.querySelectorAll('main p, main li, td, th')]"
        ".map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(letters) >= 11.0
    wide = "document.querySelector('main p').style.cssText = 'width: 3000px; max-width: none'"
    browser.execute_script(wide)
    assert browser.execute_script("return document.documentElement.scrollWidth") > size[0]


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_axe_finds_nothing(browser: Any, report_file: Path, size: tuple[int, int]) -> None:
    open_at(browser, report_file, size)
    assert violations(browser) == []
    browser.execute_script(
        "document.querySelector('svg').removeAttribute('aria-labelledby');"
        "document.querySelector('svg title').remove();"
        "document.querySelector('main p').style.color = '#bbb'"
    )
    found = " ".join(violations(browser))
    assert "svg-img-alt" in found
    assert "color-contrast" in found


def test_figures_stand_within_their_frames(browser: Any, report_file: Path) -> None:
    open_at(browser, report_file, DESK)
    outside = browser.execute_script(
        "return [...document.querySelectorAll('figure svg')].flatMap(svg => {"
        " const frame = svg.getBoundingClientRect();"
        " return [...svg.querySelectorAll('text')].filter(text => {"
        "  const box = text.getBoundingClientRect();"
        "  return box.left < frame.left - 2 || box.right > frame.right + 2; }).map(text => text.textContent) })"
    )
    assert outside == []


def test_prints_to_pdf(browser: Any, report_file: Path) -> None:
    open_at(browser, report_file, DESK)
    printed = base64.b64decode(
        browser.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})["data"]
    )
    assert printed.startswith(b"%PDF-")
    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") + printed.count(b"/Type/Page") >= 5
