"""For any WSGI server: `wsgi:application`, with the settings of the environment."""

from rekproxy import create_app

application = create_app()
