"""A policy such as `aws_rek:violence:0.7`: how it is read, and what it makes of a list of labels."""

from .taxonomy import Label

__all__ = ["Label"]
