// Package configs owns the configuration of a gateway: the keys of its file,
// what each may be, and the example that explains them.
//
//	bytes ──► YAML nodes ──► one table of keys ──► Config (only valid ones exist)
//	                                          └──► every fault at once
//
// A secret never stands in the file. Where one is due, the file names a place:
// "file:PATH" or "env:NAME". No fault repeats a value, since it may be a secret
// in the wrong place.
package configs

import _ "embed"

//go:embed accord.example.yaml
var example []byte

// Example returns the annotated example, which is a valid configuration.
func Example() []byte { return append([]byte(nil), example...) }
