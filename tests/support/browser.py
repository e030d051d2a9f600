"""Pages in a real browser, headless, for tests: Chromium and its driver, as Debian has them, and selenium.

What is missing is a reason to skip, which says what to install.
"""

import base64
import json
import shutil
from contextlib import contextmanager

import pytest

QUIET = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--window-size=1000,900",
)
PATIENCE = 600  # seconds for a script: however slow the machine is

OUTSIDE = """
const outside = [];
for (const svg of document.querySelectorAll("svg.chart")) {
  const frame = svg.getBoundingClientRect();
  if (!frame.width) continue;
  for (const text of svg.querySelectorAll("text")) {
    const box = text.getBoundingClientRect();
    if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1)
      outside.push(svg.getAttribute("aria-label").slice(0, 40) + ": " + text.textContent);
  }
}
return outside;
"""
SMALLEST = """
let least = Infinity;
for (const text of document.querySelectorAll("svg.chart text")) {
  const svg = text.ownerSVGElement, width = svg.getBoundingClientRect().width;
  if (width) least = Math.min(least, parseFloat(getComputedStyle(text).fontSize) * width / svg.viewBox.baseVal.width);
}
return least;
"""


def tools():
    """Selenium's webdriver and axe, and the programs; skips where one is missing."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="no selenium: pip install --group browser")
    axe = pytest.importorskip("axe_selenium_python", reason="no axe: pip install --group browser")
    programs = [shutil.which(name) for name in ("chromium", "chromedriver")]
    if None in programs:
        pytest.skip("no chromium or chromedriver: apt-get install chromium chromium-driver")
    return webdriver, axe.Axe, *programs


@contextmanager
def started():
    """A browser, as long as the block runs."""
    webdriver, axe, chromium, chromedriver = tools()
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in QUIET:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(chromedriver))
    try:
        driver.set_script_timeout(PATIENCE)
        yield Browser(driver, axe)
    finally:
        driver.quit()


class Browser:
    """A page in a browser: what it asks for, says, shows, and how it is to be used without seeing it."""

    def __init__(self, driver, axe):
        self.driver, self._axe = driver, axe

    def open(self, path, *, width=900, is_dark=False, has_scripts=True):
        """Open a file in a window of a width, on a phone below 500 pixels."""
        theme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        self.cdp("Emulation.setEmulatedMedia", features=[theme])
        self.cdp("Emulation.setScriptExecutionDisabled", value=not has_scripts)
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        self.cdp("Emulation.setDeviceMetricsOverride", **size)
        for log in ("browser", "performance"):
            self.driver.get_log(log)
        self.driver.get(path.as_uri())

    def cdp(self, command, **arguments):
        """Ask the browser itself."""
        return self.driver.execute_cdp_cmd(command, arguments)

    def run(self, script):
        """What a script returns."""
        return self.driver.execute_script(script)

    @property
    def said(self):
        """Messages on the console since the page was opened."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    @property
    def requests(self):
        """The URLs that were asked for since the page was opened."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return {e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"}

    @property
    def overflow(self):
        """Pixels by which the page is wider than its window."""
        return self.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def violations(self):
        """Rules of axe that the page breaks, with their impact and a place."""
        axe = self._axe(self.driver)
        axe.inject()
        return [(rule["id"], rule["impact"], rule["nodes"][0]["html"]) for rule in axe.run()["violations"]]

    def tree(self):
        """Role and name of what assistive technology is told of."""
        nodes = self.cdp("Accessibility.getFullAXTree")["nodes"]
        shown = [node for node in nodes if not node["ignored"]]
        return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in shown]

    def pdf(self):
        """The page as it prints."""
        return base64.b64decode(self.driver.print_page())
