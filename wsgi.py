"""For any WSGI server: `wsgi:application`, with the settings of the environment."""

import os

from rekproxy import create_app, logs
from rekproxy.config import load

_settings = load(os.environ)
logs.configure(_settings.log_format)
application = create_app(_settings)
