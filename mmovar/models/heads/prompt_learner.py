"""Learned vectors in the place of prompt words."""

import torch
from torch import Tensor, nn

_STD = 0.02


class PromptLearner(nn.Module):
    """Vectors that stand between the start of text and the class name.

    Names and shapes are those of CoOp's descendants: ``ctx``; those that
    replace it in deeper layers are ``deep.1``, ``deep.2``, ... by block.

    Args:
        n_ctx: Vectors n of a prompt, >= 1.
        width: Channels D.
        depth: Layers with vectors of their own, >= 1; layer 1 has ``ctx``.
        num_classes: Classes C that each have their own ``ctx``; None shares
            it.

    Raises:
        ValueError: If ``n_ctx`` or ``depth`` is less than 1.
    """

    def __init__(
        self,
        n_ctx: int,
        width: int,
        depth: int = 1,
        num_classes: int | None = None,
    ) -> None:
        super().__init__()
        if n_ctx < 1 or depth < 1:
            raise ValueError(
                f'n_ctx and depth must be >= 1, got {n_ctx} and {depth}'
            )
        lead = () if num_classes is None else (num_classes,)
        self.ctx = nn.Parameter(_STD * torch.randn(*lead, n_ctx, width))
        self.deep = nn.ParameterDict(
            {
                str(i): nn.Parameter(_STD * torch.randn(n_ctx, width))
                for i in range(1, depth)
            }
        )

    @torch.no_grad()
    def start_from(self, words: Tensor) -> None:
        """Begin with embedded words (W, D); vectors beyond them stay."""
        words = words[: self.ctx.shape[-2]]
        self.ctx[..., : len(words), :] = words

    def replace(self, block: int, x: Tensor) -> Tensor:
        """Put the vectors of a block into its input, behind the first token.

        Args:
            block: Index i; those without vectors leave the input alone.
            x: A prefix (..., 1 + n, D), or prompts (..., L, D) that begin
                with it.
        """
        if str(block) not in self.deep:
            return x
        vectors = self.deep[str(block)]
        behind = 1 + len(vectors)
        deep = vectors.to(x.dtype).expand(*x.shape[:-2], -1, -1)
        return torch.cat([x[..., :1, :], deep, x[..., behind:, :]], dim=-2)
