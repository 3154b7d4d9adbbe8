from tests.kit_project.notes import urlpatterns as notes
from tests.sites.urls import of_ourselves

urlpatterns = [of_ourselves, *notes]
