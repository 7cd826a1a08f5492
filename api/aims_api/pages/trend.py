"""How the state developed, as a picture and as a table that says the same."""

import time
from dataclasses import dataclass, replace
from typing import Annotated, Final, get_args

from fastapi import Query, Response

from aims_api.pages.rendering import Visit, Visiting, page_router, render
from aims_api.routes import trend
from aims_api.routes.trend import By, Point
from aims_graph.assessment import SEVERITIES

router = page_router()
#: CSS class -> colour, which pictures outside of a page need as an attribute.
_COLOURS: Final = {
    "met": "#1b6e2e", "unknown": "#7a5c00", "not-met": "#a11a0c",
    "violation": "#a11a0c", "warning": "#7a5c00", "info": "#5a6572",
}  # fmt: skip
_HEIGHT: Final = 160
_SMALL: Final = 6
#: A point judges all of the record anew: nobody waits longer than this for them, and for the one under way.
SECONDS = 4.0
_AT_ONCE: Final = 2
_STEP: Final = 76
#: Width of a bar, and from which height its number has room in it.
_BAR: Final = 46
_ROOM: Final = 14
#: State -> colour, as they stand on each other.
STATES: Final = tuple(
    (name, _COLOURS[name.replace(" ", "-")]) for name in ("met", "unknown", "not met")
)


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    height: float
    colour: str
    title: str
    number: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars on top of each other, one pile a point; lengths in pixels."""

    title: str
    width: int
    height: int
    top: int
    bars: list[Bar]
    labels: list[tuple[float, str]]
    legend: list[tuple[str, str]]
    bar: int = _BAR


@router.get("/trend")
def trend_page(
    visit: Visiting,
    by: By = "months",
    points: Annotated[int, Query(ge=1, le=24)] = 12,
) -> Response:
    found, more = _points(visit, by, points)
    return visit.show(
        "trend.html",
        "Trend",
        by=by,
        choices=get_args(By),
        count=points,
        points=found,
        more=more,
        severities=SEVERITIES,
        charts=[_states(found), _findings(found)],
    )


@router.get("/trend.svg")
def trend_picture(visit: Visiting) -> Response:
    """Small, of the last six months: the overview shows it without waiting for it."""
    found, _ = _points(visit, "months", _SMALL)
    chart = replace(_states(found), width=50 + _STEP * _SMALL)
    text = render("trend.svg", chart=chart)
    return Response(text, media_type="image/svg+xml")


def _points(visit: Visit, by: By, wanted: int) -> tuple[list[Point], bool]:
    """The newest points that are there in ``SECONDS``, and whether there may be more. Those of one view are
    kept, so the next one goes on from there.
    """
    end = time.monotonic() + SECONDS
    found: list[Point] = []
    for asked in range(_AT_ONCE, wanted + _AT_ONCE, _AT_ONCE):
        number = min(asked, wanted)
        found = trend.trend(visit.core, visit.caller, visit.snapshot.day, 7, number, by)
        if len(found) < number:
            return found, False
        if time.monotonic() > end:
            return found, number < wanted
    return found, False


def _states(points: list[Point]) -> Chart:
    rows = [{"met": p.met, "unknown": p.unknown, "not met": p.not_met} for p in points]
    return _chart("Requirements by state", points, rows)


def _findings(points: list[Point]) -> Chart:
    rows = [{name: p.by_severity[name] for name in SEVERITIES} for p in points]
    return _chart("Open findings by severity", points, rows)


def _chart(title: str, points: list[Point], rows: list[dict[str, int]]) -> Chart:
    top = max((sum(row.values()) for row in rows), default=0)
    bars = []
    for index, (point, row) in enumerate(zip(points, rows, strict=True)):
        base = float(_HEIGHT)
        for name, number in row.items():
            height = _HEIGHT * number / top if top else 0.0
            base -= height
            colour = _COLOURS[name.replace(" ", "-")]
            bars.append(
                Bar(
                    index * _STEP + 50.0,
                    base,
                    height,
                    colour,
                    f"{point.day}: {number} {name}",
                    str(number) if height >= _ROOM else "",
                )
            )
    return Chart(
        title,
        width=50 + _STEP * max(1, len(points)),
        height=_HEIGHT,
        top=top,
        bars=bars,
        labels=[
            (i * _STEP + 50.0 + _BAR / 2, point.day.isoformat()) for i, point in enumerate(points)
        ],
        legend=[(name, _COLOURS[name.replace(" ", "-")]) for name in (rows[0] if rows else ())],
    )
