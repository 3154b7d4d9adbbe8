"""The operations of ``cognito-idp``, a module per topic. Importing this package registers them all."""

import pkgutil
from importlib import import_module


def load() -> None:
    """Import every topic. Called once, when the app is ready: the modules need the models."""
    for module in pkgutil.iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
