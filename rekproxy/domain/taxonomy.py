"""The two vocabularies of moderation labels, and the ways from a written name to a category."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Label:
    """One thing that a detector saw in a picture.

    `parent_name` is empty at the top level. `confidence` is 0..100. Raises `ValueError` for what no verdict
    may rest on: a label without a name, or a confidence that is not a finite number in that range.
    """

    name: str
    parent_name: str
    confidence: float
    taxonomy_level: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip() or not isinstance(self.parent_name, str):
            raise ValueError(f"a label without a name: {self.name!r} below {self.parent_name!r}")
        number = isinstance(self.confidence, int | float) and not isinstance(self.confidence, bool)
        if not number or not 0 <= self.confidence <= 100:
            raise ValueError(f"confidence of {self.name!r} is {self.confidence!r}, not a number in 0..100")
        object.__setattr__(self, "confidence", float(self.confidence))


#: What our own test picture shows. No taxonomy knows it, so every policy judges it at the default level.
TEST_CARD = Label("Test Card", "", 100.0)

_Tree = Mapping[str, "_Tree"]

_TREE_6: _Tree = {
    "Explicit Nudity": {
        "Nudity": {},
        "Graphic Male Nudity": {},
        "Graphic Female Nudity": {},
        "Sexual Activity": {},
        "Illustrated Explicit Nudity": {},
        "Adult Toys": {},
    },
    "Suggestive": {
        "Female Swimwear Or Underwear": {},
        "Male Swimwear Or Underwear": {},
        "Partial Nudity": {},
        "Barechested Male": {},
        "Revealing Clothes": {},
        "Sexual Situations": {},
    },
    "Violence": {
        "Graphic Violence Or Gore": {},
        "Physical Violence": {},
        "Weapon Violence": {},
        "Weapons": {},
        "Self Injury": {},
    },
    "Visually Disturbing": {
        "Emaciated Bodies": {},
        "Corpses": {},
        "Hanging": {},
        "Air Crash": {},
        "Explosions And Blasts": {},
    },
    "Rude Gestures": {"Middle Finger": {}},
    "Drugs": {"Drug Products": {}, "Drug Use": {}, "Pills": {}, "Drug Paraphernalia": {}},
    "Tobacco": {"Tobacco Products": {}, "Smoking": {}},
    "Alcohol": {"Drinking": {}, "Alcoholic Beverages": {}},
    "Gambling": {"Gambling": {}},
    "Hate Symbols": {"Nazi Party": {}, "White Supremacy": {}, "Extremist": {}},
}

_TREE_7: _Tree = {
    "Explicit": {
        "Explicit Nudity": {
            "Exposed Male Genitalia": {},
            "Exposed Female Genitalia": {},
            "Exposed Buttocks or Anus": {},
            "Exposed Female Nipple": {},
        },
        "Explicit Sexual Activity": {},
        "Sex Toys": {},
    },
    "Non-Explicit Nudity of Intimate parts and Kissing": {
        "Non-Explicit Nudity": {
            "Bare Back": {},
            "Exposed Male Nipple": {},
            "Partially Exposed Buttocks": {},
            "Partially Exposed Female Breast": {},
            "Implied Nudity": {},
        },
        "Obstructed Intimate Parts": {"Obstructed Female Nipple": {}, "Obstructed Male Genitalia": {}},
        "Kissing on the Lips": {},
    },
    "Swimwear or Underwear": {"Female Swimwear or Underwear": {}, "Male Swimwear or Underwear": {}},
    "Violence": {
        "Weapons": {},
        "Graphic Violence": {
            "Weapon Violence": {},
            "Physical Violence": {},
            "Self-Harm": {},
            "Blood & Gore": {},
            "Explosions and Blasts": {},
        },
    },
    "Visually Disturbing": {
        "Death and Emaciation": {"Emaciated Bodies": {}, "Corpses": {}},
        "Crashes": {"Air Crash": {}},
    },
    "Drugs & Tobacco": {
        "Products": {"Pills": {}},
        "Drugs & Tobacco Paraphernalia & Use": {"Smoking": {}},
    },
    "Alcohol": {"Alcohol Use": {"Drinking": {}}, "Alcoholic Beverages": {}},
    "Rude Gestures": {"Middle Finger": {}},
    "Gambling": {},
    "Hate Symbols": {"Nazi Party": {}, "White Supremacy": {}, "Extremist": {}},
}

# Where a name of 6.1 went, if not to its namesake. Illustrated Explicit Nudity became a content type.
_MOVED: Mapping[str, tuple[str, ...]] = {
    "Explicit Nudity": ("Explicit",),
    "Suggestive": ("Non-Explicit Nudity of Intimate parts and Kissing", "Swimwear or Underwear"),
    "Drugs": ("Drugs & Tobacco",),
    "Tobacco": ("Drugs & Tobacco",),
    "Nudity": ("Exposed Female Nipple", "Exposed Buttocks or Anus"),
    "Graphic Male Nudity": ("Exposed Male Genitalia",),
    "Graphic Female Nudity": ("Exposed Female Genitalia",),
    "Sexual Activity": ("Explicit Sexual Activity",),
    "Illustrated Explicit Nudity": (),
    "Adult Toys": ("Sex Toys",),
    "Partial Nudity": ("Implied Nudity", "Partially Exposed Buttocks", "Partially Exposed Female Breast"),
    "Barechested Male": ("Exposed Male Nipple",),
    "Revealing Clothes": ("Non-Explicit Nudity", "Obstructed Intimate Parts"),
    "Sexual Situations": ("Kissing on the Lips",),
    "Graphic Violence Or Gore": ("Blood & Gore",),
    "Self Injury": ("Self-Harm",),
    "Hanging": ("Corpses",),
    "Drug Products": ("Products",),
    "Drug Use": ("Drugs & Tobacco Paraphernalia & Use",),
    "Drug Paraphernalia": ("Drugs & Tobacco Paraphernalia & Use",),
    "Tobacco Products": ("Products",),
}

# Names in circulation that are no label's: an older one of 6.1, and misspellings in AWS's migration notes.
_ALIASES = {
    "illustrated_nudity_or_sexual_activity": "illustrated_explicit_nudity",
    "drug_and_tobacco_paraphernalia_and_use": "drugs_and_tobacco_paraphernalia_and_use",
    "exposed_female_nipples": "exposed_female_nipple",
    "exposed_buttocks": "exposed_buttocks_or_anus",
}


@lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """The key of a name: lower case, `&` as `and`, every other run of signs as one underscore."""
    return re.sub("[^a-z0-9]+", "_", name.lower().replace("&", "and")).strip("_")


def _walk(tree: _Tree, *above: str) -> Iterator[tuple[str, ...]]:
    """Every path of names through a tree, parents first."""
    for name, below in tree.items():
        yield (*above, name)
        yield from _walk(below, *above, name)


class Taxonomy:
    """One version's categories.

    `lineages` gives each key's path of keys, from itself to its top level; `edges` holds each label's name
    with its parent's, as a detector returns them.
    """

    def __init__(self, version: str, tree: _Tree) -> None:
        self.version = version
        self.lineages: dict[str, tuple[str, ...]] = {}
        self._spellings = dict(_ALIASES)
        self.edges: set[tuple[str, str]] = set()
        for path in _walk(tree):
            # 6.1 has Gambling below Gambling: one key, which stands for the upper one
            self.lineages.setdefault(fold(path[-1]), tuple(fold(name) for name in reversed(path)))
            self._spellings[fold(path[-1].replace("&", ""))] = fold(path[-1])
            self.edges.add((path[-1], path[-2] if len(path) > 1 else ""))

    def find(self, name: str) -> str | None:
        """The key that a display name, a key or an accepted spelling of either stands for."""
        key = self._spellings.get(fold(name), fold(name))
        return key if key in self.lineages else None

    def top(self, key: str) -> str:
        """The key of the top-level category above `key`, or itself."""
        return self.lineages[key][-1]

    def depth(self, label: Label) -> int:
        """The level of a label, 1 at the top, whether or not its name is known."""
        if label.taxonomy_level is not None or not label.parent_name:
            return label.taxonomy_level or 1
        parent = self.find(label.parent_name)
        return len(self.lineages[parent]) + 1 if parent else 2

    def recognised(self, labels: Sequence[Label]) -> int:
        """How many of these labels stand, name below parent, in this taxonomy."""
        return sum((label.name, label.parent_name) in self.edges for label in labels)


SIX = Taxonomy("6.1", _TREE_6)
SEVEN = Taxonomy("7", _TREE_7)
TAXONOMIES: Mapping[str, Taxonomy] = {taxonomy.version: taxonomy for taxonomy in (SIX, SEVEN)}

#: What each key of 6.1 became in 7: AWS's published mapping, with its gaps filled.
TARGETS: Mapping[str, tuple[str, ...]] = {
    fold(path[-1]): tuple(fold(name) for name in _MOVED.get(path[-1], path[-1:])) for path in _walk(_TREE_6)
}

#: The same, read backwards: the keys of 6.1 that a key of 7 came from. Some came from nowhere.
SOURCES: Mapping[str, tuple[str, ...]] = {
    key: sources
    for key in SEVEN.lineages
    if (sources := tuple(old for old, targets in TARGETS.items() if key in targets))
}


def nearest(name: str, known: Sequence[str]) -> str:
    """A hint for an unknown name: `; did you mean a, b?`, or nothing."""
    close = difflib.get_close_matches(fold(name), known, n=3)
    return f"; did you mean {', '.join(close)}?" if close else ""


def taxonomy_of(model_version: str, labels: Sequence[Label]) -> str:
    """The taxonomy that an answer speaks: by its model's version, else by its levels, else by its names."""
    version = re.match(r"([0-9]{1,4})(?![0-9])", model_version)
    if version:
        return SEVEN.version if int(version[1]) >= 7 else SIX.version
    if any(label.taxonomy_level is not None for label in labels):
        return SEVEN.version
    return SIX.version if SIX.recognised(labels) > SEVEN.recognised(labels) else SEVEN.version
