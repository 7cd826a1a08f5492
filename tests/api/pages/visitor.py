"""A headless Chromium driven over its debugging protocol, as a person would: by labels and visible text."""

import base64
import json
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.request import urlopen

SECONDS = 120
#: Finds what a person sees; links and buttons by their text, fields by their label.
FIND = """
(kind, text, scope) => {
  const plain = (s) => s.replace(/\\s+/g, " ").trim();
  const root = scope ? [...document.querySelectorAll(scope)] : [document];
  const all = (q) => root.flatMap((r) => [...r.querySelectorAll(q)]);
  const shown = (e) => e.getClientRects().length > 0;
  if (kind === "field") {
    const label = all("label").find((l) => shown(l) && plain(l.textContent).startsWith(text));
    return label && (label.control || document.getElementById(label.htmlFor));
  }
  const found = all(kind === "link" ? "a[href]" : kind === "button" ? "button" : "summary").filter(shown);
  return found.find((e) => plain(e.textContent) === text) || found.find((e) => plain(e.textContent).includes(text));
}
"""


class Visitor:
    """One visitor with cookies of their own. ``width`` is that of the window, in CSS pixels."""

    def __init__(self, port: int, downloads: Path, width: int = 1280) -> None:
        from websockets.sync.client import connect

        version = json.loads(urlopen(f"http://127.0.0.1:{port}/json/version").read())
        self._stack = ExitStack()
        address = version["webSocketDebuggerUrl"]
        self._socket = self._stack.enter_context(connect(address, max_size=None))
        self._last, self._session, self.events = 0, None, []
        self.clicks = 0
        context = self.send("Target.createBrowserContext")["browserContextId"]
        self.send(
            "Browser.setDownloadBehavior", behavior="allow", browserContextId=context,
            downloadPath=str(downloads), eventsEnabled=True,
        )  # fmt: skip
        target = self.send("Target.createTarget", url="about:blank", browserContextId=context)
        attached = self.send("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")
        self.resize(width)

    def close(self) -> None:
        self._stack.close()

    # The protocol

    def send(self, method: str, **params):
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        if self._session is not None and not method.startswith(("Target.", "Browser.")):
            message["sessionId"] = self._session
        self._socket.send(json.dumps(message))
        while True:
            found = json.loads(self._socket.recv(timeout=SECONDS))
            if found.get("id") == self._last:
                assert "error" not in found, (method, found["error"])
                return found["result"]
            self.events.append(found)

    def wait(self, method: str, fits=lambda _: True):
        """The next event of the kind, also one that came meanwhile."""
        end = time.monotonic() + SECONDS
        while True:
            for at, event in enumerate(self.events):
                if event.get("method") == method and fits(event["params"]):
                    del self.events[: at + 1]
                    return event["params"]
            self.events.append(json.loads(self._socket.recv(timeout=end - time.monotonic())))

    def run(self, script: str):
        found = self.send(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    # What a person does

    def resize(self, width: int, height: int = 900) -> None:
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
            mobile=width < 600,
        )  # fmt: skip

    def open(self, address: str) -> None:
        self.events.clear()
        self.send("Page.navigate", url=address)
        self.wait("Page.loadEventFired")

    def place(self, kind: str, text: str, scope: str = "") -> tuple[float, float]:
        """The middle of what is found, brought into view."""
        script = f"""(() => {{ const e = ({FIND})({json.dumps(kind)}, {json.dumps(text)}, {json.dumps(scope)});
          if (!e) return null; e.scrollIntoView({{block: "center", behavior: "instant"}});
          const r = e.getClientRects()[0]; return [r.x + r.width / 2, r.y + r.height / 2]; }})()"""
        found = self.run(script)
        assert found, f"no {kind} {text!r} on {self.address}: {self.text()[:3000]}"
        return found

    def press(self, kind: str, text: str, scope: str = "") -> None:
        """A click that stays on the page."""
        x, y = self.place(kind, text, scope)
        for event in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=event, x=x, y=y, button="left", clickCount=1)

    def click(self, kind: str, text: str, scope: str = "") -> None:
        """A click that leads to a page."""
        self.clicks += 1
        self.events.clear()
        self.press(kind, text, scope)
        self.wait("Page.loadEventFired")

    def download(self, text: str, scope: str = "") -> Path:
        """A click on a link that gives a file."""
        self.clicks += 1
        self.events.clear()
        self.press("link", text, scope)
        name = self.wait("Browser.downloadWillBegin")["suggestedFilename"]
        self.wait("Browser.downloadProgress", lambda p: p["state"] == "completed")
        return name

    def fill(self, label: str, text: str, scope: str = "") -> None:
        """Types over what stands in the field; in a choice, picks the option of the text."""
        self.place("field", label, scope)
        field = f"({FIND})('field', {json.dumps(label)}, {json.dumps(scope)})"
        kind = self.run(f"({field}).tagName + ' ' + ({field}).type")
        if kind.startswith("SELECT"):
            picked = self.run(
                f"(() => {{ const e = {field}; const o = [...e.options].find((o) => o.text.trim() === {json.dumps(text)});"
                "if (!o) return [...e.options].map((o) => o.text); e.value = o.value; return true; })()"
            )
            assert picked is True, (label, text, picked)
        elif kind.endswith("date"):
            self.run(f"({field}).value = {json.dumps(text)}")
        elif kind.endswith("file"):
            found = self.send("Runtime.evaluate", expression=field)["result"]["objectId"]
            self.send("DOM.setFileInputFiles", files=[text], objectId=found)
        else:
            self.run(f"(() => {{ const e = {field}; e.focus(); e.select(); }})()")
            self.send("Input.insertText", text=text)

    # What a person sees

    @property
    def address(self) -> str:
        return self.run("location.href")

    @property
    def origin(self) -> str:
        return self.run("location.origin")

    def text(self, scope: str = "main") -> str:
        return self.run(f"(document.querySelector({json.dumps(scope)}) || document.body).innerText")

    def screenshot(self, path: Path) -> None:
        """The whole page."""
        found = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(found["data"]))

    def problems(self) -> list[str]:
        """Errors that the console holds."""
        return [
            event["params"]["entry"]["text"]
            for event in self.events
            if event.get("method") == "Log.entryAdded"
            and event["params"]["entry"]["level"] == "error"
        ]

    def judge(self, axe: str) -> tuple[list[str], int]:
        """What violates a rule of axe-core, whose text is given, and how many rules are kept."""
        self.send("Runtime.evaluate", expression=axe)
        violations, passes = self.run(
            "axe.run().then((r) => [r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html.slice(0, 150)).slice(0, 3).join(' | ')), r.passes.length])"
        )
        return violations, passes
