"""Weaves many mutants into one program, so that it is built once: each function that a mutant changes gets a changed twin
beside it, and calls that twin when the mutant is chosen in the environment.
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
    """(start, start of the body, end, indent, async, name, names of the parameters) of every function with a body."""
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
        names, depth, current = [], 0, ""
        for sign in plain[opening + 1 : end] + ",":
            depth += (sign in "([{<") - (sign in ")]}>")
            if sign == "," and depth == 0:
                names.append(current.strip())
                current = ""
            else:
                current += sign
        names = [re.sub(r"^mut ", "", name.split(":")[0].strip()) for name in names if name]
        body, depth = end + 1, 0
        while depth or plain[body] not in "{;":
            depth += (plain[body] in "([") - (plain[body] in ")]")
            body += 1
        if plain[body] == ";":
            continue
        found.append((head.start(), body, closing(plain, body) + 1, head.group(1), bool(head.group(3)), head.group(4), tuple(names)))
    return found


def weave(text, mutants):
    """The text with all of these mutants, `(number, edits)`; those that can't be woven are given back by their number."""
    spans = functions(text)
    starts = [span[0] for span in spans]
    guards, twins, left = {}, {}, []
    for number, edits in mutants:
        try:
            places = [(text.index(find), find, replace) for find, replace in edits]
            around = {spans[bisect_right(starts, at + len(find) - len(find.lstrip())) - 1] for at, find, _ in places}
            if len(around) != 1 or bisect_right(starts, places[0][0] + 1) == 0:
                raise Unwoven("outside of a function, or in two")
            start, body, end, indent, is_async, name, names = span = around.pop()
            if any(at < start or at + len(find.rstrip()) > end for at, find, _ in places):
                raise Unwoven("not inside of a function")
            receiver = "" if not indent else "Self::"
            if names and names[0] in ("self", "&self", "&mut self", "mut self"):
                receiver, names = "self.", names[1:]
            if not all(re.fullmatch(r"\w+", one) for one in names):
                raise Unwoven("parameters with patterns")
            twin = text[start:end]
            for at, find, replace in places:
                if twin.count(find) != 1:
                    # What stands before the first line or after the last one is not part of the function.
                    find, replace = find.strip("\n"), replace.strip("\n")
                if twin.count(find) != 1:
                    raise Unwoven("not inside of a function")
                twin = twin.replace(find, replace)
            twin = re.sub(rf"\bfn {name}\b", f"fn {name}_mutant_{number}", twin, count=1)
            call = f"{receiver}{name}_mutant_{number}({', '.join(names)}){'.await' if is_async else ''}"
            guards.setdefault(span[1], []).append(f" if crate::mutant() == {number} {{ return {call}; }}")
            twins.setdefault(span[2], []).append("\n\n" + twin)
        except Unwoven:
            left.append(number)
    for at in sorted([*guards, *twins], reverse=True):
        if at in guards:
            text = text[: at + 1] + "".join(guards[at]) + text[at + 1 :]
        else:
            text = text[:at] + "".join(twins[at]) + text[at:]
    return text, left
