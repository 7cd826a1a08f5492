"""Changes made behind the journal's back: is each one found, given a head kept elsewhere?

    python benchmarks/journal_tampering.py --rounds 10000 [--seed 1]

Half of the changes are blind (bytes, lines, truncation), half are made by somebody who knows the format:
whole lines, or content with checksums and hashes mended, up to writing the whole chain anew. After each change
the files are put back; the journal must then verify, so false alarms are seen as well.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aims_graph.journal import Draft, Journal, Payload
from aims_graph.journal.entry import write_line
from aims_graph.journal.heads import Head
from aims_graph.journal.redaction import redact
from aims_graph.journal.verification import verify

Files = dict[Path, bytes]


def build(folder: Path, entries: int) -> Head:
    """A journal with small entries, two large ones and a redaction; its head."""
    journal = Journal.create(folder)
    for number in range(entries):
        size = 3000 if number in {3, entries - 4} else 1 + number % 3
        lines = [f'<urn:s{number}> <urn:p> "{n} and more text" .'.encode() for n in range(size)]
        with journal.writing():
            list(journal.advance())
            journal.append(Draft("builder", f"reason {number}", "test"), Payload(lines, []))
            if number == entries // 2:
                redact(
                    journal, Draft("builder", "erase", "test"), [], lambda line: b"<urn:s1>" in line
                )
    return verify(folder).head


# Blind changes: a file's bytes in, other bytes out


def edit_byte(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ rng.randint(1, 255)]) + data[at + 1 :]


def delete_bytes(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + data[at + rng.choice([1, 1, 2, 50, 4096]) :]


def insert_bytes(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))  # not at the end: what follows the last entry is no entry
    return data[:at] + rng.randbytes(rng.choice([1, 1, 2, 50])) + data[at:]


def truncate(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def swap_bytes(data: bytes, rng: random.Random) -> bytes:
    first, second = sorted(rng.sample(range(len(data)), 2))
    changed = bytearray(data)
    changed[first], changed[second] = changed[second], changed[first]
    return bytes(changed)


BLIND = [edit_byte, edit_byte, delete_bytes, insert_bytes, truncate, swap_bytes]


# Changes of whole lines


def delete_line(lines: list[bytes], rng: random.Random) -> list[bytes]:
    at = rng.randrange(len(lines))
    return lines[:at] + lines[at + 1 :]


def swap_lines(lines: list[bytes], rng: random.Random) -> list[bytes]:
    first, second = rng.sample(range(len(lines)), 2)
    changed = [*lines]
    changed[first], changed[second] = changed[second], changed[first]
    return changed


def repeat_line(lines: list[bytes], rng: random.Random) -> list[bytes]:
    return [*lines[: (at := rng.randrange(len(lines)))], lines[at], *lines[at:]]


def roll_back(lines: list[bytes], rng: random.Random) -> list[bytes]:
    return lines[: rng.randrange(len(lines))]


def change_field(lines: list[bytes], rng: random.Random) -> list[bytes]:
    """Another actor, reason, time or content, with checksum and own hash mended."""
    at = rng.randrange(len(lines))
    return [*lines[:at], _altered(json.loads(lines[at]), rng), *lines[at + 1 :]]


def withhold(lines: list[bytes], rng: random.Random) -> list[bytes]:
    """A line of content left out as a redaction does it, without the entry that says so."""
    at = rng.randrange(len(lines))
    parts = json.loads(lines[at])
    payload = parts["payload"]
    if "blob" in payload or "salts" in payload or not payload["added"]:
        return change_field(lines, rng)
    whole = Payload(
        [line.encode() for line in payload["added"]],
        [line.encode() for line in payload["removed"]],
        bytes.fromhex(payload["seed"]),
    )
    first = whole.added[0]
    less = whole.without(lambda line: line == first)
    stored = {
        "salts": less.salts.hex(),
        "added": [line.decode() for line in less.added],
        "removed": [line.decode() for line in less.removed],
    }
    return [*lines[:at], write_line(parts["entry"], stored), *lines[at + 1 :]]


def write_anew(lines: list[bytes], rng: random.Random) -> list[bytes]:
    """A change, and all hashes after it mended: only the head kept elsewhere can tell."""
    at = rng.randrange(len(lines))
    changed = [*lines[:at], _altered(json.loads(lines[at]), rng)]
    for line in lines[at + 1 :]:
        parts = json.loads(line)
        parts["entry"]["previous"] = json.loads(changed[-1])["hash"]
        changed.append(write_line(parts["entry"], parts["payload"]))
    return changed


def leave_out_and_write_anew(lines: list[bytes], rng: random.Random) -> list[bytes]:
    at = rng.randrange(len(lines) - 1)
    previous = json.loads(lines[at])["entry"]["previous"]
    changed = lines[:at]
    for number, line in enumerate(lines[at + 1 :], start=at + 1):
        parts = json.loads(line)
        parts["entry"] |= {"previous": previous, "sequence": number}
        changed.append(write_line(parts["entry"], parts["payload"]))
        previous = json.loads(changed[-1])["hash"]
    return changed


def _altered(parts: dict[str, Any], rng: random.Random) -> bytes:
    header, payload = parts["entry"], parts["payload"]
    what = rng.choice(["actor", "reason", "source", "time", "content"])
    if what == "time":
        header["time"] = header["time"].replace("20", "19", 1)
    elif what != "content" or not payload.get("added"):
        header["reason" if what == "content" else what] += "x"
    else:
        lines = [line.encode() for line in payload["added"][:-1]] + [
            b"<urn:forged> <urn:p> <urn:o> ."
        ]
        forged = Payload(lines, [line.encode() for line in payload["removed"]])
        payload = {
            "seed": forged.seed.hex(),
            "added": [line.decode() for line in lines],
            "removed": payload["removed"],
        }
        added, removed = forged.commitments()
        header["added"]["commitment"], header["removed"]["commitment"] = added, removed
    return write_line(header, payload)


INFORMED = [
    delete_line, swap_lines, repeat_line, roll_back, change_field, withhold, write_anew,
    leave_out_and_write_anew,
]  # fmt: skip


def run(folder: Path, rounds: int, seed: int, entries: int = 30) -> Counter[str]:
    """Changes made, by kind. Raises AssertionError for one that was not found, or a false alarm."""
    rng = random.Random(seed)
    head = build(folder, entries)
    record = folder / "entries.jsonl"
    files: Files = {
        path: path.read_bytes()
        for path in (record, folder / "journal.json", *sorted((folder / "blobs").iterdir()))
    }
    lines = files[record].splitlines(keepends=True)
    made: Counter[str] = Counter()
    while made.total() < rounds:
        if rng.random() < 0.5:
            change: Callable[..., Any] = rng.choice(BLIND)
            path = rng.choice([record, record, record, *files])
            new = change(files[path], rng)
        else:
            change, path = rng.choice(INFORMED), record
            new = b"".join(change(lines, rng))
        if new == files[path]:
            continue
        path.write_bytes(new)
        assert not verify(folder, head).good, f"{change.__name__} in {path.name} was not found"
        path.write_bytes(files[path])
        made[change.__name__] += 1
        if made.total() % 10 == 0:
            checked = verify(folder, head)
            assert checked.good, f"false alarm: {checked.problems}"
    return made


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    try:
        made = run(folder / "journal", given.rounds, given.seed)
    finally:
        shutil.rmtree(folder)
    print(
        f"{made.total()} changes, all found; {made.total() // 10} checks without change, no alarm"
    )
    for name, count in made.most_common():
        print(f"  {name:26} {count}")


if __name__ == "__main__":
    sys.exit(main())
