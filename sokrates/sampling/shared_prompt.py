"""The engine `shared_prompt`, the default: token by token, on transformers models of the Llama and Qwen kind.

The K traces of a prompt share its keys and values, which are computed once and read once a step for all K. A slot
whose traces have ended takes the next prompt, so that the batch stays full. Written tokens stay in buffers
allocated once. The model's own code runs, with our attention function (transformers' AttentionInterface).

Each trace has its own random numbers, so its text depends on the seed and on its prompt's place among the prompts,
not on the batch. With a `Control` the continuations of a prompt pause, and the control says which of them go on
and from where: keys are copied, none is computed again.

Raises UserError for models with sliding windows, or that scale or cap scores or logits. Not covered:
encoder-decoders, several GPUs.
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

from sokrates.io.errors import UserError
from sokrates.policy.model import logit_scales, unwrapped
from sokrates.sampling.control import Continuation, Control, Trie
from sokrates.sampling.request import Request, Tokens

ATTENTION = "sokrates_shared_prompt"
REFILL_SHARE = 8  # read new prompts when one slot in this many is free
CHECK_STEPS = 4  # steps between two checks for ended traces: on a GPU each check waits for the device
CPU_WORKERS = 2  # batches that a CPU writes in parallel: a step is many small operations, which cores share badly
PREFILL_TOKENS = 16_384  # prompt tokens in a forward pass
PAGE_TOKENS = 32  # tokens of a trace whose keys are contiguous: reading across gaps takes twice the time


def decode(
    model: Any,
    prompts: Sequence[Tokens],
    request: Request,
    progress: Callable[[int], object],
    control: Control | None = None,
) -> list[list[Tokens]]:
    """The continuations of each prompt, without the token that ends them; one cut off has `max_new_tokens`.

    progress: called with the number of continuations that have ended since the last call
    control: directs the continuations, and takes the result of each prompt
    """
    continuations: list[list[Tokens]] = [[] for _ in prompts]
    order = sorted(range(len(prompts)), key=lambda index: len(prompts[index]))  # taken from the end, longest first
    slots = min(len(prompts), max(1, request.batch_size // request.samples))
    longest = max(map(len, prompts), default=1)
    random = None
    if request.temperature is not None:
        generator = torch.Generator().manual_seed(request.seed)
        draws = control.max_draws if control else request.max_new_tokens
        random = torch.rand(len(prompts), request.samples, draws, generator=generator)
    threads = torch.get_num_threads()
    workers = 1 if model.device.type != "cpu" or slots < CPU_WORKERS else min(CPU_WORKERS, threads)
    stopped, counting = Event(), Lock()
    head = model.get_output_embeddings()

    def work(part: int) -> None:
        torch.set_num_threads(threads // workers)
        waiting = order[part::workers]
        batch = _Batch(slots // workers, request, longest, model.device, control)
        try:
            with torch.inference_mode():
                for prompt, rows in _write(batch, decoder, head, prompts, waiting, random, stopped):
                    continuations[prompt] = rows
                    with counting:
                        progress(request.samples)
        except BaseException:
            stopped.set()  # the other workers' results are not needed
            raise

    try:
        with _attending(model, longest + request.max_new_tokens) as decoder, ThreadPoolExecutor(workers) as pool:
            try:
                list(pool.map(work, range(workers)))
            finally:
                stopped.set()  # also after Ctrl-C
    finally:
        torch.set_num_threads(threads)
    return continuations


def _write(
    batch: _Batch,
    decoder: Any,
    head: Any,
    prompts: Sequence[Tokens],
    waiting: list[int],
    random: Tensor | None,
    stopped: Event,
) -> Iterator[tuple[int, list[Tokens]]]:
    """Yields each prompt of `waiting`, the last first, with its continuations once all have ended."""
    request, step = batch.request, 0
    while (waiting or batch.busy) and not stopped.is_set():
        if step % CHECK_STEPS == 0:
            yield from batch.take_ended()
            free = batch.slots - batch.busy
            if waiting and (free * REFILL_SHARE >= batch.slots or not batch.busy):
                batch.fill(decoder, [(i, prompts[i]) for i in _take(waiting, free)], random)
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
        if batch.control is None:
            batch.append(_choose(head(hidden), request.temperature, request.top_p, batch.next_random()))
        else:
            hidden = batch.directed(hidden, branching=step % CHECK_STEPS == 0)
            batch.append_directed(head(hidden))
        step += 1


def _take(waiting: list[int], count: int) -> list[int]:
    taken = waiting[-count:][::-1]
    del waiting[-count:]
    return taken


@contextmanager
def _attending(model: Any, reach: int) -> Iterator[Any]:
    """The model's decoder with our attention inside the block. Raises UserError for models it does not cover.

    reach: tokens of the longest text
    """
    base = unwrapped(model)
    config = base.config.get_text_config()
    unsupported = logit_scales(config)
    if getattr(config, "attn_logit_softcapping", None) is not None:
        unsupported.append("attn_logit_softcapping")
    layers = getattr(config, "layer_types", None)
    window = getattr(config, "sliding_window", None)  # of all layers, in configs without layer_types
    if unsupported or ("sliding_attention" in layers if layers else window is not None and window < reach):
        reason = ", ".join(unsupported) or "sliding windows"
        raise UserError(
            f"sampling.engine shared_prompt does not support models with {reason}: choose continuous_batching"
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
    """The traces in progress: a slot for each prompt, `samples` rows for each slot.

    last: [rows], the token to read next; at first the prompt's last, which is not in the prompt's cache
    start, length: [rows], prompt tokens in the cache, and tokens written
    written: [rows, max_new_tokens + 1]; a full row goes on writing into the last place until its slot is taken
    drawn: [rows], tokens that the row has written, those that were cut off included
    paused, closed, stopped: [rows], with a control alone: waits for it; can write no more, as the end token was
        written or there is no room; the former
    temperatures: [rows], with a control alone: of the softmax; 0 is greedy
    states: [rows, max_new_tokens + 1, hidden size], with a control alone: at i, after the prompt and i tokens
    log_probs: [rows, max_new_tokens + 1], with a control alone: of each written token at temperature 1
    tries: by row, what it may write next, where the control says so
    prompt_keys, prompt_values: one for each layer, [slots, heads, longest prompt, head size]
    keys, values: one for each layer, [pages, rows, heads, PAGE_TOKENS, head size], of the tokens after the prompt
    """

    def __init__(
        self, slots: int, request: Request, longest: int, device: torch.device, control: Control | None
    ) -> None:
        self.slots, self.samples, self.longest, self.request = slots, request.samples, longest, request
        self.control = control
        rows = slots * self.samples
        self.prompt_of = [-1] * slots  # -1: free
        self.last = torch.zeros(rows, dtype=torch.long, device=device)
        self.start = torch.zeros(rows, dtype=torch.long, device=device)
        self.length = torch.zeros(rows, dtype=torch.long, device=device)
        self.ended = torch.ones(rows, dtype=torch.bool, device=device)
        self.written = torch.zeros(rows, request.max_new_tokens + 1, dtype=torch.long, device=device)
        self.drawn = torch.zeros_like(self.length)
        self.random: Tensor | None = None
        self.row_tensors = ["last", "start", "length", "ended", "written", "drawn"]
        if control is not None:
            self.first = torch.zeros_like(self.last)  # the prompt's last token
            self.paused, self.closed, self.stopped = (torch.zeros_like(self.ended) for _ in range(3))
            self.temperatures = torch.zeros(rows, device=device)
            self.log_probs = torch.zeros(self.written.shape, device=device)
            self.states = torch.zeros(0, device=device)  # its hidden size shows with the first token
            self.tries: dict[int, Trie] = {}
            self.pauses, self.max_draws = control.pauses.to(device), control.max_draws
            self.row_tensors += ["first", "paused", "closed", "stopped", "temperatures", "log_probs", "states"]
        self.prompt_keys: list[Tensor] = []
        self.prompt_values: list[Tensor] = []
        self.keys: list[Tensor] = []
        self.values: list[Tensor] = []
        self._rebuild_masks()

    @property
    def busy(self) -> int:
        return sum(prompt >= 0 for prompt in self.prompt_of)

    @property
    def full(self) -> Tensor:
        """[rows], bool: as many tokens as a trace may have are written."""
        return self.length == self.written.shape[1] - 1

    def fill(self, decoder: Any, prompts: list[tuple[int, Tokens]], random: Tensor | None) -> None:
        """Reads prompts, (index, tokens) each, into free slots; at most as many as are free."""
        free = [slot for slot, prompt in enumerate(self.prompt_of) if prompt < 0]
        size = max(1, PREFILL_TOKENS // self.longest)
        for begin in range(0, len(prompts), size):
            chunk = prompts[begin : begin + size]
            slots = torch.tensor(free[begin : begin + len(chunk)], device=self.last.device)  # [chunk]
            width = max(1, *(len(tokens) - 1 for _, tokens in chunk))
            # [chunk, width], padded on the right, where causal attention does not look
            padded = torch.zeros(len(chunk), width, dtype=torch.long)
            for row, (_, tokens) in enumerate(chunk):
                padded[row, : len(tokens) - 1] = torch.tensor(tokens[:-1])
            cache: Any = DynamicCache()
            decoder(input_ids=padded.to(self.last.device), past_key_values=cache, use_cache=True)
            for layer, read in enumerate(cache.layers):  # keys and values [chunk, heads, width, head size]
                if layer == len(self.keys):
                    self._allocate(read.keys)
                self.prompt_keys[layer][slots, :, :width] = read.keys
                self.prompt_values[layer][slots, :, :width] = read.values
            # [chunk × samples]
            rows = (slots[:, None] * self.samples + torch.arange(self.samples, device=slots.device)).flatten()
            ends = torch.tensor([[tokens[-1], len(tokens) - 1] for _, tokens in chunk], device=slots.device)
            # [chunk, 2] → [2, chunk × samples]
            self.last[rows], self.start[rows] = ends.repeat_interleave(self.samples, 0).T
            self.length[rows], self.drawn[rows], self.ended[rows] = 0, 0, False
            if self.control is not None:
                self.first[rows] = self.last[rows]
                self.paused[rows] = self.closed[rows] = self.stopped[rows] = False
                later = torch.arange(self.samples, device=slots.device).repeat(len(chunk)) > 0
                self.temperatures[rows] = later * (self.request.temperature or 0.0)
            if random is not None:
                if self.random is None:
                    self.random = torch.zeros(len(self.last), random.shape[-1] + 1, device=slots.device)
                drawn = random[[index for index, _ in chunk]].flatten(0, 1)  # [chunk × samples, draws]
                self.random[rows, : drawn.shape[1]] = drawn.to(slots.device)
            for slot, (index, _) in zip(free[begin:], chunk, strict=False):
                self.prompt_of[slot] = index
        self._rebuild_masks()

    def _allocate(self, keys: Tensor) -> None:
        """Makes a layer's buffers for keys and values like these, [chunk, heads, width, head size]."""
        heads, size = keys.shape[1], keys.shape[3]
        rows, most = self.written.shape
        self.prompt_keys.append(keys.new_zeros(self.slots, heads, self.longest, size))
        self.prompt_values.append(keys.new_zeros(self.slots, heads, self.longest, size))
        pages = _pages(most)
        self.keys.append(keys.new_zeros(pages, rows, heads, PAGE_TOKENS, size))
        self.values.append(keys.new_zeros(pages, rows, heads, PAGE_TOKENS, size))

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
        for name in self.row_tensors:
            setattr(self, name, getattr(self, name)[rows])
        if self.control is not None:
            new = {row: number for number, row in enumerate(rows.tolist())}
            self.tries = {new[row]: trie for row, trie in self.tries.items()}
        self.random = None if self.random is None else self.random[rows]
        for layer in range(len(self.keys)):
            self.keys[layer], self.values[layer] = self.keys[layer][:, rows], self.values[layer][:, rows]
            self.prompt_keys[layer] = self.prompt_keys[layer][slots]
            self.prompt_values[layer] = self.prompt_values[layer][slots]
        self.prompt_of = [self.prompt_of[slot] for slot in kept]
        self.slots = len(kept)
        self._rebuild_masks()

    def _rebuild_masks(self) -> None:
        """Masks and sizes that change when prompts come or go."""
        self.rows = torch.arange(len(self.last), device=self.last.device)
        lengths = self.start.view(self.slots, -1)[:, :1] if self.slots else self.start[:, None]
        self.width = max(1, int(lengths.max())) if self.slots else 1
        self.reach = int(self.length.max()) + 1 if self.slots else 1
        hidden = torch.arange(self.width, device=lengths.device) >= lengths  # [slots, width]
        self.prompt_bias = torch.zeros(hidden.shape, device=lengths.device).masked_fill(hidden, -torch.inf)
        self._advance_masks()

    def _advance_masks(self) -> None:
        """Masks and places that change with every token: where each row writes next, and what it has written."""
        self.page, self.place = self.length // PAGE_TOKENS, self.length % PAGE_TOKENS  # [rows]
        hidden = torch.arange(_pages(self.reach) * PAGE_TOKENS, device=self.length.device) > self.length[:, None]
        # [rows, 1, 1, pages × PAGE_TOKENS]
        self.bias = torch.zeros(hidden.shape, device=hidden.device).masked_fill(hidden, -torch.inf)[:, None, None]

    def next_random(self) -> Tensor | None:
        """[rows] in [0, 1), a random number for each next token; None when greedy."""
        return None if self.random is None else self.random[self.rows, self.drawn]

    def append(self, tokens: Tensor) -> None:
        """Writes each row's next token, [rows]; rows that have ended do not grow."""
        self.ended |= tokens == self.request.end
        going = ~self.ended
        self.written[self.rows, self.length] = tokens
        self.last = torch.where(going, tokens, self.last)
        self.length, self.drawn = self.length + going, self.drawn + going
        self.ended |= self.full
        self.reach = min(self.reach + 1, self.written.shape[1])
        self._advance_masks()

    def append_directed(self, logits: Tensor) -> None:
        """As `append` under a control, from logits [rows, vocabulary]: rows pause where it has to be asked."""
        scores = self._within_tries(logits)
        greedy = self.temperatures == 0
        scaled = scores / torch.where(greedy, 1.0, self.temperatures)[:, None]
        drawn = _choose(scaled, 1.0, self.request.top_p, self.next_random())
        tokens = torch.where(greedy, scores.argmax(-1), drawn)
        writing = ~(self.ended | self.paused)
        ends = writing & (tokens == self.request.end)
        going = writing & ~ends
        before = self.written[self.rows, self.length]
        self.written[self.rows, self.length] = torch.where(writing, tokens, before)  # a closed row keeps its end
        chosen = logits.float().gather(1, tokens[:, None])[:, 0] - logits.float().logsumexp(-1)
        self.log_probs[self.rows, self.length] = torch.where(going, chosen, 0.0)
        self._advance_tries(tokens)
        self.last = torch.where(going, tokens, self.last)
        self.length, self.drawn = self.length + going, self.drawn + going
        self.stopped |= ends
        self.closed |= ends | (writing & (self.full | (self.drawn >= self.max_draws)))
        self.paused |= self.closed | (going & self.pauses[tokens])
        self.reach = min(self.reach + 1, self.written.shape[1])
        self._advance_masks()

    def _within_tries(self, logits: Tensor) -> Tensor:
        """The logits, in rows with a trie those of its next tokens alone."""
        if not self.tries:
            return logits
        rows = [row for row, trie in self.tries.items() for _ in trie]
        tokens = [token for trie in self.tries.values() for token in trie]
        scores = logits.clone()
        scores[list(self.tries)] = -torch.inf
        scores[rows, tokens] = logits[rows, tokens]
        return scores

    def _advance_tries(self, tokens: Tensor) -> None:
        if self.tries:
            written = tokens[list(self.tries)].tolist()
            nexts = ((row, trie[token]) for (row, trie), token in zip(self.tries.items(), written, strict=True))
            self.tries = {row: trie for row, trie in nexts if trie}

    def directed(self, hidden: Tensor, *, branching: bool) -> Tensor:
        """Keeps the hidden states of the last tokens, [rows, hidden size], and asks the control where it is due.

        Returns the hidden states from which the rows go on.
        """
        if not self.states.numel():
            self.states = hidden.new_zeros(*self.written.shape, hidden.shape[-1])
        self.states[self.rows, self.length] = hidden
        if not branching or not self._branch():
            return hidden
        return self.states[self.rows, self.length]

    def _branch(self) -> bool:
        """Asks the control about each prompt whose rows all wait. Whether there was one."""
        assert self.control is not None
        waiting = (self.paused | self.ended).view(self.slots, -1).all(1) & ~self.ended.view(self.slots, -1).all(1)
        slots = waiting.nonzero()[:, 0].tolist()
        rows = [slot * self.samples + number for slot in slots for number in range(self.samples)]
        if not rows:
            return False
        counts = torch.stack([self.length, self.closed, self.stopped, self.drawn], 1)[rows].tolist()
        written, log_probs = self.written[rows].tolist(), self.log_probs[rows].tolist()
        targets: list[int] = []  # rows that go on, each as the parent's first tokens
        parents: list[int] = []
        lengths: list[int] = []
        for place, slot in enumerate(slots):
            own = slice(place * self.samples, (place + 1) * self.samples)
            continuations = [
                Continuation(
                    tokens[:length],
                    log_prob[:length],
                    self.states[row],
                    bool(closed),
                    bool(stopped),
                )
                for row, (length, closed, stopped, _), tokens, log_prob in zip(
                    rows[own], counts[own], written[own], log_probs[own], strict=True
                )
            ]
            for row in rows[own]:
                self.tries.pop(row, None)
            spent = sum(drawn for _, _, _, drawn in counts[own])
            branches = self.control.next(self.prompt_of[slot], continuations, spent)
            if branches is None:
                self.ended[rows[own]] = True
                continue
            for row, branch in zip(rows[own], branches, strict=True):
                if branch is not None:
                    targets.append(row)
                    parents.append(rows[own][branch.parent])
                    lengths.append(branch.length)
                    if branch.temperature is not None:
                        self.temperatures[row] = branch.temperature
                    if branch.trie:
                        self.tries[row] = branch.trie
        self._copy(targets, parents, lengths)
        return True

    def _copy(self, targets: list[int], parents: list[int], lengths: list[int]) -> None:
        """Makes each target row go on from the first tokens of its parent; all are read before one is written."""
        moved = [(row, parent) for row, parent in zip(targets, parents, strict=True) if row != parent]
        if moved:
            into, out = (list(rows) for rows in zip(*moved, strict=True))
            for name in ("written", "log_probs", "states"):
                tensor = getattr(self, name)
                tensor[into] = tensor[out]
            for buffer in (*self.keys, *self.values):
                buffer[: _pages(self.reach), into] = buffer[: _pages(self.reach), out]
        if targets:
            self.length[targets] = torch.tensor(lengths, device=self.length.device)
            over = self.full | (self.drawn >= self.max_draws)
            self.paused[targets] = self.closed[targets] = over[targets]
            self.stopped[targets] = False
            before = self.written[targets, (self.length[targets] - 1).clamp_min(0)]
            self.last[targets] = torch.where(self.length[targets] > 0, before, self.first[targets])
        self._rebuild_masks()

    def update(self, key: Tensor, value: Tensor, layer: int, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        """As transformers' caches: stores a token's keys and values and returns those of all written tokens.

        key, value: [rows, heads, 1, head size]
        Returns two of [pages, rows, heads, PAGE_TOKENS, head size].
        """
        keys, values = self.keys[layer], self.values[layer]
        keys[self.page, self.rows, :, self.place] = key[:, :, 0]
        values[self.page, self.rows, :, self.place] = value[:, :, 0]
        return keys[: _pages(self.reach)], values[: _pages(self.reach)]


def _pages(tokens: int) -> int:
    return -(-tokens // PAGE_TOKENS)


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

    query: [rows, query heads, 1, head size]; key, value: as `_Batch.update` returns them
    Returns [rows, 1, query heads, head size]. Without `shared`, causal attention over prompts being read.
    """
    if shared is None:
        return sdpa_attention_forward(module, query, key, value, None, dropout=dropout, scaling=scaling, **kwargs)
    prompt_key = shared.prompt_keys[module.layer_idx][:, :, : shared.width]
    prompt_value = shared.prompt_values[module.layer_idx][:, :, : shared.width]
    slots, heads, width, size = prompt_key.shape
    rows, repeats = query.shape[0], query.shape[1] // heads  # query heads for each key head
    samples = rows // slots
    query = query.reshape(rows, heads, repeats, size) * scaling
    # The prompt: all queries of a slot in one product, [slots, heads, samples × repeats, size] × its keys.
    together = query.view(slots, samples, heads, repeats, size).transpose(1, 2).reshape(slots, heads, -1, size)
    on_prompt = together @ prompt_key.transpose(-1, -2) + shared.prompt_bias[:, None, None].to(query.dtype)
    on_prompt = on_prompt.view(slots, heads, samples, repeats, width).transpose(1, 2)
    on_pages = query @ key.transpose(-1, -2)  # [pages, rows, heads, repeats, PAGE_TOKENS]
    # [rows, heads, repeats, pages × PAGE_TOKENS]
    on_written = on_pages.permute(1, 2, 3, 0, 4).flatten(3) + shared.bias.to(query.dtype)
    # One softmax over prompt and written tokens: [rows, heads, repeats, width + pages × PAGE_TOKENS].
    scores = torch.cat([on_prompt.reshape(rows, heads, repeats, width), on_written], dim=-1)
    weights = torch.softmax(scores, dim=-1, dtype=torch.float32).to(query.dtype)
    on_prompt, on_written = weights.split([width, len(key) * PAGE_TOKENS], dim=-1)
    # The weighted values, in the same two parts.
    on_prompt = on_prompt.view(slots, samples, heads, repeats, width).transpose(1, 2)
    from_prompt = (on_prompt.reshape(slots, heads, -1, width) @ prompt_value).view(
        slots, heads, samples, repeats, size
    )
    on_pages = on_written.unflatten(-1, (len(key), PAGE_TOKENS)).permute(3, 0, 1, 2, 4)
    result = (on_pages @ value).sum(0) + from_prompt.transpose(1, 2).reshape(rows, heads, repeats, size)
    return result.reshape(rows, 1, heads * repeats, size), None


def _choose(logits: Tensor, temperature: float | None, top_p: float, random: Tensor | None) -> Tensor:
    """A token for each row, [rows], from logits [rows, vocabulary]: the likeliest, or drawn by `random`."""
    if temperature is None or random is None:
        return logits.argmax(-1)
    # Sums are float64: a GPU adds in any order, which in float32 would sometimes choose another token.
    chances = torch.softmax(logits.float() / temperature, dim=-1)
    if top_p < 1:
        ordered, order = chances.sort(dim=-1, descending=True)
        # Keep the likeliest tokens whose sum reaches top_p.
        beyond = ordered.double().cumsum(-1) - ordered >= top_p
        chances = chances.masked_fill(beyond.scatter(-1, order, beyond), 0.0)
    sums = chances.double().cumsum(-1)
    chosen = torch.searchsorted(sums, (random[:, None] * sums[:, -1:]).contiguous(), right=True)[:, 0]
    return chosen.clamp_max(logits.shape[-1] - 1)
