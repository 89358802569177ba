from . import proxy
