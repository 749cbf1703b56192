"""Evidence is what it was, or Clew says which byte is not."""

from __future__ import annotations

import hashlib
import io
import subprocess

import pytest

from clew.errors import CaseDamaged
from clew.store.evidence import EvidenceStore


@pytest.fixture
def evidence(tmp_path):
    return EvidenceStore(tmp_path / "evidence")


def test_gives_back_the_bytes_and_their_hash(evidence):
    data = bytes(range(256)) * 10_000
    capture_id, size, is_new = evidence.put(io.BytesIO(data))
    assert (capture_id, size, is_new) == (hashlib.sha256(data).hexdigest(), len(data), True)
    capture = evidence.get(capture_id, name="a.json", size=size, observed_at=None)
    with capture.open() as stream:
        assert stream.read() == data


def test_the_same_bytes_are_stored_once(evidence):
    assert evidence.put(io.BytesIO(b"x"))[2] is True
    assert evidence.put(io.BytesIO(b"x"))[2] is False
    assert len(list(evidence.stored())) == 1


def test_standard_tools_can_check_it(evidence):
    capture_id, _, _ = evidence.put(io.BytesIO(b"what was said"))
    path = evidence.path_of(capture_id)
    unpacked = subprocess.run(["zstd", "-dc", path], capture_output=True, check=False)
    if unpacked.returncode:
        pytest.skip("no zstd program here")
    assert hashlib.sha256(unpacked.stdout).hexdigest() == capture_id


def test_is_read_only_and_leaves_no_half_file(evidence):
    class Breaks(io.RawIOBase):
        def readable(self):
            return True

        def readinto(self, _buffer):
            raise OSError(28, "No space left on device")

    capture_id, _, _ = evidence.put(io.BytesIO(b"kept"))
    assert evidence.path_of(capture_id).stat().st_mode & 0o222 == 0
    with pytest.raises(OSError, match="No space left"):
        evidence.put(Breaks())
    assert [path.name for path in evidence.folder.iterdir() if path.is_file()] == []


@pytest.mark.parametrize("position", [0, 5, -1])
def test_names_what_was_changed(evidence, position):
    capture_id, _, _ = evidence.put(io.BytesIO(b"what was said" * 100))
    path = evidence.path_of(capture_id)
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[position] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(CaseDamaged, match=capture_id[2:]):
        evidence.verify(capture_id)


def test_names_what_is_missing(evidence):
    capture_id, _, _ = evidence.put(io.BytesIO(b"gone"))
    evidence.path_of(capture_id).unlink()
    with pytest.raises(CaseDamaged, match=capture_id):
        evidence.verify(capture_id)
    with pytest.raises(CaseDamaged, match="missing"):
        evidence.get(capture_id, name="a", size=4, observed_at=None)
