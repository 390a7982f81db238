package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// jsonShape is the notation in which helps say what a result holds:
//
//	{a, b?, c{d}, e[{f}], g[…], h{…}}   members; ? may be absent, … is not said
//	[{a}]                               a list
//	X | Y                               one of them
type jsonShape struct {
	any      bool // nothing is said
	open     bool // further members are not named
	members  map[string]*jsonShape
	optional map[string]bool
	list     *jsonShape // of its items
}

// parseShapes reads the alternatives of a line.
func parseShapes(t *testing.T, text string) []*jsonShape {
	t.Helper()
	var out []*jsonShape
	for _, part := range strings.Split(text, " | ") {
		p := &shapeParser{t: t, text: strings.TrimSpace(part)}
		out = append(out, p.shape())
	}
	return out
}

type shapeParser struct {
	t    *testing.T
	text string
}

// take cuts a prefix off, if it is there.
func (p *shapeParser) take(prefix string) bool {
	rest, ok := strings.CutPrefix(p.text, prefix)
	if ok {
		p.text = strings.TrimLeft(rest, " ")
	}
	return ok
}

// shape reads {…}, […] or nothing, which is any value.
func (p *shapeParser) shape() *jsonShape {
	s := &jsonShape{members: map[string]*jsonShape{}, optional: map[string]bool{}}
	switch {
	case p.take("["):
		s.list = p.shape()
		require.True(p.t, p.take("]"), p.text)
	case p.take("{"):
		for !p.take("}") {
			if p.take("…") {
				s.open = true
			} else {
				p.member(s)
			}
			p.take(",")
		}
	default: // "…" or nothing: any value
		p.take("…")
		s.any = true
	}
	return s
}

func (p *shapeParser) member(s *jsonShape) {
	end := strings.IndexAny(p.text, ",?{}[] ")
	require.Positive(p.t, end, p.text)
	name := p.text[:end]
	p.text = p.text[end:]
	s.members[name] = p.shape()
	if p.take("?") {
		s.optional[name] = true
	}
}

// holds says what of a value is not as the shape says; "" when all is.
func (s *jsonShape) holds(at string, v any) string {
	if s.any {
		return ""
	}
	if s.list != nil {
		items, ok := v.([]any)
		if !ok {
			return at + " is no list"
		}
		for _, item := range items {
			if wrong := s.list.holds(at+"[]", item); wrong != "" {
				return wrong
			}
		}
		return ""
	}
	object, ok := v.(map[string]any)
	if !ok {
		return at + " is no object"
	}
	for name := range object {
		if s.members[name] == nil && !s.open {
			return at + " has the member " + name + ", which is not documented"
		}
	}
	for name, member := range s.members {
		value, there := object[name]
		switch {
		case !there && !s.optional[name]:
			return at + " has no member " + name
		case there:
			if wrong := member.holds(at+"/"+name, value); wrong != "" {
				return wrong
			}
		}
	}
	return ""
}

// A checker that finds nothing is itself broken.
func TestJSONShape_noticesWhatDiffers(t *testing.T) {
	t.Parallel()
	shape := parseShapes(t, "{a, b?, c{d}?, e[{f, g?}]?, h[…]?, i{…}?}")[0]
	for text, good := range map[string]bool{
		`{"a":1}`: true, `{"a":{"any":1},"b":[]}`: true, `{"a":1,"c":{"d":1},"e":[{"f":1},{"f":1,"g":2}],"h":[1,{}],"i":{"x":1}}`: true,
		`{}`: false, `{"a":1,"z":1}`: false, `{"a":1,"c":{}}`: false, `{"a":1,"c":1}`: false, `{"a":1,"e":{}}`: false,
		`{"a":1,"e":[{"g":1}]}`: false, `{"a":1,"h":1}`: false, `{"a":1,"i":1}`: false, `[]`: false,
	} {
		var v any
		require.NoError(t, json.Unmarshal([]byte(text), &v))
		assert.Equal(t, good, shape.holds("", v) == "", "%s: %s", text, shape.holds("", v))
	}
}

// documented returns what the help of a command says of its JSON.
func documented(t *testing.T, path string) string {
	t.Helper()
	for _, c := range commands(t) {
		if c.path == path {
			_, text, _ := strings.Cut(longHelp(t, c), "With --format json:")
			return strings.Join(strings.Fields(text), " ")
		}
	}
	t.Fatalf("there is no command %s", path)
	return ""
}

// strictJSON reads exactly one JSON value.
func strictJSON(t *testing.T, text string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	var v any
	require.NoError(t, d.Decode(&v), text)
	assert.False(t, d.More(), "more than one value: %s", text)
	return v
}

// asDocumented holds an output against the alternatives of the help.
func asDocumented(t *testing.T, path, output string) {
	t.Helper()
	v := strictJSON(t, output)
	var wrong []string
	for _, s := range parseShapes(t, documented(t, path)) {
		if w := s.holds("", v); w == "" {
			return
		} else {
			wrong = append(wrong, w)
		}
	}
	t.Errorf("accord %s: %s\n%s", path, strings.Join(wrong, "; "), output)
}

// Every command but those that have no result of their own says what its JSON
// is.
func TestCommandLine_everyResultIsDocumented(t *testing.T) {
	t.Parallel()
	for _, c := range commands(t) {
		if len(c.node.Children) == 0 && c.path != "serve" && c.path != "bench" {
			assert.NotEmpty(t, documented(t, c.path), c.path)
		}
	}
}

// The world of the demo is played once; what reads is then asked for JSON, of
// running gateways and of stopped ones, and what it answers is held against
// its help.
func TestCommandLine_printsTheJSONOfItsHelp(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "world")
	res := call(t, "demo", "--keep", dir, "--format", "json")
	require.Zero(t, res.status, res.stderr)
	asDocumented(t, "demo", res.stdout)
	at := func(name string) string { return filepath.Join(dir, name) }
	cn, nz := demoGatewayOf(t, at("cn")), demoGatewayOf(t, at("nz"))
	signed, jwk, sig := at("signed.jws"), at("doc.jwk"), at("detached.sig")
	plain := at("documents/ccc-vacuum.json")
	write := func(name string, args ...string) {
		t.Helper()
		res := call(t, args...)
		require.Zero(t, res.status, res.stderr)
		require.NoError(t, os.WriteFile(name, []byte(res.stdout), 0o600))
	}
	raw, err := demoFiles.ReadFile("demodata/ccc-vacuum.json")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(plain, raw, 0o600))
	write(signed, "sign", "--home", at("cb"), plain)
	write(jwk, "keys", "export", "--home", at("cb"), "doc")
	write(sig, "sign", "--home", at("cb"), "--detached", plain)

	type row struct {
		path   string
		status int
		args   []string // after the path
	}
	check := func(rows []row) {
		t.Helper()
		for _, r := range rows {
			res := call(t, append(append(strings.Fields(r.path), "--format", "json"), r.args...)...)
			if assert.Equal(t, r.status, res.status, "%s %v: %s", r.path, r.args, res.stderr) {
				asDocumented(t, r.path, res.stdout)
			}
		}
	}
	const number = "2024990708000002"
	facts := []string{"--fact", "model=JL-R20", "--fact", "origin=CN", "--fact", "shippedFrom=CN", "--fact", "shippedDirect=true"}
	ask := func(h, server string, args ...string) []string {
		return append([]string{"--home", at(h), "--server", server}, args...)
	}
	check([]row{ // nobody runs
		{"sign", 0, []string{"--home", at("cb"), plain}},
		{"sign", 0, []string{"--home", at("cb"), "--detached", plain}},
		{"token", 0, []string{"--home", at("cb"), "--audience", cn.issuer}},
		{"jws verify", 0, []string{"--jwk", jwk, signed}},
		{"jws verify", 1, []string{"--jwk", jwk, at("trust/cn.jws")}},
		{"validate", 0, []string{plain}},
		{"validate", 1, []string{sig}},
		{"inspect", 0, []string{signed}},
		{"convert", 0, []string{"--to", "native+xml", plain}},
		{"keys list", 0, []string{"--home", at("cn")}},
		{"keys export", 0, []string{"--home", at("cb"), "auth"}},
		{"verify", 0, []string{"--trust", at("trust/cn.jws"), "--signature", sig, plain}},
		{"verify", 3, []string{"--trust", at("trust/cn.jws"), plain}},
		{"verify", 1, []string{"--trust", at("trust/cn.jws"), "--document", plain, at("receipts/cn-ccc-vacuum.json")}},
		{"ledger check", 0, []string{"--home", at("nz")}},
		{"archive verify", 0, []string{"--home", at("nz")}},
		{"archive rebuild", 0, []string{"--home", at("nz")}},
		{"archive export", 0, []string{"--home", at("nz"), at("export")}},
	})
	require.NoError(t, cn.start(t.Context()))
	require.NoError(t, nz.start(t.Context()))
	t.Cleanup(func() { assert.NoError(t, cn.down()); assert.NoError(t, nz.down()) })
	check([]row{
		{"status get", 0, []string{"--server", cn.issuer, number}},
		{"status get", 3, []string{"--server", cn.issuer, "9999990708000002"}},
		{"routes", 0, []string{"--server", nz.issuer, "--from", "CN", "--to", "NZ"}},
		{"verify", 0, []string{"--trust", cn.issuer, "--model", "JL-R20", signed}},
		{"verify", 0, []string{"--trust", at("cn"), signed}},
		{"ledger check", 0, []string{"--home", at("cn")}},
		{"get", 0, ask("cb", cn.issuer, number)},
		{"get", 0, ask("cb", cn.issuer, "--as", "xml", number)},
		{"get", 0, ask("cb", cn.issuer, "--as", "original", number)},
		{"get", 0, ask("cb", cn.issuer, "--as", "receipt", number)},
		{"pull", 0, ask("nz", cn.issuer)},
		{"evaluate", 1, append(ask("nz", nz.issuer, number), facts...)}, // it is suspended
		{"evaluate", 1, append(ask("nz", nz.issuer, "--signed", number), facts...)},
		{"partner list", 0, ask("cn", cn.issuer)},
		{"partner show", 0, ask("cn", cn.issuer, string(demoBody))},
		{"agreement list", 0, ask("cn", cn.issuer)},
		{"agreement show", 0, ask("cn", cn.issuer, string(demoAgreement))},
		{"designation list", 0, ask("cn", cn.issuer)},
		{"sanction list", 0, ask("cn", cn.issuer)},
	})
	decided := call(t, append([]string{"evaluate"}, ask("nz", nz.issuer, "--signed", number)...)...)
	require.NoError(t, os.WriteFile(at("decision.jws"), []byte(decided.stdout), 0o600))
	check([]row{
		{"verify", 0, []string{"--trust", at("nz"), at("decision.jws")}},
		{"verify", 3, []string{"--trust", at("cn"), at("decision.jws")}}, // of another gateway
	})
	// What changes something has its result documented as well.
	partner, err := os.ReadFile(at("cb/partner.json"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(at("again.json"), partner, 0o600))
	check([]row{
		{"submit", 0, ask("cb", cn.issuer, at("documents/ccc-vacuum.jws"))},
		{"pull", 0, ask("nz", cn.issuer, "--into", nz.issuer, "--as", string(demoCN))},
		{"status set", 0, ask("cb", cn.issuer, "--reason", "mended", "restore", number)},
		{"partner add", 0, ask("cn", cn.issuer, at("again.json"))},
		{"keys rotate", 0, []string{"--home", at("cb"), "auth"}},
		{"init", 0, []string{"--home", at("hk"), "--authority", "HK"}},
		{"archive copy", 0, []string{"--home", at("hk"), "--to", "local:second"}},
		{"init", 0, []string{"--home", at("lab"), "--partner", "cn-lab", "--kind", "lab"}},
		{"keys new", 0, []string{"--home", at("lab"), "operator"}},
	})
}

// demoGatewayOf is a gateway of a demo that was kept.
func demoGatewayOf(t *testing.T, h string) *demoGateway {
	t.Helper()
	cfg, err := home(h).config()
	require.NoError(t, err)
	g := &demoGateway{home: home(h), issuer: cfg.Issuer()}
	require.NoError(t, g.identify())
	return g
}
