//! The words that made-up values are written with; the first of each list is the plainest.

pub(super) const FIRST_NAMES: [&str; 16] = [
    "Ada", "Ben", "Cleo", "Dario", "Elif", "Femi", "Greta", "Hugo", "Ines", "Jonas", "Kira", "Luca", "Maya",
    "Noor", "Oskar", "Priya",
];
pub(super) const LAST_NAMES: [&str; 16] = [
    "Reed", "Abara", "Bianchi", "Costa", "Dahl", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito", "Jansen",
    "Kovacs", "Lindgren", "Moreau", "Novak", "Okafor",
];
pub(super) const CITIES: [&str; 12] = [
    "Oslo", "Berlin", "Lisbon", "Nairobi", "Kyoto", "Toronto", "Lima", "Turin", "Ghent", "Leeds", "Austin",
    "Pune",
];
pub(super) const COUNTRIES: [&str; 10] =
    ["Norway", "Germany", "Portugal", "Kenya", "Japan", "Canada", "Peru", "Italy", "Belgium", "India"];
pub(super) const COUNTRY_CODES: [&str; 10] = ["NO", "DE", "PT", "KE", "JP", "CA", "PE", "IT", "BE", "IN"];
pub(super) const COUNTRY_CODES_3: [&str; 10] =
    ["NOR", "DEU", "PRT", "KEN", "JPN", "CAN", "PER", "ITA", "BEL", "IND"];
pub(super) const REGIONS: [&str; 8] =
    ["Vestland", "Bavaria", "Alentejo", "Ontario", "Kansai", "Piedmont", "Flanders", "Texas"];
pub(super) const STREETS: [&str; 8] = [
    "Mill Lane",
    "Harbour Street",
    "Station Road",
    "Park Avenue",
    "Garden Row",
    "Bridge Street",
    "Orchard Way",
    "Hill Road",
];
pub(super) const CURRENCIES: [&str; 8] = ["EUR", "USD", "GBP", "NOK", "JPY", "CAD", "INR", "KES"];
pub(super) const LANGUAGES: [&str; 8] = ["en", "de", "pt", "no", "ja", "fr", "it", "es"];
pub(super) const LOCALES: [&str; 6] = ["en-GB", "de-DE", "pt-PT", "nb-NO", "ja-JP", "fr-CA"];
pub(super) const TIME_ZONES: [&str; 6] =
    ["Europe/Oslo", "Europe/Berlin", "Africa/Nairobi", "Asia/Tokyo", "America/Toronto", "Asia/Kolkata"];
pub(super) const COLORS: [&str; 10] =
    ["red", "green", "blue", "amber", "teal", "violet", "white", "grey", "coral", "navy"];
pub(super) const HOSTS: [&str; 4] = ["example.com", "example.org", "example.net", "shop.example"];
pub(super) const FOREIGN: [&str; 4] = ["münchen", "crème", "año", "köln"];
pub(super) const COMPANIES: [&str; 8] = [
    "Northwind Tools",
    "Blue Harbour",
    "Fern & Sons",
    "Copper Kettle",
    "Lantern Labs",
    "Silver Birch",
    "Tidewater Foods",
    "Granite Works",
];
pub(super) const JOBS: [&str; 8] =
    ["Editor", "Engineer", "Nurse", "Baker", "Teacher", "Librarian", "Analyst", "Gardener"];
pub(super) const NOUNS: [&str; 20] = [
    "alder", "basil", "cedar", "delta", "ember", "fjord", "grove", "hazel", "inlet", "jasper", "kelp",
    "lotus", "maple", "north", "olive", "pebble", "quartz", "raven", "sage", "tulip",
];
pub(super) const LABELS: [&str; 10] = [
    "new", "featured", "seasonal", "outdoor", "popular", "limited", "handmade", "archived", "internal",
    "urgent",
];
pub(super) const TITLES: [&str; 10] = [
    "A quiet morning",
    "Notes from the harbour",
    "The long way home",
    "First steps",
    "Winter menu",
    "Open evening",
    "Spring collection",
    "Weekly report",
    "Letters to a friend",
    "Small repairs",
];
pub(super) const SENTENCES: [&str; 10] = [
    "Fits in every bag.",
    "Please ring the bell twice.",
    "Made to be used every day.",
    "Ready for collection after noon.",
    "The second try went better.",
    "Handle with care and keep dry.",
    "We meet again on Thursday.",
    "A light lunch for two, with bread.",
    "Works with the old model, too.",
    "Nothing else is needed to start.",
];
pub(super) const STATES: [&str; 6] = ["active", "pending", "done", "paused", "draft", "closed"];
pub(super) const MEDIA_TYPES: [&str; 4] = ["application/json", "image/png", "text/plain", "application/pdf"];
pub(super) const FILES: [&str; 6] =
    ["notes.txt", "invoice.pdf", "cover.png", "report.csv", "plan.docx", "logo.svg"];
