"""Invented people. Any likeness is chance; addresses end in example.org, numbers are fictional."""

from dataclasses import dataclass

CLINIC_NAME = "Clinique Anagène"


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of staff; the password is published, this is a demo."""

    name: str
    login: str
    password: str
    roles: tuple[str, ...]
    bookable: bool = False
    profession: str | None = None

    @property
    def email(self) -> str:
        return f"{self.login}@example.org"


STAFF = (
    Colleague("Claire Fontaine", "owner", "demo-owner-2026", ("owner",), profession="Manager"),
    Colleague(
        "Dr Inès Laurent", "director", "demo-director-2026", ("medical_director",), True,
        "Dermatologist",
    ),
    Colleague(
        "Dr Marc Dubois", "practitioner", "demo-practitioner-2026", ("practitioner",), True,
        "Aesthetic physician",
    ),
    Colleague("Sofia Nunes", "nurse", "demo-nurse-2026", ("nurse",), profession="Nurse"),
    Colleague("Léo Martin", "desk", "demo-desk-2026", ("receptionist",), profession="Front desk"),
    Colleague("Hanna Vogel", "auditor", "demo-auditor-2026", ("auditor",), profession="Auditor"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """A patient: name, sex, year of birth, weight in kg as it is written."""

    given: str
    family: str
    sex: str
    born_on: str
    weight_kg: str

    @property
    def email(self) -> str:
        plain = f"{self.given}.{self.family}".lower()
        for accented, letter in zip("éèêëàâçîïôöûüñ", "eeeeaaciioouun", strict=True):
            plain = plain.replace(accented, letter)
        return f"{plain.replace(' ', '-')}@example.org"


_WOMEN = """Ada Moreau 1989-04-02 62.5|Béatrice Lemoine 1975-11-20 70|Chiara Rossi 1992-02-29 55
Delphine Garnier 1983-07-14 68|Elena Popescu 1979-09-03 73.5|Farah Haddad 1996-01-25 58
Gaëlle Rivière 1968-05-30 66|Hélène Marchand 1971-12-08 81|Irina Sokolova 1987-03-17 60
Jeanne Perrin 1959-08-22 64|Karima Benali 1990-10-11 71|Lucie Chevalier 1985-06-06 57.5
Maya Cohen 1994-04-19 63|Nadia Ferrari 1977-02-02 69|Olga Nowak 1982-09-27 75
Pauline Masson 1998-07-07 54|Rosa Delgado 1966-03-12 72|Sarah Klein 1991-11-05 61
Thaïs Bertrand 1988-01-15 59|Ursula Weber 1973-05-21 78|Valérie Roche 1980-10-30 65
Wanda Kowalska 1969-06-18 70.5"""
_MEN = """Adrien Faure 1986-03-09 82|Bruno Caron 1978-12-01 90|Carlos Mendes 1993-05-16 76
David Levy 1970-07-23 88|Emil Jansen 1984-02-11 79|Fabien Guérin 1990-09-29 84
Georges Blanc 1962-04-04 77|Hugo Renard 1997-08-13 71|Ivan Petrov 1981-11-26 93
Jules Colin 1989-01-07 74|Karl Lindqvist 1976-06-15 86|Louis Barbier 1995-10-03 80
Marco Bianchi 1983-03-31 85|Nils Hansen 1974-09-19 91|Omar Saïdi 1987-12-12 78
Pierre Giraud 1965-02-24 83|Rémi Fontanel 1992-07-28 75|Sami Toumi 1979-05-08 87"""


def _read(lines: str, sex: str) -> list[Person]:
    people = []
    for entry in lines.replace("\n", "|").split("|"):
        given, family, born_on, weight = entry.split(" ")
        people.append(Person(given, family, sex, born_on, weight))
    return people


WOMEN = tuple(_read(_WOMEN, "female"))
MEN = tuple(_read(_MEN, "male"))
PATIENTS = WOMEN + MEN  # forty
