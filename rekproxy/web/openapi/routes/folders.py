"""Folders, tags, search: what the wire has for finding pictures besides listings."""

from typing import Final

from ..operation import Part

PART: Final = Part("Folders, tags and search", "admin", ())
