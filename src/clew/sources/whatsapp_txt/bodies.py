"""What stands behind the head of a message: who, what, and what WhatsApp put in its place?

WhatsApp writes its own words in the phone's language. Most are known by form: an iPhone puts the
mark U+200E before them, Android puts it before names of files. Where there is no mark, the words of
common languages are listed.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_MARK = "\u200e"
_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_EDGE = " \n\t\u200e\u200f\ufeff"


class File(NamedTuple):
    """A file that a message carries; without name: it was left out of the export."""

    kind: str
    name: str | None = None


class Body(NamedTuple):
    """What is behind the head of a message."""

    author: str | None = None
    text: str = ""
    files: tuple[File, ...] = ()
    is_service: bool = False
    is_deleted: bool = False
    is_edited: bool = False


_AUTHOR = re.compile(r"(?P<name>[^:\n]{1,120}):(?: |$)", re.MULTILINE)
_QUOTES = {"“": "”", "„": "“", "«": "»"}


def body_of(body: str) -> Body:
    """Author and content of a message."""
    match = _AUTHOR.match(body)
    author = _MARKS.sub("", match["name"]).replace("\u202f", " ").strip() if match else ""
    if match is None or not author or _is_quoting(author):
        return Body(text=body.strip(_EDGE), is_service=True)
    text = body[match.end() :]
    if _DELETED.fullmatch(text.strip(_EDGE)):
        return Body(author, is_deleted=True)
    rest, files = _files(text)
    is_service = not files and text.startswith(_MARK)
    said, edits = _EDITED.subn("", rest)
    return Body(author, said.strip(_EDGE), files, is_service, is_edited=edits > 0)


def _is_quoting(name: str) -> bool:
    """Whether the colon stands in a quotation: a notice of a new subject, not an author."""
    if name.count('"') % 2:
        return True
    return any(name.count(begin) > name.count(end) for begin, end in _QUOTES.items())


# ------------------------------------------------------------------------------------------ files

_ENDINGS = {
    "photo": "jpg jpeg png heic",
    "sticker": "webp",
    "video": "mp4 mov 3gp mkv",
    "voice": "opus",
    "audio": "mp3 m4a aac ogg amr wav",
    "animation": "gif",
    "contact": "vcf",
}
_KIND_OF_ENDING = {ending: kind for kind, all_of in _ENDINGS.items() for ending in all_of.split()}
_KIND_OF_LABEL = {"GIF": "animation", "PTT": "voice", "STK": "sticker", "AUDIO": "voice"}

# iPhone: `<attached: 00000012-PHOTO-2024-07-08-10-00-00.jpg>`, "attached" in its language.
_ATTACHED = re.compile(r"<[^<>:\n/]{2,30}: ?(?P<name>[^<>:\n/\\]{1,150}\.\w{2,5})>")
# Android: `IMG-20240708-WA0001.jpg (file attached)`, with U+200E before it or WhatsApp's own name.
_BEHIND = re.compile(
    rf"(?P<mark>{_MARK})?(?P<name>[^\n/\\()]{{1,150}}\.\w{{2,5}}) \([^()\n]{{4,40}}\)(?=\n|$)"
)
_OWN_NAME = re.compile(r"(?:IMG|VID|AUD|PTT|STK|DOC|GIF)-\d{8}-WA\d{4}\.\w{2,5}")
_LABEL = re.compile(r"(?:^|-)(GIF|PTT|STK|AUDIO)(?=-)")

# Android: the whole message.
_LEFT_OUT = re.compile(
    r"<(?:media omitted|medien ausgeschlossen|medien weggelassen|multimedia omitido|"
    r"archivo omitido|médias omis|média omis|mídia oculta|arquivo de mídia oculto|"
    r"ficheiro não revelado|media omessi|media weggelaten|без медиафайлов|медіа пропущено|"
    r"medya dahil edilmedi|media tidak disertakan|pominięto multimedia|multimedia pominięte|"
    r"media har utelämnats|تم استبعاد الوسائط|המדיה לא נכללה|video note omitted)>",
    re.IGNORECASE,
)
# iPhone: behind U+200E, maybe after a caption or a file's name and its number of pages.
_OMITTED = re.compile(
    rf"{_MARK}<?(?P<what>[^\W\d_]{{2,15}})[^\n{_MARK}]{{0,20}} "
    r"(?:omitted|weggelassen|omitid[oa]|omiss?e?|absente|omess[oa]|ocultad[oa]|omitid[oa]|"
    r"weggelaten|отсутствует|пропущен[оа]?|pominięt[yao])>?\s*\Z",
    re.IGNORECASE,
)
_KIND_OF_WORD = {
    "photo": "image bild imagen imagem immagine afbeelding изображение obraz zdjęcie foto",
    "video": "video vídeo vidéo видео відео wideo",
    "audio": "audio áudio аудио dźwięk",
    "animation": "gif",
    "sticker": "sticker figurinha autocollant стикер naklejka",
    "contact": "contact kontaktkarte tarjeta contato cartão scheda visitekaartje",
}
_KIND_OF = {word: kind for kind, words in _KIND_OF_WORD.items() for word in words.split()}


def _files(text: str) -> tuple[str, tuple[File, ...]]:
    """The text without what names files, and the files."""
    for pattern in (_ATTACHED, _BEHIND):
        match = pattern.search(text, 0, 400)
        if match and _is_file(match):
            rest = text[: match.start()] + text[match.end() :]
            return rest, (File(_kind(match["name"]), match["name"].strip(_EDGE)),)
    if _LEFT_OUT.fullmatch(text.strip(_EDGE)):
        return "", (File("file"),)
    match = _OMITTED.search(text, max(0, len(text) - 80)) if _MARK in text else None
    if match:
        return text[: match.start()], (File(_KIND_OF.get(match["what"].lower(), "file")),)
    return text, ()


def _is_file(match: re.Match[str]) -> bool:
    is_marked = match.string[: match.start()].endswith(_MARK) or match.groupdict().get("mark")
    return bool(is_marked or _OWN_NAME.fullmatch(match["name"]) or match.re is _ATTACHED)


def _kind(name: str) -> str:
    label = _LABEL.search(name)
    ending = name.rsplit(".", 1)[-1].lower()
    return _KIND_OF_LABEL[label[1]] if label else _KIND_OF_ENDING.get(ending, "file")


# ------------------------------------------------------------------------- deleted, edited, named

_DELETED = re.compile(
    r"(?:this message was deleted|you deleted this message|"
    r"diese nachricht wurde gelöscht|du hast diese nachricht gelöscht|"
    r"se eliminó este mensaje|este mensaje fue eliminado|eliminaste este mensaje|"
    r"ce message a été supprimé|vous avez supprimé ce message|"
    r"mensagem apagada|essa mensagem foi apagada|esta mensagem foi apagada|"
    r"você apagou esta mensagem|apagou esta mensagem|"
    r"questo messaggio è stato eliminato|hai eliminato questo messaggio|"
    r"dit bericht is verwijderd|je hebt dit bericht verwijderd|"
    r"данное сообщение удалено|сообщение удалено|вы удалили данное сообщение|"
    r"ta wiadomość została usunięta|usunięto tę wiadomość|bu mesaj silindi|bu mesajı sildiniz|"
    r"pesan ini dihapus|anda menghapus pesan ini)\.?",
    re.IGNORECASE,
)
_EDITED = re.compile(
    rf"[ \n]?{_MARK}?<(?:this message was edited|diese nachricht wurde bearbeitet|"
    r"se editó este mensaje|ce message a été modifié|mensagem editada|"
    r"questo messaggio è stato modificato|dit bericht is bewerkt|данное сообщение изменено)\.?>"
    rf"{_MARK}?\s*\Z",
    re.IGNORECASE,
)
_MENTION = re.compile("@(?:\u2068([^\u2069\n]{1,100})\u2069|(\\d{7,15})(?!\\w))")


def mentions(text: str) -> list[tuple[str | None, str | None]]:
    """Who is mentioned, each once: by name, or by phone number (digits)."""
    if "@" not in text:
        return []
    found = [(match[1], match[2]) for match in _MENTION.finditer(text)]
    return list(dict.fromkeys(found))
