"""What the tests of this folder share."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from inference_graphs import read_triple


@pytest.fixture(scope="session")
def triple():
    return read_triple
