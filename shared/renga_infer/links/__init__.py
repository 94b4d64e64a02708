"""Links: which column refers to which key, for schemas that do not say.

`Inquiry(design)` is the whole of it: its `rows` are what the model `links` is asked, here or behind the inference
service, and its `proposals` are what the answers mean. `by_naming` and `by_equality` answer when there is no model.
"""

from renga_infer.links.design import Column, Design, Link, Table
from renga_infer.links.proposals import Inquiry, Proposal
from renga_infer.links.rules import by_equality, by_naming

__all__ = ["Column", "Design", "Inquiry", "Link", "Proposal", "Table", "by_equality", "by_naming"]
