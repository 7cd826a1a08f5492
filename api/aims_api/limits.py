"""How often a caller may ask: a token bucket each."""

import threading
import time
from typing import Final

from aims_api.problems import ProblemError

_MOST: Final = 10_000


class RateLimit:
    """``rate`` requests a second, ``burst`` at once."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate, self._burst = rate, float(burst)
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, caller: str) -> None:
        """Raises ProblemError 429 with the seconds to wait."""
        now = time.monotonic()
        with self._lock:
            if len(self._buckets) >= _MOST:
                self._forget(now)
            left, since = self._buckets.get(caller, (self._burst, now))
            left = min(self._burst, left + (now - since) * self._rate)
            allowed = left >= 1
            self._buckets[caller] = (left - 1 if allowed else left, now)
        if not allowed:
            wait = max(1, round((1 - left) / self._rate))
            raise ProblemError(
                429, "rate-limited", f"wait {wait} s", headers={"Retry-After": str(wait)}
            )

    def _forget(self, now: float) -> None:
        """Full buckets say nothing that a new one would not."""
        full = self._burst / self._rate
        kept = {name: at for name, at in self._buckets.items() if now - at[1] < full}
        self._buckets = kept if len(kept) < _MOST else {}
