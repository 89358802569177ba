from . import models
from . import drivers
