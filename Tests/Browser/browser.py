"""Drives a headless Chromium through its DevTools protocol, over two pipes: no port, no package."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time


class Failure(Exception):
    """What the page should have shown or done, and did not."""


class Browser:
    """One browser with one page; what the page complains of is in `complaints`."""

    def __init__(self, width=1440, height=900, scheme="light"):
        self.folder = tempfile.mkdtemp(prefix="pullcord-browser-")
        to_browser, self.writing = os.pipe()
        self.reading, from_browser = os.pipe()

        def wire():
            # The browser reads from 3 and writes to 4; neither end may be one of these itself.
            ends = os.dup(to_browser), os.dup(from_browser)
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-dev-shm-usage", "--disable-background-networking",
             "--disable-component-update", "--force-color-profile=srgb",
             "--remote-debugging-pipe", f"--user-data-dir={self.folder}", "about:blank"],
            preexec_fn=wire, close_fds=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.buffer = b""
        self.number = 0
        self.session = None
        self.complaints = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
            self.call(f"{domain}.enable")
        self.shape(width, height, scheme)

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=10)
        os.close(self.writing)
        os.close(self.reading)
        shutil.rmtree(self.folder, ignore_errors=True)

    def shape(self, width, height, scheme="light", motion="no-preference"):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1 if width > 600 else 2, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": motion}])

    # The protocol

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.writing, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise Failure(f"{method}: {answer['error']}")
                return answer["result"]

    def receive(self):
        while b"\0" not in self.buffer:
            got = os.read(self.reading, 1 << 20)
            if not got:
                raise Failure("the browser has gone")
            self.buffer += got
        text, self.buffer = self.buffer.split(b"\0", 1)
        message = json.loads(text)
        self.note(message.get("method"), message.get("params", {}))
        return message

    def note(self, method, told):
        """Keeps what a developer would see in red."""
        if method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(told["exceptionDetails"])[:600])
        elif method == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning", "assert"):
            self.complaints.append(json.dumps(told["args"])[:600])
        elif method == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
            entry = told["entry"]
            self.complaints.append(f"{entry['text']} {entry.get('url', '')}")
        elif method == "Audits.issueAdded" and "ContentSecurityPolicy" in told["issue"]["code"]:
            self.complaints.append(json.dumps(told["issue"])[:600])

    # What a user does and sees

    def open(self, url):
        self.call("Page.navigate", url=url)

    def run(self, script):
        """The value of an expression; promises are waited for."""
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True,
                           returnByValue=True)
        if "exceptionDetails" in result:
            raise Failure(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def wait(self, script, what, seconds=20):
        """Until an expression is true; `what` names it where it never is."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                value = self.run(script)
            except Failure:
                value = None
            if value:
                return value
            time.sleep(0.05)
        text = self.run("document.body.innerText")
        raise Failure(f"never: {what}. The page says:\n{text[:3000]}\n{self.complaints}")

    def see(self, selector, text, seconds=20):
        """Until an element that is shown holds the text."""
        wanted = json.dumps(text)
        return self.wait(
            f"[...document.querySelectorAll({json.dumps(selector)})].some(e => "
            f"e.checkVisibility() && e.textContent.includes({wanted}))",
            f"{selector} with {text!r}", seconds)

    def click(self, selector, text=""):
        """A real click in the middle of the first element that fits."""
        place = self.wait(
            f"(() => {{ const e = [...document.querySelectorAll({json.dumps(selector)})].find(e => "
            f"e.checkVisibility() && e.textContent.includes({json.dumps(text)})); if (!e) return null; "
            "e.scrollIntoView({block: 'nearest'}); const r = e.getBoundingClientRect(); "
            "return [r.x + r.width / 2, r.y + r.height / 2]; })()", f"{selector} {text!r} to click")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1],
                      button="left", clickCount=1)

    def key(self, key):
        code = {"Escape": 27, "Enter": 13, "Tab": 9}.get(key, ord(key[0].upper()))
        text = {"Enter": "\r", "Escape": "", "Tab": ""}.get(key, key)
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, text=text,
                  windowsVirtualKeyCode=code)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def type(self, text):
        self.call("Input.insertText", text=text)

    def shot(self, path):
        data = self.call("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))
