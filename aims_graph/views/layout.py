"""Where the boxes and lines of a layered picture stand: lanes from left to right, few crossings, no overlap.

The layered method of Sugiyama, Tagawa and Toda (1981): long lines get a waypoint in every lane they cross,
lanes are ordered by the mean of their neighbours, heights by least squares under that order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import networkx as nx

from aims_graph.views.folding import Box, Line

_SWEEPS = 8
_WAYPOINT_HEIGHT = 7.0
_GAP = 12.0


@dataclass(slots=True, eq=False)
class Place:
    """``y`` is the middle. ``key`` is None for a waypoint of a line."""

    lane: int
    height: float
    key: str | None
    y: float = 0.0
    order: float = 0.0
    before: list["Place"] = field(default_factory=list)
    after: list["Place"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Route:
    """A line with the places it goes through, from its source to its target."""

    line: Line
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """``lanes``: the column each lane belongs to, left to right; ``top`` and ``bottom`` bound all boxes."""

    lanes: tuple[int, ...]
    places: Mapping[str, Place]
    routes: tuple[Route, ...]
    top: float
    bottom: float


def arrange(
    boxes: Sequence[Box], found: Sequence[Line], heights: Mapping[str, float], lanes_a_column: int
) -> Layout:
    """A column with lines between its own boxes gets up to ``lanes_a_column`` lanes."""
    lanes, lane_of = _lanes(boxes, found, lanes_a_column)
    places = {box.key: Place(lane_of[box.key], heights[box.key], box.key) for box in boxes}
    waypoints: dict[tuple[str, bool, bool, int], Place] = {}
    routes = [_route(line, places, waypoints) for line in found]
    by_lane: list[list[Place]] = [[] for _ in lanes]
    for place in (*places.values(), *waypoints.values()):
        place.order = float(len(by_lane[place.lane]))
        by_lane[place.lane].append(place)
    _order(by_lane)
    _set_heights(by_lane)
    every = [place for lane in by_lane for place in lane]
    return Layout(
        tuple(lanes),
        places,
        tuple(routes),
        min(place.y - place.height / 2 for place in every),
        max(place.y + place.height / 2 for place in every),
    )


def _lanes(
    boxes: Sequence[Box], found: Sequence[Line], most: int
) -> tuple[list[int], dict[str, int]]:
    """Columns by lane, and the lane of each box: inside a column by the longest way to it."""
    column = {box.key: box.column for box in boxes}
    lanes: list[int] = []
    lane_of: dict[str, int] = {}
    for number in sorted(set(column.values())):
        inside: nx.DiGraph[str] = nx.DiGraph()
        inside.add_nodes_from(key for key, of in column.items() if of == number)
        inside.add_edges_from(
            (line.source, line.target)
            for line in found
            if column[line.source] == column[line.target] == number
        )
        whole = nx.condensation(inside)
        used = 0
        for depth, components in enumerate(nx.topological_generations(whole)):
            for component in components:
                for key in whole.nodes[component]["members"]:
                    lane_of[key] = len(lanes) + min(depth, most - 1)
                    used = max(used, min(depth, most - 1) + 1)
        lanes += [number] * used
    return lanes, lane_of


def _route(
    line: Line, places: Mapping[str, Place], waypoints: dict[tuple[str, bool, bool, int], Place]
) -> Route:
    """Lines of one source share waypoints, as do quiet lines to one target: they run together.

    A line that runs back has waypoints too, so that it leads past the boxes between its ends.
    """
    source, target = places[line.source], places[line.target]
    first, last = sorted((source, target), key=lambda place: place.lane)
    back = first is not source
    shared = line.target if line.quiet else line.source
    waypoints_on_it = [
        waypoints.setdefault((shared, line.quiet, back, lane), Place(lane, _WAYPOINT_HEIGHT, None))
        for lane in range(first.lane + 1, last.lane)
    ]
    way = [first, *waypoints_on_it, last]
    if last.lane > first.lane:
        for left, right in pairwise(way):
            if right not in left.after:
                left.after.append(right)
                right.before.append(left)
    return Route(line, tuple(way[::-1] if back else way))


def _order(by_lane: list[list[Place]]) -> None:
    for sweep in range(_SWEEPS):
        forwards = sweep % 2 == 0
        for lane in by_lane if forwards else by_lane[::-1]:
            mean = {}
            for place in lane:
                near = place.before if forwards else place.after
                near = near or (place.after if forwards else place.before)
                count = len(near)
                mean[id(place)] = (
                    sum(n.order / max(1, len(by_lane[n.lane]) - 1) for n in near) / count
                    if count
                    else place.order / max(1, len(lane) - 1)
                )
            lane.sort(key=lambda place: (mean[id(place)], place.order))
            for index, place in enumerate(lane):
                place.order = float(index)


def _set_heights(by_lane: list[list[Place]]) -> None:
    for lane in by_lane:
        _settle(lane, [0.0] * len(lane))
    for sweep in range(_SWEEPS):
        for lane in by_lane if sweep % 2 else by_lane[::-1]:
            wanted = []
            for place in lane:
                near = [*place.before, *place.after]
                wanted.append(sum(n.y for n in near) / len(near) if near else place.y)
            _settle(lane, wanted)


def _settle(lane: list[Place], wanted: list[float]) -> None:
    """Heights nearest to those wanted, in order and without overlap (pooling of adjacent violators)."""
    offsets, below = [], 0.0
    for place in lane:
        offsets.append(below + place.height / 2)
        below += place.height + (_GAP if place.key else _GAP / 2)
    pools: list[tuple[float, int]] = []
    for value, offset in zip(wanted, offsets, strict=True):
        total, count = value - offset, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            last_total, last_count = pools.pop()
            total, count = total + last_total, count + last_count
        pools.append((total, count))
    starts = [total / count for total, count in pools for _ in range(count)]
    for place, start, offset in zip(lane, starts, offsets, strict=True):
        place.y = start + offset
