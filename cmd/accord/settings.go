package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"accord/configs"
	"accord/internal/fault"
)

// archiveFlags say where an archive is, as the keys of accord.yaml do.
type archiveFlags struct {
	uri        string // local:DIR, mongodb://…, file:PATH, env:NAME
	password   string // file:PATH, env:NAME or nothing
	unverified bool
	flag       string // how the first is called; the others begin with it
}

// absolute makes the paths of secrets independent of the directory in which a
// command is called. That of an embedded archive starts from the home.
func (a archiveFlags) absolute() (archiveFlags, error) {
	for _, ref := range []*string{&a.uri, &a.password} {
		path, ok := strings.CutPrefix(*ref, "file:")
		if !ok || path == "" {
			continue
		}
		full, err := filepath.Abs(path)
		if err != nil {
			return a, fmt.Errorf("find %s: %w", path, err)
		}
		*ref = "file:" + full
	}
	return a, nil
}

// keys are the keys of accord.yaml with what was said, in order.
func (a archiveFlags) keys() [][2]string {
	keys := [][2]string{{"archive", a.uri}}
	if a.password != "" {
		keys = append(keys, [2]string{"archive_password", a.password})
	}
	if a.unverified {
		keys = append(keys, [2]string{"archive_unverified", "true"})
	}
	return keys
}

// parse reads them as the configuration of a home does. Its error is one of
// usage and repeats no value.
func (a archiveFlags) parse(h home) (configs.Archive, error) {
	least := configs.File{
		Issuer: "http://localhost", Authority: "xx", Economy: "XX", Name: "x", Ledger: configs.FileLedger{Origin: "localhost/v1/ledger"},
		Operators: configs.FileOperators{Keys: []json.RawMessage{json.RawMessage(`{"kty":"OKP"}`)}},
	}
	text, err := least.YAML()
	if err != nil {
		return configs.Archive{}, err
	}
	cfg, err := configs.Parse(withKeys(text, a.keys()), string(h))
	if err != nil {
		var said []string
		for _, f := range fault.All(err) {
			name := strings.ReplaceAll(strings.TrimPrefix(f.At, "/archive"), "_", "-")
			said = append(said, "--"+a.flag+name+" "+f.Detail)
		}
		return configs.Archive{}, usageError(strings.Join(said, "; "))
	}
	return cfg.Archive(), nil
}

// fromEnvironment fills in where the environment says that the archive is; it
// goes before every file, so a flag must not say something else.
func (a archiveFlags) fromEnvironment() (archiveFlags, error) {
	value := os.Getenv(configs.ArchiveVariable)
	switch {
	case value == "" || value == a.uri || a.uri == "env:"+configs.ArchiveVariable:
	case a.uri != "":
		return a, usageError(configs.ArchiveVariable + " is set and goes before --archive; unset it, or leave --archive out")
	case strings.HasPrefix(value, "mongodb"): // it may hold a password
		a.uri = "env:" + configs.ArchiveVariable
	default:
		a.uri = value
	}
	return a, nil
}

// withKeys sets keys on the first level of a configuration: each in the place
// where it stands, or at the end. What was made must be parsed and held against
// what was meant.
func withKeys(text []byte, keys [][2]string) []byte {
	out := string(text)
	for _, k := range keys {
		line := k[0] + ": " + quoted(k[1])
		at := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(k[0]) + `:.*$`).FindStringIndex(out)
		if at == nil {
			out = strings.TrimRight(out, "\n") + "\n" + line + "\n"
			continue
		}
		out = out[:at[0]] + line + out[at[1]:]
	}
	return []byte(out)
}

// quoted is a value of YAML; every JSON string is one.
func quoted(value string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // & stands in connection strings
	if err := enc.Encode(value); err != nil {
		panic(err) // every string has a form
	}
	return strings.TrimSuffix(b.String(), "\n")
}
