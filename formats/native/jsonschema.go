package native

import (
	"maps"
	"slices"
	"strings"

	"accord/internal/strictjson"

	"github.com/go-json-experiment/json/jsontext"
)

// The identifiers of the schemas; a change of meaning gets another number.
const (
	submissionSchema = "urn:accord:schema:attestation:1"
	viewSchema       = "urn:accord:schema:attestation-view:1"
	statusSchema     = "urn:accord:schema:status:1"
)

// node is a JSON object of a schema.
type node = map[string]any

// jsonSchemas makes the JSON Schemas (2020-12) of the description. Types are
// defined in the first; the others refer to it, and the view to each of its
// properties.
func jsonSchemas() map[string][]byte {
	base := &schemaMaker{defs: node{}}
	doc := base.record(submission.shape())
	doc["$id"] = submissionSchema
	doc["title"] = "Attestation as its issuer signs it"
	doc["$defs"] = base.defs

	views := &schemaMaker{home: submissionSchema, known: base.defs, defs: node{}}
	extended := views.record(view.shape())
	for name := range doc["properties"].(node) {
		if name != "statusEvents" { // its items have a further member
			extended["properties"].(node)[name] = node{"$ref": submissionSchema + "#/properties/" + name}
		}
	}
	extended["$id"] = viewSchema
	extended["title"] = "Attestation as the gateway shows it"
	extended["$defs"] = views.defs

	statuses := &schemaMaker{home: submissionSchema, known: base.defs, defs: node{}}
	statement := statuses.record(statusStatement.shape())
	statement["$id"] = statusSchema
	statement["title"] = "Payload of a status statement"
	statement["$defs"] = statuses.defs

	return map[string][]byte{
		"attestation.schema.json":      writeSchema(doc),
		"attestation-view.schema.json": writeSchema(extended),
		"status.schema.json":           writeSchema(statement),
	}
}

// writeSchema writes a schema for people to read.
func writeSchema(s node) []byte {
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	b, err := strictjson.CanonicalOf(s)
	if err != nil {
		panic(err) // made of strings and numbers only
	}
	v := jsontext.Value(b)
	if err := v.Indent(jsontext.WithIndent("  ")); err != nil {
		panic(err)
	}
	return append(v, '\n')
}

// schemaMaker collects the definitions of one schema. What another one defines
// already is referred to there.
type schemaMaker struct {
	home  string // $id of the schema that defines known
	known node
	defs  node
}

// define returns a reference to the definition of a name.
func (m *schemaMaker) define(name string, make func() node) node {
	if _, ok := m.known[name]; ok {
		return node{"$ref": m.home + "#/$defs/" + name}
	}
	if _, ok := m.defs[name]; !ok {
		m.defs[name] = node{} // stands for itself until it is made
		m.defs[name] = make()
	}
	return node{"$ref": "#/$defs/" + name}
}

func (m *schemaMaker) of(s *shape) node {
	switch s.kind {
	case booleanShape:
		return node{"type": "boolean"}
	case integerShape:
		return node{"type": "integer", "minimum": s.least, "maximum": maxInteger}
	case listShape:
		return node{"type": "array", "minItems": 1, "items": m.of(s.item)}
	case textShape:
		return m.define(s.format.name, func() node { return s.format.schema() })
	case targetShape:
		return m.define(s.name, func() node {
			return node{"oneOf": []node{m.of(s.item), m.record(s.object)}}
		})
	case extensionShape:
		return node{"type": "object", "minProperties": 1, "propertyNames": m.of(&shape{format: line}),
			"additionalProperties": m.free()}
	default: // a record, also a code
		return m.define(s.name, func() node { return m.record(s) })
	}
}

// free is any JSON without numbers.
func (m *schemaMaker) free() node {
	return m.define("Free", func() node {
		self := node{"$ref": "#/$defs/Free"}
		name := m.define("FreeName", func() node { return node{"pattern": charPattern(oneLine, "*")} })
		return node{"type": []string{"object", "array", "string", "boolean", "null"}, "pattern": charPattern(rawText, "*"),
			"propertyNames": name, "additionalProperties": self, "items": self}
	})
}

func (m *schemaMaker) record(s *shape) node {
	properties, required := node{}, []string{}
	for _, f := range s.fields {
		properties[f.json] = m.of(f.shape)
		if f.required {
			required = append(required, f.json)
		}
	}
	n := node{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		slices.Sort(required)
		n["required"] = required
	} else if !s.empty {
		n["minProperties"] = 1
	}
	if s.oneOf != nil {
		n["oneOf"] = alternativesOf(s.oneOf)
		maps.Copy(n, dependenciesOf(s.oneOf))
	}
	return n
}

// alternativesOf says that exactly one group has its first member.
func alternativesOf(groups []group) []node {
	var out []node
	for _, g := range groups {
		out = append(out, node{"required": append([]string{g.first}, g.also...)})
	}
	return out
}

// dependenciesOf says that the further members of a group come with its first.
func dependenciesOf(groups []group) node {
	needs := node{}
	for _, g := range groups {
		for _, name := range slices.Concat(g.also, g.rest) {
			needs[name] = []string{g.first}
		}
		if len(g.also) > 0 {
			needs[g.first] = g.also
		}
	}
	if len(needs) == 0 {
		return node{}
	}
	return node{"dependentRequired": needs}
}

// schema is the JSON Schema of a format.
func (f *format) schema() node {
	switch {
	case f.values != nil:
		return node{"enum": f.values}
	case f.check != nil:
		return node{"type": "string", "pattern": "^" + f.pattern + "$"}
	default:
		return node{"type": "string", "pattern": charPattern(f.class, "+")}
	}
}

// charPattern is the pattern of a class of characters. The characters stand for
// themselves, since the ways to escape them differ between dialects of regular
// expressions.
func charPattern(c charClass, times string) string {
	var b strings.Builder
	b.WriteString("^[^")
	from := rune(-1)
	for r := rune(0); r <= 0x10000; r++ {
		if surrogate := r >= 0xd800 && r <= 0xdfff; !surrogate && c.refuses(r) {
			if from < 0 {
				from = r
			}
			continue
		}
		if from >= 0 {
			b.WriteRune(from)
			if r-1 > from {
				b.WriteByte('-')
				b.WriteRune(r - 1)
			}
			from = -1
		}
	}
	b.WriteString("]" + times + "$")
	return b.String()
}
