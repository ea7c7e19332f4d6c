"""How the tiles of a contact sheet lie: for who makes one and who cuts it up again."""

from math import isqrt


def across(tiles: int) -> int:
    """How many lie side by side, and one below the other: the smallest square that holds them."""
    return isqrt(tiles - 1) + 1


def boxes(tiles: int, size: tuple[int, int]) -> list[tuple[int, int, int, int]]:
    """Where each lies on a sheet of that size, line by line: left, top, right, bottom in pixels."""
    count = across(tiles)
    columns, rows = ([side * place // count for place in range(count + 1)] for side in size)
    return [
        (columns[place % count], rows[place // count], columns[place % count + 1], rows[place // count + 1])
        for place in range(tiles)
    ]
