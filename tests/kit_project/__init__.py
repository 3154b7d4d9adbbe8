"""A host's project as it stands on another machine: an API, guarded by ``identity.kit``, and its tests.

Its suite is run by ``tests/kit/test_plugin.py`` in a process of its own, not with ours.
"""
