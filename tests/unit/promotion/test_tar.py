"""Archives, against those of the standard library."""

import io
import tarfile

import pytest

from promotion.tar import pack

MEMBERS = [("a.json", b"{}"), ("b/empty", b""), ("b/block", b"x" * 512), ("z", b"y" * 20_000)]


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT])
@pytest.mark.parametrize("members", [[], MEMBERS, [("d/" * 60 + "x.py", b"")]])
def test_pack__members__gives_the_bytes_of_tarfile(form, members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, body in members:
            member = tarfile.TarInfo(name)
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
    assert b"".join(pack(members, form)) == buffer.getvalue()


def test_pack__long_name__is_read_back():
    packed = b"".join(pack([("d/" * 80 + "x", b"1")], tarfile.GNU_FORMAT))
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        assert archive.getnames() == ["d/" * 80 + "x"]
