"""Make the letter table of `bot/services/letters` from the model of py3langid (docs/adr/0013).

    python scripts/letter_table.py

The same model always makes the same file, byte for byte. What is kept: every sequence of letters,
as an automaton that is walked byte by byte; and for each column of a language with a two-letter
code, how much likelier than the rarest each sequence is, in 255 steps.
"""

import json
import sys
import zipfile
from array import array
from collections import deque
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from py3langid import langid

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "bot" / "services" / "letters" / "table.zip"
NO_FEATURE = -1
NO_PARENT = -1
STEPS = 255
BYTES = 256
ARRAYS = ("base", "parent", "fall", "feature")
LOOK_AT_ONCE = 4096
MADE_AT = (1980, 1, 1, 0, 0, 0)
"""The oldest date a zip file can say: the file must not depend on the day."""


def main() -> int:
    model = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)
    automaton = Automaton(sequences(model))
    likelihoods = model.nb_ptc.astype(np.float64)
    floors = likelihoods.min(axis=0)
    above = likelihoods - floors
    step = float(above.max()) / STEPS
    members = {name: array_bytes(getattr(automaton, name)) for name in ARRAYS}
    columns: list[dict[str, object]] = []
    for number, language in enumerate(model.nb_classes):
        if len(language) != 2:
            continue
        name = f"column-{len(columns):03}"
        members[name] = in_steps(above[:, number], step)
        columns.append(
            {
                "name": name,
                "language": language,
                "floor": round(float(floors[number]), 6),
                "prior": round(float(model.nb_pc[number]), 6),
            }
        )
    about = {
        "made_from": f"py3langid {metadata.version('py3langid')}",
        "step": step,
        "columns": columns,
    }
    members["about.json"] = json.dumps(about, indent=1).encode()
    write(TARGET, members)
    sys.stdout.write(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size:,} bytes\n")
    return 0


def sequences(model: Any) -> dict[bytes, int]:
    """Sequence of bytes -> its feature, or NO_FEATURE for the beginning of a longer one.

    A state of the model's automaton stands for the shortest way to it. Where its output is that
    of a shorter sequence, the same output is found by falling back to that one.
    """
    moves, rows, outputs = model.tk_nextmove, model.tk_row, model.tk_output
    ways = {0: b""}
    waiting = deque([0])
    while waiting:
        state = waiting.popleft()
        row = rows[state] << 8
        for byte in range(BYTES):
            follower = moves[row + byte]
            if follower not in ways:
                ways[follower] = ways[state] + bytes([byte])
                waiting.append(follower)
    shortest: dict[int, bytes] = {}
    for state, way in ways.items():
        feature = outputs[state]
        if feature >= 0 and len(way) < len(shortest.get(feature, way + b"?")):
            shortest[feature] = way
    named = {way: feature for feature, way in shortest.items()}
    return {way: named.get(way, NO_FEATURE) for way in ways.values()}


class Automaton:
    """Aho and Corasick's, with its trie in a double array.

    The state behind `state` by `byte` is `base[state] + byte` if its `parent` is `state`; where
    there is none, it is looked for behind `fall[state]`, the longest proper ending that is a
    state too. `feature[state]` is that of the longest sequence that ends here. The root is 0.
    """

    def __init__(self, features: dict[bytes, int]) -> None:
        following: dict[bytes, list[int]] = {}
        for way in sorted(features):
            if way:
                following.setdefault(way[:-1], []).append(way[-1])
        self._places = {b"": 0}
        self._base, self._parent = {0: 0}, {0: NO_PARENT}
        self._free = Free()
        by_length = sorted(features, key=lambda way: (len(way), way))
        for way in by_length:
            if way in following:
                self._place(way, following[way])
        self._size = max(self._parent) + BYTES + 1
        self.base = self._spread(self._base, 0)
        self.parent = self._spread(self._parent, NO_PARENT)
        self.fall = self._spread({self._places[way]: self._ending(way) for way in by_length}, 0)
        self.feature = array("i", [NO_FEATURE]) * self._size
        for way in by_length:
            place, own = self._places[way], features[way]
            shorter = self.feature[self.fall[place]]
            self.feature[place] = shorter if own == NO_FEATURE else own

    def _place(self, way: bytes, bytes_: list[int]) -> None:
        place = self._places[way]
        base = self._free.room_for(bytes_)
        self._base[place] = base
        for byte in bytes_:
            self._places[way + bytes([byte])] = base + byte
            self._parent[base + byte] = place

    def _ending(self, way: bytes) -> int:
        """Where the longest proper ending stands that is a state; the empty one always is."""
        endings = (way[cut:] for cut in range(1, len(way) + 1))
        return next((self._places[one] for one in endings if one in self._places), 0)

    def _spread(self, values: dict[int, int], otherwise: int) -> "array[int]":
        return array("i", [values.get(place, otherwise) for place in range(self._size)])


class Free:
    """The places of the double array that nobody has yet."""

    def __init__(self) -> None:
        self._is_free = np.ones(1 << 20, dtype=bool)
        self._is_free[0] = False
        self._first = 1

    def room_for(self, bytes_: list[int]) -> int:
        """Take the first places, from 1 on, that lie as far apart as these bytes; their base."""
        while not self._is_free[self._first]:
            self._first += 1
        begin = max(1, self._first - bytes_[0])
        while True:
            fits = np.ones(LOOK_AT_ONCE, dtype=bool)
            for byte in bytes_:
                fits &= self._is_free[begin + byte : begin + byte + LOOK_AT_ONCE]
            if fits.any():
                base = begin + int(fits.argmax())
                self._is_free[[base + byte for byte in bytes_]] = False
                return base
            begin += LOOK_AT_ONCE


def in_steps(above: Any, step: float) -> bytes:
    """One byte for each feature; what is above the floor at all stays above it."""
    rounded = np.clip(np.rint(above / step), (above > 0).astype(int), STEPS)
    return bytes(rounded.astype(np.uint8).tobytes())


def array_bytes(numbers: "array[int]") -> bytes:
    """Little endian, four bytes each."""
    if sys.byteorder == "big":
        numbers = array("i", numbers)
        numbers.byteswap()
    return numbers.tobytes()


def write(target: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(members):
            archive.writestr(zipfile.ZipInfo(name, MADE_AT), members[name], zipfile.ZIP_DEFLATED, 9)


if __name__ == "__main__":
    sys.exit(main())
