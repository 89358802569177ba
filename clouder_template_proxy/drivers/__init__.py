from . import publish_again
from . import proxy
