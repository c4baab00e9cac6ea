"""Firefox by WebDriver BiDi, over its own web socket: no driver stands between, and no network is to be had."""

import json
import subprocess
import time
from contextlib import closing, contextmanager
from pathlib import Path

import websocket

from browser.built import LOCAL

NOWHERE = {"network.proxy.type": 1, "network.proxy.http": "127.0.0.1", "network.proxy.ssl": "127.0.0.1"}
NOWHERE |= {"network.proxy.http_port": 9, "network.proxy.ssl_port": 9}
QUIET = {"datareporting.policy.dataSubmissionEnabled": False, "app.update.enabled": False, "ui.prefersReducedMotion": 1}
COMMAND = ["firefox-esr", "--headless", "--no-remote", "--remote-debugging-port", "0", "--profile"]
HALF_READ = (
    "Invalid markup: Incorrect number of children"  # said where MathML is drawn before the page is read to its end
)
EVENTS = ["log.entryAdded", "network.beforeRequestSent", "network.responseCompleted"]


class Page:
    """Firefox's one tab; `complaints` collects script errors, failed and outside requests since the last `open`."""

    def __init__(self, socket: websocket.WebSocket):
        self.socket, self.number, self.complaints = socket, 0, []
        self.version = self.send("session.new", capabilities={})["capabilities"]["browserVersion"]
        self.send("session.subscribe", events=EVENTS)
        self.context = self.send("browsingContext.getTree")["contexts"][0]["context"]

    def send(self, method: str, **params) -> dict:
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while (answer := json.loads(self.socket.recv())).get("id") != self.number:
            self.complaints += complaint(answer.get("method"), answer.get("params"))
        if answer["type"] == "error":
            raise RuntimeError(f"{method}: {answer['message']}")
        return answer["result"]

    def resize(self, width: int) -> None:
        self.send("browsingContext.setViewport", context=self.context, viewport={"width": width, "height": 900})

    def open(self, url: str) -> None:
        self.complaints.clear()
        self.send("browsingContext.navigate", context=self.context, url=url, wait="complete")
        self.evaluate("document.fonts.ready.then(() => null)")

    def evaluate(self, expression: str):
        """Its value, as JSON has it; a promise is waited for. Raises RuntimeError with what the script threw."""
        source = f"(async () => JSON.stringify((await ({expression})) ?? null))()"
        target = {"context": self.context}
        told = self.send("script.evaluate", expression=source, target=target, awaitPromise=True)
        if told["type"] == "exception":
            raise RuntimeError(told["exceptionDetails"]["text"])
        return json.loads(told["result"]["value"])

    def press(self, *keys: str) -> None:
        each = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keys", "actions": each})

    def point(self, x: float, y: float, *, click: bool = False) -> None:
        """Move the pointer there, in pixels of the window, and click if that is asked for."""
        actions = [{"type": "pointerMove", "x": round(x), "y": round(y)}]
        actions += [{"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp") if click]
        self._act({"type": "pointer", "id": "mouse", "actions": actions})

    def _act(self, source: dict) -> None:
        self.send("input.performActions", context=self.context, actions=[source])
        self.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))")


def complaint(event: str | None, told: dict) -> list[str]:
    if event == "log.entryAdded":
        return [told["text"]] if told["level"] == "error" and not told["text"].startswith(HALF_READ) else []
    url = told["request"]["url"] if event in EVENTS[1:] else LOCAL[0]
    failed = event == "network.responseCompleted" and told["response"]["status"] >= 400
    return [f"asked for {url}"] if failed or not url.startswith((*LOCAL, "about:")) else []


@contextmanager
def firefox(profile: Path):
    """A page of a fresh Firefox; `profile` is an empty folder."""
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in (NOWHERE | QUIET).items()]
    (profile / "user.js").write_text("\n".join(lines))
    with subprocess.Popen([*COMMAND, str(profile)], stderr=subprocess.DEVNULL) as process:
        try:
            with closing(websocket.create_connection(address(profile), timeout=300, suppress_origin=True)) as socket:
                yield Page(socket)
        finally:
            process.terminate()


def address(profile: Path) -> str:
    """Where Firefox listens, which it writes into its profile once it does."""
    told = profile / "WebDriverBiDiServer.json"
    while not (told.exists() and told.stat().st_size):
        time.sleep(0.1)
    port = json.loads(told.read_text())["ws_port"]
    return f"ws://127.0.0.1:{port}/session"
