"""The upload and admin wires on services of plain memory, and a client that signs."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import wiredoubles
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import encode_multipart

from rekproxy.config import Cloud, Key
from rekproxy.domain.signature import NEVER_SIGNED, sign_parameters
from rekproxy.services.remote import Remote
from rekproxy.web import errors
from rekproxy.web.actions import actions_blueprint
from rekproxy.web.admin import admin_blueprint
from rekproxy.web.auth import Keyring
from rekproxy.web.cursors import Cursors
from rekproxy.web.deleting import deleting_blueprint
from rekproxy.web.listings import listings_blueprint
from rekproxy.web.metrics import Backlog, Metrics
from rekproxy.web.ops import ops_blueprint
from rekproxy.web.representation import Representation
from rekproxy.web.resource import resource_blueprint
from rekproxy.web.sources import Sources
from rekproxy.web.upload import upload_blueprint

NOW = 1_800_000_000
MAX_UPLOAD = 100_000
SECRETS = {"all": "all-secret", "up": "up-secret", "mod": "mod-secret", "far": "far-secret"}


@dataclass
class Wire:
    """The application, its services and a client."""

    app: Flask
    client: FlaskClient
    ingest: wiredoubles.Ingest
    library: wiredoubles.Library
    review: wiredoubles.Updating
    deletion: wiredoubles.Deletion

    def upload(
        self, fields: dict[str, Any], *, path: str = "image/upload", cloud: str = "demo", **more: Any
    ) -> Any:
        boundary, body = encode_multipart(MultiDict(fields))
        kind = f"multipart/form-data; boundary={boundary}"
        return self.client.post(f"/v1_1/{cloud}/{path}", data=body, content_type=kind, **more)

    def get(self, path: str, key: str = "all", **more: Any) -> Any:
        return self.client.get(f"/v1_1/demo/{path}", auth=(key, SECRETS[key]), **more)

    def call(self, method: str, path: str, key: str = "all", **more: Any) -> Any:
        return self.client.open(f"/v1_1/demo/{path}", method=method, auth=(key, SECRETS[key]), **more)


def signed(fields: dict[str, Any], key: str = "all", **how: Any) -> dict[str, Any]:
    """Form fields with api_key, timestamp and signature, as an SDK sends them."""
    fields = {"timestamp": str(NOW), **fields}
    bare = {name: value for name, value in fields.items() if name not in NEVER_SIGNED}
    signature = sign_parameters(bare, SECRETS[key], **how)
    return {**fields, "api_key": key, "signature": signature}


def clouds() -> tuple[Cloud, ...]:
    roles = {"all": {"admin"}, "up": {"upload"}, "mod": {"moderator"}}
    keys = tuple(Key(key=name, secret=SECRETS[name], roles=frozenset(roles[name])) for name in roles)
    far = Key(key="far", secret=SECRETS["far"], roles=frozenset({"admin"}))
    return Cloud(name="demo", keys=keys), Cloud(name="other", keys=(far,))


def make_wire(now: Callable[[], float] = time.time) -> Wire:
    keyring = Keyring(clouds(), now)
    ingest, library = wiredoubles.Ingest(), wiredoubles.Library()
    review = wiredoubles.Updating(library)
    represent = Representation("https://images.example/base/", keyring)
    app = Flask("wire", static_folder=None)
    errors.register(app)
    presets, later, preview = wiredoubles.Presets(), wiredoubles.Later(), wiredoubles.Preview()
    chunks = wiredoubles.Chunks()
    sources = Sources(Remote(wiredoubles.Fetcher(), 5, MAX_UPLOAD), chunks)
    unused: Any = None  # what needs these is tried on a whole house
    app.register_blueprint(
        upload_blueprint(
            keyring,
            ingest,
            later,
            presets,
            preview,
            represent,
            sources,
            wiredoubles.Analysis(),
            unused,
            MAX_UPLOAD,
        )
    )
    app.register_blueprint(actions_blueprint(keyring, library, unused, unused, unused, represent))
    backups, cursors = wiredoubles.Backups(), Cursors("cursor secret")
    analysis = wiredoubles.Analysis()
    app.register_blueprint(admin_blueprint(keyring, library))
    app.register_blueprint(listings_blueprint(keyring, library, represent, cursors))
    app.register_blueprint(
        resource_blueprint(keyring, library, review, backups, represent, cursors, analysis)
    )
    deletion = wiredoubles.Deletion(library)
    app.register_blueprint(deleting_blueprint(keyring, deletion, cursors))
    backlog = Backlog(lambda: (3, 1_000), lambda: {("moderate", "waiting"): 2}, lambda: 61.0)
    app.register_blueprint(
        ops_blueprint(
            lambda: None,
            {},
            Metrics(),
            backlog,
            lambda request: keyring.operator(None, request.authorization),
        )
    )
    return Wire(app, app.test_client(), ingest, library, review, deletion)
