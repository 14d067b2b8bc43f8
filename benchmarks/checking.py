"""How long does it take to load and check a hundred bots of two hundred lines?

    python benchmarks/checking.py
    python benchmarks/checking.py --bots 10 --profile 25

The bots are made up, no two alike: intents with keywords and examples in two languages, slots of most types, flows that
collect, confirm, branch and repeat, templates, a window, what is said at events, and what all of them include. What is
measured is `load_project`, which `botkit check` and `botkit run` do first: reading, checking, compiling, and plugging
in what answers. Goal: under 2 s.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import pstats
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from botkit.config import Config
from botkit.project import load_project

LINES = 200

_WORDS = [
    *("table", "order", "room", "parcel", "garden", "window", "river", "ticket", "pool", "bicycle", "lamp", "coffee"),
    *(
        "museum",
        "harbour",
        "boat",
        "sauna",
        "terrace",
        "garage",
        "breakfast",
        "kitchen",
        "station",
        "concert",
        "library",
    ),
]


_HEAD = """\
bot: {name}
scope: Questions about the {word} and all that belongs to it, number {number}
channels: [whatsapp, instagram, webchat]
languages: [en, es]
timezone: Europe/Madrid
country: ES
include: [shared/courtesy.yaml]
vars: {{fee: {number}, phone: "+34 951 000 {number:03}"}}
hours: {{mon-fri: 8:00-22:00, sat-sun: 9:00-21:00}}
"""

_INTENT = """\
  {name}:
    keywords: {{en: [{word} {number}, the {word}s {number}], es: [el {word} {number}]}}
    examples:
      en: [where is the {word}, how much is the {word}, can I have a {word}, I would like a {word}]
      es: [dónde está el {word}, cuánto cuesta el {word}, quiero un {word}, me gustaría un {word}]
    reply:
      en: "The {word} is number {number}, {{{{ contact.first_name }}}}, and costs {{{{ vars.fee }}}} €."
      es: "El {word} es el número {number}, {{{{ contact.first_name }}}}, y cuesta {{{{ vars.fee }}}} €."
"""

_SLOTS = """\
slots:
  name{number}: {{remember: true, ask: {{en: "Under which name?", es: "¿A nombre de quién?"}}}}
  party{number}: {{type: integer, min: 1, max: 12, ask: {{en: "How many people?", es: "¿Cuántas personas?"}}}}
  day{number}: {{type: date, min: today, max: 60d, ask: {{en: "On which day?", es: "¿Qué día?"}}}}
  time{number}:
    type: time
    min: 19:00
    max: 22:30
    ask: {{en: "At what time?", es: "¿A qué hora?"}}
    invalid: {{en: "We open at 19:00.", es: "Abrimos a las 19:00."}}
  place{number}:
    type: choice
    choices:
      terrace: {{en: Terrace, es: Terraza}}
      indoors: {{label: {{en: Indoors, es: Interior}}, synonyms: {{en: [inside], es: [dentro]}}}}
    ask: {{en: "Where would you like to sit?", es: "¿Dónde prefieren sentarse?"}}
"""

_FLOW = """\
  {word}_{step}:
    steps:
      - collect: [party{number}, day{number}, time{number}, place{number}, name{number}]
      - if: slots.party{number} > {step}
        then:
          - say: {{en: "That is a large party.", es: "Son muchos."}}
      - confirm:
          en: "{{{{ slots.party{number} }}}} people, {{{{ slots.day{number} }}}}, {{{{ slots.time{number} }}}}?"
          es: "{{{{ slots.party{number} }}}} personas, {{{{ slots.day{number} }}}}, {{{{ slots.time{number} }}}}?"
      - match: slots.place{number}
        cases:
          terrace: {{say: {{en: "Bring a jacket.", es: "Traiga chaqueta."}}}}
      - notify: "{{{{ slots.party{number} }}}} for {{{{ slots.name{number} }}}}"
      - say:
          en: "Booked for {{{{ slots.name{number} }}}}."
          es: "Reservado para {{{{ slots.name{number} }}}}."
"""

_TAIL = """\
templates:
  waiting{number}:
    category: utility
    text:
      en_GB: "Hello {{{{ contact.first_name or 'there' }}}}, we have an answer for you. Write back to read it."
      es_ES: "Hola {{{{ contact.first_name or 'de nuevo' }}}}, tenemos una respuesta. Escríbanos para leerla."
window: {{template: waiting{number}, hold: deliver_on_return}}
fallback:
  en: "I am not sure about that. Call {{{{ vars.phone }}}}."
  es: "No estoy seguro. Llame al {{{{ vars.phone }}}}."
on_closed:
  en: "We are closed and answer {{{{ hours.opens }}}}."
  es: "Estamos cerrados y respondemos {{{{ hours.opens }}}}."
"""

_SHARED = """\
intents:
  thanks:
    keywords: {en: [thanks, thank you], es: [gracias]}
    reply: {en: [You are welcome!, With pleasure.], es: [¡De nada!, Con mucho gusto.]}
"""


def bot(number: int) -> str:
    """A bot of about `LINES` lines."""
    word = _WORDS[number % len(_WORDS)]
    facts = {"number": number, "word": word}
    flows = [_FLOW.format(step=step, **facts) for step in range(1, 4)]
    starters = [
        f"  {word}_{step}: {{keywords: {{en: [book {word} {step}], es: [reservar {word} {step}]}}}}\n"
        for step in range(1, 4)
    ]
    head, tail = _HEAD.format(name=f"bot_{number}", **facts), _TAIL.format(**facts)
    slots = _SLOTS.format(**facts)
    fixed = [head, "intents:\n", *starters, slots, "flows:\n", *flows, tail]
    room = LINES - sum(part.count("\n") for part in fixed)
    intents = [
        _INTENT.format(name=f"about_{item}", number=number + index, word=item)
        for index, item in enumerate(_rotated(number)[: max(1, room // _INTENT.count("\n"))])
    ]
    return "".join([head, "intents:\n", *starters, *intents, slots, "flows:\n", *flows, tail])


def _rotated(number: int) -> list[str]:
    at = number % len(_WORDS)
    return [*_WORDS[at:], *_WORDS[:at]]


def write(folder: Path, count: int) -> Iterator[str]:
    """Write bots into a folder; their files."""
    (folder / "shared").mkdir()
    (folder / "shared/courtesy.yaml").write_text(_SHARED, encoding="utf-8")
    for number in range(count):
        path = folder / f"bot_{number}.yaml"
        path.write_text(bot(number), encoding="utf-8")
        yield str(path)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bots", type=int, default=100)
    parser.add_argument("--runs", type=int, default=1, help="how often; the first one is that of a fresh process")
    parser.add_argument("--profile", type=int, default=0, metavar="N", help="print the N functions that take longest")
    chosen = parser.parse_args()
    gc.disable()  # as the commands of botkit do until everything is loaded
    with tempfile.TemporaryDirectory() as name:
        files = list(write(Path(name), chosen.bots))
        lines = statistics.mean(len(Path(file).read_text(encoding="utf-8").splitlines()) for file in files)
        profile = cProfile.Profile() if chosen.profile else None
        for _ in range(chosen.runs):
            began, worked = time.perf_counter(), time.process_time()
            if profile:
                profile.enable()
            project = load_project(Config(bots=files))
            if profile:
                profile.disable()
            seconds, cpu = time.perf_counter() - began, time.process_time() - worked
            facts = f"{len(project.bots)} bots of {lines:.0f} lines, {len(project.warnings)} warnings"
            print(f"{facts}: {seconds:.2f} s, {cpu:.2f} s of the processor")
    if profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(chosen.profile)


if __name__ == "__main__":
    main()
