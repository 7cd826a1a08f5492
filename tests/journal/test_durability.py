"""A few rounds of what benchmarks/ runs by the thousand."""

import os
from unittest import mock

import pytest

from aims_graph.journal import disk, log


def test_no_power_cut_loses_or_tears_an_acknowledged_entry(benchmark):
    outcome = benchmark("journal_cuts").run(rounds=60, seed=4)
    assert outcome.rounds == 60
    assert outcome.acknowledged > 60
    assert outcome.dropped > 0  # the rounds do leave torn tails


def test_the_power_cuts_find_out_when_entries_are_not_fsynced(benchmark):
    def write_only(handle: int, data: bytes, offset: int) -> None:
        assert os.pwrite(handle, data, offset) == len(data)

    with (
        mock.patch.object(log, "write_at", write_only),
        pytest.raises(AssertionError, match="lost or changed"),
    ):
        benchmark("journal_cuts").run(rounds=60, seed=4)


def test_the_power_cuts_find_out_when_folders_are_not_fsynced(benchmark):
    with mock.patch.object(disk, "sync_folder"), pytest.raises(Exception):  # noqa: B017
        benchmark("journal_cuts").run(rounds=200, seed=4)


def test_no_kill_loses_an_acknowledged_entry(benchmark, tmp_path):
    assert benchmark("journal_kills").run(tmp_path / "journal", rounds=15, seed=4) > 0


def test_every_change_is_found_given_a_head_and_nothing_else(benchmark, tmp_path):
    made = benchmark("journal_tampering").run(tmp_path / "journal", rounds=150, seed=4, entries=12)
    assert made.total() == 150
    assert len(made) == 13  # each kind


def test_no_update_of_several_writers_is_lost(benchmark, tmp_path):
    benchmark("journal_writers").run(tmp_path / "workspace", writers=4, increments=60)
