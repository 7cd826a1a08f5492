"""Events of a server of its own process that is killed and started again: none is lost, none is told twice."""

import json
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from aims_api.keys import Keys
from aims_api.store import Store

pytestmark = pytest.mark.slow

SETTINGS = "day = 2026-06-30\nallow_private_targets = true\n"
SECONDS = 120


class Service:
    """``aims-api serve`` of a workspace, and an admin who asks it."""

    def __init__(self, folder, port):
        (folder / "service.toml").write_text(SETTINGS)
        store = Store(folder)
        self.key = Keys(store).create("admin", ["admin"], read=["*"], write=["*"]).text
        store.close()
        self.folder = folder
        self.port = port
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from aims_api.cli import main; main()", "serve",
             str(self.folder), "--port", str(self.port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.said = []
        reader = threading.Thread(target=lambda: self.said.extend(self.process.stderr), daemon=True)
        reader.start()
        end = time.monotonic() + SECONDS
        while not self.is_ready():
            assert self.process.poll() is None, b"".join(self.said)
            assert time.monotonic() < end
            time.sleep(0.1)

    def is_ready(self):
        try:
            return self.ask("/readyz")["status"] == "ready"
        except (OSError, urllib.error.HTTPError):
            return False

    def request(self, path, content=None, **headers):
        body = None if content is None else json.dumps(content).encode()
        own = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        return urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", body, {**own, **headers}
        )

    def ask(self, path, content=None):
        with urllib.request.urlopen(self.request(path, content), timeout=SECONDS) as answer:
            return json.loads(answer.read())

    def stream(self, last=None):
        headers = {} if last is None else {"Last-Event-ID": last}
        return urllib.request.urlopen(self.request("/events", **headers), timeout=SECONDS)

    def write(self, label):
        return self.ask("/systems?reason=x", {"label": label, "types": ["AISystem"]})["entry"]

    def fingerprints(self, entry):
        found = self.ask(f"/findings?limit=500&after={entry}")["findings"]
        return {finding["fingerprint"] for finding in found}

    def kill(self, how=signal.SIGKILL):
        self.process.send_signal(how)
        return self.process.wait(timeout=SECONDS)


class Receiver(ThreadingHTTPServer):
    """Keeps what it gets; answers only when ``open`` is set."""

    def __init__(self):
        self.got, self.open = [], threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def wait(self, count):
        end = time.monotonic() + SECONDS
        while len(self.got) < count:
            assert time.monotonic() < end, self.got
            time.sleep(0.05)
        return self.got


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.headers["Aims-Delivery"], json.loads(body)))
        self.server.open.wait(SECONDS)
        try:
            self.send_response(200)
            self.end_headers()
        except OSError:
            pass  # who asked is gone

    def log_message(self, *_):
        pass


@pytest.fixture
def service(workspace, free_port):
    found = Service(workspace.path, free_port)
    yield found
    found.kill()


@pytest.fixture
def receiver():
    found = Receiver()
    yield found
    found.open.set()
    found.shutdown()
    found.server_close()


def events_of(stream, most, seconds=SECONDS):
    """``most`` events as (id, kind, data); beginnings without data are passed over."""
    found, fields = [], {}
    end = time.monotonic() + seconds
    for line in iter(stream.readline, b""):
        assert time.monotonic() < end, found
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name:
            fields[name] = value
        elif "data" in fields:
            found.append((fields["id"], fields["event"], json.loads(fields["data"])))
            fields = {}
            if len(found) == most:
                break
    return found


def test_a_finding_whose_delivery_was_under_way_is_delivered_after_a_kill(service, receiver):
    url = f"http://127.0.0.1:{receiver.server_port}/hook"
    hook = service.ask("/webhooks", {"url": url})["id"]
    entry = service.write("Bot")
    ((first, told),) = receiver.wait(1)
    assert told["entry"] == entry
    service.kill()
    receiver.open.set()
    service.start()
    again = receiver.wait(2)[1]
    assert again == (first, told)
    end = time.monotonic() + SECONDS
    while service.ask(f"/webhooks/{hook}/deliveries")[0]["state"] != "delivered":
        assert time.monotonic() < end
        time.sleep(0.1)
    assert len(receiver.got) == 2


@pytest.mark.parametrize("pause", [0, 0.2])
def test_what_was_written_just_before_a_kill_is_delivered_after_it(service, receiver, pause):
    """Whether the evaluation was made by then or not."""
    receiver.open.set()
    service.ask("/webhooks", {"url": f"http://127.0.0.1:{receiver.server_port}/hook"})
    before = service.fingerprints(0)
    entry = service.write("Bot")
    time.sleep(pause)
    service.kill()
    service.start()
    expected = service.fingerprints(entry) - before
    told = [event for _, body in receiver.wait(1) for event in body["events"]]
    assert {event["finding"]["fingerprint"] for event in told} == expected
    assert {event["event"] for event in told} == {"finding.appeared"}


def test_a_listener_hears_every_event_once_over_a_kill_and_what_came_meanwhile(service, tell):
    before = service.fingerprints(0)
    with service.stream() as stream:
        assert stream.readline() == b"retry: 3000\n"
        entry = service.write("Bot")
        first = service.fingerprints(entry) - before
        heard = events_of(stream, len(first) // 2)
    service.kill()
    entry = tell("ex:second a aims:AISystem .")
    service.start()
    expected = service.fingerprints(entry) - before
    with service.stream(last=heard[-1][0]) as stream:
        heard += events_of(stream, len(expected) - len(heard))
        entry = service.write("Third")
        expected = service.fingerprints(entry) - before
        heard += events_of(stream, len(expected) - len(heard))
    numbers = [int(place.partition(".")[2]) for place, _, _ in heard]
    assert numbers == list(range(1, len(expected) + 1))
    assert {kind for _, kind, _ in heard} == {"finding.appeared"}
    assert {data["finding"]["fingerprint"] for _, _, data in heard} == expected
    with service.stream(last="0a1b2c3d4e5f.3") as stream:
        assert events_of(stream, 1)[0][1] == "events.missed"


def test_an_open_stream_does_not_keep_the_service_from_ending(service):
    with service.stream() as stream:
        stream.readline()
        assert service.kill(signal.SIGTERM) in (0, -signal.SIGTERM)
        assert events_of(stream, 1) == []
    said = b"".join(service.said).decode()
    assert service.key not in said
    assert "Traceback" not in said
    assert "cancel" not in said.lower()


def test_a_revoked_key_ends_its_stream(service):
    listener = service.ask("/keys", {"name": "l", "roles": ["reader"], "read": ["*"]})
    request = service.request("/events", Authorization=f"Bearer {listener['key']}")
    with urllib.request.urlopen(request, timeout=SECONDS) as stream:
        stream.readline()
        revoke = service.request(f"/keys/{listener['id']}")
        revoke.method = "DELETE"
        urllib.request.urlopen(revoke, timeout=SECONDS).close()
        service.write("Bot")
        stream.read()  # to its end
