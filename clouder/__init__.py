from . import controllers
from . import drivers
from . import models
from . import wizards
from . import runners
