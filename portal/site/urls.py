"""URLs of the ready-made deployment. Host projects include ``identity.urls`` and ``portal.urls`` likewise."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from identity.wire.views import endpoint_or
from portal.pages.home import home
from portal.site.admin_login import AdminLogin

admin.site.login_form = AdminLogin
admin.site.site_header = "Identity portal"
admin.site.site_title = "Identity portal"
admin.site.index_title = "Administration"

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
]

if "portal.demo" in settings.INSTALLED_APPS:
    from portal.demo.views import start_page

    urlpatterns += [
        path("", endpoint_or(start_page)),
        path("demo/", include("portal.demo.urls")),
    ]
else:
    urlpatterns += [path("", endpoint_or(home))]

urlpatterns += [
    path("", include("identity.urls")),
    path("", include("identity.iam.urls")),
    path("", include("identity.identitypools.urls")),
    path("", include("portal.urls")),
]

handler404 = "portal.pages.errors.not_found"
handler500 = "portal.pages.errors.server_fault"
