"""Weaves many mutants into one program, so that it is built once: each function that a mutant changes gets the changed body
beside its own, and takes it when the mutant is chosen in the environment.
"""

import re
from bisect import bisect_right

# What is skipped to find the end of a function: comments, strings, characters (not lifetimes).
SKIPPED = re.compile(
    r"""//[^\n]*|/\*.*?\*/|r(\#*)".*?"\1|"(?:\\.|[^"\\])*"|'(?:\\[^']+|[^'\\])'""",
    re.DOTALL,
)
FUNCTION = re.compile(r"^( *)((?:pub(?:\([a-z: ]+\))? )?)(async )?fn (\w+)", re.MULTILINE)

CHOICE = """
/// The mutant that is chosen in the environment.
pub(crate) fn mutant() -> usize {
    static CHOSEN: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
    *CHOSEN.get_or_init(|| std::env::var("MUTANT").ok().and_then(|n| n.parse().ok()).unwrap_or(0))
}
"""


class Unwoven(Exception):
    """This mutant needs a program of its own."""


def blanked(text):
    """The same text, of the same length, with blanks for whatever may hold a stray bracket."""
    return SKIPPED.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def closing(text, opening):
    """Where the bracket closes that opens here."""
    depth = 0
    for at in range(opening, len(text)):
        depth += (text[at] in "([{") - (text[at] in ")]}")
        if depth == 0:
            return at
    raise Unwoven("a bracket that never closes")


def functions(text):
    """(start, start of the body, end) of every function with a body."""
    plain = blanked(text)
    found = []
    for head in FUNCTION.finditer(plain):
        opening = plain.index("(", head.end())
        if plain[head.end()] == "<":
            depth, at = 0, head.end()
            while True:
                depth += (plain[at] == "<") - (plain[at] == ">" and plain[at - 1] != "-")
                if depth == 0:
                    break
                at += 1
            opening = plain.index("(", at)
        end = closing(plain, opening)
        body, depth = end + 1, 0
        while depth or plain[body] not in "{;":
            depth += (plain[body] in "([") - (plain[body] in ")]")
            body += 1
        if plain[body] == ";":
            continue
        found.append((head.start(), body, closing(plain, body) + 1))
    return found


def weave(text, mutants):
    """The text with all of these mutants, `(number, edits)`; those that can't be woven are given back by their number."""
    spans = functions(text)
    starts = [span[0] for span in spans]
    branches, left = {}, []
    for number, edits in mutants:
        try:
            places = [(text.index(find), find, replace) for find, replace in edits]
            around = {spans[bisect_right(starts, at + len(find) - len(find.lstrip())) - 1] for at, find, _ in places}
            if len(around) != 1 or bisect_right(starts, places[0][0] + 1) == 0:
                raise Unwoven("outside of a function, or in two")
            start, body, end = span = around.pop()
            if any(at < start or at + len(find.rstrip()) > end for at, find, _ in places):
                raise Unwoven("not inside of a function")
            changed = text[start:end]
            for _, find, replace in places:
                if changed.count(find) != 1:
                    # What stands before the first line or after the last one is not part of the function.
                    find, replace = find.strip("\n"), replace.strip("\n")
                if changed.count(find) != 1:
                    raise Unwoven("not inside of a function")
                changed = changed.replace(find, replace)
            if not changed.startswith(text[start : body + 1]):
                raise Unwoven("not inside of the function's body")
            branches.setdefault(span[1:], []).append((number, changed[body - start :]))
        except Unwoven:
            left.append(number)
    for (body, end), some in sorted(branches.items(), reverse=True):
        chosen = "".join(f" if crate::mutant() == {number} {changed} else" for number, changed in some)
        text = f"{text[:body]}{{{chosen} {text[body:end]} }}{text[end:]}"
    return text, left
