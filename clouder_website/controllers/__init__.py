from . import catalogue
from . import order
from . import progress
from . import password
from . import embed
from . import portal
from . import portal_verbs
from . import portal_domains
