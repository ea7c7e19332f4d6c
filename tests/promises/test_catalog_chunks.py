"""Pieces of files in the catalog: what every database promises of them."""

import pytest
from catalogcases import together

from rekproxy.domain.pieces import Piece, Span
from rekproxy.errors import InvalidRequestError
from rekproxy.interfaces import Catalog

FIRST, SECOND = Piece(Span(0, 10), "a" * 64), Piece(Span(10, 5, 15), "b" * 64)


def test_a_file_is_taken_once_when_all_of_it_is_there(catalog: Catalog) -> None:
    assert catalog.keep_piece("demo", "u", SECOND) == 5
    assert catalog.take_pieces("demo", "u", seconds=60) is None
    assert catalog.keep_piece("demo", "u", FIRST) == 15
    assert catalog.take_pieces("demo", "u", seconds=60) == (FIRST, SECOND)
    assert catalog.take_pieces("demo", "u", seconds=60) is None
    catalog.let_pieces_go("demo", "u")
    assert catalog.take_pieces("demo", "u", seconds=-1) == (FIRST, SECOND)
    assert catalog.take_pieces("demo", "u", seconds=60) == (FIRST, SECOND)
    catalog.forget_pieces("demo", "u")
    assert catalog.take_pieces("demo", "u", seconds=60) is None


def test_a_piece_that_comes_again_takes_its_own_place(catalog: Catalog) -> None:
    again = Piece(FIRST.span, "c" * 64)
    assert [catalog.keep_piece("demo", "u", piece) for piece in (FIRST, FIRST, again)] == [10, 10, 10]
    catalog.keep_piece("demo", "u", SECOND)
    assert catalog.take_pieces("demo", "u", seconds=60) == (again, SECOND)
    with pytest.raises(InvalidRequestError):
        catalog.keep_piece("demo", "u", Piece(Span(5, 10), "d" * 64))


def test_files_and_clouds_are_kept_apart(catalog: Catalog) -> None:
    catalog.keep_piece("demo", "u", FIRST)
    for cloud, upload in (("other", "u"), ("demo", "v")):
        catalog.keep_piece(cloud, upload, SECOND)
        assert catalog.take_pieces(cloud, upload, seconds=60) is None
    catalog.forget_pieces("other", "u")
    assert catalog.keep_piece("demo", "u", SECOND) == 15


def test_one_of_many_that_send_the_rest_together_has_the_file(catalog: Catalog) -> None:
    pieces = [Piece(Span(at, 1, 8), f"{at}" * 64) for at in range(8)]

    def send(piece: Piece) -> object:
        catalog.keep_piece("demo", "u", piece)
        return catalog.take_pieces("demo", "u", seconds=60)

    taken = [given for given in together(*[lambda piece=piece: send(piece) for piece in pieces]) if given]
    assert taken == [tuple(pieces)]


def test_files_that_were_given_up_are_found(catalog: Catalog) -> None:
    catalog.keep_piece("demo", "u", FIRST)
    catalog.keep_piece("demo", "v", Piece(Span(0, 1, 1), "e" * 64))
    assert catalog.abandoned_uploads(60) == ()
    assert catalog.take_pieces("demo", "v", seconds=60)
    assert catalog.abandoned_uploads(-1) == (("demo", "u"),)
