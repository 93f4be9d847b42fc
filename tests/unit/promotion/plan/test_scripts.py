"""Code objects of two definitions, by line."""

from promotion.plan.model import Kind, ScriptDiff
from promotion.plan.scripts import diff_scripts

OLD, NEW = "a" * 64, "b" * 64


def uri(sha256, name="x.py", bucket="data"):
    return f"s3://{bucket}/code/{sha256}/{name}"


def diff(before, after, contents):
    return diff_scripts(
        before,
        after,
        read_before=lambda found: contents.get(found.sha256),
        read_after=lambda found: contents.get(found.sha256),
    )


def test_diff_scripts__changed_text__is_told_by_line():
    contents = {OLD: b"one\ntwo\nthree\n", NEW: b"one\n2\nthree\n"}
    assert diff({"deep": [{"Uri": uri(OLD)}]}, {"Uri": uri(NEW)}, contents) == (
        ScriptDiff("x.py", Kind.CHANGED, ("@@ -1,3 +1,3 @@", " one", "-two", "+2", " three")),
    )


def test_diff_scripts__same_objects__is_empty():
    assert diff([uri(OLD)], {"a": uri(OLD)}, {}) == ()


def test_diff_scripts__added_and_removed__have_no_lines():
    assert diff([uri(OLD, "gone.py")], [uri(NEW, "come.py")], {}) == (
        ScriptDiff("come.py", Kind.ADDED),
        ScriptDiff("gone.py", Kind.REMOVED),
    )


def test_diff_scripts__former_content_gone__says_so():
    assert diff([uri(OLD)], [uri(NEW)], {NEW: b""}) == (
        ScriptDiff("x.py", Kind.CHANGED, note="the former content cannot be read any more"),
    )


def test_diff_scripts__binary__tells_sizes():
    assert diff([uri(OLD)], [uri(NEW)], {OLD: b"\xff\xfe", NEW: b"\xff"}) == (
        ScriptDiff("x.py", Kind.CHANGED, note="not text: 2 bytes before, 1 after"),
    )


def test_diff_scripts__same_content_in_another_bucket__says_so():
    assert diff([uri(OLD)], [uri(OLD, bucket="new")], {}) == (
        ScriptDiff("x.py", Kind.CHANGED, note="same content, now in new"),
    )


def test_diff_scripts__very_long_diff__is_cut():
    contents = {OLD: b"a\n" * 3000, NEW: b"b\n" * 3000}
    [script] = diff([uri(OLD)], [uri(NEW)], contents)
    assert len(script.lines) == 2000
    assert script.note == "6001 lines of diff; the first 2000 are kept"


def test_diff_scripts__other_uris__are_ignored():
    assert diff(["s3://data/in.csv", "code/x"], ["s3://data/other.csv", 3, None], {}) == ()
