"""The benchmarks run: a tiny row of two kinds, and the page they are written into. Nothing about time."""

import importlib.util

import pytest
from click.testing import CliRunner

from benchmarks.__main__ import MARK, main

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("skimage") is None, reason="scikit-image is not installed"
)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_hit_is_measured_beside_bare_gunicorn(monkeypatch):
    from benchmarks import hits
    from benchmarks.report import SkippedError

    def absent(*_: object, **__: object) -> None:
        raise SkippedError("not in a test")

    monkeypatch.setattr(hits.peers, "nginx", absent)
    monkeypatch.setattr(hits.peers, "thumbor", absent)
    said = run("--rows", "hits", "--rounds", "1", "--seconds", "1")
    assert "rekproxy (gunicorn)" in said
    assert "bare" in said
    assert "nginx is not measured: not in a test." in said


def test_a_look_up_is_measured_and_written_below_the_mark(tmp_path, monkeypatch):
    from benchmarks import standing

    monkeypatch.setattr(standing, "SIZES", (10, 20))
    monkeypatch.setattr(standing, "_LOOKUPS", 5)
    page = tmp_path / "benchmarks.md"
    before = "## Another\n\nolder figures\n\n## One standing look-up\n\nold figures\n"
    page.write_text(f"# By hand\n\n{MARK}\n\n{before}")
    run("--rows", "standing", "--rounds", "1", "--markdown", str(page))
    text = page.read_text()
    assert text.startswith("# By hand\n")
    assert "| SQLite | 20 |" in text
    assert "old figures" not in text
    assert "older figures" in text


def test_explanations_are_measured_beside_the_reading_of_json(monkeypatch):
    from benchmarks import explaining

    monkeypatch.setattr(explaining, "WANTED", 0)
    monkeypatch.setattr(explaining, "_VERDICTS", 20)
    said = run("--rows", "explain", "--rounds", "1")
    assert "explained, 8 pairs" in said
    assert "20 verdicts of one copy each" in said


def test_listings_and_the_library_are_weighed_in_two_catalogs(monkeypatch):
    from benchmarks import listings
    from benchmarks.report import SkippedError

    def absent() -> None:
        raise SkippedError("not in a test")

    monkeypatch.setattr(listings, "postgres", absent)
    monkeypatch.setattr(listings, "SIZES", (1_000, 1_500))
    monkeypatch.setattr(listings, "_CALLS", 3)
    said = run("--rows", "listings,library,searches", "--rounds", "1")
    assert "SQLite, approved of one uploader, deep pages" in said
    assert "SQLite, by tag and standing, deep pages" in said
    assert "SQLite, by name, deep pages" in said
    assert "PostgreSQL is not measured: not in a test." in said


def test_an_upload_is_weighed_beside_its_pixels_alone(monkeypatch):
    from benchmarks import photographs, uploads

    monkeypatch.setattr(uploads, "SIZES", {"tiny": ((300, 200), 1_000)})
    monkeypatch.setattr(uploads, "UPLOADS", 1)
    monkeypatch.setattr(uploads.photographs, "large", lambda folder, _: photographs.portrait(folder))
    said = run("--rows", "uploads", "--rounds", "1")
    assert "tiny, under 1000 ms" in said


def test_a_row_that_is_not_there_is_refused():
    result = CliRunner().invoke(main, ["--rows", "standing,moon"])
    assert result.exit_code == 2
    assert "moon" in result.output


def test_sizes_are_made_beside_nobody(monkeypatch):
    from benchmarks import photographs, thumbnails
    from benchmarks.report import SkippedError

    def absent(*_: object, **__: object) -> None:
        raise SkippedError("not in a test")

    monkeypatch.setattr(thumbnails.peers, "thumbor", absent)
    monkeypatch.setattr(thumbnails.peers, "vips", absent)
    monkeypatch.setattr(thumbnails, "SIZES", (thumbnails.Size("1mp", 60, 40),))
    monkeypatch.setattr(thumbnails, "FORMATS", ("jpg",))

    def series(folder, _):
        folder.mkdir()
        return {"1mp": photographs.portrait(folder)}

    monkeypatch.setattr(photographs, "series", series)
    said = run("--rows", "thumbnails", "--rounds", "1")
    assert "Sizes and formats" in said
    assert "libvips is not measured: not in a test." in said


def test_levels_and_likeness_are_compared(monkeypatch):
    from benchmarks import likeness, photographs, thumbnails

    def series(folder, _):
        return {"1mp": photographs.portrait(folder)}

    monkeypatch.setattr(photographs, "series", series)
    monkeypatch.setattr(photographs, "large", lambda folder, _: photographs.portrait(folder))
    monkeypatch.setattr(likeness, "SIZES", (thumbnails.Size("1mp", 300),))
    monkeypatch.setattr(likeness, "FORMATS", ("jpg",))
    monkeypatch.setattr(likeness, "_WIDE", 100)
    said = run("--rows", "likeness,quality", "--rounds", "1")
    assert "portrait.jpg" in said
    assert "Measured quality" in said
