"""An import contract: what lies inside a package is imported through its door, the package itself."""

from importlinter import Contract, ContractCheck, fields, output


class DoorsContract(Contract):
    """A module outside a package imports the package, never a file of it.

    packages : those with a door; a package within a package has a door of its own
    open_modules : files that may be imported as they are, as the verb of a package that would hide its own module
    own_business : modules that may import any file: doors of the whole, and what compiles every kernel
    """

    type_name = "doors"

    packages = fields.ListField(subfield=fields.StringField())
    open_modules = fields.SetField(subfield=fields.StringField(), required=False)
    own_business = fields.SetField(subfield=fields.StringField(), required=False)

    def check(self, graph, verbose):
        """Every import from outside that names a file of a package."""
        doors, may_be_named = set(self.packages), self.open_modules or set()
        broken = []
        for importer in sorted(graph.modules):
            if importer in (self.own_business or set()):
                continue
            for imported in sorted(graph.find_modules_directly_imported_by(importer)):
                package = innermost(imported, doors)
                is_inside = package is not None and innermost(importer, doors) == package
                if package in (None, imported) or is_inside or imported in may_be_named:
                    continue
                for detail in graph.get_import_details(importer=importer, imported=imported):
                    broken.append((importer, imported, package, detail["line_number"]))
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check):
        """A line an import."""
        for importer, imported, package, line in check.metadata["broken"]:
            output.print_error(f"- {importer}:{line} imports {imported}; import it from {package}", bold=False)


def innermost(module, packages):
    """The smallest of the packages that holds a module; None where none does."""
    while module and module not in packages:
        module = module.rpartition(".")[0]
    return module or None
