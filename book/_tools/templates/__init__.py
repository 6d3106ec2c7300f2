"""What the generated pages look like: HTML with blanks, filled by Jinja (which Sphinx brings)."""

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_TEMPLATES = Environment(
    loader=FileSystemLoader(__path__), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def rendered(name: str, **blanks: object) -> str:
    """The template of this name with its blanks filled; what is filled in is escaped."""
    return _TEMPLATES.get_template(name).render(blanks)
