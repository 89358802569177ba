from . import driver
from . import image_hooks
from . import service_hooks
from . import link_hooks
from . import base_hooks
from . import database_hooks
from . import backup_hooks
