"""What a bot says and understands without being told: reserved words and built-in texts, in the languages we know."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from botkit.dialogue.reserved import RESERVED
from botkit.dialogue.text import Text, base_language
from botkit.dialogue.words import words

if TYPE_CHECKING:
    from botkit.dialogue.bot import Intent

_TINTS = re.compile("[\U0001f3fb-\U0001f3ff\ufe0f]")
_PLEASE = "please|pls|por favor|bitte|s il vous plait|per favore|alstublieft"
_MANNERS = re.compile(rf"^(?:{_PLEASE})\b|\b(?:{_PLEASE})$")

STOP, START = "stop", "start"
YES, NO, CANCEL, SKIP, REPEAT, HUMAN = "yes", "no", "cancel", "skip", "repeat", "human"

BUILT_IN: Mapping[str, Mapping[str, str]] = {
    "language": {
        "en": "All right, in English. How can I help?",
        "de": "Gern, auf Deutsch. Wie kann ich helfen?",
        "es": "De acuerdo, en español. ¿En qué puedo ayudarle?",
        "fr": "Très bien, en français. Comment puis-je vous aider ?",
        "it": "Va bene, in italiano. Come posso aiutarla?",
        "nl": "Goed, in het Nederlands. Hoe kan ik helpen?",
        "pt": "Certo, em português. Como posso ajudar?",
    },
    "stopped": {
        "en": "All right, you will get no more messages from us. Write START to hear from us again.",
        "de": "In Ordnung, Sie bekommen keine Nachrichten mehr von uns. Mit START melden Sie sich wieder an.",
        "es": "De acuerdo, no recibirá más mensajes nuestros. Escriba ALTA para volver a recibirlos.",
        "fr": "C'est noté, vous ne recevrez plus de messages de notre part. Écrivez START pour reprendre.",
        "it": "Va bene, non riceverà più messaggi da noi. Scriva START per riprendere.",
        "nl": "Goed, u ontvangt geen berichten meer van ons. Stuur START om ze weer te ontvangen.",
        "pt": "Certo, você não receberá mais mensagens nossas. Escreva START para voltar a receber.",
    },
    "started": {
        "en": "Welcome back! How can I help?",
        "de": "Schön, dass Sie wieder da sind! Wie kann ich helfen?",
        "es": "¡Bienvenido de nuevo! ¿En qué puedo ayudarle?",
        "fr": "Heureux de vous retrouver ! Comment puis-je vous aider ?",
        "it": "Bentornato! Come posso aiutarla?",
        "nl": "Welkom terug! Hoe kan ik helpen?",
        "pt": "Bem-vindo de volta! Como posso ajudar?",
    },
    "fallback": {
        "en": "I am sorry, I have no answer to that.",
        "de": "Es tut mir leid, darauf habe ich keine Antwort.",
        "es": "Lo siento, no tengo respuesta para eso.",
        "fr": "Je suis désolé, je n'ai pas de réponse à cela.",
        "it": "Mi dispiace, non ho una risposta.",
        "nl": "Het spijt me, daar heb ik geen antwoord op.",
        "pt": "Desculpe, não tenho resposta para isso.",
    },
    "on_error": {
        "en": "I am sorry, something went wrong on our side. Please try again in a moment.",
        "de": "Es tut mir leid, bei uns ist etwas schiefgegangen. Bitte versuchen Sie es gleich noch einmal.",
        "es": "Lo siento, algo ha fallado por nuestra parte. Inténtelo de nuevo en un momento, por favor.",
        "fr": "Je suis désolé, un problème est survenu de notre côté. Veuillez réessayer dans un instant.",
        "it": "Mi dispiace, qualcosa è andato storto da parte nostra. Riprovi tra un momento.",
        "nl": "Het spijt me, er ging bij ons iets mis. Probeer het zo nog eens.",
        "pt": "Desculpe, algo deu errado do nosso lado. Tente de novo em instantes.",
    },
    "on_unsupported": {
        "en": "I can read only text messages. Please write to me what it is about.",
        "de": "Ich kann nur Textnachrichten lesen. Bitte schreiben Sie mir, worum es geht.",
        "es": "Solo puedo leer mensajes de texto. Escríbame de qué se trata, por favor.",
        "fr": "Je ne peux lire que des messages texte. Écrivez-moi de quoi il s'agit, s'il vous plaît.",
        "it": "Posso leggere solo messaggi di testo. Mi scriva di che cosa si tratta, per favore.",
        "nl": "Ik kan alleen tekstberichten lezen. Schrijf me alstublieft waar het over gaat.",
        "pt": "Só consigo ler mensagens de texto. Escreva-me do que se trata, por favor.",
    },
    "choose": {
        "en": "Choose",
        "de": "Auswählen",
        "es": "Elegir",
        "fr": "Choisir",
        "it": "Scegli",
        "nl": "Kiezen",
        "pt": "Escolher",
    },
    "invalid": {
        "en": "I am sorry, I cannot use that answer.",
        "de": "Es tut mir leid, mit dieser Antwort kann ich nichts anfangen.",
        "es": "Lo siento, esa respuesta no me sirve.",
        "fr": "Je suis désolé, je ne peux pas utiliser cette réponse.",
        "it": "Mi dispiace, non posso usare questa risposta.",
        "nl": "Het spijt me, met dat antwoord kan ik niets.",
        "pt": "Desculpe, não consigo usar essa resposta.",
    },
    "on_give_up": {
        "en": "Let us leave it at that for now. You can ask me again at any time.",
        "de": "Lassen wir es vorerst dabei. Sie können mich jederzeit wieder fragen.",
        "es": "Dejémoslo así por ahora. Puede preguntarme de nuevo cuando quiera.",
        "fr": "Restons-en là pour l'instant. Vous pouvez me redemander à tout moment.",
        "it": "Per ora lasciamo così. Può chiedermelo di nuovo quando vuole.",
        "nl": "Laten we het hier voorlopig bij laten. U kunt het me altijd opnieuw vragen.",
        "pt": "Vamos deixar assim por enquanto. Pode me perguntar de novo quando quiser.",
    },
    "on_cancel": {
        "en": "All right, I leave it at that.",
        "de": "In Ordnung, dann lasse ich es dabei.",
        "es": "De acuerdo, lo dejamos así.",
        "fr": "D'accord, j'en reste là.",
        "it": "Va bene, lasciamo stare.",
        "nl": "Goed, dan laat ik het hierbij.",
        "pt": "Tudo bem, deixamos assim.",
    },
    "on_correct": {
        "en": "All right, {{ value }}.",
        "de": "In Ordnung, {{ value }}.",
        "es": "De acuerdo, {{ value }}.",
        "fr": "D'accord, {{ value }}.",
        "it": "Va bene, {{ value }}.",
        "nl": "Goed, {{ value }}.",
        "pt": "Tudo bem, {{ value }}.",
    },
    "on_handback": {
        "en": "I am back: how can I help?",
        "de": "Ich bin wieder da: Wie kann ich helfen?",
        "es": "Ya estoy de vuelta: ¿en qué puedo ayudarle?",
        "fr": "Je suis de retour : comment puis-je vous aider ?",
        "it": "Sono di nuovo qui: come posso aiutarla?",
        "nl": "Ik ben er weer: hoe kan ik helpen?",
        "pt": "Estou de volta: como posso ajudar?",
    },
    "handed_off": {
        "en": "I am passing you to a colleague, who will answer you here.",
        "de": "Ich gebe Sie an jemanden aus unserem Team weiter. Die Antwort kommt hier.",
        "es": "Le paso con una persona de nuestro equipo, que le responderá por aquí.",
        "fr": "Je vous passe un collègue, qui vous répondra ici.",
        "it": "La passo a un collega, che le risponderà qui.",
        "nl": "Ik geef u door aan een collega, die u hier antwoordt.",
        "pt": "Vou passar você para um colega, que responderá por aqui.",
    },
    "what_to_change": {
        "en": "What shall I change?",
        "de": "Was soll ich ändern?",
        "es": "¿Qué debo cambiar?",
        "fr": "Que dois-je changer ?",
        "it": "Che cosa devo cambiare?",
        "nl": "Wat zal ik veranderen?",
        "pt": "O que devo mudar?",
    },
    "passed_on": {
        "en": 'I have passed that on already and can no longer change it. Write "person" to reach one of us.',
        "de": "Das ist schon weitergegeben und nicht mehr zu ändern. Schreiben Sie „Mensch“, um uns zu erreichen.",
        "es": "Eso ya lo he comunicado y no puedo cambiarlo. Escriba «persona» para hablar con uno de nosotros.",
        "fr": "Je l'ai déjà transmis et ne peux plus le changer. Écrivez « personne » pour joindre l'un de nous.",
        "it": "L'ho già comunicato e non posso più cambiarlo. Scriva «persona» per parlare con uno di noi.",
        "nl": 'Dat heb ik al doorgegeven en kan ik niet meer veranderen. Schrijf "mens" om een van ons te bereiken.',
        "pt": 'Já passei isso adiante e não posso mais mudar. Escreva "pessoa" para falar com um de nós.',
    },
}


def built_in(name: str, languages: Sequence[str]) -> Text:
    """A built-in text in the bot's languages, English where we do not speak one of them."""
    wordings = BUILT_IN[name]
    spoken = {
        language: wordings[base_language(language)] for language in languages if base_language(language) in wordings
    }
    return Text.of(
        f"built-in.{name}", {language: (wording,) for language, wording in (spoken or {"en": wordings["en"]}).items()}
    )


def reserved(text: str, languages: Sequence[str], intents: Mapping[str, Intent] = MappingProxyType({})) -> str | None:
    """What a reserved word means, as `STOP` or `CANCEL`, when the whole text is one.

    Known are those of the bot's languages and of English, and the keywords of an intent that has the name of one.
    """
    known, said = _reserved_words(tuple(languages)), _said(text)
    if said in known:
        return known[said]
    if (meant := known.get(_without_manners(said))) not in (None, STOP, START):  # these are words of the law
        return meant
    own = (intents[name] for name in RESERVED if name in intents)
    return next((intent.name for intent in own if said and _is_keyword(said, intent)), None)


def _is_keyword(said: str, intent: Intent) -> bool:
    return any(_said(keyword) == said for listed in intent.keywords.values() for keyword in listed)


def _said(text: str) -> str:
    """The words of a text; of one without words, such as a thumb, its signs, whatever their colour."""
    return " ".join(words(text)) or _TINTS.sub("", text).strip()


def _without_manners(said: str) -> str:
    """What is said but for the 'please' around it."""
    return _MANNERS.sub("", said).strip()


def reserved_language(text: str, languages: Sequence[str]) -> str | None:
    """The one of `languages` to which a reserved word belongs, as 'baja' to Spanish; `None` when several share it."""
    said = _said(text)
    speaking = [language for language in languages if said in _reserved_words((language,), english=False)]
    return speaking[0] if len(speaking) == 1 else None


@cache
def _reserved_words(languages: tuple[str, ...], *, english: bool = True) -> Mapping[str, str]:
    spoken = {base_language(language) for language in languages} | ({"en"} if english else set())
    return {
        _said(word): name
        for name, by_language in RESERVED.items()
        for language in spoken
        for word in by_language.get(language, "").split(",")
    }
