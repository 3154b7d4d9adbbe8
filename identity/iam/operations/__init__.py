"""The wire operations, registered with the service when they are imported."""

from . import inquiries, sessions, switched_off, user_sessions

__all__ = ["inquiries", "sessions", "switched_off", "user_sessions"]
