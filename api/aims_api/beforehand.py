"""What nearly everybody asks, worked out of the first evaluation before anybody sees it: when many ask at once, each
would have to wait for all of it.
"""

from aims_api.evaluation import Snapshot
from aims_api.routes.status import gaps_by, state_of
from aims_api.selecting import SORTS, ordered, places_of
from aims_api.things import KINDS, keys
from aims_graph.report.gaps import GROUPINGS


def work_out(snapshot: Snapshot) -> None:
    state_of(snapshot)
    places_of(snapshot)
    for sort in SORTS:
        ordered(snapshot, sort)
    for by in GROUPINGS:
        gaps_by(snapshot, by)
    for kind in KINDS:
        keys(snapshot, kind)
