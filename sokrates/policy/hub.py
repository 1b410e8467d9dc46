"""Whether the model hub gives this user what it is asked for, known in seconds.

The hub's own library tries again for about a minute before it says that there is no network. Not covered: the
download itself (transformers and datasets do it).
"""

from __future__ import annotations

from typing import Literal

SECONDS = 5.0  # a hub that has not answered by then counts as out of reach


def refusal(name: str, kind: Literal["model", "dataset"], *, errors: bool = True) -> str | None:
    """Why this user cannot have a model or dataset from the hub now and what to do, or None.

    errors: whether an answer that the hub's own library might get over, or a mirror's own, counts
    """
    from huggingface_hub import constants
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError
    from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status

    page = f"{constants.ENDPOINT}/{'datasets/' if kind == 'dataset' else ''}{name}"
    elsewhere = "download it elsewhere and give its folder or file"
    if constants.HF_HUB_OFFLINE:
        return f"HF_HUB_OFFLINE forbids to ask the hub: unset it, or {elsewhere}"
    asked = f"{constants.ENDPOINT}/api/{kind}s/{name}/auth-check"
    try:
        hf_raise_for_status(get_session().get(asked, headers=build_hf_headers(), timeout=SECONDS))
    except GatedRepoError:
        return f"it is gated: accept its terms on {page}, then `hf auth login`"
    except RepositoryNotFoundError:
        return f"the hub has none of this name that you may see: mend the name, or `hf auth login` ({page})"
    except HfHubHTTPError as error:
        if not errors:
            return None
        return f"{constants.ENDPOINT} answers with an error ({error.response.status_code}): try later"
    except Exception as error:  # no route, no name, no certificate, a proxy: each library below has its own kind
        return f"{constants.ENDPOINT} cannot be reached ({error}): connect, or {elsewhere}"
    return None
