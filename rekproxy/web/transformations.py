"""Named transformations on the wire: listed, made, changed and dropped, with Basic of an administrator."""

from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response

from ..domain.naming import Definition
from ..domain.transformation import described
from ..services.naming import Naming
from .auth import Keyring
from .cursors import MOST_RESULTS, Cursors
from .entrance import Entrance, admin_part
from .forms import Parameters, check_text
from .replies import json_reply

#: What a cursor of transformations is good for.
_LISTING: Final = "transformations"


def transformations_blueprint(keyring: Keyring, naming: Naming, cursors: Cursors) -> Blueprint:
    """Routes of named transformations; older SDKs have the name in the path."""
    views = _Views(Entrance(keyring), naming, cursors)
    return admin_part(
        "transformations",
        "/transformations",
        ("GET", "", views.find),
        ("POST", "", views.create),
        ("PUT", "", views.update),
        ("DELETE", "", views.drop),
        ("GET", "/<path:name>", views.show),
        ("POST", "/<path:name>", views.create),
        ("PUT", "/<path:name>", views.update),
        ("DELETE", "/<path:name>", views.drop),
    )


@dataclass(frozen=True, slots=True)
class _Views:
    entrance: Entrance
    naming: Naming
    cursors: Cursors

    def find(self, cloud: str) -> Response:
        _, asked = self.entrance.enter(cloud, "admin")
        if "transformation" in asked:
            return self._shown(cloud, asked.text("transformation"))
        named = asked.flag("named") if "named" in asked else None
        limit = asked.number("max_results", 10, most=MOST_RESULTS)
        place = self.cursors.behind(cloud, _LISTING, asked.text("next_cursor"))
        page = self.naming.find(cloud, named=named, after=place and place[1], limit=limit)
        following = self.cursors.following(cloud, _LISTING, None if page.after is None else (0, page.after))
        listed = [_written(each, used=self.naming.is_used(cloud, each)) for each in page.definitions]
        return json_reply({"transformations": listed, **following})

    def show(self, cloud: str, name: str) -> Response:
        self.entrance.enter(cloud, "admin")
        return self._shown(cloud, check_text("transformation", name))

    def create(self, cloud: str, name: str | None = None) -> Response:
        caller, asked = self.entrance.enter(cloud, "admin")
        allowed = asked.flag("allowed_for_strict") if "allowed_for_strict" in asked else True
        called = asked.text("name") if name is None else check_text("name", name)
        text = asked.text("transformation")
        self.naming.create(cloud, called, text, allowed=allowed, actor=caller.actor)
        return json_reply({"message": "created"})

    def update(self, cloud: str, name: str | None = None) -> Response:
        caller, asked = self.entrance.enter(cloud, "admin")
        allowed = asked.flag("allowed_for_strict") if "allowed_for_strict" in asked else None
        text = asked.text("unsafe_update")
        self.naming.update(cloud, _called(asked, name), text=text, allowed=allowed, actor=caller.actor)
        return json_reply({"message": "updated"})

    def drop(self, cloud: str, name: str | None = None) -> Response:
        caller, asked = self.entrance.enter(cloud, "admin")
        self.naming.drop(cloud, _called(asked, name), actor=caller.actor)
        return json_reply({"message": "deleted"})

    def _shown(self, cloud: str, name: str | None) -> Response:
        definition, used = self.naming.get(cloud, name)
        return json_reply({**_written(definition, used=used), "info": described(definition.text)})


def _called(asked: Parameters, name: str | None) -> str | None:
    return asked.text("transformation") if name is None else check_text("transformation", name)


def _written(definition: Definition, *, used: bool) -> dict[str, Any]:
    """One as the wire writes it: names with the `t_` that URLs have before them."""
    return {
        "name": f"t_{definition.name}" if definition.named else definition.name,
        "allowed_for_strict": definition.allowed,
        "used": used,
        "named": definition.named,
    }
