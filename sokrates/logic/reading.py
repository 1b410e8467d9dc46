"""The one error that readers of formulas raise, whatever the text."""


class ReadError(ValueError):
    """A text that is not a formula: what is wrong, in which text, at which character."""

    def __init__(self, message: str, text: str, position: int) -> None:
        shown = text if len(text) <= 80 else text[:77] + "..."
        super().__init__(f"{message}, at character {position} of {shown!r}")
        self.text = text
        self.position = position
