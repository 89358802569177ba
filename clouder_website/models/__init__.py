from . import base_deletion
from . import base_portal
from . import base_talk
from . import job_portal
