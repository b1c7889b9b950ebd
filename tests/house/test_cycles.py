"""No module imports itself by a detour.

Counted are the imports that happen at run time, those inside functions too; what is imported for the type checker
only (`if TYPE_CHECKING:`) never runs and may point anywhere the layers allow.
"""

from __future__ import annotations

import grimp


def in_cycles(imports: dict[str, set[str]]) -> set[str]:
    """Take away, again and again, the modules that import nothing (left); what stays is in a cycle or needs one."""
    left = {module: set(imported) for module, imported in imports.items()}
    while free := {module for module, imported in left.items() if not imported}:
        left = {module: imported - free for module, imported in left.items() if module not in free}
    return set(left)


def test_there_is_no_import_cycle() -> None:
    graph = grimp.build_graph("limner", exclude_type_checking_imports=True, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(imports) > 50
    assert in_cycles(imports) == set()


def test_a_cycle_would_be_found() -> None:
    assert in_cycles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == {"a", "b", "c"}
