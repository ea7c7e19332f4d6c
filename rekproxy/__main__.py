"""`python -m rekproxy` is `rekproxy`."""

from .cli import main

main()
