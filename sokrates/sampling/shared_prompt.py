"""Token by token: the default sampling engine, on transformers models of the Llama and Qwen kind.

K traces of a prompt share its keys and values, which are computed once and read once a step for all K; a slot
whose traces have ended takes the next prompt, so that a batch stays full; what is written stands in buffers that
never move. The model's own code runs, with an attention function of ours (transformers' AttentionInterface).

A trace draws from random numbers of its own, so its text depends on the seed and its place among the prompts, and
not on the batch that it is written in. Models with sliding windows, or that scale or cap
scores or logits, are refused. Not covered: encoder-decoders, several GPUs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Lock
from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface, DynamicCache
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from sokrates.errors import UserError
from sokrates.policy.model import logit_scales, unwrapped
from sokrates.sampling.request import Request, Tokens

ATTENTION = "sokrates_shared_prompt"
REFILL = 8  # new prompts are read when one slot in so many is free
CHECK = 4  # steps between two looks for traces that have ended: on a GPU each look waits for it
WORKERS = 2  # batches that a CPU writes side by side: a step is many small operations, which few cores share well
PREFILL_TOKENS = 16_384  # tokens of prompts that are read at a time
PAGE = 32  # tokens of a trace whose keys lie side by side: reading what has gaps takes twice the time


def decode(
    model: Any, prompts: Sequence[Tokens], asked: Request, progress: Callable[[int], object]
) -> list[list[Tokens]]:
    """The continuations of each prompt, without the token that ends them; one cut off is as long as allowed.

    progress: told the number of continuations that have newly ended
    """
    found: list[list[Tokens]] = [[] for _ in prompts]
    order = sorted(range(len(prompts)), key=lambda index: len(prompts[index]))  # the longest is taken first
    slots = min(len(prompts), max(1, asked.batch_size // asked.samples))
    longest = max(map(len, prompts), default=1)
    random = None
    if asked.temperature is not None:
        generator = torch.Generator().manual_seed(asked.seed)
        random = torch.rand(len(prompts), asked.samples, asked.max_new_tokens, generator=generator)
    threads = torch.get_num_threads()
    workers = 1 if model.device.type != "cpu" or slots < WORKERS else min(WORKERS, threads)
    stopped, counting = Event(), Lock()
    head = model.get_output_embeddings()

    def work(part: int) -> None:
        torch.set_num_threads(threads // workers)
        waiting = order[part::workers]
        batch = _Batch(slots // workers, asked, longest, model.device)
        try:
            with torch.inference_mode():
                for prompt, rows in _write(batch, decoder, head, prompts, waiting, random, stopped):
                    found[prompt] = rows
                    with counting:
                        progress(asked.samples)
        except BaseException:
            stopped.set()  # nobody wants the rest
            raise

    try:
        with _attending(model, longest + asked.max_new_tokens) as decoder, ThreadPoolExecutor(workers) as pool:
            try:
                list(pool.map(work, range(workers)))
            finally:
                stopped.set()  # after Ctrl-C, too
    finally:
        torch.set_num_threads(threads)
    return found


def _write(
    batch: _Batch,
    decoder: Any,
    head: Any,
    prompts: Sequence[Tokens],
    waiting: list[int],
    random: Tensor | None,
    stopped: Event,
) -> Iterator[tuple[int, list[Tokens]]]:
    """The prompts that are `waiting`, the last first, each with its continuations as soon as all have ended."""
    asked, step = batch.asked, 0
    while (waiting or batch.busy) and not stopped.is_set():
        if step % CHECK == 0:
            yield from batch.take_ended()
            free = batch.slots - batch.busy
            if waiting and (free * REFILL >= batch.slots or not batch.busy):
                batch.fill(decoder, [(i, prompts[i]) for i in _taken(waiting, free)], random)
            elif not waiting and free * 4 >= batch.slots:
                batch.shrink()
            if not batch.busy:
                continue
        hidden = decoder(
            input_ids=batch.last[:, None],
            position_ids=(batch.start + batch.length)[:, None],
            past_key_values=batch,
            use_cache=True,
            shared=batch,
        ).last_hidden_state[:, -1]
        batch.append(_choose(head(hidden), asked.temperature, asked.top_p, batch.next_random()))
        step += 1


def _taken(waiting: list[int], count: int) -> list[int]:
    taken = waiting[-count:][::-1]
    del waiting[-count:]
    return taken


@contextmanager
def _attending(model: Any, reach: int) -> Iterator[Any]:
    """The model's decoder, with our attention while the block runs; reach: tokens of the longest text."""
    base = unwrapped(model)
    config = base.config.get_text_config()
    unlike = logit_scales(config)
    if getattr(config, "attn_logit_softcapping", None) is not None:
        unlike.append("attn_logit_softcapping")
    layers = getattr(config, "layer_types", None)
    window = getattr(config, "sliding_window", None)  # of all layers, where they are not told apart
    if unlike or ("sliding_attention" in layers if layers else window is not None and window < reach):
        raise UserError(
            f"sampling.engine shared_prompt does not know models with {', '.join(unlike) or 'sliding windows'}: "
            f"choose continuous_batching"
        )
    before = base.config._attn_implementation
    AttentionInterface.register(ATTENTION, _attend)
    base.set_attn_implementation(ATTENTION)
    model.eval()
    try:
        yield base.get_decoder()
    finally:
        base.set_attn_implementation(before)


class _Batch:
    """The traces that are being written: `samples` rows for each slot, a slot for each prompt.

    last: [rows] the token that is read next; the first is the prompt's last, which is not among its keys
    start, length: [rows] tokens of the prompt before that one, and tokens written
    prompt_keys, prompt_values: a layer each, [slots, heads, prompt width, head size]
    keys, values: a layer each, [pages, rows, heads, PAGE, head size], of what is read after the prompt; the place
        `max_new_tokens` is where rows that are full, and wait for others of their slot, go on writing
    """

    def __init__(self, slots: int, asked: Request, longest: int, device: torch.device) -> None:
        self.slots, self.samples, self.longest, self.asked = slots, asked.samples, longest, asked
        rows = slots * self.samples
        self.prompt_of = [-1] * slots  # -1: free
        self.last = torch.zeros(rows, dtype=torch.long, device=device)
        self.start = torch.zeros(rows, dtype=torch.long, device=device)
        self.length = torch.zeros(rows, dtype=torch.long, device=device)
        self.ended = torch.ones(rows, dtype=torch.bool, device=device)
        self.written = torch.zeros(rows, asked.max_new_tokens + 1, dtype=torch.long, device=device)
        self.random: Tensor | None = None
        self.prompt_keys: list[Tensor] = []
        self.prompt_values: list[Tensor] = []
        self.keys: list[Tensor] = []
        self.values: list[Tensor] = []
        self._measure()

    @property
    def busy(self) -> int:
        return sum(prompt >= 0 for prompt in self.prompt_of)

    def fill(self, decoder: Any, prompts: list[tuple[int, Tokens]], random: Tensor | None) -> None:
        """Reads prompts into free slots."""
        free = [slot for slot, prompt in enumerate(self.prompt_of) if prompt < 0]
        size = max(1, PREFILL_TOKENS // self.longest)
        for begin in range(0, len(prompts), size):
            some = prompts[begin : begin + size]
            slots = torch.tensor(free[begin : begin + len(some)], device=self.last.device)
            width = max(1, *(len(tokens) - 1 for _, tokens in some))
            padded = torch.zeros(
                len(some), width, dtype=torch.long
            )  # padded on the right, which no token looks at
            for row, (_, tokens) in enumerate(some):
                padded[row, : len(tokens) - 1] = torch.tensor(tokens[:-1])
            cache: Any = DynamicCache()
            decoder(input_ids=padded.to(self.last.device), past_key_values=cache, use_cache=True)
            for layer, one in enumerate(cache.layers):
                if layer == len(self.keys):
                    self._allocate(one.keys)
                self.prompt_keys[layer][slots, :, :width] = one.keys
                self.prompt_values[layer][slots, :, :width] = one.values
            rows = (slots[:, None] * self.samples + torch.arange(self.samples, device=slots.device)).flatten()
            ends = torch.tensor([[tokens[-1], len(tokens) - 1] for _, tokens in some], device=slots.device)
            self.last[rows], self.start[rows] = ends.repeat_interleave(self.samples, 0).T
            self.length[rows], self.ended[rows] = 0, False
            if random is not None:
                if self.random is None:
                    self.random = torch.zeros(self.written.shape, device=slots.device)
                drawn = random[[index for index, _ in some]].flatten(0, 1)
                self.random[rows, : drawn.shape[1]] = drawn.to(slots.device)
            for slot, (index, _) in zip(free[begin:], some, strict=False):
                self.prompt_of[slot] = index
        self._measure()

    def _allocate(self, like: Tensor) -> None:
        heads, size = like.shape[1], like.shape[3]
        rows, most = self.written.shape
        self.prompt_keys.append(like.new_zeros(self.slots, heads, self.longest, size))
        self.prompt_values.append(like.new_zeros(self.slots, heads, self.longest, size))
        pages = _pages(most)
        self.keys.append(like.new_zeros(pages, rows, heads, PAGE, size))
        self.values.append(like.new_zeros(pages, rows, heads, PAGE, size))

    def take_ended(self) -> list[tuple[int, list[Tokens]]]:
        """The prompts whose traces have all ended, with their tokens; their slots are free."""
        if not self.busy:
            return []
        ended = self.ended.view(self.slots, -1).all(1).tolist()
        slots = [slot for slot, done in enumerate(ended) if done and self.prompt_of[slot] >= 0]
        if not slots:
            return []
        lengths = self.length.view(self.slots, -1)[slots].tolist()
        written = self.written.view(self.slots, self.samples, -1)[slots].tolist()
        taken = []
        for slot, rows, counts in zip(slots, written, lengths, strict=True):
            taken.append((self.prompt_of[slot], [row[:count] for row, count in zip(rows, counts, strict=True)]))
            self.prompt_of[slot] = -1
        return taken

    def shrink(self) -> None:
        """Drops the slots that are free."""
        kept = [slot for slot, prompt in enumerate(self.prompt_of) if prompt >= 0]
        slots = torch.tensor(kept, dtype=torch.long, device=self.last.device)
        rows = (slots[:, None] * self.samples + torch.arange(self.samples, device=slots.device)).flatten()
        for name in ("last", "start", "length", "ended", "written"):
            setattr(self, name, getattr(self, name)[rows])
        self.random = None if self.random is None else self.random[rows]
        for layer in range(len(self.keys)):
            self.keys[layer], self.values[layer] = self.keys[layer][:, rows], self.values[layer][:, rows]
            self.prompt_keys[layer] = self.prompt_keys[layer][slots]
            self.prompt_values[layer] = self.prompt_values[layer][slots]
        self.prompt_of = [self.prompt_of[slot] for slot in kept]
        self.slots = len(kept)
        self._measure()

    def _measure(self) -> None:
        """What attention may look at; changes with the prompts."""
        self.rows = torch.arange(len(self.last), device=self.last.device)
        lengths = self.start.view(self.slots, -1)[:, :1] if self.slots else self.start[:, None]
        self.width = max(1, int(lengths.max())) if self.slots else 1
        self.reach = int(self.length.max()) + 1 if self.slots else 1
        hidden = torch.arange(self.width, device=lengths.device) >= lengths
        self.prompt_bias = torch.zeros(hidden.shape, device=lengths.device).masked_fill(hidden, -torch.inf)
        self._look()

    def _look(self) -> None:
        self.page, self.place = self.length // PAGE, self.length % PAGE
        hidden = torch.arange(_pages(self.reach) * PAGE, device=self.length.device) > self.length[:, None]
        self.bias = torch.zeros(hidden.shape, device=hidden.device).masked_fill(hidden, -torch.inf)[:, None, None]

    def next_random(self) -> Tensor | None:
        """[rows] in [0, 1), one for each token that is chosen next."""
        return None if self.random is None else self.random[self.rows, self.length]

    def append(self, tokens: Tensor) -> None:
        """The token that each row writes next; rows that have ended write nothing."""
        self.ended |= tokens == self.asked.end
        going = ~self.ended
        self.written[self.rows, self.length] = tokens
        self.last = torch.where(going, tokens, self.last)
        self.length = self.length + going
        self.ended |= self.length == self.written.shape[1] - 1
        self.reach = min(self.reach + 1, self.written.shape[1])
        self._look()

    def update(self, key: Tensor, value: Tensor, layer: int, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        """As a cache of transformers: takes the keys and values of the tokens that are read, gives all written."""
        keys, values = self.keys[layer], self.values[layer]
        keys[self.page, self.rows, :, self.place] = key[:, :, 0]
        values[self.page, self.rows, :, self.place] = value[:, :, 0]
        return keys[: _pages(self.reach)], values[: _pages(self.reach)]


def _pages(tokens: int) -> int:
    return -(-tokens // PAGE)


def _attend(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float,
    dropout: float = 0.0,
    shared: _Batch | None = None,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    """Attention of one token a row over its prompt, which `samples` rows share, and over what it has written.

    Without `shared`, causal attention over the prompts that are read.
    """
    if shared is None:
        return sdpa_attention_forward(module, query, key, value, None, dropout=dropout, scaling=scaling, **kwargs)
    prompt_key = shared.prompt_keys[module.layer_idx][:, :, : shared.width]
    prompt_value = shared.prompt_values[module.layer_idx][:, :, : shared.width]
    slots, heads, width, size = prompt_key.shape
    rows, repeats = query.shape[0], query.shape[1] // heads  # of a key by the queries that it serves
    samples = rows // slots
    query = query.reshape(rows, heads, repeats, size) * scaling
    together = query.view(slots, samples, heads, repeats, size).transpose(1, 2).reshape(slots, heads, -1, size)
    on_prompt = together @ prompt_key.transpose(-1, -2) + shared.prompt_bias[:, None, None].to(query.dtype)
    on_prompt = on_prompt.view(slots, heads, samples, repeats, width).transpose(1, 2)
    on_pages = query @ key.transpose(-1, -2)  # [pages, rows, heads, repeats, PAGE]
    on_written = on_pages.permute(1, 2, 3, 0, 4).flatten(3) + shared.bias.to(query.dtype)
    scores = torch.cat([on_prompt.reshape(rows, heads, repeats, width), on_written], dim=-1)
    weights = torch.softmax(scores, dim=-1, dtype=torch.float32).to(query.dtype)
    on_prompt, on_written = weights.split([width, len(key) * PAGE], dim=-1)
    on_prompt = on_prompt.view(slots, samples, heads, repeats, width).transpose(1, 2)
    from_prompt = (on_prompt.reshape(slots, heads, -1, width) @ prompt_value).view(
        slots, heads, samples, repeats, size
    )
    on_pages = on_written.unflatten(-1, (len(key), PAGE)).permute(3, 0, 1, 2, 4)
    result = (on_pages @ value).sum(0) + from_prompt.transpose(1, 2).reshape(rows, heads, repeats, size)
    return result.reshape(rows, 1, heads * repeats, size), None


def _choose(logits: Tensor, temperature: float | None, top_p: float, random: Tensor | None) -> Tensor:
    """A token a row, [rows], of logits [rows, vocabulary]: the likeliest, or by inverting the distribution."""
    if temperature is None or random is None:
        return logits.argmax(-1)
    # Sums are float64: a GPU adds in any order, which in float32 would now and then choose another token.
    chances = torch.softmax(logits.float() / temperature, dim=-1)
    if top_p < 1:
        ordered, order = chances.sort(dim=-1, descending=True)
        beyond = (
            ordered.double().cumsum(-1) - ordered >= top_p
        )  # the likeliest tokens that reach top_p together are kept
        chances = chances.masked_fill(beyond.scatter(-1, order, beyond), 0.0)
    sums = chances.double().cumsum(-1)
    chosen = torch.searchsorted(sums, (random[:, None] * sums[:, -1:]).contiguous(), right=True)[:, 0]
    return chosen.clamp_max(logits.shape[-1] - 1)
