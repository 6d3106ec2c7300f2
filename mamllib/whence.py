"""What ``mamllib whence`` prints: where a figure's file comes from, as the file itself carries it."""

from collections.abc import Iterator, Mapping

from mamllib.records import outcome

NOT_JUDGED = "not judged with this figure"


def described(noted: Mapping) -> str:
    """What a figure's file carries, a line each for figure, commit, parameters and statements."""
    lines = list(_lines(noted))
    width = max(len(name) for name, _ in lines)
    return "\n".join(f"{name.ljust(width)}  {what}" for name, what in lines)


def _lines(noted: Mapping) -> Iterator[tuple[str, str]]:
    yield "figure", f"{noted['figure']}, of {noted['companion']}"
    if noted["repository"]:
        yield "repository", noted["repository"]
    yield "version", noted["version"]
    yield "commit", _commit(noted)
    yield "parameters", ", ".join(f"{name} {value}" for name, value in noted["parameters"].items()) or "none"
    for place, (statement, found) in enumerate(noted["statements"].items()):
        yield "" if place else "supports", f"{statement}: {outcome(**found) if found else NOT_JUDGED}"
    if noted["judged"]:
        yield "judged", f"commit {_commit(noted['judged'])}, seed {noted['judged']['seed']}"


def _commit(made: Mapping) -> str:
    return (made["commit"] or "not known") + (" with changes" if made["changed"] else "")
