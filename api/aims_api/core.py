"""The parts that the routes of one service share."""

from collections import Counter
from typing import Final

from anyio import CapacityLimiter

from aims_api.delivery import Courier
from aims_api.events import Feeds
from aims_api.evidence import EvidenceFiles
from aims_api.issuer import Issuer
from aims_api.keys import Keys
from aims_api.limits import RateLimit
from aims_api.measures import Measures
from aims_api.questions import Questions
from aims_api.rules import RulesInForce
from aims_api.settings import Settings
from aims_api.sign_ins import SignIns
from aims_api.snapshots import Snapshots
from aims_api.store import Store
from aims_api.tokens import Tokens
from aims_graph.sparql.limits import Limits
from aims_graph.workspace import Workspace

_ASKING: Final = 16


class Core:
    def __init__(self, workspace: Workspace, settings: Settings) -> None:
        self.workspace = workspace
        self.settings = settings
        self.measures = Measures()
        self.store = Store(workspace.path)
        self.keys = Keys(self.store)
        self.tokens: Tokens | None = None
        self.sign_ins: SignIns | None = None
        if settings.oidc is not None:
            issuer = Issuer(settings.oidc)
            self.tokens = Tokens(settings.oidc, issuer)
            if settings.oidc.client_id:
                self.sign_ins = SignIns(settings.oidc, issuer, self.tokens, self.store)
        self.limit = RateLimit(settings.rate, settings.burst)
        self.anonymous_limit = RateLimit(settings.anonymous_rate, settings.anonymous_burst)
        self.evidence = EvidenceFiles(workspace.path, self.store)
        self.rules = RulesInForce(workspace)
        #: Caller -> the last entry of theirs, so that they are not shown what was before it.
        self.written: dict[str, int] = {}
        #: Caller -> streams of events that are open.
        self.listening: Counter[str] = Counter()
        #: Graphs and entry -> whether the entry changed something in the graphs.
        self.touched: dict[tuple[tuple[str, ...], int], bool] = {}
        self.snapshots = Snapshots(workspace, self.rules, settings.day, self.measures)

        limits = Limits(seconds=settings.query_seconds, rows=settings.query_rows)
        self.questions = Questions(workspace, limits)
        #: Threads that wait for answers to questions, so that they do not take those of other routes.
        self.asking = CapacityLimiter(_ASKING)
        self.snapshots.preparers.append(self.questions.notice)

        self.feeds = Feeds(self.store)
        self.courier = Courier(self.store, self.measures, private=settings.allow_private_targets)
        self.snapshots.listeners += [self.feeds.notice, self.courier.notice]
        self.snapshots.watched = self.feeds.keys

    def start(self) -> None:
        self.snapshots.start()
        self.courier.start()

    def close(self) -> None:
        self.feeds.close()
        self.snapshots.close()
        self.courier.close()
        self.questions.close()
        self.store.close()
