from . import postfix
from . import postfix_link
