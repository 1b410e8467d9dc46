"""How many rows a forward pass takes on a GPU: an estimate of what training needs, against what the card has.

    free memory = memory − weights − gradients and optimiser states of the trained weights
    activations of a token = layers × bytes of a number × (14 × hidden + 6 × intermediate)

The second line counts what a layer of the Llama family keeps for the backward pass under LoRA on its seven
projections; for Qwen3-8B in bfloat16 it gives 9 MiB a token, as measured. With checkpointing a layer keeps only
its input, and the backward pass computes one layer again at a time. Not covered: memory that other programs use,
sharded models.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

HEADROOM = 0.9  # share of the GPU's memory to plan with; the rest is for the allocator's gaps and workspaces
OPTIMISER_BYTES = 12  # for each trained number: its gradient and AdamW's two moments, each float32


@dataclass(frozen=True)
class Plan:
    """rows: of a forward pass, a divisor of the batch; checkpointing: do not keep activations, recompute them."""

    rows: int
    checkpointing: bool


def plan(
    batch: int,
    tokens: int,
    *,
    token_bytes: tuple[float, float],
    free: float,
    rows: int | None = None,
    checkpointing: bool | None = None,
) -> Plan:
    """The most rows of a batch, each of at most `tokens` tokens, that fit into `free` bytes.

    token_bytes: the activations of a token, without and with checkpointing
    rows, checkpointing: fixed by the user
    Checkpointing is chosen only where one row does not fit without it. Where nothing fits, the plan is one row,
    and training may run out of memory.

    >>> plan(32, 450, token_bytes=(9 * 2**20, 2**20), free=50 * 2**30)  # 12 rows would fit; 8 divide 32
    Plan(rows=8, checkpointing=False)
    >>> plan(32, 1024, token_bytes=(9 * 2**20, 2**20), free=8 * 2**30)
    Plan(rows=8, checkpointing=True)
    """
    allowed = [rows] if rows else [number for number in range(1, batch + 1) if batch % number == 0]
    choices = [False, True] if checkpointing is None else [checkpointing]
    for choice in choices:
        fitting = [number for number in allowed if number * tokens * token_bytes[choice] <= free]
        if fitting:
            return Plan(fitting[-1], choice)
    return Plan(allowed[0], choices[-1])


def activation_bytes(config: Any, dtype_bytes: int) -> tuple[float, float]:
    """Bytes of a token's activations in a model of the Llama family, without and with checkpointing.

    >>> from types import SimpleNamespace
    >>> qwen3_8b = SimpleNamespace(num_hidden_layers=36, hidden_size=4096, intermediate_size=12288)
    >>> kept, checkpointed = activation_bytes(qwen3_8b, 2)
    >>> round(kept / 2**20, 2), round(checkpointed / 2**20, 2)
    (9.0, 0.53)
    """
    layer = dtype_bytes * (14 * config.hidden_size + 6 * config.intermediate_size)
    layers = config.num_hidden_layers
    return layers * layer, layers * dtype_bytes * config.hidden_size + layer


def fixed_bytes(model: nn.Module) -> int:
    """Bytes of a model's weights, and of the gradients and optimiser states of its trained weights."""
    weights = sum(weight.numel() * weight.element_size() for weight in model.parameters())
    return weights + OPTIMISER_BYTES * sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
