from . import test_postgres_driver
from . import test_render
from . import test_scram
from . import test_sql
