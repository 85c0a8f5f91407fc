"""Extracts the prose of a commit: comments and messages of main code, and the text of the documentation."""

import fnmatch
import io
import json
import os
import re
import subprocess
import tarfile
from typing import Iterator, NamedTuple

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
CODE = (".java", ".ts", ".js", ".css")
SCRIPTS = ("bin/*", "tools/*", ".ci/*", "packaging/*", "docs/hooks/*")


class Text(NamedTuple):
    """One comment, message or paragraph. The text has single blanks; line is the first line, from 1."""

    kind: str  # comment, message or docs
    file: str
    line: int
    text: str

    @property
    def module(self) -> str:
        if self.kind == "docs":
            return "docs"
        return self.file.split("/")[0] if "/src/" in self.file else "scripts"


def commit_id(revision: str) -> str:
    return subprocess.run(
        ["git", "-C", ROOT, "rev-parse", "--verify", revision + "^{commit}"],
        check=True,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ).stdout.strip()


def texts(commit: str) -> Iterator[Text]:
    """All prose of the commit, in the order of its files."""
    for file, source in sources(commit):
        if is_main_code(file):
            yield from code_texts(file, source)
        elif is_document(file):
            yield from markdown_texts(file, source)
        else:
            yield from hash_comments(file, source)


def sources(commit: str) -> Iterator[tuple[str, str]]:
    """The files of the commit that contain prose, with their text."""
    archive = subprocess.run(
        ["git", "-C", ROOT, "archive", "--format=tar", commit], check=True, stdout=subprocess.PIPE
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        for member in files:
            name = member.name
            if member.isfile() and (is_main_code(name) or is_document(name) or is_script(name)):
                yield name, files.extractfile(member).read().decode("utf-8", "replace")


def is_document(file: str) -> bool:
    return file.endswith(".md") and not file.startswith((".github/", "tests/")) and "/src/test/" not in file


def is_script(file: str) -> bool:
    named = any(fnmatch.fnmatch(file, pattern) for pattern in SCRIPTS)
    return named and not file.endswith((".json", ".md", ".mjs", ".py", ".allow"))


def is_main_code(file: str) -> bool:
    return "/src/main/" in file and file.endswith((*CODE, ".jte", ".json"))


def code_texts(file: str, source: str) -> Iterator[Text]:
    if file.endswith(".jte"):
        yield from template_texts(file, source)
    elif file.endswith(".json"):
        for found in re.finditer(r'"(?:description|title|error)"\s*:\s*("(?:[^"\\]|\\.)*")', source):
            yield Text("message", file, line_of(source, found.start()), clean(json.loads(found.group(1))))
    else:
        yield from merge_line_comments(tokens(file, source))


def tokens(file: str, source: str) -> Iterator[Text]:
    """Comments, and string literals of more than one word."""
    script = file.endswith((".ts", ".js"))
    at, before = 0, ""
    while at < len(source):
        rest = source[at:]
        if rest.startswith("//") and not file.endswith(".css"):
            end = source.find("\n", at)
            end = len(source) if end < 0 else end
            yield Text("line", file, line_of(source, at), clean(source[at + 2 : end]))
        elif rest.startswith("/*"):
            end = source.find("*/", at)
            end = len(source) if end < 0 else end + 2
            body = re.sub(r"(?m)^\s*\*", "", source[at + 2 : end - 2].lstrip("*"))
            yield Text("comment", file, line_of(source, at), clean(body))
        elif rest.startswith('"""'):
            end = skip(source, at + 3, '"""')
            yield from message(file, source, at, source[at + 3 : end - 3])
        elif rest[0] in "\"'" or (script and rest[0] == "`"):
            end = skip(source, at + 1, rest[0])
            if rest[0] != "'" or script:
                yield from message(file, source, at, source[at + 1 : end - 1])
        elif script and rest[0] == "/" and before in "(,=:[!&|?{};\n" and before:
            end = regular_expression(source, at)
        else:
            end = at + 1
        if not source[at:end].isspace():
            before = source[end - 1]
        at = end


def skip(source: str, at: int, quote: str) -> int:
    while at < len(source) and not source.startswith(quote, at):
        at += 2 if source[at] == "\\" else 1
    return at + len(quote)


def regular_expression(source: str, at: int) -> int:
    at, in_class = at + 1, False
    while at < len(source) and source[at] != "\n":
        if source[at] == "\\":
            at += 1
        elif source[at] in "[]":
            in_class = source[at] == "["
        elif source[at] == "/" and not in_class:
            return at + 1
        at += 1
    return at


def message(file: str, source: str, at: int, literal: str) -> Iterator[Text]:
    text = clean(re.sub(r"\\[ntrs]", " ", literal))
    if " " in text:
        yield Text("message", file, line_of(source, at), text)


def merge_line_comments(found: Iterator[Text]) -> Iterator[Text]:
    """Comments of consecutive lines are one comment."""
    open_comment, last = None, -2
    for text in found:
        if text.kind == "line" and open_comment and text.line == last + 1:
            open_comment = open_comment._replace(text=clean(open_comment.text + " " + text.text))
            last = text.line
            continue
        if open_comment:
            yield open_comment
            open_comment = None
        if text.kind == "line":
            open_comment, last = text._replace(kind="comment"), text.line
        else:
            yield text
    if open_comment:
        yield open_comment


def template_texts(file: str, source: str) -> Iterator[Text]:
    for found in re.finditer(r"<%--(.*?)--%>", source, re.DOTALL):
        yield Text("comment", file, line_of(source, found.start()), clean(found.group(1)))
    blank = lambda found: re.sub(r"[^\n]", " ", found.group())
    source = re.sub(r"<%--.*?--%>|<[^>]*>|@\w+[^\n]*|\$\w*\{[^}]*\}", blank, source, flags=re.DOTALL)
    for found in re.finditer(r"\S[^\n]*", source):
        text = clean(found.group())
        if " " in text:
            yield Text("message", file, line_of(source, found.start()), text)


def hash_comments(file: str, source: str) -> Iterator[Text]:
    def lines() -> Iterator[Text]:
        for number, line in enumerate(source.split("\n"), 1):
            found = re.match(r"\s*#(?!!)\s?(.*)", line)
            if found and not found.group(1).startswith("shellcheck"):
                yield Text("line", file, number, clean(found.group(1)))

    yield from merge_line_comments(lines())


def markdown_texts(file: str, source: str) -> Iterator[Text]:
    """Paragraphs, items of lists and cells of tables, without code blocks and headings."""
    code, start, lines = False, 0, []

    def paragraph() -> Iterator[Text]:
        if lines:
            yield Text("docs", file, start, clean(" ".join(lines)))
            lines.clear()

    for number, line in enumerate(source.split("\n"), 1):
        stripped = line.strip()
        if stripped.startswith("```"):
            code = not code
        new = code or not stripped or stripped.startswith(("#", "|", "- ", "* ", "!", "```"))
        new = new or line.startswith("    ") or re.match(r"\d+\. ", stripped)
        if new:
            yield from paragraph()
        if code or not stripped or stripped.startswith(("#", "!", "```")) or line.startswith("    "):
            continue
        if stripped.startswith("|"):
            for cell in stripped.strip("|").split("|"):
                if clean(cell).strip("-: "):
                    yield Text("docs", file, number, clean(cell))
            continue
        if not lines:
            start = number
        lines.append(re.sub(r"^(- |\* |\d+\. )", "", stripped))
    yield from paragraph()


def sentences(text: Text) -> Iterator[Text]:
    for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z`*\[])", text.text):
        yield text._replace(text=sentence)


def clean(text: str) -> str:
    return " ".join(text.split())


def line_of(source: str, at: int) -> int:
    return source.count("\n", 0, at) + 1

