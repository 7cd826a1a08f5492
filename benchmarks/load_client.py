"""A light HTTP/1.1 client for load: keep-alive connections on raw sockets, one request at a time each.

Run by ``api_load.py`` as a process of its own: reads a plan as JSON from standard input, writes times.
"""

import asyncio
import json
import random
import re
import sys
import time
from collections import defaultdict
from typing import Any

try:
    import uvloop
except ImportError:  # as fast as it gets without
    uvloop = None

#: How long each request of a route took (seconds), by route.
Times = dict[str, list[float]]
_NEXT = re.compile(rb'"next": "([\w-]+)"')
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Connection(asyncio.Protocol):
    """Answers of a length that is said, or in chunks."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._end: int | None = None
        self._head = 0
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def ask(self, request: bytes) -> "asyncio.Future[tuple[int, bytes]]":
        """Status and body."""
        self._data.clear()
        self._end, self._head = None, 0
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self._head:
            self._head = self._data.find(b"\r\n\r\n") + 4
            if self._head < 4:
                self._head = 0
                return
            length = _LENGTH.search(self._data, 0, self._head)
            if length is not None:
                self._end = self._head + int(length[1])
            elif self._data[9:12] in (b"204", b"304"):
                self._end = self._head
        complete = (
            self._data.endswith(b"\r\n0\r\n\r\n") or self._data[self._head :] == b"0\r\n\r\n"
            if self._end is None
            else len(self._data) >= self._end
        )
        if complete and self._answer is not None and not self._answer.done():
            self._answer.set_result((int(self._data[9:12]), bytes(self._data[self._head :])))

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionError("closed"))


class Load:
    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.times: Times = defaultdict(list)
        self.statuses: dict[int, int] = defaultdict(int)
        self.end = 0.0
        #: Seconds between two requests of a connection; 0: the next one at once.
        rate = plan.get("rate") or 0
        self.pause = plan["connections"] / rate if rate else 0.0

    async def connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(Connection, "127.0.0.1", self.plan["port"])
        return connection

    async def read(self, number: int) -> None:
        """One connection: requests of the plan in random order, by weight; lists are paged through."""
        draw = random.Random(number)
        keys = self.plan["keys"]
        head = f"Host: 127.0.0.1\r\nAuthorization: Bearer {keys[number % len(keys)]}\r\n\r\n"
        routes = self.plan["routes"]
        weights = [route["weight"] for route in routes]
        connection = await self.connect()
        await asyncio.sleep(draw.random() * max(self.pause, 0.2))
        more: bytes | None = None
        while time.perf_counter() < self.end:
            (route,) = draw.choices(routes, weights)
            path = draw.choice(route["paths"])
            if route["name"] == "findings, next page" and more is not None:
                path = f"/findings?cursor={more.decode()}"
            request = f"GET {path} HTTP/1.1\r\n{head}".encode()
            start = time.perf_counter()
            status, body = await connection.ask(request)
            self.times[route["name"]].append(time.perf_counter() - start)
            self.statuses[status] += 1
            if status != 200:
                self.times["refused"].append(0.0)
            if path.startswith("/findings?") and route["name"] == "findings":
                found = _NEXT.search(body)
                more = found[1] if found and "&" not in path else more
            if self.pause:
                await asyncio.sleep(self.pause * (0.5 + draw.random()))

    async def write(self) -> None:
        """One record changed after another, at the pace of the plan."""
        writer = self.plan["writer"]
        connection = await self.connect()
        number = 0
        while time.perf_counter() < self.end:
            number += 1
            body = json.dumps({"properties": {"intendedUse": f"Use {number} {time.time()}"}})
            request = (
                f"PATCH {writer['path']}?reason=load HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                f"Authorization: Bearer {writer['key']}\r\nIf-Match: *\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
            ).encode()
            start = time.perf_counter()
            status, answer = await connection.ask(request)
            self.times["write"].append(time.perf_counter() - start)
            if status != 200:
                raise RuntimeError(answer.decode())
            await asyncio.sleep(writer["every"])

    async def run(self) -> None:
        self.end = time.perf_counter() + self.plan["seconds"]
        tasks = [self.read(number) for number in range(self.plan["connections"])]
        if "writer" in self.plan:
            tasks.append(self.write())
        await asyncio.gather(*tasks)


def main() -> None:
    load = Load(json.load(sys.stdin))
    cpu = time.process_time()
    if uvloop is None:
        asyncio.run(load.run())
    else:
        uvloop.run(load.run())
    found = {
        "times": load.times,
        "statuses": load.statuses,
        "cpu": time.process_time() - cpu,
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
