"""What goes wrong in a template."""


class VtlError(Exception):
    """The template cannot be read, or what it asks for cannot be done; says where and what."""
