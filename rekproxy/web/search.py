"""Search on the wire: pictures by an expression, with Basic, or by a signed URL that anybody may open."""

import binascii
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response, request

from ..domain.asset import Asset
from ..domain.routes import Routes
from ..domain.signature import verify_search
from ..errors import AuthenticationError, InvalidRequestError
from ..interfaces.finding import Found
from ..interfaces.folders import Folder
from ..services.search import Search, aggregations, known
from .auth import Keyring
from .cursors import Cursors
from .entrance import Entrance, admin_part
from .forms import read_nested
from .replies import json_reply
from .representation import Fields, Representation, moment
from .searchitems import FIELDS, WITH_FIELD, Item
from .searchquery import Asked, following, read_query

#: Seconds that a search URL may name, at most.
_LONGEST: Final = 10**9

#: Secrets of a cloud's keys; none of a cloud that there is not.
Secrets = Callable[[str], Sequence[str]]


def search_blueprint(
    keyring: Keyring, search: Search, represent: Representation, cursors: Cursors
) -> Blueprint:
    """Routes of search."""
    views = _Views(Entrance(keyring), Answers(search, represent, cursors))
    return admin_part(
        "search",
        "",
        ("POST", "/resources/search", views.find),
        ("GET", "/resources/search", views.find),
        ("POST", "/folders/search", views.find_folders),
        ("GET", "/folders/search", views.find_folders),
    )


def search_url_blueprint(
    search: Search,
    represent: Representation,
    cursors: Cursors,
    secrets: Secrets,
    routes: Routes,
    max_age: int,
) -> Blueprint:
    """Search URLs, of a cloud or without one. `max_age` bounds what caches may keep, in seconds."""
    signed = _Signed(Answers(search, represent, cursors), secrets, routes, max_age)
    blueprint = Blueprint("search_url", __name__)
    for owner in ("", "/<cloud>"):
        for end in ("", "/<cursor>"):
            rule = f"{owner}/search/<signature>/<ttl>/<query>{end}"
            blueprint.add_url_rule(rule, view_func=signed.show, methods=["GET"])
    return blueprint


@dataclass(frozen=True, slots=True)
class Answers:
    """What a search gives, as the wire writes it."""

    search: Search
    represent: Representation
    cursors: Cursors

    def read(self, cloud: str, document: Mapping[str, Any]) -> Asked:
        """A search; raises `InvalidRequestError`."""
        asked = read_query(document, self.cursors, cloud)
        for name in asked.fields:
            known(name, FIELDS, "fields")
        for name in asked.with_field:
            known(name, WITH_FIELD, "with_field")
        return asked

    def write(self, cloud: str, asked: Asked, found: Found, began: float, *, public: bool = False) -> Fields:
        """A page; to the public nothing is told of keys."""
        senders = {} if public else self.search.senders(cloud, found.assets)
        items = [self._item(asset, asked, senders.get(asset.asset_id)) for asset in found.assets]
        counted = aggregations(found, asked.query.counted)
        return {
            "total_count": found.total,
            # Ours: where more is there than can be looked through
            **({} if found.whole else {"total_count_is": "at_least"}),
            "time": round((time.monotonic() - began) * 1000),
            "resources": items,
            **following(self.cursors, cloud, asked, found.after),
            **({"aggregations": counted} if counted else {}),
        }

    def _item(self, asset: Asset, asked: Asked, senders: tuple[str, str] | None) -> Fields:
        urls = self.represent.urls(asset, request.root_url)
        return Item(asset, urls, senders).told(asked.fields, asked.with_field)


@dataclass(frozen=True, slots=True)
class _Views:
    entrance: Entrance
    answers: Answers

    def find(self, cloud: str) -> Response:
        began = time.monotonic()
        _, document = self.entrance.enter_nested(cloud, "moderator")
        asked = self.answers.read(cloud, document)
        found = self.answers.search.find(cloud, asked.query)
        return json_reply(self.answers.write(cloud, asked, found, began))

    def find_folders(self, cloud: str) -> Response:
        began = time.monotonic()
        _, document = self.entrance.enter_nested(cloud, "moderator")
        asked = read_query(document, self.answers.cursors, cloud, "folders/search")
        found = self.answers.search.folders(cloud, asked.query)
        return json_reply(
            {
                "total_count": found.total,
                **({} if found.whole else {"total_count_is": "at_least"}),
                "time": round((time.monotonic() - began) * 1000),
                "folders": [_folder(folder) for folder in found.folders],
                **following(self.answers.cursors, cloud, asked, found.after),
            }
        )


@dataclass(frozen=True, slots=True)
class _Signed:
    answers: Answers
    secrets: Secrets
    routes: Routes
    max_age: int

    def show(
        self, signature: str, ttl: str, query: str, cursor: str | None = None, cloud: str | None = None
    ) -> Response:
        """Pictures that anybody may see, to anybody who has the URL; it names no time, so it has no end."""
        began, owner = time.monotonic(), self.routes.whose(cloud, request.host)
        secrets = self.secrets(owner) if owner else ()
        proven = [verify_search(signature, ttl, query, secret) for secret in secrets]
        if owner is None or True not in proven:
            raise AuthenticationError("Invalid signature of the search URL")
        document = _decoded(query)
        if cursor is not None:
            document["next_cursor"] = cursor
        asked = self.answers.read(owner, document)
        found = self.answers.search.find_approved(owner, asked.query)
        reply = json_reply(self.answers.write(owner, asked, found, began, public=True))
        reply.headers["Cache-Control"] = f"public, max-age={self._age(ttl)}, must-revalidate"
        reply.headers["Access-Control-Allow-Origin"] = "*"
        return reply

    def _age(self, ttl: str) -> int:
        """What is taken down is gone from every cache within the takedown's bound, whatever the URL says."""
        if not (ttl.isascii() and ttl.isdigit() and len(ttl) <= len(str(_LONGEST))):
            raise InvalidRequestError("Invalid value for parameter ttl")
        return min(int(ttl), self.max_age)


def _folder(folder: Folder) -> Fields:
    return {
        "name": folder.name,
        "path": folder.path,
        "created_at": moment(folder.created_at),
        "external_id": folder.external_id,
    }


def _decoded(query: str) -> dict[str, Any]:
    try:
        return read_nested(urlsafe_b64decode(query + "=" * (-len(query) % 4)))
    except (binascii.Error, ValueError) as error:
        raise InvalidRequestError("The search URL is not valid") from error
