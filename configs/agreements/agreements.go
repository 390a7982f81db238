// Package agreements holds the seed data of the directory: arrangements of the
// field as registry bodies, each with its sources and with a list of the members
// that were written for illustration and not read in a source.
//
// Seeds are material for `accord init` and for tests. They take effect only when
// an operator signs them as registry changes; nothing reads them at run time.
// The package knows no type of the domain: a body is JSON that partners reads.
package agreements

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

//go:embed *.json
var files embed.FS

// Seed is one file.
type Seed struct {
	Name      string          `json:"-"`         // file name without .json; the id of the agreement
	Agreement json.RawMessage `json:"agreement"` // body of a registry change
	Sources   []Source        `json:"sources"`
	// Illustrative lists JSON Pointers (RFC 6901) into the file: what stands
	// there, and below, was not read in a source.
	Illustrative []string `json:"illustrative"`
}

// Source says where facts of a seed were read.
type Source struct {
	Title string `json:"title"`
	URL   string `json:"url,omitempty"`
	Says  string `json:"says"` // what was taken from it
}

// All returns the seeds by name. The error is a programmer's: the files are
// part of the program.
func All() ([]Seed, error) {
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		return nil, fmt.Errorf("list seeds: %w", err)
	}
	seeds := make([]Seed, 0, len(names))
	for _, name := range names {
		seed, err := Get(strings.TrimSuffix(name, path.Ext(name)))
		if err != nil {
			return nil, err
		}
		seeds = append(seeds, seed)
	}
	return seeds, nil
}

// Get returns one seed by name; the error wraps fs.ErrNotExist for none.
func Get(name string) (Seed, error) {
	raw, err := files.ReadFile(name + ".json")
	if err != nil {
		return Seed{}, fmt.Errorf("read seed %s: %w", name, err)
	}
	seed := Seed{Name: name}
	if err := json.Unmarshal(raw, &seed); err != nil {
		return Seed{}, fmt.Errorf("read seed %s: %w", name, err)
	}
	return seed, nil
}
