from . import domain_hooks
from . import bind
from . import bind_zone
from . import bind_link
from . import bind_peers
from . import bind_secondary
from . import bind_challenge
from . import bind_asked
