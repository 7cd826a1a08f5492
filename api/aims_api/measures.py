"""What Prometheus may scrape: counts and times by route template, never by address or caller."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Measures:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "aims_requests_total",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "aims_request_seconds",
            "Time to the first byte of the answer.",
            ("route",),
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.entry = Gauge(
            "aims_evaluated_entry", "Journal entry of the evaluation.", registry=self.registry
        )
        self.findings = Gauge(
            "aims_findings", "Findings of the whole workspace.", registry=self.registry
        )
        self.evaluation_seconds = Gauge(
            "aims_evaluation_seconds", "Time the last evaluation took.", registry=self.registry
        )
        self.deliveries = Counter(
            "aims_webhook_deliveries_total",
            "Attempts to deliver an event.",
            ("outcome",),
            registry=self.registry,
        )
