from . import application_duplicate
