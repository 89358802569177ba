from . import clouder_base
from . import clouder_base_link
from . import clouder_service
from . import own_mail
