import datetime

from odoo.tests import BaseCase, tagged

from ..lib import schedule

START = datetime.datetime(2026, 1, 1)
MINUTES = datetime.timedelta(minutes=1)


@tagged("post_install", "-at_install")
class TestSchedule(BaseCase):
    def test_pauses_double_up_to_a_day(self):
        pauses = [schedule.pause(number, 0) / MINUTES for number in range(1, 6)]
        self.assertEqual(pauses, [10, 20, 40, 80, 160])
        self.assertEqual(schedule.pause(10_000, 0), datetime.timedelta(days=1))
        self.assertEqual(schedule.pause(1, 1) / MINUTES, 12)
        self.assertLessEqual(schedule.pause(1) / MINUTES, 12)

    def test_renewal_is_well_before_the_end(self):
        def days(life, before, spread=0):
            end = START + datetime.timedelta(days=life)
            return (end - schedule.renewal(START, end, before, spread)).days

        self.assertEqual(days(90, 30), 30)
        self.assertEqual(days(90, 10), 30, "a third of its life, at least")
        self.assertEqual(days(90, 30, spread=1), 34)
        self.assertEqual(days(6, 30), 3, "half of its life, at most")
        self.assertEqual(days(365, 30), 121)
