from . import drivers
from . import models
