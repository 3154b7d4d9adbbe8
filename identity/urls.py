"""The AWS services' own addresses: one endpoint at the root, and the paths of Cognito Sync where it is installed.

A site includes this under any prefix. One that shows a page at the same address puts
``path("", endpoint_or(page))`` before the include.
"""

from django.urls import path

from identity.wire.restjson import urlpatterns as rest_paths
from identity.wire.views import endpoint

app_name = "identity"
urlpatterns = [path("", endpoint, name="endpoint"), *rest_paths()]
