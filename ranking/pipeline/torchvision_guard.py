"""Lets a torchvision built for CUDA be imported beside a torch built for the CPU."""

import torch

_OPERATORS = {
    "torchvision::nms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "torchvision::qnms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}


def guard_torchvision() -> None:
    """Make `import torchvision` work; call it before importing what wants torchvision.

    The published wheel of torchvision cannot load its compiled part without CUDA's libraries,
    and then fails at describing two operators that this part would have defined. open_clip, timm
    and transformers want torchvision for its transforms alone, so that naming the two is enough.
    They are named only after the import has failed: a wheel that fits defines them itself.
    """
    try:
        import torchvision  # the import itself is the test
    except RuntimeError:
        for name, schema in _OPERATORS.items():
            torch.library.define(name, schema)
        import torchvision  # noqa: F401  # now it succeeds
