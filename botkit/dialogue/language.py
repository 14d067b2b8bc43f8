"""Which of a bot's languages a text is in, by the small words that only one of them has, or which one it asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from botkit.dialogue.text import base_language, closest
from botkit.dialogue.words import words

_STOP_WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(words(listed))
    for language, listed in {
        "de": """ab aber auch auf aus bei bin bis bitte da danke das dass dem den der die dir doch du ein eine einen er
            es fur gibt gut guten habe haben hallo hat ich ihr im in ist ja kann kein konnen mein mich mir mit mochte
            nach nein nicht noch nur oder schon sehr sich sie sind so tag uber um und uns von vom wann war warum was
            wenn wer wie wir wird wo zu zum zur""",
        "en": """a about am an and any are at be can could did do does for from get give good had has have hello help
            hey hi how i if in is it its me my need no not of on or our please she so than thank thanks that the their
            them there they this to want was we what when where which who why will with would yes you your""",
        "es": """adonde al algo aqui buenas buenos como con cual cuando cuanto de del desde dia donde el ella ellos en
            es esta estan este estoy favor gracias ha hasta hay hola la las le les lo los mas me mi mis muy necesito no
            nos o para pero por porque puede puedo que quien quiero se ser si sin sobre son su sus tengo tiene tienen
            tu un una usted ustedes y ya yo""",
        "fr": """a ai as au aux avec avez bonjour bonsoir ce cela ces cet cette comment dans de des du elle en est et
            etes eu il ils j je l la le les leur lui ma mais me merci mes moi mon ne nous on ou oui par pas plait pour
            pouvez qu quand que quel quelle qui sa sans se ses si son sont sur ta te tes toi ton tu un une vos votre
            vous y""",
        "it": """a ai al alla anche avete buona buongiorno c che chi ciao come con cosa cui da dal dalla dei del della
            di dove e ed grazie gli ha hai ho i il in io la le lei lo loro ma mi mia mio ne nei nel nella no noi non o
            per perche piu posso quale quando quanto quella questo sei si sono su sul tra tu un una vi voi vorrei""",
        "nl": """aan alle als ben bij dag dan dank dat de deze die dit doe een en er gaat geen goed haar hallo heb
            hebben heeft het hier hij hoe hun ik in is ja je jij jullie kan kunnen maar me meer met mij mijn naar nee
            niet nog of om ons ook op over te tot uit uw van veel voor waar wanneer wat we wel wie wij wil worden ze
            zijn zo""",
        "pt": """a ao aos as ate boa bom com como da das de dia do dos e ela ele em essa esta estou eu foi ha isso la
            mais mas me meu minha muito na nao no nos o obrigada obrigado oi ola onde os ou para pela pelo por porque
            posso pra qual quando quanto que quem quero se sem ser sim so sua tem tenho um uma voce voces""",
    }.items()
}
_ALL_STOP_WORDS = frozenset().union(*_STOP_WORDS.values())


def detect(text: str, languages: Sequence[str]) -> str | None:
    """The one of `languages` that the text is in; `None` when its small words do not tell, as in 'AB123456'."""
    if len(languages) == 1:
        return None
    spoken = words(text)
    counts = {language: _count(spoken, base_language(language)) for language in languages}
    best = max(counts.values())
    leaders = [language for language, count in counts.items() if count == best]
    return leaders[0] if best and len(leaders) == 1 else None


_CALLED: Mapping[str, frozenset[str]] = {
    language: frozenset(words(listed))
    for language, listed in {
        "de": "deutsch german alemán allemand tedesco duits alemão",
        "en": "english inglés englisch anglais inglese engels inglês",
        "es": "español castellano spanish spanisch espagnol spagnolo spaans espanhol",
        "fr": "français french francés französisch francese frans francês",
        "it": "italiano italian italienisch italien italiaans",
        "nl": """nederlands hollands dutch neerlandés holandés niederländisch holländisch néerlandais hollandais
            olandese neerlandês holandês""",
        "pt": "português portuguese portugués portugiesisch portugais portoghese portugees",
    }.items()
}
"""What each language is called in all of them."""

_AROUND = frozenset(
    words("""
        in please speak talk you do can could we i would like to only want prefer write answer reply me switch the
        language change sorry hi hello is it possible
        en por favor usted habla hable hablas hablar puedes puede podemos podría se quiero prefiero solo hablo escribe
        escriba responde responda idioma cambiar cambia a al es posible hola
        auf bitte sprechen sprechen sie sprichst du spreche ich nur können wir kann man auch reden schreiben antworten
        lieber wechseln zu hallo
        s'il vous plaît svp parlez parles tu je parle seulement peut on parler pouvez répondre écrire bonjour
        per favore parla parli parlo possiamo parlare può rispondere scrivere si ciao
        alstublieft graag spreekt u spreek je jij ik alleen kunnen kan praten antwoorden schrijven het
        em fala falo você só falar pode responder escrever fale olá
    """)
)
_MOST_WORDS = 9


def asked_language(text: str, languages: Sequence[str]) -> str | None:
    """The one of `languages` that a contact asks for, as in 'English please' or '¿habla español?'.

    `None` where the text is about something else besides, or asks for a language that is not among them.
    """
    spoken = words(text)
    if not 0 < len(spoken) <= _MOST_WORDS:
        return None
    named = [language for language, called in _CALLED.items() if called.intersection(spoken)]
    if len(named) != 1 or any(word not in _AROUND and word not in _CALLED[named[0]] for word in spoken):
        return None
    return closest(named[0], languages)


def called(name: str) -> str | None:
    """The language that is called so in one of those known here, as `en` by 'English'."""
    spoken = {*words(name)}
    return next((language for language, names in _CALLED.items() if spoken and spoken <= names), None)


def is_small(word: str) -> bool:
    """Whether a folded word is a small word of any language known here."""
    return word in _ALL_STOP_WORDS


def _count(spoken: Sequence[str], language: str) -> int:
    stop_words = _STOP_WORDS.get(language, frozenset())
    return sum(word in stop_words for word in spoken)
