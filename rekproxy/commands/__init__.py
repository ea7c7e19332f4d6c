"""What `rekproxy` can be told to do: a command a file, each `command` in its module."""
