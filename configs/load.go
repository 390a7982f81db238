package configs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"accord/internal/fault"
	"accord/internal/strictjson"

	"go.yaml.in/yaml/v3"
)

// maxFile bounds a configuration; the example has 4 KB.
const maxFile = 1 << 20

// ArchiveVariable is the environment variable that goes before the key archive
// of a file.
const ArchiveVariable = "ACCORD_ARCHIVE_URI"

// Load reads the configuration of a file. Relative paths in it start from the
// file's directory. The archive is where ACCORD_ARCHIVE_URI says, if it is set;
// unlike in a file, a connection string there may hold a password.
func Load(path string) (*Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	c, err := Parse(src, filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("configuration %s: %w", path, err)
	}
	if err := c.takeArchive(os.Getenv(ArchiveVariable)); err != nil {
		return nil, fmt.Errorf("%s: %w", ArchiveVariable, err)
	}
	return c, nil
}

// takeArchive puts the archive of the environment in place of the file's. Its
// error does not repeat the value.
func (c *Config) takeArchive(value string) error {
	if value == "" {
		return nil
	}
	own := c.archive
	c.archive = Archive{Password: own.Password, Unverified: own.Unverified}
	if strings.HasPrefix(value, "mongodb") {
		c.archive.Scheme, c.archive.Secret = "mongodb", SecretRef{"env", ArchiveVariable}
		return nil
	}
	d := draft{Config: *c, dir: "."}
	if err := setArchive(&d, value); err != nil {
		return fault.New(fault.SchemaFormat, err.Error())
	}
	c.archive = d.archive
	if c.archive.Scheme == "local" {
		c.archive.Path = under(c.home, c.archive.Path) // as in a file
	}
	return nil
}

// Validate returns every fault of a configuration, nil if it has none.
func Validate(src []byte) error {
	_, err := Parse(src, ".")
	return err
}

// Parse reads a configuration; relative paths in it start from dir. Its error
// is a fault.List with every fault, each with the key as a JSON Pointer.
func Parse(src []byte, dir string) (*Config, error) {
	if len(src) > maxFile {
		return nil, fault.Newf(fault.SchemaLength, "more than %d bytes", maxFile)
	}
	l := loader{draft: draft{Config: Config{home: filepath.Clean(dir)}, dir: dir}, nodes: map[string]*yaml.Node{}}
	l.read(src)
	for i := range table {
		l.apply(&table[i])
	}
	if len(l.faults) == 0 {
		l.relate()
	}
	if err := l.faults.ErrorOrNil(); err != nil {
		return nil, err
	}
	return &l.draft.Config, nil
}

// loader holds the nodes of a file against the table.
type loader struct {
	draft  draft
	nodes  map[string]*yaml.Node // by key; only those that the table knows
	faults fault.List
}

func (l *loader) fail(code fault.Code, key, detail string) {
	l.faults = append(l.faults, fault.At(code, "/"+key, detail))
}

// read finds the keys of the file.
func (l *loader) read(src []byte) {
	d := yaml.NewDecoder(bytes.NewReader(src))
	var doc, second yaml.Node
	switch err := d.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return // empty: every required key is missing
	case err != nil:
		// The parser's own message may repeat what stands there.
		l.fail(fault.SchemaType, "", "not YAML")
		return
	}
	if err := d.Decode(&second); !errors.Is(err, io.EOF) {
		l.fail(fault.SchemaType, "", "more than one YAML document")
		return
	}
	l.section("", doc.Content[0])
}

// section books the keys of a mapping. Aliases, merges and tags have no use
// here and are refused with whatever is no mapping.
func (l *loader) section(prefix string, n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return
	}
	if n.Kind != yaml.MappingNode {
		l.fail(fault.SchemaType, strings.TrimSuffix(prefix, "/"), "must be a mapping")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := prefix + n.Content[i].Value
		known := slices.ContainsFunc(table, func(r row) bool { return r.key == key })
		section := slices.ContainsFunc(table, func(r row) bool { return strings.HasPrefix(r.key, key+"/") })
		advice, gone := removed[key]
		switch {
		case gone:
			l.fail(fault.SchemaUnknownField, key, advice)
		case !known && !section:
			l.fail(fault.SchemaUnknownField, prefix+"*", "no key of the configuration in line "+strconv.Itoa(n.Content[i].Line))
		case l.nodes[key] != nil:
			l.fail(fault.SchemaDuplicateField, key, "given twice")
		default:
			l.nodes[key] = n.Content[i+1]
			if section {
				l.section(key+"/", n.Content[i+1])
			}
		}
	}
}

// apply sets what one row of the table is about.
func (l *loader) apply(r *row) {
	n := l.nodes[r.key]
	if n == nil || n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		switch {
		case r.required:
			l.fail(fault.SchemaMissingField, r.key, "must be given")
		case r.fallback != "":
			l.set(r, r.key, r.fallback)
		}
		return
	}
	if r.kind == scalar {
		l.scalar(r, r.key, n)
		return
	}
	if n.Kind != yaml.SequenceNode {
		l.fail(fault.SchemaType, r.key, "must be a list")
		return
	}
	if r.required && len(n.Content) == 0 {
		l.fail(fault.SchemaLength, r.key, "must not be empty")
	}
	for i, element := range n.Content {
		key := r.key + "/" + strconv.Itoa(i)
		if r.kind == scalars {
			l.scalar(r, key, element)
			continue
		}
		object, err := jsonOf(element)
		if err != nil {
			l.fail(fault.SchemaType, key, err.Error())
			continue
		}
		l.set(r, key, string(object))
	}
}

func (l *loader) scalar(r *row, key string, n *yaml.Node) {
	if n.Kind != yaml.ScalarNode {
		l.fail(fault.SchemaType, key, "must be one value")
		return
	}
	l.set(r, key, n.Value)
}

func (l *loader) set(r *row, key, value string) {
	if err := r.set(&l.draft, value); err != nil {
		l.fail(fault.SchemaFormat, key, err.Error())
	}
}

// relate fills in what follows from other keys and holds the relations.
func (l *loader) relate() {
	c := &l.draft.Config
	if c.prefix == "" {
		c.prefix = c.issuer + "/v1/ledger"
	}
	if c.archive.Scheme == "local" {
		c.archive.Path = under(c.home, c.archive.Path)
	}
	for _, r := range relations {
		if r.broken(c) {
			l.fail(fault.SchemaFormat, r.key, r.detail)
		}
	}
}

// jsonOf writes a mapping of strings, and of lists of strings, as a JSON object:
// a JWK is no more. Its error does not repeat a value.
func jsonOf(n *yaml.Node) ([]byte, error) {
	if n.Kind != yaml.MappingNode {
		return nil, errors.New("must be a mapping")
	}
	members := map[string]any{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i].Value, n.Content[i+1]
		if _, ok := members[name]; ok {
			return nil, errors.New("a member is given twice")
		}
		switch value.Kind {
		case yaml.ScalarNode:
			members[name] = value.Value
		case yaml.SequenceNode:
			list := []string{}
			for _, element := range value.Content {
				if element.Kind != yaml.ScalarNode {
					return nil, errors.New("a list must be one of values")
				}
				list = append(list, element.Value)
			}
			members[name] = list
		default:
			return nil, errors.New("a member must be a value or a list of values")
		}
	}
	return strictjson.CanonicalOf(members)
}
