from . import portal
from . import portal_verbs
from . import portal_domains
