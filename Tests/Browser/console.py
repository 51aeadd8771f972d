"""The console as its users have it: a browser, a running Pullcord, an API and a receiver."""

import http.server
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser, Failure  # noqa: E402


class Surroundings(http.server.ThreadingHTTPServer):
    """The API that is polled and the receiver of the webhooks, on one port."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.orders = [{"id": number, "total": 10 * number, "status": "new"} for number in (1, 2)]
        self.received = []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(json.dumps(self.server.orders).encode())

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.received.append(self.headers["webhook-id"])
        self.answer(b'{"thanks": "<img src=x onerror=alert(1)>"}')

    def answer(self, body):
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Pullcord:
    """The program with three sources and a subscription; knows where its console is."""

    def __init__(self, program, port, folder, tokens=""):
        os.makedirs(f"{folder}/adapters", exist_ok=True)
        with open(f"{folder}/adapters/shop.yaml", "w") as file:
            file.write(
                f'adapter: shop\nbase_url: "http://127.0.0.1:{port}"\n'
                "streams: { orders: { request: /orders, records: ., key: .id, keep: record } }\n")
        with open(f"{folder}/pullcord.yaml", "w") as file:
            file.write(f"""
store: sqlite:store.db
network: {{ allow: [loopback] }}
secrets: {{ key_file: key }}
api: {{ listen: "127.0.0.1:0" {tokens} }}
sources:
  - {{ name: shop, adapter: shop, every: 1s, jitter: 0s }}
  - {{ name: depot, adapter: shop, every: 1h }}
  - {{ name: market, adapter: shop, every: 1h }}
subscriptions:
  - name: billing
    url: "http://127.0.0.1:{port}/hook"
    secret: "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    sources: [shop]
""")
        key = subprocess.run([program, "secrets", "key"], capture_output=True, check=True).stdout
        descriptor = os.open(f"{folder}/key", os.O_WRONLY | os.O_CREAT, 0o600)
        os.write(descriptor, key)
        os.close(descriptor)
        self.log = f"{folder}/log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [program, "run", "--config", f"{folder}/pullcord.yaml"], stdout=log, stderr=log,
                env={"PATH": os.environ["PATH"], "TOKEN": TOKEN})
        self.url = f"http://127.0.0.1:{self.port()}/"

    def port(self):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with open(self.log) as log:
                text = log.read()
            found = re.search(r"api[\"=: ]+127\.0\.0\.1:(\d+)", text)
            if found:
                return int(found.group(1))
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise Failure(f"pullcord did not listen:\n{text}")

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=30)


TOKEN = "pct_for-the-test-of-the-console-0123456789"


def steers_and_shows(page, pullcord, world):
    page.open(pullcord.url)
    page.see("#connection", "live")
    for name in ("shop", "depot", "market"):
        page.see("#sources-rows a", name)
    page.see("#endpoints-rows", "billing")
    page.see("#sources-rows", "2")

    # An event comes live, and is opened.
    world.orders[0] = {"id": 1, "total": 11, "status": "<b>paid</b>"}
    page.see("#events-rows li", "1")
    page.see("#events-rows .tally", "delivered")
    page.click("#events-rows a")
    page.see("#details .diff ins", "<b>paid</b>")
    page.see("#details .attempt summary", "200")
    page.see("#details .request", "POST http://127.0.0.1")
    if page.run("document.querySelector('#details b b, #details img') !== null"):
        raise Failure("text of the API became markup")

    # It is replayed: the receiver has it a second time.
    first = list(world.received)
    page.key("r")
    page.wait("document.querySelectorAll('#details .entry').length === 2", "a second delivery")
    end = time.monotonic() + 20
    while world.received[len(first):] != first[:1]:
        if time.monotonic() > end:
            raise Failure(f"not replayed: {first} became {world.received}")
        time.sleep(0.05)
    page.key("Escape")
    page.wait("!document.querySelector('dialog[open]') && location.hash === ''", "a closed drawer")

    # A source is paused with the keyboard, and goes on.
    page.key("s")
    page.run("document.querySelector('[data-key=shop] a').focus()")
    page.key("u")
    page.see("[data-key=shop] .state", "paused")
    page.click("[data-key=shop] button", "Resume")
    page.see("[data-key=shop] .state", "healthy")
    page.key("?")
    page.see("#help", "search sources")
    page.key("Escape")

    # The server searches.
    page.key("/")
    page.type("dep")
    page.wait("document.querySelectorAll('#sources-rows tr').length === 1", "one source found")


def lets_in_with_a_token(page, pullcord, world):
    page.open(pullcord.url)
    page.see("#login", "Log in")
    page.run("document.getElementById('login-token').value = 'pct_wrong'")
    page.click("#login button", "Log in")
    page.see("#login-problem", "no such token")
    # The refusals that the browser wrote down were asked for.
    page.complaints = [text for text in page.complaints if "401" not in text]
    page.run("document.getElementById('login-token').value = ''")
    page.run("document.getElementById('login-token').focus()")
    page.type(TOKEN)
    page.key("Enter")
    page.see("#sources-rows a", "shop")
    page.see("#who", "token ops")
    if page.run("document.cookie"):
        raise Failure("scripts can read the session's cookie")
    page.click("[data-key=depot] button", "Pause")
    page.see("[data-key=depot] .state", "paused")
    page.call("Page.reload")
    page.see("#sources-rows a", "shop")
    page.click("#log-out")
    page.see("#login", "Log in")
    page.complaints = [text for text in page.complaints if "401" not in text]


def makes_an_endpoint(page, pullcord, world):
    page.open(pullcord.url)
    page.see("#login", "Log in")
    page.run("document.getElementById('login-token').focus()")
    page.type(TOKEN)
    page.key("Enter")
    page.see("#endpoints-rows", "billing")
    page.click("#new-endpoint")
    for field, text in (("name", "audit"), ("url", f"http://127.0.0.1:{world.server_port}/audit"),
                        ("events", "*.updated"), ("sources", "shop")):
        page.run(f"document.getElementById('new-{field}').focus()")
        page.type(text)
    page.click("#endpoint-form button", "Make it")
    page.see("#endpoints-rows", "audit")
    page.click("#endpoints-rows a", "audit")
    page.see("#details .facts", "*.updated")
    page.click("#details button", "Send a test")
    page.see("#toast", "answered 200")


def fits_a_phone(page, pullcord, world):
    page.shape(390, 844, "dark")
    page.open(pullcord.url)
    page.see("#sources-rows a", "shop")
    for view in ("endpoints", "events", "sources"):
        page.click(f"[data-show={view}]")
        width = page.run("document.documentElement.scrollWidth")
        if width > 390:
            raise Failure(f"{view} is {width} pixels wide")
    page.click("#sources-rows a", "shop")
    page.see("#details-title", "shop")
    width = page.run("document.getElementById('details').scrollWidth")
    if width > 390:
        raise Failure(f"the drawer is {width} pixels wide")


def main(program, case):
    world = Surroundings()
    scope = {lets_in_with_a_token: "operate", makes_an_endpoint: "admin"}.get(case)
    tokens = f', tokens: [{{ name: ops, scope: {scope}, token: "${{env.TOKEN}}" }}]' if scope else ""
    with tempfile.TemporaryDirectory(prefix="pullcord-console-") as folder:
        pullcord = Pullcord(
            program, world.server_port, folder, tokens)
        try:
            page = Browser()
            try:
                case(page, pullcord, world)
                if page.complaints:
                    raise Failure(f"the browser complains: {page.complaints}")
            finally:
                page.close()
        finally:
            pullcord.close()


if __name__ == "__main__":
    try:
        main(sys.argv[1], globals()[sys.argv[2]])
    except Failure as failure:
        sys.exit(str(failure))
