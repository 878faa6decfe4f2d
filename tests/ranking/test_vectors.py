"""The vector store: a dictionary on disk that survives whatever happens to its writers."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ranking.vectors import Keys, VectorStore, VectorStoreError, picture_key, text_key

D = 4


def keys_of(*numbers: int) -> Keys:
    return np.array(numbers, np.uint64)


def vectors_of(keys: Keys, dimensions: int = D) -> NDArray[np.float32]:
    """Return vectors that show which key they belong to, exactly so in half precision."""
    return np.repeat((keys % np.uint64(2048)).astype(np.float32)[:, None], dimensions, axis=1)


def fill(store: VectorStore, *numbers: int) -> None:
    store.append(keys_of(*numbers), vectors_of(keys_of(*numbers)))


@given(
    batches=st.lists(
        st.tuples(st.lists(st.integers(0, 12) | st.just(2**64 - 1), max_size=6), st.booleans()),
        max_size=8,
    )
)
@settings(max_examples=40, deadline=None)
def test_any_appends_and_reopenings_behave_as_a_dictionary(
    batches: list[tuple[list[int], bool]],
) -> None:
    told: dict[int, float] = {}
    with TemporaryDirectory() as folder:
        store = VectorStore(Path(folder), D)
        for number, (numbers, reopened) in enumerate(batches):
            vectors = np.full((len(numbers), D), number, np.float32)
            store.append(keys_of(*numbers), vectors)
            for key in numbers:
                told.setdefault(key, number)  # the first word about a key stands
            if reopened:
                store = VectorStore(Path(folder), D)
            asked = [*told, 77, 78, 77]
            taken = store.take(keys_of(*asked))
            assert taken[: len(told), 0].tolist() == list(told.values())
            assert np.isnan(taken[len(told) :]).all()
            assert store.missing(keys_of(*asked)).tolist() == [len(told), len(told) + 1]
            assert len(store) == len(told)


def test_vectors_of_broken_pictures_are_not_stored(tmp_path: Path) -> None:
    store = VectorStore(tmp_path, D)
    vectors = vectors_of(keys_of(1, 2, 3))
    vectors[1, 2] = np.nan
    store.append(keys_of(1, 2, 3), vectors)
    assert store.missing(keys_of(1, 2, 3)).tolist() == [1]
    assert len(store) == 2


def test_a_reader_sees_what_another_store_on_the_folder_appends(tmp_path: Path) -> None:
    reader, writer = VectorStore(tmp_path, D), VectorStore(tmp_path, D)
    fill(writer, 5, 3)
    assert reader.take(keys_of(3, 5))[:, 0].tolist() == [3, 5]
    fill(writer, 4)
    assert reader.missing(keys_of(3, 4, 5)).tolist() == []


def test_half_written_vectors_are_not_seen_and_are_overwritten(tmp_path: Path) -> None:
    fill(VectorStore(tmp_path, D), 1, 2)
    for name, torn in (("keys", b"\7" * 13), ("vectors", b"\7" * 27)):
        with (tmp_path / name).open("ab") as file:
            file.write(torn)
    store = VectorStore(tmp_path, D)
    assert len(store) == 2
    fill(store, 3)
    assert VectorStore(tmp_path, D).take(keys_of(1, 2, 3))[:, 0].tolist() == [1, 2, 3]


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size` bytes: writing then fails as when full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_raises_and_loses_nothing(tmp_path: Path) -> None:
    store = VectorStore(tmp_path, D)
    fill(store, *range(10))
    many = keys_of(*range(10, 2000))
    with files_of_at_most(8 * 1000), pytest.raises(OSError, match="File too large"):
        store.append(many, vectors_of(many))
    assert len(store) == 10
    assert (tmp_path / "keys").stat().st_size == 10 * 8  # the room is given back
    store.append(many, vectors_of(many))
    everything = keys_of(*range(2000))
    assert (VectorStore(tmp_path, D).take(everything) == vectors_of(everything)).all()


def test_a_store_of_another_encoder_or_with_lost_vectors_is_refused(tmp_path: Path) -> None:
    fill(VectorStore(tmp_path, D), 1, 2)
    with pytest.raises(VectorStoreError, match="holds vectors of 4 dimensions, not 5"):
        VectorStore(tmp_path, 5)
    with pytest.raises(VectorStoreError, match="2 keys of 4 dimensions"):
        VectorStore(tmp_path, D).append(keys_of(3, 4), np.zeros((2, 5), np.float32))
    (tmp_path / "vectors").write_bytes(b"")
    with pytest.raises(VectorStoreError, match="lacks vectors that its manifest counts"):
        VectorStore(tmp_path, D)


# Appends for ever, in batches of differing sizes; the vectors tell their keys.
WRITER = """
import sys
from pathlib import Path
import numpy as np
from ranking.vectors import VectorStore
store = VectorStore(Path(sys.argv[1]), 64)
first, last = int(sys.argv[2]), int(sys.argv[3])
while first < last:
    keys = np.arange(first, min(last, first + 1 + first % 700), dtype=np.uint64)
    store.append(keys, np.repeat((keys % np.uint64(2048)).astype(np.float32)[:, None], 64, axis=1))
    first += len(keys)
    print(first, flush=True)
"""


def start_writer(folder: Path, first: int, last: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(folder), str(first), str(last)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_writer_killed_at_any_moment_leaves_a_sound_store(tmp_path: Path) -> None:
    safe = 0
    for delay in (0.0, 0.003, 0.011, 0.029):
        with start_writer(tmp_path, safe, 10**9) as writer:
            assert writer.stdout
            safe = int(writer.stdout.readline())
            time.sleep(delay)
            writer.send_signal(signal.SIGKILL)
            safe = max([safe, *map(int, writer.stdout.read().split("\n")[:-1])])
        keys = np.arange(safe, dtype=np.uint64)
        taken = VectorStore(tmp_path, 64).take(keys)
        assert (taken == vectors_of(keys, 64)).all()
    assert safe > 4


def test_two_writers_at_once_store_everything_once(tmp_path: Path) -> None:
    writers = [start_writer(tmp_path, 0, 9000), start_writer(tmp_path, 3000, 12000)]
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    keys = np.arange(12000, dtype=np.uint64)
    store = VectorStore(tmp_path, 64)
    assert (store.take(keys) == vectors_of(keys, 64)).all()
    assert len(store) == 12000
    assert (tmp_path / "keys").stat().st_size == 12000 * 8


def test_keys_tell_texts_and_pictures_apart_and_stay_the_same() -> None:
    assert text_key("Red mug") == text_key("Red mug")
    assert text_key("Red mug") != text_key("Red mugs")
    assert text_key("ab/cd.jpg") != picture_key("ab/cd.jpg")
    # Written in every store: another value would have everything encoded anew.
    assert text_key("Red mug") == np.uint64(16_013_265_903_392_860_943)
