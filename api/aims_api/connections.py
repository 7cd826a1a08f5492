"""HTTP/1.1 as uvicorn speaks it, and an end to requests that are too long or too slow to be meant.

The parser keeps what there is of a head until it is whole, at a cost that grows with its square; and nothing
ends a connection that sends a byte now and then.
"""

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: Bytes of a request line and its headers; reads are added up as they come, so a little more may pass.
MOST_HEAD: Final = 64 * 1024
#: How often a connection is looked at.
SECONDS = 15.0
#: Bytes of a body that have to come between two looks, unless it is us who does not read.
LEAST: Final = 8 * 1024
_TOO_LONG: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)


class Connection(HttpToolsProtocol):
    _in_head = True
    _head = 0
    _received = 0
    _was_waiting = False
    _is_full = _has_read = False
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        super().connection_made(transport)
        self._timer = self.loop.call_later(SECONDS, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        began_in_head = self._in_head
        super().data_received(data)
        if began_in_head and self._in_head:
            self._head += len(data)
            if self._head > MOST_HEAD and not self.transport.is_closing():
                self.transport.write(_TOO_LONG)
                self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head = True, 0

    def on_headers_complete(self) -> None:
        self._in_head = self._was_waiting = False
        super().on_headers_complete()

    def _look(self) -> None:
        if self._is_idle() or self._is_slow() or self._reads_nothing():
            self.transport.abort()  # without waiting for what it has still to read
            return
        self._received = 0
        self._timer = self.loop.call_later(SECONDS, self._look)

    def resume_writing(self) -> None:
        self._has_read = True
        super().resume_writing()

    def _reads_nothing(self) -> bool:
        """Whether an answer has waited for it since the last look."""
        before = self._is_full and not self._has_read
        self._is_full, self._has_read = self.flow.write_paused, False
        return before and self._is_full

    def _is_idle(self) -> bool:
        """Whether it has waited for a whole head since the last look."""
        before, cycle = self._was_waiting, self.cycle
        self._was_waiting = cycle is None or cycle.response_complete
        return before and self._was_waiting

    def _is_slow(self) -> bool:
        """Whether it owes us a body that does not come."""
        cycle = self.cycle
        if cycle is None or cycle.response_complete or not cycle.more_body:
            return False
        ours = self.flow.read_paused or cycle.waiting_for_100_continue
        return not ours and self._received < LEAST
