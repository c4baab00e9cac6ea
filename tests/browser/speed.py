"""How two built books feel on a slow phone: python tests/browser/speed.py BEFORE AFTER [PAGE ...]

BEFORE and AFTER are folders of built pages. Each page is opened in the one and in the other in turn, so that a busy
machine slows both, on a processor four times slower, at 9 Mbit/s and 40 ms; the medians of three runs are printed:

- MB: what came over the wire, without compression;
- paint: seconds until something is seen, and interactive: until the last task of more than 50 ms has ended;
- blocked: seconds by which tasks were longer than 50 ms, and longest: the longest of them;
- shift: by how much the page moved while it loaded (0.1 counts as good).
"""

import sys
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from built import WIDTHS, chromium, new_page, served
from playwright.sync_api import sync_playwright

PAGES = ["index", "02_worked_example", "04_elbo", "05_training"]
QUANTITIES = ["MB", "paint", "interactive", "blocked", "longest", "shift"]
RUNS = 3
LINE = {"offline": False, "latency": 40, "downloadThroughput": 9e6 / 8, "uploadThroughput": 9e6 / 8}
WATCH = """
window.seen = {tasks: [], shift: 0};
const watch = (type, note) =>
    new PerformanceObserver(list => list.getEntries().forEach(note)).observe({type, buffered: true});
watch("longtask", ({startTime, duration}) => seen.tasks.push([startTime, duration]));
watch("layout-shift", ({value}) => seen.shift += value);
"""
AT_REST = """() => document.readyState === "complete"
    && seen.tasks.every(([start, time]) => start + time < performance.now() - 3000)"""
FOUND = "({...seen, paint: performance.getEntriesByName('first-contentful-paint')[0].startTime})"


def measure(browser, address: str) -> dict[str, float]:
    with new_page(browser, width=WIDTHS["phone"], height=844, theme="light", new=True, fresh=True) as page:
        wire = []
        session = page.context.new_cdp_session(page)
        session.on("Network.loadingFinished", lambda event: wire.append(event["encodedDataLength"]))
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", LINE)
        session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        page.add_init_script(WATCH)
        page.goto(address)
        page.wait_for_function(AT_REST, polling=500)
        found = page.evaluate(FOUND)
    return {"MB": sum(wire) / 1e6} | in_seconds(found)


def in_seconds(found: dict) -> dict[str, float]:
    paint, tasks = found["paint"] / 1000, [(start / 1000, time / 1000) for start, time in found["tasks"]]
    return {
        "paint": paint,
        "interactive": max([paint, *(start + time for start, time in tasks)]),
        "blocked": sum(time - 0.05 for _, time in tasks),
        "longest": max([0, *(time for _, time in tasks)]),
        "shift": found["shift"],
    }


def compare(browser, sites: dict[str, str], page: str) -> None:
    runs = {name: [] for name in sites}
    for _ in range(RUNS):
        for name, site in sites.items():
            runs[name].append(measure(browser, f"{site}/book/{page}.html"))
    for name, measured in runs.items():
        values = [median(run[quantity] for run in measured) for quantity in QUANTITIES]
        print(page.ljust(24), name.ljust(8), *(f"{value:11.3f}" for value in values), flush=True)


if __name__ == "__main__":
    before, after, *pages = sys.argv[1:]
    with sync_playwright() as playwright, chromium(playwright) as browser, ExitStack() as stack:
        folders = {"before": before, "after": after}
        sites = {name: stack.enter_context(served(Path(folder))) for name, folder in folders.items()}
        print(" " * 33 + "".join(name.rjust(12) for name in QUANTITIES))
        for page in pages or PAGES:
            compare(browser, sites, page)
