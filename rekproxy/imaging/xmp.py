"""XMP, the part of a file's metadata that is written in XML: its properties as names and texts."""

from collections.abc import Iterator
from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns# "
_DESCRIPTION: Final = f"{_RDF}Description"
_MOST_BYTES: Final = 1 << 20
_MOST_PROPERTIES: Final = 400


def read_xmp(packet: bytes) -> Iterator[tuple[str, str]]:
    """Properties of a packet, each with the texts in it between commas; none of one that is no sound XML.

    A document that declares entities is not read: they can make a small packet endless.
    """
    reading = _Reading()
    if packet and len(packet) <= _MOST_BYTES:
        try:
            reading.run(packet.strip(b"\x00 \r\n\t"))
        except (ExpatError, ValueError):
            return iter(())
    return iter(reading.found)


class _Reading:
    """One pass over a packet. A property is an attribute or a child of a description."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []
        self._path: list[str] = []
        self._texts: list[str] = []

    def run(self, packet: bytes) -> None:
        parser = ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = self._refuse
        parser.Parse(packet, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == _DESCRIPTION and len(self._path) < 3:
            for attribute, value in attributes.items():
                if not attribute.startswith(_RDF):
                    self._add(attribute, value)
        if self._parent() == _DESCRIPTION:
            self._texts = []
        self._path.append(name)

    def _end(self, name: str) -> None:
        self._path.pop()
        if self._parent() == _DESCRIPTION and len(self._path) < 4:
            self._add(name, ", ".join(self._texts))

    def _text(self, text: str) -> None:
        if text.strip():
            self._texts.append(text.strip())

    def _refuse(self, *_: object) -> None:
        raise ValueError("entities")

    def _parent(self) -> str:
        return self._path[-1] if self._path else ""

    def _add(self, name: str, value: str) -> None:
        local = name.rpartition(" ")[2]
        if value.strip() and len(self.found) < _MOST_PROPERTIES:
            self.found.append((local[:1].upper() + local[1:], value))
