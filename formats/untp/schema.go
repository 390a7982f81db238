package untp

import (
	"embed"

	"accord/internal/strictjson"
)

//go:embed schema/*.json
var schemaFiles embed.FS

// SchemaNames are the names of the JSON Schemas of this package.
func SchemaNames() []string {
	return []string{"untp-dcc-0.7.0", "untp-dcc-0.6.1", "untp-dcc-0.6.0", "untp-dia-0.7.0"}
}

// Schema returns a JSON Schema (draft 2020-12) by its name, without ".json"; nil
// if there is none. It accepts what the released schema of that version accepts.
func Schema(name string) []byte {
	b, err := schemaFiles.ReadFile("schema/" + name + ".json")
	if err != nil {
		return nil
	}
	return b
}

// shapes are the roots of the schemas.
func shapeOf(name string) *shape {
	switch name {
	case "untp-dcc-0.7.0":
		return dcc07
	case "untp-dcc-0.6.1":
		return dcc061
	case "untp-dcc-0.6.0":
		return dcc060
	case "untp-dia-0.7.0":
		return dia07
	default:
		return nil
	}
}

// makeSchema writes the JSON Schema of a root shape. The embedded files are made
// by it, and a test holds them fresh.
func makeSchema(name string) ([]byte, error) {
	w := schemaWriter{defs: map[string]any{}}
	root := w.object(shapeOf(name))
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = "urn:accord:schema:" + name
	root["$defs"] = w.defs
	return strictjson.CanonicalOf(root)
}

// schemaWriter collects the definitions of named shapes.
type schemaWriter struct{ defs map[string]any }

func (w schemaWriter) write(s *shape) map[string]any {
	if s.name == "" {
		return w.plain(s)
	}
	if _, there := w.defs[s.name]; !there {
		w.defs[s.name] = nil // a shape may contain itself
		w.defs[s.name] = w.object(s)
	}
	return map[string]any{"$ref": "#/$defs/" + s.name}
}

func (w schemaWriter) plain(s *shape) map[string]any {
	switch s.sort {
	case sortObject:
		return w.object(s)
	case sortArray:
		return w.array(s)
	case sortBoolean:
		return map[string]any{"type": "boolean"}
	case sortNumber:
		return map[string]any{"type": "number"}
	case sortInteger:
		return map[string]any{"type": "integer"}
	case sortIndex:
		return map[string]any{"type": "integer", "minimum": 0}
	default:
		out := map[string]any{"type": "string"}
		if s.form != "" {
			out["format"] = string(s.form)
		}
		if s.words != nil {
			out["enum"] = s.words
		}
		return out
	}
}

func (w schemaWriter) array(s *shape) map[string]any {
	out := map[string]any{"type": "array", "items": w.write(s.elem)}
	if s.contexts != nil {
		var first []any
		for _, c := range s.contexts {
			first = append(first, map[string]any{"const": c})
		}
		out["prefixItems"], out["minItems"], out["uniqueItems"] = first, len(first), true
	}
	return out
}

func (w schemaWriter) object(s *shape) map[string]any {
	members := map[string]any{}
	var required []string
	for _, m := range s.members {
		members[m.name] = w.write(m.shape)
		if m.required {
			required = append(required, m.name)
		}
	}
	if s.types != nil {
		var all []any
		for _, t := range s.types {
			all = append(all, map[string]any{"contains": map[string]any{"const": t}})
		}
		members["type"] = map[string]any{"type": "array", "items": map[string]any{"type": "string"}, "allOf": all}
	}
	out := map[string]any{"type": "object", "properties": members, "additionalProperties": !s.closed}
	if required != nil {
		out["required"] = required
	}
	if s.needs[0] != "" {
		out["dependentRequired"] = map[string]any{s.needs[0]: []string{s.needs[1]}}
	}
	return out
}
