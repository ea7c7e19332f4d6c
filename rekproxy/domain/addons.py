"""Add-ons of the wire, of which none is here: a wrong value is an error, a right one lacks a subscription."""

import re
from typing import Final, NoReturn

from ..errors import InvalidRequestError, SubscriptionError

_OFF: Final = ("", "0", "false")
_WORDS: Final = {
    "categorization": "google_tagging|imagga_tagging|aws_rek_tagging|google_video_tagging",
    "detection": "adv_face|aws_rek_face|cld-fashion|cld-text|coco_v[12]|lvis_v1|unidet|openimages"
    "|human-anatomy|shop-classifier|captioning|iqa|iqa-analysis|watermark-detection|object_detection",
    "background_removal": "cloudinary_ai|pixelz|remove_the_background",
    "raw_convert": "aspose|google_speech|extract_text|azure_video_indexer|unoconv",
    "ocr": "adv_ocr",
    "similarity_search": "tineye|cloudinary",
}
_SAID: Final = {
    "categorization": "Categorization {value} is not valid",
    "detection": "Detection invalid model '{value}'",
    "background_removal": "Background removal {value} is invalid",
    "raw_convert": "Raw convert is invalid",
}


def refuse(name: str, value: str) -> None:
    """Refuse a value of an add-on's parameter, unless it asks for nothing.

    Raises `InvalidRequestError`, in the wire's words, for a value that the add-on does not have, and
    `SubscriptionError` for one that it has.
    """
    if value.lower() in _OFF:
        return
    if name == "auto_tagging":
        _refuse_number(name, value)
    known = _WORDS.get(name)
    for word in value.split(",") if known else ():
        if not re.fullmatch(rf"(?:{known})(?::[\w:.-]{{1,80}})?", word.strip()):
            said = _SAID.get(name, "Invalid value for parameter {name}: {value}")
            raise InvalidRequestError(said.format(name=name, value=value[:80]))
    raise SubscriptionError(f"You don't have an active subscription for {name}")


def _refuse_number(name: str, value: str) -> NoReturn:
    if not re.fullmatch(r"0?\.\d{1,6}|[01](\.0{1,6})?", value):
        raise InvalidRequestError(f"Invalid value for parameter {name}: must be from 0.0 to 1.0")
    raise SubscriptionError(f"You don't have an active subscription for {name}")
