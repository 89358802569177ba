from . import publish_hooks
from . import proxy
