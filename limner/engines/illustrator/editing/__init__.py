"""Editing: pictures changed by an instruction.

A picture of ours is painted again from its plan (`plans`): the instruction is cut into clauses (`clauses`), each
changes the scene (`changes`), and who is not named stays where they were (`staging.keeping`). A foreign picture is only
pixels: `foreign` offers another medium, light and colours, another cut, and lettering. What is asked beyond that is
refused, never passed over.
"""
