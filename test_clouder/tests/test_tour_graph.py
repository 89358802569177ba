"""What depends on what, drawn in a real browser."""

from odoo.tests import tagged

from .test_tour_base import TourCase


@tagged("post_install", "-at_install", "clouder_tour")
class TestTourGraph(TourCase):
    def test_the_drawing_opens_what_it_shows(self):
        self.start_tour(
            f"/odoo/clouder-environments/{self.environment.id}",
            "clouder_dependency_graph",
            login="newcomer",
            timeout=120,
        )
