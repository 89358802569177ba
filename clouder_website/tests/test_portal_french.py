from odoo.tests import tagged

from .portal_case import URL, PortalCase


@tagged("post_install", "-at_install")
class TestPortalFrench(PortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        french = cls.env["res.lang"]._activate_lang("fr_FR")
        addons = ["clouder", "clouder_website"]
        cls.env["ir.module.module"]._load_module_terms(addons, ["fr_FR"])
        cls.env["website"].search([]).language_ids |= french
        cls.anna.lang = "fr_FR"

    def test_pages(self):
        for path, words in (
            (URL, ("Mes instances", "En marche")),
            (f"{URL}/{self.mine.id}", ("Redémarrer", "Supprimer cette instance")),
        ):
            text = self.page(f"/fr{path}").text
            for word in words:
                self.assertIn(word, text)

    def test_mail_of_a_deletion(self):
        mails = self.env["mail.mail"]
        before = mails.search([])
        self.ask(self.mine, "delete", confirm=self.mine.fulldomain)
        subjects = (mails.search([]) - before).mapped("subject")
        self.assertIn(f"{self.mine.fulldomain} sera supprimée", subjects)
