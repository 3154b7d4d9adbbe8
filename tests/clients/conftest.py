from tests.site_fixtures import site

__all__ = ["site"]
