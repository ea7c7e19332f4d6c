"""Named transformations on the wire: listed, made, changed and dropped, with Basic of an administrator."""

from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response, request

from ..domain.naming import Definition
from ..domain.transformation import described
from ..interfaces.transformations import Made
from ..services.naming import Naming
from .auth import Keyring
from .cursors import MOST_RESULTS, Cursors
from .entrance import Entrance, admin_part
from .forms import Parameters, check_text
from .replies import json_reply
from .representation import Representation

#: What a cursor of transformations is good for.
_LISTING: Final = "transformations"


def transformations_blueprint(
    keyring: Keyring, naming: Naming, represent: Representation, cursors: Cursors
) -> Blueprint:
    """Routes of named transformations; older SDKs have the name in the path."""
    views = _Views(Entrance(keyring), naming, represent, cursors)
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
    represent: Representation
    cursors: Cursors

    def find(self, cloud: str) -> Response:
        _, asked = self.entrance.enter(cloud, "admin")
        if "transformation" in asked:
            return self._shown(cloud, asked.text("transformation"), asked)
        named = asked.flag("named") if "named" in asked else None
        limit = asked.number("max_results", 10, most=MOST_RESULTS)
        place = self.cursors.behind(cloud, _LISTING, asked.text("next_cursor"))
        page = self.naming.find(cloud, named=named, place=place, limit=limit)
        following = self.cursors.following(cloud, _LISTING, page.after)
        listed = [_written(each, used=self.naming.is_used(cloud, each)) for each in page.definitions]
        return json_reply({"transformations": listed, **following})

    def show(self, cloud: str, name: str) -> Response:
        _, asked = self.entrance.enter(cloud, "admin")
        return self._shown(cloud, check_text("transformation", name), asked)

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

    def _shown(self, cloud: str, name: str | None, asked: Parameters) -> Response:
        definition, used = self.naming.get(cloud, name)
        limit = asked.number("max_results", 10, most=MOST_RESULTS)
        listing = f"{_LISTING}/{definition.name}"
        place = self.cursors.behind(cloud, listing, asked.text("next_cursor"))
        page = self.naming.images(cloud, definition.text, after=place[0] if place else 0, limit=limit)
        following = self.cursors.following(cloud, listing, None if page.after is None else (page.after, ""))
        shown = {**_written(definition, used=used), "info": described(definition.text)}
        images = [self._image(cloud, definition.text, image) for image in page.images]
        return json_reply({**shown, "derived": images, **following})

    def _image(self, cloud: str, text: str, image: Made) -> dict[str, Any]:
        name = (cloud, image.type, image.public_id)
        return {
            "public_id": image.public_id,
            "resource_type": "image",
            "type": image.type,
            "format": image.format,
            "bytes": image.bytes,
            "id": f"{image.id:032x}",
            **self.represent.addresses(name, image.version, image.format, request.root_url, text),
        }


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
