"""What the training loop draws its examples from."""

from typing import Any, Protocol

import numpy.typing as npt


class Sampler(Protocol):
    """Draws random examples."""

    @property
    def examples(self) -> str:
        """What they are called, in the plural."""
        ...

    def draw(self, count: int) -> npt.NDArray[Any]:
        """`count` standardised examples, float32, along the first axis."""
        ...

    def shrink(self) -> str | None:
        """Draw smaller examples from now on; gives what they are then, None if there are none smaller."""
        ...
