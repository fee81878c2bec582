"""The pages in a browser, where there is one: nothing runs over the edge of a
phone, what is to stay in sight does, and hostile text stays text."""
import base64
import fcntl
import json
import os
import shutil
import subprocess

import pytest

from conftest import ROOT, ptcheck

SAMPLE = ROOT / "reports/samples/report.json"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
PHONE, DESKTOP = (390, 844), (1280, 900)

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="there is no chromium")


class Browser:
    """Chromium without a window, by its debugging pipe: JSON that ends with a
    NUL byte, in at 3 and out at 4."""

    def __init__(self, home):
        ours, theirs = os.pipe(), os.pipe()
        self.to, self.of, self.n, self.rest = ours[1], theirs[0], 0, b""
        self.session = {}
        # Out of the way of each other first.
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 100)
                for fd in (ours[0], theirs[1])]
        self.p = subprocess.Popen(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu",
             "--hide-scrollbars", "--remote-debugging-pipe",
             f"--user-data-dir={home}", "about:blank"], close_fds=False,
            preexec_fn=lambda: (os.dup2(high[0], 3), os.dup2(high[1], 4)),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        for fd in high:
            os.close(fd)
        os.close(ours[0])
        os.close(theirs[1])
        target = self.call("Target.createTarget", url="about:blank")
        self.session = {"sessionId": self.call(
            "Target.attachToTarget", flatten=True, **target)["sessionId"]}
        self.call("Page.enable")

    def read(self):
        while b"\0" not in self.rest:
            got = os.read(self.of, 1 << 16)
            assert got, "chromium is gone"
            self.rest += got
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **params):
        self.n += 1
        os.write(self.to, json.dumps(
            {"id": self.n, "method": method, "params": params,
             **self.session}).encode() + b"\0")
        while True:
            got = self.read()
            if got.get("id") == self.n:
                return got["result"]

    def open(self, path, size, scheme="light"):
        self.call("Emulation.setDeviceMetricsOverride", width=size[0],
                  height=size[1], deviceScaleFactor=1, mobile=size == PHONE)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme}])
        self.call("Page.navigate", url=path.as_uri())
        while self.read().get("method") != "Page.loadEventFired":
            pass

    def js(self, text):
        """The value of an expression, after what it did was drawn."""
        self.call("Runtime.evaluate", awaitPromise=True, expression="new "
                  "Promise(r => requestAnimationFrame(r))")
        return self.call("Runtime.evaluate", expression=text,
                         returnByValue=True)["result"].get("value")

    def close(self):
        self.call("Browser.close")
        self.p.wait()
        os.close(self.to)
        os.close(self.of)


@pytest.fixture(scope="module", name="browser")
def a_browser(tmp_path_factory):
    it = Browser(tmp_path_factory.mktemp("chromium"))
    yield it
    it.close()


@pytest.fixture(scope="module", name="pages")
def some_pages(tmp_path_factory):
    """The sample, and ten of it with all requirements side by side."""
    tmp = tmp_path_factory.mktemp("pages")
    base = json.loads(SAMPLE.read_text())
    row = base["requirements"][2]
    every = tmp / "all.json"
    every.write_text(json.dumps(base | {"requirements": [
        row | {key: r[key] for key in ("id", "level", "section", "area",
                                       "role", "title")}
        for r in json.loads(ptcheck("list", "--json").stdout)]}))
    pages = {"report": [SAMPLE], "long": [every],
             "matrix": [f"transport-{i}={every}" for i in range(10)]}
    for name, of in pages.items():
        p = ptcheck("report", "--quiet", "--report", tmp / f"{name}.html", *of)
        assert (p.returncode, p.stderr) == (0, "")
    return {name: tmp / f"{name}.html" for name in pages}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("page", ["report", "long", "matrix"])
def test_no_page_is_wider_than_the_screen(browser, pages, page, size, scheme):
    browser.open(pages[page], size, scheme)
    assert browser.js("document.documentElement.scrollWidth") == size[0]
    ink, paper = (sum(json.loads(browser.js(
        f"getComputedStyle(document.body).{what}"
        ".replace('rgb(', '[').replace(')', ']')")))
        for what in ("color", "backgroundColor"))
    assert (ink > paper) == (scheme == "dark")


# The element of a selector lies uncovered where it should.
ON_TOP = """((e, scrolled) => {
    const at = e.getBoundingClientRect(), box =
        document.querySelector(".matrix").getBoundingClientRect();
    const x = Math.max(at.left, box.left) + 4, y = at.top + 4;
    return x < box.right && y > box.top && y < box.bottom &&
           e.contains(document.elementFromPoint(x, y));
})(document.querySelector(%s))"""


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_heads_of_the_matrix_stay_in_sight(browser, pages, size):
    browser.open(pages["matrix"], size)
    assert browser.js("document.querySelectorAll('.matrix thead th').length"
                      ) == 10
    for scroll in "0, 0", "150, 3000", "9999, 99999":
        browser.js(f"document.querySelector('.matrix').scrollTo({scroll})")
        last = "'.matrix thead th:last-child'"
        assert browser.js(ON_TOP % "'.matrix thead td'"), scroll
        if scroll.startswith("9999"):
            assert browser.js(ON_TOP % last), scroll
        # The first column, in a line that is in the middle of the box.
        assert browser.js("""(() => {
            const box = document.querySelector(".matrix")
                .getBoundingClientRect();
            const e = document.elementFromPoint(
                box.left + 12, (box.top + box.bottom) / 2).closest("th");
            return e && e.scope.startsWith("row") &&
                   Math.abs(e.getBoundingClientRect().left - box.left) < 3 ||
                   e.classList.contains("area");
        })()"""), scroll


def test_the_head_of_the_matrix_has_room_for_two_on_a_phone(browser, pages):
    browser.open(pages["matrix"], PHONE)
    assert browser.js("document.querySelectorAll('.matrix thead th')[1]"
                      ".getBoundingClientRect().right") <= PHONE[0]


@pytest.mark.parametrize("page", ["report", "matrix"])
def test_hostile_text_runs_nothing(browser, pages, page):
    """Only the page's own script is there, and it loads nothing."""
    assert "alert" in pages["report"].read_text()
    browser.open(pages[page], PHONE)
    assert browser.js("document.scripts.length") == 1
    assert browser.js(
        "performance.getEntriesByType('resource').length") == 0
    assert browser.js("[...document.querySelectorAll('*')].filter(e => "
                      "[...e.attributes].some(a => /^on/.test(a.name)))"
                      ".length") == 0
    shot = base64.b64decode(browser.call("Page.captureScreenshot")["data"])
    assert shot.startswith(b"\x89PNG")
