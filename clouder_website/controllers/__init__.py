from . import catalogue
from . import order
from . import progress
from . import embed
