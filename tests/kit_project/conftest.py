pytest_plugins = ["identity.kit.pytest_plugin"]
