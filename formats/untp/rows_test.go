package untp_test

import (
	"regexp"
	"strings"
	"testing"

	"accord/formats/dialect"
	"accord/formats/jsondoc"
	"accord/formats/native"
	"accord/formats/untp"
	"accord/internal/strictjson"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// others are the values by which a word of a closed list is replaced.
var others = map[string]string{
	"kind": "declaration", "party": "second", "regime": "voluntary", "objects[].type": "facility",
	"assessments[].activity": "audit", "assessments[].outcome": "fail",
}

// beside are the members that a row's own text excepts: they are taken out first.
var beside = map[string][2]string{
	"scheme.profile": {"/scheme", "rule"}, "dates.issued": {"/dates", "validFrom"},
}

// TestRows_sayWhatTheCodeDoes changes the member of each row and looks at the
// credential: it changes where the row says so, and nowhere else where it says
// that there is nothing.
func TestRows_sayWhatTheCodeDoes(t *testing.T) {
	t.Parallel()
	base := documents(t)["testdata/full.json"]
	text := native.AppendJSON(nil, base)
	for _, format := range []string{untp.Name, untp.NameOld} {
		for _, row := range codec(t, format).Rows {
			if row.Canonical == "residual[]" {
				continue // its own test: the credential comes back whole
			}
			root, err := jsondoc.Parse(text)
			require.NoError(t, err)
			for name, value := range map[string]string{
				"replaces": `"sha-256:` + strings.Repeat("0a", 32) + `"`, "route": `{"exportCountry":"CN"}`,
			} {
				v, err := jsondoc.Parse([]byte(value))
				require.NoError(t, err)
				root.Members = append(root.Members, jsondoc.Member{Name: name, Value: *v})
			}
			if b, ok := beside[row.Canonical]; ok {
				drop(root.At(b[0]), b[1])
			}
			before, _ := mustEncode(t, format, mustNative(t, root.Append(nil)), dialect.Options{})
			at := resolve(root, row.Canonical)
			require.NotNil(t, root.At(at), "%s: %s is not in the fixture", format, row.Canonical)
			alter(root.At(at), others[row.Canonical])
			after, losses := mustEncode(t, format, mustNative(t, root.Append(nil)), dialect.Options{})
			var changed []string
			for _, p := range append(unsaid(t, before, after), unsaid(t, after, before)...) {
				if p != "/id" { // made of the others
					changed = append(changed, indexes.ReplaceAllString(p, ""))
				}
			}
			if row.Foreign == "" {
				assert.Empty(t, changed, "%s: %s", format, row.Canonical)
				require.True(t, covered(losses, at), "%s: %s is lost in silence", format, row.Canonical)
				continue
			}
			want := "/" + strings.ReplaceAll(strings.ReplaceAll(row.Foreign, "[]", ""), ".", "/")
			assert.Condition(t, func() bool {
				for _, p := range changed {
					if p == want || strings.HasPrefix(p, want+"/") || strings.HasPrefix(want, p+"/") {
						return true
					}
				}
				return false
			}, "%s: %s should show at %s; what changed is %v", format, row.Canonical, want, changed)
		}
	}
}

// Every member of the model has a row.
func TestRows_areComplete(t *testing.T) {
	t.Parallel()
	root, err := jsondoc.Parse(native.AppendJSON(nil, documents(t)["testdata/full.json"]))
	require.NoError(t, err)
	for _, c := range untp.Codecs() {
		for _, m := range root.Members {
			if m.Name == "modelVersion" {
				continue
			}
			require.True(t, func() bool {
				for _, r := range c.Rows {
					if name, _, _ := strings.Cut(strings.ReplaceAll(r.Canonical, "[", "."), "."); name == m.Name {
						return true
					}
				}
				return false
			}(), "%s: %s", c.Name, m.Name)
		}
	}
}

var indexes = regexp.MustCompile(`/[0-9]+`)

func drop(v *jsondoc.Value, name string) {
	var kept []jsondoc.Member
	for _, m := range v.Members {
		if m.Name != name {
			kept = append(kept, m)
		}
	}
	v.Members = kept
}

// resolve returns the pointer of the first member that a row speaks of.
func resolve(root *jsondoc.Value, canonical string) string {
	at := ""
	for part := range strings.SplitSeq(canonical, ".") {
		name, selector, list := strings.Cut(strings.TrimSuffix(part, "]"), "[")
		at += "/" + name
		if !list {
			continue
		}
		v := root.At(at)
		if v == nil {
			return at
		}
		at += "/" + string(rune('0'+pickElement(v, selector, strings.TrimPrefix(canonical, part))))
	}
	return at
}

// pickElement chooses the element of a list by index or by a word that it has; of
// several the first that has what the row goes on with.
func pickElement(v *jsondoc.Value, selector, rest string) int {
	next, _, _ := strings.Cut(strings.TrimPrefix(rest, "."), "[")
	switch selector {
	case "0":
		return 0
	case "1…":
		return 1
	}
	for i := range v.Elements {
		word := ""
		for _, name := range []string{"role", "type", "purpose"} {
			if m := v.Elements[i].Member(name); m != nil {
				word = m.Text
			}
		}
		switch {
		case selector == "others" && v.Elements[i].Member("ref") == nil && word != "client" && word != "certificate" && word != "auditable",
			selector == word, selector == "" && (next == "" || v.Elements[i].Member(next) != nil):
			return i
		}
	}
	return 0
}

// alter changes the first text inside of a value.
func alter(v *jsondoc.Value, word string) bool {
	switch v.Kind {
	case strictjson.Object:
		for _, first := range []string{"name", "value", "id", "url"} {
			if m := v.Member(first); m != nil && alter(m, word) {
				return true
			}
		}
		for i := range v.Members {
			if n := v.Members[i].Name; n != "lang" && n != "scheme" && n != "system" && n != "role" && n != "type" && alter(&v.Members[i].Value, word) {
				return true
			}
		}
		for i := range v.Members { // a ref has nothing but its role
			if v.Members[i].Name == "role" && alter(&v.Members[i].Value, word) {
				return true
			}
		}
		return false
	case strictjson.Array:
		for i := range v.Elements {
			if alter(&v.Elements[i], word) {
				return true
			}
		}
		return false
	case strictjson.String:
		switch {
		case word != "":
			v.Text = word
		case len(v.Text) >= 10 && v.Text[4] == '-' && v.Text[7] == '-':
			v.Text = v.Text[:3] + "8" + v.Text[4:]
		case strings.HasPrefix(v.Text, "sha-256:"):
			v.Text = v.Text[:len(v.Text)-1] + "b"
		case len(v.Text) == 2:
			v.Text = "NZ"
		case strings.Trim(v.Text, "+-.0123456789") == "":
			v.Text += "1"
		default:
			v.Text += "x"
		}
		return true
	case strictjson.Number:
		v.Text += "1"
		return true
	case strictjson.True:
		v.Kind = strictjson.False
		return true
	case strictjson.False:
		v.Kind = strictjson.True
		return true
	default:
		return false
	}
}
