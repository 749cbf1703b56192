"""What do containers give, and what do they refuse? All of them are made here, by the libraries."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from contextlib import suppress
from functools import cache

import py7zr
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from clew.errors import SourceUnusable
from clew.formats.archive import HEAD, Budget, kind_of, members, safe_name

FILES = {
    "folder/Posts.xml": b"<posts>" + b"row " * 700_000,  # longer than HEAD
    "note.txt": b"a tide gauge",
    "empty.json": b"",
    "noise.bin": bytes(range(256)) * 300,
}
NESTED = Budget(packed=1)  # for archives that are not to be refused


def made_zip(files=FILES, compression=zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        archive.mkdir("folder")
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def made_7z(files=FILES, password=None, plain_header=False) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password=password, header_encryption=bool(password)) as file:
        if plain_header:
            file.set_encoded_header_mode(False)
        for name, data in files.items():
            file.writef(io.BytesIO(data), name)
    return out.getvalue()


def made_tar(files=FILES, form=tarfile.PAX_FORMAT, extra=()) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for entry in extra:
            archive.addfile(entry)
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, target
    return entry


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


PACKERS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstd}


def one_in_a_zip(data: bytes) -> bytearray:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", data)
    return bytearray(out.getvalue())


@cache
def containers() -> dict[str, bytes]:
    tar = made_tar()
    return {
        "a.zip": made_zip(),
        "stored.zip": made_zip(compression=zipfile.ZIP_STORED),
        "a.7z": made_7z(),
        "a.tar": tar,
        "gnu.tar": made_tar(form=tarfile.GNU_FORMAT),
        "ustar.tar": made_tar(form=tarfile.USTAR_FORMAT),
        **{f"a.tar.{suffix}": pack(tar) for suffix, pack in PACKERS.items()},
    }


def read_all(data: bytes, name: str, budget: Budget | None = None) -> dict[str, bytes]:
    kind = kind_of(data[: 64 << 10], name)
    assert kind is not None
    found = {}
    for member in members(io.BytesIO(data), kind, name=name, budget=budget):
        if member.skipped is None:
            with member.open() as stream:
                found[member.name] = stream.read()
    return found


# ----------------------------------------------------------------------------------- what they give


@pytest.mark.parametrize("name", containers())
def test_members_are_what_went_in(name):
    assert read_all(containers()[name], name) == FILES


@pytest.mark.parametrize("name", containers())
def test_a_path_gives_the_same(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(containers()[name])
    kind = kind_of(containers()[name], name)
    assert [member.name for member in members(path, kind)].sort() == [*FILES].sort()


@pytest.mark.parametrize("name", containers())
def test_a_member_opens_again_after_its_head(name):
    data = containers()[name]
    for member in members(io.BytesIO(data), kind_of(data, name)):
        whole = FILES[member.name]
        for _ in range(3):
            with member.open() as stream:
                assert stream.read(HEAD // 2) == whole[: HEAD // 2]
        with member.open() as stream:
            assert stream.read() == whole
        if len(whole) > HEAD:
            with pytest.raises(ValueError, match="cannot be read twice"):
                member.open()


@pytest.mark.parametrize("name", containers())
def test_members_can_be_passed_over(name):
    data = containers()[name]
    last = [*read_all(data, name)][-1]
    for member in members(io.BytesIO(data), kind_of(data, name)):
        if member.name == last:
            assert member.open().read() == FILES[last]


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_packed_file_is_its_one_member(suffix):
    data = PACKERS[suffix](b"<users/>")
    assert kind_of(data, "Users.xml") == suffix
    assert read_all(data, f"folder/Users.xml.{suffix}") == {"Users.xml": b"<users/>"}


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_packed_file_may_have_several_parts(suffix):
    data = PACKERS[suffix](b"first,") + PACKERS[suffix](b"second")
    assert read_all(data, "a") == {"a": b"first,second"}


def test_a_zstd_file_of_the_longest_window():
    parameters = zstandard.ZstdCompressionParameters(window_log=31, enable_ldm=True)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    assert read_all(packer.compress(b"long") + packer.flush(), "a.zst") == {"a": b"long"}


def test_an_archive_without_members():
    assert read_all(made_zip({}), "a.zip") == {}
    assert read_all(made_7z({}), "a.7z") == {}


def test_documents_are_no_containers():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    assert kind_of(out.getvalue(), "renamed.zip") is None
    assert kind_of(made_zip(), "report.XLSX") is None
    assert kind_of(made_zip(), "report.zip") == "zip"


@pytest.mark.parametrize(
    "head", [b"", b"PK", b"BZhello, said the tide", b"7z", b"{}", b"\x1f\x8b", b"\0" * 600]
)
def test_other_files_are_no_containers(head):
    assert kind_of(head, "a.zip") is None


# ----------------------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("/etc/passwd", "etc/passwd"),
        ("../../a/../b.txt", "a/b.txt"),
        ("C:\\Users\\x\\..\\a.txt", "Users/x/a.txt"),
        ("invoice_\u202egpj.exe", "invoice_\ufffdgpj.exe"),
        ("a\x1b[31m\n.txt", "a\ufffd[31m\ufffd.txt"),
        ("half \ud800.txt", "half \ufffd.txt"),
        ("..", "unnamed"),
        ("", "unnamed"),
        ("x" * 1000, "x" * 255),
        ("дані/пости.xml", "дані/пости.xml"),
    ],
)
def test_safe_name(stored, shown):
    assert safe_name(stored) == shown


@given(st.text())
def test_safe_names_stay_where_they_are(stored):
    name = safe_name(stored)
    assert name
    assert not name.startswith("/")
    assert not {"", ".", ".."} & set(name.split("/"))
    assert name.encode()


def test_a_bad_name_costs_no_member():
    files = {"../../out.txt": b"1", "/root.txt": b"2"}
    safe = {"out.txt": b"1", "root.txt": b"2"}
    assert read_all(made_zip(files), "a.zip") == safe
    assert read_all(made_tar(files), "a.tar") == safe


def test_the_stored_name_is_kept():
    [member] = members(io.BytesIO(made_tar({"../a\u202e": b""})), "tar")
    assert (member.original, member.name) == ("../a\u202e", "a\ufffd")


# ------------------------------------------------------------------------------ what they refuse


def test_links_and_devices_of_a_tar_are_skipped():
    extra = [
        special("link", tarfile.SYMTYPE, "/etc/passwd"),
        special("hard", tarfile.LNKTYPE, "note.txt"),
        special("pipe", tarfile.FIFOTYPE),
        special("disk", tarfile.BLKTYPE),
    ]
    data = made_tar({"note.txt": b"kept"}, extra=extra)
    found = {member.name: member.skipped for member in members(io.BytesIO(data), "tar")}
    assert found == {
        "link": "is a link",
        "hard": "is a link",
        "pipe": "is a device",
        "disk": "is a device",
        "note.txt": None,
    }
    first = next(members(io.BytesIO(data), "tar"))
    with pytest.raises(SourceUnusable, match="link is a link"):
        first.open()


def test_links_of_a_zip_are_skipped():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        entry = zipfile.ZipInfo("link")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    [member] = members(out, "zip")
    assert member.skipped == "is a link"


def test_links_of_a_7z_are_skipped(tmp_path):
    (tmp_path / "note.txt").write_bytes(b"kept")
    (tmp_path / "link").symlink_to("note.txt")
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        archive.write(tmp_path / "link", "link")
        archive.write(tmp_path / "note.txt", "note.txt")
    found = {member.name: member.skipped for member in members(out, "7z")}
    assert found == {"link": "is a link or a device", "note.txt": None}


@pytest.mark.parametrize("name", ["a.zip", "a.7z", "a.tar", *(f"a.tar.{s}" for s in PACKERS)])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9, 0.99])
def test_an_archive_that_is_cut_off(name, share):
    data = containers()[name]
    short = data[: int(len(data) * share)]
    with pytest.raises(SourceUnusable, match=r"damaged|cut off"):
        read_all(short, name)


def test_a_tar_that_is_cut_off_between_members():
    data = made_tar({"a": b"1" * 512, "b": b"2" * 512}, form=tarfile.USTAR_FORMAT)
    with pytest.raises(SourceUnusable, match="no end mark"):
        read_all(data[:1024], "a.tar")


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_packed_file_that_is_cut_off(suffix):
    data = PACKERS[suffix](os.urandom(100_000))
    with pytest.raises(SourceUnusable, match="cut off"):
        read_all(data[:-20], "a")


def test_encrypted_archives():
    with pytest.raises(SourceUnusable, match=r"the 7z archive is encrypted: decrypt it first"):
        read_all(made_7z({"a": b"secret"}, password="x"), "a.7z")  # noqa: S106
    data = one_in_a_zip(b"secret")
    for flags in (data.index(b"PK\x03\x04") + 6, data.index(b"PK\x01\x02") + 8):
        data[flags] |= 1
    with pytest.raises(SourceUnusable, match=r"a\.txt is encrypted: decrypt it first"):
        read_all(bytes(data), "a.zip")


@pytest.mark.parametrize("damage", ["a.zip", "a.7z"])
def test_a_wrong_checksum(damage):
    files = {"noise": os.urandom(5000)}
    data = bytearray(made_zip(files) if damage == "a.zip" else made_7z(files))
    data[1000] ^= 0xFF
    with pytest.raises(SourceUnusable, match="damaged"):
        read_all(bytes(data), damage)


# --------------------------------------------------------------------------------------- bombs


@cache
def bombs() -> dict[str, bytes]:
    """Three megabytes of zeros, each in a few kilobytes."""
    zeros = bytes(3 << 20)
    tar = made_tar({"zeros": zeros})
    return {
        "a.zip": made_zip({"zeros": zeros}),
        "a.7z": made_7z({"zeros": zeros}),
        **{f"a.{suffix}": pack(zeros) for suffix, pack in PACKERS.items()},
        **{f"a.tar.{suffix}": pack(tar) for suffix, pack in PACKERS.items()},
    }


@pytest.mark.parametrize("name", bombs())
def test_what_expands_too_far_is_stopped(name):
    data = bombs()[name]
    budget = Budget(packed=len(data), max_ratio=50, free=1 << 20)
    with pytest.raises(SourceUnusable, match="more than 50-fold: it is a bomb"):
        read_all(data, name, budget)
    assert budget.expanded <= 3 << 20
    read_all(data, name, Budget(packed=len(data), max_ratio=50))  # 1 GiB is free


@pytest.mark.parametrize("name", bombs())
def test_the_total_is_limited(name):
    data = bombs()[name]
    with pytest.raises(SourceUnusable, match="expands to more than 2,000,000 bytes"):
        read_all(data, name, Budget(packed=len(data), max_total=2_000_000))


def test_one_budget_serves_archives_within_archives():
    inner = made_zip({"zeros": bytes(3 << 20)})
    outer = made_zip({f"{number}.zip": inner for number in range(4)})
    budget = Budget(packed=len(outer), max_total=10 << 20)
    inners = read_all(outer, "outer.zip", budget).values()
    with pytest.raises(SourceUnusable, match="expands to more than"):
        [read_all(data, "inner.zip", budget) for data in inners]


@pytest.mark.parametrize("make", [made_zip, made_tar, made_7z])
def test_the_number_of_members_is_limited(make):
    data = make({str(number): b"" for number in range(20)})
    with pytest.raises(SourceUnusable, match="more than 19 members"):
        read_all(data, "a", Budget(packed=len(data), max_members=19))


def test_members_that_overlap_are_refused():
    """A zip bomb without recursion: many names for the same packed bytes."""
    data = bytearray(made_zip({"zeros": bytes(1 << 20)}))
    start = data.index(b"PK\x01\x02", data.index(b"zeros"))
    end = data.index(b"PK\x05\x06")
    entry = bytes(data[start:end])
    offset = struct.unpack_from("<L", data, end + 16)[0]
    twice = data[:start] + entry + entry.replace(b"zeros", b"again")
    twice += struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 3, 3, len(twice) - offset, offset, 0)
    with pytest.raises(SourceUnusable, match="overlap"):
        read_all(bytes(twice), "a.zip")


def test_a_zip_whose_directory_is_too_long(monkeypatch):
    monkeypatch.setattr("clew.formats.archive._ZIP_DIRECTORY", 1000)
    data = made_zip({f"{number:03}.txt": b"" for number in range(30)})
    with pytest.raises(SourceUnusable, match="directory is longer than 1,000 bytes"):
        read_all(data, "a.zip")


def test_declared_sizes_are_not_believed():
    data = one_in_a_zip(b"x" * 1000)
    for size in (data.index(b"PK\x03\x04") + 22, data.index(b"PK\x01\x02") + 24):
        struct.pack_into("<L", data, size, 0xFFFFFF)
    [member] = members(io.BytesIO(bytes(data)), "zip")
    assert member.size == 0xFFFFFF
    with pytest.raises(SourceUnusable, match="cut off"), member.open() as stream:
        stream.read()


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_a_tar_header_that_would_fill_the_memory(form):
    data = made_tar({"x" * 500_000: b""}, form=form)
    with pytest.raises(SourceUnusable, match="a tar header is longer than"):
        read_all(gzip.compress(data), "a.tgz")


def test_a_sparse_file_is_skipped():
    """Its header says that ten bytes are a gigabyte."""
    entry = tarfile.TarInfo("sparse")
    entry.size = 512
    entry.pax_headers = {
        "GNU.sparse.map": "0,512",
        "GNU.sparse.numblocks": "1",
        "GNU.sparse.size": str(1 << 30),
    }
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(entry, io.BytesIO(bytes(512)))
    [member] = members(out, "tar")
    assert member.skipped == "is a sparse file"


@pytest.mark.parametrize("name", ["a.zip", "a.7z", "plain.7z", "a.tar", "a.gz", "a.zst"])
def test_damage_raises_nothing_else(name):
    files = {"a/P.xml": b"<posts>" + b"x" * 300, "b": b"hello", "c": b""}
    make = {"zip": made_zip, "7z": made_7z, "tar": made_tar}
    suffix = name.rpartition(".")[2]
    original = make[suffix](files) if suffix in make else PACKERS[suffix](made_tar(files))
    if name == "plain.7z":
        original = made_7z(files, plain_header=True)

    @given(st.data())
    def check(data):
        start = data.draw(st.integers(0, len(original) - 1))
        stop = data.draw(st.integers(start, min(len(original), start + 30)))
        patch = data.draw(st.binary(max_size=20))
        damaged = bytearray(original[:start] + patch + original[stop:])
        if name.endswith(".7z"):
            mend_checksums(damaged)
        with suppress(SourceUnusable):
            for member in members(io.BytesIO(bytes(damaged)), kind_of(original, name), name=name):
                with suppress(SourceUnusable):
                    member.open().read()

    check()


def mend_checksums(archive: bytearray) -> None:
    """Let a damaged 7z header pass its checksums, so that it is parsed."""
    if len(archive) < 32:
        return
    start, size = struct.unpack_from("<QQ", archive, 12)
    struct.pack_into("<L", archive, 28, zlib.crc32(archive[32 + start : 32 + start + size]))
    struct.pack_into("<L", archive, 8, zlib.crc32(archive[12:32]))
