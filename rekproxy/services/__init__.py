"""What rekproxy does, a verb a file. No HTTP, no SQL, no Pillow: services speak through `interfaces`.

A service is a small frozen class whose fields are all that it needs.
"""
