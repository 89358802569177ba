from . import certify_hooks
from . import acme
from . import pebble
