#!/usr/bin/python3
"""The report of a run is one page that says in a browser what the program says on the command line, shows the maps and the
loss of a node, and asks nobody for anything. Leaves screenshots in the build directory."""
import math
import os
import re
from pathlib import Path

from driving.browser import DESK, PHONE, Browser
from driving.cluster import Cluster
from driving.program import WINDS, check, fulmar
from driving.sample_report import bare_report, crowded_report, data_in, in_page, unfinished_report, unpacked

SCREENSHOTS = Path(os.environ["FULMAR_BUILD"], "screenshots")
PAGE_BYTES_MAX = 5_000_000
SECTIONS = ("Summary", "Scores", "Maps", "Loss", "Nodes", "Ledger and checkpoints", "Configuration")
STEPS = 64  # of a colour scale that are compared


def run_with_a_loss():
    """Three epochs on real winds; a joiner is killed meanwhile. The report, which `fulmar report` writes."""
    with Cluster(WINDS, {"stop.epochs": 3}, pace_ms=40, head_slots=1, run="winds") as cluster:
        cluster.start_head()
        joiner = cluster.join("b")
        cluster.wait_for_active("b")
        cluster.wait_for_version(cluster.log.version + 2)
        joiner.kill()
        cluster.wait_until_gone("b")
        cluster.finish()
    fulmar("report", "winds")
    return Path("winds/report.html").resolve()


def shown(browser, path):
    """Opens a page and waits until all of it is drawn, which takes several frames."""
    browser.open(path.as_uri())
    browser.wait_until("return document.querySelector('footer').textContent", "footer, which is filled last")
    browser.wait_until("""return [...document.querySelectorAll('.chart-plot svg, .timeline-plot svg')]
        .every((picture) => picture.querySelector('text'))""", "axes in every picture")


def every_section_is_there(browser, data):
    check(browser.texts("h1") == [data["run"]["name"]], "the heading is", browser.texts("h1"))
    check(tuple(browser.texts("h2")) == SECTIONS, "the sections are", browser.texts("h2"))
    summary = browser.find("#summary").text
    for said in (data["run"]["weights_sha256"], "3 of 3", "252 samples", "a node was lost once and did not come back",
                 "8,690 parameters"):
        check(said in summary, f"the summary does not say '{said}':", summary)
    ledger = browser.find("#record").text
    told = "Every sample of 3 epochs is in the weights exactly once: 252 samples in 33 rounds"
    check(told in ledger, "the ledger is told as", ledger)
    check(len(browser.texts("#record tbody tr")) == len(data["checkpoints"]) > 0, "a checkpoint is not listed")
    check('kind = "downscale"' in browser.find(".config").text, "the configuration is not there")


def scores_are_those_of_evaluate(browser):
    scores = fulmar("evaluate", "winds", "--json").json()
    methods = {**scores["baselines"], "model": scores}
    table = browser.run("""return [...document.querySelectorAll('.scores-table tbody tr')]
        .map((row) => [...row.cells].map((cell) => cell.textContent))""")
    check({row[0] for row in table} == set(methods), "the methods are", table)
    for name, *cells in table:
        of = [methods[name]["overall"], *methods[name]["scores"]]
        expected = [f"{one[kind]:.4f}" for kind in ("rmse", "acc") for one in of]
        check(cells[:len(expected)] == expected, f"{name} has {cells} instead of {expected}")
    best = min(one["overall"]["rmse"] for one in scores["baselines"].values())
    gain = 100 * (1 - scores["overall"]["rmse"] / best)
    said = table[[row[0] for row in table].index("model")][-1]
    expected = f"{abs(gain):.1f}\u00a0% {'better' if gain > 0 else 'worse'}"
    check(said == expected, f"beside the best baseline it says {said}, not {expected}")
    headline = browser.find("#headline").text
    check(f"{scores['overall']['rmse']:.3f} m/s" in headline, "the headline is", headline)
    bars = browser.run("""return [...document.querySelectorAll('.score-group:first-child .score-bar')]
        .map((bar) => bar.offsetWidth)""")
    errors = sorted((one["overall"]["rmse"] for one in methods.values()), reverse=True)
    in_proportion = [abs(bar / bars[0] - error / errors[0]) < 0.01 for bar, error in zip(bars, errors)]
    check(len(bars) == len(errors) and all(in_proportion), "bars of", bars, "pixels stand for errors of", errors)


def pictures_of(browser):
    """Of each map: its title, and its pixels without those of missing values."""
    return browser.driver.execute_async_script("""
        const done = arguments[arguments.length - 1];
        Promise.all([...document.querySelectorAll('figure.map')].map(async (map) => {
          const picture = new Image();
          picture.src = map.querySelector('.map-cells').getAttribute('href');
          await picture.decode();
          const canvas = document.createElement('canvas');
          [canvas.width, canvas.height] = [picture.width, picture.height];
          const context = canvas.getContext('2d');
          context.drawImage(picture, 0, 0);
          const bytes = context.getImageData(0, 0, canvas.width, canvas.height).data;
          return {title: map.querySelector('b').textContent, bytes: [...bytes]};
        })).then(done, (error) => done(String(error)));""")


def maps_show_the_fields(browser, data):
    maps = pictures_of(browser)
    check(isinstance(maps, list), "the maps cannot be read:", maps)
    titles = [one["title"] for one in maps]
    fields = data["maps"]["fields"]
    check(titles[:3 * len(fields)] == ["Truth", "Prediction", "Error"] * len(fields), "the maps are", titles)
    rows, columns = (len(data["maps"]["grid"][axis]) for axis in ("latitudes", "longitudes"))
    for one in maps:
        pixels = list(zip(*[iter(one["bytes"])] * 4))
        check(len(pixels) % (rows * columns) == 0, one["title"], "has", len(pixels), "pixels")
        check(len(set(pixels)) > 40, one["title"], "has only", len(set(pixels)), "colours")
    for truth, prediction, error in zip(*[iter(maps[:3 * len(fields)])] * 3):
        check(truth["bytes"] != prediction["bytes"], "the prediction is the truth")
        check(truth["bytes"] != error["bytes"], "the error is the truth")
    check(browser.run("return document.querySelector('.map-coast').getAttribute('d').length") > 1000, "there is no land")


def fields_have_the_errors_that_are_said(data):
    grid = data["maps"]["grid"]
    columns = len(grid["longitudes"])
    for one in data["maps"]["fields"]:
        pairs = zip(unpacked(one["truth"]), unpacked(one["prediction"]))
        weights = [math.cos(math.radians(latitude)) for latitude in grid["latitudes"] for _ in range(columns)]
        squares = [(weight, (p - t) ** 2) for weight, (t, p) in zip(weights, pairs) if t is not None and p is not None]
        rmse = math.sqrt(sum(weight * square for weight, square in squares) / sum(weight for weight, _ in squares))
        check(abs(rmse - one["rmse"]) < 1e-3 * rmse, one["variable"], "has an error of", rmse, "instead of", one["rmse"])


def values_are_read_off(browser, data):
    browser.point_at(".map svg")
    said = browser.wait_until("""const said = document.querySelector('.map-words').textContent;
        return said.includes('°') && said;""", "values under the pointer")
    found = re.fullmatch(r"([\d.]+)°(?: ([NS]))?, ([\d.]+)°(?: ([EW]))?: "
                         r"truth (\S+) m/s · prediction (\S+) m/s · error (\S+) m/s", said)
    check(found, "it says:", said)
    latitude = float(found[1]) * (-1 if found[2] == "S" else 1)
    longitude = float(found[3]) * (-1 if found[4] == "W" else 1)
    grid, field = data["maps"]["grid"], data["maps"]["fields"][0]
    row = grid["latitudes"].index(latitude)
    column = next(i for i, one in enumerate(grid["longitudes"]) if (one - longitude) % 360 == 0)
    index = row * len(grid["longitudes"]) + column
    truth, prediction = unpacked(field["truth"])[index], unpacked(field["prediction"])[index]
    for value, text in zip((truth, prediction, prediction - truth), found.groups()[4:]):
        told = float(text.replace("−", "-"))
        check(abs(told - value) <= 0.006 * abs(value) + 1e-3, f"at {latitude}, {longitude} there is {value}, not", text)
    browser.run("document.querySelector('.map svg').focus()")
    browser.press("\ue012")  # arrow left
    moved = browser.texts(".map-words")[0]
    check(moved != said and moved.split(",")[0] == said.split(",")[0], "the arrow key leads from", said, "to", moved)


def colours_are_even(browser):
    """COLOUR-1 to 3, with the conversions of this file, not those of the page."""
    for name in ("sequential", "signed", "error"):
        colours = browser.run(f"return Array.from({{length: {STEPS + 1}}}, (_, i) => colourScales.{name}(i / {STEPS}))")
        check(all(0 <= part <= 255 for colour in colours for part in colour), name, "leaves sRGB")
        places = [oklab(colour) for colour in colours]
        lightness = [place[0] for place in places]
        steps = [math.dist(a, b) for a, b in zip(places, places[1:])]
        mean = sum(steps) / STEPS
        check(all(abs(step - mean) < 0.1 * mean for step in steps), name, "has steps from", min(steps), "to", max(steps))
        climbs = [b - a for a, b in zip(lightness, lightness[1:])]
        luminance = [relative_luminance(colour) for colour in colours]
        rises = [b > a for a, b in zip(luminance, luminance[1:])]
        if name == "sequential":
            check(all(rises), name, "does not get lighter everywhere")
            check(max(climbs) < 1.1 * min(climbs), name, "gets lighter unevenly")
        else:
            half = STEPS // 2
            check(all(rises[:half]) and not any(rises[half:]), name, "is not lightest in the middle")
            check(all(abs(a - b) < 1e-3 for a, b in zip(lightness, reversed(lightness))), name, "is not symmetric")
            check(math.hypot(*places[half][1:]) < 1e-3, name, "has a hue in the middle")


def linear(colour):
    return [part / 255 / 12.92 if part <= 0.04045 * 255 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour]


def relative_luminance(colour):
    """Y of CIE 1931, as in the definition of sRGB."""
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear(colour)))


def oklab(colour):
    """https://bottosson.github.io/posts/oklab/"""
    r, g, b = linear(colour)
    l, m, s = (math.cbrt(value) if hasattr(math, "cbrt") else value ** (1 / 3) for value in (
        0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b,
        0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b,
        0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b))
    return (0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
            1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s)


def the_loss_is_on_the_timeline(browser, data):
    losses = [event for event in data["events"] if event["kind"] == "node_lost"]
    check(len(losses) == 1 and losses[0]["name"] == "b", "the events are", data["events"])
    marks = browser.run("return document.querySelectorAll('.timeline-plot .timeline-mark.bad').length")
    check(marks == 1, marks, "marks of one loss")
    rows = browser.texts(".timeline-name")
    check(len(rows) == 3 and rows[0] == "head" and rows[2] == "b", "the rows are not of head, its own node, and b:", rows)
    browser.run("document.querySelector('.timeline-plot svg').focus()")
    read = []
    while not read or browser.find(".timeline .map-words").text != read[-1]:
        read.append(browser.find(".timeline .map-words").text)
        browser.press("\ue014")  # arrow right
    check(any(losses[0]["text"] in text for text in read), "the keys lead to", read)
    browser.run("document.querySelector('.events').open = true")
    check(losses[0]["text"] in browser.find(".events").text, "the table of events does not tell of the loss")
    browser.run("document.querySelector('.events').open = false")


def anybody_can_use_it(browser):
    faults = browser.run("""
        const start = (one) => one.outerHTML.slice(0, 80);
        const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
        const levels = [...document.querySelectorAll('h1, h2, h3, h4')].map((one) => Number(one.tagName[1]));
        return [
          ...[...document.querySelectorAll('th:not([scope])')].map((one) => `no scope: ${one.textContent}`),
          ...[...document.querySelectorAll('table:not(:has(caption))')].map((one) => `no caption: ${start(one)}`),
          ...[...document.querySelectorAll('[role=img], [role=region], [role=slider], section')]
            .filter((one) => !one.matches('[aria-label], [aria-labelledby]')).map((one) => `no name: ${start(one)}`),
          ...ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => `id twice: ${id}`),
          ...levels.filter((level, i) => i > 0 && level > levels[i - 1] + 1).map((level) => `nothing above an h${level}`)];""")
    check(not faults, "\n".join(faults))


def fits(browser, what):
    """No sideways scrolling."""
    wide = browser.run("return document.documentElement.scrollWidth")
    check(wide <= browser.width, what, "is", wide, "wide on a screen of", browser.width)


def fits_a_phone(browser, path, what):
    browser.size(*PHONE, phone=True)
    shown(browser, path)
    fits(browser, what)
    browser.size(*DESK)


def lives_follow_from_events(browser):
    """LIVES-1 to 3: node 1 outlives a head of which nobody wrote the end; node 2 dies and returns; node 3 is drained."""
    def event(second, kind, term, node=None, **more):
        return {"time": f"2026-11-23T22:00:{second:02}.000Z", "kind": kind, "severity": "note", "term": term, "version": 0,
                "text": kind, **({"node": node, "name": f"n{node}"} if node else {}), **more}

    events = [event(0, "run_started", 1), event(1, "node_joined", 1, 1), event(2, "node_joined", 1, 2),
              event(4, "node_lost", 1, 2), event(4, "leaves_moved", 1, 2, seconds=0.04), event(9, "node_returned", 1, 2),
              event(30, "run_resumed", 2), event(31, "node_returned", 2, 1), event(32, "node_joined", 2, 3),
              event(40, "node_draining", 2, 3), event(42, "node_left", 2, 3), event(50, "run_ended", 2)]
    begin = browser.run("return Date.parse('2026-11-23T22:00:00Z') / 1000")
    history = {"term": [1, 2], "time": [begin + 12, begin + 45]}
    lives = browser.run("return nodeLives(arguments[0], arguments[1])", events, history)
    spans = {node["name"]: [(span["from"] - begin, span["to"] - begin, span["draining"]) for span in node["spans"]]
             for node in lives["nodes"]}
    expected = {"n1": [(1, 12, False), (31, 50, False)], "n2": [(2, 4, False), (9, 12, False)],
                "n3": [(32, 40, False), (40, 42, True)]}
    check(spans == expected, "the lives are", spans)
    losses = [mark for mark in lives["nodes"][1]["marks"] if mark["kind"] == "node_lost"]
    check(len(losses) == 1 and losses[0]["seconds"] == 0.04, "the loss and its recovery are", lives["nodes"][1]["marks"])
    quiet = [node["name"] for node in lives["nodes"] if node["isQuiet"]]
    check(quiet == ["n1"], "nothing happened to", quiet)


def numbers_begin_anew_with_each_head(browser):
    """LIVES-4: node 2 is gil under the first head and hal under the second; gil, killed and started again, has two
    numbers under the first. A line of node 0, the head's own worker, makes no row."""
    def event(second, kind, term, node, name):
        return {"time": f"2026-11-23T22:00:{second:02}.000Z", "kind": kind, "severity": "note", "term": term, "version": 0,
                "text": kind, "node": node, "name": name}

    events = [event(1, "node_joined", 1, 1, "vm"), event(2, "node_joined", 1, 2, "gil"), event(3, "leaves_moved", 1, 0, "vm"),
              event(4, "node_lost", 1, 2, "gil"), event(5, "node_joined", 1, 3, "gil"), event(6, "node_joined", 1, 4, "hal"),
              event(30, "node_joined", 2, 1, "vm"), event(31, "node_joined", 2, 2, "hal"),
              event(33, "node_lost", 2, 2, "hal"), event(40, "node_joined", 2, 3, "gil"), event(50, "run_ended", 2, 0, "")]
    told = browser.run("""
        const lives = nodeLives(arguments[0], {term: [], time: []});
        return {rows: lives.nodes.map((node) => [node.name + node.suffix, node.marks.length]), ...lossesAndReturns(lives)};
        """, events)
    expected = [["vm", 2], ["gil 2 (term 1)", 2], ["gil 3 (term 1)", 1], ["hal", 3], ["gil 3 (term 2)", 1]]
    check(told["rows"] == expected, "the rows and their numbers of marks are", told["rows"])
    check((told["lost"], told["back"]) == (2, 1), "losses and returns are", told)


def each_hash_says_of_what_it_is(browser, page):
    """The best weights are not the latest; the run has been switched to another policy and goes on."""
    path = Path("unfinished.html").resolve()
    data = unfinished_report()
    path.write_text(in_page(page, data))
    shown(browser, path)
    facts = dict(zip(browser.texts(".facts dt"), browser.texts(".facts dd")))
    best, latest = data["checkpoints"]
    for name, said in (("Best weights", ("version 1,144, epoch 104, 1.600 K", best["weights_sha256"])),
                       ("Latest checkpoint", ("version 1,971, epoch 179, still training", latest["weights_sha256"]))):
        check(all(part in facts.get(name, "") for part in said), name, "is told as", facts)
    check("4 min 50 s as of version 1,971, still training" in browser.find("#headline").text,
          "the headline is", browser.find("#headline").text)
    check("bounded, S = 4" in browser.texts("#loss .chart text"), "the switch is not named in the chart of the loss")
    check("from version 1,180 on bounded, S = 4" in browser.find("#loss").text, "the switch is not told")
    check("training, smoothed" in browser.find("#loss .chart-legend").text, "the training curve is not smoothed")
    summary = browser.find("#summary").text
    check("2 times a node was lost; 1 came back" in summary, "losses are told as", summary)
    tones = browser.run("""return [...document.querySelectorAll('.timeline-plot .timeline-mark')]
        .map((mark) => mark.getAttribute('class').split(' ')[1])""")
    check(tones.count("bad") == 2 and tones.count("good") == 4, "a short absence does not show both its marks:", tones)


def symmetric_scales_fit_their_values(browser):
    """Symmetric scales end near what they show: a calm variable does not have those of a windy one."""
    ends = browser.run("return [10.6, 14.2, 0.31].map((most) => fieldScale([-most, 0, most]).high)")
    check(all(most <= end <= 1.25 * most for most, end in zip((10.6, 14.2, 0.31), ends)), "the scales end at", ends)


def maps_are_cut_between_continents(browser):
    """GEOMETRY-1 and 2: with land round 180° and round Greenwich, of a grid that begins at 20° as that of the winds."""
    found = browser.run("""
        const ring = (west, east) => [[west, -10], [east, -10], [east, 60], [west, 60], [west, -10]];
        const longitudes = Array.from({length: 36}, (_, i) => 20 + 10 * i);
        const latitudes = [-90, -45, 0, 45, 90];
        const grid = {latitudes, longitudes, periodic: true};
        const geometry = new MapGeometry(grid, [ring(130, 217), ring(-20, 60)]);
        const {row, column} = geometry.cellAt(geometry.x(geometry.west + 51), geometry.y(50));
        const {west, latitudeEdges: edges} = geometry;
        return {west, edges, latitude: latitudes[row], longitude: longitudes[column]};""")
    check(found["west"] == -135, "the map is cut at", found["west"], "and not at 225° E, the first edge east of the land")
    check(found["edges"] == [-90, -67.5, -22.5, 22.5, 67.5, 90], "cells reach to", found["edges"])
    check(found["latitude"] == 45 and abs((found["longitude"] - -84 + 180) % 360 - 180) <= 5,
          "the cell at 84° W, 50° N is", found)


def what_is_missing_is_said(browser, page):
    path = Path("bare.html").resolve()
    path.write_text(in_page(page, bare_report()))
    shown(browser, path)
    for section, said in (("summary", "no good checkpoint yet"), ("scores", "has not been scored"),
                          ("maps", "There are no maps"), ("loss", "no figures"),
                          ("nodes", "One node did everything"), ("record", "There is no checkpoint")):
        text = browser.find(f"#{section}").text
        check(said in text, f"{section} does not say '{said}':", text)
    anybody_can_use_it(browser)
    fits_a_phone(browser, path, "a run without results")


def a_crowd_stays_readable(browser, page):
    path = Path("crowd.html").resolve()
    data = crowded_report()
    path.write_text(in_page(page, data))
    shown(browser, path)
    rows = browser.texts(".timeline-name")
    check(2 < len(rows) <= 42, len(rows), "rows for 200 nodes")
    check(rows[-1] == "178 others", "the undisturbed nodes are", rows[-1])
    check("10 % missing" in browser.texts(".map figcaption")[0], "it is not said that values are missing")
    check(any(pixel == 0 for pixel in pictures_of(browser)[0]["bytes"][3::4]), "missing values have a colour")
    check(len(browser.run("return [...document.querySelectorAll('#scores .chart')]")) == 4, "no curves by lead")
    anybody_can_use_it(browser)
    fits(browser, "a crowd")
    fits_a_phone(browser, path, "a crowd")


def both_themes(browser, path):
    grounds = []
    for theme in ("light", "dark"):
        browser.theme(theme)
        shown(browser, path)
        browser.screenshot(SCREENSHOTS / f"report-{theme}.png")
        top = browser.run("return document.querySelector('.map-set').getBoundingClientRect().bottom + scrollY")
        browser.size(DESK[0], math.ceil(top))  # for the README: summary, scores and the first maps
        browser.screenshot(SCREENSHOTS / f"report-{theme}-top.png", whole=False)
        browser.size(*DESK)
        grounds.append(browser.run("return getComputedStyle(document.body).backgroundColor"))
    check(grounds[0] != grounds[1], "light and dark have the same ground:", grounds)
    browser.theme("light")


def main():
    path = run_with_a_loss()
    check(path.stat().st_size < PAGE_BYTES_MAX, "the page has", path.stat().st_size, "bytes")
    page = path.read_text()
    data = data_in(page)
    fields_have_the_errors_that_are_said(data)
    with Browser() as browser:
        shown(browser, path)
        every_section_is_there(browser, data)
        scores_are_those_of_evaluate(browser)
        maps_show_the_fields(browser, data)
        values_are_read_off(browser, data)
        colours_are_even(browser)
        symmetric_scales_fit_their_values(browser)
        lives_follow_from_events(browser)
        numbers_begin_anew_with_each_head(browser)
        maps_are_cut_between_continents(browser)
        the_loss_is_on_the_timeline(browser, data)
        anybody_can_use_it(browser)
        fits(browser, "the report")
        both_themes(browser, path)
        fits_a_phone(browser, path, "the report")
        what_is_missing_is_said(browser, page)
        a_crowd_stays_readable(browser, page)
        each_hash_says_of_what_it_is(browser, page)
        browser.check_quiet()
        browser.check_asks_only("file://")
    print(f"{path.stat().st_size} bytes; screenshots in {SCREENSHOTS}", flush=True)


main()
