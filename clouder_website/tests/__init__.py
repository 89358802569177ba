from . import test_portal_access
from . import test_portal_domains
from . import test_portal_french
from . import test_portal_jobs
from . import test_portal_pages
from . import test_portal_verbs
from . import test_portal_tour
