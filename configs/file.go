package configs

import (
	"encoding/json"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// File is what is written for a new gateway; what it does not have keeps its
// default. The example explains the keys.
type File struct {
	Issuer    string         `yaml:"issuer"`
	Listen    string         `yaml:"listen,omitempty"`
	OpsListen string         `yaml:"ops_listen,omitempty"`
	Authority string         `yaml:"authority"`
	Economy   string         `yaml:"economy"`
	Name      string         `yaml:"name"`
	Ledger    FileLedger     `yaml:"ledger"`
	Operators FileOperators  `yaml:"operators"`
	Archive   string         `yaml:"archive,omitempty"`
	Limits    map[string]any `yaml:"limits,omitempty"` // keys as in the example
	TLS       *FileTLS       `yaml:"tls,omitempty"`
}

// FileLedger is the section ledger.
type FileLedger struct {
	Origin string `yaml:"origin"`
	Prefix string `yaml:"prefix,omitempty"`
}

// FileOperators is the section operators.
type FileOperators struct {
	Keys      []json.RawMessage // public JWKs
	Approvals int
}

// FileTLS is the section tls.
type FileTLS struct {
	Cert string `yaml:"cert"` // path
	Key  string `yaml:"key"`  // file:PATH or env:NAME
}

// MarshalYAML writes the keys as mappings.
func (o FileOperators) MarshalYAML() (any, error) {
	keys := make([]map[string]any, len(o.Keys))
	for i, k := range o.Keys {
		if err := json.Unmarshal(k, &keys[i]); err != nil {
			return nil, fmt.Errorf("operator key %d: %w", i, err)
		}
	}
	return struct {
		Keys      []map[string]any `yaml:"keys"`
		Approvals int              `yaml:"approvals"`
	}{keys, max(o.Approvals, 1)}, nil
}

// YAML returns the file's content. What Parse would refuse is refused with the
// same faults.
func (f File) YAML() ([]byte, error) {
	out, err := yaml.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("write a configuration: %w", err)
	}
	if err := Validate(out); err != nil {
		return nil, fmt.Errorf("write a configuration: %w", err)
	}
	return append([]byte("# Configuration of an Accord gateway; accord.example.yaml explains every key.\n"), out...), nil
}
