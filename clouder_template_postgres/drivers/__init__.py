from . import postgres
from . import postgres_database
from . import postgres_link
