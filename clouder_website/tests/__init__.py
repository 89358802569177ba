from . import test_portal_jobs
from . import test_portal_pages
