"""Settings: TOML and `REKPROXY_*` variables (each also as `…_FILE`), checked whole at start, then frozen.

One error names every wrong setting. A setting is declared once, here; `config/rekproxy.toml` and
`docs/settings.md` are kept equal to this file by a test.
"""
