"""Slack's types of files: the identifier, the name for people, and the media type, by a file's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from mimetypes import MimeTypes
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class FileType:
    """One type of file, as file objects name it."""

    filetype: str
    pretty_type: str
    is_text: bool
    """Whether Slack keeps such a file as a snippet: shown in place, editable."""


# Identifier, name for people, further extensions; after https://docs.slack.dev/reference/objects/file-object
_TEXTS = """
text|Plain Text|txt log; applescript|AppleScript|scpt; c|C|h; cfm|ColdFusion; clojure|Clojure|clj
coffeescript|CoffeeScript|coffee; cpp|C++|cc cxx hpp; csharp|C#|cs; css|CSS; csv|CSV; d|D; dart|Dart
diff|Diff|patch; dockerfile|Docker; erlang|Erlang|erl; fortran|Fortran|f90; fsharp|F#|fs; go|Go
groovy|Groovy|gradle; handlebars|Handlebars|hbs; haskell|Haskell|hs; haxe|Haxe|hx; html|HTML|htm
java|Java; javascript|JavaScript/JSON|js json mjs; kotlin|Kotlin|kt; latex|LaTeX/sTeX|tex; lisp|Lisp
lua|Lua; markdown|Markdown (raw)|md; matlab|MATLAB|m; mumps|MUMPS; objc|Objective-C|mm; ocaml|OCaml|ml
pascal|Pascal|pas; perl|Perl|pl; php|PHP; pig|Pig; powershell|PowerShell|ps1; puppet|Puppet|pp
python|Python|py; r|R; ruby|Ruby|rb; rust|Rust|rs; scala|Scala; scheme|Scheme|scm; shell|Shell|sh bash
smalltalk|Smalltalk|st; sql|SQL; swift|Swift; tsv|TSV; vb|VB.NET; vbscript|VBScript|vbs
velocity|Velocity|vm; verilog|Verilog|v; xml|XML; yaml|YAML|yml
"""
_OTHERS = """
ai|Illustrator File; apk|APK; binary|Binary|bin; bmp|Bitmap; boxnote|BoxNote; doc|Word Document
docx|Word Document; dotx|Word Template; email|Email|eml; eps|EPS; epub|EPUB; fla|Flash FLA
flv|Flash Video; gdoc|Google Doc; gdraw|Google Drawing; gif|GIF; gpres|Google Slides
gsheet|Google Sheet; gzip|Gzip|gz; heic|HEIC; indd|InDesign Document; jpg|JPEG|jpeg
keynote|Keynote Document|key; m4a|MPEG 4 Audio; mhtml|MHTML; mkv|Matroska Video; mov|QuickTime Movie
mp3|MP3; mp4|MPEG 4 Video; mpg|MPEG Video|mpeg; numbers|Numbers Document; nzb|NZB
odg|OpenDocument Drawing; odi|OpenDocument Image; odp|OpenDocument Presentation
ods|OpenDocument Spreadsheet; odt|OpenDocument Text; ogg|Ogg Vorbis; ogv|Ogg Video; pages|Pages Document
pdf|PDF; png|PNG; post|Post; ppt|PowerPoint Presentation; pptx|PowerPoint Presentation
psd|Photoshop Document; qtz|Quartz Composition; rtf|Rich Text File; sketch|Sketch; svg|SVG
swf|Flash SWF; tar|Tarball; tiff|TIFF|tif; vcard|vCard|vcf; wav|Wave; webm|WebM; webp|WebP
wmv|Windows Media Video; xls|Excel Spreadsheet; xlsb|Excel Spreadsheet (Binary, Macro Enabled)
xlsm|Excel Spreadsheet (Macro Enabled); xlsx|Excel Spreadsheet; xltx|Excel Template; zip|Zip
"""
_KINDS = MappingProxyType(
    {
        "images": frozenset({"png", "gif", "jpg", "bmp", "heic", "svg", "tiff", "webp"}),
        "zips": frozenset({"zip", "gzip", "tar"}),
        "pdfs": frozenset({"pdf"}),
        "videos": frozenset({"flv", "mkv", "mov", "mp4", "mpg", "ogv", "webm", "wmv"}),
    }
)


def _read(table: str, *, is_text: bool) -> tuple[Mapping[str, FileType], Mapping[str, str]]:
    types, extensions = {}, {}
    for row in table.replace("\n", ";").split(";"):
        if not row.strip():
            continue
        name, pretty, *further = row.strip().split("|")
        types[name] = FileType(name, pretty, is_text)
        for extension in (name, *" ".join(further).split()):
            extensions[extension] = name
    return types, extensions


_TEXT_TYPES, _TEXT_EXTENSIONS = _read(_TEXTS, is_text=True)
_OTHER_TYPES, _OTHER_EXTENSIONS = _read(_OTHERS, is_text=False)
TYPES: Mapping[str, FileType] = MappingProxyType({**_TEXT_TYPES, **_OTHER_TYPES})
"""Every type by its identifier."""
_EXTENSIONS: Mapping[str, str] = MappingProxyType({**_TEXT_EXTENSIONS, **_OTHER_EXTENSIONS})
_MEDIA_TYPES = MimeTypes()


def type_of_name(name: str) -> FileType:
    """Return a file's type by its name; what nothing is known of is ``binary``."""
    lowered = name.lower()
    extension = "dockerfile" if lowered == "dockerfile" else lowered.rpartition(".")[2]
    return TYPES[_EXTENSIONS.get(extension, "binary") if "." in name or extension == lowered else "binary"]


def media_type(name: str, kind: FileType) -> str:
    """Return the media type that a file is served with; every snippet's is ``text/plain``."""
    if kind.is_text:
        return "text/plain"
    # By the ending alone: a whole name could be read as an address that names its own type.
    guessed, packed = _MEDIA_TYPES.guess_type(f"_.{name.rpartition('.')[2]}", strict=False)
    return guessed or ("application/gzip" if packed == "gzip" else "application/octet-stream")


def is_kind(filetype: str, kind: str) -> bool:
    """Say whether a type of file is among ``images``, ``zips``, ``pdfs`` or ``videos``."""
    return filetype in _KINDS.get(kind, ())
