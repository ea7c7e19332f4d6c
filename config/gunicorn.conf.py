"""For who starts gunicorn by hand: `gunicorn -c config/gunicorn.conf.py wsgi:application`.

`rekproxy serve` does the same, with checks and a word of welcome. Run `rekproxy work` beside it.
"""

import os

from rekproxy.config import load
from rekproxy.serving import gunicorn_options

_settings = load(os.environ)
globals().update(gunicorn_options(_settings.threads, _settings.response_deadline, _settings.log_format))
bind = "127.0.0.1:8080"
workers = 2
