"""The wire operations, registered with the service when they are imported."""

from . import sessions

__all__ = ["sessions"]
