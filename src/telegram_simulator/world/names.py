"""Names and mobile number plans of the sample world's countries."""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Country:
    """A country's share of the people, the beginnings of its mobile numbers and how long they are in all."""

    code: str
    share: float
    prefixes: tuple[str, ...]
    digits: int
    language: str


COUNTRIES = (
    Country(
        "RU",
        0.50,
        ("7903", "7905", "7909", "7910", "7916", "7921", "7926", "7937", "7950", "7961", "7985", "7999"),
        11,
        "russian",
    ),
    Country(
        "KZ", 0.14, ("7701", "7702", "7705", "7707", "7747", "7771", "7775", "7777", "7778"), 11, "kazakh"
    ),
    Country("US", 0.08, ("1212", "1310", "1415", "1646", "1917"), 11, "english"),
    Country("GB", 0.06, ("447711", "447722", "447733", "447744", "447755"), 12, "english"),
    Country("DE", 0.07, ("49151", "49152", "49157", "49176"), 13, "german"),
    Country("AE", 0.05, ("97150", "97152", "97154", "97155", "97156", "97158"), 12, "arabic"),
    Country("EG", 0.03, ("2010", "2011", "2012", "2015"), 12, "arabic"),
    Country("UZ", 0.03, ("99890", "99891", "99893", "99894", "99897"), 12, "uzbek"),
    Country("TR", 0.04, ("90532", "90533", "90535", "90542", "90543", "90505"), 12, "turkish"),
)

# (women's first names, men's first names, (last name for women, last name for men))
NAMES: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, str], ...]]] = {
    "russian": (
        (
            "Анна",
            "Мария",
            "Елена",
            "Ольга",
            "Наталья",
            "Екатерина",
            "Татьяна",
            "Светлана",
            "Ирина",
            "Юлия",
            "Дарья",
            "Полина",
            "Алиса",
            "Вера",
            "Ксения",
            "Людмила",
        ),
        (
            "Александр",
            "Дмитрий",
            "Сергей",
            "Андрей",
            "Алексей",
            "Максим",
            "Иван",
            "Михаил",
            "Артём",
            "Никита",
            "Павел",
            "Роман",
            "Егор",
            "Фёдор",
            "Тимофей",
            "Лев",
        ),
        tuple(
            (stem + "а", stem)
            for stem in (
                "Иванов",
                "Смирнов",
                "Кузнецов",
                "Попов",
                "Васильев",
                "Петров",
                "Соколов",
                "Михайлов",
                "Новиков",
                "Фёдоров",
                "Морозов",
                "Волков",
                "Алексеев",
                "Лебедев",
                "Семёнов",
                "Егоров",
                "Павлов",
                "Козлов",
                "Степанов",
                "Орлов",
                "Захаров",
                "Щербаков",
            )
        ),
    ),
    "kazakh": (
        ("Айгерим", "Динара", "Мадина", "Асель", "Жанар", "Гульнара", "Алия", "Сауле", "Камила", "Томирис"),
        ("Нурлан", "Ерлан", "Данияр", "Арман", "Бауыржан", "Тимур", "Санжар", "Алихан", "Ержан", "Мирас"),
        tuple(
            (stem + "а", stem)
            for stem in (
                "Ахметов",
                "Нурланов",
                "Сейтжанов",
                "Жумабаев",
                "Оспанов",
                "Касымов",
                "Абдрахманов",
                "Сулейменов",
                "Искаков",
                "Турсунов",
            )
        ),
    ),
    "english": (
        ("Emily", "Olivia", "Sophie", "Grace", "Charlotte", "Hannah", "Amelia", "Chloe", "Lucy", "Zoë"),
        ("James", "Oliver", "Jack", "William", "Thomas", "Henry", "Daniel", "Ethan", "Noah", "Liam"),
        tuple(
            (name, name)
            for name in (
                "Smith",
                "Johnson",
                "Brown",
                "Taylor",
                "Wilson",
                "Davies",
                "Evans",
                "Thompson",
                "Walker",
                "O'Connor",
                "Wright",
                "McGregor",
                "Hughes",
                "Reed",
                "Bennett",
            )
        ),
    ),
    "german": (
        ("Lena", "Anna", "Laura", "Julia", "Katharina", "Sabine", "Jürgen-Marie", "Frieda", "Greta", "Käthe"),
        ("Lukas", "Jonas", "Felix", "Maximilian", "Jörg", "Günther", "Stefan", "Tobias", "Florian", "Björn"),
        tuple(
            (name, name)
            for name in (
                "Müller",
                "Schmidt",
                "Schneider",
                "Fischer",
                "Weber",
                "Wagner",
                "Becker",
                "Schäfer",
                "Koch",
                "Bauer",
                "Groß",
                "Krüger",
                "von Berg",
            )
        ),
    ),
    "arabic": (
        ("فاطمة", "مريم", "عائشة", "نورة", "ليلى", "سارة", "هدى", "أمل", "زينب", "ريم"),
        ("محمد", "أحمد", "علي", "عمر", "خالد", "يوسف", "إبراهيم", "حسن", "سعيد", "طارق"),
        tuple(
            (name, name)
            for name in (
                "المنصوري",
                "الهاشمي",
                "الكعبي",
                "السويدي",
                "حسن",
                "عبد الله",
                "المصري",
                "النجار",
                "السيد",
                "الشامسي",
            )
        ),
    ),
    "uzbek": (
        ("Nilufar", "Gulnora", "Madina", "Sevara", "Zilola", "Malika", "Dilnoza", "Feruza"),
        ("Jasur", "Otabek", "Sherzod", "Bekzod", "Aziz", "Sardor", "Ulug‘bek", "Farrux"),
        tuple(
            (stem + "a", stem)
            for stem in (
                "Karimov",
                "Rahimov",
                "Yusupov",
                "Ismoilov",
                "Toshmatov",
                "Saidov",
                "Ergashev",
                "Xolmatov",
            )
        ),
    ),
    "turkish": (
        ("Ayşe", "Zeynep", "Elif", "Fatma", "Merve", "Büşra", "Selin", "Esra"),
        ("Mehmet", "Mustafa", "Emre", "Burak", "Çağrı", "Hakan", "Oğuz", "Yusuf"),
        tuple(
            (name, name)
            for name in (
                "Yılmaz",
                "Kaya",
                "Demir",
                "Çelik",
                "Şahin",
                "Yıldız",
                "Öztürk",
                "Aydın",
                "Koç",
                "Güneş",
            )
        ),
    ),
}

USERNAME_WORDS = (
    "north",
    "river",
    "sunny",
    "pixel",
    "mellow",
    "cedar",
    "lunar",
    "brisk",
    "amber",
    "coral",
    "maple",
    "velvet",
    "quiet",
    "rapid",
    "silver",
    "cobalt",
    "honey",
    "forest",
    "marble",
    "cosmic",
    "wander",
    "paper",
    "copper",
    "breeze",
)


def pick_country(random: Random) -> Country:
    return random.choices(COUNTRIES, weights=[country.share for country in COUNTRIES])[0]


def mobile_number(country: Country, random: Random) -> str:
    """A number that is valid by the country's numbering plan: digits only, with country code."""
    prefix = country.prefixes[int(random.random() * len(country.prefixes))]
    missing = country.digits - len(prefix)
    first = "2" if country.code == "US" else str(int(random.random() * 10))  # an exchange starts with 2 to 9
    return f"{prefix}{first}{int(random.random() * 10 ** (missing - 1)):0{missing - 1}d}"


def full_name(language: str, random: Random) -> tuple[str, str]:
    """(first name, last name); one in seven people gives no last name."""
    women, men, last_names = NAMES[language]
    female = random.random() < 0.5
    firsts = women if female else men
    first = firsts[int(random.random() * len(firsts))]
    if random.random() < 0.15:
        return first, ""
    pair = last_names[int(random.random() * len(last_names))]
    return first, pair[0] if female else pair[1]
