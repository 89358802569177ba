from . import clouder_certificate_order
from . import clouder_certificate_mixin
from . import clouder_certificate_due
from . import clouder_base
from . import clouder_base_alias
from . import clouder_domain
from . import clouder_problem
