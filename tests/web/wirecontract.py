"""The calls and parameters of the wire, as its contract lists them; `<>` stands for a part of a path.

A line is a call; E (essential), U (useful) or O (not of this service); and its parameters besides those that
sign it.
"""

from typing import NamedTuple

_UPLOAD = """
public_id public_id_prefix folder asset_folder use_asset_folder_as_public_id_prefix display_name
use_filename_as_display_name unique_display_name use_filename unique_filename filename_override
discard_original_filename overwrite invalidate type access_mode access_control tags context metadata
allowed_formats format transformation eager eager_async eager_notification_url async notification_url
moderation backup return_delete_token faces face_coordinates custom_coordinates regions colors
phash image_metadata
media_metadata exif quality_analysis accessibility_analysis cinemagraph_analysis quality_override
responsive_breakpoints headers proxy callback upload_preset eval on_success categorization detection ocr
auto_tagging background_removal raw_convert similarity_search visual_search auto_transcription auto_chaptering
batch_id
"""
_EXPLICIT = """
public_id type moderation eager eager_async eager_notification_url tags context face_coordinates
custom_coordinates responsive_breakpoints headers access_control invalidate overwrite notification_url
async phash
colors faces image_metadata quality_analysis asset_folder display_name
"""
_LIST = "tags context metadata moderations fields max_results next_cursor direction start_at"
_ONE = """
colors faces phash coordinates pages image_metadata media_metadata exif quality_analysis versions related
max_results derived_next_cursor
"""
_UPDATE = """
tags context metadata face_coordinates custom_coordinates regions moderation_status notification_url
quality_override access_control asset_folder display_name unique_display_name clear_invalid categorization
detection ocr auto_tagging background_removal raw_convert similarity_search
"""
_TEXT = """
text public_id font_family font_size font_color text_align font_weight font_style background opacity
text_decoration letter_spacing line_spacing
"""
_SEARCH = "expression sort_by max_results next_cursor with_field fields aggregate"

_CALLS = f"""
POST /image/upload E file {_UPLOAD}
POST /auto/upload E file {_UPLOAD}
POST /upload E file {_UPLOAD}
POST /image/upload_chunked U file {_UPLOAD}
POST /image/explicit E {_EXPLICIT}
POST /image/destroy E public_id type invalidate notification_url
DELETE /asset/destroy U asset_id invalidate notification_url
POST /image/rename E from_public_id to_public_id type to_type overwrite invalidate context metadata
notification_url
POST /image/tags E command tag public_ids type
POST /image/context E command context public_ids type
POST /image/metadata O metadata public_ids clear_invalid
POST /delete_by_token U token
GET /image/download U public_id format type attachment target_filename transformation expires_at
GET /download_backup U asset_id version_id
POST /image/text U {_TEXT}
POST /image/multi O
POST /image/sprite O
POST /image/explode O
POST /image/generate_archive O
POST /video/create_slideshow O
GET /image/download_tag.zip O
GET /upload_presets E max_results next_cursor
POST /upload_presets E name unsigned disallow_public_id live
GET /upload_presets/<> E
PUT /upload_presets/<> E unsigned disallow_public_id live
DELETE /upload_presets/<> E
GET /ping E
GET /usage U
GET /usage/<> U
GET /config U settings
GET /resources U
GET /resources/image E prefix public_ids {_LIST}
GET /resources/image/<> E prefix public_ids {_LIST}
GET /resources/image/tags/<> E {_LIST}
GET /resources/image/context E key value {_LIST}
GET /resources/image/moderations/<>/<> E {_LIST}
GET /resources/by_asset_ids U asset_ids
GET /resources/by_asset_folder U asset_folder
GET /resources/image/<>/<> E {_ONE}
GET /resources/<> E {_ONE}
POST /resources/image/<>/<> E {_UPDATE}
PUT /resources/<> U {_UPDATE}
POST /resources/<> U {_UPDATE}
DELETE /resources/image/<> E public_ids prefix all keep_original invalidate transformations next_cursor
notification_url
DELETE /resources U asset_ids
DELETE /resources/image/tags/<> E keep_original invalidate next_cursor
DELETE /derived_resources U derived_resource_ids
DELETE /resources/backup/<> U version_ids
POST /resources/restore U asset_ids versions
POST /resources/image/publish_resources U public_ids prefix tag type overwrite invalidate
POST /resources/related_assets/<> O
DELETE /resources/related_assets/<> O
POST /resources/search E {_SEARCH}
GET /resources/search E {_SEARCH}
POST /folders/search U expression sort_by max_results next_cursor
GET /folders/search U expression sort_by max_results next_cursor
POST /resources/visual_search O
GET /tags/image U prefix max_results next_cursor
GET /folders U max_results next_cursor
GET /folders/<> U max_results next_cursor
POST /folders/<> U
PUT /folders/<> U to_folder
DELETE /folders/<> U skip_backup
GET /transformations E named transformation max_results next_cursor
POST /transformations E name transformation allowed_for_strict
PUT /transformations E transformation allowed_for_strict unsafe_update
DELETE /transformations E transformation invalidate
GET /transformations/<> E
POST /transformations/<> E transformation allowed_for_strict
PUT /transformations/<> E allowed_for_strict unsafe_update
DELETE /transformations/<> E invalidate
GET /upload_mappings U folder max_results next_cursor
POST /upload_mappings U folder template
PUT /upload_mappings U folder template
DELETE /upload_mappings U folder
GET /triggers U event_type
POST /triggers U uri event_type uri_type
PUT /triggers/<> U new_uri
DELETE /triggers/<> U
POST /triggers/<>/test U
GET /metadata_fields U
POST /metadata_fields U
DELETE /metadata_fields/<> U
GET /metadata_rules O
GET /streaming_profiles O
"""


class Call(NamedTuple):
    """A call of the wire: `path` below `/v1_1/<cloud>`."""

    method: str
    path: str
    mark: str
    parameters: tuple[str, ...]


def calls() -> list[Call]:
    """Every call that the contract names."""
    told: list[list[str]] = []
    for line in _CALLS.split("\n"):
        words = line.split()
        if words and words[0].isupper():
            told.append(words)
        elif words:
            told[-1] += words
    return [Call(method, path, mark, tuple(dict.fromkeys(rest))) for method, path, mark, *rest in told]
