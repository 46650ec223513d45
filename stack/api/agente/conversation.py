"""What a guest is answered, in Spanish or English; and a guess by keywords, for want of an engine. Pure."""

from __future__ import annotations

import re

from agente.nlp_client import Intent, Language, Understood

TEXTS = {
    Language.ENGLISH: {
        Intent.AVAILABILITY: "We have rooms. Which nights do you need?",
        Intent.PRICE: "Prices depend on the nights. Which nights do you need?",
        Intent.BOOK: "With pleasure. Please send us your dates and a name.",
        Intent.CANCEL: "Please send us the reference of your booking, and we cancel it.",
        Intent.OTHER: "Thank you for your message. Reception answers as soon as possible.",
    },
    Language.SPANISH: {
        Intent.AVAILABILITY: "Tenemos habitaciones. ¿Para qué noches las necesita?",
        Intent.PRICE: "El precio depende de las noches. ¿Qué noches necesita?",
        Intent.BOOK: "Con mucho gusto. Envíenos las fechas y un nombre.",
        Intent.CANCEL: "Envíenos la referencia de su reserva y la cancelamos.",
        Intent.OTHER: "Gracias por su mensaje. Recepción le responde lo antes posible.",
    },
}
NO_AUDIO = {
    Language.ENGLISH: "We cannot listen to voice messages at the moment. Please write to us.",
    Language.SPANISH: "Ahora no podemos escuchar mensajes de voz. Escríbanos, por favor.",
}
FREE = {
    Language.ENGLISH: " {rooms} double rooms are free, {price} {currency} a night.",
    Language.SPANISH: " Hay {rooms} habitaciones dobles libres, {price} {currency} la noche.",
}
SIGNS = (
    (Intent.CANCEL, {"cancel", "cancelar", "anular"}),
    (Intent.PRICE, {"price", "cost", "precio", "cuesta"}),
    (Intent.BOOK, {"book", "reserve", "reservar"}),
    (Intent.AVAILABILITY, {"free", "available", "room", "hay", "libre", "habitación"}),
)
SPANISH = {"hola", "hay", "quiero", "cuánto", "gracias", "para", "una", "el", "la", "reservar", "cancelar"}


def guess(text: str) -> Understood:
    """By keywords. Knows less than the engine, and is there when the engine is not."""
    words = set(re.findall(r"\w+", text.lower()))
    language = Language.SPANISH if words & SPANISH else Language.ENGLISH
    return Understood(next((intent for intent, signs in SIGNS if words & signs), Intent.OTHER), language)


def answer(understood: Understood, free: dict[str, object] | None) -> str:
    """`free`: what the PMS said of the double rooms, if it was asked."""
    text = TEXTS[understood.language][understood.intent]
    if free is None:
        return text
    return text + FREE[understood.language].format(
        rooms=free.get("rooms_free"), price=free.get("price_per_night"), currency=free.get("currency")
    )
