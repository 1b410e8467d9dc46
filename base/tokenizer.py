"""The base model's tokenizer: one token for each word of the drills and the traces, bytes for any other text.

A byte-level BPE without merges: a piece that is in the vocabulary is one token (`ignore_merges`), any other is
spelled in its bytes. Words keep the space before them; the plural ending of `wumpuses` or `cats` is a token of
its own, so that singular and plural share one. A concept of more than one word (`Mersenne prime`) is one token,
and so is what a trace always writes in one go, such as `" args="[`. A step begins and ends on a token boundary,
so that a trace cut after a step reads as it was written.
"""

from __future__ import annotations

from collections.abc import Iterable

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

PIECES = (  # {phrases}: concepts of more than one word
    r'\]?\.\nAction: <Option type="|" args="\[|\]" />\n|Thought:|\](?:,? (?:and every|and|so)\b|\.\n *?(?= ?\S|$))'
    r"|\n *?(?= ?\S|$)| ?(?i:{phrases})(?=s?\b)| ?[A-Za-z_]+?(?=(?<=us)es\b|(?<=[A-Za-z][a-z][^su])s\b|\b)|[0-9]+"
    r"|[^A-Za-z0-9\n]+?(?= ?[A-Za-z_]|[0-9\n\]\"]|$)"
)
NUMBERS = 100  # 0 to 99 are one token each


def make_tokenizer(texts: Iterable[str], phrases: Iterable[str]) -> PreTrainedTokenizerFast:
    """A tokenizer whose words are the pieces of `texts`; of several words, `phrases` alone are one piece."""
    pattern = PIECES.replace("{phrases}", "|".join(sorted(phrases)))
    split = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    pieces = {piece for text in texts for piece, _ in split.pre_tokenize_str(text)}
    pieces |= {str(number) for number in range(NUMBERS)}
    words = ["<pad>", "<eos>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    words += sorted(pieces - set(words))
    tokenizer = Tokenizer(
        models.BPE(vocab={word: i for i, word in enumerate(words)}, merges=[], ignore_merges=True)
    )
    tokenizer.pre_tokenizer = split
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="<eos>",
        clean_up_tokenization_spaces=False,
        model_input_names=["input_ids", "attention_mask"],
    )
