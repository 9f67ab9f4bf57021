#!/usr/bin/python3
"""The head's status page in a real browser: it shows a run whose nodes join, are lost and leave, at a glance and to
everybody, asks nobody but its head, says so when that no longer answers, and is calm about a run that has ended. Leaves
screenshots beside the program."""
import os
import re
from pathlib import Path

from driving.browser import DESK, PHONE, Browser  # first: ends the test where there is no browser
from driving.accessibility import check_accessible, findings
from driving.cluster import CLUSTER, Cluster
from driving.mock_head import BEGIN, MockHead, event, events, history, lost, page, status, utc
from driving.program import check
from selenium.webdriver.common.keys import Keys

SCREENSHOTS = Path(os.environ["FULMAR_BUILD"]) / "screenshots"
RUN = {"run.name": "winds-downscaling", "stop.epochs": 120, "checkpoint": "{every_rounds=20}"}
CARDS = "return [...document.querySelectorAll('#nodes .node:not(.lost) .node-name')].map((name) => name.textContent)"
SHOWN = "return document.querySelector('#nodes > .node') && document.querySelector('#loss-chart g path.chart-line')"
SILENT = "return document.querySelector('#silence').checkVisibility()"
END_SHOWN = "return document.querySelector('#end').checkVisibility()"
NO_ANSWER = "Failed to load resource"  # what Chromium's console says of a head that hangs up or is gone


def title_of(browser):
    return browser.run("return document.title")


def check_words(browser):
    """No figure that is not there is shown as JavaScript would show it."""
    text = browser.run("return document.body.innerText")
    strange = re.findall(r".*(?:undefined|NaN|null|Infinity|\[object).*", text)
    check(not strange, "the page shows:", strange)


def check_on_every_screen(browser, what):
    for screen, name in ((DESK, "desk"), (PHONE, "phone")):
        browser.size(*screen, phone=screen is PHONE)
        for theme in ("light", "dark"):
            browser.theme(theme)
            check_accessible(browser, f"{what}, {name}, {theme}")
    browser.theme("light")
    browser.size(*DESK)


def path_points(browser, chart):
    """Of the longest line of a chart."""
    paths = browser.run("""const lines = document.querySelectorAll(`#${arguments[0]}-chart g path.chart-line`);
        return [...lines].map((line) => line.getAttribute("d"))""", chart)
    return max((len(re.findall("[MLH]", path)) for path in paths), default=0)


def ground(browser):
    return browser.run("return getComputedStyle(document.body).backgroundColor")


def wait_for_state(browser, state):
    browser.wait_until(lambda: browser.texts("#state") == [state], f"state '{state}'")


# ---- a real run


def wait_for_event(browser, kind, text):
    browser.wait_until(lambda: any(text in line for line in browser.texts(f"#events [data-kind={kind}]")),
                       f"event {kind} with '{text}'")


def wait_for_cards(browser, *names):
    browser.wait_until(lambda: sorted(browser.run(CARDS)) == sorted(names), f"cards of {names}")


def take_screenshots(browser):
    grounds = set()
    for theme in ("light", "dark"):
        browser.theme(theme)
        grounds.add(ground(browser))
        browser.screenshot(SCREENSHOTS / f"status-{theme}.png")
    check(len(grounds) == 2, "light and dark look the same:", grounds)
    browser.theme("light")
    browser.size(*PHONE, phone=True)
    browser.wait_until("return document.querySelector('#loss-chart .chart-plot svg').viewBox.baseVal.width < 360",
                       "charts of a phone's width")
    browser.screenshot(SCREENSHOTS / "status-phone.png")
    browser.size(*DESK)


def a_run_whose_nodes_come_and_go():
    with Cluster(CLUSTER, RUN, head_slots=1) as cluster, Browser() as browser:
        cluster.start_head()
        port = re.search(r"metrics on port (\d+)", cluster.head.err())[1]
        origin = f"http://127.0.0.1:{port}"
        browser.open(origin + "/")
        cluster.wait_for_version(1)
        for name, pace_ms, slots in (("hermes", 25, 1), ("thule", 40, 1), ("gpu-box", 25, 2)):
            cluster.join(name, pace_ms=pace_ms, slots=slots)
        cluster.wait_for_active("hermes", "thule", "gpu-box")
        head = next(node["name"] for node in cluster.status()["nodes"] if node["name"] not in cluster.joiners)
        wait_for_cards(browser, head, "hermes", "thule", "gpu-box")
        wait_for_parts(browser)
        check_figures(browser, cluster)
        they_come_and_go(browser, cluster, head)

        cluster.wait_for_version(150)  # enough of a curve for a picture
        browser.wait_until(lambda: path_points(browser, "loss") >= 100, "curve of the loss")
        browser.wait_until(lambda: path_points(browser, "speed") >= 100, "curve of the speed")
        browser.wait_until("return document.querySelectorAll('#loss-chart .chart-dot').length > 10", "validation points")
        wait_for_parts(browser)
        check_words(browser)
        take_screenshots(browser)
        check_on_every_screen(browser, "a real run")
        browser.check_quiet()
        browser.check_asks_only(origin)

        cluster.kill_head()
        browser.wait_until(SILENT, "word that nobody answers")
        check("No answer for" in browser.find("#silence").text, "it says:", browser.find("#silence").text)
        wait_for_state(browser, "no answer")
        check(len(browser.run(CARDS)) == 3, "the last picture is gone")
        check_words(browser)
        browser.check_quiet(allowed=[NO_ANSWER])


def they_come_and_go(browser, cluster, head):
    """One is killed, one is asked to leave, and the first comes back."""
    cluster.wait_for_version(60)
    cluster.joiners["thule"].kill()
    wait_for_cards(browser, head, "hermes", "gpu-box")
    wait_for_event(browser, "node_lost", "(thule)")
    browser.wait_until(lambda: re.fullmatch("1 lost (just now|.* ago): thule", browser.find("#nodes-lost").text), "who is lost")
    check(browser.texts("#nodes .lost .node-name") == ["thule"], "no grey card of who is lost")
    cluster.wait_for_version(90)
    cluster.asked("drain", "hermes")
    wait_for_cards(browser, head, "gpu-box")
    wait_for_event(browser, "node_left", "(hermes)")
    cluster.join_again("thule")
    wait_for_cards(browser, head, "gpu-box", "thule")
    cluster.wait_for_active("thule")
    browser.wait_until(lambda: browser.texts("#nodes .lost") == [], "end of the grey card")


def wait_for_parts(browser):
    browser.wait_until(lambda: all("compute" in text for text in browser.texts(".node-words")), "parts of each node's time")


def check_figures(browser, cluster):
    """The page shows what `fulmar status` says."""
    said = cluster.status()
    shown = dict(zip(browser.texts("#tiles dt"), browser.texts("#tiles .value"), strict=True))
    check(shown["Policy"] == said["policy"], "the policy is", said["policy"], "not", shown["Policy"])
    check(float(shown["Loss"]) > 0 and float(shown["Samples/s"]) > 0, "figures:", shown)
    check(re.search(r"\d \w?B$", shown["Free disk"]), "free disk:", shown)
    version = int(re.search(r"version ([\d,]+)", browser.find("#version").text)[1].replace(",", ""))
    check(0 < version <= cluster.status()["version"], "version", version, "is not out yet")
    title = browser.run("return document.title")
    check(title.endswith("winds-downscaling"), "the title is:", title)


# ---- what a real run rarely shows


def one_node_and_two_hundred():
    for count in (1, 200):
        with MockHead(status(count)) as head, Browser() as browser:
            browser.open(head.address)
            browser.wait_until(SHOWN, "picture")
            check(len(browser.run(CARDS)) == count, "cards:", len(browser.run(CARDS)))
            check_words(browser)
            check_on_every_screen(browser, f"{count} nodes")
            if count == 200:
                sorting(browser)
                browser.theme("dark")
                browser.screenshot(SCREENSHOTS / "status-200-nodes.png")
            browser.check_quiet()
            browser.check_asks_only(head.address)


def sorting(browser):
    nodes = {node["name"]: node for node in status(200)["nodes"]}
    check(browser.run(CARDS)[0] == "node-198", "the silent node is not the first:", browser.run(CARDS)[:3])
    for order, figure in (("share", lambda node: -node["share"]), ("speed", lambda node: node["samples_per_second"]),
                          ("name", lambda node: node["name"])):
        browser.run("""const choice = document.querySelector("#nodes-order");
            choice.value = arguments[0];
            choice.dispatchEvent(new Event("change"))""", order)
        found = [figure(nodes[name]) for name in browser.run(CARDS)]
        check(found == sorted(found), f"not sorted by {order}:", found[:5])


def a_run_that_has_only_begun():
    nothing = status(0, state="waiting", version=0, epoch=0, samples=0, loss=None, validation_loss=None, best=None,
                     gradient_norm=None, samples_per_second=0.0, updates_per_second=0.0, time_left_seconds=None,
                     capacity_samples_per_second=0.0, parts=None, checkpoint=None, journal_bytes=0, events=[])
    with MockHead(nothing, {key: [] for key in history(2)}) as head, Browser() as browser:
        browser.open(head.address)
        wait_for_state(browser, "waiting for nodes")
        check(title_of(browser) == "waiting · winds-downscaling", "the title is:", title_of(browser))
        check(browser.find("#events-none").text == "Nothing yet.", "the empty list says nothing")
        check_words(browser)
        check_on_every_screen(browser, "nothing yet")
        head.status, head.history = status(3), history(40)
        browser.wait_until(SHOWN, "first picture")
        check(not browser.find("#events-none").is_displayed(), "the list says that it is empty, and is not")
        browser.check_quiet()


def figures_move_and_nothing_else_does():
    with MockHead(status(3)) as head, Browser() as browser:
        browser.open(head.address)
        browser.wait_until(SHOWN, "picture")
        browser.run("""window.shifts = [];
            const note = (list) => window.shifts.push(...list.getEntries().map((entry) => entry.value));
            new PerformanceObserver(note).observe({type: "layout-shift"})""")
        for version, loss in ((4513, 0.2), (4999, 0.18345), (5000, 1.5e-5)):
            head.status = status(3, version=version, loss=loss, validation_loss=loss, gradient_norm=loss,
                                 samples_per_second=1234.5 * loss)
            browser.wait_until(lambda text=f"version {version:,} ": text in browser.find("#version").text, f"version {version}")
        shifts = browser.run("return window.shifts")
        check(shifts == [], "the page jumps:", shifts)
        browser.run("document.querySelector('main').style.paddingTop = '9rem'")
        browser.wait_until("return window.shifts.length > 0", "jump that the test made, to see that jumps are seen")


def a_head_that_falls_silent_and_answers_again():
    with MockHead(status(3)) as head, Browser() as browser:
        browser.open(head.address)
        browser.wait_until(SHOWN, "picture")
        head.silent = True
        browser.wait_until(SILENT, "word that nobody answers")
        check_accessible(browser, "a silent head")
        check(len(browser.run(CARDS)) == 3, "the last picture is gone")
        head.silent = False
        browser.wait_until(lambda: not browser.run(SILENT), "end of that word")
        check(browser.texts("#state") == ["running"], "the state is:", browser.texts("#state"))
        head.status = status(3, version=6600)  # the last version, but not the word of the end
        browser.wait_until("return document.querySelector('#version').textContent.includes('6,600 of')", "last version")
        head.silent = True
        wait_for_state(browser, "finished")
        browser.wait_until(END_SHOWN, "word of the end")
        check(not browser.run(SILENT), "the end of the run is told as a fault")
        browser.check_quiet(allowed=[NO_ANSWER])


def a_run_that_ends_is_no_fault():
    for version, state, words in ((6600, "finished", "has finished: 60 epochs"),
                                  (104, "stopped at version 104", "at version 104 of")):
        with MockHead(status(3)) as head, Browser() as browser:
            browser.open(head.address)
            browser.wait_until(SHOWN, "picture")
            check(title_of(browser) == "68 % · winds-downscaling", "the title is:", title_of(browser))
            head.status = status(3, state="ended", version=version)
            wait_for_state(browser, state)
            browser.wait_until(END_SHOWN, "word of the end")
            check(words in browser.find("#end").text, "it says:", browser.find("#end").text)
            check(title_of(browser) == f"{state.split()[0]} · winds-downscaling", "the title is:", title_of(browser))
            check("left" not in browser.find("#time-left").text, "time is left after the end")
            check_on_every_screen(browser, f"a run that has {state}")
            browser.wait_until(lambda head=head: head.seconds_unasked() > 3, "end of the questions")
            check(not browser.run(SILENT), "the end of the run is told as a fault")
            browser.check_quiet()


def who_is_lost_is_missed():
    gone = [*events(), lost(700, 9, "old"), lost(60, 2, "b"), lost(30, 11, "thule"), lost(8, 12, "bob"),
            event(BEGIN + 399, "node_joined", "note", "node 13 (thule) joined with 1 slot", node=13, name="thule")]
    with MockHead(status(3, events=gone)) as head, Browser() as browser:
        browser.open(head.address)
        browser.wait_until(SHOWN, "picture")
        check(browser.find("#nodes-lost").text == "1 lost 8 s ago: bob", "it says:", browser.find("#nodes-lost").text)
        check(browser.texts("#nodes .lost .node-name") == ["bob"], "grey cards:", browser.texts("#nodes .lost .node-name"))
        check(any(text == "41 ms" for text in browser.texts("#counters dd")), "no time of a recovery among the counters")
        check_on_every_screen(browser, "a lost node")
        browser.screenshot(SCREENSHOTS / "status-lost.png")


def a_time_without_a_head_is_a_gap():
    pieces = "return document.querySelectorAll('#speed-chart g path.chart-line').length"
    for gap, expected in ((0, 1), (300, 2)):
        with MockHead(status(3), history(300, gap_seconds=gap)) as head, Browser() as browser:
            browser.open(head.address)
            browser.wait_until(SHOWN, "picture")
            check(browser.run(pieces) == expected, f"with {gap} s without a head the line has pieces:", browser.run(pieces))


def a_worse_policy_and_an_old_best_are_seen():
    with MockHead(status(3, best={"version": 440, "loss": 0.3139})) as head, Browser() as browser:
        browser.open(head.address)
        browser.wait_until(SHOWN, "picture")
        browser.wait_until(lambda: "bounded, S = 4" in browser.texts("#loss-chart .chart-plot text"), "mark of the switch")
        note = browser.find("#tile-validation .note").text
        check(note == "best 0.3139 at version 440, 37 epochs ago", "it says:", note)
        check(browser.find("#tile-validation").get_attribute("data-level") == "warning", "an old best is not amber")
        head.status = status(3)
        browser.wait_until("return document.querySelector('#tile-validation').dataset.level === ''", "end of the amber")


def slowness_is_told_when_it_lasts():
    slow = {"samples_per_second": 87.0, "capacity_samples_per_second": 167.0}
    with MockHead(status(3, **slow)) as head, Browser() as browser:
        level = "return document.querySelector('#tile-speed').dataset.level"
        browser.open(head.address)
        browser.wait_until(SHOWN, "picture")
        note = browser.find("#tile-speed .note").text
        check(note == "52 % of the 167 that its nodes could do", "it says:", note)
        check(browser.run(level) == "", "amber at once")
        head.status = status(3, now=utc(BEGIN + 431), **slow)
        browser.wait_until(lambda: browser.run(level) == "warning", "amber")
        check("share processors" in browser.find("#parts-advice").text, "it advises:", browser.find("#parts-advice").text)
        head.status = status(3, now=utc(BEGIN + 432), samples_per_second=85.0, capacity_samples_per_second=2.67)
        browser.wait_until(lambda: browser.run(level) == "", "end of the amber")
        check(browser.find("#tile-speed .note").text == "all that its nodes could do", "more than all is told")


def reading_a_chart_by_keys_and_as_a_table():
    with MockHead(status(3)) as head, Browser() as browser:
        browser.open(head.address)
        browser.wait_until(SHOWN, "picture")
        first, last = head.history["loss"][0], head.history["loss"][-1]
        handle = browser.find("#loss-chart .chart-cursor")
        browser.run("arguments[0].focus()", handle)
        second = head.history["loss"][1]
        for key, value in ((Keys.HOME, first), (Keys.END, last), (Keys.HOME, first), (Keys.ARROW_RIGHT, second)):
            browser.press(key)
            said = handle.get_attribute("aria-valuetext")
            check(f"training {value:#.4g}" in said, f"at {value:.4g} it says:", said)
        browser.press(Keys.ESCAPE)
        check(f"training {last:#.4g}" in handle.get_attribute("aria-valuetext"), "Escape does not let go")
        browser.point_at("#loss-chart .chart-cursor")
        check(len(browser.texts("#loss-chart .chart-crosshair")) == 1, "no crosshair under the pointer")
        browser.find("#loss-chart summary").click()
        rows = browser.wait_until("return document.querySelectorAll('#loss-chart tbody tr').length", "table")
        check(10 < rows <= 60, "rows of the table:", rows)
        before = browser.find("#loss-chart g path.chart-line").get_attribute("d")
        browser.find("#loss-chart button").click()
        after = browser.find("#loss-chart g path.chart-line").get_attribute("d")
        check(after != before, "the log scale changes nothing")
        check_accessible(browser, "a chart with its table")


def a_name_is_never_a_script():
    hostile = status(2)
    hostile["nodes"][0]["name"] = hostile["run"]["name"] = "<img src=x onerror=\"document.title='owned'\">"
    hostile["events"][0]["text"] = "<script>document.title = 'owned'</script>"
    with MockHead(hostile) as head, Browser() as browser:
        browser.open(head.address)
        browser.wait_until(SHOWN, "picture")
        check("<img src=x" in browser.run(CARDS)[0], "the name is not shown as it is:", browser.run(CARDS))
        check(browser.run("return document.querySelectorAll('main img, main script').length") == 0, "a name has become an element")
        check("owned" not in browser.run("return document.title").split("·")[0], "a name has become a script")
        browser.check_quiet()


SAID = {
    "duration(0.041)": "41 ms", "duration(3.21)": "3.2 s", "duration(59.6)": "1 min", "duration(3780)": "1 h 3 min",
    "duration(187200)": "2 d 4 h", "duration(null)": "–", "ago(1.4)": "just now", "ago(3.4)": "3 s ago",
    "bytes(0)": "0 B", "bytes(999)": "999 B", "bytes(104312)": "104 kB", "bytes(1.23e11)": "123 GB",
    "percent(0.934)": "93 %", "smallPercent(0.005)": "0.5 %", "rate(140.2)": "140", "rate(7.5)": "7.50",
    "readable(0.21347)": "0.2135", "readable(0.47)": "0.47", "figure(0.47)": "0.4700", "figure(1e-5)": "1.00e−5",
    "readable(1234567.8)": "1,234,568", "readable(0.0000123)": "1.23e−5", "readable(NaN)": "–",
    "policyText('bounded:4')": "bounded, S = 4", "counted(1, 'slot')": "1 slot", "counted(1200, 'slot')": "1,200 slots",
    "linearScale(0.16, 0.74).ticks.map(readable).join()": "0,0.2,0.4,0.6,0.8", "linearScale(2, 2).ticks.length > 1": True,
    "linearScale(0, 3, {whole: true}).ticks.join()": "0,1,2,3", "spanScale(1, 660, {whole: true}).high": 660,
    "logScale(0.01, 100).ticks.map(readable).join()": "0.01,0.03,0.1,0.3,1,3,10,30,100",
    "logScale(1e-8, 1).ticks.length <= 6": True,
    "logScale(0.2, 0.7).ticks.length >= 2": True,
    "timeScale(1000, 1290).ticks.every((tick) => tick % 60 === 0)": True,
    "timeScale(0, 3e6).label(864000)": "11 Jan",
    "[70, 200, 290, 1000, 5000].every((span) => timeScale(1007, 1007 + span, {ticks: 3}).ticks.length >= 2)": True,
    "[...gapsIn([0, 1, 2, 3, 103, 104, 105])].join()": "4", "gapsIn([0, 10, 20, 31, 42]).size": 0, "gapsIn([0, 100]).size": 0,
    "new GateWaiting().fraction({now: '2026-01-01T00:01:00Z', started: '2026-01-01T00:00:00Z', policy: 'async', "
    "nodes: [1, 2], gate_idle_seconds: 30})": 0.25,
    "JSON.stringify(rising([null, 1, 3, 2, 3, 4], [0, 1, 2, 3, 4, null]))": '{"x":[1,3,4],"y":[1,2,null]}',
}
ADVICE = {  # what stands out, and a word of what to do
    "{parts: {compute: 0.9, wait: 0.1, exchange: 0, apply: 0}, policy: 'sync', nodes: []}": "more nodes or slots",
    "{parts: {compute: 0.4, wait: 0.5, exchange: 0.1, apply: 0}, policy: 'sync', nodes: []}": "wait for the slowest",
    "{parts: {compute: 0.4, wait: 0.1, exchange: 0.5, apply: 0}, policy: 'sync', nodes: []}": "policy.leaf_size",
    "{parts: {compute: 0.4, wait: 0, exchange: 0.1, apply: 0.5}, policy: 'sync', nodes: []}": "policy.shards",
    "{parts: {compute: 0.4, wait: 0.6}, policy: 'bounded:4', nodes: Array(8)}": "bounded:6",
    "{parts: {compute: 0.4, wait: 0.6}, policy: 'bounded:6', nodes: Array(8)}": "Longer epochs",
    "{parts: null, policy: 'sync', nodes: []}": "Not measured yet",
    "{parts: {compute: 0.9, wait: 0}, policy: 'bounded:4', nodes: Array(8)}, {gate: 0.3}": "bounded:6",
    "{parts: {compute: 0.9, wait: 0.1}, policy: 'sync', nodes: []}, {isSlow: true}": "share processors",
}


def figures_are_said_plainly():
    with MockHead(status(3)) as head, Browser() as browser:
        browser.devtools("Emulation.setTimezoneOverride", timezoneId="Europe/Berlin")
        browser.open(head.address)
        for script, expected in SAID.items():
            found = browser.run(f"return {script}")
            check(found == expected, script, "is", found, "instead of", expected)
        for case, expected in ADVICE.items():
            found = browser.run(f"return partsAdvice({case})")
            check(expected in found, "for", case, "it says:", found)


# ---- the checks themselves


BROKEN = """<!DOCTYPE html><html><body style="background: #fff"><main><h1>One</h1><h3>Three</h3><svg width="9" height="9"></svg>
<canvas></canvas><button></button><select></select><p style="color: #999">pale</p><p id="twice"></p><p id="twice"></p>
<div style="overflow: auto; height: 1rem">a<br>b<br>c</div><a href="#" tabindex="3">late</a><table><tr><th>x</th></tr></table>
<div aria-labelledby="nobody"></div><div style="width: 3000px">wide</div></main></body></html>"""
FAULTS = ("no language", "no title", "heading skips a level", "picture without a name", "control without a name", "contrast",
          "an id twice", "scrolls, but no key reaches it", "order of its own", "without scope", "without a caption",
          "aria-labelledby names nobody", "scrolls sideways")


def the_checks_can_fail():
    Path("broken.html").write_text(BROKEN)
    with Browser() as browser:
        browser.open(f"file://{Path('broken.html').resolve()}")
        found = "\n".join(findings(browser))
        for fault in FAULTS:
            check(fault in found, f"'{fault}' is not found:\n{found}")
    with MockHead() as head, Browser() as browser:
        head.policy = head.policy.replace("sha256-", "sha256-A")
        browser.open(head.address)
        browser.read_logs()
        refused = any("Content Security Policy" in line for line in browser.complaints)
        check(refused, "a script that the policy forbids is not noticed")
    html, _ = page()
    check("<!-- s" not in html, "a block of the page was not put in")


the_checks_can_fail()
one_node_and_two_hundred()
a_run_that_has_only_begun()
figures_move_and_nothing_else_does()
a_head_that_falls_silent_and_answers_again()
a_run_that_ends_is_no_fault()
who_is_lost_is_missed()
a_time_without_a_head_is_a_gap()
a_worse_policy_and_an_old_best_are_seen()
slowness_is_told_when_it_lasts()
reading_a_chart_by_keys_and_as_a_table()
a_name_is_never_a_script()
figures_are_said_plainly()
a_run_whose_nodes_come_and_go()
