"""Pixels. Pillow stops here: what leaves is bytes, sizes and digests.

Nothing here knows storage, catalog or HTTP; it runs inside the imager's worker processes.
"""
