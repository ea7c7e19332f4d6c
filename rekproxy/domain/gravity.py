"""Gravities: compass words, a point, and what a picture shows (faces, a chosen region, what stands out)."""

#: Each gravity as the halves of the free room that lie left of and above what is placed.
GRAVITIES = {
    "north_west": (0, 0),
    "north": (1, 0),
    "north_east": (2, 0),
    "west": (0, 1),
    "center": (1, 1),
    "east": (2, 1),
    "south_west": (0, 2),
    "south": (1, 2),
    "south_east": (2, 2),
}

#: The point (x, y) is the middle of what is cut.
POINT = "xy_center"

#: What is looked for in a picture, in the order of trying; the middle where nothing is found.
FOCUSES = {
    "face": ("face",),
    "face:auto": ("face", "auto"),
    "faces": ("faces",),
    "faces:auto": ("faces", "auto"),
    "custom": ("custom",),
    "custom:face": ("custom", "face"),
    "custom:faces": ("custom", "faces"),
    "custom:auto": ("custom", "auto"),
    "auto": ("custom", "auto"),
    "auto:face": ("face", "auto"),
    "auto:faces": ("faces", "auto"),
    "auto:custom_no_override": ("auto",),
}

# The same by another name.
_ALIASES = {
    "face:center": "face",
    "faces:center": "faces",
    "custom:center": "custom",
    "auto:custom": "auto",
}


def read_gravity(text: str) -> str:
    """The one word for what `text` asks for; raises `ValueError`.

    Focus words of `auto` that nobody knows are plain `auto` (the wire's section 4.3).
    """
    word = _ALIASES.get(text, text)
    if word in GRAVITIES or word in FOCUSES or word == POINT:
        return word
    first, _, focus = word.partition(":")
    if first == "auto" and focus and focus.replace("_", "").replace(":", "").isalnum():
        return "auto"
    raise ValueError(text)


def is_auto(gravity: str | None) -> bool:
    """Whether the picture is to be looked at for what stands out, and nothing else was asked for."""
    return gravity is not None and gravity.partition(":")[0] == "auto"


def looks(gravity: str | None) -> bool:
    """Whether it depends on what the picture shows."""
    return gravity in FOCUSES
