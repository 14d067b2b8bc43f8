"""The words that every bot understands, by what they mean and by language; each is a whole message."""

from __future__ import annotations

from collections.abc import Mapping

RESERVED: Mapping[str, Mapping[str, str]] = {
    "stop": {
        "en": "stop, unsubscribe, stop messages, opt out",
        "de": "stopp, stop, abmelden, abbestellen",
        "es": "stop, baja, alto, parar, darme de baja, cancelar suscripción",
        "fr": "stop, arrêt, arrêter, désabonner, me désabonner",
        "it": "stop, ferma, disiscrivi, annulla iscrizione",
        "nl": "stop, afmelden, uitschrijven",
        "pt": "stop, pare, parar, sair, cancelar inscrição",
    },
    "start": {
        "en": "start, subscribe, unstop, resume",
        "de": "start, anmelden, fortsetzen",
        "es": "start, alta, iniciar, empezar, reanudar",
        "fr": "start, démarrer, reprendre, abonner",
        "it": "start, inizia, riprendi, iscrivi",
        "nl": "start, aanmelden, hervatten",
        "pt": "start, iniciar, retomar, começar",
    },
    "yes": {
        "en": (
            "yes, yes please, y, yeah, yep, sure, sure why not, of course, ok, okay, that is right, correct, go ahead, "
            "👍, 👌, ✅"
        ),
        "de": "ja, ja bitte, jawohl, ja gern, gern, gerne, klar, natürlich, ok, okay, genau, stimmt, passt",
        "es": "sí, sí por favor, claro, claro que sí, por supuesto, vale, ok, de acuerdo, correcto, perfecto",
        "fr": "oui, oui s'il vous plaît, oui merci, d'accord, bien sûr, ok, c'est ça, exact, parfait",
        "it": "sì, sì grazie, certo, va bene, d'accordo, ok, esatto, giusto, perfetto",
        "nl": "ja, ja graag, graag, zeker, prima, oké, ok, klopt, akkoord",
        "pt": "sim, sim por favor, claro, com certeza, pode ser, ok, está bem, tá bom, certo, isso mesmo",
    },
    "no": {
        "en": "no, no thanks, no thank you, n, nope, not really, rather not, wrong, 👎, ❌",
        "de": "nein, nein danke, nö, lieber nicht, falsch",
        "es": "no, no gracias, mejor no, incorrecto",
        "fr": "non, non merci, plutôt pas, faux",
        "it": "no, no grazie, meglio di no, sbagliato",
        "nl": "nee, nee bedankt, nee dank je, liever niet, fout",
        "pt": "não, não obrigado, não obrigada, melhor não, errado",
    },
    "cancel": {
        "en": "cancel, cancel it, cancel that, forget it, forget about it, never mind, nevermind, nvm, leave it, quit",
        "de": "abbrechen, abbruch, vergiss es, vergessen Sie es, lass es, lassen Sie es, schon gut, egal",
        "es": "cancelar, cancela, cancélalo, cancele, olvídalo, olvídelo, déjalo, déjelo, da igual",
        "fr": "annuler, annule, annulez, laisse tomber, laissez tomber, oubliez, oublie, tant pis",
        "it": "annulla, annullare, lascia stare, lasci stare, lascia perdere, lasci perdere, non importa",
        "nl": "annuleren, annuleer, laat maar, vergeet het, vergeet het maar, afbreken",
        "pt": "cancelar, cancela, cancele, esquece, esqueça, deixa, deixe, deixa pra lá, deixe para lá",
    },
    "skip": {
        "en": "skip, skip it, skip this, skip that, next, pass, nothing, none",
        "de": "überspringen, weiter, auslassen, nichts, keine, keins",
        "es": "saltar, omitir, siguiente, paso, nada, ninguno, ninguna",
        "fr": "passer, sauter, suivant, rien, aucun, aucune",
        "it": "salta, saltare, avanti, niente, nessuno, nessuna",
        "nl": "overslaan, sla over, volgende, verder, niets, geen",
        "pt": "pular, saltar, próximo, próxima, passar, nada, nenhum, nenhuma",
    },
    "repeat": {
        "en": "repeat, repeat that, again, once more, say that again, pardon, come again",
        "de": "wiederholen, noch einmal, nochmal, noch mal, wie bitte, bitte wiederholen",
        "es": "repetir, repite, repita, repítelo, otra vez, cómo dice, perdón",
        "fr": "répéter, répète, répétez, encore une fois, pardon",
        "it": "ripeti, ripeta, ripetere, ancora una volta, come scusi",
        "nl": "herhalen, herhaal, nog een keer, nogmaals, wat zegt u, pardon",
        "pt": "repetir, repete, repita, outra vez, de novo, mais uma vez, como assim",
    },
    "human": {
        "en": (
            "person, human, a person, a human, real person, a real person, agent, operator, representative, talk "
            "to a person, talk to a human, speak to a person, speak to a human, talk to someone, I want to talk "
            "to a person, I want to talk to a human, I want to speak to a person, I want to speak to a human, can I "
            "talk to a person, can I talk to a human, can I speak to a person, can I speak to a human, can I talk to "
            "someone, I want to talk to someone, human being"
        ),
        "de": (
            "Mensch, einen Menschen, Person, Mitarbeiter, Mitarbeiterin, Kundenberater, mit einem Menschen "
            "sprechen, ich möchte mit einem Menschen sprechen, ich will mit einem Menschen sprechen, mit jemandem "
            "sprechen"
        ),
        "es": (
            "persona, una persona, humano, un humano, agente, un agente, operador, asesor, hablar con una "
            "persona, hablar con alguien, quiero hablar con una persona, quiero hablar con alguien, puedo hablar "
            "con una persona"
        ),
        "fr": (
            "personne, une personne, humain, un humain, un agent, agent, conseiller, un conseiller, parler à "
            "quelqu'un, parler à une personne, je veux parler à quelqu'un, je voudrais parler à quelqu'un"
        ),
        "it": (
            "persona, una persona, umano, un umano, operatore, un operatore, parlare con una persona, parlare con "
            "qualcuno, voglio parlare con una persona, vorrei parlare con una persona"
        ),
        "nl": (
            "mens, een mens, persoon, medewerker, een medewerker, met een mens praten, met iemand praten, ik wil "
            "met een mens praten, ik wil iemand spreken, iemand spreken"
        ),
        "pt": (
            "pessoa, uma pessoa, humano, um humano, atendente, um atendente, falar com uma pessoa, falar com "
            "alguém, quero falar com uma pessoa, quero falar com alguém, quero falar com um atendente"
        ),
    },
}
