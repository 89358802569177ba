from . import clouder_base
from . import clouder_domain
from . import clouder_base_link
from . import clouder_dns_sent
from . import clouder_problem
