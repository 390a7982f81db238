package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// Package is a package of the module and what it imports, tests left out.
// Paths are import paths.
type Package struct {
	Path    string
	Imports []string
}

// Check holds packages of a module against the rules and returns every
// violation, sorted.
func Check(module string, packages []Package) []string {
	var found []string
	for _, p := range packages {
		path, ok := inside(module, p.Path)
		if !ok {
			continue
		}
		from := ruleOf(path)
		if from == nil {
			found = append(found, fmt.Sprintf("%s: the folder is not in the table", path))
			continue
		}
		for _, imported := range p.Imports {
			if target, ok := inside(module, imported); ok {
				if !from.allows(target) {
					found = append(found, fmt.Sprintf("%s imports %s", path, target))
				}
			} else if h := homeOf(imported); h != nil && !h.allows(path) {
				found = append(found, fmt.Sprintf("%s imports %s, whose home is %s", path, imported, strings.Join(h.folders, ", ")))
			}
		}
	}
	slices.Sort(found)
	return found
}

// inside returns a path relative to the module, and whether it is of it.
func inside(module, path string) (string, bool) {
	if path == module {
		return ".", true
	}
	return strings.CutPrefix(path, module+"/")
}

// covers reports whether path is the folder or below it.
func covers(folder, path string) bool {
	return path == folder || strings.HasPrefix(path, folder+"/")
}

// ruleOf returns the rule of the nearest folder above a package, nil if there
// is none.
func ruleOf(path string) *rule {
	var nearest *rule
	for i := range table {
		if r := &table[i]; covers(r.folder, path) && (nearest == nil || len(r.folder) > len(nearest.folder)) {
			nearest = r
		}
	}
	return nearest
}

// allows reports whether the rule's packages may import the target.
func (r *rule) allows(target string) bool {
	owner := ruleOf(target)
	if owner == r {
		return true
	}
	return slices.ContainsFunc(r.may, func(entry string) bool {
		if entry == everything {
			return true
		}
		// An entry reaches down, but not into a folder with its own rule.
		return covers(entry, target) && owner != nil && len(owner.folder) <= len(entry)
	})
}

func homeOf(imported string) *home {
	for i := range homes {
		if covers(homes[i].module, imported) {
			return &homes[i]
		}
	}
	return nil
}

func (h *home) allows(path string) bool {
	return slices.ContainsFunc(h.folders, func(f string) bool { return covers(f, path) })
}
