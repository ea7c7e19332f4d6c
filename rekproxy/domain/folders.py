"""Paths of folders: where people find assets, whatever these are called."""

from ..errors import InvalidRequestError
from .publicid import check_public_id


def check_folder(name: str, text: str) -> str:
    """The path that a parameter of this name means, `""` for the top. Raises `InvalidRequestError`."""
    path = text.strip(" /")
    try:
        return check_public_id(path) if path else ""
    except InvalidRequestError as error:
        raise InvalidRequestError(str(error).replace("public_id", name, 1)) from None


def above(path: str) -> str:
    """The folder that one lies in, `""` for the top."""
    return path.rpartition("/")[0]
