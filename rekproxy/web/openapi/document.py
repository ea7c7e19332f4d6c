"""The description in OpenAPI's form, made from the data of the routes."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from ... import __version__
from ...domain.asset import ALL_TYPES
from ...domain.uploadparameters import Kind
from .operation import NOBODY, Does, Given, Operation, Part
from .schemas import SCHEMAS

Document = dict[str, Any]

_PART_OF_PATH = re.compile(r"<(?:(any)\(([^)]*)\):|path:|int:)?([a-z_]+)>")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")

#: Parts of paths that are no free texts.
_OF_PATHS: Final[dict[str, Document]] = {
    "asset_id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    "type": {"type": "string", "enum": sorted(ALL_TYPES)},
    "day": {"type": "string", "pattern": "^[0-9]{2}-[0-9]{2}-[0-9]{4}$"},
    "number": {"type": "string", "pattern": "^[0-9]{1,18}$"},
}
_KINDS: Final[dict[Kind, Document]] = {
    Kind.TEXT: {"type": "string"},
    Kind.LINES: {"type": "string"},
    Kind.FLAG: {"type": "boolean"},
    Kind.NUMBER: {"type": "integer", "minimum": 1},
    Kind.LIST: {"type": "array", "items": {"type": "string"}},
    Kind.MAP: {"type": "object", "additionalProperties": {"type": "string"}},
}
_BODIES: Final = {"Bytes": "image/*", "Text": "text/plain", "Page": "text/html"}
_ABOUT: Final = (
    "The API of this image origin: the calls of Cloudinary's upload and admin API that it answers, and its "
    "own. Nothing that is not approved is ever served."
)


def document(parts: Iterable[Part], server: str) -> Document:
    """The description of the routes of `parts`, which are found below the address `server`."""
    shown = [part for part in parts if part.operations]
    return {
        "openapi": "3.1.0",
        "info": {"title": "rekproxy", "version": __version__, "description": _ABOUT},
        "servers": [{"url": server}],
        "tags": [{"name": part.title, "description": plain(part.says)} for part in shown],
        "paths": _paths(shown),
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic", "description": "key and secret"}
            },
        },
    }


def plain(text: str) -> str:
    """`text` without its links, which lead from page to page of the documentation."""
    return _LINK.sub(r"\1", text)


def template(path: str) -> str:
    """A path of Flask's in the words of OpenAPI: `<path:public_id>` becomes `{public_id}`."""
    return _PART_OF_PATH.sub(r"{\3}", path)


def _paths(parts: Iterable[Part]) -> Document:
    paths: Document = {}
    for part in parts:
        for operation in part.operations:
            path = part.prefix + operation.path
            paths.setdefault(template(path), {})[operation.method.lower()] = _operation(part, operation)
    return paths


def _operation(part: Part, operation: Operation) -> Document:
    in_body = operation.method in ("POST", "PUT")
    parameters = [*_of_path(part.prefix + operation.path), *([] if in_body else _of_query(operation.takes))]
    return {
        "tags": [part.title],
        "summary": plain(operation.summary),
        "operationId": re.sub(r"[^a-z]+", "_", f"{operation.method} {operation.path}".lower()).strip("_"),
        **({"x-role": operation.role} if operation.role != NOBODY else {}),
        **({"x-ours": True} if operation.is_ours else {}),
        "security": _security(part, operation),
        "parameters": parameters,
        **({"requestBody": _body(operation)} if in_body and operation.takes else {}),
        "responses": _responses(operation),
    }


def _security(part: Part, operation: Operation) -> list[Document]:
    """None; or Basic; or Basic or none, where a signature among the parameters does as well."""
    if operation.role == NOBODY:
        return []
    signs = any(given.name == "signature" for given in operation.takes)
    return [{"basic": []}, *([{}] if signs else [])]


def _of_path(path: str) -> Iterator[Document]:
    for chosen, choices, name in _PART_OF_PATH.findall(path):
        schema = _OF_PATHS.get(name, {"type": "string", "minLength": 1})
        if chosen:
            schema = {"type": "string", "enum": [choice.strip() for choice in choices.split(",")]}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _of_query(takes: Iterable[Given]) -> Iterator[Document]:
    for given in takes:
        name = f"{given.name}[]" if given.kind is Kind.LIST else given.name
        style = {"style": "deepObject"} if given.kind is Kind.MAP else {}
        yield {"name": name, "in": "query", "schema": _KINDS[given.kind], **style, **_said(given)}


def _body(operation: Operation) -> Document:
    properties = {given.name: {**_KINDS[given.kind], **_said(given)} for given in operation.takes}
    schema = {"type": "object", "properties": properties}
    if operation.sends_file:
        file = {**properties["file"], "format": "binary"}
        return {
            "content": {
                "multipart/form-data": {"schema": schema | {"properties": properties | {"file": file}}}
            }
        }
    kinds = ["application/x-www-form-urlencoded"]
    if "signature" not in properties:
        kinds.insert(0, "application/json")
    return {"content": {kind: {"schema": schema} for kind in kinds}}


def _said(given: Given) -> Document:
    does = "" if given.does is Does.WORKS else f"({given.does.value}) "
    said = plain(does + given.meaning).strip()
    return {
        **({"description": said} if said else {}),
        **({"x-ours": True} if given.is_ours else {}),
    }


def _responses(operation: Operation) -> Document:
    error = {"description": "an error", "content": _content("Error")}
    if operation.refused:
        return {str(operation.refused): error, "default": error}
    return {"200": {"description": "done", "content": _content(operation.gives)}, "default": error}


def _content(gives: str) -> Document:
    if gives in _BODIES:
        return {_BODIES[gives]: {}}
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{gives}"}}}
