from . import clouder_certificate_mixin
from . import clouder_certificate_served
from . import clouder_base
from . import clouder_base_link
from . import clouder_base_alias
from . import clouder_domain
from . import clouder_problem
from . import clouder_service
