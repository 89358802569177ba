from . import test_api_page
from . import test_every_view
from . import test_foreign_methods
from . import test_terms
from . import test_tour_base
from . import test_tour_graph
