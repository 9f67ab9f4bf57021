"""Opens pages in headless Chromium, as a reader would: on a desk or on a phone, on a light or a dark ground.

What the browser complained about and which addresses it asked for is kept, so that a test can insist on neither errors
nor foreign hosts. Ends the test as skipped (77) where there is no Chromium.
"""
import base64
import json
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from driving.program import check, wait_until

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
if not CHROMIUM:
    print("there is no chromium here")
    sys.exit(77)
check(DRIVER, "chromium is there, but not chromedriver: install the package chromium-driver")

from selenium import webdriver  # noqa: E402  only where there is a browser
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.action_chains import ActionChains  # noqa: E402

# No sandbox: tests may run as root. The rest keeps it from asking its maker for anything.
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
         "--disable-extensions", "--hide-scrollbars", "--force-color-profile=srgb", "--lang=en-GB")
DESK, PHONE = (1280, 800), (360, 740)


class Browser:
    """One window. Use it in a `with` block, which ends the browser."""

    def __enter__(self):
        self.profile = tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True)
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for flag in (*FLAGS, f"--user-data-dir={self.profile.name}", "about:blank"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(service=Service(DRIVER), options=options)
        self.driver.set_script_timeout(60)
        self.complaints = []  # warnings and errors of the console, broken security policies among them
        self.asked = []  # every address that was asked for
        self.size(*DESK)
        return self

    def __exit__(self, *_):
        self.driver.quit()
        self.profile.cleanup()

    # ---- how the page is seen

    def open(self, address):
        self.driver.get(address)

    def size(self, width, height, phone=False):
        self.width, self.height = width, height
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        self.devtools("Emulation.setTouchEmulationEnabled", enabled=phone)

    def theme(self, name):
        """"light" or "dark"."""
        self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def screenshot(self, path, whole=True):
        """A PNG of the whole page, or of what is seen without scrolling."""
        height = self.run("return document.documentElement.scrollHeight") if whole else self.height
        clip = {"x": 0, "y": 0, "width": self.width, "height": height, "scale": 1}
        picture = self.devtools("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(base64.b64decode(picture["data"]))

    # ---- what is done with it

    def run(self, script, *arguments):
        """What JavaScript returns; `arguments` is there."""
        return self.driver.execute_script(script, *arguments)

    def find(self, selector):
        return self.driver.find_element("css selector", selector)

    def texts(self, selector):
        return self.run("return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)", selector)

    def point_at(self, selector):
        """Moves the pointer to the middle of an element."""
        ActionChains(self.driver).move_to_element(self.find(selector)).perform()

    def press(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    def wait_until(self, condition, what, seconds=60):
        """As wait_until(); `condition` may be JavaScript that returns something true."""
        return wait_until((lambda: self.run(condition)) if isinstance(condition, str) else condition, what, seconds)

    # ---- what it said and asked

    def read_logs(self):
        self.complaints += [f"{entry['level']}: {entry['message']}" for entry in self.driver.get_log("browser")
                            if entry["level"] in ("WARNING", "SEVERE")]
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                self.asked.append(message["params"]["request"]["url"])

    def check_quiet(self, allowed=()):
        """Nothing to complain about; `allowed` are parts of complaints that the test has provoked."""
        self.read_logs()
        found = [line for line in self.complaints if not any(part in line for part in allowed)]
        check(not found, "the browser complains:", "\n".join(found))

    def check_asks_only(self, origin):
        """No address outside `origin` ("http://127.0.0.1:9464", "file://") was asked for."""
        self.read_logs()
        def is_foreign(address):
            parts = urlsplit(address)
            inside = ("data", "blob", "about", "chrome", "chrome-untrusted")  # of the page or of the browser itself
            return parts.scheme not in inside and f"{parts.scheme}://{parts.netloc}" != origin
        foreign = sorted(set(filter(is_foreign, self.asked)))
        check(self.asked, "no request was recorded, so that none can be judged")
        check(not foreign, f"the page asks others than {origin}:", foreign)

    def devtools(self, command, **words):
        return self.driver.execute_cdp_cmd(command, words)
