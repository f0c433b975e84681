"""What golden captures plant in every field that may not be kept, and test_privacy.py then looks for: a patient and a
user who do not exist. No part of these may be a name of a system anywhere in the tests."""

SURNAME = "QUILLFEATHER"
FORENAME = "Zebedee"
NHS_NUMBER = "9434765919"         # valid by its check digit
NHS_SPACED = "943 476 5919"
BORN = "19481103"
BORN_ISO = "1948-11-03"
POSTCODE = "ZZ99 3WZ"             # a pseudo postcode of the NHS: no place
USER = "zquillf"
PASSWORD = "Plum-Kettle-77"
MAILBOX = "zebedee.quillf"        # local part of an address
FILE = "quillf-discharge.pdf"
FREE_TEXT = "palpitations-since-tuesday"

ALL = [SURNAME, FORENAME, NHS_NUMBER, NHS_SPACED, BORN, BORN_ISO, POSTCODE, USER, PASSWORD, MAILBOX, FILE, FREE_TEXT]

# What identifies, in one line: for bodies and other fields that take any text.
PATIENT = f"{SURNAME}^{FORENAME} {NHS_NUMBER} {BORN} {POSTCODE}"
