"""What can go wrong with a question from outside; all are InputError, so commands say it and end with code 2."""

from aims_graph.errors import InputError


class RefusedError(InputError):
    """It asks for something nobody may ask: the network, a reserved graph."""


class LimitError(InputError):
    """The text, the answer or the change is larger than what is accepted."""


class TimeLimitError(InputError):
    """It ran until its deadline and was stopped."""


class MemoryLimitError(InputError):
    """It needed more memory than it was given, or took the process down with it."""


class UpdateError(InputError):
    """One operation of an update cannot be done; none was."""


class BusyError(InputError):
    """All workers were taken for longer than a question waits."""


class GoneError(InputError):
    """The snapshot was deleted because a newer one is there."""
